// The words that start a declaration or a clause, and the blocks in which each may stand. One table
// serves the parser (what may stand here), recovery (what belongs further out) and suggestions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::grammar {

/// What a block holds; the innermost one decides which words may stand.
enum class Level : std::uint8_t {
  top,
  connector,
  collection,
  client,
  request,
  chain,
  token,
  auth,
  pagination,
  test,
  message,
  response,
  fields,
};

/// "a client block", for messages.
std::string_view level_noun(Level level);

/// Bit set of levels (1 << Level) in which `word` may start an item; 0 for any other word.
std::uint32_t levels_of(std::string_view word);
constexpr std::uint32_t bit(Level level) { return 1U << static_cast<unsigned>(level); }

/// All words that may start an item of a level, in the table's order.
std::vector<std::string> words_of(Level level);

/// `true false null if …` and the seven methods: can't be declared as names (language.md, Lexical).
bool is_reserved(std::string_view word);
bool is_method(std::string_view word);

}  // namespace fconn::grammar
