#include <algorithm>

#include "grammar/format_printer.hh"

namespace fconn::grammar {

namespace {

/// Whether an argument can take several lines by itself, so that its call needn't.
bool opens_itself(const Expr& e) {
  const auto* call = std::get_if<CallExpr>(&e.node);
  const auto* string = std::get_if<StringExpr>(&e.node);
  const bool block = string != nullptr &&
                     (string->form == StringForm::block || string->form == StringForm::raw_block ||
                      string->form == StringForm::xml_block);
  const auto* list = std::get_if<ListExpr>(&e.node);
  const auto* object = std::get_if<ObjectExpr>(&e.node);
  return block || (call != nullptr && !call->bare && !call->arguments.empty()) ||
         (list != nullptr && !list->items.empty()) ||
         (object != nullptr && !object->entries.empty()) ||
         std::holds_alternative<ListComprehension>(e.node) ||
         std::holds_alternative<ObjectComprehension>(e.node);
}

}  // namespace

void Printer::expr(const Expr& e) {
  if (w_.overflowed()) return;
  w_.comments_before(e.span.begin);
  std::visit(Overloaded{
                 [&](const ErrorExpr&) { w_.text(w_.slice(e.span.begin, e.span.end)); },
                 [&](const Literal& x) { w_.text(x.text); },
                 [&](const StringExpr& x) { string(e, x); },
                 [&](const NameExpr& x) { name(x.name); },
                 [&](const DotExpr&) { w_.text("."); },
                 [&](const MemberExpr& x) { member(x); },
                 [&](const IndexExpr& x) {
                   only(x.base);
                   w_.text("[");
                   only(x.index);
                   w_.comments_before(e.span.end);
                   w_.text("]");
                 },
                 [&](const EachExpr& x) {
                   only(x.base);
                   w_.text("[");
                   w_.comments_before(e.span.end);
                   w_.text("]");
                 },
                 [&](const CallExpr& x) { call(e, x); },
                 [&](const UnaryExpr& x) {
                   w_.text(x.op == UnaryOp::not_ ? "not " : "-");
                   only(x.operand);
                 },
                 [&](const BinaryExpr& x) { binary(x); },
                 [&](const IfExpr& x) { if_(x); },
                 [&](const ListExpr& x) {
                   Group g{"[", "]", false, true, false, true, e.span.begin + 1, e.span.end - 1,
                           {}};
                   for (const ListItem& item : x.items) g.items.push_back(item.span);
                   group(g, [&x](Printer& p, std::size_t i) {
                     if (x.items[i].spread) p.w_.text("...");
                     p.only(x.items[i].value);
                   });
                 },
                 [&](const ObjectExpr& x) { object(e, x); },
                 [&](const ListComprehension& x) {
                   comprehension(e.span, "[", "]", false, x.source, x.condition, x.names,
                                 x.element.front().span, [&x](Printer& p) { p.only(x.element); });
                 },
                 [&](const ObjectComprehension& x) {
                   comprehension(e.span, "{", "}", true, x.source, x.condition, x.names,
                                 x.entry.span, [&x](Printer& p) { p.object_entry(x.entry); });
                 },
                 [&](const ParenExpr& x) {
                   w_.text("(");
                   only(x.inner);
                   w_.comments_before(e.span.end);
                   w_.text(")");
                 },
             },
             e.node);
}

std::string Printer::name_text(const Name& name) const {
  if (!name.quoted) return name.text;
  const std::string_view written = w_.slice(name.span.begin, name.span.end);
  if (written.starts_with('"') || written.starts_with('\'')) return std::string(written);
  return "\"" + name.text + "\"";
}

void Printer::name(const Name& name) {
  w_.comments_before(name.span.begin);
  w_.text(name_text(name));
}

void Printer::member(const MemberExpr& m) {
  only(m.base);
  if (!std::holds_alternative<DotExpr>(m.base.front().node)) w_.text(".");
  if (m.name.quoted) {
    w_.text("[" + name_text(m.name) + "]");
  } else {
    name(m.name);
  }
}

void Printer::gap(std::uint32_t next) {
  w_.comments_before(next);
  if (!w_.is_flat() && w_.starts_line(next)) {
    w_.line_break(w_.continuation());
  } else {
    w_.text(" ");
  }
}

void Printer::word_between(std::uint32_t begin, std::uint32_t end, std::string_view word) {
  const std::uint32_t at = w_.find(word, begin, end);
  gap(at);
  w_.text(word);
  gap(end);
}

void Printer::keyword(std::string_view word, const Expr& value, bool first) {
  // Only blanks stand between such a word and its operand.
  std::uint32_t at = value.span.begin;
  while (at > 0 && (w_.slice(at - 1, at) == " " || w_.slice(at - 1, at) == "\t")) --at;
  at -= std::min(at, static_cast<std::uint32_t>(word.size()));
  if (!first) gap(at);
  w_.text(std::string(word) + " ");
  expr(value);
}

void Printer::after_equals(const std::vector<Expr>& value) {
  w_.text(" =");
  gap(value.front().span.begin);
  only(value);
}

void Printer::binary(const BinaryExpr& e) {
  const Expr& left = e.operands.at(0);
  const Expr& right = e.operands.at(1);
  expr(left);
  word_between(left.span.end, right.span.begin, spelling(e.op));
  expr(right);
}

void Printer::if_(const IfExpr& e) {
  w_.text("if");
  gap(e.parts.at(0).span.begin);
  expr(e.parts.at(0));
  word_between(e.parts.at(0).span.end, e.parts.at(1).span.begin, "then");
  expr(e.parts.at(1));
  word_between(e.parts.at(1).span.end, e.parts.at(2).span.begin, "else");
  expr(e.parts.at(2));
}

// ---- calls -------------------------------------------------------------------------------------

void Printer::call(const Expr&, const CallExpr& c) {
  if (c.piped) {
    const Expr& left = c.arguments.at(0).value.front();
    expr(left);
    word_between(left.span.end, c.callee.span.begin, "|");
  }
  name(c.callee);
  if (!c.bare) arguments(c.callee.span.end, c.arguments, c.piped ? 1 : 0);
}

void Printer::arguments(std::uint32_t after_name, const std::vector<Argument>& arguments,
                        std::size_t first) {
  Group g{"(", ")", false, true, true, true, after_name + 1, 0, {}};
  const std::vector<Argument> own(arguments.begin() + static_cast<std::ptrdiff_t>(first),
                                  arguments.end());
  for (const Argument& a : own) g.items.push_back(a.span);
  const auto source_end = static_cast<std::uint32_t>(w_.source().size());
  g.end = w_.find(")", g.items.empty() ? g.begin : g.items.back().end, source_end);
  g.breakable = std::none_of(own.begin(), own.end(),
                             [](const Argument& a) { return opens_itself(a.value.front()); });
  std::vector<std::size_t> widths(own.size(), 0);
  const PrintItem print_item = [&](Printer& p, std::size_t i) { p.argument(own[i], widths[i]); };
  const GroupLayout where = layout(g, print_item);
  // Named arguments that have a line each, one below the other, share a column.
  const auto alone = [&](std::size_t i) {
    return where.broken && own[i].name && where.line_before[i] &&
           (i + 1 == own.size() || where.line_before[i + 1]);
  };
  for (std::size_t i = 0; i < own.size();) {
    std::size_t width = 0;
    std::size_t end = i;
    for (; end < own.size() && alone(end); ++end) {
      width = std::max(width, name_text(*own[end].name).size() + 1);
    }
    std::fill(widths.begin() + static_cast<std::ptrdiff_t>(i),
              widths.begin() + static_cast<std::ptrdiff_t>(end), width);
    i = std::max(end, i + 1);
  }
  print(g, where, print_item);
}

void Printer::argument(const Argument& argument, std::size_t width) {
  if (argument.name) {
    std::string head = name_text(*argument.name) + ":";
    head.resize(std::max(head.size(), width), ' ');
    w_.comments_before(argument.name->span.begin);
    w_.text(head);
    gap(argument.value.front().span.begin);
  }
  only(argument.value);
}

// ---- objects and comprehensions ----------------------------------------------------------------

void Printer::object(const Expr& e, const ObjectExpr& o) {
  Group g{"{", "}", true, false, false, true, e.span.begin + 1, e.span.end - 1, {}};
  for (const ObjectEntry& entry : o.entries) g.items.push_back(entry.span);
  group(g, [&o](Printer& p, std::size_t i) { p.object_entry(o.entries[i]); });
}

void Printer::object_entry(const ObjectEntry& entry) {
  w_.comments_before(entry.span.begin);
  if (entry.kind == EntryKind::spread) {
    w_.text("...");
  } else {
    if (entry.kind == EntryKind::computed) {
      w_.text("[");
      only(entry.key);
      w_.text("]:");
    } else {
      w_.text(name_text(entry.name) + ":");
    }
    gap(entry.value.front().span.begin);
  }
  only(entry.value);
}

void Printer::comprehension(Span span, std::string_view open, std::string_view close, bool spaced,
                            const std::vector<Expr>& source, const std::vector<Expr>& condition,
                            const std::vector<Name>& names, Span element,
                            const std::function<void(Printer&)>& print_element) {
  const Span last = condition.empty() ? source.front().span : condition.front().span;
  const auto print_parts = [&](Printer& p) {
    print_element(p);
    p.word_between(element.end, names.front().span.begin, "for");
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) p.w_.text(", ");
      p.name(names[i]);
    }
    p.word_between(names.back().span.end, source.front().span.begin, "in");
    p.only(source);
    if (condition.empty()) return;
    p.word_between(source.front().span.end, condition.front().span.begin, "if");
    p.only(condition);
  };
  Group g{open, close, spaced, true, false, true, span.begin + 1, span.end - 1, {}};
  g.items.push_back({span.file, element.begin, last.end});
  // Lines inside the element don't open the brackets around it; lines between its parts do.
  const bool written_open = w_.newline_between(g.begin, element.begin) ||
                            w_.newline_between(last.end, g.end) ||
                            w_.starts_line(w_.find("for", element.end, last.end));
  bool broken = false;
  const PrintItem item = [&](Printer& p, std::size_t) {
    // In open brackets the parts stand below each other.
    const Continuation parts(p.w_, broken ? p.w_.line_indent() : p.w_.continuation());
    print_parts(p);
  };
  GroupLayout where = layout(g, item);
  if (written_open && !w_.is_flat()) where = {true, {true}};
  broken = where.broken;
  print(g, where, item);
}

// ---- groups ------------------------------------------------------------------------------------

bool Printer::fits(const std::function<void(Printer&)>& print) {
  constexpr std::uint32_t line_width = 120;
  const std::uint32_t column = w_.column();
  if (column >= line_width) return false;
  Writer flat = Writer::flat(w_, line_width - column);
  Printer printer(flat);
  print(printer);
  return !flat.overflowed();
}

void Printer::group(const Group& g, const PrintItem& item) { print(g, layout(g, item), item); }

GroupLayout Printer::layout(const Group& g, const PrintItem& item) {
  GroupLayout result{false, std::vector<bool>(g.items.size(), false)};
  if (g.items.empty()) result.broken = w_.has_comment_before(g.end);
  if (g.items.empty() || w_.is_flat()) return result;
  std::uint32_t end = g.begin;
  for (std::size_t i = 0; i < g.items.size(); ++i) {
    result.line_before[i] = w_.newline_between(end, g.items[i].begin);
    result.broken = result.broken || result.line_before[i];
    end = g.items[i].end;
  }
  if (!g.glued && w_.newline_between(end, g.end)) result.broken = true;
  // A comment before the bracket can only go behind it.
  if (w_.has_comment_before(g.begin)) result.broken = true;
  const bool one_line = !w_.newline_between(g.begin, g.end);
  if (one_line && g.breakable && !fits([&](Printer& p) { print_inline(p, g, item); })) {
    result.broken = true;
    result.line_before.assign(g.items.size(), true);
  }
  if (result.broken) result.line_before[0] = true;
  return result;
}

void Printer::print_inline(Printer& p, const Group& g, const PrintItem& item) {
  p.w_.text(g.open);
  if (g.spaced && !g.items.empty()) p.w_.text(" ");
  for (std::size_t i = 0; i < g.items.size() && !p.w_.overflowed(); ++i) {
    if (i > 0) p.w_.text(", ");
    item(p, i);
  }
  if (!p.w_.is_flat()) p.w_.comments_before(g.end);
  if (g.spaced && !g.items.empty()) p.w_.text(" ");
  p.w_.text(g.close);
}

void Printer::print(const Group& g, const GroupLayout& where, const PrintItem& item) {
  if (!where.broken) {
    print_inline(*this, g, item);
    return;
  }
  const std::uint32_t base = w_.line_indent();
  const std::uint32_t inner = base + 2;
  const bool empty = g.items.empty();
  w_.text(g.open);
  w_.finish_item(g.begin, empty ? g.end : g.items.front().begin);
  for (std::size_t i = 0; i < g.items.size(); ++i) {
    const Continuation deeper(w_, inner + 2);
    if (where.line_before[i]) w_.start_item(g.items[i].begin, inner, i == 0);
    item(*this, i);
    if (i + 1 == g.items.size()) break;
    if (!where.line_before[i + 1]) {
      w_.text(", ");
    } else {
      if (g.end_commas) w_.text(",");
      w_.finish_item(g.items[i].end, g.items[i + 1].begin);
    }
  }
  if (!empty) w_.finish_item(g.items.back().end, g.end);
  const bool ends_with_comment = w_.at_line_start() || w_.has_comment_before(g.end);
  if (ends_with_comment) w_.start_item(g.end, inner, empty);
  if (ends_with_comment || !g.glued) w_.line_break(base);
  w_.text(g.close);
}

}  // namespace fconn::grammar
