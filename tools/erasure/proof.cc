#include "tools/erasure/proof.hh"

#include <algorithm>
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

std::vector<std::string> bounds_of(const erase::ActionContext& context) {
  std::vector<std::string> bounds{context.bound};
  value::Arena arena;
  auto beside = value::parse_json(context.beside, arena);
  if (!beside || beside->kind != value::Kind::list) return bounds;
  for (const value::Value& bound : beside->list_view()) bounds.push_back(value::to_json(bound));
  return bounds;
}

erase::Found looks(erase::ActionKind kind, const std::vector<std::string>* contents,
                   std::string_view masked) {
  if (contents == nullptr) return erase::Found::gone;
  for (std::size_t first = 0; first < contents->size(); ++first) {
    value::Arena arena;
    auto row = value::parse_json(arena.copy(erase::merged_row(*contents, first)), arena);
    const erase::Found found = erase::found_after(kind, row ? &*row : nullptr, masked, arena);
    if (found != erase::Found::masked) return found;
  }
  return erase::Found::masked;
}

namespace {

/// Whether a member differs that isn't declared with categories outside `user` alone.
bool changed(const Reread& reread, const std::string& row) {
  value::Arena arena;
  const auto before = value::parse_json(reread.before, arena);
  const auto now = value::parse_json(row, arena);
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

/// In each of the shapes in which it was found.
bool changed(const Reread& reread) {
  for (std::size_t first = 0; first < reread.now->size(); ++first) {
    if (!changed(reread, erase::merged_row(*reread.now, first))) return false;
  }
  return true;
}

}  // namespace

std::string proof(const Reread& reread) {
  const bool update = reread.kind == erase::ActionKind::update;
  const erase::Found found = looks(reread.kind, reread.now, reread.masked);
  if (found == erase::Found::still_there && update && reread.masked.empty() && changed(reread)) {
    return "changed";
  }
  value::Arena arena;
  const auto before = value::parse_json(reread.before, arena);
  const bool keyed = before && erase::has_key(*reread.collection, *before, arena);
  const bool proves = !update && (reread.confirmed || (keyed && !reread.elsewhere));
  return found == erase::Found::gone && !proves ? "not found" : std::string(erase::name(found));
}

}  // namespace fconn::erasure
