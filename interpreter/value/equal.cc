// Equality and order. Numbers are compared by their decimal digits, so 1 == 1.0 == 10e-1 and no
// large number loses a digit.
#include <algorithm>
#include <charconv>
#include <vector>

#include "interpreter/value/json_scan.hh"
#include "interpreter/value/value.hh"

namespace fconn::value {

namespace {

/// 0.DIGITS × 10^point, DIGITS without leading and trailing zeros; no digits: zero.
struct Digits {
  bool negative = false;
  std::string digits;
  std::int64_t point = 0;
};

// Beyond these the exponent of a spelling makes no difference that anyone could name.
constexpr std::int64_t exponent_bound = std::int64_t{1} << 60U;

std::int64_t exponent_of(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::int64_t exponent = 0;
  for (const char c : text) exponent = std::min(exponent * 10 + (c - '0'), exponent_bound / 16);
  return negative ? -exponent : exponent;
}

Digits digits_of_spelling(std::string_view text) {
  Digits out;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  if (e != std::string_view::npos) out.point = exponent_of(text.substr(e + 1));
  bool in_fraction = false;
  for (const char c : mantissa) {
    if (c == '.') {
      in_fraction = true;
      continue;
    }
    const bool leading = out.digits.empty() && c == '0';
    if (!leading) out.digits += c;
    // A leading zero of the fraction moves the point left, a digit before it to the right.
    if (in_fraction ? leading : !leading) out.point += in_fraction ? -1 : 1;
  }
  while (!out.digits.empty() && out.digits.back() == '0') out.digits.pop_back();
  if (out.digits.empty()) return {};
  return out;
}

Digits digits_of(const Value& number) {
  if (number.kind == Kind::decimal) return digits_of_spelling(number.view());
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number.integer).ptr;
  return digits_of_spelling({buffer, static_cast<std::size_t>(end - buffer)});
}

bool is_number(const Value& value) {
  return value.kind == Kind::integer || value.kind == Kind::decimal;
}

bool equal_lists(const Value& a, const Value& b, Arena& arena) {
  if (a.count != b.count) return false;
  for (std::size_t i = 0; i < a.count; ++i) {
    if (!equal(a.elements[i], b.elements[i], arena)) return false;
  }
  return true;
}

std::vector<const Member*> sorted_members(const Value& object) {
  std::vector<const Member*> members;
  for (const Member& member : object.object_view()) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const Member* x, const Member* y) { return x->key < y->key; });
  return members;
}

bool equal_objects(const Value& a, const Value& b, Arena& arena) {
  if (a.count != b.count) return false;
  const std::vector<const Member*> left = sorted_members(a);
  const std::vector<const Member*> right = sorted_members(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i]->key != right[i]->key) return false;
    if (!equal(left[i]->value, right[i]->value, arena)) return false;
  }
  return true;
}

/// Compares a raw string with a string without decoding; false in `known` when it can't tell.
bool raw_equals_string(const Value& raw, const Value& string, bool& known) {
  const std::string_view text = raw.view();
  known = text.size() >= 2 && text.front() == '"' && text.back() == '"' &&
          std::memchr(text.data(), '\\', text.size()) == nullptr;
  return known && text.substr(1, text.size() - 2) == string.view();
}

}  // namespace

int compare_numbers(const Value& a, const Value& b) {
  if (a.kind == Kind::integer && b.kind == Kind::integer) {
    return a.integer < b.integer ? -1 : a.integer > b.integer ? 1 : 0;
  }
  const Digits x = digits_of(a);
  const Digits y = digits_of(b);
  if (x.digits.empty() || y.digits.empty() || x.negative != y.negative) {
    const auto sign = [](const Digits& d) { return d.digits.empty() ? 0 : d.negative ? -1 : 1; };
    return sign(x) < sign(y) ? -1 : sign(x) > sign(y) ? 1 : 0;
  }
  int order = 0;
  if (x.point != y.point) {
    order = x.point < y.point ? -1 : 1;
  } else {
    const int text_order = x.digits.compare(y.digits);
    order = text_order < 0 ? -1 : text_order > 0 ? 1 : 0;
  }
  return x.negative ? -order : order;
}

bool equal(const Value& a, const Value& b, Arena& arena) {
  if (a.kind == Kind::raw || b.kind == Kind::raw) {
    if (a.kind == b.kind && a.view() == b.view()) return true;
    bool known = false;
    if (b.kind == Kind::string) {
      const bool same = raw_equals_string(a, b, known);
      if (known) return same;
    } else if (a.kind == Kind::string) {
      const bool same = raw_equals_string(b, a, known);
      if (known) return same;
    }
    return equal(decoded(a, arena), decoded(b, arena), arena);
  }
  if (is_number(a) && is_number(b)) return compare_numbers(a, b) == 0;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::null_value:
      return true;
    case Kind::boolean:
    case Kind::duration:
      return a.integer == b.integer;
    case Kind::string:
    case Kind::bytes:
    case Kind::xml:
      return a.view() == b.view();
    case Kind::list:
      return equal_lists(a, b, arena);
    case Kind::object:
      return equal_objects(a, b, arena);
    case Kind::integer:
    case Kind::decimal:
    case Kind::raw:
      break;  // dealt with above
  }
  return false;
}

}  // namespace fconn::value
