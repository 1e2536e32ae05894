// Masking as connectors declare it: fields are written in the language.
#include "interpreter/privacy/mask_row.hh"

#include <doctest/doctest.h>

#include <algorithm>

#include "interpreter/compile/compile.hh"
#include "interpreter/value/json_scan.hh"
#include "tests/unit/privacy/support.hh"

namespace fconn::privacy {
namespace {

class NoModules : public compile::ModuleResolver {
 public:
  std::optional<Module> module(std::string_view, std::string_view) override { return std::nullopt; }
  std::optional<Module> connector(std::string_view) override { return std::nullopt; }
  std::vector<std::string> connector_names() const override { return {}; }
  std::vector<Module> standard_library() const override { return {}; }
};

std::shared_ptr<const ir::Connector> connector_with(const std::string& fields) {
  grammar::SourceMap sources;
  NoModules modules;
  const auto file =
      sources.add("test.fconn",
                  "connector t \"T\" {\n  identity email\n  client { base \"https://t.example\" }\n"
                  "  collection c {\n    read GET /c { query { email: email } }\n"
                  "    update PUT /c { body json masked }\n    fields {\n      id: string key "
                  "@system.operations\n" +
                      fields + "\n}\n  }\n}\n");
  const auto compiled = compile::compile(file, sources, modules);
  for (const auto& one : compiled.diagnostics) {
    if (one.severity == grammar::Severity::error) FAIL(one.text);
  }
  REQUIRE(compiled.ir);
  return compiled.ir;
}

/// One collection under one policy; masked rows of it.
struct Bench {
  Bench(const std::string& fields, Policy given)
      : connector(connector_with(fields)),
        policy(std::move(given)),
        secrets(make_masking_secrets(random)),
        evaluator(*connector, clock, random),
        masker(connector->collections.at(0), "shop", policy, secrets, random, evaluator) {}

  value::Result<MaskedRow> mask(std::string_view row) {
    eval::Environment env;
    env.request_id = "pri_1";
    return masker.mask(row, env);
  }

  std::shared_ptr<const ir::Connector> connector;
  Policy policy;
  test::FixedClock clock;
  test::FixedRandom random;
  MaskingSecrets secrets;
  eval::Evaluator evaluator;
  RowMasker masker;
};

Policy policy_of(std::vector<std::string> targets, std::string_view mask) {
  Policy policy;
  policy.targets = std::move(targets);
  policy.mask = *parse_mask(mask);
  return policy;
}

constexpr const char* person =
    "name: string @user.name length 5\n"
    "age: int @user.demographic\n"
    "locked: string @user.name readonly\n"
    "address: { street: string @user.contact.address, note: string @system.operations }\n"
    "mails: [{ at: string @user.contact.email, kind: string @system.operations }]\n"
    "tags: [string] @user.content\n";

TEST_CASE("what isn't masked keeps its bytes") {
  struct Case {
    std::string_view about, row, masked, masked_row;
  };
  const Case cases[] = {
      {"order, numbers, spaces, unknown members",
       R"({"z":1.50,"name" : "Ada Lovelace", "id":"7", "big":12345678901234567890, "o":{ }})",
       R"({"name":"x"})",
       R"({"z":1.50,"name" : "x", "id":"7", "big":12345678901234567890, "o":{ }})"},
      {"read-only members go, wherever they stand",
       R"({"locked":"a","id":"7","locked":"b","name":"Ada","locked":"c"})", R"({"name":"x"})",
       R"({"id":"7","name":"x"})"},
      {"nothing but read-only", R"({"locked":"a"})", "{}", "{}"},
      {"objects and lists, positions kept",
       R"({"mails":[{"kind":"w"},{"at":"a@b.c","kind":"h"},{"kind":"x"}],"address":{"note":"n","street":"s"}})",
       R"({"mails":[{},{"at":"x"}],"address":{"street":"x"}})",
       R"({"mails":[{"kind":"w"},{"at":"x","kind":"h"},{"kind":"x"}],"address":{"note":"n","street":"x"}})"},
      {"elements one by one, an empty list left alone", R"({"tags":["a","b"],"mails":[]})",
       R"({"tags":["x","x"]})", R"({"tags":["x","x"],"mails":[]})"},
      {"a null that is there is masked", R"({"name":null})", R"({"name":"x"})", R"({"name":"x"})"},
      {"a key with escapes is the same key, the last of equal ones counts",
       R"({"n\u0061me":"Ada","name":"Bob"})", R"({"name":"x"})", R"({"n\u0061me":"x","name":"x"})"},
      {"an object where a text is declared", R"({"name":{"first":"Ada"}})", R"({"name":"x"})",
       R"({"name":"x"})"},
      {"a list where an object is declared", R"({"address":[{"street":"s"},{"street":null}]})",
       R"({"address":[{"street":"x"},{"street":"x"}]})",
       R"({"address":[{"street":"x"},{"street":"x"}]})"},
      {"nothing to mask", R"( {"id":"7"} )", "{}", R"({"id":"7"} )"},
      {"an empty row", "{}", "{}", "{}"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.about);
    Bench bench(person, policy_of({"user"}, "string:x"));
    const auto masked = bench.mask(c.row);
    REQUIRE(masked);
    CHECK(masked->masked == c.masked);
    CHECK(masked->row == c.masked_row);
  }
}

TEST_CASE("changes and what is left alone are listed with their reasons") {
  Bench bench(person, policy_of({"user.name", "user.demographic", "user.contact"}, "string:x"));
  const auto masked = bench.mask(
      R"({"id":"7","name":"Ada","age":36,"locked":"l","mails":[{"at":"a"},{"at":"b"}],"tags":["t"]})");
  REQUIRE(masked);
  REQUIRE(masked->changes.size() == 3);
  CHECK(masked->changes[0].path == "name");
  CHECK(masked->changes[0].category == "user.name");
  CHECK(masked->changes[0].strategy == "string");
  CHECK(masked->changes[0].before == "\"Ada\"");
  CHECK(masked->changes[0].after == "\"x\"");
  CHECK(masked->changes[1].path == "mails[0].at");
  CHECK(masked->changes[2].path == "mails[1].at");
  REQUIRE(masked->left.size() == 2);
  CHECK(masked->left[0].path == "age");
  CHECK(masked->left[0].reason == LeftAlone::type_unsupported);
  CHECK(masked->left[0].text.find("int") != std::string::npos);
  CHECK(masked->left[1].path == "locked");
  CHECK(masked->left[1].reason == LeftAlone::read_only);

  const auto& decisions = bench.masker.decisions();
  const auto decision = [&](std::string_view path) {
    return *std::find_if(decisions.begin(), decisions.end(),
                         [path](const FieldDecision& one) { return one.path == path; });
  };
  CHECK(decision("name").masked);
  CHECK(decision("tags").reason == LeftAlone::not_targeted);
  CHECK(decision("address.street").masked);
  CHECK(bench.masker.targets_anything());
  CHECK(!Bench(person, policy_of({"user.payment"}, "null")).masker.targets_anything());
  CHECK(!Bench(person, policy_of({"user.demographic"}, "hash")).masker.targets_anything());
}

TEST_CASE("which mask a field gets") {
  const char* const fields =
      "a: string @user.contact.email\n"
      "b: string @user.contact.email mask \"{request_id}@example.com\"\n"
      "c: string @user.contact.email mask (if . == null then null else \"was {.}\")\n"
      "d: string @user.contact.phone\n"
      "e: string @user.name\n";
  Policy policy = policy_of({"user"}, "string:policy");
  policy.category_overrides = {{"user.contact", *parse_mask("string:contact")},
                               {"user.contact.email", *parse_mask("string:email")},
                               {"user.payment", *parse_mask("string:payment")}};
  Bench bench(fields, policy);
  const char* const row = R"({"a":"1","b":"2","c":"3","d":"4","e":"5"})";
  const auto masked = bench.mask(row);
  REQUIRE(masked);
  CHECK(masked->masked ==
        R"({"a":"email","b":"pri_1@example.com","c":"was 3","d":"contact","e":"policy"})");
  CHECK(masked->changes[1].strategy == "mask of the connector");
  policy.field_overrides = {{"shop", "c", "b", *parse_mask("preserve")},
                            {"other", "c", "a", *parse_mask("null")}};
  const auto overridden = Bench(fields, policy).mask(row);
  REQUIRE(overridden);
  CHECK(overridden->masked == R"({"a":"email","b":"2","c":"was 3","d":"contact","e":"policy"})");
  const auto null = bench.mask(R"({"c":null})");
  REQUIRE(null);
  CHECK(null->masked == R"({"c":null})");
}

TEST_CASE("an override reaches no field that isn't targeted") {
  Policy policy = policy_of({"user.name"}, "string:x");
  policy.category_overrides = {{"user.contact", *parse_mask("null")}};
  policy.field_overrides = {{"shop", "c", "tags", *parse_mask("null")}};
  const auto masked = Bench(person, policy).mask(R"({"name":"Ada","tags":["t"]})");
  REQUIRE(masked);
  CHECK(masked->masked == R"({"name":"x"})");
}

TEST_CASE("an object with a category is masked whole by null and preserve alone") {
  const char* const fields =
      "o: { x: string @user.name, y: string @system.operations } @user.name\n"
      "l: [{ x: string @user.name }] @user.name\n";
  const char* const row = R"({"o":{"x":"1","y":"2"},"l":[{"x":"3"}]})";
  const auto null = Bench(fields, policy_of({"user"}, "null")).mask(row);
  REQUIRE(null);
  CHECK(null->masked == R"({"o":null,"l":null})");
  const auto kept = Bench(fields, policy_of({"user"}, "preserve")).mask(row);
  REQUIRE(kept);
  CHECK(kept->row == row);
  const auto text = Bench(fields, policy_of({"user"}, "string:x")).mask(row);
  REQUIRE(text);
  CHECK(text->masked == R"({"o":{"x":"x"},"l":[{"x":"x"}]})");
}

TEST_CASE("constraints are met before anything is sent") {
  struct Case {
    std::string_view about, field, mask, masked;  // masked: empty when the row fails
    std::string_view says;                        // then part of the message
  };
  const Case cases[] = {
      {"cut by characters, not bytes", "f: string @user.name length 3", "string:äöüß",
       R"({"f":"äöü"})", ""},
      {"a hash is cut", "f: string @user.name length 8", "string:12345678901",
       R"({"f":"12345678"})", ""},
      {"null has no length, format or choice", "f: string @user.name length 3 format email", "null",
       R"({"f":null})", ""},
      {"a format that is met", "f: string @user.name format email", "string:e@example.com",
       R"({"f":"e@example.com"})", ""},
      {"a format that isn't", "f: string @user.name format email", "string:erased", "",
       "format email"},
      {"a format that the cut breaks", "f: string @user.name length 6 format email",
       "string:erased@example.com", "", "within its length 6"},
      {"a hash is no address", "f: string @user.name format email", "hash", "", "suffix"},
      {"one of the choices", "f: \"yes\" | \"no\" @user.name", "string:no", R"({"f":"no"})", ""},
      {"none of the choices", "f: \"yes\" | \"no\" @user.name", "string:maybe", "",
       "\"yes\", \"no\""},
      {"preserve keeps what is there", "f: string @user.name length 3 format email", "preserve",
       R"({"f":"Ada Lovelace"})", ""},
      {"what stays as it is has no wrong type", "f: int @user.name mask .", "null",
       R"({"f":"Ada Lovelace"})", ""},
      {"a text that stays is cut", "f: string @user.name length 3 mask .", "null", R"({"f":"Ada"})",
       ""},
      {"a mask of another type", "f: int @user.name mask \"none\"", "null", "", "of type int"},
      {"a mask that can be cast", "f: int @user.name mask \"0\"", "null", R"({"f":0})", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.about);
    const auto masked =
        Bench(std::string(c.field), policy_of({"user"}, c.mask)).mask(R"({"f":"Ada Lovelace"})");
    if (!c.masked.empty()) {
      if (!masked) FAIL_CHECK(masked.error().text);
      if (masked) CHECK(masked->masked == c.masked);
      continue;
    }
    REQUIRE(!masked);
    CHECK(masked.error().kind == value::FailureKind::rule);
    CHECK(masked.error().text.find("`f`") != std::string::npos);
    CHECK(masked.error().text.find("nothing is sent") != std::string::npos);
    CAPTURE(masked.error().text);
    CHECK(masked.error().text.find(c.says) != std::string::npos);
    CHECK(masked.error().text.find("Lovelace") == std::string::npos);
  }
}

TEST_CASE("equal secrets and chance give equal rows") {
  for (const std::string_view mask : {"hash", "hmac:sha512", "random:12", "aes"}) {
    CAPTURE(mask);
    const char* const row = R"({"tags":["a","a","b"]})";
    const auto once = Bench(person, policy_of({"user"}, mask)).mask(row);
    const auto again = Bench(person, policy_of({"user"}, mask)).mask(row);
    REQUIRE(once);
    REQUIRE(again);
    CHECK(once->masked == again->masked);
    const bool joinable = mask != "random:12";
    CHECK((once->changes[0].after == once->changes[1].after) == joinable);
    CHECK(once->changes[0].after != once->changes[2].after);
  }
}

/// Any JSON value, a few levels deep.
void append_random(test::FixedRandom& random, int depth, std::string& out) {
  constexpr std::string_view scalars[] = {
      "null",      "true", "-0", "1.50e3", "\"\"", "\"\\u00e9\\\"}\"", "12345678901234567890",
      "\"plain\"", "[]",   "{}"};
  constexpr std::string_view keys[] = {"id",   "name",  "age", "locked", "address", "street",
                                       "note", "mails", "at",  "tags",   "unknown", "n\\u0061me"};
  const std::uint64_t drawn = random.next();
  if (depth == 0 || drawn % 4 == 0) {
    out += scalars[(drawn >> 8U) % std::size(scalars)];
    return;
  }
  const bool object = drawn % 2 == 0;
  out += object ? "{" : "[ ";
  const std::uint64_t count = (drawn >> 16U) % 5;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) out += (drawn >> 20U) % 2 == 0 ? "," : " , ";
    if (object) {
      out += '"';
      out += keys[random.next() % std::size(keys)];
      out += "\": ";
    }
    append_random(random, depth - 1, out);
  }
  out += object ? "}" : "]";
}

TEST_CASE("whatever a row is: what comes out is JSON, and what isn't targeted is untouched") {
  test::FixedRandom random;
  Bench text(person, policy_of({"user"}, "string:x"));
  Bench null(person, policy_of({"user.contact"}, "null"));
  Bench kept(person, policy_of({"user"}, "preserve"));
  Bench nothing(person, policy_of({"system.elsewhere"}, "null"));
  for (int i = 0; i < 4000; ++i) {
    std::string row;
    while (row.empty() || row.front() != '{') {
      row.clear();
      append_random(random, 4, row);
    }
    CAPTURE(row);
    value::Arena arena;
    for (Bench* bench : {&text, &null, &kept, &nothing}) {
      const auto masked = bench->mask(row);
      REQUIRE(masked);
      REQUIRE(value::parse_json(masked->row, arena));
      REQUIRE(value::parse_json(masked->masked, arena));
      CHECK(masked->anything() == (masked->masked != "{}"));
    }
    // Without read-only members there is nothing but masked values that may differ.
    if (row.find("locked") != std::string::npos) continue;
    CHECK(nothing.mask(row)->row == row);
    CHECK(kept.mask(row)->row == row);
    // Putting the old values back gives the row again, byte for byte.
    const auto masked = text.mask(row);
    std::string restored = masked->row;
    std::size_t from = 0;
    for (const FieldChange& change : masked->changes) {
      const std::size_t at = restored.find("\"x\"", from);
      REQUIRE(at != std::string::npos);
      restored.replace(at, 3, change.before);
      from = at + change.before.size();
    }
    CHECK(restored == row);
  }
}

}  // namespace
}  // namespace fconn::privacy
