#include <doctest/doctest.h>

#include "tools/fconn/connector_text.hh"
#include "tools/fconn/process.hh"

namespace fconn::cli {
namespace {

TEST_CASE("a difference shows what encloses it") {
  const std::string before = "connector a\n  client\n    base x\n  check\n";
  const std::string after = "connector a\n  client\n    base y\n  check\n  more\n";
  CHECK(line_diff(before, after) ==
        "  connector a\n    client\n-     base x\n+     base y\n+   more\n");
  CHECK(line_diff(before, before).empty());
}

TEST_CASE("a program's output, or why there is none") {
  const auto echoed = run_program({"cat"}, std::string(200'000, 'x'), 1'000'000);
  REQUIRE(echoed);
  CHECK(echoed->size() == 200'000);
  const auto failed = run_program({"false"}, "", 10);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().text == "the command 'false' ended with status 1");
  CHECK_FALSE(run_program({"no-such-program-anywhere"}, "", 10));
  CHECK_FALSE(run_program({"cat"}, std::string(5000, 'x'), 100));
  CHECK_FALSE(run_program({}, "", 10));
}

}  // namespace
}  // namespace fconn::cli
