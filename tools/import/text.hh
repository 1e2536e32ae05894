// fconn text from values: literals, names, paths, and what Fides writes with `<placeholders>`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fconn::importer {

/// A string literal, in the form that needs the fewest escapes.
std::string quoted(std::string_view text);
/// As a name where one may be declared: letters, digits and `_`, no reserved word.
std::string identifier(std::string_view text);
bool is_identifier(std::string_view text);
/// An object's key: bare where it may be.
std::string object_key(std::string_view text);
/// A Fides path (`a.b[0].c`, `a.-1`, `odd\.name`) as the steps of an fconn path: `.a.b[0].c`.
std::string path_steps(std::string_view path);
/// The segments of a Fides path; an index is a segment of its own.
std::vector<std::string> path_segments(std::string_view path);
bool is_index(std::string_view segment);
/// The steps of `rest` behind an expression: `.b[0]`.
std::string steps_behind(std::string_view rest);
/// A placeholder's name as the parameter that it begins with and the path in that one's value.
std::pair<std::string, std::string> split_name(std::string_view name);
/// One step of a path: `.name`, `.["odd name"]` or `[0]`.
std::string path_step(std::string_view segment);

/// A piece of a template: literal text, or `<name>` / `<name?>`.
struct Piece {
  std::string text;  // the literal, or the name
  bool hole = false;
  bool optional = false;
};
using Template = std::vector<Piece>;
Template split_template(std::string_view text);
bool has_holes(const Template& pieces);

/// What a placeholder's name stands for.
struct Value {
  std::string expr;
  bool text = false;   // known to be a text
  bool whole = false;  // an object that Fides writes without its braces
  bool secret = false;
  bool declared_text = false;  // the dataset calls it a string
  bool may_be_null = false;    // a field of a row, or a member of a value
  bool setting = false;        // a connector's parameter, which is always a text in Fides
  bool any_shape = false;      // nothing says that it is a text or a number
};
/// Null when nothing is called so.
using Lookup = std::function<std::optional<Value>(const std::string& name)>;

/// The template as an expression: a literal, the value itself when it is all there is (as a text if
/// `as_text`), else a string with holes. A hole between quotes becomes `quote(…)`. Null when a name
/// has no value; it is in `missing` then.
std::optional<std::string> text_expr(const Template& pieces, const Lookup& lookup, bool as_text,
                                     std::vector<std::string>& missing);
/// What stands between the quotes of a string with holes, for URLs: literals as they are.
std::optional<std::string> hole_text(const Template& pieces, const Lookup& lookup,
                                     std::vector<std::string>& missing);

}  // namespace fconn::importer
