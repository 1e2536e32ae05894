#include <array>
#include <cstdio>

#include "grammar/ast_words.hh"
#include "grammar/dumper.hh"
#include "grammar/format.hh"

namespace fconn::grammar {

namespace {

std::string_view form_word(StringForm form) {
  switch (form) {
    case StringForm::quoted:
      return "string";
    case StringForm::raw:
      return "raw string";
    case StringForm::block:
      return "block string";
    case StringForm::raw_block:
      return "raw block string";
    case StringForm::xml:
      return "xml string";
    case StringForm::xml_block:
      return "xml block string";
  }
  return "";
}

std::string_view literal_word(LiteralKind kind) {
  switch (kind) {
    case LiteralKind::null_value:
      return "null";
    case LiteralKind::boolean:
      return "bool";
    case LiteralKind::integer:
      return "int";
    case LiteralKind::decimal:
      return "decimal";
    case LiteralKind::duration:
      return "duration";
    case LiteralKind::size:
      return "size";
  }
  return "";
}

}  // namespace

std::string dumped_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string dumped_name(const Name& name) {
  return name.quoted ? dumped_text(name.text) : name.text;
}

void Dumper::line(std::string_view text) {
  out_.append(static_cast<std::size_t>(level_) * 2, ' ');
  out_ += text;
  out_ += '\n';
}

void Dumper::child(std::string_view label, const std::vector<Expr>& e) {
  if (e.empty()) return;
  const Node node(*this, label);
  exprs(e);
}

void Dumper::exprs(const std::vector<Expr>& all) {
  for (const Expr& e : all) expr(e);
}

void Dumper::expr(const Expr& e) {
  std::visit(
      Overloaded{
          [&](const ErrorExpr&) { line("error"); },
          [&](const Literal& x) { line(std::string(literal_word(x.kind)) + " " + x.text); },
          [&](const StringExpr& x) { string(x); },
          [&](const NameExpr& x) { line("name " + dumped_name(x.name)); },
          [&](const DotExpr&) { line("dot"); },
          [&](const MemberExpr& x) { child("member " + dumped_name(x.name), x.base); },
          [&](const IndexExpr& x) {
            const Node node(*this, "index");
            exprs(x.base);
            exprs(x.index);
          },
          [&](const EachExpr& x) { child("each", x.base); },
          [&](const CallExpr& x) { call(x); },
          [&](const UnaryExpr& x) { child(x.op == UnaryOp::not_ ? "not" : "negate", x.operand); },
          [&](const BinaryExpr& x) { child("binary " + std::string(spelling(x.op)), x.operands); },
          [&](const IfExpr& x) { child("if", x.parts); },
          [&](const ListExpr& x) {
            const Node node(*this, "list");
            for (const ListItem& item : x.items) {
              if (item.spread) {
                child("spread", item.value);
              } else {
                exprs(item.value);
              }
            }
          },
          [&](const ObjectExpr& x) {
            const Node node(*this, "object");
            for (const ObjectEntry& one : x.entries) entry(one);
          },
          [&](const ListComprehension& x) {
            const Node node(*this, "list comprehension");
            exprs(x.element);
            comprehension(x.names, x.source, x.condition);
          },
          [&](const ObjectComprehension& x) {
            const Node node(*this, "object comprehension");
            entry(x.entry);
            comprehension(x.names, x.source, x.condition);
          },
          [&](const ParenExpr& x) { child("paren", x.inner); },
      },
      e.node);
}

void Dumper::string(const StringExpr& s) {
  const Node node(*this, form_word(s.form));
  for (const StringPart& part : s.parts) {
    if (part.hole.empty()) {
      line("text " + dumped_text(part.text));
    } else {
      child("hole", part.hole);
    }
  }
}

void Dumper::call(const CallExpr& c) {
  const Node node(*this, std::string(c.piped ? "pipe " : "call ") + dumped_name(c.callee) +
                             (c.bare ? " bare" : ""));
  arguments(c.arguments);
}

void Dumper::arguments(const std::vector<Argument>& arguments) {
  for (const Argument& a : arguments) {
    if (a.name) {
      child("argument " + dumped_name(*a.name), a.value);
    } else {
      exprs(a.value);
    }
  }
}

void Dumper::entry(const ObjectEntry& e) {
  if (e.kind == EntryKind::spread) {
    child("spread", e.value);
  } else if (e.kind == EntryKind::named) {
    child("entry " + dumped_name(e.name), e.value);
  } else {
    const Node node(*this, "computed entry");
    exprs(e.key);
    exprs(e.value);
  }
}

void Dumper::comprehension(const std::vector<Name>& names, const std::vector<Expr>& source,
                           const std::vector<Expr>& condition) {
  std::string head = "for";
  for (const Name& name : names) head += " " + dumped_name(name);
  child(head, source);
  child("if", condition);
}

void Dumper::type(const TypeExpr& t) {
  switch (t.kind) {
    case TypeKind::named:
      line("type " + dumped_name(t.name));
      break;
    case TypeKind::choices:
      child("type choices", t.choices);
      break;
    case TypeKind::list: {
      const Node node(*this, "type list");
      for (const TypeExpr& element : t.element) type(element);
      break;
    }
    case TypeKind::object: {
      const Node node(*this, "type object");
      for (const Field& f : t.fields) field(f);
      break;
    }
  }
}

void Dumper::type(const std::optional<TypeExpr>& t) {
  if (t) type(*t);
}

void Dumper::field(const Field& f) {
  std::string head = "field " + dumped_name(f.name);
  if (f.key) head += " key";
  if (f.readonly) head += " readonly";
  if (f.length) head += " length " + std::to_string(*f.length);
  if (f.format) head += " format " + dumped_name(*f.format);
  for (const CategoryRef& category : f.categories) head += " @" + category.text;
  const Node node(*this, head);
  type(f.type);
  child("mask", f.mask);
}

std::string dump(const Ast& ast) {
  Dumper dumper;
  dumper.file(ast);
  return dumper.take();
}

std::string dump(const Expr& expr) {
  Dumper dumper;
  dumper.expr(expr);
  return dumper.take();
}

}  // namespace fconn::grammar
