// Every example in the table of library functions is compiled, evaluated and must be true.
#include <doctest/doctest.h>

#include "interpreter/compile/compile.hh"
#include "tests/unit/eval/support.hh"

using namespace eval_test;

TEST_CASE("the examples of the library functions hold") {
  for (const fconn::eval::Intrinsic& function : fconn::eval::intrinsics()) {
    for (const std::string_view example : function.examples) {
      CAPTURE(example);
      fconn::grammar::SourceMap sources;
      const auto file = sources.add("example", std::string(example));
      const auto compiled = fconn::compile::compile_expression(file, sources);
      std::string complaint;
      for (const auto& diagnostic : compiled.diagnostics) complaint += diagnostic.text + "\n";
      CAPTURE(complaint);
      REQUIRE(compiled.expr.has_value());
      World world;
      world.locals.resize(compiled.locals);
      CHECK(world.shown(*compiled.expr) == "true");
    }
  }
}

TEST_CASE("each function has an example that names it") {
  for (const fconn::eval::Intrinsic& function : fconn::eval::intrinsics()) {
    CAPTURE(function.name);
    const std::string call = std::string(function.name) + "(";
    for (const std::string_view example : function.examples) {
      CHECK(example.find(call) != std::string_view::npos);
    }
  }
}
