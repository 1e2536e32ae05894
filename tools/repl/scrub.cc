#include "tools/repl/scrub.hh"

#include <algorithm>
#include <cstdio>

#include "interpreter/http/url.hh"
#include "interpreter/ir/walk.hh"
#include "tools/har/stand_in.hh"

namespace fconn::repl {

using value::Kind;
using value::Value;

namespace {

constexpr std::size_t shortest_inside = 5;  // of a value that is looked for within other texts
constexpr std::int64_t smallest_number = 10'000;  // smaller ones count something

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "2024-05-06", perhaps with more behind it.
bool looks_like_date(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (!is_digit(text[i])) return false;
  }
  return text.size() == 10 || text[10] == 'T' || text[10] == ' ';
}

bool looks_like_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = lower(text[i]);
    if (dash ? c != '-' : !is_digit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

bool is_url(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

std::string padded(std::size_t number, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, static_cast<unsigned long>(number));
  return text;
}

const ir::Field* field_named(const std::vector<ir::Field>& fields, std::string_view name) {
  for (const ir::Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool is_personal(const std::vector<std::string>& categories) {
  return std::any_of(categories.begin(), categories.end(), [](const std::string& category) {
    return category == "user" || category.starts_with("user.");
  });
}

void spell(const ir::Expr& expr, std::set<std::string>& out) {
  if (expr.op == ir::Op::string) out.insert(har::folded(expr.text));
}

std::set<std::string> spelt_by(const ir::Connector& connector) {
  std::set<std::string> out;
  const auto visit = [&out](const ir::Expr& expr) { spell(expr, out); };
  for (const ir::Collection& collection : connector.collections) {
    for (const ir::Read& read : collection.reads) ir::each_expr(read.chain, visit);
  }
  return out;
}

/// Whether a cell that the connector's clauses read holds the value at this path.
bool is_read(const std::vector<ir::KeyPath>& cells, const ir::KeyPath& path) {
  return std::any_of(cells.begin(), cells.end(), [&path](const ir::KeyPath& cell) {
    return !cell.empty() && cell.size() <= path.size() &&
           std::equal(cell.begin(), cell.end(), path.begin());
  });
}

}  // namespace

bool looks_like_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
         text.find_first_of(" \t\n") == std::string_view::npos && !is_url(text);
}

bool looks_like_phone(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      ++digits;
    } else if (std::string_view("+-() ./").find(c) == std::string_view::npos) {
      return false;
    }
  }
  const bool written =
      text.starts_with('+') || text.find_first_of("() -") != std::string_view::npos;
  return written && digits >= 7 && digits <= 15 && !looks_like_date(text);
}

/// Where a value stands in an answer.
struct Scrubber::Place {
  const ir::Request* request = nullptr;
  const std::vector<ir::Field>* fields = nullptr;  // of the object, where they are known
  const ir::Field* field = nullptr;
  ir::KeyPath path;  // from the body, or from the row
  bool in_rows = false;
  bool secret = false;  // a token's answer: everything
};

Scrubber::Scrubber(const ir::Connector& connector, ScrubDepth depth, std::set<std::string> origins)
    : depth_(depth), origins_(std::move(origins)), spelt_(spelt_by(connector)) {}

std::string Scrubber::add(std::string_view value, std::string_view stand_in) {
  std::string& known = stand_ins_[har::folded(value)];
  if (known.empty()) known = stand_in.empty() ? made_for(value) : std::string(stand_in);
  return known;
}

std::string Scrubber::made_for(std::string_view value) {
  const std::size_t number = next_++;
  if (looks_like_email(value)) return "person" + std::to_string(number) + "@example.com";
  if (looks_like_uuid(value)) return padded(number, "00000000-0000-4000-8000-%012lu");
  if (looks_like_date(value)) {
    constexpr std::size_t days = 28;
    const std::string date = padded(number % days + 1, "2000-01-%02lu");
    return value.size() == 10 ? date : date + "T00:00:00Z";
  }
  if (looks_like_phone(value)) return padded(number, "+1555%07lu");
  const bool digits = !value.empty() && std::all_of(value.begin(), value.end(), is_digit);
  if (digits) return padded(number, "9%05lu");
  if (is_url(value)) return "https://example.com/" + std::to_string(number);
  return "text-" + std::to_string(number);
}

/// Whether a value that has a stand-in occurs in a text, as a word of it or longer.
bool Scrubber::mentions(std::string_view text) const {
  constexpr std::size_t shortest_word = 3;
  const std::string low = har::folded(text);
  const auto joins = [&low](std::size_t at) {
    return at < low.size() && ((low[at] >= 'a' && low[at] <= 'z') || is_digit(low[at]));
  };
  return std::any_of(stand_ins_.begin(), stand_ins_.end(), [&](const auto& one) {
    const std::string& value = one.first;
    if (value.size() < shortest_word) return false;
    for (std::size_t at = 0; (at = low.find(value, at)) != std::string::npos; ++at) {
      const bool word = !joins(at + value.size()) && (at == 0 || !joins(at - 1));
      if (word || value.size() >= shortest_inside) return true;
    }
    return false;
  });
}

std::string Scrubber::text(std::string_view text) const {
  const std::string low = har::folded(text);
  if (const auto whole = stand_ins_.find(low); whole != stand_ins_.end()) return whole->second;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string* best = nullptr;
    std::size_t length = 0;
    for (const auto& [value, stand_in] : stand_ins_) {
      const bool longer = value.size() >= shortest_inside && value.size() > length;
      if (longer && low.compare(i, value.size(), value) == 0) {
        best = &stand_in;
        length = value.size();
      }
    }
    if (best == nullptr) {
      out += text[i++];
    } else {
      out += *best;
      i += length;
    }
  }
  return out;
}

bool Scrubber::is_link(std::string_view value) const {
  return std::any_of(origins_.begin(), origins_.end(), [value](const std::string& origin) {
    return value.starts_with(origin + "/") || value.starts_with(origin + "?") || value == origin;
  });
}

std::string Scrubber::url(std::string_view value) {
  auto url = http::parse_url(value);
  if (!url) return text(value);
  if (url->query) {
    http::QueryPairs pairs = http::parse_query(*url->query);
    for (auto& [name, given] : pairs) {
      const bool plain = given.size() < shortest_inside || spelt_.contains(har::folded(given));
      if (stand_ins_.contains(har::folded(given)) || (!plain && depth_ == ScrubDepth::undeclared)) {
        given = add(given);
      } else {
        given = text(given);
      }
    }
    url->query = http::build_query(pairs);
  }
  std::string path;
  std::string_view rest = url->path;
  while (!rest.empty()) {
    const std::size_t end = rest.find('/');
    path += http::encode_segment(text(http::decode_percent(rest.substr(0, end))));
    if (end == std::string_view::npos) break;
    path += '/';
    rest.remove_prefix(end + 1);
  }
  url->path = path;
  return http::to_string(*url);
}

Value Scrubber::leaf(const Value& value, const Place& place, value::Arena& arena) {
  const bool declared = place.field != nullptr;
  const bool personal = place.secret || (declared && is_personal(place.field->categories));
  if (value.kind == Kind::integer || value.kind == Kind::decimal) {
    const bool large = value.kind == Kind::integer && value.integer >= smallest_number;
    const bool read = place.request != nullptr && depth_ == ScrubDepth::unread &&
                      is_read(place.request->row_cells, place.path);
    const bool goes = !place.secret && (personal || (place.in_rows && !declared && large && !read));
    const std::string spelling = value::to_json(value);
    const auto known = stand_ins_.find(spelling);
    if (!goes && (known == stand_ins_.end() || !large)) return value;
    const std::string made = add(spelling);
    const bool digits = std::all_of(made.begin(), made.end(), is_digit) && made.size() < 18;
    return digits ? Value::of(std::stoll(made)) : Value::of(static_cast<std::int64_t>(next_));
  }
  if (value.kind != Kind::string) return value;
  const std::string_view given = value.view();
  if (given.empty()) return value;
  if (stand_ins_.contains(har::folded(given))) return Value::string(arena.copy(add(given)));
  if (is_link(given)) return Value::string(arena.copy(url(given)));
  // A declared category is believed of words and numbers; a sentence may say anything.
  const bool known = declared && !personal && !place.field->categories.empty() &&
                     given.find(' ') == std::string_view::npos;
  const bool kept =
      depth_ == ScrubDepth::unread && place.request != nullptr &&
      is_read(place.in_rows ? place.request->row_cells : place.request->body_cells, place.path);
  const bool open = !known && !kept && !spelt_.contains(har::folded(given));
  const bool telling = looks_like_email(given) || looks_like_phone(given);
  if (personal || open || telling || mentions(given)) return Value::string(arena.copy(add(given)));
  return Value::string(arena.copy(text(given)));
}

Value Scrubber::walk(const Value& any, const Place& place, value::Arena& arena) {
  const Value value = value::decoded(any, arena);
  const ir::Request* request = place.request;
  const bool rows = !place.in_rows && request != nullptr && request->rows_path &&
                    place.path == *request->rows_path;
  if (value.kind == Kind::list) {
    auto made = arena.make<Value>(value.count);
    Place inside = place;
    inside.in_rows = place.in_rows || rows;
    if (rows) inside.path.clear();
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = walk(value.list_view()[i], inside, arena);
    }
    return Value::list(made);
  }
  if (value.kind != Kind::object) return leaf(value, place, arena);
  auto made = arena.make<value::Member>(value.count);
  for (std::size_t i = 0; i < made.size(); ++i) {
    const value::Member& member = value.object_view()[i];
    Place inside = place;
    inside.in_rows = place.in_rows || rows;
    if (rows) inside.path.clear();
    inside.path.emplace_back(member.key);
    if (inside.in_rows) {
      inside.field = place.fields == nullptr ? nullptr : field_named(*place.fields, member.key);
      // What a group of fields holds has fields of its own; a field without any is as it is.
      const bool group = inside.field != nullptr && !inside.field->fields.empty();
      if (inside.field != nullptr) inside.fields = group ? &inside.field->fields : nullptr;
      if (inside.field == nullptr && place.field != nullptr && place.field->fields.empty()) {
        inside.field = place.field;  // inside of a declared value
      }
      if (inside.field == nullptr) inside.fields = nullptr;
    }
    const bool shown_key = stand_ins_.contains(har::folded(member.key));
    const std::string_view key = shown_key ? arena.copy(add(member.key)) : member.key;
    made[i] = {key, walk(member.value, inside, arena)};
  }
  return Value::object(made);
}

std::string Scrubber::json(std::string_view json, const ir::Collection* collection,
                           const ir::Request* request) {
  value::Arena arena;
  const auto parsed = value::parse_json(json, arena);
  if (!parsed) return text(json);
  Place place;
  place.request = request;
  place.secret = collection == nullptr;
  // With a `map`, declared fields are those of another row.
  const bool mapped = request != nullptr &&
                      std::any_of(request->row_ops.begin(), request->row_ops.end(),
                                  [](const auto& op) { return op.kind == ir::RowOpKind::map; });
  if (collection != nullptr && !mapped) place.fields = &collection->fields;
  place.in_rows = request != nullptr && request->rows_path && request->rows_path->empty();
  return value::to_json(walk(*parsed, place, arena));
}

}  // namespace fconn::repl
