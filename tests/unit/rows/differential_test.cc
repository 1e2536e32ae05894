// Random documents, sound and broken: reader, stream and slow twin must agree.
#include <doctest/doctest.h>

#include <random>

#include "tests/unit/rows/collect.hh"

using namespace fconn;
using namespace fconn::rows;
using namespace fconn::rows::test;

namespace {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  std::string document() {
    std::string out;
    if (below(20) == 0) out += "\xEF\xBB\xBF";
    blanks_ = below(3) == 0;
    value(out, 0);
    blank(out);
    return out;
  }

  std::string broken(std::string text) {
    static const std::string_view pieces[] = {
        "\"",   "\\",   "{",    "}",       "[",
        "]",    ",",    ":",    "1",       "x",
        " ",    "\n",   "\xC3", "\x80",    std::string_view("\0", 1),
        "\x0C", "\x1A", "\\u",  "\\uD800", "e",
        "-",    ".",    "null", "\"\""};
    for (std::size_t n = below(3) + 1; n > 0 && !text.empty(); --n) {
      const std::size_t at = below(text.size());
      const std::string_view piece = pieces[below(std::size(pieces))];
      switch (below(4)) {
        case 0:
          text.insert(at, piece);
          break;
        case 1:
          text.erase(at, below(3) + 1);
          break;
        case 2:
          text.replace(at, 1, piece);
          break;
        default:
          if (below(4) == 0) text.resize(at);
          break;
      }
    }
    return text;
  }

  Projection projection() {
    Projection projection;
    if (below(4) != 0) projection.rows = path(3);
    for (std::size_t n = below(4); n > 0; --n) projection.body_cells.push_back(path(3));
    for (std::size_t n = below(5); n > 0; --n) projection.row_cells.push_back(path(3));
    return projection;
  }

 private:
  KeyPath path(std::size_t longest) {
    KeyPath path;
    for (std::size_t n = below(longest + 1); n > 0; --n) path.push_back(keys()[below(5)].first);
    return path;
  }
  static const std::vector<std::pair<std::string, std::string>>& keys() {
    static const std::vector<std::pair<std::string, std::string>> all = {
        {"a", "\"a\""},
        {"data", "\"data\""},
        {"a", "\"\\u0061\""},
        {"a_longer_key", "\"a_longer_key\""},
        {"\xC3\xA9", "\"\\u00E9\""},
        {"b", "\"b\""},
        {"q", "\"q\\n\\\"\""},
        {"", "\"\""}};
    return all;
  }
  void blank(std::string& out) {
    if (!blanks_) return;
    for (std::size_t n = below(3); n > 0; --n) out += " \n\t\r"[below(4)];
  }
  void value(std::string& out, int depth) {
    static const std::string_view scalars[] = {
        "1",
        "0",
        "-12.5e+3",
        "true",
        "false",
        "null",
        "\"\"",
        "\"x\"",
        "\"\\\\\"",
        "\"\\\"}]\"",
        "\"\\uD83D\\uDE00 \xF0\x9F\x98\x80\"",
        "\"{[,:\"",
        "123456789012345678901",
        "\"\xC3\xA9\"",
        "\"a longer text that does not fit a small window \\\\\\\\\\\\\"",
        "\"\\\\\\\\\\\\\\\\\""};
    blank(out);
    const std::size_t kind = depth > 5 ? 2 : below(depth == 0 ? 2 : 4);
    if (kind > 1) {
      out += scalars[below(std::size(scalars))];
      return;
    }
    out += kind == 0 ? '{' : '[';
    for (std::size_t n = below(5), i = 0; i < n; ++i) {
      if (i > 0) out += ',';
      if (kind == 0) {
        blank(out);
        out += keys()[below(keys().size())].second;
        blank(out);
        out += ':';
      }
      value(out, depth + 1);
      blank(out);
    }
    blank(out);
    out += kind == 0 ? '}' : ']';
  }

  std::mt19937 random_;
  bool blanks_ = false;
};

using Verdict = support::SlowResult::Verdict;

void agree(const std::string& text, const Projection& projection, Generator& random) {
  ReaderLimits limits;
  limits.max_depth = 5;
  const support::SlowResult slow = support::slow_read(text, projection, limits.max_depth);
  const Collected whole = read_whole(text, projection, limits);
  REQUIRE_MESSAGE(whole.good == (slow.verdict == Verdict::good), whole.failure.text);
  if (whole.good) {
    CHECK(whole.rows == slow.rows);
    CHECK(whole.body_cells == slow.body_cells);
  }
  if (!streamable(projection)) return;
  const std::size_t fixed[] = {1, 7, 64};
  for (std::size_t way = 0; way < 4; ++way) {
    limits.window_bytes = 16U << random.below(6);
    const Collected stream = read_stream(
        text, projection, [&] { return way < 3 ? fixed[way] : 1 + random.below(200); }, limits);
    REQUIRE_MESSAGE(stream.good == whole.good, stream.failure.text);
    if (!whole.good) continue;
    CHECK(stream.rows == whole.rows);
    CHECK(stream.body_cells == whole.body_cells);
    CHECK(stream.first_row == whole.first_row);
    CHECK(stream.last_row == whole.last_row);
  }
}

}  // namespace

TEST_CASE("reader, stream and slow twin agree on random documents") {
  std::size_t good = 0;
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    Generator random(seed);
    const std::string text = random.document();
    const Projection projection = random.projection();
    CAPTURE(seed);
    CAPTURE(text);
    agree(text, projection, random);
    good += support::slow_read(text, projection, 5).verdict == Verdict::good ? 1 : 0;
  }
  CHECK(good > 500);  // the generator makes what it should
}

TEST_CASE("they agree on what is broken, too") {
  std::size_t bad = 0;
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    Generator random(seed + 1000000);
    const std::string text = random.broken(random.document());
    const Projection projection = random.projection();
    CAPTURE(seed);
    CAPTURE(text);
    agree(text, projection, random);
    bad += support::slow_read(text, projection, 5).verdict == Verdict::invalid ? 1 : 0;
  }
  CHECK(bad > 500);
}
