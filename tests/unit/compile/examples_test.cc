#include <doctest/doctest.h>

#include "tests/unit/compile/support.hh"

using namespace fconn;
using namespace fconn::compile::test;

namespace {

const std::string examples = FCONN_ROOT "/tests/fuzz/corpus/parse/";

void check_example(const std::string& name) {
  const std::string text = read_file(examples + name);
  REQUIRE(!text.empty());
  const Result result = compile_text(text);
  CHECK(result.mistakes() == "");
  REQUIRE(result.compiled.ir != nullptr);
  const auto valid = ir::validate(*result.compiled.ir);
  CHECK((valid ? "" : valid.error().text) == "");
}

}  // namespace

TEST_CASE("the design's examples compile without a word") {
  for (const char* name : {"marigold_engage.fconn", "microsoft_advertising.fconn",
                           "oracle_responsys.fconn", "snap.fconn"}) {
    SUBCASE(name) { check_example(name); }
  }
}
