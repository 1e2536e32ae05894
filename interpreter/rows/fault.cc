#include "interpreter/rows/fault.hh"

#include <algorithm>
#include <cstring>
#include <optional>

namespace fconn::rows {

namespace {

using value::Failure;
using value::FailureKind;

Failure make(FailureKind kind, std::string text) {
  Failure failure;
  failure.kind = kind;
  failure.text = std::move(text);
  return failure;
}

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0;
}

/// Length of the well-formed UTF-8 sequence at `i`, or 0 (RFC 3629, section 4).
std::size_t sequence_at(std::string_view text, std::size_t i) {
  const std::uint8_t first = byte_at(text, i);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (std::size_t k = 1; k < length; ++k) {
    const std::uint8_t next = byte_at(text, i + k);
    if (next < low || next > high) return 0;
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

std::string hex(std::uint8_t byte) {
  constexpr const char* digits = "0123456789ABCDEF";
  return {'0', 'x', digits[byte >> 4U], digits[byte & 15U]};
}

struct StringScan {
  std::size_t open = std::string_view::npos;     // the quote of a string that never closes
  std::size_t control = std::string_view::npos;  // the first control character in a string
};

StringScan scan_strings(std::string_view text) {
  StringScan scan;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      inside = !inside;
      scan.open = inside ? i : std::string_view::npos;
    } else if (inside && byte_at(text, i) < 0x20 && scan.control == std::string_view::npos) {
      scan.control = i;
    }
  }
  return scan;
}

}  // namespace

Failure bad_json(std::uint64_t offset, std::string_view what) {
  return make(FailureKind::protocol, "the response isn't valid JSON: byte " +
                                         std::to_string(offset) + ": " + std::string(what));
}

Failure over_limit(std::string_view what, std::string_view limit, std::uint64_t bytes) {
  return make(FailureKind::limit, std::string(what) + " is larger than " + std::string(limit) +
                                      " allows (" + std::to_string(bytes) + " bytes)");
}

Failure too_deep(std::uint64_t offset, std::uint32_t max_depth) {
  return make(FailureKind::limit, "the response nests deeper than max_depth allows (" +
                                      std::to_string(max_depth) + " levels), at byte " +
                                      std::to_string(offset));
}

Failure empty_body() {
  return make(FailureKind::protocol, "the response's body is empty where JSON was expected");
}

std::string quoted(std::string_view token) {
  constexpr std::size_t most = 24;
  std::string text = "`";
  std::size_t i = 0;
  while (i < token.size() && i < most) {
    const std::size_t length = sequence_at(token, i);
    const std::uint8_t byte = byte_at(token, i);
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
      text += '?';
      ++i;
    } else {
      text += token.substr(i, length);
      i += length;
    }
  }
  if (i < token.size()) text += "…";
  return text + "`";
}

std::string quoted_token(std::string_view text) {
  constexpr std::size_t longest_word = 10;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto ends = [text](std::size_t at) {
    return at >= text.size() ||
           std::string_view(" \t\r\n,:[]{}").find(text[at]) != std::string_view::npos;
  };
  const auto word_end = std::find_if_not(text.begin(), text.end(), letter);
  const auto length = static_cast<std::size_t>(word_end - text.begin());
  if (length > 0 && length <= longest_word && ends(length)) return quoted(text.substr(0, length));
  const std::size_t first = std::max<std::size_t>(sequence_at(text, 0), 1);
  return quoted(text.substr(0, first)) + (ends(0) || ends(first) ? "" : "…");
}

value::Result<void> check_start(std::string_view start, std::uint64_t offset) {
  const std::uint8_t a = byte_at(start, 0);
  const std::uint8_t b = byte_at(start, 1);
  const bool marked = (a == 0xFF && b == 0xFE) || (a == 0xFE && b == 0xFF);
  if (start.size() >= 2 && (marked || (a == 0) != (b == 0))) {
    return value::fail(bad_json(offset, "it is UTF-16, and only UTF-8 is JSON for exchange"));
  }
  if (start.size() >= 2 && a == 0 && b == 0) {
    return value::fail(bad_json(offset,
                                "it is UTF-32 or binary, and only UTF-8 is JSON for "
                                "exchange"));
  }
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  if (std::strchr("{[\"-0123456789tfn", start[first]) != nullptr && start[first] != '\0') return {};
  return value::fail(bad_json(offset + first, quoted_token(start.substr(first)) + " is no value"));
}

Failure index_fault(StructuralIndex::Outcome outcome, std::string_view text, std::uint64_t offset) {
  const StringScan scan = scan_strings(text);
  if (outcome == StructuralIndex::Outcome::bad_utf8) {
    std::size_t i = 0;
    for (std::size_t length = 1; i < text.size() && length != 0; i += length) {
      length = sequence_at(text, i);
      if (length == 0) break;
    }
    return bad_json(offset + i, hex(byte_at(text, i)) + " isn't UTF-8");
  }
  if (outcome == StructuralIndex::Outcome::control_character &&
      scan.control != std::string_view::npos) {
    return bad_json(offset + scan.control,
                    "the control character " + hex(byte_at(text, scan.control)) + " in a string");
  }
  if (outcome == StructuralIndex::Outcome::open_string && scan.open != std::string_view::npos) {
    return bad_json(offset + scan.open, "a string that never ends");
  }
  return make(FailureKind::limit, "there is no memory for an index of the response's body");
}

}  // namespace fconn::rows
