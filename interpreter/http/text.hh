// Small text helpers that the header grammars of this folder share: white space, case, tokens and
// `; name=value` parameters (RFC 9110 5.6). Views point into the caller's text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fconn::http {

/// Without leading and trailing spaces, tabs, CR and LF.
std::string_view trim(std::string_view text);
/// ASCII only: header names and host names know no other case.
std::string lower_case(std::string_view text);
bool same_ignoring_case(std::string_view a, std::string_view b);
/// RFC 9110 5.6.2 tchar.
bool is_token_char(char c);

struct Parameter {
  std::string name;   // lower case
  std::string value;  // unquoted
};

/// Reads `; a=b; c="d"` from its first semicolon on. Lenient as real servers need it: spaces around
/// `=`, empty parameters and a missing last quote are accepted. Stops at a comma outside quotes.
class ParameterReader {
 public:
  explicit ParameterReader(std::string_view text) : text_(text) {}
  /// Null at the end or where no further parameter begins.
  std::optional<Parameter> next();
  /// What wasn't read.
  std::string_view rest() const { return text_; }

 private:
  std::string read_quoted();
  void skip_space();

  std::string_view text_;
};

}  // namespace fconn::http
