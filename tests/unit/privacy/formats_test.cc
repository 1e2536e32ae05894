#include "interpreter/privacy/formats.hh"

#include <doctest/doctest.h>

namespace fconn::privacy {
namespace {

TEST_CASE("formats by their shape") {
  struct Case {
    std::string_view format, text;
    bool meets;
  };
  const Case cases[] = {
      {"email", "ada@example.com", true},
      {"email", "a.b+c@sub.example.co", true},
      {"email", "ada", false},
      {"email", "@example.com", false},
      {"email", "ada@example", false},
      {"email", "ada@@example.com", false},
      {"email", "a da@example.com", false},
      {"email", "a..b@example.com", false},
      {"email", "ada@-example.com", false},
      {"url", "https://example.com/x?y", true},
      {"uri", "ftp://h", true},
      {"url", "example.com", false},
      {"url", "https:///x", false},
      {"url", "https://exa mple.com", false},
      {"uuid", "123e4567-e89b-42d3-a456-426614174000", true},
      {"uuid", "123e4567e89b42d3a456426614174000", false},
      {"date", "2024-05-06", true},
      {"date", "2024-5-6", false},
      {"datetime", "2024-05-06T07:08:09Z", true},
      {"date-time", "2024-05-06 07:08:09.123+02:00", true},
      {"datetime", "2024-05-06", false},
      {"time", "07:08", true},
      {"time", "07:08:09.1Z", true},
      {"time", "7:08", false},
      {"time", "07:08x", false},
      {"phone", "+1 (555) 000-0000", true},
      {"phone", "5550000000", false},
      {"phone", "+1", false},
      {"ipv4", "127.0.0.1", true},
      {"ipv4", "256.0.0.1", false},
      {"ipv4", "1.2.3", false},
      {"ipv4", "1.2.3.4.", false},
      {"ipv6", "::1", true},
      {"ipv6", "2001:db8:0:0:0:0:0:1", true},
      {"ipv6", "2001:db8", false},
      {"hostname", "a-b.example", true},
      {"hostname", "a..b", false},
      {"hostname", "", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.format);
    CAPTURE(c.text);
    CHECK(meets_format(c.format, c.text) == std::optional(c.meets));
  }
  CHECK(!meets_format("iban", "x"));
  for (const std::string_view name : format_names()) CHECK(meets_format(name, "").has_value());
}

}  // namespace
}  // namespace fconn::privacy
