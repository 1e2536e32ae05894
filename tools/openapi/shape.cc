#include "tools/openapi/shape.hh"

#include <algorithm>

namespace fconn::openapi {
namespace {

using Kind = Shape::Kind;

constexpr int deepest = 7;
constexpr int shallowest = 3;  // an envelope, its rows, their members
/// Schemas looked at for one answer, so that a document made for it can't ask for more.
constexpr std::size_t most_schemas = 20'000;
/// Members at the shallowest, too.
constexpr std::size_t most_ever = 5'000;
/// Schemas around one another, through allOf and lists, too: each is looked at within the one
/// before.
constexpr std::size_t most_around = 200;

Shape of_kind(Kind kind) {
  Shape out;
  out.kind = kind;
  return out;
}

Shape unified(std::vector<Shape> shapes);

void add_member(Shape& object, ShapeMember member) {
  for (ShapeMember& known : object.members) {
    if (known.name != member.name) continue;
    std::vector<Shape> both;
    both.push_back(std::move(known.shape));
    both.push_back(std::move(member.shape));
    known.shape = unified(std::move(both));
    return;
  }
  object.members.push_back(std::move(member));
}

/// What holds for a value that is one of several shapes.
Shape unified(std::vector<Shape> shapes) {
  if (shapes.empty()) return {};
  Shape out = std::move(shapes.front());
  for (std::size_t i = 1; i < shapes.size(); ++i) {
    Shape& other = shapes[i];
    const bool numbers = (out.is(Kind::integer) && other.is(Kind::number)) ||
                         (out.is(Kind::number) && other.is(Kind::integer));
    if (numbers) {
      out = of_kind(Kind::number);
    } else if (out.kind != other.kind) {
      const bool cut = out.cut || other.cut;
      out = of_kind(Kind::any);
      out.cut = cut;
      return out;
    } else if (out.is(Kind::object)) {
      out.cut = out.cut || other.cut;
      for (ShapeMember& member : other.members) add_member(out, std::move(member));
    } else if (out.is(Kind::list)) {
      std::vector<Shape> elements;
      if (!out.element.empty()) elements.push_back(std::move(out.element.front()));
      if (!other.element.empty()) elements.push_back(std::move(other.element.front()));
      out.element.clear();
      out.element.push_back(unified(std::move(elements)));
    } else if (out.format != other.format) {
      out.format.clear();
    }
  }
  return out;
}

class Shaper {
 public:
  Shaper(Refs& refs, int depth) : refs_(refs), depth_(depth) {}

  Shape shape(const Node* schema, int depth) {
    const Node* node = refs_.follow(schema);
    if (node == nullptr || node->kind != Node::Kind::map) return {};
    if (++schemas_ > most_schemas || path_.size() >= most_around || !refs_.spend()) {
      Shape out;
      out.cut = true;
      return out;
    }
    if (std::find(path_.begin(), path_.end(), node) != path_.end()) {
      Shape out = of_kind(Kind::object);
      out.cut = true;
      return out;
    }
    path_.push_back(node);
    Shape out = whole(*node, depth);
    path_.pop_back();
    return out;
  }

  std::size_t members() const { return members_; }
  bool too_many() const { return members_ > most_members && depth_ > shallowest; }

 private:
  Shape whole(const Node& node, int depth) {
    if (too_many()) return {};
    if (const Node* all = node.find("allOf")) return all_of(node, *all, depth);
    for (const std::string_view word : {"oneOf", "anyOf"}) {
      const Node* variants = node.find(word);
      if (variants == nullptr || variants->items.empty()) continue;
      std::vector<Shape> shapes;
      for (const Node& variant : variants->items) {
        if (!is_null(variant)) shapes.push_back(shape(&variant, depth));
      }
      // Beside the variants there may be members that all of them have.
      if (node.find("properties") != nullptr) shapes.push_back(object(node, depth));
      return unified(std::move(shapes));
    }
    return plain(node, depth);
  }

  static bool is_null(const Node& node) { return text_of(&node, "type") == "null"; }

  Shape all_of(const Node& node, const Node& parts, int depth) {
    Shape out = node.find("properties") != nullptr ? object(node, depth) : Shape();
    for (const Node& part : parts.items) {
      Shape one = shape(&part, depth);
      if (out.is(Kind::any)) {
        out = std::move(one);
      } else if (out.is(Kind::object) && one.is(Kind::object)) {
        out.cut = out.cut || one.cut;
        for (ShapeMember& member : one.members) add_member(out, std::move(member));
      }
    }
    return out;
  }

  Shape plain(const Node& node, int depth) {
    std::vector<Shape> shapes;
    const Node* type = node.find("type");
    if (type != nullptr && type->kind == Node::Kind::list) {  // OpenAPI 3.1
      for (const Node& one : type->items) {
        if (one.kind == Node::Kind::scalar && one.text != "null") {
          shapes.push_back(typed(one.text, node, depth));
        }
      }
      return unified(std::move(shapes));
    }
    if (type != nullptr && type->kind == Node::Kind::scalar) return typed(type->text, node, depth);
    if (node.find("properties") != nullptr) return object(node, depth);
    if (node.find("items") != nullptr) return typed("array", node, depth);
    return {};
  }

  Shape typed(const std::string& type, const Node& node, int depth) {
    if (type == "object") return object(node, depth);
    if (type == "array") {
      Shape out = of_kind(Kind::list);
      out.element.push_back(shape(node.find("items"), depth));
      return out;
    }
    if (type == "integer") return of_kind(Kind::integer);
    if (type == "number") return of_kind(Kind::number);
    if (type == "boolean") return of_kind(Kind::boolean);
    if (type != "string") return {};
    const std::string format = text_of(&node, "format");
    Shape out = of_kind(format == "date-time" ? Kind::datetime : Kind::string);
    out.format = format;
    return out;
  }

  Shape object(const Node& node, int depth) {
    Shape out = of_kind(Kind::object);
    const Node* properties = refs_.member(&node, "properties");
    if (properties == nullptr || properties->entries.empty()) return out;
    if (depth >= depth_ || members_ >= most_ever) {
      out.cut = true;
      return out;
    }
    for (const importer::Entry& property : properties->entries) {
      ++members_;
      if (too_many()) return out;
      if (members_ > most_ever) {
        out.cut = true;
        return out;
      }
      add_member(out, {property.key, shape(&property.value, depth + 1)});
    }
    return out;
  }

  Refs& refs_;
  int depth_;
  std::vector<const Node*> path_;
  std::size_t members_ = 0, schemas_ = 0;
};

}  // namespace

const Shape* Shape::find(std::string_view name) const {
  for (const ShapeMember& member : members) {
    if (member.name == name) return &member.shape;
  }
  return nullptr;
}

Shape shape_of(const Node* schema, Refs& refs) {
  for (int depth = deepest;; --depth) {
    Shaper shaper(refs, depth);
    Shape out = shaper.shape(schema, 0);
    if (!shaper.too_many()) return out;
  }
}

std::string type_text(const Shape& shape) {
  switch (shape.kind) {
    case Kind::any:
      return "any";
    case Kind::string:
      return "string";
    case Kind::datetime:
      return "datetime";
    case Kind::integer:
      return "int";
    case Kind::number:
      return "number";
    case Kind::boolean:
      return "bool";
    case Kind::object:
      return "object";
    case Kind::list:
      break;
  }
  const bool nested = shape.element.empty() || shape.element.front().is(Kind::list);
  return nested ? "[any]" : "[" + type_text(shape.element.front()) + "]";
}

}  // namespace fconn::openapi
