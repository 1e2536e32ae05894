#include "grammar/parse_text.hh"

#include <array>
#include <cstdint>
#include <cstring>

namespace fconn::grammar {
namespace {

std::uint32_t size_of(std::string_view text) { return static_cast<std::uint32_t>(text.size()); }

bool triple(std::string_view text, std::uint32_t from) {
  return text.size() - from >= 3 && text[from + 1] == text[from] && text[from + 2] == text[from];
}

/// Length of the sequence that `lead` starts, 0 for no lead byte.
unsigned sequence_length(unsigned char lead) {
  if (lead < 0x80U) return 1;
  if (lead >= 0xC2U && lead <= 0xDFU) return 2;
  if (lead >= 0xE0U && lead <= 0xEFU) return 3;
  if (lead >= 0xF0U && lead <= 0xF4U) return 4;
  return 0;
}

bool valid_sequence(std::string_view text, std::size_t from, unsigned length) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[from + i]); };
  if (length == 0 || text.size() - from < length) return false;
  for (unsigned i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return false;
  }
  switch (byte(0)) {  // overlong forms, surrogates and what lies past U+10FFFF
    case 0xE0U:
      return byte(1) >= 0xA0U;
    case 0xEDU:
      return byte(1) < 0xA0U;
    case 0xF0U:
      return byte(1) >= 0x90U;
    case 0xF4U:
      return byte(1) < 0x90U;
    default:
      return true;
  }
}

}  // namespace

std::optional<std::uint32_t> invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (std::uint64_t eight = 0; text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80U) {
      ++at;
      continue;
    }
    const unsigned length = sequence_length(lead);
    if (!valid_sequence(text, at, length)) return static_cast<std::uint32_t>(at);
    at += length;
  }
  return std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80U) {
    put(code_point);
  } else if (code_point < 0x800U) {
    put(0xC0U | (code_point >> 6U));
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000U) {
    put(0xE0U | (code_point >> 12U));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | (code_point >> 18U));
    put(0x80U | ((code_point >> 12U) & 0x3FU));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

std::string_view word_at(std::string_view text, std::uint32_t from) {
  if (from >= text.size() || !is_word_start(text[from])) return {};
  std::uint32_t end = from + 1;
  while (end < text.size() && is_word_part(text[end])) ++end;
  return text.substr(from, end - from);
}

std::uint32_t string_end(std::string_view text, std::uint32_t from) {
  const char quote = text[from];
  const bool block = triple(text, from);
  std::uint32_t at = from + (block ? 3 : 1);
  for (std::uint32_t depth = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!block && c == '\n') return at;
    if (quote == '"' && c == '\\') {
      if (at + 1 < text.size() && text[at + 1] != '\n') ++at;
    } else if (quote == '"' && c == '{') {
      ++depth;
    } else if (quote == '"' && c == '}' && depth > 0) {
      --depth;
    } else if (c == quote && !block && depth > 0) {
      // A string inside a hole, one level deep; deeper ones don't change where the line ends.
      const std::size_t close = text.find_first_of("\"\n", at + 1);
      if (close == std::string_view::npos || text[close] == '\n') return at + 1;
      at = static_cast<std::uint32_t>(close);
    } else if (c == quote && (!block || triple(text, at))) {
      return at + (block ? 3 : 1);
    }
  }
  return block ? from + 3 : size_of(text);
}

std::uint32_t token_end(std::string_view text, std::uint32_t from) {
  if (from >= text.size()) return size_of(text);
  const char c = text[from];
  if (is_word_part(c)) {
    std::uint32_t end = from + 1;
    while (end < text.size() && is_word_part(text[end])) ++end;
    return end;
  }
  if (c == '"' || c == '\'') return string_end(text, from);
  constexpr std::array<std::string_view, 12> kOperators{"...", "==", "!=", "<=", ">=", "??",
                                                        "&&",  "||", "=>", "->", "..", "::"};
  for (const std::string_view op : kOperators) {
    if (text.substr(from, op.size()) == op) return from + static_cast<std::uint32_t>(op.size());
  }
  std::uint32_t end = from + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return end;
}

std::uint32_t skip_blanks(std::string_view text, std::uint32_t from) {
  while (from < text.size() && is_blank(text[from])) ++from;
  return from;
}

std::uint32_t skip_space(std::string_view text, std::uint32_t from) {
  while (from < text.size()) {
    if (is_space(text[from])) {
      ++from;
    } else if (text[from] == '#') {
      while (from < text.size() && text[from] != '\n') ++from;
    } else {
      break;
    }
  }
  return from;
}

}  // namespace fconn::grammar
