#include "interpreter/http/text.hh"

#include <algorithm>

namespace fconn::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::string_view space = " \t\r\n";

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token_char(char c) {
  const char l = lower(c);
  if ((l >= 'a' && l <= 'z') || (c >= '0' && c <= '9')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

void ParameterReader::skip_space() {
  text_.remove_prefix(std::min(text_.find_first_not_of(space), text_.size()));
}

std::string ParameterReader::read_quoted() {
  std::string value;
  text_.remove_prefix(1);
  while (!text_.empty() && text_.front() != '"') {
    if (text_.front() == '\\' && text_.size() > 1) text_.remove_prefix(1);
    value += text_.front();
    text_.remove_prefix(1);
  }
  if (!text_.empty()) text_.remove_prefix(1);
  return value;
}

std::optional<Parameter> ParameterReader::next() {
  skip_space();
  if (text_.empty() || text_.front() != ';') return std::nullopt;
  while (!text_.empty() && text_.front() == ';') {
    text_.remove_prefix(1);
    skip_space();
  }
  Parameter parameter;
  const std::size_t name_end = std::min(text_.find_first_of("=;,"), text_.size());
  parameter.name = lower_case(trim(text_.substr(0, name_end)));
  text_.remove_prefix(name_end);
  if (text_.empty() || text_.front() != '=') return parameter;
  text_.remove_prefix(1);
  skip_space();
  if (!text_.empty() && text_.front() == '"') {
    parameter.value = read_quoted();
    // Whatever stands between the closing quote and the next separator belongs to nothing.
    text_.remove_prefix(std::min(text_.find_first_of(";,"), text_.size()));
    return parameter;
  }
  const std::size_t end = std::min(text_.find_first_of(";,"), text_.size());
  parameter.value = std::string(trim(text_.substr(0, end)));
  text_.remove_prefix(end);
  return parameter;
}

}  // namespace fconn::http
