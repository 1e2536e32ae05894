// What makes a connector safe to run: see `validate` in ir.hh. Walks everything once; the places of
// failures are those of the JSON form.
#include <set>
#include <type_traits>

#include "interpreter/ir/names.hh"
#include "interpreter/ir/validate_expr.hh"

namespace fconn::ir {
namespace {

using Step_ = Place::Step;

// Where a chain stands.
enum class Role : std::uint8_t { read, erasure, other };

class Validator {
 public:
  explicit Validator(const Connector& connector)
      : connector_(connector), exprs_(connector, place_) {}

  bool connector();
  const value::Failure& failure() const { return exprs_.failure(); }

 private:
  // Pieces: one member `key`, or each element of it.
  template <class F>
  bool in(std::string_view key, F&& check) {
    const Step_ step(place_, key);
    return check();
  }
  template <class T, class F>
  bool each(std::string_view key, const std::vector<T>& values, F&& check) {
    const Step_ step(place_, key);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Step_ element(place_, i);
      if (!check(values[i], i)) return false;
    }
    return true;
  }
  bool expr(std::string_view key, const Expr& value, const Scope& scope) {
    const Step_ step(place_, key);
    return exprs_.check(value, scope);
  }
  bool expr(std::string_view key, const std::optional<Expr>& value, const Scope& scope) {
    return !value || expr(key, *value, scope);
  }
  bool exprs(std::string_view key, const std::vector<Expr>& values, const Scope& scope) {
    return each(key, values,
                [&](const Expr& value, std::size_t) { return exprs_.check(value, scope); });
  }
  template <class T>
  bool index(std::string_view key, T value, std::size_t bound, std::string_view what) {
    if (value < bound) return true;
    const Step_ step(place_, key);
    return refuse(std::string(what) + ' ' + std::to_string(value) + " isn't there");
  }
  template <class T>
  bool indices(std::string_view key, const std::vector<T>& values, std::size_t bound,
               std::string_view what) {
    return each(key, values, [&](const T& value, std::size_t) {
      std::size_t number = 0;
      if constexpr (std::is_integral_v<T>) {
        number = value;
      } else {
        number = value.value;
      }
      return number < bound ||
             refuse(std::string(what) + ' ' + std::to_string(number) + " isn't there");
    });
  }
  template <class T>
  bool names(std::string_view key, const std::vector<T>& values) {
    std::set<std::string_view> seen;
    return each(key, values, [&](const T& value, std::size_t) {
      if (value.name.empty()) return refuse("has no name");
      return seen.insert(value.name).second || refuse("`" + value.name + "` is there twice");
    });
  }
  // An optional number that must not be below `least`.
  template <class T>
  bool at_least(std::string_view key, const std::optional<T>& value, std::int64_t least) {
    return !value || at_least(key, static_cast<std::int64_t>(*value), least);
  }
  bool at_least(std::string_view key, std::int64_t value, std::int64_t least) {
    const Step_ step(place_, key);
    return value >= least || refuse("must be at least " + std::to_string(least));
  }
  bool frame(std::string_view key, std::uint32_t size) {
    const Step_ step(place_, key);
    return size <= max_frame || refuse("must be at most " + std::to_string(max_frame));
  }
  bool refuse(std::string text) { return exprs_.refuse(std::move(text)); }
  bool span(const Span& span) { return exprs_.span(span); }
  Scope global() const;

  bool declarations();
  bool param(const Param& param);
  bool function(const Function& function, std::size_t number);
  bool client(const Client& client);
  bool auth(const Auth& auth);
  bool token(const Token& token, std::size_t number, const Scope& auth_scope);
  template <class Fetch>
  bool fetched(const Fetch& fetch, Scope scope);

  bool request(const Request& request, const Scope& outer);
  bool body(const Request& request, const Scope& scope);
  bool answers(const Request& request, const Scope& outer);
  bool rows(const Request& request, const Scope& outer);
  bool pagination(const Pagination& pagination, const Scope& outer, std::uint32_t locals);
  bool condition(const Condition& condition, const Scope& scope);
  bool judgement(const Judgement& judgement, const Scope& scope);
  bool rates(const std::vector<RateWindow>& rates);

  bool chain(const Chain& chain, Role role, const Collection* collection);
  bool steps(const Chain& chain, Scope& scope, std::vector<bool>& lets);
  bool step(const Step& step, Scope& scope, std::vector<bool>& lets);

  bool collection(const Collection& collection, std::size_t number);
  bool source(const Collection& collection, std::size_t number, std::size_t own);
  bool source_reads(const Collection& collection, const Expr& value, std::size_t own, bool where);
  bool slot(const Collection& collection, const Slot& slot);
  bool read(const Collection& collection, const Read& read);
  bool emit(const Collection& collection);
  bool field(const Field& field, const Scope& scope);
  bool erase_order();

  const Connector& connector_;
  Place place_;
  ExprCheck exprs_;
  std::size_t field_depth_ = 0;
};

// ---- declarations ------------------------------------------------------------------------------

Scope Validator::global() const {
  Scope scope;
  scope.params = true;
  scope.functions = connector_.functions.size();
  return scope;
}

bool Validator::connector() {
  return declarations() &&
         each("clients", connector_.clients, [&](const Client& c, auto) { return client(c); }) &&
         exprs("dynamic_hosts", connector_.dynamic_hosts, global()) &&
         (!connector_.check ||
          in("check", [&] { return chain(*connector_.check, Role::other, nullptr); })) &&
         each("collections", connector_.collections,
              [&](const Collection& c, std::size_t i) { return collection(c, i); }) &&
         erase_order() && each("consents", connector_.consents, [&](const Consent& consent, auto) {
           return in("chain", [&] { return chain(consent.chain, Role::other, nullptr); });
         });
}

bool Validator::declarations() {
  const auto spans = [&](const auto& value, auto) { return span(value.span); };
  return names("params", connector_.params) && names("identities", connector_.identities) &&
         names("externals", connector_.externals) && names("collections", connector_.collections) &&
         each("identities", connector_.identities, spans) &&
         each("externals", connector_.externals, spans) &&
         each("patterns", connector_.patterns, spans) &&
         each("params", connector_.params, [&](const Param& p, auto) { return param(p); }) &&
         each("functions", connector_.functions,
              [&](const Function& f, std::size_t i) { return function(f, i); });
}

bool Validator::param(const Param& param) {
  return span(param.span) && exprs("choices", param.choices, {}) &&
         expr("default", param.default_value, {});
}

// Callees stand before callers, so calls can't go round.
bool Validator::function(const Function& function, std::size_t number) {
  if (!span(function.span) || !frame("locals", function.locals)) return false;
  if (function.params > function.locals) return refuse("more params than locals");
  Scope scope = global();
  scope.functions = number;
  scope.locals = function.locals;
  return expr("body", function.body, scope);
}

// ---- clients -----------------------------------------------------------------------------------

bool Validator::client(const Client& client) {
  Scope scope = global();
  scope.locals = client.locals;
  return span(client.span) && frame("locals", client.locals) && expr("base", client.base, scope) &&
         each("auths", client.auths, [&](const Auth& a, auto) { return auth(a); }) &&
         expr("headers", client.headers, scope) && expr("query", client.query, scope) &&
         rates(client.rates) && at_least("parallel", client.parallel, 1) &&
         at_least("timeout_ms", client.timeout_ms, 1) &&
         at_least("connect_timeout_ms", client.connect_timeout_ms, 1);
}

bool Validator::auth(const Auth& auth) {
  if (!span(auth.span) || !frame("locals", auth.locals)) return false;
  Scope scope = global();
  scope.locals = auth.locals;
  if (!expr("when", auth.when, scope)) return false;
  scope.tokens = auth.tokens.size();
  scope.request = true;
  return each("lets", auth.lets,
              [&](const AuthLet& let, auto) {
                return index("slot", let.slot, auth.locals, "local") &&
                       expr("value", let.value, scope);
              }) &&
         each("tokens", auth.tokens,
              [&](const Token& t, std::size_t i) { return token(t, i, scope); }) &&
         in("challenge",
            [&] {
              Scope answer = scope;
              answer.response = true;
              return !auth.challenge || exprs_.check(*auth.challenge, answer);
            }) &&
         expr("headers", auth.headers, scope) && expr("query", auth.query, scope) &&
         expr("body", auth.body, scope);
}

// A token's request may use the tokens before it, its refresh also the old value.
bool Validator::token(const Token& token, std::size_t number, const Scope& auth_scope) {
  Scope scope = auth_scope;
  scope.tokens = number;
  scope.request = false;
  if (!span(token.span) || !fetched(token, scope)) return false;
  Scope answer = scope;
  answer.locals = token.request.locals;
  answer.body_cells = token.request.body_cells.size();
  answer.response = answer.request = true;
  if (!expr("show", token.show, answer)) return false;
  if (!token.refresh) return true;
  scope.tokens = number + 1;
  return in("refresh", [&] {
    return span(token.refresh->span) && expr("when", token.refresh->when, scope) &&
           fetched(*token.refresh, scope);
  });
}

/// What a token and its refresh have in common.
template <class Fetch>
bool Validator::fetched(const Fetch& fetch, Scope scope) {
  if (!in("request", [&] { return request(fetch.request, scope); })) return false;
  scope.locals = fetch.request.locals;
  scope.body_cells = fetch.request.body_cells.size();
  scope.response = scope.request = true;
  return expr("value", fetch.value, scope) && expr("expires_in", fetch.expires_in, scope) &&
         expr("expires_at", fetch.expires_at, scope) && at_least("margin_ms", fetch.margin_ms, 0);
}

// ---- requests ----------------------------------------------------------------------------------

bool Validator::rates(const std::vector<RateWindow>& rates) {
  return each("rates", rates, [&](const RateWindow& rate, auto) {
    return at_least("amount", static_cast<std::int64_t>(rate.amount), 1) &&
           at_least("window_ms", rate.window_ms, 1);
  });
}

bool Validator::condition(const Condition& condition, const Scope& scope) {
  return in("condition", [&] {
    return each("on", condition.on,
                [&](const StatusRange& range, auto) {
                  return (range.low >= 0 && range.low <= range.high) ||
                         refuse("isn't a range of statuses");
                }) &&
           expr("when", condition.when, scope);
  });
}

bool Validator::judgement(const Judgement& judgement, const Scope& scope) {
  return span(judgement.span) && condition(judgement.condition, scope) &&
         expr("reason", judgement.reason, scope);
}

bool Validator::request(const Request& request, const Scope& outer) {
  Scope scope = outer;
  scope.locals = request.locals;
  if (!span(request.span) || !frame("locals", request.locals)) return false;
  if (!index("client", request.client.value, connector_.clients.size(), "client")) return false;
  for (const char c : request.method) {
    if (c < 'A' || c > 'Z') return refuse("the method isn't an upper-case word");
  }
  if (request.method.empty()) return refuse("has no method");
  const auto target = [&](const TargetPart& part, std::size_t) {
    if (!span(part.span)) return false;
    if (part.kind != TargetPartKind::literal && !part.value) return refuse("has no value");
    return expr("value", part.value, scope);
  };
  return each("target", request.target, target) && expr("query", request.query, scope) &&
         expr("headers", request.headers, scope) && body(request, scope) &&
         answers(request, scope) && rows(request, scope);
}

bool Validator::body(const Request& request, const Scope& scope) {
  if (request.body_kind != BodyKind::none && !request.body) return refuse("has no body");
  return expr("body", request.body, scope) && expr("body_type", request.body_type, scope);
}

bool Validator::answers(const Request& request, const Scope& outer) {
  Scope scope = outer;
  scope.body_cells = request.body_cells.size();
  scope.response = scope.request = true;
  const auto judged = [&](const Judgement& j, auto) { return judgement(j, scope); };
  const auto retried = [&](const RetryRule& rule, auto) {
    return span(rule.span) && condition(rule.condition, scope) &&
           at_least("backoff_min_ms", rule.backoff_min_ms, 0) &&
           at_least("backoff_max_ms", rule.backoff_max_ms, rule.backoff_min_ms) &&
           at_least("every_ms", rule.every_ms, 0) && expr("every", rule.every, scope);
  };
  const auto until = [&] {
    return span(request.until->span) && expr("condition", request.until->condition, scope) &&
           at_least("every_ms", request.until->every_ms, 0) &&
           at_least("limit_ms", request.until->limit_ms, 0);
  };
  return each("retries", request.retries, retried) && each("skips", request.skips, judged) &&
         each("fails", request.fails, judged) && (!request.until || in("until", until)) &&
         at_least("timeout_ms", request.timeout_ms, 1) &&
         at_least("connect_timeout_ms", request.connect_timeout_ms, 1) && rates(request.rates);
}

bool Validator::rows(const Request& request, const Scope& outer) {
  Scope response = outer;
  response.body_cells = request.body_cells.size();
  response.response = response.request = true;
  Scope row = response;
  row.row_cells = request.row_cells.size();
  row.row = true;
  const auto row_op = [&](const RowOp& op, std::size_t) {
    return span(op.span) && expr("value", op.value, op.kind == RowOpKind::take ? response : row);
  };
  return expr("rows", request.rows, response) && each("row_ops", request.row_ops, row_op) &&
         (!request.pagination || in("pagination", [&] {
           return pagination(*request.pagination, response, request.locals);
         }));
}

bool Validator::pagination(const Pagination& pagination, const Scope& outer, std::uint32_t locals) {
  Scope scope = outer;
  scope.rows = true;
  return span(pagination.span) &&
         each("steps", pagination.steps, [&](const PageStep& step, std::size_t) {
           if (step.kind == PageStepKind::let && !index("slot", step.slot, locals, "local")) {
             return false;
           }
           return span(step.span) && expr("value", step.value, scope) &&
                  expr("reason", step.reason, scope);
         });
}

// ---- chains ------------------------------------------------------------------------------------

bool Validator::chain(const Chain& chain, Role role, const Collection* collection) {
  const std::size_t slots = collection == nullptr ? 0 : collection->slots.size();
  const std::size_t identities = connector_.identities.size();
  if (!span(chain.span) || !frame("lets", chain.lets) || !frame("locals", chain.locals) ||
      !indices("uses", chain.uses, slots, "binding") ||
      !each("needs", chain.needs,
            [&](const std::vector<IdentityId>& set, std::size_t) {
              for (const IdentityId id : set) {
                if (id.value >= identities) {
                  return refuse("identity " + std::to_string(id.value) + " isn't there");
                }
              }
              return true;
            }) ||
      !indices("request_identities", chain.request_identities, identities, "identity") ||
      !indices("keep_identities", chain.keep_identities, identities, "identity")) {
    return false;
  }
  if (!chain.request) return refuse("has no request");

  std::vector<bool> lets(chain.lets, false);
  Scope scope = global();
  scope.identities = scope.externals = true;
  scope.slots = slots;
  scope.uses = &chain.uses;
  scope.lets = &lets;
  scope.erased = role == Role::erasure;
  scope.auth_token = true;
  scope.locals = chain.locals;
  return steps(chain, scope, lets) && in("request", [&] { return request(*chain.request, scope); });
}

bool Validator::steps(const Chain& chain, Scope& scope, std::vector<bool>& lets) {
  return each("steps", chain.steps,
              [&](const Step& s, std::size_t) { return step(s, scope, lets); });
}

bool Validator::step(const Step& step, Scope& scope, std::vector<bool>& lets) {
  if (!span(step.span)) return false;
  const bool let = step.kind == StepKind::let_value || step.kind == StepKind::let_request;
  if (let && !index("slot", step.slot, lets.size(), "let")) return false;
  const bool valued = step.kind == StepKind::let_value || step.kind == StepKind::for_each;
  if (valued && !step.value) return refuse("has no value");
  if (step.kind == StepKind::let_request && !step.request) return refuse("has no request");
  const bool judges = step.kind == StepKind::skip || step.kind == StepKind::fail;
  if (judges && !step.judgement) return refuse("has no judgement");
  if (!expr("value", step.value, scope)) return false;
  if (step.request && !in("request", [&] { return request(*step.request, scope); })) return false;
  if (step.judgement && !in("judgement", [&] { return judgement(*step.judgement, scope); })) {
    return false;
  }
  if (let) lets[step.slot] = true;
  if (step.kind == StepKind::for_each) scope.loop = true;
  return true;
}

// ---- collections -------------------------------------------------------------------------------

bool Validator::collection(const Collection& collection, std::size_t number) {
  if (!span(collection.span) || !frame("locals", collection.locals)) return false;
  const auto key = [&](const KeyPath& path, std::size_t) {
    return !path.empty() || refuse("an empty path can't be a key");
  };
  Scope mask = global();
  mask.locals = collection.locals;
  mask.old_value = true;
  return each("sources", collection.sources,
              [&](const Source&, std::size_t i) { return source(collection, number, i); }) &&
         each("slots", collection.slots,
              [&](const Slot& s, std::size_t) { return slot(collection, s); }) &&
         each("key", collection.key, key) &&
         each("reads", collection.reads,
              [&](const Read& r, std::size_t) { return read(collection, r); }) &&
         emit(collection) &&
         (!collection.update ||
          in("update", [&] { return chain(*collection.update, Role::erasure, &collection); })) &&
         (!collection.erase ||
          in("delete", [&] { return chain(*collection.erase, Role::erasure, &collection); })) &&
         each("fields", collection.fields,
              [&](const Field& f, std::size_t) { return field(f, mask); }) &&
         indices("erase_after", collection.erase_after, connector_.collections.size(),
                 "collection");
}

bool Validator::source(const Collection& collection, std::size_t number, std::size_t own) {
  const Source& source = collection.sources[own];
  if (!span(source.span)) return false;
  if (source.name.empty()) return refuse("has no name");
  if (source.collection && source.collection->value >= number) {
    return in("collection", [&] {
      return refuse("collection " + std::to_string(source.collection->value) +
                    " doesn't stand before this one");
    });
  }
  if (!source.collection && !source.values) return refuse("has neither collection nor values");
  if (source.batch && !source.values) return refuse("has a batch of no values");
  if (!indices("depends", source.depends, own, "source") || !at_least("batch", source.batch, 0)) {
    return false;
  }
  Scope scope = global();
  scope.externals = true;
  scope.locals = collection.locals;
  scope.slots = collection.slots.size();
  if (!expr("values", source.values, scope) || !expr("where", source.where, scope)) return false;
  return (!source.values ||
          in("values", [&] { return source_reads(collection, *source.values, own, false); })) &&
         (!source.where ||
          in("where", [&] { return source_reads(collection, *source.where, own, true); }));
}

// A source reads its own row, in `where` also its own value, and otherwise only what `depends`
// names. Slots are checked after sources, so their indices may still be wrong here.
bool Validator::source_reads(const Collection& collection, const Expr& value, std::size_t own,
                             bool where) {
  if (value.op == Op::bound) {
    const Slot& slot = collection.slots[static_cast<std::size_t>(value.number)];
    const std::vector<std::uint32_t>& depends = collection.sources[own].depends;
    bool readable = slot.source == own && (slot.cell.has_value() || where);
    for (const std::uint32_t earlier : depends) readable = readable || slot.source == earlier;
    if (!readable) return refuse("reads binding " + std::to_string(value.number) + " too early");
  }
  for (const Expr& kid : value.kids) {
    if (!source_reads(collection, kid, own, where)) return false;
  }
  return true;
}

bool Validator::slot(const Collection& collection, const Slot& slot) {
  if (!index("source", slot.source, collection.sources.size(), "source")) return false;
  if (!slot.cell) return true;
  const Source& source = collection.sources[slot.source];
  if (!source.collection) return refuse("its source has no rows to take a cell from");
  return index("cell", *slot.cell, connector_.collections[source.collection->value].cells.size(),
               "cell");
}

bool Validator::read(const Collection& collection, const Read& read) {
  if (!span(read.span)) return false;
  if (!in("chain", [&] { return chain(read.chain, Role::read, &collection); })) return false;
  const std::size_t cells = read.reparse ? 0 : collection.cells.size();
  const std::size_t key = read.reparse ? 0 : collection.key.size();
  if (read.cells.size() != cells) return refuse("must have a value for each cell, or reparse");
  if (read.key.size() != key) return refuse("must have a value for each key, or reparse");
  const Request& request = *read.chain.request;
  const std::vector<bool> lets(read.chain.lets, true);
  Scope scope = global();
  scope.identities = scope.externals = true;
  scope.slots = collection.slots.size();
  scope.uses = &read.chain.uses;
  scope.lets = &lets;
  scope.locals = request.locals;
  scope.body_cells = request.body_cells.size();
  scope.row_cells = request.row_cells.size();
  scope.response = scope.request = scope.row = true;
  scope.loop = true;
  return exprs("cells", read.cells, scope) && exprs("key", read.key, scope);
}

bool Validator::emit(const Collection& collection) {
  if (!indices("emit_uses", collection.emit_uses, collection.slots.size(), "binding")) {
    return false;
  }
  if (!collection.emit) return true;
  Scope scope = global();
  scope.identities = scope.externals = true;
  scope.slots = collection.slots.size();
  scope.uses = &collection.emit_uses;
  scope.locals = collection.locals;
  if (!expr("emit", collection.emit, scope)) return false;
  scope.row = true;
  if (collection.emit_cells.size() != collection.cells.size()) {
    return refuse("emit_cells must have a value for each cell");
  }
  if (collection.emit_key.size() != collection.key.size()) {
    return refuse("emit_key must have a value for each key");
  }
  return exprs("emit_cells", collection.emit_cells, scope) &&
         exprs("emit_key", collection.emit_key, scope);
}

bool Validator::field(const Field& field, const Scope& scope) {
  if (!span(field.span)) return false;
  if (field_depth_ == max_nesting) {
    return refuse("nested deeper than " + std::to_string(max_nesting));
  }
  ++field_depth_;
  const bool good = exprs("choices", field.choices, {}) && expr("mask", field.mask, scope) &&
                    at_least("length", field.length, 0) &&
                    each("fields", field.fields, [&](const Field& inner, std::size_t) {
                      return this->field(inner, scope);
                    });
  --field_depth_;
  return good;
}

// `erase_after` must not go round: take away, again and again, what waits for nothing that is left.
bool Validator::erase_order() {
  const std::size_t count = connector_.collections.size();
  std::vector<std::size_t> waits(count, 0);
  std::vector<std::vector<std::size_t>> waiting(count);
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& after = connector_.collections[i].erase_after;
    waits[i] = after.size();
    for (const CollectionId id : after) waiting[id.value].push_back(i);
    if (after.empty()) free.push_back(i);
  }
  std::size_t done = 0;
  for (; done < free.size(); ++done) {
    for (const std::size_t next : waiting[free[done]]) {
      if (--waits[next] == 0) free.push_back(next);
    }
  }
  if (done == count) return true;
  return in("collections", [&] { return refuse("their `erase_after` goes round in a circle"); });
}

}  // namespace

value::Result<void> validate(const Connector& connector) {
  Validator validator(connector);
  if (!validator.connector()) return value::fail(validator.failure());
  return {};
}

}  // namespace fconn::ir
