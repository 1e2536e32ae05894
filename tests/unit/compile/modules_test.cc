#include <doctest/doctest.h>

#include "tests/unit/compile/support.hh"

using namespace fconn;
using namespace fconn::compile::test;

namespace {

const std::string base_text = R"(connector shop "Shop" {
  version "1.0.0"
  param   domain: host
  param   size: int = 10
  client  {
    base "https://{domain}"
    retry on 429
    rate 10/s
  }
  collection users {
    read GET /users { query { size: size } }
    delete DELETE /users/{row.id}
    fields { id: string key }
  }
  collection tickets { read GET /tickets }
}
fn helper(x) = x | lower
)";

MemoryResolver with_base() {
  MemoryResolver resolver;
  resolver.connectors["shop"] = base_text;
  return resolver;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a used file gives functions and strategies, and only its own") {
  MemoryResolver resolver;
  resolver.files["lib.fconn"] =
      "use \"inner.fconn\"\nfn twice(x) = join([x, inner(x)], \"\")\n"
      "auth keyed(k) { headers { X-Key: k } }\n";
  resolver.files["inner.fconn"] = "fn inner(x) = x | upper\n";
  const std::string good = R"(use "lib.fconn"
connector a {
  secret k
  client { base "https://a.example"  auth keyed(k) }
  check GET /x { query { t: twice("a") } }
})";
  const Result result = compile_text(good, resolver);
  CHECK(result.mistakes() == "");
  CHECK(contains(result.dump(), "twice"));
  const std::string bad = R"(use "lib.fconn"
connector a {
  client { base "https://a.example" }
  check GET /x { query { t: inner("a") } }
})";
  CHECK(contains(compile_text(bad, resolver).mistakes(), "F0202 `inner`"));
}

TEST_CASE("modules that can't be used are reported") {
  MemoryResolver resolver;
  resolver.files["a.fconn"] = "use \"b.fconn\"\nfn a(x) = x\n";
  resolver.files["b.fconn"] = "use \"a.fconn\"\nfn b(x) = x\n";
  resolver.files["c.fconn"] = "connector c { client { base \"https://c.example\" } }\n";
  resolver.files["d.fconn"] = "fn twin(x) = x\n";
  CHECK(contains(compile_text("use \"a.fconn\"", resolver).mistakes(),
                 "these files use each other: a.fconn -> b.fconn -> a.fconn"));
  CHECK(contains(compile_text("use \"c.fconn\"", resolver).mistakes(), "F0503 `connector`"));
  CHECK(
      contains(compile_text("use \"none.fconn\"", resolver).mistakes(), "F0501 `\"none.fconn\"`"));
  CHECK(contains(compile_text("use \"d.fconn\"\nfn twin(x) = x", resolver).mistakes(), "F0204"));
  CHECK(contains(compile_text("connector a {}\nconnector b {}", resolver).mistakes(), "F0506 `b`"));
}

TEST_CASE("a library file is checked and gives no connector") {
  const Result result = compile_text("fn f(x) = x\npagination p(x) { next url x }");
  CHECK(result.mistakes() == "");
  CHECK(result.compiled.ir == nullptr);
}

TEST_CASE("an overlay replaces, adds and removes") {
  const std::string text = R"(connector our_shop extends shop {
  param  size: int = 50
  client { rate 2/s }
  collection users {
    delete DELETE /people/{row.id}
  }
  collection groups { read GET /groups/{helper("A")} }
  without collection tickets
})";
  const Result result = compile_text(text, with_base());
  CHECK(result.mistakes() == "");
  const std::string dump = result.dump();
  CHECK(contains(dump, "our_shop"));
  CHECK(contains(dump, "50"));
  CHECK(contains(dump, "/people/"));
  CHECK(contains(dump, "/users"));
  CHECK(contains(dump, "groups"));
  CHECK(!contains(dump, "tickets"));
  REQUIRE(result.compiled.ir != nullptr);
  CHECK(result.compiled.ir->extends == "shop");
  CHECK(result.compiled.ir->title == "Shop");
  CHECK(result.compiled.ir->clients[0].rates.size() == 1);
  CHECK(result.compiled.ir->clients[0].rates[0].amount == 2);
  CHECK(result.compiled.ir->clients[0].base.has_value());
}

TEST_CASE("a base that has moved is said") {
  MemoryResolver resolver = with_base();
  resolver.connectors["versioned"] =
      "connector versioned {\n  version \"1.2.0\"\n  client { base \"https://v.example\" }\n"
      "  collection a { read GET /a }\n}";
  const auto mistakes = [&resolver](const std::string& head) {
    return compile_text("connector ours extends " + head + " { client { parallel 2 } }", resolver)
        .mistakes();
  };
  CHECK(mistakes("versioned at \"1.2.0\"") == "");
  CHECK(mistakes("versioned") == "");
  CHECK(contains(mistakes("versioned at \"1.1.0\""), "F0508 `\"1.1.0\"`"));
  CHECK(contains(mistakes("shop at \"9.9.9\""), "F0508"));
}

TEST_CASE("an overlay over nothing is reported") {
  CHECK(
      contains(compile_text("connector a extends shp {}", with_base()).mistakes(), "F0504 `shp`"));
  CHECK(contains(
      compile_text("connector a extends shop {\n  without collection ticket\n}", with_base())
          .mistakes(),
      "F0505 `ticket`"));
  MemoryResolver circle;
  circle.connectors["b"] = "connector b extends a {}";
  circle.connectors["a"] = "connector a extends b {}";
  CHECK(contains(compile_text("connector a extends b {}", circle).mistakes(),
                 "these connectors extend each other: a -> b -> a"));
}
