#include "tools/fconn/options.hh"

#include <doctest/doctest.h>

#include "tools/fconn/help_text.hh"

namespace fconn::cli {
namespace {

struct Parsed {
  std::vector<std::string> targets, params;
  std::optional<std::string> out;
  Common common;
  std::optional<Problem> problem;
};

Parsed parse(const std::vector<std::string>& arguments) {
  Parsed out;
  OptionSet set;
  set.positional("TARGET", out.targets, "", Complete::target, true);
  set.list("param", "NAME=VALUE", out.params, "A parameter.");
  set.value("out", "FILE", out.out, "Where.").short_name = 'o';
  set.add_common(out.common);
  out.problem = parse_options(set, arguments);
  return out;
}

TEST_CASE("options and targets may be mixed, and no option eats a target") {
  const Parsed got = parse({"--param", "a=1", "x", "-o", "f", "--param=b=[1,2]", "y", "-vv", "-"});
  REQUIRE_FALSE(got.problem);
  CHECK(got.targets == std::vector<std::string>{"x", "y", "-"});
  CHECK(got.params == std::vector<std::string>{"a=1", "b=[1,2]"});
  CHECK(got.out == "f");
  CHECK(got.common.verbose == 2);
  CHECK_FALSE(got.common.json);
}

TEST_CASE("values keep every sign") {
  const Parsed got = parse({"--param", "a=[\"x\", \"y\"]", "--param", "b= é {}\n", "--", "-odd"});
  REQUIRE_FALSE(got.problem);
  CHECK(got.params == std::vector<std::string>{"a=[\"x\", \"y\"]", "b= é {}\n"});
  CHECK(got.targets == std::vector<std::string>{"-odd"});
}

TEST_CASE("mistakes are named, with the likely fix") {
  CHECK(parse({"--parm", "a=1"}).problem->help == "did you mean '--param'?");
  CHECK(parse({"--out"}).problem->text == "--out needs a value: FILE");
  CHECK(parse({"--out", "a", "--out", "b"}).problem->text == "--out is given more than once");
  CHECK(parse({"--color", "pink"}).problem->text == "--color can't be 'pink'");
  CHECK(parse({"--json=maybe"}).problem->text == "--json takes no value");
}

TEST_CASE("every verb documents itself and each of its options") {
  for (const VerbInfo& verb : verbs()) {
    CAPTURE(verb.name);
    const Declared declared = declare_verb(verb);
    CHECK(verb.summary.ends_with("."));
    CHECK_FALSE(verb.examples.empty());
    for (const Option& option : declared.options.options()) {
      CAPTURE(option.name);
      CHECK_FALSE(option.help.empty());
      const bool labelled =
          option.positional || !option.takes_value() || !option.placeholder.empty();
      CHECK(labelled);
    }
    CHECK(help_text(verb, declared.options).find("Examples:") != std::string::npos);
    CHECK(man_page(&verb).starts_with(".TH fconn-" + std::string(verb.name)));
  }
}

}  // namespace
}  // namespace fconn::cli
