// Expressions as Fides' templates: text and JSON with `<placeholders>`.
#include <algorithm>

#include "interpreter/value/value.hh"
#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::StringExpr;
using grammar::StringForm;

/// Whether a text holds what Fides takes for a placeholder: it has no escape.
bool looks_like_hole(std::string_view text) {
  for (std::size_t i = text.find('<'); i != std::string_view::npos; i = text.find('<', i + 1)) {
    const std::size_t end = text.find_first_of("<>", i + 1);
    if (end != std::string_view::npos && text[end] == '>' && end > i + 1) return true;
  }
  return false;
}

bool literal_text(Scope& scope, const std::string& text, Span span) {
  if (!looks_like_hole(text)) return true;
  scope.context().error(
      span, "Fides takes what stands in angle brackets for a placeholder, and has no escape");
  return false;
}

std::string placeholder(const Hole& hole) { return "<" + hole.name + (hole.optional ? "?>" : ">"); }

/// A text as it stands between the quotes of JSON; placeholders stay.
std::string escaped(std::string_view text) {
  const std::string quoted = json_text(text);
  return quoted.substr(1, quoted.size() - 2);
}

/// The quote that `quote(x)` puts around its text; null when it is no such call.
std::optional<char> quote_of(const Expr& expr) {
  const auto* call = call_of(expr, "quote");
  if (call == nullptr) return std::nullopt;
  const Expr* mark = argument(call->arguments, 1, "mark");
  const auto text = mark == nullptr ? std::optional<std::string>("\"") : constant(*mark);
  if (!text || text->size() != 1) return std::nullopt;
  return text->front();
}

/// `slice(json(x), 1, -1)`: an object's members, as Fides writes a whole object.
const Expr* members_of(const Expr& expr) {
  const auto* slice = call_of(expr, "slice");
  if (slice == nullptr || slice->arguments.size() != 3) return nullptr;
  const auto from = whole_number(slice->arguments[1].value.front());
  const auto until = whole_number(slice->arguments[2].value.front());
  const auto* json = call_of(slice->arguments[0].value.front(), "json");
  if (json == nullptr || json->arguments.size() != 1 || from != "1" || until != "-1")
    return nullptr;
  return &json->arguments.front().value.front();
}

/// `if x == null then "null" else "\"{x}\""`: what a quoted placeholder is that may be missing.
const Expr* null_or_quoted(const Expr& expr) {
  const auto* choice = node<grammar::IfExpr>(expr);
  if (choice == nullptr || constant(choice->parts[1]) != "null") return nullptr;
  const auto* text = node<StringExpr>(choice->parts[2]);
  const bool quotes = text != nullptr && text->parts.size() == 3 && text->parts[0].text == "\"" &&
                      text->parts[2].text == "\"" && !text->parts[1].hole.empty();
  return quotes ? &text->parts[1].hole.front() : nullptr;
}

std::optional<std::string> string_text(Scope& scope, const StringExpr& string, Span span, Use use) {
  if (string.form == StringForm::xml || string.form == StringForm::xml_block) {
    scope.context().error(span, "Fides can't send XML: it takes every tag for a placeholder");
    return std::nullopt;
  }
  std::string out;
  for (const grammar::StringPart& part : string.parts) {
    if (part.hole.empty()) {
      if (!literal_text(scope, part.text, span)) return std::nullopt;
      out += part.text;
      continue;
    }
    const auto inner = plain_text(scope, part.hole.front(), use);
    if (!inner) return std::nullopt;
    out += *inner;
  }
  return out;
}

class Json {
 public:
  Json(Scope& scope, bool form) : scope_(scope), form_(form) {}

  std::optional<std::string> value(const Expr& expr) {
    const Expr& at = bare(expr);
    if (const auto* literal = std::get_if<grammar::Literal>(&at.node))
      return plain(*literal, at.span);
    if (const auto number = whole_number(at)) return *number;
    if (const auto* string = std::get_if<StringExpr>(&at.node)) return text(*string, at.span);
    if (const auto* object = std::get_if<grammar::ObjectExpr>(&at.node)) return members(*object);
    if (const auto* list = std::get_if<grammar::ListExpr>(&at.node)) return elements(*list);
    const auto* call = std::get_if<grammar::CallExpr>(&at.node);
    if (const Expr* one = unquoted(call)) return unquoted_value(*one);
    if (const Expr* text = unless_null(at)) return optional_text(*text);
    const Expr* inner = call == nullptr ? nullptr : scope_.seen_through(*call);
    if (inner != nullptr) {
      form_ = false;  // the importer's form is Fides' own
      return value(*inner);
    }
    const auto hole = scope_.hole(at, Use::body);
    if (!hole) return std::nullopt;
    if (hole->whole) return "{" + placeholder(*hole) + "}";
    if (!hole->text && !hole->known) {
      scope_.context().warn(at.span, "without a type this stands bare: a text breaks Fides' JSON",
                            "declare the field, or write a text as \"{…}\"");
    }
    return hole->text ? "\"" + placeholder(*hole) + "\"" : placeholder(*hole);
  }

 private:
  /// What the importer writes for a placeholder between no quotes.
  static const Expr* unquoted(const grammar::CallExpr* call) {
    if (call == nullptr || call->arguments.size() != 1) return nullptr;
    const std::string& name = call->callee.text;
    const bool known = name == "parse_json" || name == "fides_value" || name == "fides_given";
    return known ? &call->arguments.front().value.front() : nullptr;
  }

  std::optional<std::string> unquoted_value(const Expr& inner) {
    if (auto text = constant(inner)) {
      if (text->find_first_not_of("-0123456789") == std::string::npos && !text->empty())
        return text;
    }
    const auto hole = scope_.hole(inner, Use::body);
    if (!hole) return std::nullopt;
    return hole->whole ? "{" + placeholder(*hole) + "}" : placeholder(*hole);
  }

  /// `if x == null then null else "{x}"`: a text that may be missing.
  std::optional<std::string> optional_text(const Expr& text) {
    const auto* string = node<StringExpr>(text);
    const bool alone =
        string != nullptr && string->parts.size() == 1 && !string->parts.front().hole.empty();
    auto hole = scope_.hole(alone ? string->parts.front().hole.front() : text, Use::body);
    if (!hole) return std::nullopt;
    hole->optional = true;
    return "\"" + placeholder(*hole) + "\"";
  }

  std::optional<std::string> plain(const grammar::Literal& literal, Span span) {
    using grammar::LiteralKind;
    if (literal.kind == LiteralKind::duration || literal.kind == LiteralKind::size) {
      scope_.context().error(span, "Fides' templates have no durations and sizes",
                             "write the number");
      return std::nullopt;
    }
    return form_ && literal.kind == LiteralKind::boolean ? '"' + literal.text + '"' : literal.text;
  }

  /// A string: its text is escaped, placeholders stand as they are.
  std::optional<std::string> text(const StringExpr& string, Span span) {
    std::string out = "\"";
    for (const grammar::StringPart& part : string.parts) {
      if (part.hole.empty()) {
        if (!literal_text(scope_, part.text, span)) return std::nullopt;
        out += escaped(part.text);
        continue;
      }
      const Expr& inner = part.hole.front();
      const auto mark = quote_of(inner);
      const Expr& quoted = mark ? call_of(inner, "quote")->arguments.front().value.front() : inner;
      const auto hole = plain_text(scope_, quoted, Use::body);
      if (!hole) return std::nullopt;
      const std::string around = !mark ? "" : *mark == '"' ? "\\\"" : std::string(1, *mark);
      out += around + *hole + around;
    }
    return out + '"';
  }

  /// On one line where that is short, else a line for each.
  static std::string bracketed(const std::vector<std::string>& items, char open, char close) {
    constexpr std::size_t one_line = 80;
    std::size_t size = 0;
    bool lines = false;
    for (const std::string& item : items) {
      size += item.size() + 2;
      lines = lines || item.find('\n') != std::string::npos;
    }
    std::string out(1, open);
    const bool split = lines || size > one_line;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (split) out += "\n  ";
      for (const char c : items[i]) {
        out += c;
        if (c == '\n') out += "  ";
      }
      if (i + 1 < items.size()) out += split ? "," : ", ";
    }
    return out + (split ? "\n" : "") + close;
  }

  std::optional<std::string> members(const grammar::ObjectExpr& object) {
    std::vector<std::string> items;
    bool whole = true;
    for (const grammar::ObjectEntry& entry : object.entries) {
      if (entry.kind == grammar::EntryKind::spread) {
        const auto hole = scope_.hole(entry.value.front(), Use::body);
        if (hole && !hole->whole)
          scope_.context().error(entry.span, "Fides spreads the fields of the row alone");
        whole = whole && hole && hole->whole;
        if (whole) items.push_back(placeholder(*hole));
        continue;
      }
      auto key = entry.kind == grammar::EntryKind::named ? named(entry) : value(entry.key.front());
      auto member = value(entry.value.front());
      whole = whole && key && member;
      if (whole) items.push_back(*key + ": " + *member);
    }
    if (!whole) return std::nullopt;
    return bracketed(items, '{', '}');
  }

  std::optional<std::string> named(const grammar::ObjectEntry& entry) {
    if (!literal_text(scope_, entry.name.text, entry.span)) return std::nullopt;
    return json_text(entry.name.text);
  }

  std::optional<std::string> elements(const grammar::ListExpr& list) {
    std::vector<std::string> items;
    for (const grammar::ListItem& item : list.items) {
      if (item.spread) {
        scope_.context().error(item.span, "Fides' templates can't spread a list into another");
        return std::nullopt;
      }
      const bool form = form_;
      const Expr& inner = item.value.front();
      const auto* literal = node<grammar::Literal>(inner);
      const bool boolean = literal != nullptr && literal->kind == grammar::LiteralKind::boolean;
      if (form && (boolean || node<grammar::ObjectExpr>(inner) != nullptr)) {
        scope_.context().warn(item.span, "Fides writes this in a form's list as Python does");
        form_ = false;
      }
      auto element = value(item.value.front());
      form_ = form;
      if (!element) return std::nullopt;
      items.push_back(std::move(*element));
    }
    return bracketed(items, '[', ']');
  }

  Scope& scope_;
  bool form_;
};

}  // namespace

std::optional<std::string> plain_text(Scope& scope, const Expr& simple, Use use) {
  const Expr& at = bare(simple);
  if (const auto* string = std::get_if<StringExpr>(&at.node))
    return string_text(scope, *string, at.span, use);
  if (auto number = whole_number(at)) return number;
  if (const auto* literal = std::get_if<grammar::Literal>(&at.node)) {
    const bool text = literal->kind == grammar::LiteralKind::boolean ||
                      literal->kind == grammar::LiteralKind::decimal;
    if (text) return literal->text;
    scope.context().error(at.span, "`" + literal->text + "` is no text");
    return std::nullopt;
  }
  if (const auto mark = quote_of(at)) {
    const auto inner =
        plain_text(scope, call_of(at, "quote")->arguments.front().value.front(), use);
    if (!inner) return std::nullopt;
    return *mark + *inner + *mark;
  }
  if (const Expr* one = null_or_quoted(at)) {
    auto hole = scope.hole(*one, use);
    if (!hole) return std::nullopt;
    hole->optional = true;
    return "\"" + placeholder(*hole) + "\"";
  }
  const Expr* members = members_of(at);
  const auto hole = scope.hole(members == nullptr ? at : *members, use);
  if (!hole) return std::nullopt;
  if (hole->whole != (members != nullptr)) {
    scope.context().error(at.span, "an object can't stand in a text");
    return std::nullopt;
  }
  return placeholder(*hole);
}

std::optional<std::string> text_template(Scope& scope, const Expr& expr, Use use) {
  return plain_text(scope, scope.simple(expr), use);
}

std::optional<std::vector<Entry>> entries_of(Scope& scope, const Expr& expr) {
  const Expr simple = scope.simple(expr);
  const auto* object = node<grammar::ObjectExpr>(simple);
  const bool plain =
      object != nullptr && std::all_of(object->entries.begin(), object->entries.end(),
                                       [](const grammar::ObjectEntry& one) {
                                         return one.kind == grammar::EntryKind::named;
                                       });
  if (!plain) {
    scope.context().error(expr.span,
                          "Fides' headers and query parameters are written out one by one");
    return std::nullopt;
  }
  std::vector<Entry> out;
  for (const grammar::ObjectEntry& one : object->entries) {
    if (!is_null(one.value.front())) out.push_back({one.name.text, one.value.front()});
  }
  return out;
}

std::optional<std::string> target_text(Scope& scope, const grammar::Request& request) {
  std::string out;
  bool whole = true;
  for (const grammar::PathPart& part : request.target) {
    if (part.hole.empty()) {
      out += part.text;
      continue;
    }
    const auto text = text_template(scope, part.hole.front(), Use::strict);
    whole = whole && text;
    out += text.value_or("");
  }
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

std::string json_text(std::string_view text) {
  std::string out;
  value::append_json_string(text, out);
  return out;
}

std::optional<std::string> json_template(Scope& scope, const Expr& expr, bool form) {
  return Json(scope, form).value(scope.simple(expr));
}

}  // namespace fconn::exporter
