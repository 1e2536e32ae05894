// Letters: which characters are letters or digits, and their other case. By ranges of Unicode:
// ASCII, Latin-1, Latin Extended-A and Additional, Greek, Cyrillic, Armenian. Other scripts have no
// case or are left alone. One character maps to one character (ß stays ß); no locale is asked, so
// the answer is the same everywhere.
#pragma once

namespace fconn::eval {

char32_t to_lower(char32_t c);
char32_t to_upper(char32_t c);
/// Letters of the scripts above, ASCII digits, and everything from U+00AA on that isn't
/// punctuation or space known here: what counts as part of a word.
bool is_word_character(char32_t c);
/// White space as `trim` takes it away: ASCII, no-break space, U+1680, U+2000–200A, line ends,
/// U+202F, U+205F, U+3000 and the byte order mark.
bool is_space(char32_t c);
inline bool is_upper(char32_t c) { return to_lower(c) != c; }

}  // namespace fconn::eval
