// Values where Fides writes them between no quotes: the text of a value as it stands.
#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

const char* const no_nulls =
    "A value that has to be there: Fides doesn't send a request that lacks one.";

std::string given(Context& context, const Value& value) {
  declare(context, "fides_given", "(value) = if value == null then \"{value}\" else value",
          no_nulls);
  return "fides_given(" + value.expr + ")";
}

/// A text as the JSON that it is.
std::string raw(Context& context, const Value& value) {
  declare(
      context, "fides_value",
      "(value) =\nif value == null then \"{value}\"\nelse if starts_with(json(value), '\"') then "
      "parse_json(value) else value",
      "A value where Fides writes it without quotes: a text is the JSON that it is. " +
          std::string(no_nulls));
  return "fides_value(" + value.expr + ")";
}

}  // namespace

Unquoted unquoted(Context& context) {
  return [&context](const Value& value) -> std::string {
    if (value.setting) return "parse_json(" + value.expr + ")";
    if (context.exact && (value.declared_text || value.any_shape)) return raw(context, value);
    return value.may_be_null ? given(context, value) : value.expr;
  };
}

std::string entry_expr(Context& context, const Template& pieces, const Lookup& lookup,
                       std::string expr) {
  if (!context.exact || !has_holes(pieces)) return expr;
  std::vector<std::string> nulls;
  for (const Piece& piece : pieces) {
    const auto value = piece.hole ? lookup(piece.text) : std::nullopt;
    if (!value) continue;
    if (pieces.size() == 1 && value->any_shape) {
      declare(context, "fides_text", "(value) = if value == null then null else \"{value}\"",
              "A header or parameter of one value: left out where that is null, and never a list, "
              "which would be several.");
      return "fides_text(" + value->expr + ")";
    }
    const std::string test = value->expr + " == null";
    const bool known = std::find(nulls.begin(), nulls.end(), test) != nulls.end();
    if (pieces.size() > 1 && value->may_be_null && !known) nulls.push_back(test);
  }
  if (nulls.empty()) return expr;
  std::string out = "if ";
  for (std::size_t i = 0; i < nulls.size(); ++i) out += (i == 0 ? "" : " or ") + nulls[i];
  return out + " then null else " + expr;
}

}  // namespace fconn::importer
