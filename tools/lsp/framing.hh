// The base protocol of LSP 3.17: header lines that end in CRLF, an empty line, then Content-Length
// bytes of JSON. Knows nothing of what the JSON says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fconn::lsp {

/// Bytes as they come, in any pieces, to messages.
class Framer {
 public:
  static constexpr std::size_t max_message = std::size_t{64} << 20U;
  static constexpr std::size_t max_header = 4096;

  void feed(std::string_view bytes);
  /// The next whole message; none when more bytes are needed or the stream is broken.
  std::optional<std::string> next();
  /// Why the stream can't be read any further: a header without a length, a message that is too
  /// long. Where the next message begins isn't known then. Empty while all is well.
  const std::string& broken() const { return broken_; }

 private:
  bool read_header();

  std::string bytes_;
  std::size_t at_ = 0;
  std::optional<std::size_t> length_;  // of the body that comes
  std::string broken_;
};

/// A message with its header.
std::string frame(std::string_view message);

}  // namespace fconn::lsp
