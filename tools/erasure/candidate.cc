#include "tools/erasure/candidate.hh"

#include <algorithm>

#include "interpreter/erase/rows.hh"

namespace fconn::erasure {

using value::Value;

namespace {

void add_texts(const Value& value, http::Redactor& hide) {
  if (value.kind == value::Kind::string) hide.add(value.view());
  if (value.kind == value::Kind::list) {
    for (const Value& element : value.list_view()) add_texts(element, hide);
  }
  if (value.kind == value::Kind::object) {
    for (const value::Member& member : value.object_view()) add_texts(member.value, hide);
  }
}

/// Values of bindings that a person may see: those of fields that aren't about a person.
std::string shown_bound(const Candidate& candidate, const erase::Keeper& key) {
  value::Arena arena;
  auto parsed = value::parse_json(candidate.found->bound, arena);
  if (!parsed || parsed->kind != value::Kind::list) return "[]";
  const ir::Collection& collection = *candidate.subject->collection;
  const ir::Connector& connector = *candidate.subject->instance->connector;
  std::string out = "[";
  for (std::size_t i = 0; i < parsed->count; ++i) {
    if (i > 0) out += ',';
    Value one = parsed->list_view()[i];
    const ir::Slot& slot = collection.slots[i];
    const ir::Source& source = collection.sources[slot.source];
    bool open = false;
    if (slot.cell && source.collection) {
      const ir::Collection& parent = connector.collections[source.collection->value];
      open = erase::impersonal(parent.fields, parent.cells[*slot.cell].path);
    }
    if (!open) one = erase::shadow(one, key, arena);
    value::append_json(one, out);
  }
  return out + "]";
}

}  // namespace

std::string plain(const Value& value) {
  return value.kind == value::Kind::string ? std::string(value.view()) : value::to_json(value);
}

bool tells_nothing(std::string_view strategy) {
  return strategy == "null" || strategy == "string" || strategy == "random" || strategy == "hash" ||
         strategy == "hmac" || strategy == "aes";
}

std::string safe(const value::Failure& failure, const Candidate& candidate) {
  http::Redactor hide;
  for (const std::string* json :
       {&candidate.found->row, &candidate.found->bound, &candidate.found->identities}) {
    value::Arena arena;
    auto parsed = value::parse_json(*json, arena);
    if (parsed) add_texts(*parsed, hide);
  }
  for (const auto& [name, values] : candidate.subject->instance->identities) {
    for (const value::OwnedValue& value : values) hide.add(plain(value.get()));
  }
  return hide.redact(failure.text);
}

std::string binding_key(const run::FoundRow& row, const erase::Keeper& key) {
  return R"({"bound":)" + erase::shown(row.bound, key) + "}";
}

run::ErasureValues shown_values(const Candidate& candidate, const erase::Keeper& key) {
  const ir::Collection& collection = *candidate.subject->collection;
  run::ErasureValues shown;
  shown.bound = shown_bound(candidate, key);
  value::Arena arena;
  const auto shade = [&](const std::string& json) {
    if (json.empty()) return std::string();
    auto parsed = value::parse_json(json, arena);
    return parsed ? value::to_json(erase::shadow_row(collection.fields, *parsed, key, arena))
                  : std::string();
  };
  shown.row = shade(candidate.context.row);
  const bool open = std::all_of(
      candidate.masked.changes.begin(), candidate.masked.changes.end(),
      [](const privacy::FieldChange& change) { return tells_nothing(change.strategy); });
  shown.masked = open ? candidate.masked.masked : shade(candidate.masked.masked);
  shown.masked_row = shade(candidate.masked.row);
  if (open && !shown.masked_row.empty()) {
    shown.masked_row = erase::overlay(shown.masked_row, candidate.masked.masked);
  }
  return shown;
}

std::string revealed(const Candidate& candidate, const run::DraftedTurn& turn) {
  std::string out = R"({"requests":[)";
  for (const run::DraftedRequest& request : turn.requests) {
    if (&request != &turn.requests.front()) out += ',';
    out += R"({"url":)";
    value::append_json_string(request.url, out);
    if (!request.body.empty()) out += ",\"body\":" + request.body;
    out += '}';
  }
  out += "],\"changes\":[";
  for (const privacy::FieldChange& change : candidate.masked.changes) {
    if (&change != &candidate.masked.changes.front()) out += ',';
    out += R"({"field":)";
    value::append_json_string(change.path, out);
    out += ",\"before\":" + change.before + ",\"after\":" + change.after + "}";
  }
  out += "]";
  if (!candidate.context.row.empty()) out += ",\"row\":" + candidate.context.row;
  return out + "}";
}

}  // namespace fconn::erasure
