// HTTP dates (RFC 9110 5.6.7) and Retry-After (10.2.3).
#include <algorithm>
#include <array>
#include <charconv>

#include "interpreter/http/headers.hh"
#include "interpreter/http/text.hh"

namespace fconn::http {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

// Beyond any wait that makes sense, and far from overflow: about thirty years.
constexpr double max_seconds = 1e9;

// Takes pieces off the front of a date; a mismatch makes every later step fail.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && text_.empty(); }

  void expect(std::string_view word) {
    if (text_.substr(0, word.size()) == word) {
      text_.remove_prefix(word.size());
    } else {
      ok_ = false;
    }
  }

  unsigned number(std::size_t digits) {
    unsigned value = 0;
    const std::string_view part = text_.substr(0, digits);
    const auto result = std::from_chars(part.data(), part.data() + part.size(), value);
    if (part.size() != digits || result.ptr != part.data() + part.size()) ok_ = false;
    text_.remove_prefix(part.size());
    return value;
  }

  unsigned month_name() {
    constexpr std::array<std::string_view, 12> names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned i = 0; i < names.size(); ++i) {
      if (same_ignoring_case(text_.substr(0, 3), names[i])) {
        text_.remove_prefix(3);
        return i + 1;
      }
    }
    ok_ = false;
    return 1;
  }

  char front() const { return text_.empty() ? '\0' : text_.front(); }
  void drop(std::size_t count) { text_.remove_prefix(std::min(count, text_.size())); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

struct Civil {
  unsigned y = 0, mo = 1, d = 1, h = 0, mi = 0, s = 0;
};

void read_time(DateReader& in, Civil& date) {
  date.h = in.number(2);
  in.expect(":");
  date.mi = in.number(2);
  in.expect(":");
  date.s = in.number(2);
}

// "06 Nov 1994 08:49:37 GMT" or "06-Nov-94 08:49:37 GMT", after the day's name.
bool read_day_first(DateReader in, char separator, Civil& date) {
  const std::string_view mark = separator == '-' ? "-" : " ";
  date.d = in.number(2);
  in.expect(mark);
  date.mo = in.month_name();
  in.expect(mark);
  date.y = in.number(separator == '-' ? 2 : 4);
  // Two digits: no clock is at hand, so the POSIX window 1970..2069 stands for "not more than 50
  // years ahead".
  if (separator == '-') date.y += date.y < 70 ? 2000 : 1900;
  in.expect(" ");
  read_time(in, date);
  in.expect(" ");
  in.expect(in.front() == 'U' ? "UTC" : "GMT");
  return in.at_end();
}

// "Nov  6 08:49:37 1994", after the day's name.
bool read_asctime(DateReader in, Civil& date) {
  date.mo = in.month_name();
  in.expect(" ");
  if (in.front() == ' ') {
    in.drop(1);
    date.d = in.number(1);
  } else {
    date.d = in.number(2);
  }
  in.expect(" ");
  read_time(in, date);
  in.expect(" ");
  date.y = in.number(4);
  return in.at_end();
}

bool read_date(std::string_view text, Civil& date) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) {
    return text.size() > 4 && text[3] == ' ' && read_asctime(DateReader(text.substr(4)), date);
  }
  const std::string_view rest = trim(text.substr(comma + 1));
  return rest.size() > 2 && read_day_first(DateReader(rest), rest[2], date);
}

}  // namespace

std::optional<value::WallTime> parse_http_date(std::string_view text) {
  Civil date;
  if (!read_date(trim(text), date)) return std::nullopt;
  const std::chrono::year_month_day civil{year{static_cast<int>(date.y)}, month{date.mo},
                                          day{date.d}};
  // 60 is a leap second; it counts as the first of the next minute.
  if (!civil.ok() || date.h > 23 || date.mi > 59 || date.s > 60) return std::nullopt;
  return value::WallTime(std::chrono::sys_days{civil} + std::chrono::hours{date.h} +
                         std::chrono::minutes{date.mi} + std::chrono::seconds{date.s});
}

std::optional<value::Milliseconds> parse_retry_after(std::string_view text, value::WallTime now) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    double seconds = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
    const bool too_big = result.ec == std::errc::result_out_of_range;
    if (result.ptr != end || (result.ec != std::errc() && !too_big)) return std::nullopt;
    if (too_big || seconds > max_seconds) seconds = max_seconds;
    // Rounded up: a wait that ends early would only be refused again.
    const auto whole = static_cast<std::int64_t>(seconds * 1000);
    return value::Milliseconds(whole + (static_cast<double>(whole) < seconds * 1000 ? 1 : 0));
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return *date <= now ? value::Milliseconds(0)
                      : std::chrono::duration_cast<value::Milliseconds>(*date - now);
}

}  // namespace fconn::http
