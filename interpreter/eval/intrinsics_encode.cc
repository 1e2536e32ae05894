// Library functions that encode texts and bytes for other places.
#include <openssl/evp.h>

#include <array>

#include "interpreter/eval/eval.hh"
#include "interpreter/eval/intrinsics_support.hh"

namespace fconn::eval {

using value::Kind;
using value::Member;
using value::Value;

namespace {

constexpr std::string_view hex_small = "0123456789abcdef";
constexpr std::string_view hex_large = "0123456789ABCDEF";

// An object can hold others, and its keys repeat what is above them.
constexpr std::size_t deepest_form = 32;

std::string base64_of(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

Answer base64(Arguments a, CallContext& context) {
  return text_answer(base64_of(text_of_argument(a[0], context)), context);
}

Answer base64url(Arguments a, CallContext& context) {
  std::string out = base64_of(text_of_argument(a[0], context));
  while (!out.empty() && out.back() == '=') out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text_answer(out, context);
}

/// Value of a digit, -1 if it isn't one; `last` are the two that alphabets differ in.
int base64_digit(char c, std::string_view last) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  const std::size_t place = last.find(c);
  return place == std::string_view::npos ? -1 : 62 + static_cast<int>(place);
}

Answer decode_base64(std::string_view text, std::string_view last, CallContext& context) {
  std::string digits;
  for (const char c : text) {
    if (c != '\n' && c != '\r') digits += c;
  }
  std::size_t padding = 0;
  while (padding < 2 && !digits.empty() && digits.back() == '=') {
    digits.pop_back();
    ++padding;
  }
  const std::size_t rest = digits.size() % 4;
  // Padding may be left out, but what is there must be right (RFC 4648, section 3.2).
  if (rest == 1 || (padding != 0 && rest + padding != 4)) return wrong("this isn't base64");
  std::string out;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : digits) {
    const int digit = base64_digit(c, last);
    if (digit < 0) return wrong("this isn't base64");
    bits = (bits << 6U) | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xFFU);
    }
  }
  return text_or_bytes(out, context);
}

Answer base64_decode(Arguments a, CallContext& context) {
  return decode_base64(text_of_argument(a[0], context), "+/", context);
}
Answer base64url_decode(Arguments a, CallContext& context) {
  return decode_base64(text_of_argument(a[0], context), "-_", context);
}

Answer hex(Arguments a, CallContext& context) {
  std::string out;
  for (const char c : text_of_argument(a[0], context)) {
    const auto byte = static_cast<unsigned char>(c);
    out += hex_small[byte >> 4U];
    out += hex_small[byte & 15U];
  }
  return text_answer(out, context);
}

int hex_digit(char c) {
  const std::size_t place = hex_small.find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
  return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

Answer hex_decode(Arguments a, CallContext& context) {
  const std::string_view text = text_of_argument(a[0], context);
  if (text.size() % 2 != 0) return wrong("hexadecimal text has an even number of digits");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return wrong("this isn't hexadecimal");
    out += static_cast<char>(high * 16 + low);
  }
  return text_or_bytes(out, context);
}

/// RFC 3986, section 2.3; `form` writes a space as + (application/x-www-form-urlencoded).
void append_percent(std::string_view text, bool form, std::string& out) {
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool plain =
        letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else if (form && c == ' ') {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += hex_large[byte >> 4U];
      out += hex_large[byte & 15U];
    }
  }
}

Answer percent(Arguments a, CallContext& context) {
  auto text = text_of(a[0], context.arena);
  if (!text) return value::fail(std::move(text.error()));
  std::string out;
  append_percent(*text, false, out);
  return text_answer(out, context);
}

/// Writes name=value pairs of a nested value: a[b]=c, a[]=d.
class FormWriter {
 public:
  explicit FormWriter(CallContext& context) : context_(context) {}

  value::Result<void> write(const std::string& name, const Value& raw, std::size_t depth) {
    const Value value = decoded(raw, context_);
    secret_ = secret_ || value.secret;
    if (depth > deepest_form || out_.size() > context_.max_bytes) {
      return value::fail(value::FailureKind::limit, "this form is too large or too deeply nested");
    }
    if (value.kind == Kind::list) {
      for (const Value& element : value.list_view()) {
        auto done = write(name + "[]", element, depth + 1);
        if (!done) return done;
      }
      return {};
    }
    if (value.kind == Kind::object) {
      for (const Member& member : value.object_view()) {
        const std::string key(member.key);
        std::string inner = name.empty() ? key : name;
        if (!name.empty()) inner.append("[").append(key).append("]");
        auto done = write(inner, member.value, depth + 1);
        if (!done) return done;
      }
      return {};
    }
    std::string_view text;
    if (!value.is_null()) text = *text_of(value, context_.arena);
    if (!out_.empty()) out_ += '&';
    append_percent(name, true, out_);
    out_ += '=';
    append_percent(text, true, out_);
    return {};
  }
  std::string_view text() const { return out_; }
  bool secret() const { return secret_; }

 private:
  CallContext& context_;
  std::string out_;
  bool secret_ = false;
};

// The engine calls this one too, for form bodies, with a value that may be raw or of any kind.
Answer form_encode(Arguments a, CallContext& context) {
  const Value form = decoded(a[0], context);
  if (form.is_null()) return Value::string("");
  if (form.kind != Kind::object) {
    return wrong("a form is made of an object, and this is " + with_article(form));
  }
  FormWriter writer(context);
  auto done = writer.write("", form, 0);
  if (!done) return value::fail(std::move(done.error()));
  Answer answer = text_answer(writer.text(), context);
  if (answer) answer->secret = writer.secret();
  return answer;
}

}  // namespace

void add_encode_functions(std::vector<Intrinsic>& table) {
  const auto add = [&table](std::string_view name, Type type, Type result, std::string_view summary,
                            std::string_view errors, std::vector<std::string_view> examples,
                            Function function) {
    table.push_back({.name = name,
                     .parameters = {{type == Type::object ? "object" : "data", type, false, {}}},
                     .result = result,
                     .summary = summary,
                     .errors = errors,
                     .examples = std::move(examples),
                     .function = function});
  };
  constexpr Type data = Type::string | Type::bytes;
  add("base64", data, Type::string, "Base64 (RFC 4648) with padding.", "",
      {"base64(\"a:b\") == \"YTpi\"", "base64(\"é\") == \"w6k=\""}, base64);
  add("base64_decode", Type::string, data,
      "A string if the bytes are UTF-8, else bytes; padding may be missing, line ends are passed "
      "over.",
      "It isn't base64.", {"base64_decode(\"YTpi\") == \"a:b\"", "base64_decode(\"w6k\") == \"é\""},
      base64_decode);
  add("base64url", data, Type::string, "Base64 for URLs (RFC 4648, section 5), without padding.",
      "", {"base64url(\"a>>\") == \"YT4-\"", "base64url(\"a\") == \"YQ\""}, base64url);
  add("base64url_decode", Type::string, data, "The reverse of base64url; padding may be there.",
      "It isn't base64 for URLs.",
      {"base64url_decode(\"YT4-\") == \"a>>\"", "base64url_decode(\"YQ==\") == \"a\""},
      base64url_decode);
  add("hex", data, Type::string, "The bytes in hexadecimal, in small letters.", "",
      {"hex(\"az\") == \"617a\"", "hex(\"é\") == \"c3a9\""}, hex);
  add("hex_decode", Type::string, data, "A string if the bytes are UTF-8, else bytes.",
      "It isn't an even number of hexadecimal digits.",
      {"hex_decode(\"617A\") == \"az\"", "base64(hex_decode(\"ff\")) == \"/w==\""}, hex_decode);
  add("percent", Type::string | Type::number | Type::boolean, Type::string,
      "Percent-encoded as one segment of a path (RFC 3986): all but letters, digits and -._~.", "",
      {"percent(\"a b/c\") == \"a%20b%2Fc\"", "percent(\"é\") == \"%C3%A9\""}, percent);
  add("form_encode", Type::object, Type::string,
      "As an application/x-www-form-urlencoded text: nested as a[b]=c, lists as a[]=c, null as an "
      "empty value.",
      "It is nested more than 32 deep.",
      {"form_encode({ a: \"x y\", b: null }) == \"a=x+y&b=\"",
       "form_encode({ a: { b: 1 }, c: [2, 3] }) == \"a%5Bb%5D=1&c%5B%5D=2&c%5B%5D=3\""},
      form_encode);
}

}  // namespace fconn::eval
