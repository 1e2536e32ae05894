#include "interpreter/ir/dump_expr.hh"

#include <algorithm>

#include "interpreter/ir/names.hh"
#include "interpreter/value/value.hh"

namespace fconn::ir {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string key_text(std::string_view key) { return is_word(key) ? std::string(key) : quoted(key); }

std::string_view infix(Op op) {
  switch (op) {
    case Op::or_:
      return "or";
    case Op::and_:
      return "and";
    case Op::equal:
      return "==";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    case Op::in:
      return "in";
    case Op::matches_dynamic:
      return "matches";
    case Op::coalesce:
      return "??";
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::modulo:
      return "%";
    default:
      return {};
  }
}

class Printer {
 public:
  explicit Printer(const Surroundings& around) : around_(around) {}

  std::string text(const Expr& expr) const {
    const std::string_view sign = infix(expr.op);
    if (!sign.empty()) {
      return '(' + kid(expr, 0) + ' ' + std::string(sign) + ' ' + kid(expr, 1) + ')';
    }
    switch (expr.op) {
      case Op::null_value:
        return "null";
      case Op::boolean:
        return expr.number != 0 ? "true" : "false";
      case Op::integer:
        return std::to_string(expr.number);
      case Op::decimal:
        return expr.text;
      case Op::string:
        return quoted(expr.text);
      case Op::duration:
        return std::to_string(expr.number) + "ms";
      case Op::text:
        return '"' + with_holes(expr) + '"';
      case Op::xml_text:
        return "xml\"" + with_holes(expr) + '"';
      case Op::list:
        return '[' + joined(expr) + ']';
      case Op::object:
        return expr.kids.empty() ? "{}" : "{ " + joined(expr) + " }";
      case Op::spread:
        return "..." + kid(expr, 0);
      case Op::entry:
        return key_text(expr.text) + ": " + kid(expr, 0);
      case Op::computed_entry:
        return '[' + kid(expr, 0) + "]: " + kid(expr, 1);
      case Op::list_for:
      case Op::object_for:
        return comprehension(expr);
      case Op::if_else:
        return "(if " + kid(expr, 0) + " then " + kid(expr, 1) + " else " + kid(expr, 2) + ')';
      case Op::not_:
        return "(not " + kid(expr, 0) + ')';
      case Op::negate:
        return "(-" + kid(expr, 0) + ')';
      case Op::matches:
        return '(' + kid(expr, 0) + " matches /" + expr.text + "/)";
      case Op::member:
        return kid(expr, 0) + '.' + key_text(expr.text);
      case Op::index:
        return kid(expr, 0) + '[' + kid(expr, 1) + ']';
      case Op::each:
        return '(' + kid(expr, 0) + (expr.text == "splice" ? " splice " : " each ") +
               local(expr.number) + ": " + kid(expr, 1) + ')';
      case Op::call:
        return expr.text + '(' + joined(expr) + ')';
      case Op::call_fn:
        return "fn " + function(expr.number) + '(' + joined(expr) + ')';
      case Op::cast:
        return '(' + kid(expr, 0) + " as " +
               std::string(enum_name(static_cast<ScalarType>(expr.number))) + ')';
      default:
        return reference(expr);
    }
  }

 private:
  std::string kid(const Expr& expr, std::size_t i) const {
    return i < expr.kids.size() ? text(expr.kids[i]) : "?";
  }

  std::string joined(const Expr& expr) const {
    std::string out;
    for (std::size_t i = 0; i < expr.kids.size(); ++i) out += (i == 0 ? "" : ", ") + kid(expr, i);
    return out;
  }

  // Literal parts as they are, the others in braces.
  std::string with_holes(const Expr& expr) const {
    std::string out;
    for (const Expr& part : expr.kids) {
      if (part.op != Op::string) {
        out += '{' + text(part) + '}';
        continue;
      }
      const std::string literal = quoted(part.text);
      for (const char c : std::string_view(literal).substr(1, literal.size() - 2)) {
        if (c == '{' || c == '}') out += '\\';
        out += c;
      }
    }
    return out;
  }

  std::string comprehension(const Expr& expr) const {
    const bool object = expr.op == Op::object_for;
    const std::size_t source = object ? 2 : 1;
    std::string out = object ? "{ [" + kid(expr, 0) + "]: " + kid(expr, 1) : '[' + kid(expr, 0);
    out += " for " + local(expr.number);
    if (expr.text == "2") out += ", " + local(expr.number + 1);
    out += " in " + kid(expr, source);
    if (expr.kids.size() > source + 1) out += " if " + kid(expr, source + 1);
    return out + (object ? " }" : "]");
  }

  std::string reference(const Expr& expr) const {
    const std::int64_t id = expr.number;
    const Connector* connector = around_.connector;
    switch (expr.op) {
      case Op::local:
        return local(id);
      case Op::param:
        return named("param", id, connector ? &connector->params : nullptr);
      case Op::identity:
        return named("identity", id, connector ? &connector->identities : nullptr);
      case Op::external:
        return named("external", id, connector ? &connector->externals : nullptr);
      case Op::bound:
        return bound(id);
      case Op::let_value:
        return "let#" + std::to_string(id);
      case Op::token:
        return "token#" + std::to_string(id);
      case Op::body_cell:
        return cell("body", id, around_.request ? &around_.request->body_cells : nullptr);
      case Op::row_cell:
        return cell("row", id, around_.request ? &around_.request->row_cells : nullptr);
      case Op::header:
        return "header(" + quoted(expr.text) + ')';
      case Op::request_part:
        return "request." + expr.text;
      default:
        return std::string(enum_name(expr.op));
    }
  }

  static std::string local(std::int64_t slot) { return '$' + std::to_string(slot); }

  template <class T>
  static bool has(const std::vector<T>* values, std::int64_t id) {
    return values != nullptr && id >= 0 && static_cast<std::uint64_t>(id) < values->size();
  }
  template <class T>
  static std::string named(const std::string& kind, std::int64_t id, const std::vector<T>* values) {
    if (!has(values, id)) return kind + '#' + std::to_string(id);
    return kind + ':' + key_text((*values)[static_cast<std::size_t>(id)].name);
  }
  std::string function(std::int64_t id) const {
    const auto* functions = around_.connector ? &around_.connector->functions : nullptr;
    if (!has(functions, id)) return '#' + std::to_string(id);
    return (*functions)[static_cast<std::size_t>(id)].name;
  }
  std::string bound(std::int64_t id) const {
    const auto* slots = around_.collection ? &around_.collection->slots : nullptr;
    if (!has(slots, id)) return "bound#" + std::to_string(id);
    return "bound:" + (*slots)[static_cast<std::size_t>(id)].text;
  }
  static std::string cell(const std::string& kind, std::int64_t id,
                          const std::vector<KeyPath>* cells) {
    if (!has(cells, id)) return kind + '#' + std::to_string(id);
    return kind + '(' + path_text((*cells)[static_cast<std::size_t>(id)]) + ')';
  }

  const Surroundings& around_;
};

}  // namespace

std::string quoted(std::string_view text) {
  std::string out;
  value::append_json_string(text, out);
  return out;
}

std::string path_text(const KeyPath& path) {
  std::string out;
  for (const std::string& key : path) out += '.' + key_text(key);
  return out.empty() ? "." : out;
}

std::string expr_text(const Expr& expr, const Surroundings& around) {
  return Printer(around).text(expr);
}

std::string dump(const Expr& expr) { return expr_text(expr, {}); }

}  // namespace fconn::ir
