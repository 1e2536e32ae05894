// Plans as data, the order of collections, rows as they are compared and shown, and what a run does
// with what an earlier one left.
#include <doctest/doctest.h>

#include <algorithm>

#include "interpreter/erase/depends.hh"
#include "interpreter/erase/order.hh"
#include "interpreter/erase/plan.hh"
#include "interpreter/erase/resume.hh"
#include "interpreter/erase/rows.hh"

using namespace fconn;
using namespace fconn::erase;
using value::Value;

namespace {

/// Hashes and seals that a test can read.
class PlainKeeper : public Keeper {
 public:
  std::string hash(std::string_view text) const override {
    std::uint64_t h = 14695981039346656037U;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211U;
    char out[17];
    std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(h));
    return out;
  }
  std::string seal(std::string_view text, std::string_view context) const override {
    return std::string(context) + "|" + std::string(text);
  }
  std::optional<std::string> open(std::string_view sealed,
                                  std::string_view context) const override {
    const std::string frame = std::string(context) + "|";
    if (!sealed.starts_with(frame)) return std::nullopt;
    return std::string(sealed.substr(frame.size()));
  }
};

Value parsed(std::string_view json, value::Arena& arena) {
  auto result = value::parse_json(arena.copy(json), arena);
  REQUIRE_MESSAGE(result, json);
  return *result;
}

Plan sample() {
  Plan plan;
  plan.id = "01J";
  plan.created = "2026-01-02T03:04:05Z";
  plan.request_id = "pri_1";
  plan.program = "fconn 0.1.0";
  plan.scope = "targeted";
  plan.mask = "null";
  plan.targets_of_policy = {"user.contact"};
  plan.identities = {"email hash-1"};
  plan.config = "/srv/fconn.toml";
  plan.targets = {{"shop", "shop", "shop", "1.0.0", "d"}};
  plan.collections = {{"shop", "person", "complete", "", 2, 1, 0, 1}};
  Action action;
  action.id = "a1";
  action.instance = "shop";
  action.collection = "person";
  action.key = R"({"id":7})";
  action.requests = {{"PUT", "https://shop.example/p/7", R"({"email":null})", "dig", true, true}};
  action.changes = {{"email", "user.contact.email", "null", "\"hash-2\"", "null"}};
  action.waits_for = {"shop:order"};
  action.row = "rowdigest";
  action.reread = true;
  action.reason = "it is targeted";
  action.revealed = R"({"url":"https://shop.example/p/7"})";
  action.sealed = "box";
  plan.actions = {action};
  action.id = "a2";
  action.kind = ActionKind::removal;
  action.requests = {{"POST", "https://shop.example/jobs", "", "dig", true, false},
                     {"DELETE", "/jobs/{job.id}", "", "", false, true}};
  action.changes.clear();
  action.revealed.clear();
  plan.actions.push_back(action);
  plan.left_alone = {{"shop", "person", R"({"id":8})", 1, "nothing in it is targeted"}};
  plan.sealed = "box";
  return plan;
}

}  // namespace

TEST_CASE("a plan is read as it was written") {
  const PlainKeeper keeper;
  Plan plan = sample();
  plan.seal = seal_of(plan, keeper);
  const std::string text = to_json(plan);
  const auto read = from_json(text);
  REQUIRE_MESSAGE(read, (read ? "" : read.error().text));
  CHECK(to_json(*read) == text);
  CHECK(seal_of(*read, keeper) == plan.seal);
  CHECK(read->actions[1].requests.size() == 2);
  CHECK_FALSE(read->actions[1].requests[1].known);
  // What is revealed isn't part of what is approved.
  CHECK(to_json(plan, false).find("revealed") == std::string::npos);
  Plan edited = *read;
  edited.actions[0].revealed.clear();
  CHECK(seal_of(edited, keeper) == plan.seal);
  edited.actions[0].requests[0].url += "8";
  CHECK(seal_of(edited, keeper) != plan.seal);
}

TEST_CASE("what is no plan is refused by its place") {
  struct Case {
    const char* from;
    const char* to;
    const char* says;
  };
  const Case cases[] = {
      {"\"fconn_plan\": 1", "\"fconn_plan\": 2", "version 2"},
      {"\"fconn_plan\"", "\"other\"", "no \"fconn_plan\""},
      {"\"id\": \"a1\"", "\"id\": 1", "actions[0].id must be a text"},
      {"\"action\": \"update\"", "\"action\": \"wipe\"", "actions[0].action is update or delete"},
      {"\"reason\": \"it is targeted\"", "\"reason_\": \"x\"", "actions[0].reason is missing"},
      {"\"scope\":", "\"Scope\":", "scope is missing"},
      {"\"holds\": 0", "\"holds\": 0, \"more\": 1", "unknown member"},
      {"\"rows\": 1", "\"rows\": \"1\"", "left_alone[0].rows must be a whole number"},
      {"\"actions\": [", "\"actions\": [7, ", "actions[0] must be an object"},
      {"{", "[", "isn't valid JSON"},
  };
  Plan plan = sample();
  plan.seal = "s";
  for (const Case& one : cases) {
    CAPTURE(one.says);
    std::string text = to_json(plan);
    const std::size_t at = text.find(one.from);
    REQUIRE(at != std::string::npos);
    text.replace(at, std::string_view(one.from).size(), one.to);
    const auto read = from_json(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == value::FailureKind::configuration);
    CHECK_MESSAGE(read.error().text.find(one.says) != std::string::npos, read.error().text);
  }
}

TEST_CASE("contexts are read as they were written") {
  ActionContext context;
  context.row = R"({"id":1,"n":1.50})";
  context.masked = R"({"email":null})";
  context.bound = "[1,null]";
  context.identities = "[\"a\"]";
  context.turn = 3;
  const auto read = action_context(to_json(context));
  REQUIRE(read);
  CHECK(read->row == context.row);
  CHECK(read->masked_row.empty());
  CHECK(read->turn == 3);
  PlanContext plan{R"({"shop":{}})", "{}", "{}", {"shop.orders"}, 1700000000000, ~0ULL};
  const auto plan_read = plan_context(to_json(plan));
  REQUIRE(plan_read);
  CHECK(plan_read->seed == ~0ULL);
  CHECK(plan_read->now_ms == 1700000000000);
  CHECK(plan_read->holds == plan.holds);
}

TEST_CASE("rows are the same by value") {
  value::Arena arena;
  const auto same = [&](const char* a, const char* b) {
    return canonical(parsed(a, arena), arena) == canonical(parsed(b, arena), arena);
  };
  CHECK(same(R"({"a":1,"b":[1.0,{"x":"é"}]})", R"({ "b": [1, {"x":"\u00e9"}], "a": 1 })"));
  CHECK_FALSE(same(R"({"a":1})", R"({"a":"1"})"));
  CHECK_FALSE(same(R"({"a":null})", R"({})"));
  CHECK_FALSE(same(R"([1,2])", R"([2,1])"));
  const PlainKeeper keeper;
  const std::string before = member_digests(parsed(R"({"a":1,"b":2,"c":3})", arena), keeper, arena);
  const std::string now = member_digests(parsed(R"({"a":1,"b":5,"d":3})", arena), keeper, arena);
  CHECK(changed_members(before, now) == std::vector<std::string>{"b", "c", "d"});
  CHECK(changed_members(before, before).empty());
}

TEST_CASE("a row is shown without what is about a person") {
  const PlainKeeper keeper;
  value::Arena arena;
  ir::Collection collection;
  const auto field = [](const char* name, std::vector<std::string> categories) {
    ir::Field made;
    made.name = name;
    made.categories = std::move(categories);
    return made;
  };
  collection.fields = {field("id", {"system.operations"}), field("email", {"user.contact.email"}),
                       field("note", {}), field("both", {"system.operations", "user.name"})};
  ir::Field group = field("address", {});
  group.fields = {field("zip", {"user.contact"}), field("kind", {"system.operations"})};
  collection.fields.push_back(group);
  collection.key = {{"id"}, {"email"}};
  const Value row = parsed(
      R"({"id":7,"email":"ada@example.com","note":"Ada","both":"x","address":{"zip":"1","kind":"k"},)"
      R"("unknown":["ada"],"n":5,"flag":true,"none":null})",
      arena);
  const std::string shown = value::to_json(shadow_row(collection.fields, row, keeper, arena));
  CHECK(shown.find("ada") == std::string::npos);
  CHECK(shown.find("Ada") == std::string::npos);
  CHECK(shown.find("\"id\":7") != std::string::npos);
  CHECK(shown.find("\"kind\":\"k\"") != std::string::npos);
  CHECK(shown.find("\"zip\":\"hash-") != std::string::npos);
  CHECK(shown.find("\"n\":\"hash-") != std::string::npos);
  CHECK(shown.find("\"flag\":true,\"none\":null") != std::string::npos);
  CHECK(shown_key(collection, row, keeper, arena) ==
        "{\"id\":7,\"email\":\"" + hidden("ada@example.com", keeper) + "\"}");
  CHECK(row_identity(collection, row, arena) == R"([7,"ada@example.com"])");
  CHECK(has_key(collection, row, arena));
  // Two rows whose key is missing are two rows.
  const Value one = parsed(R"({"id":7,"email":null,"n":1})", arena);
  const Value other = parsed(R"({"id":7,"n":2})", arena);
  CHECK_FALSE(has_key(collection, one, arena));
  CHECK(row_identity(collection, one, arena) != row_identity(collection, other, arena));
}

TEST_CASE("what became of a row") {
  struct Case {
    ActionKind kind;
    const char* row;  // null: not found
    const char* masked;
    Found found;
  };
  const Case cases[] = {
      {ActionKind::removal, nullptr, "", Found::gone},
      {ActionKind::removal, "{}", "", Found::still_there},
      {ActionKind::update, nullptr, R"({"a":null})", Found::gone},
      {ActionKind::update, R"({"a":null,"b":1})", R"({"a":null})", Found::masked},
      {ActionKind::update, R"({"a":"","b":1})", R"({"a":null})", Found::masked},
      {ActionKind::update, R"({"b":1})", R"({"a":null})", Found::masked},
      {ActionKind::update, R"({"a":"ada"})", R"({"a":null})", Found::still_there},
      {ActionKind::update, R"({"a":"X"})", R"({"a":"X"})", Found::masked},
      {ActionKind::update, R"({"a":"Y"})", R"({"a":"X"})", Found::still_there},
      {ActionKind::update, R"({"a":{"b":"X","c":1}})", R"({"a":{"b":"X"}})", Found::masked},
      {ActionKind::update, R"({"a":[{"b":"X"},{"b":"k"}]})", R"({"a":[{"b":"X"}]})", Found::masked},
      {ActionKind::update, R"({"a":[{"b":"Y"}]})", R"({"a":[{"b":"X"}]})", Found::still_there},
      {ActionKind::update, R"({"a":1})", "{}", Found::still_there},
  };
  for (const Case& one : cases) {
    CAPTURE(one.masked);
    value::Arena arena;
    std::optional<Value> row;
    if (one.row != nullptr) row = parsed(one.row, arena);
    CHECK(found_after(one.kind, row ? &*row : nullptr, one.masked, arena) == one.found);
  }
}

namespace {

ir::Connector connector_of(const std::vector<std::vector<std::uint32_t>>& parents,
                           const std::vector<std::vector<std::uint32_t>>& erase_after) {
  ir::Connector made;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    ir::Collection collection;
    for (const std::uint32_t parent : parents[i]) {
      ir::Source source;
      source.collection = ir::CollectionId{parent};
      collection.sources.push_back(source);
    }
    for (const std::uint32_t other : erase_after[i]) {
      collection.erase_after.push_back(ir::CollectionId{other});
    }
    made.collections.push_back(std::move(collection));
  }
  return made;
}

std::vector<std::uint32_t> sequence(const ir::Connector& connector) {
  std::vector<std::uint32_t> ids;
  for (const ir::CollectionId id : erasure_order(connector).sequence) ids.push_back(id.value);
  return ids;
}

using Ids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("children are erased before parents, unless erase_after says otherwise") {
  // 0 <- 1 <- 2
  CHECK(sequence(connector_of({{}, {0}, {1}}, {{}, {}, {}})) == Ids{2, 1, 0});
  CHECK(sequence(connector_of({{}, {}, {}}, {{}, {}, {}})) == Ids{0, 1, 2});
  CHECK(sequence(connector_of({{}, {}, {}}, {{2}, {}, {}})) == Ids{1, 2, 0});
  // The child says that it goes after its parent.
  CHECK(sequence(connector_of({{}, {0}}, {{}, {0}})) == Ids{0, 1});
  // A grandchild after its grandparent: "children first" holds as far as it doesn't contradict it.
  CHECK(sequence(connector_of({{}, {0}, {1}}, {{}, {}, {0}})) == Ids{1, 0, 2});
  const ErasureOrder order = erasure_order(connector_of({{}, {0}, {1}}, {{}, {}, {}}));
  CHECK(order.waits_for[0].size() == 2);
  CHECK(order.waits_for[2].empty());
}

namespace {

using Kind = ActionRecord::Kind;
ActionRecord intent(std::uint32_t request = 0) { return {Kind::intent, request, {}, ""}; }
ActionRecord outcome(Sent sent, std::uint32_t request = 0) {
  return {Kind::outcome, request, sent, ""};
}
ActionRecord settled(const char* state) { return {Kind::settled, 0, {}, state}; }
ActionRecord decided(const char* state) { return {Kind::decided, 0, {}, state}; }

Action action_of(std::vector<bool> repeatable, bool reread) {
  Action action;
  action.reread = reread;
  for (const bool one : repeatable) {
    PlannedRequest request;
    request.repeatable = one;
    action.requests.push_back(request);
  }
  return action;
}

}  // namespace

TEST_CASE("what a run does with what an earlier one left") {
  struct Case {
    const char* name;
    std::vector<ActionRecord> records;
    std::vector<bool> repeatable;
    bool reread, state_kept;
    Next next;
  };
  const Case cases[] = {
      {"never sent", {}, {false}, true, false, Next::send},
      {"confirmed", {intent(), outcome(Sent::confirmed)}, {false}, true, false, Next::finished},
      {"confirmed and settled",
       {intent(), outcome(Sent::confirmed), settled("done")},
       {true},
       true,
       false,
       Next::finished},
      {"skipped", {intent(), outcome(Sent::skipped)}, {false}, false, false, Next::finished},
      {"refused", {intent(), outcome(Sent::refused)}, {false}, false, false, Next::send},
      {"never left", {intent(), outcome(Sent::unsent)}, {false}, false, false, Next::send},
      {"drifted", {settled("drifted")}, {false}, true, false, Next::send},
      {"in doubt, readable", {intent()}, {false}, true, false, Next::look},
      {"in doubt, repeatable", {intent()}, {true}, false, false, Next::repeat},
      {"in doubt", {intent()}, {false}, false, false, Next::person},
      {"unknown", {intent(), outcome(Sent::unknown)}, {false}, false, false, Next::person},
      {"unknown, then refused",
       {intent(), outcome(Sent::unknown), intent(), outcome(Sent::refused)},
       {true},
       false,
       false,
       Next::send},
      {"a person says done", {intent(), decided("done")}, {false}, false, false, Next::finished},
      {"a person says again", {intent(), decided("again")}, {false}, false, false, Next::send},
      {"again, and in doubt again",
       {intent(), decided("again"), intent()},
       {false},
       false,
       false,
       Next::person},
      {"chain, first confirmed",
       {intent(0), outcome(Sent::confirmed, 0)},
       {false, true},
       false,
       true,
       Next::go_on},
      {"chain, first confirmed, its state lost",
       {intent(0), outcome(Sent::confirmed, 0)},
       {false, true},
       false,
       false,
       Next::person},
      {"chain, second in doubt, repeatable",
       {intent(0), outcome(Sent::confirmed, 0), intent(1)},
       {false, true},
       false,
       true,
       Next::repeat},
      {"chain, second in doubt, state lost",
       {intent(0), outcome(Sent::confirmed, 0), intent(1)},
       {false, true},
       false,
       false,
       Next::person},
      {"job pending",
       {intent(0), outcome(Sent::confirmed, 0), outcome(Sent::pending, 0)},
       {false},
       false,
       true,
       Next::go_on},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    CHECK(next_step(action_of(one.repeatable, one.reread), one.records, one.state_kept).next ==
          one.next);
  }
}

TEST_CASE("reading decides about what is in doubt only where it proves something") {
  const Action once = action_of({false}, true), repeatable = action_of({true}, true);
  CHECK(after_look(once, 0, Found::gone, false, true) == Looked::done);
  CHECK(after_look(once, 0, Found::gone, false, false) == Looked::person);
  CHECK(after_look(repeatable, 0, Found::gone, false, false) == Looked::again);
  CHECK(after_look(once, 0, Found::masked, false, false) == Looked::done);
  CHECK(after_look(once, 0, Found::still_there, true, true) == Looked::person);
  CHECK(after_look(repeatable, 0, Found::still_there, true, true) == Looked::again);
  CHECK(after_look(repeatable, 0, Found::still_there, false, true) == Looked::drifted);
}

TEST_CASE("which members of a row an action's request is made of") {
  const auto of_row = [](const std::string& name) {
    ir::Expr row, member;
    row.op = ir::Op::erased_row;
    member.op = ir::Op::member;
    member.text = name;
    member.kids.push_back(row);
    return member;
  };
  ir::Collection collection;
  collection.key = {{"id"}};
  collection.update.emplace();
  collection.update->request.emplace();
  collection.update->request->body = of_row("plan");
  const Depends update = depends_on(collection, ActionKind::update, R"({"email":null})");
  CHECK(update.members == std::set<std::string>{"email", "id", "plan"});
  CHECK_FALSE(update.on("seen"));
  SUBCASE("a delete replaces nothing") {
    collection.erase = collection.update;
    CHECK(depends_on(collection, ActionKind::removal, R"({"email":null})").members ==
          std::set<std::string>{"id", "plan"});
  }
  SUBCASE("the row as a whole") {
    collection.update->request->body = ir::Expr{ir::Op::erased_row, {}, {}, "", 0};
    CHECK(depends_on(collection, ActionKind::update, "{}").on("seen"));
    collection.update->request->body = ir::Expr{ir::Op::masked_row, {}, {}, "", 0};
    CHECK(depends_on(collection, ActionKind::update, "{}").on("seen"));
  }
}

TEST_CASE("one row is made of several contents, whichever came first") {
  struct Case {
    std::vector<std::string> contents;
    std::size_t first;
    std::string_view row;
  };
  const std::vector<Case> cases = {
      {{R"({"id":1, "a":1.0})"}, 0, R"({"id":1, "a":1.0})"},
      {{R"({"id":1,"a":1})", R"({"id":1,"b":2})"}, 0, R"({"id":1,"a":1,"b":2})"},
      {{R"({"id":1,"a":null})", R"({"id":1,"a":2})"}, 0, R"({"id":1,"a":2})"},
      {{R"({"a":"x"})", R"({"a":"y"})"}, 0, R"({"a":"x"})"},
      {{R"({"a":"x"})", R"({"a":"y"})"}, 1, R"({"a":"y"})"},
      {{R"({"a":{"b":1}})", R"({"a":{"b":2,"c":3}})"}, 0, R"({"a":{"b":1,"c":3}})"},
      {{R"({"a":[]})", R"({"a":[1]})"}, 0, R"({"a":[]})"},
      {{R"({"a":9007199254740993})", R"({"b":1e400})"}, 0, R"({"a":9007199254740993,"b":1e400})"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.row);
    CHECK(merged_row(one.contents, one.first) == one.row);
  }
}
