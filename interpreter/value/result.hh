// Results and failures: what the world does wrong. Author's mistakes are grammar::Diagnostic; our
// own bugs are FCONN_ASSERT. Debian's tl::expected is not [[nodiscard]], so Result is a subclass.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "grammar/source.hh"

namespace fconn::value {

/// What went wrong at run time; decides retry and exit code.
enum class FailureKind : std::uint8_t {
  network,         // connect, TLS, reset, DNS
  timeout,         // any of the time limits
  status,          // an HTTP status that nothing covers
  authentication,  // 401 or 403, or a token that can't be had
  guard,           // the hosts guard refused
  shape,           // a value of a wrong type or form (JSON, cast, null in text)
  protocol,        // what came isn't what was announced: bad JSON, encoding, truncation
  limit,           // a bound of ours: body size, rows, nesting, steps
  rule,            // a `fail when` of the connector
  loop,            // pagination loop
  unsupported,     // a construct that this version doesn't execute
  cancelled,       // ^C
  output,          // the sink can't write
  configuration,   // a parameter or secret that can't be had
};
std::string_view name(FailureKind kind);

struct Failure {
  FailureKind kind{};
  std::string text;       // one sentence, redacted
  grammar::Span where{};  // the line of the connector that caused it; {} if none
  std::string code;       // "F0901" where one is registered, else empty
  int status = 0;         // HTTP status when there was one
  std::optional<std::chrono::milliseconds> retry_after;
  std::string body_start;  // first bytes of the response, redacted, printable
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Failure> {
 public:
  using tl::expected<T, Failure>::expected;
};

inline tl::unexpected<Failure> fail(FailureKind kind, std::string text, grammar::Span where = {}) {
  Failure failure;
  failure.kind = kind;
  failure.text = std::move(text);
  failure.where = where;
  return tl::unexpected<Failure>(std::move(failure));
}
inline tl::unexpected<Failure> fail(Failure failure) {
  return tl::unexpected<Failure>(std::move(failure));
}

}  // namespace fconn::value

/// A broken invariant of our own: place and message, then abort; on in release builds too.
#define FCONN_ASSERT(condition, message)                                                         \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      std::fprintf(stderr, "fconn: internal error at %s:%d: %s\n", __FILE__, __LINE__, message); \
      std::abort();                                                                              \
    }                                                                                            \
  } while (false)
