// Library functions on the case of letters (unicode.hh).
#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/eval/unicode.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::eval {

using value::append_utf8;
using value::next_code_point;

namespace {

template <char32_t (*Map)(char32_t)>
Answer mapped(Arguments a, CallContext& context) {
  const std::string_view text = text_of_argument(a[0], context);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) append_utf8(out, Map(next_code_point(text, i)));
  return text_answer(out, context);
}

Answer title(Arguments a, CallContext& context) {
  const std::string_view text = text_of_argument(a[0], context);
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = next_code_point(text, i);
    append_utf8(out, inside ? to_lower(c) : to_upper(c));
    inside = is_word_character(c) || (inside && (c == U'\'' || c == 0x2019));
  }
  return text_answer(out, context);
}

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

/// Words of a name in any style: separated by what is no letter or digit, by a capital after a
/// small letter or digit, and before the last capital of several ("HTTPServer" is HTTP, Server).
std::vector<std::u32string> words_of(std::string_view text) {
  std::u32string all;
  for (std::size_t i = 0; i < text.size();) all += next_code_point(text, i);
  std::vector<std::u32string> words;
  bool open = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const char32_t c = all[i];
    if (!is_word_character(c)) {
      open = false;
      continue;
    }
    if (open && is_upper(c)) {
      const bool after_small = !is_upper(all[i - 1]);
      const bool before_small = i + 1 < all.size() && is_word_character(all[i + 1]) &&
                                !is_upper(all[i + 1]) && !is_digit(all[i + 1]);
      open = !after_small && !before_small;
    }
    if (!open) words.emplace_back();
    words.back() += c;
    open = true;
  }
  return words;
}

void append_word(const std::u32string& word, bool capital, std::string& out) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    append_utf8(out, capital && i == 0 ? to_upper(word[i]) : to_lower(word[i]));
  }
}

Answer pascal_case(Arguments a, CallContext& context) {
  std::string out;
  for (const std::u32string& word : words_of(text_of_argument(a[0], context))) {
    append_word(word, true, out);
  }
  return text_answer(out, context);
}

Answer camel_case(Arguments a, CallContext& context) {
  std::string out;
  for (const std::u32string& word : words_of(text_of_argument(a[0], context))) {
    append_word(word, !out.empty(), out);
  }
  return text_answer(out, context);
}

Answer snake_case(Arguments a, CallContext& context) {
  std::string out;
  for (const std::u32string& word : words_of(text_of_argument(a[0], context))) {
    if (!out.empty()) out += '_';
    append_word(word, false, out);
  }
  return text_answer(out, context);
}

}  // namespace

void add_case_functions(std::vector<Intrinsic>& table) {
  const auto add = [&table](std::string_view name, std::string_view summary,
                            std::vector<std::string_view> examples, Function function) {
    table.push_back({.name = name,
                     .parameters = {{"text", Type::string, false, {}}},
                     .result = Type::string,
                     .summary = summary,
                     .examples = std::move(examples),
                     .function = function});
  };
  add("lower", "Small letters, in Latin, Greek, Cyrillic and Armenian; one character becomes one.",
      {"lower(\"Ada\") == \"ada\"", "lower(\"ÄÖÜ ΣΊΓΜΑ ЖУК\") == \"äöü σίγμα жук\""},
      mapped<to_lower>);
  add("upper",
      "Capitals, in Latin, Greek, Cyrillic and Armenian; one character becomes one, so ß stays.",
      {"upper(\"ada\") == \"ADA\"", "upper(\"straße é ж\") == \"STRAßE É Ж\""}, mapped<to_upper>);
  add("title", "Each word with a capital first and small letters after it.",
      {"title(\"ada LOVELACE\") == \"Ada Lovelace\"",
       "title(\"o'neil-smith\") == \"O'neil-Smith\""},
      title);
  add("pascal_case", "The words of a name, each with a capital, joined.",
      {"pascal_case(\"order_line items\") == \"OrderLineItems\"",
       "pascal_case(\"HTTPServer\") == \"HttpServer\""},
      pascal_case);
  add("camel_case", "As pascal_case, but beginning with a small letter.",
      {"camel_case(\"order_line items\") == \"orderLineItems\"",
       "camel_case(\"UserID\") == \"userId\""},
      camel_case);
  add("snake_case", "The words of a name in small letters, joined by underscores.",
      {"snake_case(\"OrderLineItems\") == \"order_line_items\"",
       "snake_case(\"HTTPServer 2\") == \"http_server_2\""},
      snake_case);
}

}  // namespace fconn::eval
