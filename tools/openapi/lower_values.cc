#include <algorithm>
#include <array>

#include "tools/import/text.hh"
#include "tools/openapi/lower.hh"
#include "tools/openapi/names.hh"

namespace fconn::openapi {
namespace {

using importer::Block;
using importer::quoted;

/// What the language itself calls so.
constexpr std::array<std::string_view, 11> language = {
    "status",     "headers", "links",      "request", "row", "masked",
    "masked_row", "auth",    "request_id", "rows",    "now"};

bool is_text(const Shape& shape) {
  return !shape.is(Shape::Kind::integer) && !shape.is(Shape::Kind::number) &&
         !shape.is(Shape::Kind::boolean) && !shape.is(Shape::Kind::list);
}

/// A scalar of the document as a literal of the parameter's type.
std::string literal(const Node& node, const Shape& shape) {
  return is_text(shape) ? quoted(node.text) : node.text;
}

bool fits(const Node& node, const Shape& shape) {
  if (node.kind != Node::Kind::scalar) return false;
  if (shape.is(Shape::Kind::integer)) return importer::as_int(node).has_value();
  if (shape.is(Shape::Kind::boolean)) return node.text == "true" || node.text == "false";
  if (shape.is(Shape::Kind::number)) {
    return node.text.find_first_not_of("0123456789.") == std::string::npos &&
           !node.text.starts_with('.') && !node.text.ends_with('.') && !node.text.empty() &&
           std::count(node.text.begin(), node.text.end(), '.') < 2;
  }
  return is_text(shape);
}

}  // namespace

std::string Values::fresh(const std::string& name) {
  std::string out = importer::identifier(name);
  const auto taken = [this](const std::string& one) {
    return taken_.count(one) != 0 || bindings_.count(one) != 0 ||
           std::find(language.begin(), language.end(), one) != language.end();
  };
  if (taken(out)) out += "_value";
  const std::string first = out;
  for (int n = 2; taken(out); ++n) out = first + std::to_string(n);
  taken_.insert(out);
  return out;
}

namespace {

/// What is written behind a parameter's name.
std::string type_and_default(const Node* schema, Refs& refs) {
  const Shape shape = shape_of(schema, refs);
  const Node* node = refs.follow(schema);
  std::string type;
  std::vector<std::string> allowed;  // literals; none: any
  if (shape.is(Shape::Kind::integer)) type = "int";
  if (shape.is(Shape::Kind::number)) type = "number";
  if (shape.is(Shape::Kind::boolean)) type = "bool";
  if (shape.is(Shape::Kind::list)) type = "[string]";
  const Node* choices = node == nullptr ? nullptr : node->find("enum");
  if (choices != nullptr && !shape.is(Shape::Kind::list)) {
    std::string all;
    for (const Node& choice : choices->items) {
      const std::string text = literal(choice, shape);
      const bool twin = std::find(allowed.begin(), allowed.end(), text) != allowed.end();
      if (twin || !fits(choice, shape)) continue;
      all += (all.empty() ? "" : " | ") + text;
      allowed.push_back(text);
    }
    if (!all.empty()) type = all;
  }
  std::string text = type.empty() ? "" : ": " + type;
  const Node* standard = node == nullptr ? nullptr : node->find("default");
  if (standard == nullptr || !fits(*standard, shape)) return text;
  const std::string value = literal(*standard, shape);
  const bool known =
      allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  if (known) text += " = " + value;
  return text;
}

/// "id" says nothing without the thing that it is of.
std::string telling(const std::string& name, const std::string& thing) {
  constexpr std::array<std::string_view, 10> plain = {
      "id", "uuid", "sid", "key", "name", "slug", "code", "number", "identifier", "uid"};
  const std::string own = snake(name);
  const bool says_nothing = std::find(plain.begin(), plain.end(), own) != plain.end();
  if (own.empty()) return thing.empty() ? "value" : thing;
  return says_nothing && !thing.empty() ? thing + "_" + own : own;
}

}  // namespace

std::string constant_of(const Node* schema, Refs& refs) {
  const Node* node = refs.follow(schema);
  const Node* choices = node == nullptr ? nullptr : node->find("enum");
  if (choices == nullptr || choices->items.size() != 1) return "";
  const Shape shape = shape_of(schema, refs);
  return fits(choices->items.front(), shape) ? literal(choices->items.front(), shape) : "";
}

std::string Values::param(const std::string& name, const std::string& thing, const Node* schema,
                          Refs& refs) {
  const std::string type = type_and_default(schema, refs);
  const std::string wanted = telling(name, thing);
  auto& known = params_[bare(wanted) + type];
  if (!known.empty()) return known;
  const bool other =
      taken_.count(importer::identifier(wanted)) != 0 && !thing.empty() && thing != snake(name);
  known = fresh(other ? thing + "_" + snake(name) : wanted);
  declared_.push_back("param " + known + type);
  return known;
}

std::string Values::external(const std::string& name, const std::string& thing, const Node* schema,
                             Refs& refs) {
  const std::string wanted = telling(name, thing);
  auto& known = params_["external " + bare(wanted)];
  if (!known.empty()) return known;
  const bool plain = !wanted.ends_with('s') && taken_.count(wanted + "s") == 0;
  known = fresh(wanted + (plain ? "s" : "_ids"));
  const bool number = shape_of(schema, refs).is(Shape::Kind::integer);
  externals_.push_back("external " + known + (number ? ": int" : ""));
  return known;
}

std::string Values::own_param(const std::string& name, const std::string& label,
                              const std::string& type_and_default) {
  std::string ours = fresh(name);
  own_.push_back("param " + ours + (label.empty() ? "" : " " + quoted(label)) + type_and_default);
  return ours;
}

std::string Values::secret(const std::string& name, const std::string& label) {
  std::string ours = fresh(name);
  secrets_.push_back("secret " + ours + (label.empty() ? "" : " " + quoted(label)));
  return ours;
}

std::string Values::credential(const std::string& name) {
  std::string& known = params_["secret " + bare(name)];
  if (known.empty()) known = secret(snake(name), "");
  return known;
}

std::string Values::identity(const std::string& name) {
  const auto known = std::find(identities_.begin(), identities_.end(), name);
  if (known != identities_.end()) return name;
  // A collection may be called so, a parameter may not.
  const auto declared = [&name](const std::string& text) {
    return text == "param " + name || text.starts_with("param " + name + ":") ||
           text.starts_with("param " + name + " ");
  };
  for (const auto* list : {&own_, &declared_}) {
    if (std::any_of(list->begin(), list->end(), declared)) return "";
  }
  taken_.insert(name);
  identities_.push_back(name);
  return name;
}

std::string Values::binding(const std::string& collection) {
  std::string out = singular(collection);
  const auto taken = [this](const std::string& one) {
    return taken_.count(one) != 0 ||
           std::find(language.begin(), language.end(), one) != language.end();
  };
  if (taken(out) || importer::identifier(out) != out) out += "_row";
  while (taken(out)) out += "_";
  bindings_.insert(out);
  return out;
}

std::vector<Block> Values::blocks() const {
  std::vector<Block> out;
  for (const auto* list : {&own_, &declared_, &secrets_}) {
    for (const std::string& text : *list) out.emplace_back(text);
  }
  for (std::size_t i = 0; i < identities_.size(); ++i) {
    out.emplace_back("identity " + identities_[i]);
    out.back().gap = i == 0;
  }
  for (std::size_t i = 0; i < externals_.size(); ++i) {
    out.emplace_back(externals_[i]);
    out.back().gap = i == 0;
  }
  return out;
}

}  // namespace fconn::openapi
