// What a JSON Schema says about a value, as far as `fields` can say it: types, members, elements.
// References, allOf, oneOf and anyOf are taken together; circles and depth are bounded.
#pragma once

#include "tools/openapi/document.hh"

namespace fconn::openapi {

struct ShapeMember;
struct Shape {
  enum class Kind : std::uint8_t { any, string, datetime, integer, number, boolean, object, list };
  Kind kind = Kind::any;
  std::string format;                // of a string
  std::vector<ShapeMember> members;  // of an object; none: not described, or cut
  std::vector<Shape> element;        // of a list: one
  bool cut = false;                  // what is deeper was not looked at

  const Shape* find(std::string_view name) const;
  bool is(Kind wanted) const { return kind == wanted; }
};
struct ShapeMember {
  std::string name;
  Shape shape;
};

/// At most so many members, however deep; a document that describes more is described to a lower
/// depth, which shows as `cut`.
constexpr std::size_t most_members = 400;

/// `schema` null: any.
Shape shape_of(const Node* schema, Refs& refs);

/// `string`, `[int]`, `object`: as in `fields`, without members.
std::string type_text(const Shape& shape);

}  // namespace fconn::openapi
