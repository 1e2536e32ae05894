// Instances as text, and as connectors of their own.
#include <doctest/doctest.h>

#include <cstdlib>

#include "interpreter/compile/compile.hh"
#include "interpreter/eval/eval.hh"
#include "tools/config/toml_write.hh"
#include "tools/fconn/bind_instance.hh"
#include "tools/fconn/new_instance.hh"
#include "tools/fconn/resolver.hh"

namespace fconn::cli {
namespace {

constexpr std::string_view source = R"(connector shop {
  param  domain "API host": host
  param  sizes: [int] = [1]
  param  mode: "a" | "b" = "a"
  param  note = ""
  secret token
  client {
    base "https://{domain}"
    auth bearer(token)
  }
  collection orders {
    read GET /orders { query { sizes: sizes, mode: mode, note: note } }
  }
})";

std::shared_ptr<const ir::Connector> shop() {
  grammar::SourceMap sources;
  Resolver resolver;
  const auto file = sources.add("shop.fconn", std::string(source));
  return compile::compile(file, sources, resolver).ir;
}

std::string all(const Problems& problems) {
  std::string out;
  for (const Problem& problem : problems) out += problem.text + "\n" + problem.help + "\n";
  return out;
}

TEST_CASE("an instance's table") {
  const auto connector = shop();
  NewInstance one{"eu-1",
                  "shop.fconn",
                  {"domain=eu.example", "sizes=[2, 3]", "note=a=\"b\"\\"},
                  {"token=SHOP_TOKEN"},
                  {}};
  CHECK(instance_text(one, *connector).table ==
        "[instances.eu-1]\nconnector = \"shop.fconn\"\nparams    = { domain = \"eu.example\", "
        "sizes = [2, 3], note = \"a=\\\"b\\\"\\\\\" }\n"
        "secrets   = { token = { env = \"SHOP_TOKEN\" } }\n");

  one.params = {"domain=eu.example/path", "sizes=[\"x\"]", "mode=c", "none"};
  one.secret_env = {"token=sk_live_4242"};
  const InstanceText wrong = instance_text(one, *connector);
  CHECK(wrong.table.empty());
  const std::string text = all(wrong.problems);
  for (const std::string_view part :
       {"'domain' isn't a host name", "'sizes' holds an element", "'mode' isn't one of",
        "--param needs NAME=VALUE", "needs the name of an environment variable"}) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  }
  CHECK(text.find("sk_live") == std::string::npos);

  // Small letters are fine where there is such a variable.
  ::setenv("fconn_test_token", "x", 1);
  one.params = {"domain=eu.example"};
  one.secret_env = {"token=fconn_test_token"};
  CHECK(instance_text(one, *connector).problems.empty());
  ::unsetenv("fconn_test_token");
}

TEST_CASE("a table behind what there is") {
  CHECK(appended("", "[a]\nb = 1\n") == "[a]\nb = 1\n");
  CHECK(appended("x = 1", "[a]\n") == "x = 1\n\n[a]\n");
  CHECK(appended("x = 1\r\n", "[a]\nb = 1\n") == "x = 1\r\n\r\n[a]\r\nb = 1\r\n");
}

TEST_CASE("values as TOML") {
  value::Arena arena;
  const auto toml = [&arena](std::string_view json) {
    auto text = config::toml_value(*value::parse_json(json, arena));
    return text ? *text : text.error().text;
  };
  CHECK(toml(R"({"a b": [1, 2.50, true, "x"], "c": {}})") ==
        R"({ "a b" = [1, 2.50, true, "x"], c = {} })");
  CHECK(toml("[null]") == "holds null, which TOML can't say");
  CHECK(config::toml_text("a\x7F\n") == "\"a\\u007F\\n\"");
}

TEST_CASE("an instance as a connector of its own") {
  const auto connector = shop();
  config::Instance instance;
  instance.key = "eu";
  instance.params["domain"].json = "\"eu.example\"";
  instance.params["sizes"].json = "[2, 3]";
  instance.secrets["token"].text = "SHOP_TOKEN";
  const BoundInstance made = bind_instance(*connector, instance);
  CHECK(made.problems.empty());
  CHECK(made.warnings.empty());
  CHECK(made.connector.name == "eu");
  value::Arena arena;
  CHECK(value::to_json(*eval::constant(*made.connector.params[1].default_value, arena)) == "[2,3]");
  CHECK_FALSE(made.connector.params[4].default_value);
  // What is written can be read, and says the same.
  const auto again = ir::from_json(ir::to_json(made.connector));
  REQUIRE(again);
  CHECK(ir::dump(**again) == ir::dump(made.connector));
  CHECK(ir::to_json(made.connector).find("SHOP_TOKEN") == std::string::npos);

  instance.params.erase("domain");
  instance.params["mode"].json = "\"c\"";
  instance.params["token"].json = "\"secret-value\"";
  const std::string text = all(bind_instance(*connector, instance).problems);
  CHECK(text.find("a value is missing:\n  domain (API host)") != std::string::npos);
  CHECK(text.find("'mode' of eu isn't one of") != std::string::npos);
  CHECK(text.find("stands in the project file") != std::string::npos);
  CHECK(text.find("secret-value") == std::string::npos);
}

}  // namespace
}  // namespace fconn::cli
