#include "interpreter/run/draft.hh"

#include <xxhash.h>

#include <algorithm>
#include <cctype>

namespace fconn::run {

using value::Value;

std::string url_text(const Draft& draft) {
  http::Url url = draft.url;
  if (!draft.query.empty()) {
    // A signature is over the text, so what nobody changed isn't spelt anew.
    const bool as_spelt =
        !draft.spelt_query.empty() && http::parse_query(draft.spelt_query) == draft.query;
    url.query = as_spelt ? draft.spelt_query : http::build_query(draft.query);
  }
  return http::to_string(url);
}

std::uint64_t hash(const Draft& draft, std::uint64_t seed) {
  std::string text = draft.method + '\n' + url_text(draft) + '\n';
  for (const http::HeaderField& field : draft.headers) {
    text += field.name + ':' + field.value + '\n';
  }
  text += '\n';
  text += draft.body;
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

namespace {

/// Members of an object view grouped from pairs; a name that occurs more than once has a list.
Value pairs_object(const http::QueryPairs& pairs, value::Arena& arena) {
  std::vector<value::Member> members;
  for (const auto& [key, text] : pairs) {
    const auto same = [&key = key](const value::Member& m) { return m.key == key; };
    if (std::any_of(members.begin(), members.end(), same)) continue;
    std::vector<Value> values;
    for (const auto& [other, other_text] : pairs) {
      if (other == key) values.push_back(Value::string(arena.copy(other_text)));
    }
    Value entry = values[0];
    if (values.size() > 1) {
      auto list = arena.make<Value>(values.size());
      std::copy(values.begin(), values.end(), list.begin());
      entry = Value::list(list);
    }
    members.push_back({arena.copy(key), entry});
  }
  auto span = arena.make<value::Member>(members.size());
  std::copy(members.begin(), members.end(), span.begin());
  return Value::object(span);
}

}  // namespace

eval::RequestView request_view(const Draft& draft, value::Arena& arena) {
  eval::RequestView view;
  view.method = draft.method;
  const std::string whole = url_text(draft);
  view.url = arena.copy(whole);
  view.path = draft.url.path;
  const std::string origin = http::origin(draft.url);
  view.target = arena.copy(whole.substr(origin.size()));
  view.host = arena.copy(origin.substr(origin.find("://") + 3));
  view.text = draft.has_body ? std::string_view(draft.body) : std::string_view();
  view.query = pairs_object(draft.query, arena);
  http::QueryPairs headers;
  for (const http::HeaderField& field : draft.headers) {
    std::string name = field.name;
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    headers.emplace_back(std::move(name), field.value);
  }
  view.headers = pairs_object(headers, arena);
  view.body = draft.has_body ? draft.body_value.get() : Value::null();
  return view;
}

std::string template_of(const ir::Request& request) {
  std::string text;
  for (const ir::TargetPart& part : request.target) {
    if (part.kind == ir::TargetPartKind::literal) {
      text += part.text;
    } else {
      text += '{' + ir::dump(*part.value) + '}';
    }
  }
  return text;
}

}  // namespace fconn::run
