// The syntax tree of a .fconn file. Plain structs that hold their children by value; no name is
// resolved here. Every node has the span of its own text. Comments and blank lines are not in the
// nodes: the tree keeps all comments in order (Ast::comments), and the formatter weaves them in by
// offset, so no comment can be lost. Alternatives are visited with std::visit and `Overloaded`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "grammar/source.hh"

namespace fconn::grammar {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

/// An identifier as written; `quoted` when it was written "odd name" (text holds the name itself).
struct Name {
  std::string text;
  Span span;
  bool quoted = false;
};

struct Expr;

// ---- expressions -------------------------------------------------------------------------------

enum class LiteralKind : std::uint8_t { null_value, boolean, integer, decimal, duration, size };
/// `text` is the literal as written: "true", "42", "1.5e3", "30s", "64KiB".
struct Literal {
  LiteralKind kind{};
  std::string text;
};

enum class StringForm : std::uint8_t { quoted, raw, block, raw_block, xml, xml_block };
/// Literal text (escapes already applied, block indentation removed) or, when `hole` holds one
/// expression, a hole.
struct StringPart {
  std::string text;
  std::vector<Expr> hole;
  Span span;
};
struct StringExpr {
  StringForm form{};
  std::vector<StringPart> parts;
};

/// A bare name: parameter, identity, binding, let, `row`, `status`, …
struct NameExpr {
  Name name;
};
/// `.` alone: the body, or one row of it.
struct DotExpr {};
/// `base.name` or `base.["odd name"]` with a constant string; `.x` has a DotExpr as base.
struct MemberExpr {
  std::vector<Expr> base;  // exactly one
  Name name;
};
/// `base[index]`
struct IndexExpr {
  std::vector<Expr> base;   // exactly one
  std::vector<Expr> index;  // exactly one
};
/// `base[]`
struct EachExpr {
  std::vector<Expr> base;  // exactly one
};
struct Argument {
  std::optional<Name> name;  // `name: value`
  std::vector<Expr> value;   // exactly one
  Span span;
};
/// `f(a, k: v)`. When `piped`, the first argument was written left of `|`, and the parentheses may
/// be absent in the source (`x | lower`): `bare` then.
struct CallExpr {
  Name callee;
  std::vector<Argument> arguments;
  bool piped = false;
  bool bare = false;
};
enum class UnaryOp : std::uint8_t { not_, negate };
struct UnaryExpr {
  UnaryOp op{};
  std::vector<Expr> operand;  // exactly one
};
enum class BinaryOp : std::uint8_t {
  or_,
  and_,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  matches,
  coalesce,
  add,
  subtract,
  multiply,
  divide,
  modulo
};
/// Source spelling: "or", "==", "??", "+", …
std::string_view spelling(BinaryOp op);
struct BinaryExpr {
  BinaryOp op{};
  std::vector<Expr> operands;  // exactly two
  Span op_span;
};
struct IfExpr {
  std::vector<Expr> parts;  // condition, then, else
};
/// `e` or `...e` in a list.
struct ListItem {
  std::vector<Expr> value;  // exactly one
  bool spread = false;
  Span span;
};
struct ListExpr {
  std::vector<ListItem> items;
};
enum class EntryKind : std::uint8_t { named, computed, spread };
struct ObjectEntry {
  EntryKind kind{};
  Name name;                // named
  std::vector<Expr> key;    // computed: exactly one
  std::vector<Expr> value;  // exactly one
  Span span;
};
struct ObjectExpr {
  std::vector<ObjectEntry> entries;
};
/// `[e for x in xs if c]`, `[e for k, v in pairs if c]`
struct ListComprehension {
  std::vector<Expr> element;    // exactly one
  std::vector<Name> names;      // one or two
  std::vector<Expr> source;     // exactly one
  std::vector<Expr> condition;  // none or one
};
/// `{ [k]: v for k, v in pairs if c }`; with `computed` false the key is the literal `name`.
struct ObjectComprehension {
  ObjectEntry entry;
  std::vector<Name> names;
  std::vector<Expr> source;
  std::vector<Expr> condition;
};
/// `(e)`: kept so that the formatter and the mixed-operator rule see what was written.
struct ParenExpr {
  std::vector<Expr> inner;  // exactly one
};
/// Stands where an expression could not be read; its mistake was reported already.
struct ErrorExpr {};

struct Expr {
  Span span;
  std::variant<ErrorExpr, Literal, StringExpr, NameExpr, DotExpr, MemberExpr, IndexExpr, EachExpr,
               CallExpr, UnaryExpr, BinaryExpr, IfExpr, ListExpr, ObjectExpr, ListComprehension,
               ObjectComprehension, ParenExpr>
      node;
};

// ---- types and fields --------------------------------------------------------------------------

struct Field;
enum class TypeKind : std::uint8_t { named, list, object, choices };
struct TypeExpr {
  TypeKind kind{};
  Name name;                      // named: string int number bool host url datetime object any
  std::vector<TypeExpr> element;  // list: exactly one
  std::vector<Field> fields;      // object
  std::vector<Expr> choices;      // choices: literals
  Span span;
};
/// `@user.contact.email`; `none` for `@none`.
struct CategoryRef {
  std::string text;  // without the @
  Span span;
};
struct Field {
  Name name;
  TypeExpr type;
  bool key = false;
  bool readonly = false;
  std::optional<std::int64_t> length;
  std::optional<Name> format;
  std::vector<CategoryRef> categories;
  std::vector<Expr> mask;  // none or one
  Span span;
};

// ---- requests ----------------------------------------------------------------------------------

/// `404`, `4xx` (400..499), `502..504`: inclusive bounds.
struct StatusRange {
  int low = 0;
  int high = 0;
  Span span;
};
/// Literal text of a path or, when `hole` holds one expression, `{e}` (a segment) or `{+e}` (raw).
struct PathPart {
  std::string text;
  std::vector<Expr> hole;
  bool raw = false;
  Span span;
};

struct Request;
struct QueryClause {
  std::vector<Expr> value;
};  // each of these: exactly one
struct HeadersClause {
  std::vector<Expr> value;
};
enum class BodyKind : std::uint8_t { json, form, text, xml, multipart, csv, ndjson };
struct BodyClause {
  BodyKind kind{};
  std::vector<Expr> value;       // exactly one
  std::vector<Expr> media_type;  // `as "text/plain"`: none or one
};
struct AsClause {
  Name format;
};  // json csv xml ndjson text bytes
/// `skip on 404 "reason"`, `skip when E "reason"`, `fail when E "message"`.
struct SkipClause {
  std::vector<StatusRange> on;
  std::vector<Expr> when;    // none or one
  std::vector<Expr> reason;  // none or one
};
struct FailClause {
  std::vector<StatusRange> on;
  std::vector<Expr> when;
  std::vector<Expr> message;
};
struct UntilClause {
  std::vector<Expr> condition;  // exactly one
  std::vector<Expr> every;      // none or one
  std::vector<Expr> limit;      // `for 1h`: none or one
};
struct RowsClause {
  std::vector<Expr> value;
};
struct KeepClause {
  std::vector<Expr> value;
};
struct MapClause {
  std::vector<Expr> value;
};
struct TakeClause {
  std::vector<Expr> value;
};
struct PaginateClause {
  Name strategy;
  std::vector<Argument> arguments;
  bool bare = false;  // written without parentheses
};
/// `let x = EXPR` or `let x = METHOD PATH { … }`: exactly one of value and request.
struct LetClause {
  Name name;
  std::vector<Expr> value;
  std::vector<Request> request;
};
/// `retry on 429, 502..504 times 3 backoff 1s..60s`, `retry when E times 5 every 2s`.
struct RetryClause {
  std::vector<StatusRange> on;
  std::vector<Expr> when;
  std::vector<Expr> times;
  std::vector<Expr> backoff;  // none or two: lowest, highest
  std::vector<Expr> every;    // none or one
};
struct TimeoutClause {
  std::vector<Expr> total;    // exactly one
  std::vector<Expr> connect;  // `, connect 5s`: none or one
};
/// `10/s`: `amount` requests a `unit` (s, m, h, d).
struct RateLimit {
  std::vector<Expr> amount;
  Name unit;
  Span span;
};
struct RateClause {
  std::vector<RateLimit> limits;
};
/// `idempotent`: sending the request twice does what sending it once does.
struct IdempotentClause {};
/// `for e in row.emails[]` at the head of an action's chain.
struct ForEachClause {
  Name name;
  std::vector<Expr> source;
};
// In client, auth and pagination blocks:
struct BaseClause {
  std::vector<Expr> url;
};
struct HostsClause {
  std::vector<Expr> hosts;
};
struct AuthClause {
  Name strategy;
  std::vector<Argument> arguments;
  std::vector<Expr> when;
  bool bare = false;
};
struct ParallelClause {
  std::vector<Expr> value;
};
/// `stop when E`; with a reason there may be more than was fetched.
struct StopClause {
  std::vector<Expr> when;
  std::vector<Expr> reason;  // none or one
};
enum class NextPart : std::uint8_t { url, query, headers, body };
struct NextClause {
  NextPart part{};
  std::vector<Expr> value;
};
/// `token t = POST URL { … value … expires … }`, `login g = GET URL { … }` (needs a person),
/// `refresh t when E = POST URL { … }` (how an old `t` is renewed).
enum class TokenKind : std::uint8_t { token, login, refresh };
struct TokenClause {
  TokenKind kind{};
  Name name;
  std::vector<Expr> when;        // refresh: none or one
  std::vector<Request> request;  // exactly one; its block also holds value, expires and show
};
/// `challenge c = EXPR`: what a 401 asks for.
struct ChallengeClause {
  Name name;
  std::vector<Expr> value;  // exactly one
};
/// `show TEXT` in a login: what the person is told.
struct ShowClause {
  std::vector<Expr> value;
};
struct ValueClause {
  std::vector<Expr> value;
};
/// `expires in 10m`, `expires at .expires margin 30s`
struct ExpiresClause {
  bool at = false;
  std::vector<Expr> value;
  std::vector<Expr> margin;  // none or one
};

struct Clause {
  Span span;
  Span keyword;  // the clause's first word
  std::variant<QueryClause, HeadersClause, BodyClause, AsClause, SkipClause, FailClause,
               UntilClause, RowsClause, KeepClause, MapClause, TakeClause, PaginateClause,
               LetClause, RetryClause, TimeoutClause, RateClause, ForEachClause, BaseClause,
               HostsClause, AuthClause, ParallelClause, StopClause, NextClause, TokenClause,
               ValueClause, ExpiresClause, ChallengeClause, ShowClause, IdempotentClause>
      node;
};

/// `METHOD PATH-OR-URL [via CLIENT] { clauses }`
struct Request {
  Name method;
  std::vector<PathPart> target;
  Span target_span;
  std::optional<Name> via;
  std::vector<Clause> clauses;
  bool has_block = false;
  Span span;
};

// ---- declarations ------------------------------------------------------------------------------

/// `needs a`, `needs a or b`, `needs a and b`: alternatives of sets. `present` false: not written.
struct Needs {
  bool present = false;
  std::vector<std::vector<Name>> alternatives;
  Span span;
};
/// What follows read, update, delete, opt_in or opt_out: either one request, or a block of steps
/// whose last request gives the rows. Steps are let, skip, fail and for clauses.
struct Chain {
  Needs needs;
  bool is_block = false;
  std::vector<Clause> steps;
  std::vector<Request> request;  // one; none only where the mistake was reported
  Span span;
};

/// One source of a `for`: `name in source [where condition]`.
struct ForSource {
  Name name;
  std::vector<Expr> source;
  std::vector<Expr> where;
  Span span;
};
struct ForDecl {
  std::vector<ForSource> sources;
};
struct ReadDecl {
  Chain chain;
};
struct EmitDecl {
  std::vector<Expr> value;
};
struct UpdateDecl {
  Chain chain;
};
struct DeleteDecl {
  Chain chain;
};
struct FieldsDecl {
  std::vector<CategoryRef> defaults;  // `fields default @system.operations`
  std::vector<Field> fields;
};
struct EraseAfterDecl {
  std::vector<Name> collections;
};
/// `prefer delete` or `prefer update`
struct PreferDecl {
  Name action;
};

struct VersionDecl {
  std::vector<Expr> value;
};
struct DocsDecl {
  std::vector<Expr> value;
};
struct CategoryDecl {
  Name name;
};
/// `param` or `secret`.
struct ParamDecl {
  Name name;
  bool secret = false;
  std::vector<Expr> label;  // none or one string
  std::optional<TypeExpr> type;
  std::vector<Expr> default_value;
};
struct IdentityDecl {
  Name name;
  std::vector<Expr> label;
};
struct ExternalDecl {
  Name name;
  std::vector<Expr> label;
  std::optional<TypeExpr> type;
};
struct FnParam {
  Name name;
  std::vector<Expr> default_value;
  Span span;
};
struct FnDecl {
  Name name;
  std::vector<FnParam> params;
  std::vector<Expr> body;
};
struct ClientDecl {
  std::optional<Name> name;
  std::vector<Clause> clauses;
};
struct CheckDecl {
  Chain chain;
};
struct AuthDecl {
  Name name;
  std::vector<FnParam> params;
  std::vector<Clause> clauses;
};
struct PaginationDecl {
  Name name;
  std::vector<FnParam> params;
  std::vector<Clause> clauses;
};
/// `consent opt_in [for purpose "name"] CHAIN`
struct ConsentDecl {
  Name direction;
  std::vector<Expr> purpose;
  Chain chain;
};
struct UseDecl {
  std::vector<Expr> path;
};
/// `without collection tickets` in an overlay.
struct WithoutDecl {
  Name kind;
  Name name;
};

struct Decl;
struct CollectionDecl {
  Name name;
  std::vector<Decl> items;  // ForDecl … PreferDecl
};
struct ConnectorDecl {
  Name name;
  std::optional<Name> extends;
  std::vector<Expr> base_version;  // `extends NAME at "1.0.0"`: none or one string
  std::vector<Expr> title;         // none or one string
  std::vector<Decl> items;
};

// Test files (*.test.fconn): `test "title" { … }`.
/// `params { … }`, `secrets { … }`, `identity { … }`, `external { … }`, `token { … }`,
/// `policy { … }`: word + object.
struct TestValuesDecl {
  Name word;
  std::vector<Expr> value;
};
/// `connector "path-or-name"`, `case "file"`, `consent "opt_in"`, `purpose "name"`,
/// `erase "plan"`: word + string.
struct TestTextDecl {
  Name word;
  std::vector<Expr> value;
};
/// `reply METHOD PATH { query … headers … body json … }` answered by `with STATUS { headers …
/// body … }`, or `expect request …` / `expect no request …` / `expect N requests …`.
struct TestReplyDecl {
  Request request;
  std::vector<Expr> status;      // exactly one
  std::vector<Clause> response;  // headers, body
};
struct TestExpectRequestDecl {
  bool none = false;
  std::vector<Expr> count;  // none or one
  Request request;
};
/// `expect rows COLLECTION E` (exactly these, any order), `expect row COLLECTION E` (one such row,
/// members not named are free), `expect COLLECTION complete|skipped|capped|failed ["reason"]`,
/// `expect exit N`.
struct TestExpectRowsDecl {
  bool exact = false;
  Name collection;
  std::vector<Expr> value;
};
struct TestExpectOutcomeDecl {
  Name collection;
  Name outcome;
  std::vector<Expr> reason;
};
struct TestExpectExitDecl {
  std::vector<Expr> code;
};
/// `expect plan [no|N] update|delete COLLECTION [METHOD PATH { … }]`, `expect apply …` with an
/// outcome (`done|skipped|pending|failed ["reason"]`), `expect plan leaves COLLECTION [{ … }]
/// ["reason"]`.
struct TestExpectActionDecl {
  Name stage;  // plan, apply
  bool none = false;
  std::vector<Expr> count;  // none or one
  Name kind;                // update, delete, leaves
  Name collection;
  std::vector<Request> request;  // none or one
  std::vector<Expr> row;         // leaves: none or one
  std::optional<Name> outcome;
  std::vector<Expr> reason;
};
struct TestDecl {
  std::vector<Expr> title;
  std::vector<Decl> items;
};

struct Decl {
  Span span;
  Span keyword;
  std::string doc;  // text of the `##` lines before it, joined by '\n', markers removed
  std::variant<VersionDecl, DocsDecl, CategoryDecl, ParamDecl, IdentityDecl, ExternalDecl, FnDecl,
               ClientDecl, CheckDecl, CollectionDecl, AuthDecl, PaginationDecl, ConsentDecl,
               UseDecl, WithoutDecl, ConnectorDecl, ForDecl, ReadDecl, EmitDecl, UpdateDecl,
               DeleteDecl, FieldsDecl, EraseAfterDecl, PreferDecl, TestDecl, TestValuesDecl,
               TestTextDecl, TestReplyDecl, TestExpectRequestDecl, TestExpectRowsDecl,
               TestExpectOutcomeDecl, TestExpectExitDecl, TestExpectActionDecl>
      node;
};

/// `text` includes the leading # or ##.
struct Comment {
  std::string text;
  Span span;
  bool doc = false;       // starts with ##
  bool own_line = false;  // nothing but white space before it on its line
};

struct Ast {
  FileId file{};
  std::optional<int> edition;  // `fconn 1`
  Span edition_span;
  std::vector<Decl> items;        // use, connector, fn, auth, pagination, test
  std::vector<Comment> comments;  // all of them, by offset
};

}  // namespace fconn::grammar
