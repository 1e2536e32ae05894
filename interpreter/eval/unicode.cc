#include "interpreter/eval/unicode.hh"

#include <cstdint>

namespace fconn::eval {

namespace {

/// From `first` to `last` capitals: `step` 1 with their small letters `distance` further on; with
/// `step` 2 they alternate, a small letter following its capital.
struct Range {
  char32_t first, last;
  std::uint32_t step;
  std::int32_t distance;
};

constexpr Range ranges[] = {
    {U'A', U'Z', 1, 32},        // ASCII
    {0x00C0, 0x00D6, 1, 32},    // Latin-1
    {0x00D8, 0x00DE, 1, 32},    //
    {0x0100, 0x012E, 2, 1},     // Latin Extended-A
    {0x0132, 0x0136, 2, 1},     //
    {0x0139, 0x0147, 2, 1},     //
    {0x014A, 0x0176, 2, 1},     //
    {0x0178, 0x0178, 1, -121},  // Ÿ
    {0x0179, 0x017D, 2, 1},     //
    {0x01CD, 0x01DB, 2, 1},     // Latin Extended-B
    {0x01DE, 0x01EE, 2, 1},     //
    {0x01F8, 0x021E, 2, 1},     //
    {0x0222, 0x0232, 2, 1},     //
    {0x0386, 0x0386, 1, 38},    // Greek with tonos
    {0x0388, 0x038A, 1, 37},    //
    {0x038C, 0x038C, 1, 64},    //
    {0x038E, 0x038F, 1, 63},    //
    {0x0391, 0x03A1, 1, 32},    // Greek
    {0x03A3, 0x03AB, 1, 32},    //
    {0x03D8, 0x03EE, 2, 1},     //
    {0x0400, 0x040F, 1, 80},    // Cyrillic
    {0x0410, 0x042F, 1, 32},    //
    {0x0460, 0x0480, 2, 1},     //
    {0x048A, 0x04BE, 2, 1},     //
    {0x04C0, 0x04C0, 1, 15},    //
    {0x04C1, 0x04CD, 2, 1},     //
    {0x04D0, 0x052E, 2, 1},     //
    {0x0531, 0x0556, 1, 48},    // Armenian
    {0x1E00, 0x1E94, 2, 1},     // Latin Extended Additional
    {0x1EA0, 0x1EFE, 2, 1},     //
};

}  // namespace

char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
  for (const Range& range : ranges) {
    if (c < range.first || c > range.last) continue;
    const bool capital = (c - range.first) % range.step == 0;
    return capital ? static_cast<char32_t>(static_cast<std::int32_t>(c) + range.distance) : c;
  }
  return c;
}

char32_t to_upper(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z' ? c - 32 : c;
  if (c == 0x03C2) return 0x03A3;  // final sigma
  if (c == 0x00B5) return 0x039C;  // the micro sign is a mu
  for (const Range& range : ranges) {
    const auto capital = static_cast<char32_t>(static_cast<std::int32_t>(c) - range.distance);
    if (capital < range.first || capital > range.last) continue;
    if ((capital - range.first) % range.step == 0) return capital;
  }
  return c;
}

bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == U' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0xFEFF;
}

bool is_word_character(char32_t c) {
  if (c < 0x80) {
    return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  }
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  const bool punctuation = c == 0xD7 || c == 0xF7 || (c >= 0x2010 && c <= 0x205E) ||
                           (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3011);
  return !punctuation && !is_space(c);
}

}  // namespace fconn::eval
