// Library functions that draw random numbers; fixed under --seed.
#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::eval {

namespace {

constexpr std::int64_t longest_random = 10'000;

/// Uniform below `bound`: what the bound doesn't divide is drawn again.
std::uint64_t below(std::uint64_t bound, value::Random& random) {
  const std::uint64_t excess = (~std::uint64_t{0} % bound + 1) % bound;
  std::uint64_t drawn = random.next();
  // A generator that gives nothing but refused numbers is broken; its last one then has to do.
  for (int i = 0; i < 128 && drawn > ~std::uint64_t{0} - excess; ++i) drawn = random.next();
  return drawn % bound;
}

Answer random_string(Arguments a, CallContext& context) {
  const std::int64_t length = a[0].integer;
  if (length < 0 || length > longest_random) {
    return wrong("`random_string` gives 0 to 10000 characters");
  }
  std::u32string alphabet;
  const std::string_view letters = a[1].view();
  for (std::size_t i = 0; i < letters.size();) alphabet += value::next_code_point(letters, i);
  if (alphabet.empty()) return wrong("`random_string` needs an alphabet that isn't empty");
  std::string out;
  for (std::int64_t i = 0; i < length; ++i) {
    value::append_utf8(out, alphabet[below(alphabet.size(), context.random)]);
  }
  return text_answer(out, context);
}

/// RFC 9562, version 4.
Answer uuid(Arguments, CallContext& context) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::uint64_t high = (context.random.next() & ~std::uint64_t{0xF000}) | 0x4000U;
  const std::uint64_t low = (context.random.next() >> 2U) | (std::uint64_t{1} << 63U);
  std::string out;
  for (unsigned i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    const std::uint64_t word = i < 16 ? high : low;
    out += digits[(word >> (60 - 4 * (i % 16))) & 15U];
  }
  return text_answer(out, context);
}

}  // namespace

void add_random_functions(std::vector<Intrinsic>& table) {
  table.push_back(
      {.name = "random_string",
       .parameters = {{"length", Type::integer, false, {}},
                      {"alphabet", Type::string, true,
                       "\"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\""}},
       .result = Type::string,
       .on_null = OnNull::error,
       .pure = false,
       .summary = "So many characters of the alphabet (letters and digits without one), at random.",
       .errors = "The length isn't 0 to 10000, or the alphabet is empty.",
       .examples = {"length(random_string(8)) == 8", "random_string(3, \"x\") == \"xxx\""},
       .function = random_string});
  table.push_back({.name = "uuid",
                   .parameters = {},
                   .result = Type::string,
                   .pure = false,
                   .summary = "A fresh UUID of version 4 (RFC 9562).",
                   .examples = {"length(uuid()) == 36", "slice(uuid(), 14, 15) == \"4\""},
                   .function = uuid});
}

}  // namespace fconn::eval
