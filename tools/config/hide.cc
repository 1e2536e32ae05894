#include "tools/config/hide.hh"

#include <algorithm>

#include "tools/config/config.hh"

namespace fconn::config {
namespace {

constexpr std::size_t longest_key = 40;  // longer words before a `=` are rather values
constexpr std::size_t shortest_quoted = 4;

void cover(const grammar::Span& where, std::string& text) {
  for (std::size_t i = where.begin; i < where.end && i < text.size(); ++i) text[i] = '*';
}

void hide_source(const Node& source, std::string& text) {
  if (!source.is(NodeKind::table)) return cover(source.where, text);
  for (const Member& one : source.members) {
    const bool known = one.key == "file" || one.key == "command" || one.key == "store" ||
                       (one.key == "env" && is_variable(one.value.text));
    if (!known) cover(one.value.where, text);
  }
}

/// "https://user:password@host": what stands before the `@`.
void hide_user(const Node& value, std::string& text) {
  if (!value.is(NodeKind::text)) return;
  const std::string_view line = std::string_view(text).substr(0, value.where.end);
  const std::size_t at = line.rfind('@');
  const std::size_t colon = line.find(':', value.where.begin);
  if (at == std::string::npos || at < value.where.begin || colon >= at) return;
  const std::size_t scheme = text.find("://", value.where.begin);
  const std::size_t begin = scheme < at ? scheme + 3 : value.where.begin + 1;
  cover({value.where.file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)},
        text);
}

void hide_salt(const Node& mask, std::string& text) {
  if (const Node* salt = mask.find("salt")) hide_source(*salt, text);
}

bool bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '"' || c == '\'';
}

/// Where a key that begins at `at` ends; `at` itself if none does.
std::size_t key_end(std::string_view line, std::size_t at) {
  std::size_t end = at;
  while (end < line.size() && bare(line[end])) ++end;
  std::size_t equals = end;
  while (equals < line.size() && line[equals] == ' ') ++equals;
  const bool key = end > at && end - at <= longest_key && equals + 1 < line.size() &&
                   line[equals] == '=' && line[equals + 1] != '=';
  return key ? end : at;
}

}  // namespace

bool is_variable(std::string_view text) {
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

void hide_secrets(const Node& root, std::string& text) {
  const auto members = [](const Node& table, std::string_view key) {
    const Node* node = table.find(key);
    return node == nullptr ? std::vector<Member>() : node->members;
  };
  for (const Member& instance : members(root, "instances")) {
    for (const Member& one : members(instance.value, "secrets")) hide_source(one.value, text);
    for (const Member& one : members(instance.value, "params")) hide_user(one.value, text);
  }
  for (const Member& policy : members(root, "policies")) {
    if (const Node* mask = policy.value.find("mask")) hide_salt(*mask, text);
    for (const Member& one : members(policy.value, "overrides")) hide_salt(one.value, text);
  }
  for (const Member& one : members(root, "store")) {
    if (one.key == "key") hide_source(one.value, text);
  }
}

void hide_values(const grammar::Span& mistake, std::string& text, std::string& cause) {
  const std::size_t before = text.rfind('\n', mistake.begin == 0 ? 0 : mistake.begin - 1);
  const std::size_t begin = before == std::string::npos || mistake.begin == 0 ? 0 : before + 1;
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  std::string line = text.substr(begin, end - begin);
  const std::size_t first = line.find_first_not_of(" \t");
  if (first != std::string::npos && line[first] == '[' && line.find('=') == std::string::npos) {
    return;  // a table's name
  }
  constexpr std::string_view shown = " \t{}[],=\"'#\r";
  bool key_may_begin = true;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::size_t key = key_may_begin ? key_end(line, i) : i;
    if (key > i) i = key;
    const char c = line[i];
    key_may_begin = c == '{' || c == ',' || (key_may_begin && (c == ' ' || c == '\t'));
    if (shown.find(c) == std::string_view::npos) line[i] = '*';
  }
  for (std::size_t i = 0; i < line.size();) {
    std::size_t size = 0;
    while (i + size < line.size() && line[i + size] == '*') ++size;
    const std::string word = text.substr(begin + i, size);
    for (std::size_t at = cause.find(word); size >= shortest_quoted && at != std::string::npos;
         at = cause.find(word)) {
      cause.replace(at, size, "***");
    }
    i += size + 1;
  }
  text.replace(begin, line.size(), line);
}

}  // namespace fconn::config
