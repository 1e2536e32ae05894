#include "interpreter/privacy/policy.hh"

#include <algorithm>
#include <array>
#include <charconv>

#include "interpreter/privacy/category.hh"

namespace fconn::privacy {
namespace {

constexpr std::array<std::string_view, 7> names = {"null",   "string", "hash",    "hmac",
                                                   "random", "aes",    "preserve"};

auto refuse(std::string text) {
  return value::fail(value::FailureKind::configuration, std::move(text));
}

value::Result<Digest> digest_argument(std::string_view strategy, std::string_view argument) {
  if (const auto digest = digest_named(argument)) return *digest;
  return refuse("`" + std::string(strategy) + "` knows no algorithm '" + std::string(argument) +
                "': it is sha256 or sha512");
}

value::Result<std::uint32_t> length_argument(std::string_view argument) {
  std::uint32_t length = 0;
  const char* const end = argument.data() + argument.size();
  const auto [stop, error] = std::from_chars(argument.data(), end, length);
  if (error == std::errc() && stop == end && length >= 1 && length <= longest_random) return length;
  return refuse("`random` gives 1 to 10000 characters, not '" + std::string(argument) + "'");
}

}  // namespace

std::string_view name(Strategy strategy) { return names[static_cast<std::size_t>(strategy)]; }

std::optional<Strategy> strategy_named(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Strategy>(found - names.begin());
}

std::span<const std::string_view> strategy_names() { return names; }

std::string_view name(Digest digest) { return digest == Digest::sha256 ? "sha256" : "sha512"; }

std::optional<Digest> digest_named(std::string_view name) {
  if (name == "sha256" || name == "SHA-256") return Digest::sha256;
  if (name == "sha512" || name == "SHA-512") return Digest::sha512;
  return std::nullopt;
}

value::Result<Mask> parse_mask(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view word = text.substr(0, colon);
  std::optional<std::string_view> argument;
  if (colon != std::string_view::npos) argument = text.substr(colon + 1);
  const auto strategy = strategy_named(word);
  if (!strategy) {
    return refuse(
        "there is no masking strategy '" + std::string(word) +
        "': write null, string:TEXT, hash, hash:ALG, hmac:ALG, random:N, aes or preserve");
  }
  Mask mask;
  mask.strategy = *strategy;
  switch (*strategy) {
    case Strategy::string:
      if (!argument) return refuse("`string` needs its text: string:TEXT");
      mask.text = *argument;
      return mask;
    case Strategy::hash:
    case Strategy::hmac:
      if (argument) {
        const auto digest = digest_argument(word, *argument);
        if (!digest) return value::fail(digest.error());
        mask.digest = *digest;
      }
      return mask;
    case Strategy::random:
      if (argument) {
        const auto length = length_argument(*argument);
        if (!length) return value::fail(length.error());
        mask.length = *length;
      }
      return mask;
    case Strategy::null_value:
    case Strategy::aes:
    case Strategy::preserve:
      break;
  }
  if (argument) return refuse("`" + std::string(word) + "` takes nothing behind a colon");
  return mask;
}

std::optional<TargetedBy> targeted_by(const Policy& policy,
                                      std::span<const std::string> categories) {
  for (const std::string& category : categories) {
    std::optional<TargetedBy> best;
    for (const std::string& target : policy.targets) {
      if (!covers(target, category)) continue;
      if (!best || target.size() > best->target.size()) best = {category, target};
    }
    if (best) return best;
  }
  return std::nullopt;
}

bool prefers_delete(const Policy& policy, std::string_view instance,
                    const ir::Collection& collection) {
  if (policy.prefer_delete || collection.prefer_delete) return true;
  return std::any_of(policy.prefer_delete_for.begin(), policy.prefer_delete_for.end(),
                     [&](const CollectionName& one) {
                       return one.instance == instance && one.collection == collection.name;
                     });
}

}  // namespace fconn::privacy
