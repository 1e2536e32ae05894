// Checks single tokens of an indexed text: strings, numbers, literals (RFC 8259). Stage 1 has
// already seen to UTF-8, control characters and closed strings, and lists where tokens begin; what
// lies between a token's last byte and the next position is white space, or the token is broken.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::rows {

/// An indexed piece of a body. `text` has `padding` readable bytes behind `length`; index[count]
/// and index[count + 1] equal `length`.
struct Window {
  const char* text = nullptr;
  std::uint32_t length = 0;
  const std::uint32_t* index = nullptr;
  std::uint32_t count = 0;
  std::uint64_t base = 0;  // offset of `text` in the body
  bool final = true;       // nothing comes behind it
};

/// `more`: the window ends before the value does.
enum class Walk : std::uint8_t { done, more, bad };

inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

class Lexer {
 public:
  /// Position in the index of the next token; the walkers move it.
  std::uint32_t at = 0;

  void open(const Window& window) {
    window_ = window;
    rewind(0);
  }
  /// Back (or on) to a token. Escapes behind it are found again.
  void rewind(std::uint32_t token) {
    at = token;
    seek_backslash(token < window_.count ? window_.index[token] : window_.length);
  }
  const Window& window() const { return window_; }
  bool at_end() const { return at >= window_.count; }
  std::uint32_t position(std::uint32_t token) const { return window_.index[token]; }
  char peek(std::uint32_t token) const { return window_.text[window_.index[token]]; }
  std::string_view text(std::uint32_t begin, std::uint32_t end) const {
    return {window_.text + begin, end - begin};
  }
  /// End of the value whose last token is `at - 1`, without white space.
  std::uint32_t value_end() const {
    std::uint32_t end = window_.index[at];
    while (is_space(window_.text[end - 1])) --end;
    return end;
  }

  /// Checks a token that isn't an opening bracket. False: take_failure() says why.
  bool scalar(std::uint32_t token) {
    const std::uint32_t begin = window_.index[token];
    const std::uint32_t next = window_.index[token + 1];
    const char first = window_.text[begin];
    if (first == '"') {
      if (next > backslash_ && !escapes(next)) return false;
    } else if (first == '-' || (first >= '0' && first <= '9')) {
      return number(begin, next) || bad_token(begin);
    } else {
      return literal(begin, next) || bad_token(begin);
    }
    return true;
  }

  /// Checks a key; `out`: its text without quotes, escapes undone.
  bool key(std::uint32_t token, std::string_view& out) {
    const std::uint32_t begin = window_.index[token] + 1;
    const std::uint32_t next = window_.index[token + 1];
    std::uint32_t end = next - 1;
    while (window_.text[end] != '"') --end;
    out = text(begin, end);
    return next <= backslash_ || escaped_key(next, out);
  }
  /// Checks a key nobody asks for.
  bool skip_key(std::uint32_t token) {
    const std::uint32_t next = window_.index[token + 1];
    return next <= backslash_ || escapes(next);
  }

  /// Fails at the token `token` (or at the end of the text) because `wanted` should be there.
  Walk expected(std::uint32_t token, std::string_view wanted);
  bool failed() const { return failure_.has_value(); }
  bool fail(value::Failure failure) {
    if (!failure_) failure_ = std::move(failure);
    return false;
  }
  value::Failure take_failure() {
    value::Failure failure = std::move(*failure_);
    failure_.reset();
    return failure;
  }

 private:
  bool number(std::uint32_t begin, std::uint32_t next) const {
    if (next == window_.length) return last_number(begin);
    const char* end = number_end(window_.text + begin);
    return end != nullptr && (end == window_.text + next || is_space(*end));
  }
  bool literal(std::uint32_t begin, std::uint32_t next) const {
    const char* p = window_.text + begin;
    std::uint32_t length = 4;
    if (std::memcmp(p, "null", 4) != 0 && std::memcmp(p, "true", 4) != 0) {
      if (std::memcmp(p, "false", 5) != 0) return false;
      length = 5;
    }
    return begin + length == next || (begin + length < next && is_space(p[length]));
  }
  static bool digit(char c) { return c >= '0' && c <= '9'; }
  /// End of the number at `p`, or nullptr. A byte that is no part of one must follow.
  static const char* number_end(const char* p) {
    if (*p == '-') ++p;
    if (!digit(*p)) return nullptr;
    if (*p++ != '0') {
      while (digit(*p)) ++p;
    }
    if (*p == '.') {
      if (!digit(*++p)) return nullptr;
      while (digit(*p)) ++p;
    }
    if (*p == 'e' || *p == 'E') {
      ++p;
      if (*p == '+' || *p == '-') ++p;
      if (!digit(*p)) return nullptr;
      while (digit(*p)) ++p;
    }
    return p;
  }
  /// Looks at 32 bytes by eights before it calls memchr, as escapes often come in groups.
  void seek_backslash(std::uint32_t from) {
    if (std::endian::native == std::endian::little && from + 32 <= window_.length) {
      for (int i = 0; i < 4; ++i, from += 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, window_.text + from, sizeof bytes);
        constexpr std::uint64_t ones = 0x0101010101010101;
        bytes ^= ones * '\\';
        const std::uint64_t zeros = (bytes - ones) & ~bytes & (ones << 7U);
        if (zeros != 0) {
          backslash_ = from + (static_cast<std::uint32_t>(std::countr_zero(zeros)) >> 3U);
          return;
        }
      }
    }
    const void* found = std::memchr(window_.text + from, '\\', window_.length - from);
    backslash_ = found == nullptr
                     ? window_.length + 1
                     : static_cast<std::uint32_t>(static_cast<const char*>(found) - window_.text);
  }
  bool last_number(std::uint32_t begin) const;
  bool bad_token(std::uint32_t begin);
  bool escapes(std::uint32_t next);
  bool escaped_key(std::uint32_t next, std::string_view& out);

  Window window_;
  std::uint32_t backslash_ = 0;  // the next backslash at or behind the last checked token
  std::string key_;              // the last escaped key, undone
  std::optional<value::Failure> failure_;
};

}  // namespace fconn::rows
