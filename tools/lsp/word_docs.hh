// What the words of the language are for, one sentence each, for completion and hover. Which word
// may stand where is grammar/words.hh; a test holds that each of those has a text here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/words.hh"

namespace fconn::lsp {

struct WordDoc {
  std::string_view form;  // how it is written
  std::string_view text;
};
/// Null when there is none. Some words mean another thing in another block.
const WordDoc* word_doc(std::string_view word, grammar::Level level);

/// What may follow the first word of an item: `skip` is followed by `on` or `when`. Words of the
/// language alone, no names.
std::vector<std::string> words_after(std::string_view word);

/// Words that belong to an item without being its first: `when`, `via`, `times`.
bool is_inner_word(std::string_view word);

}  // namespace fconn::lsp
