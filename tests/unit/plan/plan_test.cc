#include <doctest/doctest.h>

#include "interpreter/plan/plan.hh"
#include "tests/unit/plan/sample.hh"

namespace fconn::plan {
namespace {

using test::shop;

struct Case {
  std::string_view about;
  Goal goal;
  std::string_view text;
};

void check_all(const ir::Connector& connector, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.about);
    CHECK(dump(connector, plan(connector, c.goal)) == c.text);
  }
}

TEST_CASE("access: by identities and externals") {
  check_all(shop(),
            {
                {"one identity, no external",
                 {Action::access, {"email"}, {}, {}},
                 R"(plan access
  customer
    read 1
  order from customer
    read 1
  event
    read 1
  visit
    read 1 skipped: no identity: needs email and user_id (given: email)
    read 2
  delivery skipped: no values for external `delivery_id`
  pair from order, delivery skipped: its input `delivery` is skipped
  both from customer
  newsletter (no output) skipped: only erased, never read
reasons
  customer: reaches identity email
  order: reaches identity email through `customer`
  event: needs no identity
  visit: needs no identity
  delivery: no values for external `delivery_id`
  pair: its input `delivery` is skipped
  both: reaches identity email through `customer`
  newsletter: only erased, never read
)"},
                {"an identity that nothing reads, an external",
                 {Action::access, {"user_id"}, {}, {"delivery_id"}},
                 R"(plan access
  customer skipped: no identity: needs email or phone_number (given: user_id)
  order from customer skipped: its input `customer` is skipped
  event
    read 1
  visit
    read 1 skipped: no identity: needs email and user_id (given: user_id)
    read 2
  delivery
    read 1
  pair from order, delivery skipped: its input `order` is skipped
  both from customer skipped: its input `customer` is skipped
  newsletter (no output) skipped: only erased, never read
reasons
  customer: no identity: needs email or phone_number (given: user_id)
  order: its input `customer` is skipped
  event: needs no identity
  visit: needs no identity
  delivery: needs no identity
  pair: its input `order` is skipped
  both: its input `customer` is skipped
  newsletter: only erased, never read
)"},
                {"all of them",
                 {Action::access, {"email", "phone_number", "user_id"}, {}, {"delivery_id"}},
                 R"(plan access
  customer
    read 1
  order from customer
    read 1
  event
    read 1
  visit
    read 1
    read 2
  delivery
    read 1
  pair from order, delivery
    read 1
  both from customer
  newsletter (no output) skipped: only erased, never read
reasons
  customer: reaches identities email, phone_number
  order: reaches identities email, phone_number through `customer`
  event: needs no identity
  visit: reaches identities email, user_id
  delivery: needs no identity
  pair: reaches identities email, phone_number through `customer`, `order`
  both: reaches identities email, phone_number through `customer`
  newsletter: only erased, never read
)"},
            });
}

TEST_CASE("only some collections, and what they need") {
  check_all(shop(), {
                        {"a child",
                         {Action::access, {"email"}, {"order"}, {}},
                         R"(plan access
  customer (no output)
    read 1
  order from customer
    read 1
reasons
  customer: reaches identity email; only needed by `order`
  order: reaches identity email through `customer`
  event: not asked for
  visit: not asked for
  delivery: not asked for
  pair: not asked for
  both: not asked for
  newsletter: not asked for
)"},
                        {"a grandchild and its parent",
                         {Action::access, {"email"}, {"pair", "order"}, {"delivery_id"}},
                         R"(plan access
  customer (no output)
    read 1
  order from customer
    read 1
  delivery (no output)
    read 1
  pair from order, delivery
    read 1
reasons
  customer: reaches identity email; only needed by `order`
  order: reaches identity email through `customer`
  event: not asked for
  visit: not asked for
  delivery: needs no identity; only needed by `pair`
  pair: reaches identity email through `customer`, `order`
  both: not asked for
  newsletter: not asked for
)"},
                    });
}

TEST_CASE("read uses no identity, erase wants what erases, consent wants none") {
  check_all(shop(), {
                        {"read",
                         {Action::read, {"email"}, {"customer", "visit"}, {}},
                         R"(plan read
  customer skipped: no identity: needs email or phone_number, and `read` uses none
  visit
    read 1 skipped: no identity: needs email and user_id, and `read` uses none
    read 2
reasons
  customer: no identity: needs email or phone_number, and `read` uses none
  order: not asked for
  event: not asked for
  visit: needs no identity
  delivery: not asked for
  pair: not asked for
  both: not asked for
  newsletter: not asked for
)"},
                        {"erase",
                         {Action::erase, {"email"}, {}, {}},
                         R"(plan erase
  customer (no output)
    read 1
  order from customer
    read 1
  event (no output) skipped: has neither update nor delete
  visit (no output) skipped: has neither update nor delete
  delivery (no output) skipped: has neither update nor delete
  pair from order, delivery (no output) skipped: has neither update nor delete
  both from customer (no output) skipped: has neither update nor delete
  newsletter
reasons
  customer: reaches identity email; only needed by `order`
  order: reaches identity email through `customer`
  event: has neither update nor delete
  visit: has neither update nor delete
  delivery: has neither update nor delete
  pair: has neither update nor delete
  both: has neither update nor delete
  newsletter: reaches identity email
)"},
                        {"erase without an identity",
                         {Action::erase, {}, {"newsletter"}, {}},
                         R"(plan erase
  newsletter skipped: no identity: needs email (given: none)
reasons
  customer: not asked for
  order: not asked for
  event: not asked for
  visit: not asked for
  delivery: not asked for
  pair: not asked for
  both: not asked for
  newsletter: no identity: needs email (given: none)
)"},
                        {"consent",
                         {Action::consent, {"email"}, {"order"}, {}},
                         R"(plan consent
reasons
  customer: consent reads no collections
  order: consent reads no collections
  event: consent reads no collections
  visit: consent reads no collections
  delivery: consent reads no collections
  pair: consent reads no collections
  both: consent reads no collections
  newsletter: consent reads no collections
)"},
                    });
}

TEST_CASE("consents of a direction, for every purpose or for some") {
  ir::Connector connector = test::empty_shop();
  connector.consents = {{"opt_in", "", test::chain({{0}})},
                        {"opt_out", "", test::chain({{0}})},
                        {"opt_out", "ads", test::chain({{1}, {2}})},
                        {"opt_out", "calls", test::chain({})}};
  const auto planned = [&](std::set<std::string> purposes) {
    Goal goal;
    goal.action = Action::consent;
    goal.identities = {"email"};
    goal.direction = "opt_out";
    goal.purposes = std::move(purposes);
    return dump(connector, plan(connector, goal));
  };
  CHECK(planned({}) == R"(plan consent
  consent opt_out
  consent opt_out for ads skipped: no identity: needs phone_number or user_id (given: email)
  consent opt_out for calls
reasons
)");
  CHECK(planned({"calls", "unknown"}) == R"(plan consent
  consent opt_out for calls
reasons
)");
}

TEST_CASE("what nobody wants is read as far as others need it") {
  Goal goal{Action::access, {"email"}, {"order", "event"}, {}};
  goal.left_out = {{"event", "nothing of it is wanted"}, {"customer", "nor of this"}};
  const auto planned = plan(shop(), goal);
  CHECK(dump(shop(), planned) == R"(plan access
  customer (no output)
    read 1
  order from customer
    read 1
  event (no output) skipped: nothing of it is wanted
reasons
  customer: reaches identity email; only needed by `order`
  order: reaches identity email through `customer`
  event: nothing of it is wanted
  visit: not asked for
  delivery: not asked for
  pair: not asked for
  both: not asked for
  newsletter: not asked for
)");
  goal.collections.clear();
  const auto all = plan(shop(), goal);
  CHECK(all.plan.collections[0].runs);
  CHECK(!all.plan.collections[0].output);
  CHECK(all.plan.collections[0].left_out == "nor of this");
}

TEST_CASE("edges of the rules") {
  SUBCASE("an empty alternative needs nothing") {
    ir::Connector connector = test::empty_shop();
    connector.collections = {test::collection("a", {}, {test::read({{0}, {}})})};
    CHECK(plan(connector, {}).plan.collections[0].runs);
  }
  SUBCASE("emit runs although no read can") {
    ir::Connector connector = test::empty_shop();
    connector.collections = {test::collection("a", {}, {test::read({{0}})})};
    connector.collections[0].emit = ir::Expr{};
    const Planned planned = plan(connector, {});
    CHECK(planned.plan.collections[0].runs);
    CHECK_FALSE(planned.plan.collections[0].reads[0].runs);
  }
  SUBCASE("what has nothing to read and nothing to erase says so") {
    ir::Connector connector = test::empty_shop();
    connector.collections = {test::collection("a", {}, {})};
    const Planned planned = plan(connector, {});
    CHECK(planned.plan.collections[0].skip_reason == "has neither read nor emit");
    CHECK_FALSE(planned.plan.collections[0].output);
  }
  SUBCASE("an identity that only keep mentions is reached") {
    ir::Connector connector = test::empty_shop();
    connector.collections = {test::collection("a", {}, {test::read({})})};
    connector.collections[0].reads[0].chain.keep_identities = {{0}};
    CHECK(plan(connector, {Action::access, {"email"}, {}, {}}).reasons[0].text ==
          "reaches identity email");
    CHECK(plan(connector, {}).reasons[0].text == "needs no identity");
  }
  SUBCASE("the needs of several reads are named once each") {
    ir::Connector connector = test::empty_shop();
    connector.collections = {
        test::collection("a", {}, {test::read({{0}}), test::read({{0}, {1, 2}})})};
    CHECK(plan(connector, {}).plan.collections[0].skip_reason ==
          "no identity: needs email or phone_number and user_id (given: none)");
  }
  SUBCASE("two bindings of one parent are one parent") {
    ir::Connector connector = test::empty_shop();
    connector.collections = {test::collection("a", {}, {test::read({})}),
                             test::collection("b", {0, 0}, {test::read({})})};
    CHECK(plan(connector, {}).plan.collections[1].parents.size() == 1);
  }
}

}  // namespace
}  // namespace fconn::plan
