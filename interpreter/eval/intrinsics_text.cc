// Library functions on texts. Positions count code points.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "interpreter/eval/eval.hh"
#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/eval/numbers.hh"
#include "interpreter/eval/unicode.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::eval {

using value::Kind;
using value::Value;

namespace {

bool in_set(std::string_view set, char32_t c) {
  for (std::size_t i = 0; i < set.size();) {
    if (value::next_code_point(set, i) == c) return true;
  }
  return false;
}

/// Whether `trim` takes a character away: white space, or one of the characters given.
bool is_trimmed(const Value& set, char32_t c) {
  return set.is_null() ? is_space(c) : in_set(set.view(), c);
}

std::string_view trimmed_start(std::string_view text, const Value& set) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t next = begin;
    if (!is_trimmed(set, value::next_code_point(text, next))) break;
    begin = next;
  }
  return text.substr(begin);
}

std::string_view trimmed_end(std::string_view text, const Value& set) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_trimmed(set, value::next_code_point(text, i))) end = i;
  }
  return text.substr(0, end);
}

Answer trim(Arguments a, CallContext& context) {
  const std::string_view text = text_of_argument(a[0], context);
  return Value::string(trimmed_end(trimmed_start(text, a[1]), a[1]));
}
Answer trim_start(Arguments a, CallContext& context) {
  return Value::string(trimmed_start(text_of_argument(a[0], context), a[1]));
}
Answer trim_end(Arguments a, CallContext& context) {
  return Value::string(trimmed_end(text_of_argument(a[0], context), a[1]));
}

Answer split(Arguments a, CallContext& context) {
  const std::string_view text = text_of_argument(a[0], context);
  const std::string_view separator = a[1].view();
  std::vector<Value> parts;
  if (separator.empty()) {
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t begin = i;
      value::next_code_point(text, i);
      parts.push_back(Value::string(text.substr(begin, i - begin)));
    }
    return list_answer(parts, context);
  }
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(Value::string(text.substr(begin, end - begin)));
    if (end == text.size()) break;
    begin = end + separator.size();
  }
  return list_answer(parts, context);
}

Answer join(Arguments a, CallContext& context) {
  std::string out;
  bool first = true;
  bool secret = false;
  for (const Value& element : elements_of(a[0], context)) {
    if (!first) out += a[1].view();
    first = false;
    auto text = text_of(element, context.arena);
    if (!text) {
      return wrong("`join` needs texts, and an element is " +
                   with_article(decoded(element, context)));
    }
    secret = secret || element.secret;
    out += *text;
    if (out.size() > context.max_bytes) break;
  }
  Answer answer = text_answer(out, context);
  if (answer) answer->secret = secret;
  return answer;
}

Answer replace(Arguments a, CallContext& context) {
  const std::string_view text = text_of_argument(a[0], context);
  const std::string_view old = a[1].view();
  if (old.empty()) return wrong("`replace` needs something to look for, and `old` is empty");
  std::string out;
  std::size_t begin = 0;
  while (out.size() <= context.max_bytes) {
    const std::size_t end = text.find(old, begin);
    out += text.substr(begin, end == std::string_view::npos ? end : end - begin);
    if (end == std::string_view::npos) break;
    out += a[2].view();
    begin = end + old.size();
  }
  return text_answer(out, context);
}

/// Turns a position that may be negative (from the end) into one from 0 to count.
std::size_t position(std::int64_t at, std::size_t count) {
  const auto size = static_cast<std::int64_t>(count);
  if (at < 0) at = at < -size ? 0 : at + size;
  return static_cast<std::size_t>(std::min(at, size));
}

Answer slice(Arguments a, CallContext& context) {
  const bool is_list = a[0].kind == Kind::list;
  const std::string_view text = is_list ? std::string_view() : text_of_argument(a[0], context);
  const std::size_t count = is_list ? a[0].count : value::count_code_points(text);
  const std::size_t from = position(a[1].integer, count);
  const std::size_t to = a[2].is_null() ? count : position(a[2].integer, count);
  const std::size_t length = to > from ? to - from : 0;
  if (is_list) return Value::list(a[0].list_view().subspan(from, length));
  std::size_t begin = 0;
  for (std::size_t i = 0; i < from; ++i) value::next_code_point(text, begin);
  std::size_t end = begin;
  for (std::size_t i = 0; i < length; ++i) value::next_code_point(text, end);
  return Value::string(text.substr(begin, end - begin));
}

Answer contains(Arguments a, CallContext& context) {
  if (a[0].kind == Kind::list) {
    for (const Value& element : elements_of(a[0], context)) {
      if (value::equal(element, a[1], context.arena)) return Value::boolean(true);
    }
    return Value::boolean(false);
  }
  if (a[1].kind != Kind::string) {
    return wrong("`contains` looks for a string in a string, and `needle` is " +
                 with_article(a[1]));
  }
  const std::string_view text = text_of_argument(a[0], context);
  return Value::boolean(text.find(a[1].view()) != std::string_view::npos);
}

Answer starts_with(Arguments a, CallContext&) {
  return Value::boolean(a[0].view().substr(0, a[1].length) == a[1].view());
}

Answer ends_with(Arguments a, CallContext&) {
  const std::string_view text = a[0].view();
  return Value::boolean(text.size() >= a[1].length &&
                        text.substr(text.size() - a[1].length) == a[1].view());
}

Answer quote(Arguments a, CallContext& context) {
  auto text = text_of(a[0], context.arena);
  if (!text) return value::fail(std::move(text.error()));
  const std::string_view mark = a[1].view();
  if (mark != "\"" && mark != "'") return wrong("`quote` knows the marks \" and ' only");
  std::string json;
  value::append_json_string(*text, json);
  if (mark == "\"") return text_answer(json, context);
  // The same with the marks exchanged: \" needs no escape any more and ' does.
  std::string out = "'";
  for (std::size_t i = 1; i + 1 < json.size(); ++i) {
    if (json[i] == '\\' && json[i + 1] == '"') continue;
    if (json[i] == '\'') out += '\\';
    out += json[i];
    if (json[i] == '\\') out += json[++i];
  }
  return text_answer(out + "'", context);
}

/// One conversion of printf's: %[-+0 ][width][.precision](d f s x X).
struct Conversion {
  bool left = false, plus = false, zero = false, space = false;
  std::size_t width = 0;
  std::optional<std::size_t> precision;
  char letter = 's';
};

std::size_t read_digits(std::string_view& text) {
  std::size_t number = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9' && number < 100'000) {
    number = number * 10 + static_cast<std::size_t>(text[0] - '0');
    text.remove_prefix(1);
  }
  return number;
}

/// Reads behind the `%`; false when it isn't a conversion that this version knows.
bool read_conversion(std::string_view& text, Conversion& c) {
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text[0] == '-') {
      c.left = true;
    } else if (text[0] == '+') {
      c.plus = true;
    } else if (text[0] == '0') {
      c.zero = true;
    } else if (text[0] == ' ') {
      c.space = true;
    } else {
      break;
    }
  }
  c.width = read_digits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    c.precision = read_digits(text);
  }
  if (text.empty() || std::string_view("dfsxX").find(text[0]) == std::string_view::npos) {
    return false;
  }
  c.letter = text[0];
  text.remove_prefix(1);
  return c.width <= 1000 && c.precision.value_or(0) <= 30;
}

/// The digits of a number without a sign; nothing when it isn't what the letter takes.
std::optional<std::string> digits_of(const Value& number, const Conversion& c, bool& negative) {
  char buffer[128];
  char* const end = buffer + sizeof buffer;
  if (c.letter == 'f') {
    const long double value = to_long_double(number);
    if (!(std::fabs(value) < 1e40L)) return std::nullopt;
    negative = value < 0;
    const int precision = static_cast<int>(c.precision.value_or(6));
    const auto done =
        std::to_chars(buffer, end, std::fabs(value), std::chars_format::fixed, precision);
    return std::string(buffer, done.ptr);
  }
  const std::optional<std::int64_t> whole = integral(number);
  if (!whole) return std::nullopt;
  negative = *whole < 0;
  const auto size =
      negative ? ~static_cast<std::uint64_t>(*whole) + 1 : static_cast<std::uint64_t>(*whole);
  std::string out(buffer, std::to_chars(buffer, end, size, c.letter == 'd' ? 10 : 16).ptr);
  if (c.letter == 'X') {
    for (char& digit : out) digit = static_cast<char>(to_upper(static_cast<char32_t>(digit)));
  }
  return out;
}

Answer convert(const Value& from, const Conversion& c, CallContext& context) {
  std::string sign;
  std::string body;
  if (c.letter == 's') {
    auto text = text_of(from, context.arena);
    if (!text) return value::fail(std::move(text.error()));
    std::size_t end = 0;
    const std::size_t most = c.precision.value_or(text->size());
    for (std::size_t i = 0; i < most && end < text->size(); ++i) value::next_code_point(*text, end);
    body = std::string(text->substr(0, end));
  } else {
    if (!is_number(from)) {
      return wrong(std::string("`%") + c.letter + "` formats a number, and this is " +
                   with_article(from));
    }
    bool negative = false;
    const std::optional<std::string> digits = digits_of(from, c, negative);
    if (!digits) {
      return wrong(c.letter == 'f' ? "this number is too large for `%f`"
                                   : std::string("`%") + c.letter + "` formats a whole number");
    }
    sign = negative ? "-" : c.plus ? "+" : c.space ? " " : "";
    body = *digits;
  }
  const std::size_t size = sign.size() + value::count_code_points(body);
  const std::string fill(size < c.width ? c.width - size : 0,
                         c.zero && !c.left && c.letter != 's' ? '0' : ' ');
  if (c.left) return text_answer(sign + body + fill, context);
  return text_answer(fill.empty() || fill[0] == ' ' ? fill + sign + body : sign + fill + body,
                     context);
}

Answer format(Arguments a, CallContext& context) {
  std::string_view rest = a[1].view();
  std::string out;
  bool used = false;
  while (!rest.empty()) {
    const std::size_t percent = std::min(rest.find('%'), rest.size());
    out += rest.substr(0, percent);
    rest.remove_prefix(percent);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    if (!rest.empty() && rest[0] == '%') {
      out += '%';
      rest.remove_prefix(1);
      continue;
    }
    Conversion conversion;
    if (used || !read_conversion(rest, conversion)) {
      return wrong("`format` takes one conversion like `%05.2f`, with d, f, s, x or X");
    }
    used = true;
    Answer part = convert(a[0], conversion, context);
    if (!part) return part;
    out += part->view();
  }
  if (!used) return wrong("`format` needs a conversion like `%05.2f` in its pattern");
  return text_answer(out, context);
}

constexpr Type scalar = Type::string | Type::number | Type::boolean;

}  // namespace

void add_text_functions(std::vector<Intrinsic>& table) {
  const Parameter text{"text", Type::string, false, {}};
  const Parameter characters{"characters", Type::string, true, "null"};
  table.push_back(
      {.name = "trim",
       .parameters = {text, characters},
       .result = Type::string,
       .summary = "Takes white space, or the characters given, away at both ends.",
       .examples = {"trim(\"  Ada \") == \"Ada\"", "trim(\"--a-b-\", \"-\") == \"a-b\""},
       .function = trim});
  table.push_back(
      {.name = "trim_start",
       .parameters = {text, characters},
       .result = Type::string,
       .summary = "Takes white space, or the characters given, away at the start.",
       .examples = {"trim_start(\"+491\", \"+\") == \"491\"", "trim_start(\" a \") == \"a \""},
       .function = trim_start});
  table.push_back(
      {.name = "trim_end",
       .parameters = {text, characters},
       .result = Type::string,
       .summary = "Takes white space, or the characters given, away at the end.",
       .examples = {"trim_end(\"id_\", \"_\") == \"id\"", "trim_end(\" a \") == \" a\""},
       .function = trim_end});
  table.push_back({.name = "split",
                   .parameters = {text, {"separator", Type::string, false, {}}},
                   .result = Type::list,
                   .summary = "The parts between separators; an empty separator splits into "
                              "characters.",
                   .examples = {"split(\"a,b,\", \",\") == [\"a\", \"b\", \"\"]",
                                "split(\"né\", \"\") == [\"n\", \"é\"]"},
                   .function = split});
  table.push_back(
      {.name = "join",
       .parameters = {{"list", Type::list, false, {}}, {"separator", Type::string, true, "\"\""}},
       .result = Type::string,
       .summary = "The texts of the elements, with the separator between them.",
       .errors = "An element is null, a list or an object.",
       .examples = {"join([\"a\", 1, true], \",\") == \"a,1,true\"",
                    "join([\"a\", \"b\"]) == \"ab\""},
       .function = join});
  table.push_back(
      {.name = "replace",
       .parameters = {text, {"old", Type::string, false, {}}, {"new", Type::string, false, {}}},
       .result = Type::string,
       .summary = "Every `old` becomes `new`, from left to right.",
       .errors = "`old` is empty.",
       .examples = {"replace(\"a-b-c\", \"-\", \"\") == \"abc\"",
                    "replace(\"aaa\", \"aa\", \"b\") == \"ba\""},
       .function = replace});
  table.push_back({.name = "slice",
                   .parameters = {{"of", Type::string | Type::list, false, {}},
                                  {"from", Type::integer, false, {}},
                                  {"to", Type::integer, true, "null"}},
                   .result = Type::string | Type::list,
                   .summary = "The characters or elements from `from` up to, not including, `to`; "
                              "negative positions count from the end.",
                   .examples = {"slice(\"grüße\", 2, 4) == \"üß\"",
                                "slice([1, 2, 3], -2) == [2, 3]", "slice(\"ab\", 5) == \"\""},
                   .function = slice});
  table.push_back({.name = "contains",
                   .parameters = {{"in", Type::string | Type::list, false, {}},
                                  {"needle", Type::any, false, {}}},
                   .result = Type::boolean,
                   .summary = "Whether a string holds another, or a list an equal element.",
                   .errors = "`in` is a string and `needle` is not.",
                   .examples = {"contains(\"invoice\", \"voice\")", "contains([1, 2], 2.0)",
                                "contains([\"1\"], 1) == false"},
                   .function = contains});
  table.push_back({.name = "starts_with",
                   .parameters = {text, {"start", Type::string, false, {}}},
                   .result = Type::boolean,
                   .summary = "Whether a string begins with another.",
                   .examples = {"starts_with(\"User not found\", \"User\")",
                                "starts_with(\"a\", \"ab\") == false"},
                   .function = starts_with});
  table.push_back(
      {.name = "ends_with",
       .parameters = {text, {"end", Type::string, false, {}}},
       .result = Type::boolean,
       .summary = "Whether a string ends with another.",
       .examples = {"ends_with(\"a.csv\", \".csv\")", "ends_with(\"csv\", \".csv\") == false"},
       .function = ends_with});
  table.push_back(
      {.name = "quote",
       .parameters = {{"value", scalar, false, {}}, {"mark", Type::string, true, "\"\\\"\""}},
       .result = Type::string,
       .on_null = OnNull::error,
       .summary = "The text between quotation marks, with marks and backslashes in it "
                  "escaped by a backslash.",
       .errors = "`mark` is neither \" nor '.",
       .examples = {"quote(\"a\\\"b\") == '\"a\\\"b\"'",
                    "quote(\"it's\", \"'\") == \"'it\\\\'s'\""},
       .function = quote});
  table.push_back(
      {.name = "format",
       .parameters = {{"value", scalar, false, {}}, {"pattern", Type::string, false, {}}},
       .result = Type::string,
       .on_null = OnNull::error,
       .summary = "The value by one conversion of printf's: `%`, flags `- + 0` or "
                  "space, width, `.` and precision, then d, f, s, x or X; `%%` is a "
                  "percent sign.",
       .errors = "The pattern has no conversion or two, or the value isn't a number "
                 "where one is needed.",
       .examples = {"format(7, \"%03d\") == \"007\"", "format(2.5, \"%.2f EUR\") == \"2.50 EUR\"",
                    "format(\"Ada\", \"%-5s|\") == \"Ada  |\"", "format(255, \"%x\") == \"ff\""},
       .function = format});
}

}  // namespace fconn::eval
