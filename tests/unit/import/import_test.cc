#include <doctest/doctest.h>

#include "tools/import/import.hh"
#include "tools/import/yaml.hh"
#include "tools/import/zip.hh"

namespace fconn::importer {
namespace {

constexpr std::string_view head = R"(saas_config:
  fides_key: acme
  name: Acme
  type: acme
  description: A sample schema representing the Acme connector for Fides
  version: 0.1.0
  connector_params:
    - {name: domain, default_value: api.example.com}
    - {name: token, sensitive: true}
  client_config: {protocol: https, host: <domain>, authentication: {strategy: bearer, configuration: {token: <token>}}}
  test_request: {method: GET, path: /me}
  endpoints:
)";

std::string imported(const std::string& endpoints, bool exact = false,
                     const std::string& dataset = {}) {
  grammar::SourceMap sources;
  const auto config = sources.add("config.yml", std::string(head) + endpoints);
  std::optional<grammar::FileId> fields;
  if (!dataset.empty()) fields = sources.add("dataset.yml", dataset);
  Options options;
  options.exact = exact;
  options.bundled = [](const std::string&) { return std::nullopt; };
  const Imported out = import_fides(sources, config, fields, options);
  std::string text = out.text;
  for (const auto& one : out.diagnostics)
    text += std::string(grammar::info(one.id).code) + " " + one.text + "\n";
  return text;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// One endpoint `user` with a read of these keys, in flow style.
std::string read(const std::string& keys) {
  return "    - {name: user, requests: {read: {method: GET, " + keys + "}}}\n";
}

constexpr const char* by_email = "param_values: [{name: who, identity: email}]";

TEST_CASE("YAML with places, comments and bounds") {
  grammar::SourceMap sources;
  grammar::Diagnostics diagnostics;
  const auto yaml = read_yaml(
      sources,
      sources.add("a.yml", "# first\na: \"x # y\" # behind\nb: |\n  # text\n  z\nc: [1, yes, ~]\n"),
      diagnostics);
  REQUIRE(yaml);
  CHECK(diagnostics.empty());
  CHECK(yaml->root.find("a")->text == "x # y");
  CHECK(yaml->root.find("b")->text == "# text\nz\n");
  CHECK(as_int(yaml->root.find("c")->items[0]) == 1);
  CHECK(as_bool(yaml->root.find("c")->items[1]) == true);
  CHECK(yaml->root.find("c")->items[2].kind == Node::Kind::null);
  REQUIRE(yaml->comments.size() == 2);
  CHECK(yaml->comments[0].text == "first");
  CHECK(yaml->comments[0].line == 1);
  CHECK(yaml->comments[1].text == "behind");
  CHECK(sources.slice(yaml->root.find("a")->span) == "\"x # y\"");
  for (const std::string& text :
       std::vector<std::string>{"a: b: c", "a: " + std::string(100, '['), "? {a: b}\n: c"}) {
    CHECK_FALSE(read_yaml(sources, sources.add("b.yml", text), diagnostics));
  }
  CHECK(diagnostics.size() == 3);
}

TEST_CASE("which identities let a read run") {
  CHECK(holds(imported(read(std::string("path: /u/<who>, ") + by_email)), "read GET /u/{email}\n"));
  CHECK(holds(imported(read(std::string("path: /u, ") + by_email)), "read needs email GET /u\n"));
  CHECK(holds(imported(read("path: /u, param_values: [{name: a, identity: email}, {name: b, "
                            "identity: phone_number}]")),
              "read needs email or phone_number GET /u\n"));
}

TEST_CASE("paths, queries and headers") {
  CHECK(holds(
      imported(read(
          std::string("path: '/u?a=1&b=x+y%26', query_params: [{name: 'p[q]', value: <who>}], ") +
          by_email)),
      "query { a: 1, b: \"x y&\", \"p[q]\": email }"));
  const std::string left =
      imported(read(std::string("path: /u, headers: [{name: X, value: <gone>}], ") + by_email));
  CHECK_FALSE(holds(left, "headers"));
  CHECK(holds(left, "F1008 `<gone>` has no value"));
  CHECK(holds(imported(read("path: /u/<gone>")), "F1005"));
}

TEST_CASE("pages") {
  const auto paged = [](const std::string& strategy, bool exact = false) {
    return imported(read("path: /u, data_path: d, query_params: [{name: n, value: 0}], " +
                         std::string(by_email) + ", pagination: " + strategy),
                    exact);
  };
  CHECK(holds(
      paged(
          "{strategy: offset, configuration: {incremental_param: n, increment_by: 5, limit: 20}}"),
      "paginate offset(\"n\", by: 5, limit: 20)"));
  CHECK(holds(paged("{strategy: link, configuration: {source: body, path: a.b}}"),
              "paginate link(.a.b)"));
  CHECK(holds(paged("{strategy: link, configuration: {source: headers, rel: next}}"),
              "paginate link_header\n"));
  CHECK(holds(paged("{strategy: link, configuration: {source: body, path: a.b}}", true),
              "paginate fides_link(.a.b, .d)"));
  CHECK(holds(paged("{strategy: cursor, configuration: {cursor_param: c, field: id}}"),
              "paginate after_last(\"c\", \"id\")"));
  CHECK(
      holds(paged("{strategy: cursor, configuration: {cursor_param: c, field: m.next, has_next: "
                  "more}}"),
            "paginate cursor(.m.next, \"c\", has_more: lower(\"{.more ?? false}\") == \"true\")"));
  CHECK(holds(paged("{strategy: tomorrow}"), "F1004"));
}

TEST_CASE("what feeds a collection") {
  const std::string parent = read(std::string("path: /u, ") + by_email);
  const auto child = [&](const std::string& references, const std::string& more = "",
                         bool exact = false) {
    return imported(parent +
                        "    - {name: item, requests: {read: {method: GET, path: /i/<x>/<y>, " +
                        more + "param_values: [" + references + "]}}}\n",
                    exact);
  };
  const auto one = [](const std::string& name, const std::string& field) {
    return "{name: " + name + ", references: [{dataset: acme, field: " + field +
           ", direction: from}]}";
  };
  CHECK(holds(child(one("x", "user.a") + ", " + one("y", "user.b")),
              "for x in user.a, y in user.b\n"));
  CHECK(holds(child(one("x", "user.a") + ", " + one("y", "user.b"), "grouped_inputs: [x, y], "),
              "for u in user where u.a != null and u.b != null\n    read GET /i/{u.a}/{u.b}\n"));
  CHECK(holds(child(one("x", "user.a") + ", {name: y, references: [somewhere]}"),
              "for x in user.a, y in somewhere\n"));
  CHECK(holds(child(one("x", "user.a") + ", " + one("y", "user.b"), "", true),
              "where not (x in [\"\", 0, false])"));
  const std::string two = child(
      "{name: x, references: [{dataset: acme, field: user.a}, {dataset: acme, field: user.b}]}, " +
      one("y", "user.c"));
  CHECK(holds(two, "F1007 values from several references"));
  CHECK(holds(child(one("x", "usr.a") + ", " + one("y", "user.b")), "F1006"));
}

TEST_CASE("an update without a key, and one that Fides never sends") {
  const std::string endpoint =
      "    - {name: user, requests: {read: {method: GET, path: /u}, delete: {method: DELETE, path: "
      "/u/<id>, "
      "param_values: [{name: id, references: [{dataset: acme, field: user.id, direction: "
      "from}]}]}}}\n";
  const std::string dataset =
      "dataset: [{fides_key: acme, collections: [{name: user, fields: [{name: id}]}]}]\n";
  const std::string sane = imported(endpoint, false, dataset);
  CHECK(holds(sane, "delete DELETE /u/{row.id}"));
  CHECK(holds(sane, "id: any key"));
  CHECK(holds(sane, "F1008 Fides never sends this `delete`"));
  CHECK_FALSE(holds(imported(endpoint, true, dataset), "delete DELETE"));
}

TEST_CASE("archives") {
  CHECK_FALSE(formats::is_zip("saas_config:"));
  CHECK_FALSE(unzip_yaml("PK\x03\x04"));
  const std::string empty = std::string("PK\x05\x06") + std::string(18, '\0');
  REQUIRE(unzip_yaml(empty));
  CHECK(unzip_yaml(empty)->empty());
}

TEST_CASE("code of Fides is an error with a name") {
  CHECK(holds(imported("    - {name: user, requests: {delete: {request_override: acme_delete}}}\n"),
              "F1003 `acme_delete`"));
  CHECK(holds(
      imported("    - {name: user, requests: {read: {method: GET, path: /u, tomorrow: 1}}}\n"),
      "F1002 Fides knows no key `tomorrow`"));
}

}  // namespace
}  // namespace fconn::importer
