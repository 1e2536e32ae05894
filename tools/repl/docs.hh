// Documentation by name: what a text declares, and the clauses of the language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::repl {

/// A `fn`, `auth` or `pagination` with the comment above it.
struct Documented {
  std::string name;
  std::string head;  // "pagination cursor(token, param = null)"
  std::string doc;
};
/// Those of a file and of the connector in it, in order; what can't be parsed gives none.
std::vector<Documented> documented(const std::string& text);

struct ClauseInfo {
  std::string_view name;
  std::string_view form;     // "skip on 404 \"reason\" | skip when E \"reason\""
  std::string_view summary;  // docs/language.md says it in full
};
/// By name; null when there is no such clause.
const ClauseInfo* find_clause(std::string_view name);
std::vector<std::string> clause_names();

}  // namespace fconn::repl
