#include "tests/unit/ir/sample.hh"

namespace fconn::ir::test {

Expr node(Op op, std::vector<Expr> kids, std::string text, std::int64_t number) {
  Expr expr;
  expr.op = op;
  expr.kids = std::move(kids);
  expr.text = std::move(text);
  expr.number = number;
  expr.span = {{0}, 1, 4};
  return expr;
}
Expr leaf(Op op, std::int64_t number, std::string text) {
  return node(op, {}, std::move(text), number);
}
Expr str(std::string text) { return leaf(Op::string, 0, std::move(text)); }

namespace {

constexpr Span here{{0}, 2, 9};

// Every operation without a reference, over two operands.
Expr pure_ops(const Expr& a, const Expr& b) {
  std::vector<Expr> all = {
      leaf(Op::null_value),
      leaf(Op::boolean, 1),
      leaf(Op::integer, -7),
      leaf(Op::decimal, 0, "1.50e3"),
      str("a\"{b}\n"),
      leaf(Op::duration, 5000),
      node(Op::text, {str("x{"), a}),
      node(Op::xml_text, {str("<a>"), a}),
      node(Op::list, {a, node(Op::spread, {b})}),
      node(Op::object,
           {node(Op::entry, {a}, "k"), node(Op::computed_entry, {a, b}), node(Op::spread, {b})}),
      node(Op::list_for, {leaf(Op::local, 0), a, leaf(Op::local, 1)}, "2", 0),
      node(Op::object_for, {leaf(Op::local, 0), a, b}, "1", 0),
      node(Op::if_else, {a, b, a}),
      node(Op::not_, {a}),
      node(Op::matches, {a}, "^a+$", 0),
      node(Op::negate, {a}),
      node(Op::member, {a}, "odd key"),
      node(Op::each, {a, node(Op::member, {leaf(Op::local, 0)}, "id")}, "", 0),
      node(Op::each, {a, leaf(Op::local, 1)}, "splice", 1),
      node(Op::call, {a, b}, "join"),
      node(Op::call_fn, {a}, "", 0),
      node(Op::cast, {a}, "", static_cast<std::int64_t>(ScalarType::integer)),
      leaf(Op::param, 1),
      leaf(Op::request_id)};
  for (const Op op : {Op::or_, Op::and_, Op::equal, Op::not_equal, Op::less, Op::less_equal,
                      Op::greater, Op::greater_equal, Op::in, Op::matches_dynamic, Op::coalesce,
                      Op::add, Op::subtract, Op::multiply, Op::divide, Op::modulo, Op::index}) {
    all.push_back(node(op, {a, b}));
  }
  return node(Op::list, std::move(all));
}

Expr response_ops() {
  return node(Op::list, {leaf(Op::body_cell, 1), leaf(Op::status), leaf(Op::header, 0, "link"),
                         leaf(Op::headers), leaf(Op::links), leaf(Op::request),
                         leaf(Op::request_part, 0, "query")});
}
Expr paging_ops() {
  return node(Op::list, {leaf(Op::rows_count), leaf(Op::rows_first), leaf(Op::rows_last),
                         leaf(Op::rows_all)});
}

Judgement judgement(std::string reason) {
  const Expr missing = node(Op::equal, {leaf(Op::status), leaf(Op::integer, 404)});
  return {{{{404, 404}, {500, 599}}, missing}, str(std::move(reason)), here};
}

// `value` may stand in the request itself.
Request full_request(const Expr& value) {
  Request r;
  r.client = {1};
  r.method = "POST";
  r.absolute = true;
  r.target = {{TargetPartKind::literal, "https://api.example.com/v1/", std::nullopt, here},
              {TargetPartKind::segment, "", value, here},
              {TargetPartKind::raw, "", value, here}};
  r.query = node(Op::object, {node(Op::entry, {value}, "q")});
  r.headers = node(Op::object, {node(Op::entry, {value}, "X-A")});
  r.idempotent = true;
  r.body_kind = BodyKind::text;
  r.body = pure_ops(value, leaf(Op::local, 1));
  r.body_type = str("text/x");
  r.accept = Accept::ndjson;
  r.retries = {
      {{{{429, 429}}, leaf(Op::body_cell, 0)}, 5, 10, 20, 30, leaf(Op::body_cell, 1), here}};
  r.skips = {judgement("gone")};
  r.fails = {judgement("bad")};
  r.until = Until{response_ops(), 7, 8, here};
  r.timeout_ms = 9;
  r.connect_timeout_ms = 10;
  r.rates = {{11, 12}};
  r.rows_path = KeyPath{};
  r.rows = leaf(Op::body_cell, 0);
  r.row_ops = {{RowOpKind::keep, leaf(Op::row_cell, 0), here},
               {RowOpKind::map, leaf(Op::current_row), here},
               {RowOpKind::take, leaf(Op::integer, 3), here}};
  r.pagination = Pagination{"offset",
                            {{PageStepKind::stop, paging_ops(), 0, here, leaf(Op::rows_count)},
                             {PageStepKind::let, leaf(Op::rows_count), 1, here},
                             {PageStepKind::next_url, leaf(Op::local, 1), 0, here},
                             {PageStepKind::next_query, leaf(Op::null_value), 0, here},
                             {PageStepKind::next_headers, leaf(Op::null_value), 0, here},
                             {PageStepKind::next_body, leaf(Op::null_value), 0, here}},
                            here};
  r.body_cells = {{"meta", "next"}, {}};
  r.row_cells = {{"id"}};
  r.locals = 2;
  r.span = here;
  return r;
}

Chain full_chain(const Expr& value) {
  Chain chain;
  chain.steps.push_back({StepKind::for_each, "e", 0, value, std::nullopt, std::nullopt, here});
  chain.steps.push_back({StepKind::let_value, "a", 0, value, std::nullopt, std::nullopt, here});
  chain.steps.push_back({StepKind::let_request, "b", 1, std::nullopt,
                         full_request(leaf(Op::let_value, 0)), std::nullopt, here});
  Judgement plain{{{}, leaf(Op::let_value, 1)}, str("why"), here};
  chain.steps.push_back({StepKind::skip, "", 0, std::nullopt, std::nullopt, plain, here});
  chain.steps.push_back({StepKind::fail, "", 0, std::nullopt, std::nullopt, plain, here});
  chain.request = full_request(
      node(Op::list, {value, leaf(Op::let_value, 1), leaf(Op::loop_value), leaf(Op::auth_token),
                      leaf(Op::identity, 1), leaf(Op::external, 0)}));
  chain.lets = 2;
  chain.needs = {{{0}}, {{0}, {1}}};
  chain.request_identities = {{1}};
  chain.keep_identities = {{0}};
  chain.locals = 2;
  chain.shareable = true;
  chain.uses_masked = true;
  chain.span = here;
  return chain;
}

void declare(Connector& c) {
  c.name = "full";
  c.title = "Full";
  c.version = "1.0.0";
  c.docs = "https://example.com/docs";
  c.category = "test";
  c.doc = "Everything.";
  c.extends = "base";
  c.edition = 2;
  c.files = {{"full.fconn", "connector full {}\n"}};
  c.params = {
      {"region",
       "Region",
       "Where.",
       ScalarType::list,
       ScalarType::string,
       {str("us"), str("eu")},
       node(Op::list, {str("us")}),
       false,
       here},
      {"api key", "Key", "", ScalarType::string, ScalarType::any, {}, std::nullopt, true, here}};
  c.identities = {{"email", "E-mail", "An address.", here}, {"phone_number", "", "", here}};
  c.externals = {{"delivery_id", "Delivery", "Ids.", ScalarType::integer, here}};
  c.functions = {
      {"first", "Doc.", 1, 2, node(Op::add, {leaf(Op::local, 0), leaf(Op::param, 1)}), here},
      {"second", "", 0, 0, node(Op::call_fn, {leaf(Op::null_value)}, "", 0), here}};
  c.patterns = {{"^a+$", here}};
  c.hosts = {"*.example.com"};
  c.dynamic_hosts = {node(Op::text, {leaf(Op::param, 0), str(".example.com")})};
}

void add_clients(Connector& c) {
  Client plain;
  plain.base = str("https://example.com");
  Client full;
  full.name = "other";
  full.base = node(Op::text, {str("https://"), leaf(Op::param, 0)});
  Auth auth;
  auth.strategy = "session";
  auth.when = leaf(Op::param, 1);
  auth.lets = {{1, leaf(Op::request_part, 0, "url")}};
  Token token;
  token.name = "t";
  token.request = full_request(leaf(Op::param, 0));
  token.value = leaf(Op::body_cell, 0);
  token.expires_in = leaf(Op::duration, 60000);
  token.expires_at = leaf(Op::body_cell, 1);
  token.margin_ms = 5000;
  token.login = true;
  token.show = leaf(Op::body_cell, 0);
  token.span = here;
  Refresh refresh;
  refresh.when = leaf(Op::token, 0);
  refresh.request = full_request(leaf(Op::param, 0));
  refresh.value = leaf(Op::body_cell, 0);
  refresh.expires_in = leaf(Op::duration, 1);
  refresh.expires_at = leaf(Op::body_cell, 1);
  refresh.margin_ms = 1;
  refresh.span = here;
  token.refresh = std::move(refresh);
  auth.tokens = {std::move(token)};
  auth.challenge = leaf(Op::header, 0, "www-authenticate");
  auth.headers = node(Op::object, {node(Op::entry, {leaf(Op::token, 0)}, "Authorization"),
                                   node(Op::entry, {leaf(Op::challenge)}, "X-Asked")});
  auth.query = leaf(Op::local, 1);
  auth.body = leaf(Op::request);
  auth.locals = 2;
  auth.span = here;
  full.auths = {std::move(auth)};
  full.headers = node(Op::object, {});
  full.query = node(Op::object, {});
  full.rates = {{10, 1000}};
  full.parallel = 8;
  full.timeout_ms = 60000;
  full.connect_timeout_ms = 5000;
  full.locals = 1;
  full.span = here;
  c.clients = {std::move(plain), std::move(full)};
}

Field full_field() {
  Field inner;
  inner.name = "type";
  inner.type = ScalarType::string;
  inner.choices = {str("a"), leaf(Op::integer, 1)};
  inner.key = inner.readonly = true;
  inner.length = 40;
  inner.format = "email";
  inner.categories = {"user.contact.email", "user.name"};
  inner.mask = node(Op::text, {leaf(Op::request_id), leaf(Op::old_value)});
  inner.span = here;
  Field outer;
  outer.name = "addresses";
  outer.type = ScalarType::object;
  outer.list = true;
  outer.fields = {inner};
  return outer;
}

void add_collections(Connector& c) {
  Collection parent;
  parent.name = "parent";
  parent.cells = {{{"id"}, ScalarType::integer}};
  parent.key = {{"id"}, {"odd key", "b"}};
  Read read;
  read.chain = full_chain(leaf(Op::param, 0));
  read.cells = {leaf(Op::row_cell, 0)};
  read.key = {leaf(Op::row_cell, 0), leaf(Op::current_row)};
  read.span = here;
  parent.reads = {read};

  Collection child;
  child.name = "child";
  child.doc = "Below parent.";
  Source rows;
  rows.name = "p";
  rows.collection = CollectionId{0};
  rows.where = leaf(Op::bound, 0);
  rows.span = here;
  Source values;
  values.name = "i";
  values.values = node(Op::each, {leaf(Op::bound, 0), leaf(Op::local, 0)}, "", 0);
  values.batch = 100;
  values.depends = {0};
  child.sources = {rows, values};
  child.slots = {{0, 0, "p.id"}, {1, std::nullopt, "i"}};
  Read again;
  again.chain = full_chain(leaf(Op::bound, 1));
  again.chain.uses = {0, 1};
  again.reparse = true;
  child.reads = {again};
  child.emit = node(Op::object, {node(Op::entry, {leaf(Op::bound, 1)}, "id")});
  child.emit_uses = {1};
  child.emit_cells = {leaf(Op::current_row)};
  child.emit_key = {leaf(Op::current_row)};
  const Expr erased =
      node(Op::list, {leaf(Op::erased_row), leaf(Op::masked), leaf(Op::masked_row)});
  child.update = full_chain(erased);
  child.erase = full_chain(erased);
  child.fields = {full_field()};
  child.has_fields = true;
  child.key = {{"id"}};
  child.cells = {{{"a", "b"}, ScalarType::any}};
  child.erase_after = {{0}};
  child.prefer_delete = true;
  child.locals = 1;
  child.span = here;
  c.collections = {std::move(parent), std::move(child)};
}

}  // namespace

Connector full_connector() {
  Connector c;
  declare(c);
  add_clients(c);
  add_collections(c);
  c.check = full_chain(leaf(Op::param, 0));
  c.consents = {{"opt_in", "marketing", full_chain(leaf(Op::param, 0))},
                {"opt_out", "", full_chain(leaf(Op::param, 0))}};
  return c;
}

}  // namespace fconn::ir::test
