#include "tools/export/simplify.hh"

#include <doctest/doctest.h>

#include "grammar/parse.hh"

namespace fconn::exporter {
namespace {

/// The text that an expression comes to; "?" where it waits for a value.
std::string text_of(const std::string& expr) {
  grammar::SourceMap sources;
  const auto file =
      sources.add("test", "fn it() = " + expr +
                              "\nfn twice(text) = \"{text}{text}\""
                              "\nfn wrapped(found, list) = join([\"<{x}{found}>\" for x in "
                              "list], \",\")"
                              "\nfn endless(x) = endless(x)\n");
  const grammar::Parsed parsed = grammar::parse(sources, file);
  REQUIRE(parsed.diagnostics.empty());
  const FunctionOf function_of = [&](const grammar::CallExpr& call) -> const grammar::FnDecl* {
    for (const grammar::Decl& item : parsed.ast.items) {
      const auto* one = std::get_if<grammar::FnDecl>(&item.node);
      if (one != nullptr && one->name.text == call.callee.text) return one;
    }
    return nullptr;
  };
  const auto& it = std::get<grammar::FnDecl>(parsed.ast.items.front().node);
  const Expr out = simplified(it.body.front(), {}, function_of);
  if (const auto number = whole_number(out)) return *number;
  return constant(out).value_or("?");
}

}  // namespace

TEST_CASE("what is known before a run is worked out") {
  CHECK(text_of(R"("a" + "b")") == "ab");
  CHECK(text_of(R"("{1}{true}{"x"}")") == "1truex");
  CHECK(text_of("2 * 3 + 1") == "7");
  CHECK(text_of(R"(upper("a") | twice)") == "AA");
  CHECK(text_of(R"(join(["{n}!" for n in ["a", "b", ...["c"]] if n != "b"], " "))") == "a! c!");
  CHECK(text_of(R"(if 1 > 2 then email else "no")") == "no");
  CHECK(text_of(R"(null ?? "x")") == "x");
  CHECK(text_of(R"({ a: "x", ...{ a: "y" } }.a)") == "y");
  CHECK(text_of(R"({ [lower("A")]: "x" }.a)") == "x");
  CHECK(text_of(R"(wrapped("!", ["a", "b"]))") == "<a!>,<b!>");
}

TEST_CASE("what waits for a value stays") {
  for (const char* const expr :
       {"email", "lower(email)", "uuid()", "now()", "random_string(3)", "\"a{email}\"",
        "if email == null then \"a\" else \"b\"", "[x for x in row.list]", "endless(\"x\")",
        "{ ...row, a: \"x\" }.a", "email ?? \"x\"", ".a"}) {
    CAPTURE(expr);
    CHECK(text_of(expr) == "?");
  }
}

TEST_CASE("a function's own names catch none of its caller's") {
  // `x` here is the caller's, and the function binds an `x` itself.
  CHECK(text_of(R"(join([wrapped(x, ["1"]) for x in ["a", "b"]], ";"))") == "<1a>;<1b>");
}

}  // namespace fconn::exporter
