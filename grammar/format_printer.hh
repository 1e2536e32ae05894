// The formatter's walk over the tree; its rules are written down in docs/formatting.md. Internal to
// format*.cc: expressions in format_expr.cc, requests and clauses in format_clause.cc, declarations
// in format_decl.cc. Whatever is printed asks the writer for the comments before it first.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "grammar/format_writer.hh"

namespace fconn::grammar {

/// Entries between two brackets: objects, lists, arguments, fields.
struct Group {
  std::string_view open;
  std::string_view close;
  bool spaced = false;      // `{ a }` against `[a]`, on one line
  bool end_commas = false;  // a comma where an entry ends its line
  bool glued = false;       // the closing bracket stays beside the last entry
  bool breakable = true;    // may be opened for its width; otherwise only where it was written so
  std::uint32_t begin = 0;  // source offset just after the opening bracket
  std::uint32_t end = 0;    // source offset of the closing one
  std::vector<Span> items;
};
/// Where lines begin in a group; `broken` false: all on one line.
struct GroupLayout {
  bool broken = false;
  std::vector<bool> line_before;  // one for each entry
};

class Printer {
 public:
  explicit Printer(Writer& writer) : w_(writer) {}

  void file(const Ast& ast);

 private:
  using PrintItem = std::function<void(Printer&, std::size_t)>;

  // Groups.
  void group(const Group& group, const PrintItem& item);
  GroupLayout layout(const Group& group, const PrintItem& item);
  void print(const Group& g, const GroupLayout& where, const PrintItem& item);
  static void print_inline(Printer& p, const Group& group, const PrintItem& item);
  bool fits(const std::function<void(Printer&)>& print);

  // Expressions.
  void expr(const Expr& e);
  void only(const std::vector<Expr>& e) { expr(e.front()); }
  void name(const Name& name);
  std::string name_text(const Name& name) const;
  void string(const Expr& e, const StringExpr& s);
  void binary(const BinaryExpr& e);
  void call(const Expr& e, const CallExpr& c);
  void if_(const IfExpr& e);
  void object(const Expr& e, const ObjectExpr& o);
  void object_entry(const ObjectEntry& entry);
  void comprehension(Span span, std::string_view open, std::string_view close, bool spaced,
                     const std::vector<Expr>& source, const std::vector<Expr>& condition,
                     const std::vector<Name>& names, Span element,
                     const std::function<void(Printer&)>& print_element);
  void member(const MemberExpr& m);
  void arguments(std::uint32_t after_name, const std::vector<Argument>& arguments,
                 std::size_t first);
  void argument(const Argument& argument, std::size_t width);
  /// A word between two parts, with the line breaks that were written around it.
  void word_between(std::uint32_t begin, std::uint32_t end, std::string_view word);
  /// A clause's word and its operand, on a new line if the word was; `first`: right after the
  /// clause's own word.
  void keyword(std::string_view word, const Expr& value, bool first = false);
  /// A space, or the line break that was written there.
  void gap(std::uint32_t next);
  void after_equals(const std::vector<Expr>& value);

  /// Source text of `span` with its holes formatted. `multi_line`: a hole holds a line end.
  struct Hole {
    Span span;
    const Expr* value;
  };
  std::string with_holes(Span span, const std::vector<Hole>& holes, bool& multi_line);
  std::string reindented(std::string_view text) const;

  // Requests.
  /// Of the clause or declaration that is being printed: its block's `}` goes there.
  std::uint32_t item_indent() const { return w_.continuation() - 2; }
  void request(const Request& r);
  void target(const Request& r);
  void chain(const Chain& c);
  void needs(const Needs& n);
  void clause(const Clause& c, std::size_t width);
  void block(std::uint32_t begin, std::uint32_t end, const std::vector<Clause>& clauses);
  void clause_items(const std::vector<Clause>& clauses, std::uint32_t indent, std::uint32_t end);
  std::vector<std::size_t> clause_widths(const std::vector<Clause>& clauses) const;
  void comma_separated(const std::vector<Expr>& values);
  void statuses(const std::vector<StatusRange>& ranges);
  void strategy(const Name& strategy_name, const std::vector<Argument>& args, bool bare);

  void body(const QueryClause& c) { only(c.value); }
  void body(const HeadersClause& c) { only(c.value); }
  void body(const BodyClause& c);
  void body(const AsClause& c) { name(c.format); }
  void body(const SkipClause& c);
  void body(const FailClause& c);
  void body(const UntilClause& c);
  void body(const RowsClause& c) { only(c.value); }
  void body(const KeepClause& c) { only(c.value); }
  void body(const MapClause& c) { only(c.value); }
  void body(const TakeClause& c) { only(c.value); }
  void body(const PaginateClause& c) { strategy(c.strategy, c.arguments, c.bare); }
  void body(const LetClause& c);
  void body(const RetryClause& c);
  void body(const TimeoutClause& c);
  void body(const RateClause& c);
  void body(const IdempotentClause&) {}
  void body(const ForEachClause& c);
  void body(const BaseClause& c) { only(c.url); }
  void body(const HostsClause& c) { comma_separated(c.hosts); }
  void body(const AuthClause& c);
  void body(const ParallelClause& c) { only(c.value); }
  void body(const StopClause& c);
  void body(const NextClause& c);
  void body(const TokenClause& c);
  void body(const ValueClause& c) { only(c.value); }
  void body(const ExpiresClause& c);
  void body(const ChallengeClause& c);
  void body(const ShowClause& c) { only(c.value); }
  void conditions(const std::vector<StatusRange>& on, const std::vector<Expr>& when,
                  const std::vector<Expr>& text);

  // Declarations.
  void decl(const Decl& d, std::size_t width);
  void decl_items(const std::vector<Decl>& items, std::uint32_t indent, std::uint32_t end,
                  bool spaced, bool first);
  void decl_block(const std::vector<Decl>& items, const Decl& d, std::uint32_t head_end,
                  bool spaced);
  std::vector<std::size_t> decl_widths(const std::vector<Decl>& items) const;
  void fields(const std::vector<Field>& all, std::uint32_t begin, std::uint32_t end);
  void field(const Field& f);
  void type(const TypeExpr& t);
  void categories(const std::vector<CategoryRef>& all);
  void parameters(const Name& of, const std::vector<FnParam>& params);
  void clause_block(std::uint32_t head_end, const Decl& d, const std::vector<Clause>& clauses);

  void body(const Decl&, const VersionDecl& x) { only(x.value); }
  void body(const Decl&, const DocsDecl& x) { only(x.value); }
  void body(const Decl&, const CategoryDecl& x) { name(x.name); }
  void body(const Decl&, const ParamDecl& x);
  void body(const Decl&, const IdentityDecl& x);
  void body(const Decl&, const ExternalDecl& x);
  void body(const Decl&, const FnDecl& x);
  void body(const Decl& d, const ClientDecl& x);
  void body(const Decl&, const CheckDecl& x) { chain(x.chain); }
  void body(const Decl& d, const CollectionDecl& x);
  void body(const Decl& d, const AuthDecl& x);
  void body(const Decl& d, const PaginationDecl& x);
  void body(const Decl&, const ConsentDecl& x);
  void body(const Decl&, const UseDecl& x) { only(x.path); }
  void body(const Decl&, const WithoutDecl& x);
  void body(const Decl& d, const ConnectorDecl& x);
  void body(const Decl&, const ForDecl& x);
  void body(const Decl&, const ReadDecl& x) { chain(x.chain); }
  void body(const Decl&, const EmitDecl& x) { only(x.value); }
  void body(const Decl&, const UpdateDecl& x) { chain(x.chain); }
  void body(const Decl&, const DeleteDecl& x) { chain(x.chain); }
  void body(const Decl& d, const FieldsDecl& x);
  void body(const Decl&, const EraseAfterDecl& x);
  void body(const Decl&, const PreferDecl& x) { name(x.action); }
  void body(const Decl& d, const TestDecl& x);
  void body(const Decl&, const TestValuesDecl& x) { only(x.value); }
  void body(const Decl&, const TestTextDecl& x) { only(x.value); }
  void body(const Decl& d, const TestReplyDecl& x);
  void body(const Decl&, const TestExpectRequestDecl& x);
  void body(const Decl&, const TestExpectRowsDecl& x);
  void body(const Decl&, const TestExpectOutcomeDecl& x);
  void body(const Decl&, const TestExpectExitDecl& x);
  void body(const Decl&, const TestExpectActionDecl& x);

  Writer& w_;
};

/// Sets the indentation of continued lines while it lives.
class Continuation {
 public:
  Continuation(Writer& writer, std::uint32_t indent) : w_(writer), before_(writer.continuation()) {
    w_.set_continuation(indent);
  }
  ~Continuation() { w_.set_continuation(before_); }
  Continuation(const Continuation&) = delete;
  Continuation& operator=(const Continuation&) = delete;

 private:
  Writer& w_;
  std::uint32_t before_;
};

}  // namespace fconn::grammar
