#include "tools/lsp/word_docs.hh"

#include <algorithm>
#include <array>

namespace fconn::lsp {
namespace {

struct After {
  std::string_view word;
  std::string_view next;  // separated by blanks
};
constexpr std::array afters{
    After{"skip", "on when"},
    After{"fail", "when on"},
    After{"retry", "on when times backoff every"},
    After{"stop", "when"},
    After{"as", "json csv xml ndjson text bytes"},
    After{"body", "json form text xml multipart csv ndjson"},
    After{"next", "url query headers body"},
    After{"prefer", "delete update"},
    After{"expires", "in at"},
    After{"consent", "opt_in opt_out"},
    After{"fields", "default"},
    After{"read", "GET POST needs"},
    After{"update", "PUT PATCH POST GET DELETE needs"},
    After{"delete", "DELETE POST PUT PATCH GET needs"},
    After{"check", "GET POST HEAD"},
    After{"reply", "GET POST PUT PATCH DELETE"},
    After{"expect", "rows row request no exit plan"},
    After{"without",
          "collection param secret identity external fn client check auth pagination "
          "consent"},
};

constexpr std::array inner_words{
    "when",    "on",       "as",      "via",     "times",  "backoff",  "every",    "needs",
    "extends", "with",     "where",   "in",      "if",     "then",     "else",     "for",
    "and",     "or",       "not",     "matches", "true",   "false",    "null",     "default",
    "purpose", "connect",  "margin",  "at",      "key",    "readonly", "length",   "format",
    "mask",    "complete", "skipped", "capped",  "failed", "request",  "requests", "xml"};

}  // namespace

std::vector<std::string> words_after(std::string_view word) {
  std::vector<std::string> words;
  for (const After& after : afters) {
    if (after.word != word) continue;
    std::string_view rest = after.next;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      words.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return words;
}

bool is_inner_word(std::string_view word) {
  return std::find(inner_words.begin(), inner_words.end(), word) != inner_words.end();
}

}  // namespace fconn::lsp
