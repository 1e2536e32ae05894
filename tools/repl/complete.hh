// What a half-typed line may become. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::repl {

/// Everything that has a name.
struct Names {
  std::vector<std::string> collections, identities, params, secrets, externals;
  std::vector<std::string> values;      // what an expression may name besides these
  std::vector<std::string> functions;   // of the library and of the connector
  std::vector<std::string> strategies;  // pagination and auth
  std::vector<std::string> clauses;
  std::vector<std::string> requests;        // "r3"
  std::vector<std::string> headers, query;  // of the request that :edit changes
  /// Members of the value that a path such as ".items[0]" or "u" leads to.
  std::function<std::vector<std::string>(std::string_view path)> members;
};

struct Completion {
  std::size_t begin = 0;           // where the word begins that they replace
  std::vector<std::string> words;  // sorted, each once; all of them begin with that word
};

/// `cursor` in bytes.
Completion complete(std::string_view line, std::size_t cursor, const Names& names);

}  // namespace fconn::repl
