// What names suggest, what a schema says, and documents that are refused or bounded.
#include <doctest/doctest.h>

#include <algorithm>

#include "tools/openapi/guess.hh"
#include "tools/openapi/names.hh"
#include "tools/openapi/openapi.hh"

namespace fconn::openapi {
namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string imported(const std::string& text, const Options& options = {}) {
  grammar::SourceMap sources;
  const auto file = sources.add("spec.yaml", text);
  const Imported out = import_openapi(sources, file, options);
  std::string all = out.text;
  for (const auto& one : out.diagnostics) {
    all += std::string(grammar::info(one.id).code) + " " + one.text + "; " + one.help + "\n";
  }
  return all;
}

/// One GET whose answer has this schema, with further members of the request.
std::string document(const std::string& path, const std::string& schema,
                     const std::string& more = {}) {
  return "openapi: 3.1.0\ninfo: {title: T}\nservers: [{url: 'https://t.example'}]\npaths:\n  " +
         path + ": {get: {" + more +
         "responses: {'200': {content: {application/json: {schema: " + schema + "}}}}}}\n";
}

TEST_CASE("names are told apart by their words") {
  const std::pair<std::string_view, std::string_view> snakes[] = {{"accountSid", "account_sid"},
                                                                  {"AccountSID", "account_sid"},
                                                                  {"X-Api-Key", "x_api_key"},
                                                                  {"user id", "user_id"},
                                                                  {"IPAddress", "ip_address"},
                                                                  {"page[size]", "page_size"},
                                                                  {"OAuth2Url", "o_auth2_url"},
                                                                  {"", ""},
                                                                  {"___", ""}};
  for (const auto& [given, wanted] : snakes) CHECK(snake(given) == wanted);
  const std::pair<std::string_view, std::string_view> singulars[] = {
      {"users", "user"},        {"companies", "company"},
      {"boxes", "box"},         {"status", "status"},
      {"address", "address"},   {"addresses", "address"},
      {"analysis", "analysis"}, {"gas", "gas"}};
  for (const auto& [given, wanted] : singulars) CHECK(singular(given) == wanted);
}

TEST_CASE("likely personal data by name and format") {
  Shape text;
  text.kind = Shape::Kind::string;
  const auto category = [&text](std::string_view name, bool people = false,
                                std::vector<std::string> parents = {}) {
    FieldPlace place;
    place.people = people;
    place.parents = std::move(parents);
    return category_of(name, text, place);
  };
  CHECK(category("emailAddress") == "user.contact.email");
  CHECK(category("billing_email") == "user.contact.email");
  CHECK(category("email_verified") == "");
  CHECK(category("email_template_id") == "");
  CHECK(category("MobilePhone") == "user.contact.phone_number");
  CHECK(category("FirstName") == "user.name");
  CHECK(category("name") == "");
  CHECK(category("name", true) == "user.name");
  CHECK(category("name", true, {"plan"}) == "");
  CHECK(category("name", false, {"customers"}) == "user.name");
  CHECK(category("city") == "");
  CHECK(category("city", false, {"shippingAddress"}) == "user.contact.address.city");
  CHECK(category("postalCode") == "user.contact.address.postal_code");
  CHECK(category("last_login_ip") == "user.device.ip_address");
  CHECK(category("description") == "");
  CHECK(category("zipped") == "");
  CHECK(category("birthDate") == "user.demographic.date_of_birth");
  text.format = "email";
  CHECK(category("primary") == "user.contact.email");
  Shape flag;
  flag.kind = Shape::Kind::boolean;
  CHECK(category_of("email", flag, {}) == "");
}

TEST_CASE("where the rows are") {
  const std::string object = "{type: object, properties: {id: {type: string}}}";
  const auto list = "{type: array, items: " + object + "}";
  const auto rows = [](const std::string& path, const std::string& schema) {
    const std::string text = imported(document(path, schema));
    const std::size_t at = text.find("rows ");
    return at == std::string::npos
               ? std::string("-")
               : text.substr(at + 5, text.find_first_of(" \n", at + 5) - at - 5);
  };
  CHECK(rows("/users", list) == "-");
  CHECK(rows("/users", "{properties: {tags: {type: array, items: {type: string}}, users: " + list +
                           "}}") == ".users");
  CHECK(rows("/users", "{properties: {data: {properties: {items: " + list + "}}}}") ==
        ".data.items");
  CHECK(rows("/users", "{properties: {errors: " + list + ", results: " + list + "}}") ==
        ".results");
  CHECK(rows("/users", "{properties: {'odd key': " + list + "}}") == ".[\"odd");
  // One object with lists of its own is one row.
  CHECK(rows("/me", "{properties: {id: {type: string}, emails: " + list + "}}") == "-");
}

TEST_CASE("types, circles and depth of a schema") {
  const std::string text = imported(
      document("/rows",
               "{type: array, items: {properties: {a: {type: [integer, 'null']}, b: {oneOf: "
               "[{type: string}, "
               "{type: 'null'}]}, c: {anyOf: [{type: string}, {type: object}]}, d: {type: array, "
               "items: {type: "
               "array}}, e: {allOf: [{properties: {x: {type: number}}}, {properties: {y: {type: "
               "boolean}}}]}, "
               "self: {$ref: "
               "'#/paths/~1rows/get/responses/200/content/application~1json/schema/items'}}}}"));
  for (const std::string_view part : {"a: int\n", "b: string\n", "c: any\n", "d: [any]\n",
                                      "e: { x: number, y: bool }\n", "self: object\n"}) {
    CHECK_MESSAGE(holds(text, part), text);
  }
}

TEST_CASE("a document that would grow without end is described to a lower depth") {
  // Each level has 20 members that are the next level: 20^7 in all.
  std::string text =
      document("/rows", "{$ref: '#/components/schemas/L0'}") + "components: {schemas: {";
  for (int level = 0; level < 8; ++level) {
    text += (level == 0 ? "L" : ", L") + std::to_string(level) + ": {properties: {";
    for (int n = 0; n < 20; ++n) {
      text += (n == 0 ? "m" : ", m") + std::to_string(n) + ": {$ref: '#/components/schemas/L" +
              std::to_string(level + 1) + "'}";
    }
    text += "}}";
  }
  text += ", L8: {type: string}}}\n";
  const std::string out = imported(text);
  CHECK(holds(out, "m19"));
  CHECK(out.size() < 2'000'000);
}

TEST_CASE("schemas that lean on each other without end are cut") {
  std::string text =
      document("/rows", "{$ref: '#/components/schemas/L0'}") + "components: {schemas: {";
  constexpr int count = 20'000;
  for (int n = 0; n < count; ++n) {
    text += "L" + std::to_string(n) + ": {allOf: [{$ref: '#/components/schemas/L" +
            std::to_string(n + 1) + "'}]},\n  ";
  }
  text += "L" + std::to_string(count) + ": {type: object, properties: {id: {type: string}}}}}\n";
  CHECK(holds(imported(text), "collection rows"));
}

TEST_CASE("what can't be imported says why") {
  CHECK(holds(imported("a: 1"), "F1009 this says neither `openapi` nor `swagger`"));
  CHECK(holds(imported("openapi: 4.0.0\npaths: {}"), "F1009 version 4.0.0 isn't read"));
  CHECK(holds(imported("swagger: '1.2'\npaths: {}"), "F1009 version 1.2 isn't read"));
  CHECK(holds(imported("openapi: 3.0.0"), "F1009 there are no `paths`"));
  CHECK(holds(imported("openapi: 3.0.0\npaths: {}"), "F1011"));
  CHECK(holds(imported(document("/a", "{$ref: 'other.yaml#/A'}")),
              "F1010 `other.yaml#/A` is in another document"));
  const std::string rows = "{type: array, items: {type: object}}";
  CHECK(holds(imported(document("/users", rows), {{"Usrs"}, {}}),
              "F1011 the document has no tag 'Usrs'"));
  CHECK(holds(imported(document("/users", rows), {{}, {"/usrs"}}), "did you mean '/users'?"));
  CHECK(holds(imported(document("/users", rows), {{}, {"/us*"}}), "collection users"));
  CHECK(holds(imported(document("/a?b", rows)), "F1011"));
}

TEST_CASE("names of the document hide none of the language") {
  const std::string out = imported(document(
      "/row/{status}/for", "{type: array, items: {type: object}}",
      "parameters: [{name: request, in: query, required: true}, {name: true, in: query, required: "
      "true}, {name: status, in: path, required: true}, {name: 'a\"b{c}', in: query, required: "
      "true}], "));
  CHECK(holds(out, "request: request_value"));
  CHECK(holds(out, "external status_ids"));
  CHECK(holds(out, "\"a\\\"b\\{c}\": a_b_c"));
}

TEST_CASE("what signs a request is a secret, or left to the client") {
  const std::string parameters =
      "parameters: [{name: token, in: query, required: true}, {name: X-Api-Key, in: header, "
      "required: true}], ";
  const std::string rows = "{type: array, items: {type: object}}";
  const std::string alone = imported(document("/rows", rows, parameters));
  CHECK(holds(alone, "secret token\n"));
  CHECK(holds(alone, "X-Api-Key: x_api_key"));
  CHECK(holds(alone, "secret x_api_key\n"));
  const std::string with =
      imported(document("/rows", rows, parameters) +
               "components: {securitySchemes: {b: {type: http, scheme: bearer}}}\n");
  CHECK(holds(with, "auth bearer(access_token)"));
  CHECK_FALSE(holds(with, "token: token"));
}

}  // namespace
}  // namespace fconn::openapi
