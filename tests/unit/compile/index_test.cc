#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "interpreter/compile/names.hh"
#include "tests/unit/compile/support.hh"

using namespace fconn;
using namespace fconn::compile;
using namespace fconn::compile::test;

namespace {

std::string_view word(NameKind kind) {
  switch (kind) {
    case NameKind::param:
      return "param";
    case NameKind::identity:
      return "identity";
    case NameKind::client:
      return "client";
    case NameKind::collection:
      return "collection";
    case NameKind::field:
      return "field";
    case NameKind::binding:
      return "binding";
    case NameKind::let:
      return "let";
    case NameKind::local:
      return "local";
    case NameKind::token:
      return "token";
    case NameKind::function:
      return "function";
    case NameKind::intrinsic:
      return "intrinsic";
    case NameKind::auth:
      return "auth";
    case NameKind::pagination:
      return "pagination";
    case NameKind::builtin:
      return "builtin";
    case NameKind::connector:
      return "connector";
    default:
      return "other";
  }
}

/// "kind name at LINE -> FILE:LINE" of what the root names on `line`, in the order of the text.
std::string named_on(const Result& result, const NameIndex& index, std::uint32_t line) {
  std::vector<std::pair<std::uint32_t, std::string>> found;
  for (const NameUse& use : index.uses) {
    if (use.where.file.value != 0) continue;
    if (result.sources.position(use.where.file, use.where.begin).line != line) continue;
    std::string text(word(use.kind));
    text += " " + std::string(result.sources.slice(use.where));
    if (use.where != use.declared) {
      const auto place = result.sources.position(use.declared.file, use.declared.begin);
      text += " -> " + std::string(result.sources.name(use.declared.file)) + ":" +
              std::to_string(place.line);
    }
    found.emplace_back(use.where.begin, text);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::string out;
  for (const auto& [at, text] : found) out += (out.empty() ? "" : ", ") + text;
  return out;
}

constexpr const char* shop = R"(use "lib.fconn"
connector shop "Shop" {
  version "1.0.0"
  param  domain: host
  secret key
  identity email
  client files { base "https://files.example.com" }
  client {
    base "https://{domain}"
    auth signed(key, extra: "x")
  }
  collection person {
    read needs email GET /people {
      keep     .email == email
      paginate offset("offset")
    }
    fields { id: string key, email: string, home: { city: string } }
  }
  collection order {
    for p in person
    read {
      let all = GET /orders/{p.home.city} via files { rows .x }
      let few = [tidy(o) | lower for o in all]
      GET /more { query { ids: few } fail when status == 204 "none" }
    }
    delete DELETE /orders/{row.id} {}
    erase_after person
    fields { id: string key }
  }
}
auth signed(secret_key, extra) {
  token t = POST https://x.example.com/t { body json { k: secret_key } value .t expires in 60 }
  refresh t = POST https://x.example.com/r { body json { k: t } value .t expires in 60 }
  headers { A: t, B: extra }
}
)";

}  // namespace

TEST_CASE("the index says what each name means") {
  MemoryResolver resolver;
  resolver.files["lib.fconn"] = "fn tidy(text) = text | trim\n";
  NameIndex index;
  Options options;
  options.names = &index;
  const Result result = compile_text(shop, resolver, options);
  struct Row {
    std::uint32_t line;
    const char* named;
  };
  for (const Row& row : {
           Row{4, "param domain"},
           Row{9, "param domain -> test.fconn:4"},
           Row{10,
               "auth signed -> test.fconn:31, other key -> test.fconn:5, local extra -> "
               "test.fconn:31"},
           Row{13, "identity email -> test.fconn:6"},
           Row{14, "field email -> test.fconn:17, identity email -> test.fconn:6"},
           Row{15, "pagination offset -> <stdlib>/pagination.fconn:"},
           Row{17, "field id, field email, field home, field city"},
           Row{20, "binding p, collection person -> test.fconn:12"},
           Row{22,
               "let all, binding p -> test.fconn:20, field home -> test.fconn:17, field city -> "
               "test.fconn:17, client files -> test.fconn:7"},
           Row{23,
               "let few, function tidy -> lib.fconn:1, local o -> test.fconn:23, intrinsic "
               "lower, local o, let all -> test.fconn:22"},
           Row{24, "let few -> test.fconn:23, builtin status"},
           Row{26, "builtin row, field id -> test.fconn:28"},
           Row{27, "collection person -> test.fconn:12"},
           Row{33, "token t -> test.fconn:32, token t -> test.fconn:32"},
           Row{34, "token t -> test.fconn:32, local extra -> test.fconn:31"},
       }) {
    CAPTURE(row.line);
    const std::string named = named_on(result, index, row.line);
    if (std::string_view(row.named).ends_with(':')) {
      CHECK(named.starts_with(row.named));
    } else {
      CHECK(named == row.named);
    }
  }
}

TEST_CASE("a declaration that replaces another names that, too") {
  MemoryResolver resolver;
  resolver.connectors["base"] =
      "connector base \"B\" {\n  client { base \"https://x.example.com\" }\n  collection a {\n    "
      "read GET /a\n    fields { id: string key }\n  }\n}\n";
  NameIndex index;
  Options options;
  options.names = &index;
  const Result result =
      compile_text("connector my extends base \"M\" {\n  collection a {\n    read GET /b\n  }\n}\n",
                   resolver, options);
  CHECK(named_on(result, index, 1).find("connector base -> ") != std::string::npos);
  const std::string named = named_on(result, index, 2);
  CHECK(named.find("collection a, ") == 0);
  CHECK(named.find("collection a -> ") != std::string::npos);
}

TEST_CASE("in the bundled connectors every name has the text of its declaration") {
  namespace fs = std::filesystem;
  int connectors = 0;
  for (const auto& entry : fs::recursive_directory_iterator(FCONN_ROOT "/connectors")) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".fconn") || path.ends_with(".test.fconn")) continue;
    CAPTURE(path);
    ++connectors;
    NameIndex index;
    Options options;
    options.names = &index;
    const Result result = compile_text(read_file(path), {}, options);
    for (const NameUse& use : index.uses) {
      if (use.kind == NameKind::module) continue;
      CHECK(result.sources.slice(use.where) == result.sources.slice(use.declared));
    }
    CHECK(index.uses.size() > 5);
  }
  CHECK(connectors > 10);
}
