#include "interpreter/http/headers.hh"

#include <algorithm>

#include "interpreter/http/text.hh"

namespace fconn::http {

const std::string* find(const Headers& headers, std::string_view name) {
  for (const HeaderField& field : headers) {
    if (same_ignoring_case(field.name, name)) return &field.value;
  }
  return nullptr;
}

std::string all(const Headers& headers, std::string_view name) {
  std::string out;
  bool first = true;
  for (const HeaderField& field : headers) {
    if (!same_ignoring_case(field.name, name)) continue;
    if (!first) out += ", ";
    first = false;
    out += field.value;
  }
  return out;
}

void set(Headers& headers, std::string name, std::string value, bool credential) {
  const auto same = [&](const HeaderField& field) { return same_ignoring_case(field.name, name); };
  headers.erase(std::remove_if(headers.begin(), headers.end(), same), headers.end());
  headers.push_back({std::move(name), std::move(value), credential});
}

bool stays_home(const HeaderField& field) {
  if (field.credential || field.of_client) return true;
  constexpr std::string_view names[] = {"authorization", "proxy-authorization", "cookie", "host"};
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view name) { return same_ignoring_case(field.name, name); });
}

bool valid_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
}

bool valid_value(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

MediaType parse_media_type(std::string_view text) {
  MediaType media;
  const std::size_t semicolon = text.find(';');
  media.type = lower_case(trim(text.substr(0, semicolon)));
  if (semicolon == std::string_view::npos) return media;
  ParameterReader parameters(text.substr(semicolon));
  while (const auto parameter = parameters.next()) {
    if (parameter->name == "charset" && media.charset.empty()) {
      media.charset = lower_case(parameter->value);
    }
  }
  return media;
}

}  // namespace fconn::http
