// What may follow which word of the language, for completion; what the words are for is
// grammar/word_docs.hh.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/word_docs.hh"

namespace fconn::lsp {

using grammar::WordDoc;

/// What may follow the first word of an item: `skip` is followed by `on` or `when`. Words of the
/// language alone, no names.
std::vector<std::string> words_after(std::string_view word);

/// Words that belong to an item without being its first: `when`, `via`, `times`.
bool is_inner_word(std::string_view word);

}  // namespace fconn::lsp
