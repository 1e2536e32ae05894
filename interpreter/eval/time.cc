#include "interpreter/eval/time.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace fconn::eval {

namespace {

constexpr std::int64_t micros_per_second = 1'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

constexpr std::array<std::string_view, 12> months = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> weekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                      "Thursday", "Friday", "Saturday"};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

constexpr std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
  using namespace std::chrono;
  const sys_days days =
      std::chrono::year(static_cast<int>(year)) / std::chrono::month(month) / std::chrono::day(day);
  return days.time_since_epoch().count();
}

bool is_date(std::int64_t year, unsigned month, unsigned day) {
  const auto date =
      std::chrono::year(static_cast<int>(year)) / std::chrono::month(month) / std::chrono::day(day);
  return year >= 0 && year <= 9999 && date.ok();
}

constexpr std::int64_t first_micro = days_of(0, 1, 1) * seconds_per_day * micros_per_second;
constexpr std::int64_t end_micro = days_of(10000, 1, 1) * seconds_per_day * micros_per_second;

struct Fields {
  std::int64_t year = 1970;
  unsigned month = 1, day = 1, hour = 0, minute = 0, second = 0, micro = 0;
  unsigned weekday = 0, year_day = 1;
};

Fields fields_of(Moment moment) {
  const std::int64_t seconds = floor_divide(moment.micros, micros_per_second);
  const std::int64_t days = floor_divide(seconds, seconds_per_day);
  const std::int64_t in_day = seconds - days * seconds_per_day;
  const std::chrono::sys_days date{std::chrono::days(days)};
  const std::chrono::year_month_day ymd(date);
  Fields f;
  f.year = static_cast<int>(ymd.year());
  f.month = static_cast<unsigned>(ymd.month());
  f.day = static_cast<unsigned>(ymd.day());
  f.hour = static_cast<unsigned>(in_day / 3600);
  f.minute = static_cast<unsigned>(in_day / 60 % 60);
  f.second = static_cast<unsigned>(in_day % 60);
  f.micro = static_cast<unsigned>(moment.micros - seconds * micros_per_second);
  f.weekday = std::chrono::weekday(date).c_encoding();
  f.year_day = static_cast<unsigned>(days - days_of(f.year, 1, 1)) + 1;
  return f;
}

std::string padded(std::uint64_t number, std::size_t width, char fill = '0') {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), fill) + digits : digits;
}

/// Reads from the front of a text; every step says whether it could.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  char next() const { return text_.empty() ? '\0' : text_.front(); }
  bool take(char c) {
    if (next() != c || at_end()) return false;
    text_.remove_prefix(1);
    return true;
  }
  template <class Number>
  bool number(std::size_t least, std::size_t most, Number& out, std::size_t* digits = nullptr) {
    std::size_t count = 0;
    std::uint64_t value = 0;
    while (count < most && count < text_.size() && text_[count] >= '0' && text_[count] <= '9') {
      value = value * 10 + static_cast<std::uint64_t>(text_[count++] - '0');
    }
    if (count < least) return false;
    text_.remove_prefix(count);
    out = static_cast<Number>(value);
    if (digits != nullptr) *digits = count;
    return true;
  }
  /// Digits of a fraction: as microseconds, what is finer cut off.
  bool fraction(unsigned& micros) {
    std::size_t digits = 0;
    if (!number(1, 6, micros, &digits)) return false;
    for (; digits < 6; ++digits) micros *= 10;
    while (next() >= '0' && next() <= '9') text_.remove_prefix(1);
    return true;
  }
  /// Z, +hh:mm, +hhmm or +hh.
  bool offset(std::int64_t& seconds) {
    if (take('Z') || take('z')) return true;
    const bool west = next() == '-';
    if (!take('+') && !take('-')) return false;
    unsigned hours = 0;
    unsigned minutes = 0;
    if (!number(2, 2, hours)) return false;
    if (take(':') && !number(2, 2, minutes)) return false;
    if (minutes == 0 && !at_end()) number(2, 2, minutes);
    if (hours > 23 || minutes > 59) return false;
    seconds = (west ? -1 : 1) * static_cast<std::int64_t>(hours * 3600 + minutes * 60);
    return true;
  }
  /// One of the names, whole or its first three letters, in any case.
  template <std::size_t N>
  bool name(const std::array<std::string_view, N>& names, unsigned& index) {
    const auto same = [](char a, char b) { return (a | 32) == (b | 32); };
    for (const bool whole : {true, false}) {
      for (std::size_t i = 0; i < N; ++i) {
        const std::string_view name = whole ? names[i] : names[i].substr(0, 3);
        if (text_.size() < name.size()) continue;
        if (!std::equal(name.begin(), name.end(), text_.begin(), same)) continue;
        text_.remove_prefix(name.size());
        index = static_cast<unsigned>(i);
        return true;
      }
    }
    return false;
  }
  /// A name of UTC; names of other zones are ambiguous.
  bool zero_zone() {
    for (const std::string_view name : {"GMT", "UTC", "UT", "Z"}) {
      if (text_.substr(0, name.size()) != name) continue;
      text_.remove_prefix(name.size());
      return true;
    }
    return false;
  }
  bool space() {
    while (take(' ')) {
    }
    return true;
  }

 private:
  std::string_view text_;
};

std::optional<Moment> moment_of(const Fields& f, std::int64_t offset) {
  if (!is_date(f.year, f.month, f.day)) return std::nullopt;
  // 60 is a leap second, which counts as the first of the next minute.
  if (f.hour > 23 || f.minute > 59 || f.second > 60) return std::nullopt;
  const std::int64_t seconds = days_of(f.year, f.month, f.day) * seconds_per_day +
                               f.hour * std::int64_t{3600} + f.minute * std::int64_t{60} +
                               f.second - offset;
  return moment_from_micros(seconds * micros_per_second + f.micro);
}

bool append_field(char directive, const Fields& f, Moment moment, std::string& out) {
  switch (directive) {
    case 'Y':
      out += padded(static_cast<std::uint64_t>(f.year), 4);
      return true;
    case 'y':
      out += padded(static_cast<std::uint64_t>(f.year % 100), 2);
      return true;
    case 'm':
      out += padded(f.month, 2);
      return true;
    case 'd':
      out += padded(f.day, 2);
      return true;
    case 'e':
      out += padded(f.day, 2, ' ');
      return true;
    case 'j':
      out += padded(f.year_day, 3);
      return true;
    case 'H':
      out += padded(f.hour, 2);
      return true;
    case 'I':
      out += padded((f.hour + 11) % 12 + 1, 2);
      return true;
    case 'M':
      out += padded(f.minute, 2);
      return true;
    case 'S':
      out += padded(f.second, 2);
      return true;
    case 'f':
      out += padded(f.micro, 6);
      return true;
    case 'L':
      out += padded(f.micro / 1000, 3);
      return true;
    case 'Z':
      out += "GMT";
      return true;
    case 'p':
      out += f.hour < 12 ? "AM" : "PM";
      return true;
    case 'z':
      out += "+0000";
      return true;
    case 's':
      out += std::to_string(floor_divide(moment.micros, micros_per_second));
      return true;
    case 'b':
      out += months[f.month - 1].substr(0, 3);
      return true;
    case 'B':
      out += months[f.month - 1];
      return true;
    case 'a':
      out += weekdays[f.weekday].substr(0, 3);
      return true;
    case 'A':
      out += weekdays[f.weekday];
      return true;
    case 'F':
      return append_field('Y', f, moment, out) && (out += '-', true) &&
             append_field('m', f, moment, out) && (out += '-', true) &&
             append_field('d', f, moment, out);
    case 'T':
      return append_field('H', f, moment, out) && (out += ':', true) &&
             append_field('M', f, moment, out) && (out += ':', true) &&
             append_field('S', f, moment, out);
    case '%':
      out += '%';
      return true;
    default:
      return false;
  }
}

struct Read {
  Fields fields;
  std::int64_t offset = 0;
  std::optional<std::int64_t> unix_seconds;
  std::optional<unsigned> year_day;
  std::optional<bool> afternoon;
};

bool read_year_of_century(Reader& in, std::int64_t& year) {
  // POSIX strptime: 69 to 99 are in the last century.
  if (!in.number(2, 2, year)) return false;
  year += year < 69 ? 2000 : 1900;
  return true;
}

bool read_unix(Reader& in, Read& r) {
  const bool negative = in.take('-');
  std::int64_t seconds = 0;
  if (!in.number(1, 12, seconds)) return false;
  r.unix_seconds = negative ? -seconds : seconds;
  return true;
}

bool read_half(Reader& in, Read& r) {
  constexpr std::array<std::string_view, 2> halves = {"AM", "PM"};
  unsigned half = 0;
  if (!in.name(halves, half)) return false;
  r.afternoon = half == 1;
  return true;
}

/// `known` false: no such directive.
bool read_field(char directive, Reader& in, Read& r, bool& known) {
  Fields& f = r.fields;
  unsigned index = 0;
  switch (directive) {
    case 'Y':
      return in.number(4, 4, f.year);
    case 'y':
      return read_year_of_century(in, f.year);
    case 'm':
      return in.number(1, 2, f.month);
    case 'd':
    case 'e':
      return in.space() && in.number(1, 2, f.day);
    case 'j':
      if (!in.number(1, 3, index) || index < 1 || index > 366) return false;
      r.year_day = index;
      return true;
    case 'H':
    case 'I':
      return in.number(1, 2, f.hour) && (directive == 'H' || (f.hour >= 1 && f.hour <= 12));
    case 'M':
      return in.number(1, 2, f.minute);
    case 'S':
      return in.number(1, 2, f.second);
    case 'f':
    case 'L':
      return in.fraction(f.micro);
    case 'Z':
      return in.zero_zone();
    case 'p':
      return read_half(in, r);
    case 'z':
      return in.offset(r.offset);
    case 's':
      return read_unix(in, r);
    case 'b':
    case 'B':
      if (!in.name(months, index)) return false;
      f.month = index + 1;
      return true;
    case 'a':
    case 'A':
      return in.name(weekdays, index);
    case 'F':
      return in.number(4, 4, f.year) && in.take('-') && in.number(2, 2, f.month) && in.take('-') &&
             in.number(2, 2, f.day);
    case 'T':
      return in.number(2, 2, f.hour) && in.take(':') && in.number(2, 2, f.minute) && in.take(':') &&
             in.number(2, 2, f.second);
    case '%':
      return in.take('%');
    default:
      known = false;
      return false;
  }
}

}  // namespace

std::optional<Moment> moment_from_micros(std::int64_t micros) {
  if (micros < first_micro || micros >= end_micro) return std::nullopt;
  return Moment{micros};
}

bool move(Moment& moment, std::int64_t milliseconds) {
  std::int64_t micros = 0;
  if (__builtin_mul_overflow(milliseconds, std::int64_t{1000}, &micros)) return false;
  if (__builtin_add_overflow(moment.micros, micros, &micros)) return false;
  const std::optional<Moment> moved = moment_from_micros(micros);
  if (moved) moment = *moved;
  return moved.has_value();
}

std::string iso8601_text(Moment moment) {
  const Fields f = fields_of(moment);
  std::string out;
  append_field('F', f, moment, out);
  out += 'T';
  append_field('T', f, moment, out);
  if (f.micro != 0) {
    std::string fraction = padded(f.micro, 6);
    while (fraction.back() == '0') fraction.pop_back();
    out += '.' + fraction;
  }
  return out + 'Z';
}

std::optional<Moment> parse_iso8601(std::string_view text) {
  Reader in(text);
  Fields f;
  std::int64_t offset = 0;
  if (!in.number(4, 4, f.year) || !in.take('-') || !in.number(2, 2, f.month) || !in.take('-') ||
      !in.number(2, 2, f.day)) {
    return std::nullopt;
  }
  if (!in.at_end()) {
    if (!in.take('T') && !in.take('t') && !in.take(' ')) return std::nullopt;
    if (!in.number(2, 2, f.hour) || !in.take(':') || !in.number(2, 2, f.minute)) {
      return std::nullopt;
    }
    if (in.take(':') && !in.number(2, 2, f.second)) return std::nullopt;
    if (in.take('.') && !in.fraction(f.micro)) return std::nullopt;
    if (!in.at_end() && !in.offset(offset)) return std::nullopt;
  }
  if (!in.at_end()) return std::nullopt;
  return moment_of(f, offset);
}

std::optional<std::string> format_time(Moment moment, std::string_view format, std::string& bad) {
  const Fields f = fields_of(moment);
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    ++i;
    if (i < format.size() && append_field(format[i], f, moment, out)) continue;
    bad = std::string(format.substr(i - 1, 2));
    return std::nullopt;
  }
  return out;
}

std::optional<Moment> parse_time(std::string_view text, std::string_view format, std::string& bad) {
  Reader in(text);
  Read r;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      if (!in.take(format[i])) return std::nullopt;
      continue;
    }
    ++i;
    bool known = i < format.size();
    if (known && read_field(format[i], in, r, known)) continue;
    if (!known) bad = std::string(format.substr(i - 1, 2));
    return std::nullopt;
  }
  if (!in.at_end()) return std::nullopt;
  if (r.unix_seconds) {
    return moment_from_micros(*r.unix_seconds * micros_per_second + r.fields.micro);
  }
  if (r.afternoon) r.fields.hour = r.fields.hour % 12 + (*r.afternoon ? 12 : 0);
  if (r.year_day) r.fields.month = r.fields.day = 1;
  std::optional<Moment> moment = moment_of(r.fields, r.offset);
  if (moment && r.year_day) move(*moment, (*r.year_day - 1) * seconds_per_day * 1000);
  return moment;
}

}  // namespace fconn::eval
