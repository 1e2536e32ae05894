// The words of a text without its grammar: good for a text that is being typed, which may be wrong
// anywhere. Knows strings with holes, comments, targets of requests, and which block a place is in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/words.hh"

namespace fconn::lsp {

enum class TokenKind : std::uint8_t { comment, text, number, word, category, target, mark };

struct Token {
  TokenKind kind{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool starts_item = false;  // a word that stands first in an item of a block of clauses
};

/// An opening bracket that isn't closed yet.
struct Open {
  char bracket = 0;           // ( [ { or " for a string's or target's hole
  bool clauses = false;       // holds declarations, clauses or fields; else an expression
  grammar::Level level{};     // of clauses
  std::size_t callee = npos;  // of ( : the token of the function's name
  std::uint32_t commas = 0;
  bool piped = false;  // of a call: its first argument stands left of `|`

  // Of clauses: the item that is being read.
  std::string_view first;  // its first word
  std::string_view second;
  bool method = false;  // GET …: what follows in braces is a request's block
  bool with = false;    // `with 200`
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

struct Scan {
  std::vector<Token> tokens;
  std::vector<Open> open;  // outermost first; the first one is the file
  bool in_text = false;    // the end is within a string's text
  bool in_comment = false;
  bool new_line = true;  // nothing but white space between the last line break and the end
};

/// All of `text`, which may break off anywhere. Views point into it.
Scan scan(std::string_view text);

/// The word that ends at or holds `offset`: letters, digits, `_`.
struct Word {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
Word word_at(std::string_view text, std::uint32_t offset);
bool is_word_byte(char c);

}  // namespace fconn::lsp
