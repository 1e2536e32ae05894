#include "tools/fconn/convert.hh"

#include <charconv>

#include "interpreter/eval/eval.hh"
#include "interpreter/http/url.hh"

namespace fconn::cli {
namespace {

using ir::ScalarType;
using value::Kind;
using value::Value;

tl::unexpected<value::Failure> unfit(std::string text) {
  return value::fail(value::FailureKind::configuration, std::move(text));
}

std::string noun(ScalarType type) {
  switch (type) {
    case ScalarType::any:
      return "a value";
    case ScalarType::string:
      return "a text";
    case ScalarType::integer:
      return "an integer";
    case ScalarType::number:
      return "a number";
    case ScalarType::boolean:
      return "true or false";
    case ScalarType::datetime:
      return "a date and time";
    case ScalarType::object:
      return "a JSON object";
    case ScalarType::list:
      return "a JSON list";
    case ScalarType::host:
      return "a host name, without scheme or path";
    case ScalarType::url:
      return "a URL that begins with https:// or http://";
  }
  return "a value";
}

bool is_host(std::string_view text) {
  const auto url = http::parse_url("https://" + std::string(text));
  return url && url->path.empty() && !url->query && text.find('#') == std::string_view::npos &&
         text.find('?') == std::string_view::npos;
}

bool is_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// A JSON number, as RFC 8259 spells it.
bool is_number(std::string_view text, value::Arena& arena) {
  const auto parsed = value::parse_json(text, arena);
  return parsed && (parsed->kind == Kind::integer || parsed->kind == Kind::decimal);
}

/// A scalar given as text.
value::Result<Value> scalar_from_text(ScalarType type, std::string_view text, value::Arena& arena) {
  switch (type) {
    case ScalarType::host:
      if (!is_host(text)) break;
      return Value::string(text);
    case ScalarType::url:
      if (!http::parse_url(text)) break;
      return Value::string(text);
    case ScalarType::integer: {
      if (!is_integer(text)) break;
      std::int64_t number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return Value::of(number);
    }
    case ScalarType::number:
      if (!is_number(text, arena)) break;
      return *value::parse_json(text, arena);
    case ScalarType::boolean:
      if (text != "true" && text != "false") break;
      return Value::boolean(text == "true");
    case ScalarType::list:
    case ScalarType::object: {
      auto parsed = value::parse_json(text, arena);
      const Kind wanted = type == ScalarType::list ? Kind::list : Kind::object;
      if (!parsed || parsed->kind != wanted) break;
      return *parsed;
    }
    case ScalarType::any:
    case ScalarType::string:
    case ScalarType::datetime:
      return Value::string(text);
  }
  return unfit("isn't " + noun(type));
}

/// A whole JSON value for a scalar type.
value::Result<Value> scalar_from_value(ScalarType type, const Value& given, value::Arena& arena) {
  switch (given.kind) {
    case Kind::string:
      if (type == ScalarType::list || type == ScalarType::object) break;
      return scalar_from_text(type, given.view(), arena);
    case Kind::integer:
    case Kind::decimal:
    case Kind::boolean:
      if (type == ScalarType::any) return given;
      if (type == ScalarType::number && given.kind != Kind::boolean) return given;
      if (type == ScalarType::list || type == ScalarType::object) break;
      return scalar_from_text(type, arena.copy(value::to_json(given)), arena);
    case Kind::list:
      if (type == ScalarType::list || type == ScalarType::any) return given;
      break;
    case Kind::object:
      if (type == ScalarType::object || type == ScalarType::any) return given;
      break;
    default:
      break;
  }
  return unfit("isn't " + noun(type));
}

value::Result<Value> check_elements(const ir::Param& param, const Value& list,
                                    value::Arena& arena) {
  if (param.type != ScalarType::list || param.element == ScalarType::any) return list;
  const std::span<Value> elements = arena.make<Value>(list.count);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto element = scalar_from_value(param.element, list.list_view()[i], arena);
    if (!element) {
      return unfit("holds an element (" + std::to_string(i + 1) + ".) that isn't " +
                   noun(param.element));
    }
    elements[i] = *element;
  }
  return Value::list(elements);
}

/// With choices the value must be one of them; a text may spell a choice of another type.
value::Result<Value> check_choice(const ir::Param& param, const Value& given, value::Arena& arena) {
  if (param.choices.empty()) return given;
  for (const ir::Expr& choice : param.choices) {
    const auto constant = eval::constant(choice, arena);
    if (!constant) continue;
    const bool same_text = given.kind == Kind::string && constant->kind != Kind::string &&
                           value::to_json(*constant) == given.view();
    if (same_text || value::equal(*constant, given, arena)) return *constant;
  }
  return unfit("isn't " + describe_type(param));
}

value::Result<value::OwnedValue> finish(const ir::Param& param, value::Result<Value> converted,
                                        value::Arena& arena) {
  if (!converted) return value::fail(converted.error());
  auto elements = check_elements(param, *converted, arena);
  if (!elements) return value::fail(elements.error());
  auto chosen = check_choice(param, *elements, arena);
  if (!chosen) return value::fail(chosen.error());
  return value::OwnedValue(chosen->as_secret(param.secret));
}

ScalarType effective_type(const ir::Param& param) {
  return param.choices.empty() ? param.type : ScalarType::any;
}

}  // namespace

value::Result<value::OwnedValue> param_from_text(const ir::Param& param, std::string_view text) {
  value::Arena arena;
  return finish(param, scalar_from_text(effective_type(param), text, arena), arena);
}

value::Result<value::OwnedValue> param_from_json(const ir::Param& param, std::string_view json) {
  value::Arena arena;
  auto parsed = value::parse_json(json, arena);
  if (!parsed) return unfit("isn't valid JSON");
  return finish(param, scalar_from_value(effective_type(param), *parsed, arena), arena);
}

value::Result<value::OwnedValue> external_value(const ir::External& external, std::string_view text,
                                                bool is_json) {
  value::Arena arena;
  ir::Param param;
  param.type = external.type;
  if (!is_json) return finish(param, scalar_from_text(param.type, text, arena), arena);
  auto parsed = value::parse_json(text, arena);
  if (!parsed) return unfit("isn't valid JSON");
  return finish(param, scalar_from_value(param.type, *parsed, arena), arena);
}

std::string describe_type(const ir::Param& param) {
  if (param.choices.empty()) {
    if (param.type == ScalarType::list && param.element != ScalarType::any) {
      return "a JSON list, each element " + noun(param.element);
    }
    return noun(param.type);
  }
  value::Arena arena;
  std::string text;
  for (const ir::Expr& choice : param.choices) {
    const auto constant = eval::constant(choice, arena);
    if (constant) text += (text.empty() ? "one of " : ", ") + value::to_json(*constant);
  }
  return text;
}

}  // namespace fconn::cli
