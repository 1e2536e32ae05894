#include "tools/repl/docs.hh"

#include <algorithm>

#include "grammar/parse.hh"

namespace fconn::repl {
namespace {

constexpr ClauseInfo clauses[] = {
    {"query", "query { name: E }",
     "What goes into the URL; null drops an entry, a list repeats it."},
    {"headers", "headers { Name: E }", "Headers of the request; null drops one."},
    {"body", "body json E | form E | text E as \"type\" | xml E | multipart E | csv E | ndjson E",
     "What is sent; it sets Content-Type."},
    {"as", "as json | csv | xml | ndjson | text | bytes",
     "How the answer is read; by its Content-Type otherwise."},
    {"retry", "retry on 429, 502..504 times 3 backoff 1s..60s | retry when E",
     "When an answer is no answer and the request goes out again."},
    {"skip", "skip on 404 \"reason\" | skip when E \"reason\"",
     "Nothing is here: no rows, counted with its reason. `4xx` leaves out 401, 403 and 429."},
    {"fail", "fail when E \"message\"", "A failure although the status was fine."},
    {"until", "until E every 10s for 1h", "Asks the same again until it holds."},
    {"rows", "rows E", "Where the rows of the answer are."},
    {"keep", "keep E", "Only rows for which it holds; `.` is the row."},
    {"map", "map E", "Makes another row of each; `.` is the row."},
    {"take", "take N", "At most so many rows; the collection is capped then."},
    {"paginate", "paginate STRATEGY(…)",
     "How to get the next page; a strategy of the library or "
     "of the file."},
    {"stop", "stop when E | stop when E \"reason\"",
     "In a pagination: this was the last page; with a reason, there may be more that can't be "
     "had."},
    {"next", "next url E | query { … } | headers { … } | body E",
     "In a pagination: what is different in the next request."},
    {"let", "let x = METHOD PATH { … } | let x = E",
     "A step of a chain: binds an answer's body (its rows with `rows`), or a value."},
    {"timeout", "timeout 60s, connect 5s", "Bounds of a request."},
    {"rate", "rate 10/s, 1000/h", "How often such a request may go out."},
    {"parallel", "parallel 8", "How many requests of a client are in flight at once."},
    {"idempotent", "idempotent", "Sending it twice does what sending it once does."},
    {"via", "METHOD PATH via CLIENT", "Which client sends the request."},
    {"needs", "read needs email or phone …", "Which identities a request runs for."},
    {"for", "for c in customer where E",
     "What a collection gets its values from; it runs once for "
     "each distinct set that it uses."},
    {"fields", "fields default @category { name: type marks @category }",
     "What a row holds: types, keys, data categories."},
    {"base", "base \"https://{domain}\"", "Where a client's requests go."},
    {"hosts", "hosts \"*.files.example.com\"", "Further hosts that may be asked."},
    {"auth", "auth STRATEGY(…) when E", "How a client signs its requests; the first that holds."},
    {"emit", "emit { … }", "A row of bound values, without a request."},
    {"update", "update METHOD PATH { … }", "How a row is changed when it is erased."},
    {"delete", "delete METHOD PATH { … }", "How a row is removed when it is erased."},
};

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  const std::size_t brace = text.rfind('{');
  if (brace != std::string_view::npos && text.find('}', brace) == std::string_view::npos) {
    text = text.substr(0, brace);
  }
  while (text.ends_with(' ') || text.ends_with('=')) text.remove_suffix(1);
  return std::string(text);
}

void collect(const grammar::SourceMap& sources, const std::vector<grammar::Decl>& items,
             std::vector<Documented>& out) {
  for (const grammar::Decl& decl : items) {
    if (const auto* connector = std::get_if<grammar::ConnectorDecl>(&decl.node)) {
      collect(sources, connector->items, out);
      continue;
    }
    const grammar::Name* name = nullptr;
    if (const auto* fn = std::get_if<grammar::FnDecl>(&decl.node)) name = &fn->name;
    if (const auto* auth = std::get_if<grammar::AuthDecl>(&decl.node)) name = &auth->name;
    if (const auto* page = std::get_if<grammar::PaginationDecl>(&decl.node)) name = &page->name;
    if (name == nullptr) continue;
    grammar::Span span = decl.span;
    span.begin = decl.keyword.begin;
    out.push_back({name->text, first_line(sources.slice(span)), decl.doc});
  }
}

}  // namespace

std::vector<Documented> documented(const std::string& text) {
  grammar::SourceMap sources;
  const grammar::FileId file = sources.add("", text);
  const grammar::Parsed parsed = grammar::parse(sources, file);
  std::vector<Documented> out;
  collect(sources, parsed.ast.items, out);
  return out;
}

const ClauseInfo* find_clause(std::string_view name) {
  for (const ClauseInfo& clause : clauses) {
    if (clause.name == name) return &clause;
  }
  return nullptr;
}

std::vector<std::string> clause_names() {
  std::vector<std::string> names;
  for (const ClauseInfo& clause : clauses) names.emplace_back(clause.name);
  return names;
}

}  // namespace fconn::repl
