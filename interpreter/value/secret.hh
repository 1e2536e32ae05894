// A text that must never be printed. No formatter, no stream operator, no comparison. reveal() is
// called in two places only: the intrinsics that compute from it, and CurlTransport (a style test
// counts them; the evaluator hands secrets on as tainted values, see value.hh).
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace fconn::value {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace fconn::value
