#include "interpreter/privacy/constraints.hh"

#include <algorithm>

#include "interpreter/eval/eval.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::privacy {
namespace {

auto refuse(const ir::Field& field, std::string_view path, std::string constraint,
            std::string_view what_to_do) {
  return value::fail(value::FailureKind::rule,
                     "the masked value of `" + std::string(path) + "` " + std::move(constraint) +
                         "; nothing is sent for this row: " + std::string(what_to_do),
                     field.span);
}

/// The first `length` code points.
std::string_view cut(std::string_view text, std::int64_t length) {
  std::size_t end = 0;
  for (std::int64_t i = 0; i < length && end < text.size(); ++i) {
    value::next_code_point(text, end);
  }
  return text.substr(0, end);
}

std::string choices_text(const ir::Field& field, value::Arena& arena) {
  std::string out;
  for (const ir::Expr& choice : field.choices) {
    const auto constant = eval::constant(choice, arena);
    if (!constant) continue;
    if (!out.empty()) out += ", ";
    out += value::to_json(*constant);
  }
  return out;
}

bool is_choice(const ir::Field& field, const value::Value& masked, value::Arena& arena) {
  return std::any_of(field.choices.begin(), field.choices.end(), [&](const ir::Expr& choice) {
    const auto constant = eval::constant(choice, arena);
    return constant && value::equal(*constant, masked, arena);
  });
}

}  // namespace

value::Result<std::string> constrained(const ir::Field& field, std::string_view path,
                                       std::string json) {
  if (json == "null") return json;
  value::Arena arena;
  value::Value masked = value::decoded(value::Value::raw(json), arena);
  if (field.type != ir::ScalarType::any) {
    bool fits = true;
    masked = value::decoded(eval::cast(masked, field.type, arena, fits), arena);
    if (!fits) {
      return refuse(field, path, "isn't of type " + std::string(ir::name(field.type)),
                    "give the field a mask that is");
    }
  }
  const bool text = masked.kind == value::Kind::string;
  if (text && field.length &&
      value::count_code_points(masked.view()) >
          static_cast<std::size_t>(std::max<std::int64_t>(*field.length, 0))) {
    masked = value::Value::string(cut(masked.view(), *field.length));
  }
  if (!field.choices.empty() && !is_choice(field, masked, arena)) {
    return refuse(field, path, "is none of its choices (" + choices_text(field, arena) + ")",
                  "mask it with null, or with `string` and one of them");
  }
  if (text && !field.format.empty() &&
      meets_format(field.format, masked.view()) == std::optional(false)) {
    const std::string length =
        field.length ? " within its length " + std::to_string(*field.length) : "";
    return refuse(field, path, "isn't written as `format " + field.format + "` asks" + length,
                  "mask it with null, with `string` and a value that is, or give the strategy a "
                  "suffix");
  }
  return value::to_json(masked);
}

}  // namespace fconn::privacy
