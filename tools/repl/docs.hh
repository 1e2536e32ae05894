// Documentation by name: what a text declares. What the words of the language are for is
// grammar/word_docs.hh.
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

}  // namespace fconn::repl
