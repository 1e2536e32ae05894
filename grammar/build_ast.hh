// Builds the tree while the rules match. Each action calls one member with the span of what
// matched; unfinished nodes wait on stacks, a `Frame` marks where an open bracket or block began. A
// failed item is undone by `rollback`, so it leaves no half node. Diagnostics are appended as they
// are found; `fail` then throws `Mistake` (through the control), which the nearest guarded item
// catches. Knows no PEGTL. Used by parse.cc only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/ast.hh"
#include "grammar/diagnostics.hh"
#include "grammar/parse.hh"
#include "grammar/words.hh"

namespace fconn::grammar {

/// What a rule that had to match is called when it didn't.
struct Message {
  DiagnosticId id{};
  std::string_view expected;  // "an expression": follows "expected "
  std::string_view help = {};
  std::string_view words = {};  // words that may stand here, for a suggestion; separated by blanks
};

/// Thrown after a mistake was reported; the item that holds it is skipped.
struct Mistake {};
/// Thrown when ParseLimits::max_diagnostics is reached: the parse ends.
struct TooMany {};

class Builder {
 public:
  Builder(std::string_view text, FileId file, const ParseLimits& limits, Diagnostics& diagnostics);

  Span span(const char* begin, const char* end) const {
    return {file_, offset(begin), offset(end)};
  }
  std::uint32_t offset(const char* at) const {
    return static_cast<std::uint32_t>(at - text_.data());
  }

  // ---- mistakes and recovery (build_recover.cc) ----
  struct Mark;
  Mark mark() const;
  void rollback(const Mark& mark);
  /// Where parsing goes on after the item that begins at `item` failed: behind at least one byte.
  const char* resume(const char* item);
  [[noreturn]] void fail(const Message& message, const char* where);
  [[noreturn]] void fail_close(char close, const char* where);
  [[noreturn]] void fail_string(const char* at);
  [[noreturn]] void fail_item(const char* where);
  [[noreturn]] void fail_colon(const char* where);
  [[noreturn]] void fail_number(const char* where);
  /// Counts a level of nesting for as long as it lives.
  class Nested {
   public:
    Nested(Builder& builder, const char* at) : builder_(builder) { builder_.enter(at); }
    ~Nested() { --builder_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Builder& builder_;
  };
  bool inside(Span where);
  void unclosed(Span where);
  void comment(Span span);

  // ---- expressions (build_expr.cc) ----
  void number(Span span);
  bool word_operand(Span span);
  void open(Span span);
  void string(Span span);
  void quoted_text(Span span);
  void verbatim_text(Span span);
  void hole(Span span);
  void dot(Span span);
  void member_word(Span span);
  void member_odd(Span span);
  void each(Span span);
  void index(Span span);
  void call_tail(Span span);
  void argument_name(Span span);
  void argument(Span span);
  void list_item(Span span);
  void list_spread(Span span);
  void list(Span span);
  void key_word(Span span);
  void key_quoted(Span span);
  void named_entry(Span span);
  void computed_entry(Span span);
  void spread_entry(Span span);
  void object(Span span);
  void comprehension_name(Span span);
  void comprehension_condition(Span span);
  void comprehension(Span span);
  void paren(Span span);
  void prefix(Span span);
  void binary_operator(Span span);
  void pipe_sign(Span span);
  bool pipe_name(Span span);
  void pipe_call(Span span);
  void if_expr(Span span);
  /// State of one row of operands and operators; restored when it ends.
  struct OperatorBase {
    std::size_t base = 0;
    bool after_pipe = false;
  };
  OperatorBase begin_operators();
  void end_operators(OperatorBase outer, bool matched);

  // ---- requests and clauses (build_clause.cc) ----
  template <class T>
  void begin_clause(Span word) {
    open_clause(word);
    clauses_.push_back(Clause{word, word, T{}});
  }
  void begin_token(Span word) { begin_clause<TokenClause>(word); }
  void begin_login(Span word);
  void begin_refresh(Span word);
  void end_clause(Span span);
  void method(Span span);
  void path_text(Span span);
  void path_hole(Span span);
  void path_bad(Span span);
  void target(Span span);
  void via(Span span);
  void request(Span span);
  template <Level L>
  void open_block(Span span) {
    open_level(L, span);
  }
  void block_closed(Span span);
  void request_block(Span span);
  void clause_value(Span span);
  void clause_name(Span span);
  void body_kind(Span span);
  void media_type(Span span);
  void as_format(Span span);
  void status(Span span);
  void on_part(Span span);
  void when_part(Span span);
  void reason(Span span);
  void every_part(Span span);
  void until_limit(Span span);
  void times_part(Span span);
  void backoff_part(Span span);
  void strategy_name(Span span);
  void strategy_arguments(Span span);
  void inner_request(Span span);
  void connect_part(Span span);
  void rate_unit(Span span);
  void rate_limit(Span span);
  void host(Span span);
  void next_part(Span span);
  void expires_how(Span span);
  void margin_part(Span);

  // ---- declarations, types, tests (build_decl.cc) ----
  template <class T>
  void begin_decl(Span word) {
    open_decl(word);
    decls_.push_back(Decl{word, word, {}, T{}});
  }
  void begin_param(Span word);
  void begin_secret(Span word);
  void begin_test_text(Span word);
  void begin_test_values(Span word);
  void end_decl(Span span);
  void subject(Span span);
  void quoted_subject(Span span);
  void label(Span span);
  void decl_value(Span span);
  void category_name(Span span);
  void param_type(Span span);
  void param_default(Span span);
  void fn_param_name(Span span);
  void fn_param_default(Span span);
  void fn_param(Span span);
  void fn_params(Span span);
  void fn_body(Span span);
  void decl_clauses(Span span);
  void decl_items(Span span);
  void any_word(Span span);
  void any_quoted(Span span);
  void chain_start(Span span);
  void identity_name(Span span);
  void needs_or(Span span);
  void needs(Span span);
  void chain_request(Span span);
  void chain_block(Span span);
  void chain(Span span);
  void direction(Span span);
  void without_kind(Span span);
  void without_name(Span span);
  void source_name(Span span);
  void source_where(Span span);
  void for_source(Span span);
  void default_category(Span span);
  void fields_block(Span span);
  void erased_name(Span span);
  void preferred(Span span);
  void base_name(Span span);
  void base_version(Span span);
  void reply_status(Span span);
  void response_block(Span span);
  void reply_end(Span span);
  void expect_rows_word(Span span);
  void expect_rows(Span span);
  void expect_exit(Span span);
  void expect_no(Span span);
  void expect_count(Span span);
  void expect_one(Span span);
  void expect_request(Span span);
  void outcome(Span span);
  void expect_reason(Span span);
  void expect_stage(Span span);
  void action_none(Span span);
  void action_count(Span span);
  void action_word(Span span);
  void action_request(Span span);
  void action_outcome(Span span);
  void action_row(Span span);
  void expect_action(Span span);
  void expect_outcome(Span span);
  void type_name(Span span);
  void type_list(Span span);
  void type_object(Span span);
  void choice_mark(Span span);
  void type_choices(Span span);
  void field_name_word(Span span);
  void field_name_quoted(Span span);
  void field_type(Span span);
  void category_text(Span span);
  void field_category(Span span);
  void mark_once(bool there, std::string_view word, Span span);
  void key_mark(Span span);
  void readonly_mark(Span span);
  void length_value(Span span);
  void format_value(Span span);
  void mask_value(Span span);
  void field_head(Span span);
  void edition(Span span);

  /// Moves what was built into `ast`.
  void finish(Ast& ast);
  /// The one expression that was built, or an ErrorExpr.
  Expr finish_expr();

 private:
  struct Frame {
    std::uint32_t open = 0;    // offset of the bracket, brace or quote
    std::size_t base = 0;      // size of the stack that collects this frame's children
    std::size_t requests = 0;  // size of requests_ (blocks only)
    std::size_t names = 0;     // size of names_
    std::uint32_t height = 0;  // of the tallest expression inside
    bool comprehension = false;
    bool condition = false;
  };
  struct OpenLevel {
    Level level{};
    std::uint32_t open = 0;
  };
  struct Operator {
    bool unary = false;
    UnaryOp unary_op{};
    BinaryOp binary_op{};
    Span span;
  };
  struct Item {
    Expr expr;
    std::uint32_t height = 0;
  };

  std::string_view view(Span span) const { return text_.substr(span.begin, span.end - span.begin); }
  Span at(std::uint32_t begin, std::uint32_t end) const { return {file_, begin, end}; }
  Name name(Span span) const { return Name{std::string(view(span)), span, false}; }
  Name quoted_name(Span span);
  Name declared(Span span);

  // build_recover.cc
  void enter(const char* at);
  Diagnostic* report(Diagnostic diagnostic);
  Diagnostic* report(DiagnosticId id, Span where, std::string text, std::string help = {});
  [[noreturn]] void stop_at(std::uint32_t resume_from);
  Span token_at(std::uint32_t from) const;
  std::string found(Span token) const;
  Span missing_place(Span token) const;
  void check_block_quote();
  bool next_item(Span word) const;
  void check_word(Span word, Level level);
  [[noreturn]] void fail_word(Span word, Level level, const std::vector<std::string>& candidates);
  std::uint32_t indentation(std::uint32_t offset) const;
  bool starts_line(std::uint32_t offset) const;
  bool resumes(std::uint32_t at, std::uint32_t item_indent, int braces, int brackets) const;
  bool below_mistake(Span word) const;
  bool outer_word(std::string_view word) const;

  // build_expr.cc
  template <class Node>
  void push(Span span, Node&& node, std::uint32_t height = 0) {
    if (height > max_height_) too_tall(span);
    exprs_.push_back(Item{Expr{span, std::forward<Node>(node)}, height});
  }
  [[noreturn]] void too_tall(Span span);
  /// Takes the top expression; the innermost frame remembers its height.
  Expr take();
  std::vector<Expr> take_one();
  Item take_item();
  Frame close_frame();
  std::vector<Argument> take_arguments();
  void reduce_above(int limit);
  void reduce_one();
  void string_parts(StringForm form, std::vector<StringPart>& parts);
  void warn_of_hole(Span span);
  std::string block_text(Span span, bool raw, bool first, bool last, std::uint32_t common);
  std::string unescape(Span span);
  void member_named(Name name, std::uint32_t end);

  // build_clause.cc, build_decl.cc
  void open_clause(Span word);
  void open_decl(Span word);
  void open_level(Level level, Span brace);
  std::vector<Clause> take_clauses();
  Request take_request();
  Clause& clause() { return clauses_.back(); }
  Decl& decl() { return decls_.back(); }
  template <class T>
  T& decl_as() {
    return std::get<T>(decls_.back().node);
  }
  std::vector<Field> take_fields();
  void check_once(const std::vector<Clause>& clauses);
  void check_once(const std::vector<Decl>& decls);
  static void adopt(std::string_view text, std::vector<Decl>& decls, Level level);
  void repeated(std::string_view word, Span second, Span first);

  std::string_view text_;
  FileId file_;
  ParseLimits limits_;
  std::uint32_t max_height_;
  Diagnostics& diagnostics_;
  std::uint32_t depth_ = 0;

  std::vector<Item> exprs_;
  std::vector<Frame> frames_;
  std::vector<OpenLevel> levels_;
  std::vector<Operator> operators_;
  OperatorBase operator_base_;
  std::vector<StringPart> parts_;
  std::vector<Argument> arguments_;
  std::vector<ListItem> items_;
  std::vector<ObjectEntry> entries_;
  std::vector<Name> names_;
  std::vector<StatusRange> statuses_;
  std::vector<Clause> clauses_;
  std::vector<Request> requests_;
  std::vector<Chain> chains_;
  std::vector<TypeExpr> types_;
  std::vector<Field> fields_;
  std::vector<CategoryRef> categories_;
  std::vector<FnParam> fn_params_;
  std::vector<Decl> decls_;
  std::vector<Comment> comments_;
  std::optional<int> edition_;
  Span edition_span_;

  Frame closed_;  // the block that closed last
  std::optional<std::uint32_t> path_bad_;
  std::uint32_t resume_from_ = 0;  // no item resumes before this
  std::uint32_t last_unclosed_ = UINT32_MAX;
  std::uint32_t suspect_ = UINT32_MAX;  // `{` whose `}` is indented differently
  bool braces_slipped_ = false;         // one `}` too many was reported
  bool braces_unsure_ = false;          // recovery left an item whose braces didn't match
  Diagnostic ignored_;                  // takes what is said about a second mistake in one place
};

struct Builder::Mark {
  std::size_t exprs, frames, levels, operators, parts, arguments, items, entries, names, statuses,
      clauses, requests, chains, types, fields, categories, fn_params, decls;
  OperatorBase operator_base;
  std::uint32_t depth;
};

}  // namespace fconn::grammar
