#include <algorithm>

#include "grammar/parse_internal.hh"
#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

/// Walks comments and declarations side by side; both are in the order of the text.
class Docs {
 public:
  Docs(std::string_view text, const std::vector<Comment>& comments)
      : text_(text), comments_(comments), used_(comments.size(), false) {}

  void attach(std::vector<Decl>& decls) {
    for (Decl& decl : decls) {
      attach(decl);
      if (auto* connector = std::get_if<ConnectorDecl>(&decl.node)) attach(connector->items);
      if (auto* collection = std::get_if<CollectionDecl>(&decl.node)) attach(collection->items);
      if (auto* test = std::get_if<TestDecl>(&decl.node)) attach(test->items);
    }
  }

  bool used(std::size_t comment) const { return used_[comment]; }

 private:
  /// Nothing but one line end and blanks lies between two offsets. Looks back from `begin`, so the
  /// cost is that of the white space before it, however far away the comment is.
  bool adjacent(std::uint32_t end, std::uint32_t begin) const {
    int lines = 0;
    while (begin > end && is_space(text_[begin - 1])) {
      if (text_[--begin] == '\n' && ++lines > 1) return false;
    }
    return begin == end && lines == 1;
  }

  // Plain comments (an `allow`, say) may stand between the documentation and its declaration.
  void attach(Decl& decl) {
    const auto after = std::upper_bound(
        comments_.begin(), comments_.end(), decl.keyword.begin,
        [](std::uint32_t offset, const Comment& c) { return offset < c.span.begin; });
    auto first = static_cast<std::size_t>(after - comments_.begin());
    const std::size_t last = first;
    std::uint32_t below = decl.keyword.begin;
    while (first > 0 && comments_[first - 1].own_line &&
           adjacent(comments_[first - 1].span.end, below)) {
      below = comments_[--first].span.begin;
    }
    for (; first < last; ++first) {
      if (!comments_[first].doc) continue;
      used_[first] = true;
      std::string_view line = std::string_view(comments_[first].text).substr(2);
      if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
      if (!decl.doc.empty()) decl.doc += '\n';
      decl.doc += line;
    }
  }

  std::string_view text_;
  const std::vector<Comment>& comments_;
  std::vector<bool> used_;
};

}  // namespace

void attach_docs(std::string_view text, Parsed& parsed) {
  Docs docs(text, parsed.ast.comments);
  docs.attach(parsed.ast.items);
  if (has_errors(parsed.diagnostics)) return;
  for (std::size_t i = 0; i < parsed.ast.comments.size(); ++i) {
    const Comment& comment = parsed.ast.comments[i];
    if (!comment.doc || docs.used(i)) continue;
    parsed.diagnostics.push_back(
        diagnostic(DiagnosticId::misplaced_doc, comment.span, "this `##` comment documents nothing",
                   "Put it on the line before a declaration, or write a single `#`."));
  }
}

}  // namespace fconn::grammar
