// simdjson's stage 1 over one text: validates UTF-8 and control characters in strings, and lists
// where brackets, commas, colons, strings and other scalars begin. The implementation for the CPU
// is chosen at run time. Owns its memory and reuses it: about 4 bytes resident per position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace fconn::rows {

class StructuralIndex {
 public:
  enum class Outcome : std::uint8_t {
    ready,
    empty,
    bad_utf8,
    control_character,
    open_string,
    memory
  };

  StructuralIndex();
  ~StructuralIndex();
  StructuralIndex(const StructuralIndex&) = delete;
  StructuralIndex& operator=(const StructuralIndex&) = delete;

  /// `text` must begin outside strings. `empty`: nothing but white space.
  Outcome build(const char* text, std::size_t length);
  /// count() positions, then twice the text's length.
  const std::uint32_t* positions() const;
  std::uint32_t count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fconn::rows
