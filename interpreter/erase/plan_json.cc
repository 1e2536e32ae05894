// The plan file: keys in a fixed order, what says nothing left out.
#include "interpreter/erase/json_reader.hh"
#include "interpreter/erase/plan.hh"

namespace fconn::erase {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

constexpr std::int64_t format_version = 1;

/// Writes one object: a member a line, or all on one.
class ObjectWriter {
 public:
  ObjectWriter(std::string& out, int indent) : out_(out), indent_(indent) { out_ += '{'; }
  ~ObjectWriter() {
    if (indent_ >= 0 && !first_) line(indent_);
    out_ += '}';
  }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void text(std::string_view key, std::string_view text) {
    begin(key);
    value::append_json_string(text, out_);
  }
  void optional_text(std::string_view key, std::string_view content) {
    if (!content.empty()) text(key, content);
  }
  void json(std::string_view key, std::string_view json) {
    begin(key);
    out_ += json;
  }
  void optional_json(std::string_view key, std::string_view content) {
    if (!content.empty()) json(key, content);
  }
  void number(std::string_view key, std::uint64_t number) { json(key, std::to_string(number)); }
  void flag(std::string_view key, bool on) {
    if (on) json(key, "true");
  }
  void texts(std::string_view key, const std::vector<std::string>& list) {
    if (list.empty()) return;
    begin(key);
    out_ += '[';
    for (const std::string& one : list) {
      if (&one != &list.front()) out_ += ", ";
      value::append_json_string(one, out_);
    }
    out_ += ']';
  }
  template <class T, class Write>
  void list(std::string_view key, const std::vector<T>& all, Write write) {
    begin(key);
    if (all.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    for (const T& one : all) {
      if (&one != &all.front()) out_ += ',';
      line(indent_ + 2);
      write(one, indent_ + 2);
    }
    line(indent_ + 1);
    out_ += ']';
  }

 private:
  void begin(std::string_view key) {
    if (!first_) out_ += ',';
    if (indent_ >= 0) {
      line(indent_ + 1);
    } else if (!first_) {
      out_ += ' ';
    }
    first_ = false;
    value::append_json_string(key, out_);
    out_ += ": ";
  }
  void line(int indent) {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent) * 2, ' ');
  }

  std::string& out_;
  int indent_;  // -1: on one line
  bool first_ = true;
};

void write(const PlannedRequest& request, std::string& out) {
  ObjectWriter object(out, -1);
  object.text("method", request.method);
  object.text("url", request.url);
  object.optional_json("body", request.body);
  object.optional_text("digest", request.digest);
  object.flag("known_at_apply", !request.known);
  object.flag("repeatable", request.repeatable);
}

void write(const Change& change, std::string& out) {
  ObjectWriter object(out, -1);
  object.text("field", change.field);
  object.optional_text("category", change.category);
  object.optional_text("strategy", change.strategy);
  object.json("before", change.before);
  object.json("after", change.after);
}

void write(const Action& action, bool with_revealed, std::string& out, int indent) {
  ObjectWriter object(out, indent);
  object.text("id", action.id);
  object.text("instance", action.instance);
  object.text("collection", action.collection);
  object.optional_json("key", action.key);
  object.text("action", name(action.kind));
  // An action is most often one request; then it stands in the action itself.
  if (action.requests.size() == 1) {
    const PlannedRequest& request = action.requests.front();
    object.text("method", request.method);
    object.text("url", request.url);
    object.optional_json("body", request.body);
    object.optional_text("digest", request.digest);
    object.flag("known_at_apply", !request.known);
    object.flag("repeatable", request.repeatable);
  } else {
    object.list("requests", action.requests,
                [&](const PlannedRequest& request, int) { write(request, out); });
  }
  if (!action.changes.empty()) {
    object.list("changes", action.changes, [&](const Change& change, int) { write(change, out); });
  }
  object.texts("keeps", action.keeps);
  object.texts("waits_for", action.waits_for);
  object.optional_text("row", action.row);
  object.flag("reread", action.reread);
  object.text("reason", action.reason);
  if (with_revealed) object.optional_json("revealed", action.revealed);
  object.text("sealed", action.sealed);
}

void write(const LeftAlone& left, std::string& out) {
  ObjectWriter object(out, -1);
  object.text("instance", left.instance);
  object.text("collection", left.collection);
  object.optional_json("key", left.key);
  object.number("rows", left.rows);
  object.text("reason", left.reason);
}

void write(const ReadCollection& collection, std::string& out) {
  ObjectWriter object(out, -1);
  object.text("instance", collection.instance);
  object.text("collection", collection.collection);
  object.text("state", collection.state);
  object.optional_text("reason", collection.reason);
  object.number("rows", collection.rows);
  object.number("updates", collection.updates);
  object.number("deletes", collection.deletes);
  object.number("left_alone", collection.left_alone);
}

void write(const Target& target, std::string& out) {
  ObjectWriter object(out, -1);
  object.text("key", target.key);
  object.text("source", target.source);
  object.text("connector", target.connector);
  object.optional_text("version", target.version);
  object.text("digest", target.digest);
}

PlannedRequest read_request(ObjectReader& object) {
  PlannedRequest request;
  request.method = object.text("method");
  request.url = object.text("url");
  request.body = object.json("body", false);
  request.digest = object.text("digest", false);
  request.known = !object.flag("known_at_apply");
  request.repeatable = object.flag("repeatable");
  return request;
}

using Mistake = std::optional<std::string>;

Action read_action(const Value& value, const std::string& place, Mistake& mistake) {
  ObjectReader object(value, place, mistake);
  Action action;
  action.id = object.text("id");
  action.instance = object.text("instance");
  action.collection = object.text("collection");
  action.key = object.json("key", false);
  const std::string kind = object.text("action");
  action.kind = kind == "update" ? ActionKind::update : ActionKind::removal;
  if (kind != name(action.kind) && !mistake) mistake = place + ".action is update or delete";
  object.each("requests", [&](const Value& element, const std::string& at) {
    ObjectReader request(element, at, mistake);
    action.requests.push_back(read_request(request));
  });
  if (action.requests.empty()) action.requests.push_back(read_request(object));
  object.each("changes", [&](const Value& element, const std::string& at) {
    ObjectReader change(element, at, mistake);
    action.changes.push_back({change.text("field"), change.text("category", false),
                              change.text("strategy", false), change.json("before"),
                              change.json("after")});
  });
  action.keeps = object.texts("keeps");
  action.waits_for = object.texts("waits_for");
  action.row = object.text("row", false);
  action.reread = object.flag("reread");
  action.reason = object.text("reason");
  action.revealed = object.json("revealed", false);
  action.sealed = object.text("sealed");
  return action;
}

void read_lists(ObjectReader& object, Plan& plan, Mistake& mistake) {
  object.each("targets", [&](const Value& element, const std::string& at) {
    ObjectReader target(element, at, mistake);
    plan.targets.push_back({target.text("key"), target.text("source"), target.text("connector"),
                            target.text("version", false), target.text("digest")});
  });
  object.each("collections", [&](const Value& element, const std::string& at) {
    ObjectReader read(element, at, mistake);
    ReadCollection collection;
    collection.instance = read.text("instance");
    collection.collection = read.text("collection");
    collection.state = read.text("state");
    collection.reason = read.text("reason", false);
    collection.rows = static_cast<std::uint64_t>(read.number("rows"));
    collection.updates = static_cast<std::uint64_t>(read.number("updates"));
    collection.deletes = static_cast<std::uint64_t>(read.number("deletes"));
    collection.left_alone = static_cast<std::uint64_t>(read.number("left_alone"));
    plan.collections.push_back(std::move(collection));
  });
  object.each("actions", [&](const Value& element, const std::string& at) {
    plan.actions.push_back(read_action(element, at, mistake));
  });
  object.each("left_alone", [&](const Value& element, const std::string& at) {
    ObjectReader left(element, at, mistake);
    LeftAlone one;
    one.instance = left.text("instance");
    one.collection = left.text("collection");
    one.key = left.json("key", false);
    one.rows = static_cast<std::uint64_t>(left.number("rows"));
    one.reason = left.text("reason");
    plan.left_alone.push_back(std::move(one));
  });
}

auto no_plan(const std::string& why) {
  return fail(FailureKind::configuration, "this is no plan of fconn: " + why);
}

}  // namespace

std::string_view name(ActionKind kind) { return kind == ActionKind::update ? "update" : "delete"; }

std::string to_json(const Plan& plan, bool with_revealed) {
  std::string out;
  {
    ObjectWriter object(out, 0);
    object.number("fconn_plan", format_version);
    object.text("id", plan.id);
    object.text("created", plan.created);
    object.text("request_id", plan.request_id);
    object.text("program", plan.program);
    object.optional_text("policy", plan.policy);
    object.texts("policy_targets", plan.targets_of_policy);
    object.optional_text("mask", plan.mask);
    object.text("scope", plan.scope);
    object.number("holds", plan.holds);
    object.texts("identities", plan.identities);
    if (plan.config) object.text("config", *plan.config);
    object.list("targets", plan.targets, [&](const Target& one, int) { write(one, out); });
    object.list("collections", plan.collections,
                [&](const ReadCollection& one, int) { write(one, out); });
    object.list("actions", plan.actions,
                [&](const Action& one, int indent) { write(one, with_revealed, out, indent); });
    object.list("left_alone", plan.left_alone, [&](const LeftAlone& one, int) { write(one, out); });
    object.text("sealed", plan.sealed);
    object.optional_text("seal", plan.seal);
  }
  return out + "\n";
}

Result<Plan> from_json(std::string_view text) {
  value::Arena arena;
  auto parsed = value::parse_json(text, arena);
  if (!parsed) return no_plan(parsed.error().text);
  if (parsed->kind != value::Kind::object) return no_plan("it must be a JSON object");
  const Value* version = value::find_member(*parsed, "fconn_plan");
  if (version == nullptr || version->kind != value::Kind::integer) {
    return no_plan("it has no \"fconn_plan\"");
  }
  if (version->integer != format_version) {
    return fail(FailureKind::configuration,
                "this plan is of version " + std::to_string(version->integer) +
                    ", and this program knows " + std::to_string(format_version));
  }
  Mistake mistake;
  Plan plan;
  {
    ObjectReader object(*parsed, "", mistake);
    (void)object.number("fconn_plan");
    plan.id = object.text("id");
    plan.created = object.text("created");
    plan.request_id = object.text("request_id");
    plan.program = object.text("program");
    plan.policy = object.text("policy", false);
    plan.targets_of_policy = object.texts("policy_targets");
    plan.mask = object.text("mask", false);
    plan.scope = object.text("scope");
    plan.holds = static_cast<std::uint64_t>(object.number("holds"));
    plan.identities = object.texts("identities");
    plan.config = object.optional_text("config");
    read_lists(object, plan, mistake);
    plan.sealed = object.text("sealed");
    plan.seal = object.text("seal");
  }
  if (mistake) return no_plan(*mistake);
  return plan;
}

std::string to_json(const ActionContext& context) {
  std::string out;
  {
    ObjectWriter object(out, -1);
    object.optional_json("row", context.row);
    object.optional_json("masked", context.masked);
    object.optional_json("masked_row", context.masked_row);
    object.json("bound", context.bound.empty() ? "[]" : context.bound);
    object.optional_json("used", context.used);
    object.optional_json("beside", context.beside);
    object.json("identities", context.identities.empty() ? "[]" : context.identities);
    object.number("turn", context.turn);
    object.optional_json("fields", context.fields);
  }
  return out;
}

Result<ActionContext> action_context(std::string_view json) {
  value::Arena arena;
  auto parsed = value::parse_json(json, arena);
  if (!parsed) return no_plan(parsed.error().text);
  Mistake mistake;
  ActionContext context;
  {
    ObjectReader object(*parsed, "sealed", mistake);
    context.row = object.json("row", false);
    context.masked = object.json("masked", false);
    context.masked_row = object.json("masked_row", false);
    context.bound = object.json("bound");
    context.used = object.json("used", false);
    context.beside = object.json("beside", false);
    context.identities = object.json("identities");
    context.turn = static_cast<std::uint32_t>(object.number("turn"));
    context.fields = object.json("fields", false);
  }
  if (mistake) return no_plan(*mistake);
  return context;
}

std::string to_json(const PlanContext& context) {
  std::string out;
  {
    ObjectWriter object(out, -1);
    object.json("identities", context.identities);
    object.json("params", context.params);
    object.json("externals", context.externals);
    object.texts("holds", context.holds);
    object.optional_text("send_to", context.send_to);
    object.json("now", std::to_string(context.now_ms));
    object.text("seed", std::to_string(context.seed));
  }
  return out;
}

Result<PlanContext> plan_context(std::string_view json) {
  value::Arena arena;
  auto parsed = value::parse_json(json, arena);
  if (!parsed) return no_plan(parsed.error().text);
  Mistake mistake;
  PlanContext context;
  {
    ObjectReader object(*parsed, "sealed", mistake);
    context.identities = object.json("identities");
    context.params = object.json("params");
    context.externals = object.json("externals");
    context.holds = object.texts("holds");
    context.send_to = object.text("send_to", false);
    context.now_ms = object.number("now");
    for (const char digit : object.text("seed")) {
      context.seed = context.seed * 10 + static_cast<std::uint64_t>(digit - '0');
    }
  }
  if (mistake) return no_plan(*mistake);
  return context;
}

std::string context_of(const Plan& plan) { return "fconn plan\n" + plan.id; }
std::string context_of(const Plan& plan, const Action& action) {
  return context_of(plan) + '\n' + action.id;
}

std::string seal_of(const Plan& plan, const Keeper& keeper) {
  Plan unsealed = plan;
  unsealed.seal.clear();
  return keeper.hash("fconn plan seal\n" + to_json(unsealed, false));
}

}  // namespace fconn::erase
