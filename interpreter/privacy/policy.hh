// What a policy says: which data is meant, how it is masked, what must never be touched. Plain
// data, made by tools/ from fconn.toml or from options; nothing here reads files or secrets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "interpreter/privacy/hold.hh"
#include "interpreter/value/result.hh"
#include "interpreter/value/secret.hh"

namespace fconn::privacy {

/// How a value is masked; strategies.hh says exactly what each gives.
enum class Strategy : std::uint8_t { null_value, string, hash, hmac, random, aes, preserve };
/// "null", "string", "hash", "hmac", "random", "aes", "preserve".
std::string_view name(Strategy strategy);
std::optional<Strategy> strategy_named(std::string_view name);
/// All names, for suggestions.
std::span<const std::string_view> strategy_names();

enum class Digest : std::uint8_t { sha256, sha512 };
/// "sha256", "sha512"; reading also takes "SHA-256" and "SHA-512".
std::string_view name(Digest digest);
std::optional<Digest> digest_named(std::string_view name);

struct Mask {
  Strategy strategy = Strategy::null_value;
  std::string text;                   // string: what is written
  Digest digest = Digest::sha256;     // hash, hmac
  std::uint32_t length = 30;          // random: characters
  std::string suffix;                 // appended to what any but null and preserve give
  std::optional<value::Secret> salt;  // hash, hmac: instead of the request's own
};

/// Most characters that `random` gives.
constexpr std::uint32_t longest_random = 10'000;

/// `null`, `string:TEXT`, `hash`, `hash:ALG`, `hmac:ALG`, `random`, `random:N`, `aes`, `preserve`.
/// A `configuration` failure says what is wrong and what can be written.
value::Result<Mask> parse_mask(std::string_view text);

/// Another mask for a category and those below it. It widens nothing: a field has to be targeted.
struct CategoryOverride {
  std::string category;
  Mask mask;
};
/// Another mask for one field: `instance:collection.path.of.field`, without indices.
struct FieldOverride {
  std::string instance, collection, path;
  Mask mask;
};
/// A collection of an instance.
struct CollectionName {
  std::string instance, collection;
};

/// Which rows an action that doesn't use `masked` or `masked_row` runs for.
enum class Scope : std::uint8_t {
  targeted,  // those of collections with a targeted field, or without `fields`
  all,       // every row, as Fides
};

struct Policy {
  std::string name;                  // empty: made from options
  std::vector<std::string> targets;  // categories; each covers those below it
  Mask mask;
  std::vector<CategoryOverride> category_overrides;
  std::vector<FieldOverride> field_overrides;
  Scope scope = Scope::targeted;
  bool prefer_delete = false;                     // everywhere
  std::vector<CollectionName> prefer_delete_for;  // in these
  std::vector<Hold> holds;
};

/// Whether any of the categories is targeted; the first that is, with the most special target
/// that covers it.
struct TargetedBy {
  std::string_view category, target;  // views of the field's and the policy's texts
};
std::optional<TargetedBy> targeted_by(const Policy& policy,
                                      std::span<const std::string> categories);

/// Whether an erasure of the collection's rows deletes though it could update: said by the
/// connector, by the policy, or by the policy for this collection.
bool prefers_delete(const Policy& policy, std::string_view instance,
                    const ir::Collection& collection);

}  // namespace fconn::privacy
