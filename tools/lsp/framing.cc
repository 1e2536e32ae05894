#include "tools/lsp/framing.hh"

#include <algorithm>
#include <charconv>

namespace fconn::lsp {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The length that the header lines give; none when they don't, or not as a number.
std::optional<std::size_t> content_length(std::string_view header) {
  std::optional<std::size_t> result;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find("\r\n"), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    if (lower(trimmed(line.substr(0, colon))) != "content-length") continue;
    const std::string_view number = trimmed(line.substr(colon + 1));
    std::size_t length = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), length);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size()) return std::nullopt;
    result = length;
  }
  return result;
}

}  // namespace

void Framer::feed(std::string_view bytes) {
  if (!broken_.empty()) return;
  if (at_ > 0 && at_ >= bytes_.size() / 2) {
    bytes_.erase(0, at_);
    at_ = 0;
  }
  bytes_.append(bytes);
}

bool Framer::read_header() {
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  const std::size_t end = rest.substr(0, max_header).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (rest.size() >= max_header) broken_ = "a message's header doesn't end";
    return false;
  }
  length_ = content_length(rest.substr(0, end));
  if (!length_) {
    broken_ = "a message's header has no Content-Length that can be read";
  } else if (*length_ > max_message) {
    broken_ = "a message of " + std::to_string(*length_) + " bytes is more than the limit of " +
              std::to_string(max_message);
  }
  at_ += end + 4;
  return broken_.empty();
}

std::optional<std::string> Framer::next() {
  if (!broken_.empty() || (!length_ && !read_header())) return std::nullopt;
  if (bytes_.size() - at_ < *length_) return std::nullopt;
  std::string message = bytes_.substr(at_, *length_);
  at_ += *length_;
  length_.reset();
  return message;
}

std::string frame(std::string_view message) {
  return "Content-Length: " + std::to_string(message.size()) + "\r\n\r\n" + std::string(message);
}

}  // namespace fconn::lsp
