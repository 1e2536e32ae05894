#include "tools/fconn/ports.hh"

#include <sys/random.h>

#include <charconv>
#include <cstdio>

namespace fconn::cli {
namespace {

class SystemClock : public value::Clock {
 public:
  explicit SystemClock(std::optional<value::WallTime> fixed) : fixed_(fixed) {}
  value::TimePoint now() override { return std::chrono::steady_clock::now(); }
  value::WallTime wall() override {
    if (fixed_) return *fixed_;
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }

 private:
  std::optional<value::WallTime> fixed_;
};

class SystemRandom : public value::Random {
 public:
  std::uint64_t next() override {
    if (left_ == 0) {
      const ssize_t got = ::getrandom(pool_, sizeof pool_, 0);
      FCONN_ASSERT(got == static_cast<ssize_t>(sizeof pool_), "the kernel gave no random numbers");
      left_ = sizeof pool_ / sizeof pool_[0];
    }
    return pool_[--left_];
  }

 private:
  std::uint64_t pool_[16] = {};
  std::size_t left_ = 0;
};

/// SplitMix64: a fixed, well spread sequence from any seed.
class SeededRandom : public value::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

/// Reads exactly `digits` decimal digits from the front.
std::optional<int> number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || value < 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> parse_date(std::string_view& text) {
  const auto year = number(text, 4);
  if (!year || !skip(text, '-')) return std::nullopt;
  const auto month = number(text, 2);
  if (!month || !skip(text, '-')) return std::nullopt;
  const auto day = number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// ".5" to milliseconds; none when a dot has no digits.
std::optional<int> parse_fraction(std::string_view& text) {
  if (!skip(text, '.')) return 0;
  int milliseconds = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) milliseconds = milliseconds * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) milliseconds *= 10;
  return milliseconds;
}

/// "Z", "+02:00" or nothing (UTC).
std::optional<std::chrono::minutes> parse_offset(std::string_view& text) {
  if (text.empty() || skip(text, 'Z') || skip(text, 'z')) return std::chrono::minutes(0);
  const bool negative = text.front() == '-';
  if (!skip(text, '+') && !skip(text, '-')) return std::nullopt;
  const auto hours = number(text, 2);
  if (!hours || *hours > 23) return std::nullopt;
  skip(text, ':');
  const auto minutes = number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return negative ? -offset : offset;
}

constexpr char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::unique_ptr<value::Clock> make_clock(std::optional<value::WallTime> fixed) {
  return std::make_unique<SystemClock>(fixed);
}

std::unique_ptr<value::Random> make_random(std::optional<std::uint64_t> seed) {
  if (seed) return std::make_unique<SeededRandom>(*seed);
  return std::make_unique<SystemRandom>();
}

std::optional<value::WallTime> parse_time(std::string_view text) {
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
      text.size() > 4 && text.size() < 12) {
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return value::WallTime(std::chrono::seconds(seconds));
  }
  const auto date = parse_date(text);
  if (!date) return std::nullopt;
  value::WallTime time(*date);
  if (text.empty()) return time;
  if (!skip(text, 'T') && !skip(text, 't') && !skip(text, ' ')) return std::nullopt;
  const auto hours = number(text, 2);
  if (!hours || *hours > 23 || !skip(text, ':')) return std::nullopt;
  const auto minutes = number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  int seconds = 0;
  if (skip(text, ':')) {
    const auto read = number(text, 2);
    if (!read || *read > 60) return std::nullopt;
    seconds = *read;
  }
  const auto milliseconds = parse_fraction(text);
  if (!milliseconds) return std::nullopt;
  const auto offset = parse_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return time + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(seconds) + std::chrono::milliseconds(*milliseconds) - *offset;
}

std::string format_time(value::WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[48];
  const int size = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string out(text, static_cast<std::size_t>(size));
  if (clock.subseconds().count() != 0) {
    std::snprintf(text, sizeof text, ".%03d", static_cast<int>(clock.subseconds().count()));
    out += text;
  }
  return out + "Z";
}

std::string run_id(value::WallTime time, value::Random& random) {
  std::string out;
  const auto milliseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  for (int shift = 45; shift >= 0; shift -= 5) {
    out += base32[(milliseconds >> static_cast<unsigned>(shift)) & 31U];
  }
  for (int word = 0; word < 2; ++word) {
    std::uint64_t bits = random.next();
    for (int i = 0; i < 8; ++i, bits >>= 5U) out += base32[bits & 31U];
  }
  return out;
}

std::string uuid(value::Random& random) {
  const std::uint64_t high = (random.next() & ~0xF000ULL) | 0x4000ULL;
  const std::uint64_t low = (random.next() & ~(0xC0ULL << 56U)) | (0x80ULL << 56U);
  char text[40];
  std::snprintf(text, sizeof text, "%08llx-%04llx-%04llx-%04llx-%012llx",
                static_cast<unsigned long long>(high >> 32U),
                static_cast<unsigned long long>((high >> 16U) & 0xFFFFU),
                static_cast<unsigned long long>(high & 0xFFFFU),
                static_cast<unsigned long long>(low >> 48U),
                static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFULL));
  return text;
}

void FileTrace::event(std::string_view json_object) {
  if (failure_) return;
  std::string& buffer = output_->buffer();
  if (json_object.starts_with('{')) {
    buffer.append(json_object).append("\n");
  } else {
    buffer.append("{").append(json_object).append("}\n");
  }
  if (auto written = output_->maybe_flush(); !written) failure_ = written.error();
}

value::Result<void> FileTrace::close() {
  if (failure_) return value::fail(*failure_);
  return output_->flush();
}

}  // namespace fconn::cli
