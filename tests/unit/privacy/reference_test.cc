// Against what Fides gives: strategies, rows and narrowing. Where a case is left out, it says why.
#include <doctest/doctest.h>

#include <algorithm>

#include "interpreter/eval/encoding.hh"
#include "interpreter/privacy/mask_row.hh"
#include "interpreter/privacy/narrow_row.hh"
#include "tests/unit/privacy/support.hh"

namespace fconn::privacy {
namespace {

using test::cases;
using test::member;
using test::same_json;
using test::text;

/// Nothing where the configuration is one that the reference refuses, too.
std::optional<Mask> mask_of(std::string_view strategy, const value::Value& configuration) {
  Mask mask;
  mask.strategy = *strategy_named(test::plain_strategy(strategy));
  const value::Value algorithm = member(configuration, "algorithm");
  if (!algorithm.is_null()) {
    const auto digest = digest_named(algorithm.view());
    if (!digest) return std::nullopt;
    mask.digest = *digest;
  }
  const value::Value rewrite = member(configuration, "rewrite_value");
  if (mask.strategy == Strategy::string && rewrite.is_null()) return std::nullopt;
  if (!rewrite.is_null()) mask.text = rewrite.view();
  const value::Value length = member(configuration, "length");
  if (!length.is_null()) mask.length = static_cast<std::uint32_t>(length.integer);
  mask.suffix = text(member(configuration, "format_preservation"), "suffix");
  return mask;
}

MaskingSecrets secrets_of(const value::Value& given, std::string_view strategy) {
  MaskingSecrets out;
  out.hash_salt = value::Secret(text(given, "salt"));
  out.hmac_key = value::Secret(text(given, "key"));
  out.hmac_salt = value::Secret(text(given, "salt"));
  if (strategy == "aes_encrypt") {
    out.aes_key = value::Secret(*eval::base64_bytes(text(given, "key"), "+/"));
  }
  out.aes_nonce_key = value::Secret(text(given, "key_hmac"));
  out.aes_nonce_salt = value::Secret(text(given, "salt_hmac"));
  return out;
}

/// Random characters are `r` in the data.
std::string without_chance(std::string_view json, std::uint32_t length) {
  std::string out(json);
  for (std::uint32_t i = 1; i <= length && i < out.size(); ++i) out[i] = 'r';
  return out;
}

TEST_CASE("strategies give the reference's outputs") {
  value::Arena arena;
  test::FixedRandom random;
  std::size_t compared = 0;
  const value::Value all = cases("masking.json", arena);
  for (const value::Value& one : all.list_view()) {
    const std::string id = text(one, "id");
    CAPTURE(id);
    const value::Value input = member(one, "input");
    const std::string strategy = text(input, "strategy");
    const auto mask = mask_of(strategy, member(input, "configuration"));
    CHECK(mask.has_value() == member(one, "error").is_null());
    if (!mask) continue;
    const MaskingSecrets secrets = secrets_of(member(input, "secrets"), strategy);
    Strategies strategies(secrets, random);
    const value::Value values = member(input, "values");
    if (values.kind != value::Kind::list) continue;  // a missing list of values: no value of ours
    for (std::uint32_t i = 0; i < values.count; ++i) {
      auto masked = strategies.apply(*mask, value::to_json(values.list_view()[i]));
      REQUIRE(masked);
      if (mask->strategy == Strategy::random) *masked = without_chance(*masked, mask->length);
      CHECK(*masked == value::to_json(member(one, "output").list_view()[i]));
      ++compared;
    }
  }
  CHECK(compared >= 70);
}

ir::ScalarType type_of(std::string_view name) {
  if (name == "string") return ir::ScalarType::string;
  if (name == "integer") return ir::ScalarType::integer;
  if (name == "float") return ir::ScalarType::number;
  if (name == "boolean") return ir::ScalarType::boolean;
  return name == "object" ? ir::ScalarType::object : ir::ScalarType::any;
}

TEST_CASE("strategies support the reference's types") {
  value::Arena arena;
  const value::Value all = cases("supported_types.json", arena);
  CHECK(all.count > 30);
  for (const value::Value& one : all.list_view()) {
    const std::string id = text(one, "id");
    CAPTURE(id);
    const value::Value input = member(one, "input");
    const auto strategy = *strategy_named(test::plain_strategy(text(input, "strategy")));
    CHECK(supports(strategy, type_of(text(input, "data_type"))) ==
          (member(one, "output").integer != 0));
  }
}

std::vector<ir::Field> fields_of(const value::Value& list, const std::string& above,
                                 std::vector<FieldOverride>& overrides) {
  std::vector<ir::Field> out;
  for (const value::Value& given : list.list_view()) {
    ir::Field field;
    field.name = text(given, "name");
    const std::string path = above.empty() ? field.name : above + "." + field.name;
    const value::Value categories = member(given, "data_categories");
    if (categories.kind == value::Kind::list) {
      for (const value::Value& category : categories.list_view()) {
        field.categories.emplace_back(category.view());
      }
    }
    const value::Value meta = member(given, "fides_meta");
    std::string type = text(meta, "data_type");
    if (type.size() > 2 && type.substr(type.size() - 2) == "[]") {
      field.list = true;
      type.resize(type.size() - 2);
    }
    field.type = type_of(type);
    const value::Value below = member(given, "fields");
    if (below.kind == value::Kind::list && below.count > 0) {
      field.type = ir::ScalarType::object;
      field.fields = fields_of(below, path, overrides);
    } else {
      field.readonly = member(meta, "read_only").integer != 0;
      const value::Value length = member(meta, "length");
      if (!length.is_null()) field.length = length.integer;
    }
    const value::Value own = member(meta, "masking_strategy_override");
    if (!own.is_null()) {
      overrides.push_back(
          {"i", "c", path, *mask_of(text(own, "strategy"), member(own, "configuration"))});
    }
    out.push_back(std::move(field));
  }
  return out;
}

TEST_CASE("rows are masked as the reference masks them") {
  value::Arena arena;
  test::FixedRandom random;
  test::FixedClock clock;
  const ir::Connector connector;
  eval::Evaluator evaluator(connector, clock, random);
  std::size_t compared = 0;
  const value::Value all = cases("mask_row.json", arena);
  for (const value::Value& one : all.list_view()) {
    const std::string id = text(one, "id");
    CAPTURE(id);
    const value::Value input = member(one, "input");
    const std::string row = value::to_json(member(input, "row"));
    // Elements that Fides' access phase has marked: the language has no such phase.
    if (row.find("FIDESOPS_DO_NOT_MASK") != std::string::npos) continue;
    // A null with a length makes the reference crash (8.7, step 7).
    if (!member(one, "error").is_null()) continue;
    const value::Value masking = member(input, "masking");
    Policy policy;
    policy.mask = *mask_of(text(masking, "strategy"), member(masking, "configuration"));
    for (const value::Value& target : member(input, "targets").list_view()) {
      policy.targets.emplace_back(target.view());
    }
    ir::Collection collection;
    collection.name = "c";
    collection.fields = fields_of(member(input, "fields"), "", policy.field_overrides);
    const value::Value secrets_given = member(input, "secrets");
    const MaskingSecrets secrets = secrets_of(secrets_given, text(masking, "strategy"));
    RowMasker masker(collection, "i", policy, secrets, random, evaluator);
    const auto masked = masker.mask(row, {});
    if (!masked) FAIL_CHECK(masked.error().text);
    if (!masked) continue;
    const std::string expected =
        value::to_json(member(member(one, "output"), "masked_object_fields"));
    CAPTURE(masked->masked);
    CAPTURE(expected);
    CHECK(same_json(masked->masked, expected));
    ++compared;
  }
  CHECK(compared > 25);
}

TEST_CASE("rows are narrowed as the reference selects fields") {
  value::Arena arena;
  const value::Value all = cases("select_fields.json", arena);
  CHECK(all.count > 30);
  for (const value::Value& one : all.list_view()) {
    const std::string id = text(one, "id");
    CAPTURE(id);
    const value::Value input = member(one, "input");
    ir::Collection collection;
    for (const value::Value& path : member(input, "paths").list_view()) {
      std::vector<ir::Field>* level = &collection.fields;
      std::string_view rest = path.view();
      while (true) {
        const std::size_t dot = rest.find('.');
        const std::string name(rest.substr(0, dot));
        auto found = std::find_if(level->begin(), level->end(),
                                  [&name](const ir::Field& field) { return field.name == name; });
        if (found == level->end()) {
          level->push_back({});
          found = level->end() - 1;
          found->name = name;
        }
        if (dot == std::string_view::npos) {
          found->categories = {"user"};
          break;
        }
        level = &found->fields;
        rest.remove_prefix(dot + 1);
      }
    }
    Policy policy;
    policy.targets = {"user"};
    std::string narrowed;
    Narrower(collection, policy).narrow(value::to_json(member(input, "row")), narrowed);
    const std::string expected = value::to_json(member(one, "output"));
    CAPTURE(narrowed);
    CAPTURE(expected);
    CHECK(same_json(narrowed, expected));
  }
}

}  // namespace
}  // namespace fconn::privacy
