#include <algorithm>

#include "grammar/ast_words.hh"
#include "grammar/format_printer.hh"

namespace fconn::grammar {

namespace {

/// Declarations of one line that stand in a column with their neighbours.
bool in_column(const Decl& d) {
  return std::holds_alternative<VersionDecl>(d.node) || std::holds_alternative<DocsDecl>(d.node) ||
         std::holds_alternative<CategoryDecl>(d.node) ||
         std::holds_alternative<ParamDecl>(d.node) ||
         std::holds_alternative<IdentityDecl>(d.node) ||
         std::holds_alternative<ExternalDecl>(d.node) ||
         std::holds_alternative<TestValuesDecl>(d.node) ||
         std::holds_alternative<TestTextDecl>(d.node);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

void Printer::file(const Ast& ast) {
  const auto end = static_cast<std::uint32_t>(w_.source().size()) + 1;
  if (ast.edition) {
    w_.start_item(ast.edition_span.begin, 0, true);
    w_.text("fconn " + std::to_string(*ast.edition));
    w_.finish_item(ast.edition_span.end, ast.items.empty() ? end : ast.items.front().span.begin);
  }
  decl_items(ast.items, 0, end, true, !ast.edition);
  w_.start_item(end, 0, ast.items.empty() && !ast.edition);
}

void Printer::decl_items(const std::vector<Decl>& items, std::uint32_t indent, std::uint32_t end,
                         bool spaced, bool first) {
  const std::vector<std::size_t> widths = decl_widths(items);
  bool after_block = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Span span = items[i].span;
    const std::size_t start = w_.mark();
    w_.start_item(span.begin, indent, first && i == 0);
    const bool apart =
        w_.blank_pending() || w_.written_since(start).find("\n\n") != std::string_view::npos;
    const std::size_t head = w_.mark();
    const Continuation deeper(w_, indent + 2);
    decl(items[i], widths[i]);
    // Whether it takes several lines is known only now that it is printed.
    const std::string_view text = w_.written_since(head);
    const std::size_t begin = text.find_first_not_of('\n');
    const bool block =
        !in_column(items[i]) &&
        text.substr(std::min(begin, text.size())).find('\n') != std::string_view::npos;
    if (spaced && i > 0 && !apart && (block || after_block)) w_.insert_blank_line(start);
    after_block = block;
    w_.finish_item(span.end, i + 1 < items.size() ? items[i + 1].span.begin : end);
  }
}

std::vector<std::size_t> Printer::decl_widths(const std::vector<Decl>& items) const {
  std::vector<std::size_t> widths(items.size(), 0);
  for (std::size_t i = 0; i < items.size();) {
    std::size_t width = 0;
    std::size_t end = i;
    for (; end < items.size() && in_column(items[end]); ++end) {
      const bool apart =
          end > i && w_.blank_line_between(items[end - 1].span.end, items[end].span.begin);
      if (apart) break;
      width = std::max(width, decl_word(items[end]).size());
    }
    std::fill(widths.begin() + static_cast<std::ptrdiff_t>(i),
              widths.begin() + static_cast<std::ptrdiff_t>(end), width);
    i = std::max(end, i + 1);
  }
  return widths;
}

void Printer::decl(const Decl& d, std::size_t width) {
  std::string word(decl_word(d));
  word.resize(std::max(word.size(), width), ' ');
  w_.text(word + " ");
  std::visit([this, &d](const auto& node) { body(d, node); }, d.node);
}

void Printer::decl_block(const std::vector<Decl>& items, const Decl& d, std::uint32_t head_end,
                         bool spaced) {
  const std::uint32_t end = d.span.end - 1;
  if (items.empty() && !w_.has_comment_before(end)) {
    w_.text("{}");
    return;
  }
  const std::uint32_t base = item_indent();
  w_.text("{");
  w_.finish_item(w_.find("{", head_end, end) + 1, items.empty() ? end : items.front().span.begin);
  decl_items(items, base + 2, end, spaced, true);
  if (w_.has_comment_before(end)) w_.start_item(end, base + 2, items.empty());
  w_.line_break(base);
  w_.text("}");
}

void Printer::clause_block(std::uint32_t head_end, const Decl& d,
                           const std::vector<Clause>& clauses) {
  block(w_.find("{", head_end, d.span.end) + 1, d.span.end - 1, clauses);
}

// ---- connectors and their parts ----------------------------------------------------------------

void Printer::body(const Decl& d, const ConnectorDecl& x) {
  name(x.name);
  std::uint32_t head_end = x.name.span.end;
  if (x.extends) {
    w_.text(" extends ");
    name(*x.extends);
    head_end = x.extends->span.end;
  }
  if (!x.base_version.empty()) {
    w_.text(" at ");
    only(x.base_version);
    head_end = x.base_version.front().span.end;
  }
  if (!x.title.empty()) {
    w_.text(" ");
    only(x.title);
    head_end = std::max(head_end, x.title.front().span.end);
  }
  w_.text(" ");
  decl_block(x.items, d, head_end, true);
}

void Printer::body(const Decl& d, const CollectionDecl& x) {
  name(x.name);
  w_.text(" ");
  decl_block(x.items, d, x.name.span.end, false);
}

void Printer::body(const Decl& d, const ClientDecl& x) {
  if (x.name) {
    name(*x.name);
    w_.text(" ");
  }
  clause_block(x.name ? x.name->span.end : d.span.begin, d, x.clauses);
}

void Printer::body(const Decl&, const ParamDecl& x) {
  name(x.name);
  if (!x.label.empty()) {
    w_.text(" ");
    only(x.label);
  }
  if (x.type) {
    w_.text(": ");
    type(*x.type);
  }
  if (!x.default_value.empty()) after_equals(x.default_value);
}

void Printer::body(const Decl&, const IdentityDecl& x) {
  name(x.name);
  if (x.label.empty()) return;
  w_.text(" ");
  only(x.label);
}

void Printer::body(const Decl&, const ExternalDecl& x) {
  name(x.name);
  if (!x.label.empty()) {
    w_.text(" ");
    only(x.label);
  }
  if (!x.type) return;
  w_.text(": ");
  type(*x.type);
}

void Printer::parameters(const Name& of, const std::vector<FnParam>& params) {
  name(of);
  const auto source_size = static_cast<std::uint32_t>(w_.source().size());
  const std::uint32_t open = w_.find("(", of.span.end, source_size);
  // A strategy without parameters may be declared without parentheses.
  if (params.empty() && !is_blank(w_.slice(of.span.end, open))) return;
  Group g{"(", ")", false, true, true, true, open + 1, 0, {}};
  for (const FnParam& param : params) g.items.push_back(param.span);
  g.end = w_.find(")", params.empty() ? g.begin : params.back().span.end, source_size);
  group(g, [&params](Printer& p, std::size_t i) {
    p.name(params[i].name);
    if (!params[i].default_value.empty()) p.after_equals(params[i].default_value);
  });
}

void Printer::body(const Decl&, const FnDecl& x) {
  parameters(x.name, x.params);
  after_equals(x.body);
}

void Printer::body(const Decl& d, const AuthDecl& x) {
  parameters(x.name, x.params);
  w_.text(" ");
  clause_block(x.params.empty() ? x.name.span.end : x.params.back().span.end, d, x.clauses);
}

void Printer::body(const Decl& d, const PaginationDecl& x) {
  parameters(x.name, x.params);
  w_.text(" ");
  clause_block(x.params.empty() ? x.name.span.end : x.params.back().span.end, d, x.clauses);
}

void Printer::body(const Decl&, const ConsentDecl& x) {
  name(x.direction);
  w_.text(" ");
  if (!x.purpose.empty()) {
    w_.text("for purpose ");
    only(x.purpose);
    w_.text(" ");
  }
  chain(x.chain);
}

void Printer::body(const Decl&, const WithoutDecl& x) {
  name(x.kind);
  w_.text(" ");
  name(x.name);
}

void Printer::body(const Decl&, const ForDecl& x) {
  for (std::size_t i = 0; i < x.sources.size(); ++i) {
    const ForSource& source = x.sources[i];
    if (i > 0) {
      w_.text(",");
      gap(source.span.begin);
    }
    name(source.name);
    word_between(source.name.span.end, source.source.front().span.begin, "in");
    only(source.source);
    if (!source.where.empty()) keyword("where", source.where.front());
  }
}

void Printer::body(const Decl&, const EraseAfterDecl& x) {
  for (std::size_t i = 0; i < x.collections.size(); ++i) {
    if (i > 0) w_.text(", ");
    name(x.collections[i]);
  }
}

// ---- fields and types --------------------------------------------------------------------------

void Printer::body(const Decl& d, const FieldsDecl& x) {
  std::uint32_t head_end = d.span.begin;
  if (!x.defaults.empty()) {
    w_.text("default");
    categories(x.defaults);
    w_.text(" ");
    head_end = x.defaults.back().span.end;
  }
  fields(x.fields, w_.find("{", head_end, d.span.end) + 1, d.span.end - 1);
}

void Printer::fields(const std::vector<Field>& all, std::uint32_t begin, std::uint32_t end) {
  Group g{"{", "}", true, false, false, true, begin, end, {}};
  for (const Field& f : all) g.items.push_back(f.span);
  group(g, [&all](Printer& p, std::size_t i) { p.field(all[i]); });
}

void Printer::field(const Field& f) {
  name(f.name);
  w_.text(": ");
  type(f.type);
  if (f.key) w_.text(" key");
  if (f.readonly) w_.text(" readonly");
  if (f.length) w_.text(" length " + std::to_string(*f.length));
  if (f.format) {
    w_.text(" format ");
    name(*f.format);
  }
  categories(f.categories);
  if (f.mask.empty()) return;
  w_.text(" mask ");
  only(f.mask);
}

void Printer::categories(const std::vector<CategoryRef>& all) {
  for (const CategoryRef& category : all) w_.text(" @" + category.text);
}

void Printer::type(const TypeExpr& t) {
  w_.comments_before(t.span.begin);
  switch (t.kind) {
    case TypeKind::named:
      name(t.name);
      break;
    case TypeKind::list:
      w_.text("[");
      type(t.element.front());
      w_.comments_before(t.span.end);
      w_.text("]");
      break;
    case TypeKind::object:
      fields(t.fields, t.span.begin + 1, t.span.end - 1);
      break;
    case TypeKind::choices:
      expr(t.choices.front());
      for (std::size_t i = 1; i < t.choices.size(); ++i) {
        word_between(t.choices[i - 1].span.end, t.choices[i].span.begin, "|");
        expr(t.choices[i]);
      }
      break;
  }
}

// ---- tests -------------------------------------------------------------------------------------

void Printer::body(const Decl& d, const TestDecl& x) {
  only(x.title);
  w_.text(" ");
  decl_block(x.items, d, x.title.front().span.end, true);
}

void Printer::body(const Decl& d, const TestReplyDecl& x) {
  request(x.request);
  keyword("with", x.status.front());
  const std::uint32_t open = w_.find("{", x.status.front().span.end, d.span.end);
  if (open == d.span.end) return;
  w_.text(" ");
  block(open + 1, d.span.end - 1, x.response);
}

void Printer::body(const Decl&, const TestExpectRequestDecl& x) {
  if (x.none) w_.text("no ");
  if (!x.count.empty()) {
    only(x.count);
    w_.text(" ");
  }
  w_.text(x.count.empty() ? "request " : "requests ");
  request(x.request);
}

void Printer::body(const Decl&, const TestExpectRowsDecl& x) {
  w_.text(x.exact ? "rows " : "row ");
  name(x.collection);
  w_.text(" ");
  only(x.value);
}

void Printer::body(const Decl&, const TestExpectOutcomeDecl& x) {
  name(x.collection);
  w_.text(" ");
  name(x.outcome);
  if (x.reason.empty()) return;
  w_.text(" ");
  only(x.reason);
}

void Printer::body(const Decl&, const TestExpectExitDecl& x) {
  w_.text("exit ");
  only(x.code);
}

void Printer::body(const Decl&, const TestExpectActionDecl& x) {
  name(x.stage);
  w_.text(" ");
  if (x.none) w_.text("no ");
  if (!x.count.empty()) {
    only(x.count);
    w_.text(" ");
  }
  w_.text(x.kind.text + (x.count.empty() ? " " : "s "));
  name(x.collection);
  for (const Request& one : x.request) {
    w_.text(" ");
    request(one);
  }
  if (!x.row.empty()) {
    w_.text(" ");
    only(x.row);
  }
  if (x.outcome) {
    w_.text(" ");
    name(*x.outcome);
  }
  if (x.reason.empty()) return;
  w_.text(" ");
  only(x.reason);
}

}  // namespace fconn::grammar
