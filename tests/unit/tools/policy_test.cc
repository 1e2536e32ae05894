#include "tools/fconn/policy.hh"

#include <doctest/doctest.h>

#include <cstdlib>

namespace fconn::cli {
namespace {

constexpr const char* project_text = R"(
[instances.mail]
connector = "mailchimp"
[policies.forget]
targets       = ["user.contact", "user.name"]
mask          = { strategy = "hash", algorithm = "sha512", salt = { env = "FCONN_TEST_SALT" }, suffix = "@x" }
scope         = "all"
prefer_delete = ["mail.member"]
hold          = ["mail.member where .status matches \"^leg\"", "mail", "identity email == 'x@y.z'"]
[policies.forget.overrides]
"user.contact.email"           = { strategy = "string", value = "gone" }
"mail:member.merge_fields.FNAME" = { strategy = "random", length = 7 }
[policies.elsewhere]
targets = ["user.financial"]
[policies.broken]
targets = ["user"]
hold    = ["mail.members", "mail.member where .a +", "nowhere"]
)";

struct World {
  World() : read(config::read("fconn.toml", project_text, sources)) {
    Problem problem;
    targets.push_back(load(*resolve_target("instance:mail", &read.project, problem)));
    REQUIRE(targets.front().connector);
  }
  PolicyRead policy(const RunArgs& args, PolicyUse use) const {
    return read_policy(args, use, &read.project, targets);
  }

  grammar::SourceMap sources;
  config::Read read;
  std::vector<Loaded> targets;
};

TEST_CASE("a policy of the file") {
  const World world;
  REQUIRE(world.read.diagnostics.empty());
  RunArgs args;
  args.policy = "forget";
  ::unsetenv("FCONN_TEST_SALT");
  const PolicyRead lacking = world.policy(args, PolicyUse::erase);
  CHECK(!lacking.policy);
  REQUIRE(lacking.problems.size() == 1);
  CHECK(lacking.problems[0].text.find("FCONN_TEST_SALT") != std::string::npos);
  // Access masks nothing, so it needs no salt.
  CHECK(world.policy(args, PolicyUse::access).policy.has_value());

  ::setenv("FCONN_TEST_SALT", "salty", 1);
  const PolicyRead read = world.policy(args, PolicyUse::erase);
  REQUIRE(read.policy);
  CHECK(read.warnings.empty());
  const privacy::Policy& policy = *read.policy;
  CHECK(policy.name == "forget");
  CHECK(policy.targets == std::vector<std::string>{"user.contact", "user.name"});
  CHECK(policy.mask.strategy == privacy::Strategy::hash);
  CHECK(policy.mask.digest == privacy::Digest::sha512);
  CHECK(policy.mask.suffix == "@x");
  REQUIRE(policy.mask.salt);
  CHECK(policy.mask.salt->reveal() == "salty");
  CHECK(policy.scope == privacy::Scope::all);
  REQUIRE(policy.category_overrides.size() == 1);
  CHECK(policy.category_overrides[0].mask.text == "gone");
  REQUIRE(policy.field_overrides.size() == 1);
  CHECK(policy.field_overrides[0].instance == "mail");
  CHECK(policy.field_overrides[0].collection == "member");
  CHECK(policy.field_overrides[0].path == "merge_fields.FNAME");
  CHECK(policy.field_overrides[0].mask.length == 7);
  REQUIRE(policy.prefer_delete_for.size() == 1);
  CHECK(policy.prefer_delete_for[0].collection == "member");
  REQUIRE(policy.holds.size() == 3);
  CHECK(policy.holds[0].condition != nullptr);
  CHECK(policy.holds[1].kind == privacy::HoldKind::instance);
  CHECK(policy.holds[2].identity == "email");
}

TEST_CASE("inline, and what makes no sense") {
  struct Case {
    std::string_view about;
    PolicyUse use;
    RunArgs args;
    bool policy;
    std::string_view says;
  };
  const auto args = [](std::optional<std::string> policy, std::vector<std::string> targets,
                       std::optional<std::string> mask, std::optional<std::string> scope) {
    RunArgs out;
    out.policy = std::move(policy);
    out.targets_of_policy = std::move(targets);
    out.mask = std::move(mask);
    out.scope = std::move(scope);
    return out;
  };
  using Use = PolicyUse;
  const Case cases[] = {
      {"nothing said", Use::access, args({}, {}, {}, {}), false, ""},
      {"an erasure without a policy", Use::erase, args({}, {}, {}, {}), false, "no policy"},
      {"a target alone masks with null", Use::erase, args({}, {"user"}, {}, {}), true, ""},
      {"a mask without a target", Use::erase, args({}, {}, "null", {}), false, "no policy"},
      {"a bad mask", Use::erase, args({}, {"user"}, "md5", {}), false, "--mask: there is no"},
      {"a bad category", Use::erase, args({}, {"User"}, {}, {}), false, "isn't written like"},
      {"one that nothing has", Use::access, args({}, {"user.nmae"}, {}, {}), true, "user.nmae"},
      {"access masks nothing", Use::access, args({}, {"user"}, "null", {}), false, "--mask says"},
      {"a policy that isn't there", Use::erase, args("forgot", {}, {}, {}), false,
       "no policy 'forgot'"},
      {"both", Use::erase, args("forget", {"user"}, {}, {}), false, "exclude each other"},
      {"one that reaches nothing", Use::access, args("elsewhere", {}, {}, {}), true, "elsewhere"},
      {"holds of what isn't there", Use::erase, args("broken", {}, {}, {}), false, "members"},
  };
  const World world;
  ::setenv("FCONN_TEST_SALT", "salty", 1);
  for (const Case& c : cases) {
    CAPTURE(c.about);
    const PolicyRead read = world.policy(c.args, c.use);
    CHECK(read.policy.has_value() == c.policy);
    std::string said;
    for (const Problem& one : read.problems) said += one.text + "\n";
    for (const Problem& one : read.warnings) said += one.text + "\n";
    CAPTURE(said);
    CHECK(c.says.empty() == said.empty());
    CHECK(said.find(c.says) != std::string::npos);
  }
  RunArgs inline_args = args({}, {"user"}, "hmac:sha512", "all");
  const PolicyRead read = world.policy(inline_args, Use::erase);
  REQUIRE(read.policy);
  CHECK(read.policy->mask.strategy == privacy::Strategy::hmac);
  CHECK(read.policy->scope == privacy::Scope::all);
}

TEST_CASE("every hold that names what isn't there is said") {
  const World world;
  RunArgs args;
  args.policy = "broken";
  CHECK(world.policy(args, PolicyUse::erase).problems.size() == 3);
}

}  // namespace
}  // namespace fconn::cli
