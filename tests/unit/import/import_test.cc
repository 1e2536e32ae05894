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
  const std::string two =
      "{name: x, references: [{dataset: acme, field: user.a}, somewhere, {dataset: acme, field: "
      "user.b.c}]}, " +
      one("y", "user.c");
  CHECK(holds(child(two), "for x in union(user.a, somewhere, user.b.c), y in user.c\n"));
  CHECK(holds(child(two, "", true),
              "union(user.a, somewhere, user.b.c) where not (x in [\"\", 0, false])"));
  CHECK(holds(child(two, "grouped_inputs: [x, y], "), "F1007 the values of one row can't come"));
  CHECK(holds(child(one("x", "usr.a") + ", " + one("y", "user.b")), "F1006"));
}

TEST_CASE("an update without a key, and one that Fides never sends") {
  const std::string endpoint =
      "    - {name: user, requests: {read: {method: GET, path: /u, param_values: [{name: who, "
      "identity: email}]}, delete: {method: DELETE, path: /u/<id>, "
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

TEST_CASE("values of the row in each place of an action") {
  const auto action = [](const std::string& keys, bool exact = false,
                         const std::string& more = {}) {
    return imported(
        "    - {name: user, requests: {read: {method: GET, path: /u, param_values: [{name: who, "
        "identity: "
        "email}]}, delete: {method: POST, " +
            keys +
            ", param_values: [{name: id, references: [{dataset: acme, field: user.id, direction: "
            "from}]}, {name: site, connector_param: domain}]" +
            more + "}}}\n",
        exact,
        "dataset: [{fides_key: acme, collections: [{name: user, fields: [{name: id, fides_meta: "
        "{primary_key: true}}]}]}]\n");
  };
  // The mark of an optional placeholder begins no query.
  CHECK(holds(action("path: '/u/<id?>/x?a=<id?>'"), "POST /u/{row.id}/x {"));
  CHECK(holds(action("path: '/u/<id?>/x?a=<id?>'"), "query { a: row.id }"));
  CHECK(holds(action("path: '/u/<id.a[0].b>'"), "POST /u/{row.id.a[0].b}"));
  const std::string query =
      "path: /u, query_params: [{name: q, value: <id>}, {name: r, value: 'x<id>'}]";
  CHECK(holds(action(query), "query { q: row.id, r: \"x{row.id}\" }"));
  CHECK(holds(action(query, true), "q: fides_text(row.id)"));
  CHECK(holds(action(query, true), "r: if row.id == null then null else \"x{row.id}\""));
  const std::string body = "path: /u, body: '{\"a\": <id>, \"b\": \"<id>\", \"c\": <site>}'";
  CHECK(holds(action(body), "{ a: fides_given(row.id), b: \"{row.id}\", c: parse_json(domain) }"));
  CHECK(holds(action(body, true), "a: fides_value(row.id)"));
  CHECK(holds(action("path: /u, body: '{\"a\": 12345678901234567890}'"),
              "a: parse_json(\"12345678901234567890\")"));
  CHECK(holds(action("path: /u, body: '{\"a\": \"<id?>\" x}'"),
              "{if row.id == null then \"null\" else \"\\\"{row.id}\\\"\"}"));
  CHECK_FALSE(holds(action("path: /u", false, ", ignore_errors: true"), "retry"));
  CHECK(holds(action("path: /u", true, ", ignore_errors: true"), "retry on 429, 502..504 times 0"));
  CHECK(holds(action("path: /u", true, ", ignore_errors: [429, 404]"),
              "retry on 502, 503, 504 times 3 backoff 1s..60s"));
  CHECK_FALSE(holds(action("path: /u", true, ", ignore_errors: [404]"), "retry"));
}

TEST_CASE("an action's inputs from another collection") {
  const std::string endpoints =
      "    - {name: user, requests: {read: {method: GET, path: /u, param_values: [{name: who, "
      "identity: email}]}}}\n"
      "    - {name: item, requests: {delete: {method: DELETE, path: /i/<x>, param_values: [{name: "
      "x, "
      "references: [{dataset: acme, field: user.a, direction: from}]}]}}}\n";
  CHECK(holds(imported(endpoints), "for x in user.a\n    delete DELETE /i/{x}"));
  CHECK_FALSE(holds(imported(endpoints), "F1008"));
  CHECK(
      holds(imported(endpoints, true), "F1008 sent for each value; Fides sends it for the first"));
}

TEST_CASE("what no identity leads to is left out") {
  const auto end = [](const std::string& name, const std::string& more) {
    return "    - {name: " + name + ", requests: {read: {method: GET, path: /" + name + more +
           "}}}\n";
  };
  const auto from = [](const std::string& name,
                       const std::string& direction = ", direction: from") {
    return "/<x>, param_values: [{name: x, references: [{dataset: acme, field: " + name + ".id" +
           direction + "}]}]";
  };
  const std::string person = std::string(", ") + by_email;
  const std::string both = end("user", person) + end("shop", "") + end("clerk", from("shop"));
  for (const bool exact : {false, true}) {
    const std::string out = imported(both, exact);
    CHECK(holds(out, "collection user"));
    CHECK_FALSE(holds(out, "collection shop"));
    CHECK_FALSE(holds(out, "collection clerk"));
    CHECK(holds(out, "F1008 `shop` is left out: no identity leads to it"));
  }
  // Without a direction Fides goes either way; what another dataset gives is somebody's, too.
  CHECK(holds(imported(end("shop", "") + end("user", from("shop", ""))), "`user` is left out"));
  CHECK(holds(imported(end("user", person) + end("item", from("user"))), "for x in user.id"));
  CHECK(holds(imported(end("item", "/<x>, param_values: [{name: x, references: [given]}]")),
              "for x in given"));
  // Its mistakes are said all the same, and so is a value that only it could give.
  CHECK(holds(imported(end("shop", "/<nothing>")), "F1005"));
  CHECK(holds(imported(end("shop", "") + end("user",
                                             "/<x>/<who>, param_values: [{name: who, identity: "
                                             "email}, {name: x, references: [{dataset: acme, "
                                             "field: shop.id, direction: from}]}]")),
              "F1006"));
}

TEST_CASE("a list that the dataset doesn't know") {
  const std::string ends =
      read(std::string("path: /u, ") + by_email) +
      "    - {name: item, requests: {read: {method: GET, path: /i/<x>, param_values: [{name: x, "
      "references: [{dataset: acme, field: user.a.b}]}]}}}\n";
  const auto with = [&](const std::string& type) {
    return imported(ends, false,
                    "dataset: [{fides_key: acme, collections: [{name: user, fields: [{name: a" +
                        type + ", fields: [{name: b}]}]}]}]\n");
  };
  CHECK(holds(with(""), "for x_of in user.a, x in x_of.b\n"));
  CHECK(holds(with(", fides_meta: {data_type: object}"), "for x in user.a.b\n"));
  CHECK(holds(with(", fides_meta: {data_type: 'object[]'}"), "for x in user.a[].b\n"));
  CHECK(holds(with(", fides_meta: {data_type: 'object[][]'}"), "for x in user.a[].b\n"));
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
