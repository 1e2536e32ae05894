#include "interpreter/privacy/policy.hh"

#include <doctest/doctest.h>

#include "interpreter/privacy/category.hh"
#include "tests/unit/privacy/support.hh"

namespace fconn::privacy {
namespace {

TEST_CASE("a category covers by segments") {
  struct Case {
    std::string_view target, category;
    bool covered;
  };
  const Case cases[] = {
      {"user", "user", true},
      {"user", "user.contact.email", true},
      {"user.contact", "user.contact.email", true},
      {"user.contact.email", "user.contact.email", true},
      {"user.contact", "user.contacts", false},
      {"user.name", "user.name_extra", false},
      {"user.contact.email", "user.contact", false},
      {"user.contact.", "user.contact.email", false},
      {"", "user", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.target);
    CAPTURE(c.category);
    CHECK(covers(c.target, c.category) == c.covered);
  }
}

TEST_CASE("how categories are written") {
  for (const std::string_view good : {"user", "user.contact_2.email", "a"}) {
    CAPTURE(good);
    CHECK(well_formed_category(good));
  }
  for (const std::string_view bad : {"", ".", "user.", ".user", "a..b", "User", "user contact"}) {
    CAPTURE(bad);
    CHECK(!well_formed_category(bad));
  }
}

TEST_CASE("masks written inline") {
  struct Case {
    std::string_view text;
    Strategy strategy;
    std::string_view argument;  // what it gives: text, digest or length
  };
  const Case good[] = {
      {"null", Strategy::null_value, ""},        {"string:", Strategy::string, ""},
      {"string:a:b", Strategy::string, "a:b"},   {"hash", Strategy::hash, "sha256"},
      {"hash:sha512", Strategy::hash, "sha512"}, {"hash:SHA-512", Strategy::hash, "sha512"},
      {"hmac:sha256", Strategy::hmac, "sha256"}, {"random", Strategy::random, "30"},
      {"random:8", Strategy::random, "8"},       {"aes", Strategy::aes, ""},
      {"preserve", Strategy::preserve, ""},
  };
  for (const Case& c : good) {
    CAPTURE(c.text);
    const auto mask = parse_mask(c.text);
    REQUIRE(mask);
    CHECK(mask->strategy == c.strategy);
    if (c.strategy == Strategy::string) CHECK(mask->text == c.argument);
    if (c.strategy == Strategy::hash) CHECK(name(mask->digest) == c.argument);
    if (c.strategy == Strategy::random) CHECK(std::to_string(mask->length) == c.argument);
  }
  for (const std::string_view bad : {"", "nul", "string", "hash:md5", "random:0", "random:x",
                                     "random:10001", "null:x", "aes:gcm", "preserve:"}) {
    CAPTURE(bad);
    CHECK(!parse_mask(bad));
  }
}

TEST_CASE("the most special target and the first category count") {
  Policy policy;
  policy.targets = {"user", "user.contact", "system"};
  const std::vector<std::string> categories = {"other", "user.contact.email", "system.operations"};
  const auto found = targeted_by(policy, categories);
  REQUIRE(found);
  CHECK(found->category == "user.contact.email");
  CHECK(found->target == "user.contact");
  CHECK(!targeted_by(policy, std::vector<std::string>{"users"}));
}

TEST_CASE("deleting is preferred by the connector, the policy, or the policy for a collection") {
  ir::Collection collection;
  collection.name = "orders";
  Policy policy;
  CHECK(!prefers_delete(policy, "shop", collection));
  policy.prefer_delete_for = {{"shop", "orders"}};
  CHECK(prefers_delete(policy, "shop", collection));
  CHECK(!prefers_delete(policy, "other", collection));
  policy = {};
  policy.prefer_delete = true;
  CHECK(prefers_delete(policy, "shop", collection));
  policy = {};
  collection.prefer_delete = true;
  CHECK(prefers_delete(policy, "shop", collection));
}

TEST_CASE("holds as they are written") {
  const auto collection = parse_hold("shop.orders");
  REQUIRE(collection);
  CHECK(collection->kind == HoldKind::collection);
  CHECK(concerns(*collection, "shop", "orders"));
  CHECK(!concerns(*collection, "shop", "customers"));
  const auto instance = parse_hold(" shop ");
  REQUIRE(instance);
  CHECK(concerns(*instance, "shop", "customers"));
  CHECK(!concerns(*instance, "shops", "customers"));
  const auto rows = parse_hold("shop.orders where .status == 'legal'");
  REQUIRE(rows);
  CHECK(rows->kind == HoldKind::rows);
  CHECK(rows->where == ".status == 'legal'");
  CHECK(rows->text.substr(rows->where_at) == rows->where);
  const auto identity = parse_hold("identity email == 'Ada@example.com'");
  REQUIRE(identity);
  CHECK(holds_identity(*identity, "email", "ada@EXAMPLE.com"));
  CHECK(!holds_identity(*identity, "email", "ada@example.org"));
  CHECK(!holds_identity(*identity, "phone", "ada@example.com"));
  CHECK(!concerns(*identity, "shop", "orders"));
  for (const std::string_view bad :
       {"", "shop.", ".orders", "shop.orders where ", "shop where .x", "shop orders",
        "identity email", "identity email == ada", "identity == 'x'", "identity email == ''"}) {
    CAPTURE(bad);
    CHECK(!parse_hold(bad));
  }
}

ir::Expr leaf(ir::Op op, std::string text = {}, std::int64_t number = 0) {
  ir::Expr expr;
  expr.op = op;
  expr.text = std::move(text);
  expr.number = number;
  return expr;
}

/// `.status == 'legal'`
std::shared_ptr<const RowCondition> legal_condition() {
  ir::Expr status = leaf(ir::Op::member, "status");
  status.kids = {leaf(ir::Op::local)};
  ir::Expr equal = leaf(ir::Op::equal);
  equal.kids = {status, leaf(ir::Op::string, "legal")};
  return std::make_shared<const RowCondition>(
      RowCondition{std::make_shared<const ir::Connector>(), equal, 1});
}

TEST_CASE("a row is held by its condition, and when that can't be decided") {
  test::FixedClock clock;
  test::FixedRandom random;
  std::vector<Hold> holds = {*parse_hold("shop.orders where .status == 'legal'")};
  holds.front().condition = legal_condition();
  CollectionHolds orders(holds, "shop", "orders", clock, random);
  CHECK(!orders.empty());
  CHECK(orders.whole() == nullptr);
  CHECK(orders.row(R"({"status":"legal"})").has_value());
  CHECK(!orders.row(R"({"status":"open"})").has_value());
  CHECK(!orders.row(R"({})").has_value());
  CHECK(CollectionHolds(holds, "shop", "customers", clock, random).empty());

  ir::Expr number = leaf(ir::Op::integer, {}, 1);
  holds.front().condition = std::make_shared<const RowCondition>(
      RowCondition{std::make_shared<const ir::Connector>(), number, 1});
  CollectionHolds undecided(holds, "shop", "orders", clock, random);
  const auto why = undecided.row("{}");
  REQUIRE(why);
  CHECK(why->find("can't be decided") != std::string::npos);

  holds.front().condition = nullptr;
  CHECK(CollectionHolds(holds, "shop", "orders", clock, random).row("{}").has_value());

  const std::vector<Hold> all = {*parse_hold("shop")};
  CollectionHolds everything(all, "shop", "orders", clock, random);
  REQUIRE(everything.whole() != nullptr);
  CHECK(everything.row("{}").has_value());
}

}  // namespace
}  // namespace fconn::privacy
