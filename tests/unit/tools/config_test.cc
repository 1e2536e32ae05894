#include "tools/config/config.hh"

#include <doctest/doctest.h>

#include "grammar/render.hh"

namespace fconn::config {
namespace {

/// "F0802 2:1 text" for each mistake, in order.
std::string mistakes(const std::string& text) {
  grammar::SourceMap sources;
  Read read = config::read("fconn.toml", text, sources);
  grammar::sort(read.diagnostics);
  std::string out;
  for (const grammar::Diagnostic& one : read.diagnostics) {
    const grammar::Position at = sources.position(one.where.file, one.where.begin);
    out += std::string(grammar::info(one.id).code) + " " + std::to_string(at.line) + ":" +
           std::to_string(at.column) + " " + std::string(sources.slice(one.where)) + "\n";
  }
  return out;
}

TEST_CASE("mistakes have a code, a place and the exact text under it") {
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"", ""},
      {"[run]\nparallel = 16\ntimeout = \"60s\"\nretries = 0\n", ""},
      {"[run]\nparalel = 16\n", "F0802 2:1 paralel\n"},
      {"[run]\nparallel = \"16\"\n", "F0803 2:12 \"16\"\n"},
      {"[run]\nparallel = 0\n", "F0804 2:12 0\n"},
      {"[run]\ntimeout = \"60\"\n", "F0804 2:11 \"60\"\n"},
      {"[instances.a]\n", "F0805 1:12 a\n"},
      {"[instances.a]\nconnector = 5\n", "F0803 2:13 5\n"},
      {"[instances.a]\nconnector = \"x\"\nsecrets = { k = \"hunter2\" }\n", "F0806 3:13 k\n"},
      {"[instances.a]\nconnector = \"x\"\nsecrets = { k = { env = \"A\", file = \"b\" } }\n",
       "F0804 3:13 k\n"},
      {"[instances.a]\nconnector = \"x\"\nexternal = { ids = {} }\n", "F0805 3:14 ids\n"},
      {"[policies.p]\ntargets = [\"user\"]\nmask = \"nul\"\n", "F0804 3:8 \"nul\"\n"},
      {"[policies.p]\ntargets = [\"user\", 1]\nscope = \"some\"\n",
       "F0803 2:20 1\nF0804 3:9 "
       "\"some\"\n"},
      {"[policies.p]\ntargets = []\n[policies.p.overrides]\n\"user.x\" = { strategie = \"null\" "
       "}\n",
       "F0805 4:12 { strategie = \"null\" }\nF0802 4:14 strategie\n"},
      {"# é\n[x]\n", "F0802 2:2 x\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(mistakes(one.text) == one.expected);
  }
  CHECK(mistakes("[run\n").starts_with("F0801 1:"));
}

TEST_CASE("no text makes the TOML parser end the program") {
  using namespace std::string_literals;
  CHECK(mistakes("[run]\nparallel = 1\n[  \0 n\n[store]\n"s).starts_with("F0801 3:1"));
  CHECK(mistakes("[ \x01"s).starts_with("F0801 1:1"));
  CHECK(mistakes("[\n]\n[=]\n"s).starts_with("F0801 1:"));
  CHECK(mistakes("[run]\n\uFD7F = 1\n"s).starts_with("F0801 2:1"));
  CHECK(mistakes("[run] \uFE0F\n"s).starts_with("F0801 1:"));
}

TEST_CASE("a secret's value can't get into a message") {
  grammar::SourceMap sources;
  const Read read = config::read(
      "fconn.toml", "[instances.a]\nconector = \"x\"\nsecrets = { k = \"hunter2\", n = 1234567 }\n",
      sources);
  const std::string shown = grammar::render_text(sources, read.diagnostics);
  CHECK(shown.find("hunter2") == std::string::npos);
  CHECK(shown.find("1234567") == std::string::npos);
  CHECK(shown.find("F0806") != std::string::npos);
  CHECK(grammar::render_json(sources, read.diagnostics).find("hunter2") == std::string::npos);
}

TEST_CASE("what may be a secret isn't quoted") {
  const std::string instance = "[instances.a]\nconnector = \"x\"\n";
  const std::string cases[] = {
      // where a source should stand, or in one
      instance + "secrets = { k = { value = \"hunter2-x\" } }\n",
      instance + "secrets = { k = { env = \"hunter2-x\", file = \"y\" } }\n",
      instance +
          "params = { domain = \"me:hunter2@x\", url = \"https://me:hun@ter2@x/\" }\nodd = 1\n",
      "[store]\nkey = \"hunter2\"\n",
      "[store]\nkey = { value = \"hunter2\" }\n",
      "[policies.p]\ntargets = [\"user\"]\nmask = { strategy = \"hash\", salt = \"hunter2\" }\n",
      // in what isn't TOML
      instance + "secrets = { k = \"hunter2 }\n",
      instance + "secrets = { k = \"\\qhunter2\" }\n",
      instance + "secrets = \"\"\"\nhunter2==\n",
      instance + "secrets.k = hunter2\n",
      instance + "secrets.k = truehunter2\n",
      instance + "hunter2\n",
      instance + "k = hunter2==\n",
      instance + "secrets.k = \"hunter2\"\nsecrets.k = \"hunter2\"\n",
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    grammar::SourceMap sources;
    const Read read = config::read("fconn.toml", text, sources);
    CHECK_FALSE(read.diagnostics.empty());
    const std::string shown = grammar::render_text(sources, read.diagnostics);
    for (const char* part : {"hunter2", "hun@", "ter2"}) {
      CHECK(shown.find(part) == std::string::npos);
    }
  }
  // What isn't a value still says where the mistake is.
  grammar::SourceMap sources;
  const Read read = config::read("fconn.toml", instance + "secrets = { key = \"x }\n", sources);
  const std::string shown = grammar::render_text(sources, read.diagnostics);
  CHECK(shown.find("secrets = { key = \"* }") != std::string::npos);
}

TEST_CASE("what is right is read") {
  grammar::SourceMap sources;
  const Read read = config::read("conf/fconn.toml", R"(
[instances.shop]
connector = "shop.fconn"
params    = { n = 1, list = ["a", 2.5], on = true, when = 2024-05-06 }
secrets   = { e = { env = "E" }, f = { file = "f.txt" }, c = { command = ["pass", "x"] } }
external  = { ids = { file = "ids.csv", column = "id" }, more = { values = [1, "b"] } }
[policies.forget]
targets = ["user.contact"]
mask = { strategy = "hash", algorithm = "sha256", salt = { env = "SALT" } }
[run]
timeout = "2m"
)",
                                 sources);
  REQUIRE(read.diagnostics.empty());
  const Instance* shop = read.project.find("shop");
  REQUIRE(shop != nullptr);
  CHECK(read.project.find("other") == nullptr);
  CHECK(read.project.relative(shop->connector) == "conf/shop.fconn");
  CHECK(read.project.relative("/abs") == "/abs");
  CHECK(shop->params.at("n").json == "1");
  CHECK(shop->params.at("list").json == "[\"a\",2.5]");
  CHECK(shop->params.at("on").json == "true");
  CHECK(shop->params.at("when").json == "\"2024-05-06\"");
  CHECK(shop->secrets.at("e").kind == SecretKind::env);
  CHECK(shop->secrets.at("f").text == "f.txt");
  CHECK(shop->secrets.at("c").command == std::vector<std::string>{"pass", "x"});
  CHECK(shop->externals.at("ids").column == "id");
  CHECK(shop->externals.at("more").values == std::vector<std::string>{"1", "\"b\""});
  CHECK(read.project.policies.at("forget").mask->strategy == "hash");
  CHECK(read.project.policies.at("forget").mask->salt->text == "SALT");
  CHECK(read.project.run.timeout_ms == 120'000);
  CHECK_FALSE(read.project.run.parallel);
}

TEST_CASE("durations need a unit") {
  CHECK(parse_duration("500ms") == 500);
  CHECK(parse_duration("7d") == 604'800'000);
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5w", "99999999999s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

}  // namespace
}  // namespace fconn::config
