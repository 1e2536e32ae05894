#include "tools/erasure/proof.hh"

#include <algorithm>
#include <optional>
#include <vector>

namespace fconn::erasure {

std::set<std::uint32_t> collections_above(const ir::Connector& connector, std::uint32_t below) {
  std::set<std::uint32_t> above;
  std::vector<std::uint32_t> next{below};
  while (!next.empty()) {
    const std::uint32_t at = next.back();
    next.pop_back();
    for (const ir::Source& source : connector.collections[at].sources) {
      if (source.collection && above.insert(source.collection->value).second) {
        next.push_back(source.collection->value);
      }
    }
  }
  return above;
}

bool touched_elsewhere(const Touched& touched, const ir::Connector& connector, Place place) {
  const ir::Collection& collection = connector.collections[place.second];
  const bool searched =
      std::any_of(collection.reads.begin(), collection.reads.end(), [](const ir::Read& read) {
        return !read.chain.request_identities.empty() || !read.chain.keep_identities.empty();
      });
  const std::set<std::uint32_t> above = collections_above(connector, place.second);
  return std::any_of(touched.begin(), touched.end(), [&](const auto& one) {
    const Place& other = one.first;
    if (other.first != place.first || other.second == place.second) return false;
    return searched || (one.second && above.contains(other.second));
  });
}

bool unreadable(const run::RunSummary& reading, std::string_view instance,
                std::string_view collection, std::string& why) {
  for (const run::CollectionSummary& one : reading.collections) {
    if (one.instance != instance || one.collection != collection) continue;
    why = one.outcome.reason;
    return one.outcome.state == value::CollectionState::failed ||
           one.outcome.state == value::CollectionState::capped;
  }
  return false;
}

erase::Found looks(erase::ActionKind kind, std::string_view row, std::string_view masked) {
  value::Arena arena;
  std::optional<value::Value> parsed;
  if (!row.empty()) {
    if (auto read = value::parse_json(row, arena)) parsed = *read;
  }
  return erase::found_after(kind, parsed ? &*parsed : nullptr, masked, arena);
}

namespace {

/// Whether a member differs that isn't declared with categories outside `user` alone.
bool changed(const Reread& reread) {
  value::Arena arena;
  const auto before = value::parse_json(reread.before, arena);
  const auto now = value::parse_json(reread.now, arena);
  if (!before || !now) return false;
  const auto differs = [&](const value::Value& from, const value::Value& to) {
    if (from.kind != value::Kind::object) return false;
    return std::any_of(
        from.object_view().begin(), from.object_view().end(), [&](const value::Member& member) {
          const value::Value* other = value::find_member(to, member.key);
          if (other != nullptr &&
              erase::canonical(member.value, arena) == erase::canonical(*other, arena)) {
            return false;
          }
          return !erase::impersonal(reread.collection->fields, {std::string(member.key)});
        });
  };
  return differs(*before, *now) || differs(*now, *before);
}

}  // namespace

std::string proof(const Reread& reread) {
  const bool update = reread.kind == erase::ActionKind::update;
  const erase::Found found = looks(reread.kind, reread.now, reread.masked);
  if (found == erase::Found::still_there && update && reread.masked.empty() && changed(reread)) {
    return "changed";
  }
  const bool keyed = !reread.collection->key.empty();
  const bool proves = !update && (reread.confirmed || (keyed && !reread.elsewhere));
  return found == erase::Found::gone && !proves ? "not found" : std::string(erase::name(found));
}

}  // namespace fconn::erasure
