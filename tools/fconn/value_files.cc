#include "tools/fconn/value_files.hh"

#include <algorithm>

#include "interpreter/formats/csv.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"
#include "tools/config/toml_tree.hh"
#include "tools/fconn/files.hh"

namespace fconn::cli {
namespace {

tl::unexpected<value::Failure> wrong(const std::string& path, std::string text) {
  return value::fail(value::FailureKind::configuration, "'" + path + "' " + std::move(text));
}

value::Result<NamedValues> from_toml(std::string_view text, const std::string& path) {
  const config::TomlTree tree = config::parse_toml(text, {});
  if (tree.mistake) {
    // Neither the message nor the line is shown: the file may hold secrets.
    const auto line = std::count(text.begin(), text.begin() + tree.mistake->where.begin, '\n') + 1;
    return wrong(path, "isn't TOML: there is a mistake in line " + std::to_string(line));
  }
  NamedValues out;
  for (const config::Member& member : tree.root.members) {
    out.emplace_back(member.key, config::to_json(member.value));
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool ends_in(const std::string& path, std::string_view ending) {
  return std::string_view(path).ends_with(ending);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!trimmed(line).empty()) out.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

value::Result<std::vector<ListedValue>> from_csv(std::string_view text, const std::string& path,
                                                 const std::string& column) {
  const auto json = formats::csv_to_json(text, {',', false});
  if (!json) return wrong(path, "has a mistake: " + json.error().text);
  value::Arena arena;
  const auto records = value::parse_json(*json, arena);
  if (!records) return wrong(path, "is too large");
  if (records->count == 0) return wrong(path, "has no header");
  const std::span<const value::Value> header = records->elements[0].list_view();
  if (column.empty() && header.size() > 1) {
    return wrong(path, "has several columns; `column` says which one");
  }
  std::size_t index = 0;
  while (!column.empty() && index < header.size() && header[index].view() != column) ++index;
  if (index == header.size()) return wrong(path, "has no column '" + column + "'");
  std::vector<ListedValue> out;
  for (const value::Value& record : records->list_view().subspan(1)) {
    const std::string_view field = record.elements[index].view();
    if (!field.empty()) out.push_back({std::string(field), false});
  }
  return out;
}

}  // namespace

value::Result<NamedValues> members_of(std::string_view json, const std::string& path) {
  value::Arena arena;
  auto parsed = value::parse_json(json, arena);
  if (!parsed) return wrong(path, "isn't JSON: " + parsed.error().text);
  if (parsed->kind != value::Kind::object) return wrong(path, "holds no JSON object");
  NamedValues out;
  for (const value::Member& member : parsed->object_view()) {
    out.emplace_back(std::string(member.key), value::to_json(member.value));
  }
  return out;
}

value::Result<NamedValues> read_named_values(const std::string& path) {
  auto text = read_file(path);
  if (!text) return value::fail(text.error());
  if (!ends_in(path, ".toml") && trimmed(*text).starts_with('{')) return members_of(*text, path);
  if (ends_in(path, ".json")) return members_of(*text, path);
  return from_toml(*text, path);
}

std::vector<ListedValue> listed_values(std::string_view text) {
  std::vector<ListedValue> out;
  value::Arena arena;
  if (trimmed(text).starts_with('[')) {
    const auto parsed = value::parse_json(text, arena);
    if (parsed && parsed->kind == value::Kind::list) {
      for (const value::Value& element : parsed->list_view()) {
        if (!element.is_null()) out.push_back({value::to_json(element), true});
      }
      return out;
    }
  }
  out.push_back({std::string(text), false});
  return out;
}

value::Result<std::vector<ListedValue>> read_listed_values(const std::string& path,
                                                           const std::string& column) {
  auto text = read_file(path);
  if (!text) return value::fail(text.error());
  // Broken bytes would become another value, and the first value be another with a mark before it.
  if (!value::valid_utf8(*text)) return wrong(path, "isn't UTF-8");
  if (text->starts_with("\xEF\xBB\xBF")) text->erase(0, 3);
  if (!column.empty() || ends_in(path, ".csv")) return from_csv(*text, path, column);
  if (trimmed(*text).starts_with('[')) {
    value::Arena arena;
    if (value::parse_json(*text, arena)) return listed_values(*text);
    if (ends_in(path, ".json")) return wrong(path, "isn't a JSON list");
  }
  const std::vector<std::string_view> lines = lines_of(*text);
  const bool must_be_json = ends_in(path, ".ndjson") || ends_in(path, ".jsonl");
  bool all_json = true;
  for (std::size_t i = 0; i < lines.size() && all_json; ++i) {
    value::Arena arena;
    all_json = value::parse_json(lines[i], arena).has_value();
    if (!all_json && must_be_json) {
      return wrong(path, "isn't NDJSON: value " + std::to_string(i + 1));
    }
  }
  std::vector<ListedValue> out;
  for (const std::string_view line : lines) {
    if (all_json && trimmed(line) == "null") continue;
    out.push_back({std::string(all_json ? line : trimmed(line)), all_json});
  }
  return out;
}

}  // namespace fconn::cli
