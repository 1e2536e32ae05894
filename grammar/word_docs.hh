// What the words of the language are for, one sentence each, for editors and the debugger. Which
// word may stand where is words.hh; a test holds that each of those has a text here.
#pragma once

#include <string_view>
#include <vector>

#include "grammar/words.hh"

namespace fconn::grammar {

struct WordDoc {
  std::string_view form;  // how it is written
  std::string_view text;
};
/// Null when there is none. Some words mean another thing in another block.
const WordDoc* word_doc(std::string_view word, Level level);
/// What it means in any block, each meaning once.
std::vector<WordDoc> word_docs(std::string_view word);
/// All words that have a text, each once, in the table's order.
std::vector<std::string_view> documented_words();

}  // namespace fconn::grammar
