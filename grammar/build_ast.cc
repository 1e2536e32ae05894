// The builder's own state, and what doesn't belong to one kind of node: comments, blocks, the end.
#include "grammar/build_ast.hh"

#include <algorithm>
#include <charconv>

#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

// A tree may be this much higher than the nesting of its text: `a.b.c` and `a + b + c` grow it
// without brackets. Later stages recurse over trees, so the height has a bound of its own.
constexpr std::uint32_t kHeightPerNesting = 4;

template <class T>
void cut(std::vector<T>& stack, std::size_t size) {
  if (stack.size() > size)
    stack.erase(stack.begin() + static_cast<std::ptrdiff_t>(size), stack.end());
}

}  // namespace

Builder::Builder(std::string_view text, FileId file, const ParseLimits& limits,
                 Diagnostics& diagnostics)
    : text_(text),
      file_(file),
      limits_(limits),
      max_height_(limits.max_nesting * kHeightPerNesting),
      diagnostics_(diagnostics),
      levels_{OpenLevel{Level::top, 0}} {}

Builder::Mark Builder::mark() const {
  return {exprs_.size(),     frames_.size(),    levels_.size(),  operators_.size(),
          parts_.size(),     arguments_.size(), items_.size(),   entries_.size(),
          names_.size(),     statuses_.size(),  clauses_.size(), requests_.size(),
          chains_.size(),    types_.size(),     fields_.size(),  categories_.size(),
          fn_params_.size(), decls_.size(),     operator_base_,  depth_};
}

void Builder::rollback(const Mark& mark) {
  cut(exprs_, mark.exprs);
  cut(frames_, mark.frames);
  cut(levels_, mark.levels);
  cut(operators_, mark.operators);
  cut(parts_, mark.parts);
  cut(arguments_, mark.arguments);
  cut(items_, mark.items);
  cut(entries_, mark.entries);
  cut(names_, mark.names);
  cut(statuses_, mark.statuses);
  cut(clauses_, mark.clauses);
  cut(requests_, mark.requests);
  cut(chains_, mark.chains);
  cut(types_, mark.types);
  cut(fields_, mark.fields);
  cut(categories_, mark.categories);
  cut(fn_params_, mark.fn_params);
  cut(decls_, mark.decls);
  operator_base_ = mark.operator_base;
  depth_ = mark.depth;
  path_bad_.reset();
}

// White space is looked at more than once (before an operator that doesn't come), so a comment
// counts only when it lies behind the last one.
void Builder::comment(Span span) {
  if (!comments_.empty() && span.begin <= comments_.back().span.begin) return;
  while (span.end > span.begin && text_[span.end - 1] == '\r') --span.end;
  const std::string_view text = view(span);
  comments_.push_back(
      Comment{std::string(text), span, text.substr(0, 2) == "##", starts_line(span.begin)});
}

Name Builder::quoted_name(Span span) {
  return Name{unescape(at(span.begin + 1, span.end - 1)), span, true};
}

Name Builder::declared(Span span) {
  if (is_reserved(view(span))) {
    report(DiagnosticId::reserved_name, span,
           "`" + std::string(view(span)) + "` is a reserved word and can't be declared as a name",
           "Choose another name.");
  }
  return name(span);
}

void Builder::open_level(Level level, Span brace) {
  enter(text_.data() + brace.begin);  // left again by the mark's depth or block_closed
  Frame frame;
  frame.open = brace.begin;
  switch (level) {
    case Level::top:
    case Level::connector:
    case Level::collection:
    case Level::test:
      frame.base = decls_.size();
      break;
    case Level::fields:
      frame.base = fields_.size();
      break;
    default:
      frame.base = clauses_.size();
  }
  frame.requests = requests_.size();
  frame.names = names_.size();
  frames_.push_back(frame);
  levels_.push_back(OpenLevel{level, brace.begin});
}

// Remembers the first block whose brace is indented unlike its opening line: when a brace turns out
// to be missing at the end of the file, it is most likely missing there.
void Builder::block_closed(Span span) {
  closed_ = frames_.back();
  frames_.pop_back();
  levels_.pop_back();
  --depth_;
  if (suspect_ != UINT32_MAX || span.end == span.begin || !starts_line(span.begin)) return;
  const std::uint32_t open = indentation(closed_.open);
  if (open != UINT32_MAX && open != indentation(span.begin)) suspect_ = closed_.open;
}

void Builder::edition(Span span) {
  int number = 0;
  const std::string_view text = view(span);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  edition_span_ = span;
  if (read.ec != std::errc() || number != 1) {
    report(DiagnosticId::bad_edition, span,
           "edition " + std::string(text) + " of the language is unknown to this version",
           "Write fconn 1, or use a newer version of the program.");
    return;
  }
  edition_ = number;
}

void Builder::finish(Ast& ast) {
  ast.file = file_;
  ast.edition = edition_;
  ast.edition_span = edition_span_;
  ast.comments = std::move(comments_);
  if (braces_slipped_) adopt(text_, decls_, Level::top);
  ast.items = std::move(decls_);
  decls_.clear();
}

Expr Builder::finish_expr() {
  if (exprs_.empty()) return Expr{at(0, static_cast<std::uint32_t>(text_.size())), ErrorExpr{}};
  return std::move(exprs_.front().expr);
}

}  // namespace fconn::grammar
