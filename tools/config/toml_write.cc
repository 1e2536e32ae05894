#include "tools/config/toml_write.hh"

namespace fconn::config {
namespace {

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string out;
  value::append_json_string(text, out);
  // JSON lets this one stand, TOML doesn't.
  for (std::size_t at = 0; (at = out.find('\x7F', at)) != std::string::npos; at += 6) {
    out.replace(at, 1, "\\u007F");
  }
  return out;
}

std::string toml_key(std::string_view key) {
  for (const char c : key) {
    if (!is_bare(c)) return toml_text(key);
  }
  return key.empty() ? "\"\"" : std::string(key);
}

value::Result<std::string> toml_value(const value::Value& value) {
  switch (value.kind) {
    case value::Kind::null_value:
      return value::fail(value::FailureKind::configuration, "holds null, which TOML can't say");
    case value::Kind::list: {
      std::string out = "[";
      for (const value::Value& element : value.list_view()) {
        auto text = toml_value(element);
        if (!text) return text;
        out += (out.size() > 1 ? ", " : "") + *text;
      }
      return out + "]";
    }
    case value::Kind::object: {
      std::string out = "{";
      for (const value::Member& member : value.object_view()) {
        auto text = toml_value(member.value);
        if (!text) return text;
        out += (out.size() > 1 ? ", " : " ") + toml_key(member.key) + " = " + *text;
      }
      return out + (out.size() > 1 ? " }" : "}");
    }
    case value::Kind::string:
      return toml_text(value.view());
    default:
      return value::to_json(value);
  }
}

}  // namespace fconn::config
