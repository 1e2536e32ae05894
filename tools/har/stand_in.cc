#include "tools/har/stand_in.hh"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "interpreter/eval/crypto_library.hh"
#include "interpreter/eval/unicode.hh"
#include "interpreter/privacy/formats.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::har {
namespace {

bool small(char c) { return c >= 'a' && c <= 'z'; }
bool large(char c) { return c >= 'A' && c <= 'Z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool hex_letter(char c) { return c >= 'a' && c <= 'f'; }

/// As many bytes as one asks for, from a text under a key.
class Stream {
 public:
  Stream(const Keyed& keyed, std::string_view text, unsigned attempt)
      : keyed_(keyed), seed_(std::to_string(attempt) + ':' + std::string(text)) {}

  /// Uniform enough for stand-ins: the bias of 16 bits over at most 26 letters is 0.04 %.
  unsigned below(unsigned bound) {
    if (at_ + 2 > block_.size()) {
      block_ = keyed_.mac(std::to_string(number_++) + ':' + seed_);
      at_ = 0;
    }
    const auto high = static_cast<unsigned char>(block_[at_]);
    const auto low = static_cast<unsigned char>(block_[at_ + 1]);
    at_ += 2;
    return (static_cast<unsigned>(high) << 8U | low) % bound;
  }
  char letter() { return static_cast<char>('a' + below(26)); }
  char digit() { return static_cast<char>('0' + below(10)); }

 private:
  const Keyed& keyed_;
  std::string seed_;
  std::string block_;
  std::size_t at_ = 0;
  unsigned number_ = 0;
};

bool is_hex(std::string_view text) {
  std::size_t digits = 0;
  std::size_t letters = 0;
  for (const char c : text) {
    if (!digit(c) && !hex_letter(c) && c != '-') return false;
    (digit(c) ? digits : letters) += c == '-' ? 0 : 1;
  }
  return digits + letters >= 16 && digits > 0 && letters > 0;
}

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digit(text.front()) && digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return digit(c) || c == '.'; });
}

std::string date_like(Stream& stream) {
  char text[16];
  std::snprintf(text, sizeof text, "%04u-%02u-%02u", 1950 + stream.below(60), 1 + stream.below(12),
                1 + stream.below(28));
  return text;
}

/// "17:05:09.25+02:00": other hours, minutes, seconds and fraction.
std::string time_like(std::string_view time, Stream& stream) {
  std::string out(time);
  const auto two = [&](std::size_t at, unsigned bound) {
    if (at + 2 > out.size() || !digit(out[at])) return;
    const unsigned number = stream.below(bound);
    out[at] = static_cast<char>('0' + number / 10);
    out[at + 1] = static_cast<char>('0' + number % 10);
  };
  two(0, 24);
  two(3, 60);
  if (out.size() > 5 && out[5] == ':') two(6, 60);
  for (std::size_t i = 9; out.size() > 8 && out[8] == '.' && i < out.size() && digit(out[i]); ++i) {
    out[i] = stream.digit();
  }
  return out;
}

std::string number_like(std::string_view text, Stream& stream) {
  std::string out(text);
  bool first = true;
  for (char& c : out) {
    if (!digit(c)) continue;
    // The first one stays 0 or isn't 0, and 64 bits hold what they held.
    if (!first) {
      c = stream.digit();
    } else if (c != '0') {
      c = static_cast<char>('1' + stream.below(8));
    }
    first = false;
  }
  return out;
}

std::string text_like(std::string_view text, Stream& stream, bool hex) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const char32_t code = value::next_code_point(text, at);
    if (hex && c != '-') {
      out += "0123456789abcdef"[stream.below(16)];
    } else if (digit(c)) {
      out += stream.digit();
    } else if (small(c) || code >= 0xC0) {
      out += stream.letter();
    } else {
      out += c;
    }
  }
  return out;
}

bool shaped(std::string_view format, std::string_view text) {
  return privacy::meets_format(format, text).value_or(false);
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < out.size();) {
    char& c = out[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      if (large(c)) c = static_cast<char>(c + ('a' - 'A'));
      ++at;
      continue;
    }
    const std::size_t begin = at;
    const char32_t code = value::next_code_point(out, at);
    const char32_t lower = eval::to_lower(code);
    if (lower == code) continue;
    std::string small_one;
    value::append_utf8(small_one, lower);
    if (small_one.size() == at - begin) out.replace(begin, small_one.size(), small_one);
  }
  return out;
}

value::Result<void> Keyed::open() {
  auto library = crypto_.library();
  if (!library) return value::fail(library.error());
  library_ = *library;
  return {};
}

std::string Keyed::mac(std::string_view text) const {
  FCONN_ASSERT(library_ != nullptr, "Keyed::open comes first");
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  library_->HMAC(library_->EVP_sha512(), key_.data(), static_cast<int>(key_.size()), bytes,
                 text.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

std::string Keyed::digest(int algorithm, std::string_view text) const {
  FCONN_ASSERT(library_ != nullptr, "Keyed::open comes first");
  const EVP_MD* const of[] = {library_->EVP_md5(), library_->EVP_sha1(), library_->EVP_sha256(),
                              library_->EVP_sha384(), library_->EVP_sha512()};
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (library_->EVP_Digest(text.data(), text.size(), out, &size, of[algorithm], nullptr) != 1) {
    return {};
  }
  return {reinterpret_cast<const char*>(out), size};
}

std::string stand_in(std::string_view text, const Keyed& keyed, unsigned attempt) {
  Stream stream(keyed, text, attempt);
  if (shaped("email", text)) {
    std::string name;
    for (int i = 0; i < 10; ++i) name += stream.letter();
    return name + "@example.com";
  }
  if (shaped("date", text)) return date_like(stream);
  if (shaped("datetime", text)) {
    const std::string date = date_like(stream);
    return date + text[10] + time_like(text.substr(11), stream);
  }
  if (shaped("ipv4", text)) {
    std::string out = "10";
    for (int i = 0; i < 3; ++i) out += "." + std::to_string(stream.below(256));
    return out;
  }
  if (is_number(text)) return number_like(text, stream);
  const bool hex = is_hex(text) || shaped("ipv6", text);
  std::string out;
  if (hex && text.find(':') != std::string_view::npos) {
    for (const char c : text) out += c == ':' ? ':' : "123456789abcdef"[stream.below(15)];
    return out;
  }
  return text_like(text, stream, hex);
}

std::string with_case_of(std::string_view like, const std::string& stand_in) {
  const bool any_large = std::any_of(like.begin(), like.end(), large);
  if (!any_large) return stand_in;
  const bool any_small = std::any_of(like.begin(), like.end(), small);
  std::string out = stand_in;
  const bool same_length = value::count_code_points(like) == stand_in.size();
  std::size_t at = 0;
  bool first = true;
  for (char& c : out) {
    bool raise = !any_small;
    if (same_length) {
      raise = large(like[at]);
      value::next_code_point(like, at);
    } else if (any_small) {
      raise = first && small(c);
    }
    if (small(c)) first = false;
    if (raise && small(c)) c = static_cast<char>(c - ('a' - 'A'));
  }
  return out;
}

}  // namespace fconn::har
