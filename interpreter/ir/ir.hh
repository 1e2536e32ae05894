// The intermediate representation: one connector, names resolved to ids, strategies inlined, spans
// kept. Plain data, immutable once compile/ or json_in has made it; shared by pointer to const.
// No syntax tree types, no execution. The JSON form is versioned and documented in docs/ir.md.
//
// Where expressions stand and what they may see:
//   client base, headers, query, auth      param, request (auth only), local, token
//   request target, query, headers, body   param, identity, external, bound, let_value, local
//   judgements, paginate, rows             the same, body_cell, status, header(s), links, request;
//                                          paginate also rows_*
//   keep, map, exports, key                the same, row_cell (before any map) or current_row
//   source values and where                param, external, bound
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/source.hh"
#include "interpreter/value/result.hh"

namespace fconn::ir {

using grammar::Span;

/// Strong index into one of Connector's vectors.
template <class Tag>
struct Id {
  std::uint32_t value = 0;
  friend bool operator==(Id, Id) = default;
  friend auto operator<=>(Id, Id) = default;
};
using ParamId = Id<struct ParamTag>;
using IdentityId = Id<struct IdentityTag>;
using ExternalId = Id<struct ExternalTag>;
using FunctionId = Id<struct FunctionTag>;
using ClientId = Id<struct ClientTag>;
using CollectionId = Id<struct CollectionTag>;

enum class Op : std::uint8_t {
#define FCONN_OP(name, kids, meaning) name,
#include "interpreter/ir/ops.def"
#undef FCONN_OP
};
std::string_view name(Op op);
std::optional<Op> op_named(std::string_view name);

struct Expr {
  Op op = Op::null_value;
  Span span{};
  std::vector<Expr> kids;
  std::string text;
  std::int64_t number = 0;
};

enum class ScalarType : std::uint8_t {
  any,
  string,
  integer,
  number,
  boolean,
  datetime,
  object,
  list,
  host,
  url
};
std::string_view name(ScalarType type);

/// Object keys from a root.
using KeyPath = std::vector<std::string>;

struct Param {
  std::string name, label, doc;
  ScalarType type = ScalarType::string;
  ScalarType element = ScalarType::any;  // of a list
  std::vector<Expr> choices;             // constants; empty: any value
  std::optional<Expr> default_value;     // constant
  bool secret = false;
  Span span{};
};
struct Identity {
  std::string name, label, doc;
  Span span{};
};
struct External {
  std::string name, label, doc;
  ScalarType type = ScalarType::string;
  Span span{};
};
/// `fn`: arguments are locals 0..params-1.
struct Function {
  std::string name, doc;
  std::uint32_t params = 0;
  std::uint32_t locals = 0;  // frame size, arguments included
  Expr body;
  Span span{};
};

// ---- requests ----------------------------------------------------------------------------------

struct StatusRange {
  int low = 0, high = 0;
};
/// Any of `on`, or `when`.
struct Condition {
  std::vector<StatusRange> on;
  std::optional<Expr> when;
};
struct RetryRule {
  Condition condition;
  std::uint32_t times = 3;
  std::int64_t backoff_min_ms = 1000;  // full jitter between 0 and min(max, min * 2^attempt)
  std::int64_t backoff_max_ms = 60000;
  std::optional<std::int64_t> every_ms;  // fixed wait instead
  std::optional<Expr> every;             // the same, said by the answer: a duration
  Span span{};
};
/// skip or fail.
struct Judgement {
  Condition condition;
  std::optional<Expr> reason;  // text; without one the engine words it
  Span span{};
};
struct Until {
  Expr condition;
  std::int64_t every_ms = 5000;
  std::int64_t limit_ms = 3600000;
  Span span{};
};
struct RateWindow {
  std::uint32_t amount = 0;
  std::int64_t window_ms = 1000;
};

enum class TargetPartKind : std::uint8_t { literal, segment, raw };
struct TargetPart {
  TargetPartKind kind{};
  std::string text;           // literal, as written
  std::optional<Expr> value;  // segment: percent-encoded; raw: a path or URL as it is
  Span span{};
};

enum class BodyKind : std::uint8_t { none, json, form, text, xml, multipart, csv, ndjson };
enum class Accept : std::uint8_t { automatic, json, csv, xml, ndjson, text, bytes };

enum class RowOpKind : std::uint8_t { keep, map, take };
struct RowOp {
  RowOpKind kind{};
  Expr value;
  Span span{};
};

enum class PageStepKind : std::uint8_t { stop, let, next_url, next_query, next_headers, next_body };
/// Carried out in order; `let` stores into local `slot`. A next_* merges into the request as sent;
/// next_url replaces its URL (null: stop).
struct PageStep {
  PageStepKind kind{};
  Expr value;
  std::uint32_t slot = 0;
  Span span{};
  std::optional<Expr> reason;  // of a stop: there may be more, the collection is capped for it
};
struct Pagination {
  std::string strategy;
  std::vector<PageStep> steps;
  Span span{};  // the `paginate` clause
};

/// One HTTP exchange as the connector describes it. Effective values: what the client says is
/// already merged in (retry rules: the request's first).
struct Request {
  ClientId client{};
  std::string method;
  bool idempotent = false;  // the connector says so; see repeatable in repeat.hh
  bool absolute = false;    // target starts with scheme://host, or with a raw hole that may
  std::vector<TargetPart> target;
  std::optional<Expr> query, headers;
  BodyKind body_kind = BodyKind::none;
  std::optional<Expr> body, body_type;
  Accept accept = Accept::automatic;
  std::vector<RetryRule> retries;
  std::vector<Judgement> skips, fails;
  std::optional<Until> until;
  std::optional<std::int64_t> timeout_ms, connect_timeout_ms;
  std::vector<RateWindow> rates;  // own windows, besides the client's

  // Rows. With `rows_path` the reader cuts rows as bytes arrive; with `rows` the value is computed
  // from the whole body and its elements are the rows.
  std::optional<KeyPath> rows_path;
  std::optional<Expr> rows;
  std::vector<RowOp> row_ops;
  std::optional<Pagination> pagination;

  // What the expressions above read: body_cell and row_cell index these.
  std::vector<KeyPath> body_cells, row_cells;
  std::uint32_t locals = 0;  // frame size for every expression of this request
  Span span{};               // method and target
};

enum class StepKind : std::uint8_t { let_value, let_request, skip, fail, for_each };
/// A step of a chain before its last request. let_*: gives let number `slot`.
struct Step {
  StepKind kind{};
  std::string name;
  std::uint32_t slot = 0;
  std::optional<Expr> value;
  std::optional<Request> request;
  std::optional<Judgement> judgement;
  Span span{};
};

/// A read, update, delete, check or consent: steps, then the request that gives the rows.
struct Chain {
  std::vector<Step> steps;
  std::optional<Request> request;
  std::uint32_t lets = 0;
  std::vector<std::vector<IdentityId>> needs;  // alternatives of sets; one must be given whole
  std::vector<IdentityId> request_identities;  // those that the request (or map) depends on
  std::vector<IdentityId> keep_identities;     // those that only keep mentions
  std::vector<std::uint32_t> uses;             // slots of Collection::slots that are used
  std::uint32_t locals = 0;
  /// The same answer may serve another read or other inputs: the engine shares identical requests.
  bool shareable = false;
  bool uses_masked = false;  // masked or masked_row occurs
  Span span{};
};

struct Read {
  Chain chain;
  /// In the row environment after row_ops: values of Collection::cells, and of its key paths. With
  /// `reparse` they are taken from the finished row's text instead (a map that can't be seen
  /// through), and these are empty.
  std::vector<Expr> cells, key;
  bool reparse = false;
  Span span{};
};

// ---- collections -------------------------------------------------------------------------------

/// One source of a `for`.
struct Source {
  std::string name;
  std::optional<CollectionId> collection;  // rows come from there
  std::optional<Expr> values;  // none: the row itself is bound; else its elements (a list gives
                               // each, null none, anything else itself)
  std::optional<Expr> where;
  std::optional<std::int64_t> batch;   // batch(…, N); 0: all at once, also none
  std::vector<std::uint32_t> depends;  // earlier sources whose slots `values` or `where` reads
  Span span{};
};
/// A value that a binding provides: cell `cell` of the row of `source`, or the bound value.
struct Slot {
  std::uint32_t source = 0;
  std::optional<std::uint32_t> cell;  // index into the source collection's cells; none: the value
  std::string text;                   // "c.id", for messages and dumps
};
/// A value of this collection's rows that others (or its own erasure) need.
struct Cell {
  KeyPath path;
  ScalarType type = ScalarType::any;
};

struct Field {
  std::string name;
  ScalarType type = ScalarType::any;
  bool list = false;          // [T]
  std::vector<Field> fields;  // of an object, or of a list's objects
  std::vector<Expr> choices;
  bool key = false, readonly = false;
  std::optional<std::int64_t> length;
  std::string format;
  std::vector<std::string> categories;  // default filled in; empty for @none and groups
  std::optional<Expr> mask;
  Span span{};
};

struct Collection {
  std::string name, doc;
  std::vector<Source> sources;
  std::vector<Slot> slots;
  std::vector<Read> reads;
  std::optional<Expr> emit;
  std::vector<std::uint32_t> emit_uses;
  std::vector<Expr> emit_cells, emit_key;  // as Read::cells and key; `current_row` is the row
  std::optional<Chain> update, erase;      // `delete` is a C++ word
  std::vector<Field> fields;
  bool has_fields = false;
  std::vector<KeyPath> key;  // empty: the whole row
  std::vector<Cell> cells;
  std::vector<CollectionId> erase_after;
  bool prefer_delete = false;
  std::uint32_t locals = 0;  // frame size for sources, emit, emit_cells, emit_key and masks
  Span span{};
};

// ---- clients -----------------------------------------------------------------------------------

/// How an old token is renewed; `token` is then the old value.
struct Refresh {
  std::optional<Expr> when;  // false: there is nothing to renew it with
  Request request;
  Expr value;
  std::optional<Expr> expires_in, expires_at;  // as a Token's
  std::optional<std::int64_t> margin_ms;
  Span span{};
};
/// `expires_in`: a duration or a number of seconds; `expires_at`: a time (ISO 8601, or seconds or
/// milliseconds since 1970); null: it doesn't end. It is renewed `margin_ms` before its end; a
/// tenth of its life, at most 30 s, where nothing is said.
struct Token {
  std::string name;
  bool login = false;        // needs a person: fetched only where somebody waits for it, never kept
  std::optional<Expr> show;  // login: what the person is told; none: the URL opens in a browser
  Request request;
  Expr value;
  std::optional<Expr> expires_in, expires_at;
  std::optional<std::int64_t> margin_ms;
  std::optional<Refresh> refresh;
  Span span{};
};
struct AuthLet {
  std::uint32_t slot = 0;
  Expr value;
};
/// A strategy applied to a client, arguments inlined. Runs last, on the finished request.
struct Auth {
  std::string strategy;
  std::optional<Expr> when;
  std::vector<AuthLet> lets;
  std::vector<Token> tokens;
  std::optional<Expr> challenge;  // evaluated on a 401; kept for the requests that follow
  std::optional<Expr> headers, query, body;
  std::uint32_t locals = 0;
  Span span{};
};
struct Client {
  std::string name;  // empty: the default client
  std::optional<Expr> base;
  std::vector<Auth> auths;
  std::optional<Expr> headers, query;
  std::vector<RateWindow> rates;
  std::optional<std::uint32_t> parallel;
  std::optional<std::int64_t> timeout_ms, connect_timeout_ms;
  std::uint32_t locals = 0;
  Span span{};
};

struct Consent {
  std::string direction;  // opt_in, opt_out
  std::string purpose;    // empty: the only one
  Chain chain;
};

struct SourceFile {
  std::string name, text;
};

/// An RE2 pattern that compile/ has seen compile.
struct Pattern {
  std::string text;
  Span span{};
};

struct Connector {
  std::string name, title, version, docs, category, doc, extends;
  int edition = 1;
  std::vector<SourceFile> files;  // Span::file indexes these
  std::vector<Param> params;
  std::vector<Identity> identities;
  std::vector<External> externals;
  std::vector<Function> functions;  // callees before callers
  std::vector<Pattern> patterns;
  std::vector<Client> clients;      // 0 is the default one
  std::vector<std::string> hosts;   // patterns declared, and hosts written literally
  std::vector<Expr> dynamic_hosts;  // `hosts` entries with holes
  std::optional<Chain> check;
  std::vector<Collection> collections;  // parents before children
  std::vector<Consent> consents;
};

/// The version that json_out writes and json_in accepts.
constexpr int format_version = 1;

/// Stable text form: one construct a line, two spaces a level, no spans.
std::string dump(const Connector& connector);
std::string dump(const Expr& expr);

/// JSON form, pretty or compact; keys in a fixed order, defaults left out.
std::string to_json(const Connector& connector, bool pretty = true);
/// Refuses another format version, unknown keys or ops, ids out of range and wrong arity, with the
/// place in the JSON: what is accepted can be run without a crash.
value::Result<std::shared_ptr<const Connector>> from_json(std::string_view text);

/// Deepest nesting of an expression or of fields; a run recurses along it.
constexpr std::size_t max_nesting = 512;
/// Largest frame (`locals`, `lets`), so that a document can't ask for unbounded memory.
constexpr std::uint32_t max_frame = 65535;

/// Whether the connector can be run without a crash: ids and slots in range, parents before
/// children, arity by ops.def, expressions only where they can see what they read. A failure (kind
/// `shape`) starts with the place in the JSON form. from_json calls it; it also holds for whatever
/// compile/ lowers. Names of intrinsics and RE2 patterns are not looked at.
value::Result<void> validate(const Connector& connector);

}  // namespace fconn::ir
