// Walk that prints a tree, one node a line. Internal to dump.cc (expressions, types) and
// dump_decl.cc (requests, declarations).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast.hh"

namespace fconn::grammar {

class Dumper {
 public:
  void file(const Ast& ast);
  void expr(const Expr& e);
  std::string take() { return std::move(out_); }

 private:
  /// One level deeper while it lives; prints the line that it belongs to.
  class Node {
   public:
    Node(Dumper& dumper, std::string_view head) : d_(dumper) {
      d_.line(head);
      ++d_.level_;
    }
    ~Node() { --d_.level_; }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

   private:
    Dumper& d_;
  };

  void line(std::string_view text);
  /// A labelled child; nothing when there is none.
  void child(std::string_view label, const std::vector<Expr>& e);
  void exprs(const std::vector<Expr>& all);

  void string(const StringExpr& s);
  void call(const CallExpr& c);
  void entry(const ObjectEntry& e);
  void comprehension(const std::vector<Name>& names, const std::vector<Expr>& source,
                     const std::vector<Expr>& condition);
  void arguments(const std::vector<Argument>& arguments);
  void type(const TypeExpr& t);
  void type(const std::optional<TypeExpr>& t);
  void field(const Field& f);
  void clause(const Clause& c);
  void clauses(const std::vector<Clause>& all);
  void statuses(const std::vector<StatusRange>& on);
  void request(const Request& r);
  void chain(const Chain& c);
  void decl(const Decl& d);
  void decls(const std::vector<Decl>& all);
  void params(const std::vector<FnParam>& all);

  // The children of a clause or declaration; its own line is `head` of the same node.
  void parts(const Clause& c);
  void parts(const Decl& d);
  void test_parts(const Decl& d);

  std::string out_;
  int level_ = 0;
};

/// "name" as it is, or in quotes when it isn't a plain word.
std::string dumped_name(const Name& name);
/// In quotes, with control characters, quotes and backslashes escaped.
std::string dumped_text(std::string_view text);

}  // namespace fconn::grammar
