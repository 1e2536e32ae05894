// Library functions that encode texts and bytes for other places.
#include <algorithm>

#include "interpreter/eval/encoding.hh"
#include "interpreter/eval/eval.hh"
#include "interpreter/eval/intrinsics_support.hh"

namespace fconn::eval {

using value::Kind;
using value::Member;
using value::Value;

namespace {

// An object can hold others, and its keys repeat what is above them.
constexpr std::size_t deepest_form = 32;
// Each name is looked for among those before it.
constexpr std::size_t most_form_fields = 1000;

Answer base64(Arguments a, CallContext& context) {
  return text_answer(base64_text(text_of_argument(a[0], context)), context);
}
Answer base64url(Arguments a, CallContext& context) {
  return text_answer(base64url_text(text_of_argument(a[0], context)), context);
}

Answer decode_base64(const Value& text, std::string_view last, CallContext& context) {
  const auto bytes = base64_bytes(text_of_argument(text, context), last);
  if (!bytes) return wrong("this isn't base64");
  return text_or_bytes(*bytes, context);
}
Answer base64_decode(Arguments a, CallContext& context) {
  return decode_base64(a[0], "+/", context);
}
Answer base64url_decode(Arguments a, CallContext& context) {
  return decode_base64(a[0], "-_", context);
}

Answer hex(Arguments a, CallContext& context) {
  return text_answer(hex_text(text_of_argument(a[0], context)), context);
}
Answer hex_decode(Arguments a, CallContext& context) {
  const std::string_view text = text_of_argument(a[0], context);
  if (text.size() % 2 != 0) return wrong("hexadecimal text has an even number of digits");
  const auto bytes = hex_bytes(text);
  if (!bytes) return wrong("this isn't hexadecimal");
  return text_or_bytes(*bytes, context);
}

Answer percent(Arguments a, CallContext& context) {
  auto text = text_of(a[0], context.arena);
  if (!text) return value::fail(std::move(text.error()));
  std::string out;
  append_percent(*text, a[1].is_null() ? std::string_view() : a[1].view(), out);
  return text_answer(out, context);
}
Answer percent_decode(Arguments a, CallContext& context) {
  const auto bytes = percent_bytes(text_of_argument(a[0], context), false);
  if (!bytes) return wrong("a `%` here isn't followed by two hexadecimal digits");
  return text_or_bytes(*bytes, context);
}

using Pair = std::pair<std::string, std::string>;

/// An entry of a query as its encoded pairs: null gives none, a list one for each element.
value::Result<void> add_pairs(const Member& member, CallContext& context, bool& secret,
                              std::vector<Pair>& out) {
  const Value entry = decoded(member.value, context);
  secret = secret || entry.secret;
  const bool is_list = entry.kind == Kind::list;
  std::string name;
  append_percent(member.key, {}, name);
  for (const Value& element : is_list ? elements_of(entry, context) : std::span(&entry, 1)) {
    const Value one = decoded(element, context);
    secret = secret || one.secret;
    if (one.is_null() && !is_list) continue;
    auto text = text_of(one, context.arena);
    if (!text) {
      return wrong("the value of `" + std::string(member.key) +
                   "` can't be a text: " + text.error().text);
    }
    std::string value;
    append_percent(*text, {}, value);
    out.emplace_back(name, std::move(value));
  }
  return {};
}

Answer query_encode(Arguments a, CallContext& context) {
  std::vector<Pair> pairs;
  bool secret = false;
  for (const Member& member : a[0].object_view()) {
    if (auto added = add_pairs(member, context, secret, pairs); !added) {
      return value::fail(std::move(added.error()));
    }
  }
  if (a[1].kind == Kind::boolean && a[1].integer != 0) std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += name + '=' + value;
  }
  Answer answer = text_answer(out, context);
  if (answer) answer->secret = secret;
  return answer;
}

/// Adds a value to what stands under its name already: a second one makes a list.
void add_form_value(std::vector<std::pair<std::string_view, std::vector<Value>>>& fields,
                    std::string_view name, const Value& value) {
  for (auto& [known, values] : fields) {
    if (known == name) return values.push_back(value);
  }
  fields.push_back({name, {value}});
}

Answer form_decode(Arguments a, CallContext& context) {
  std::vector<std::pair<std::string_view, std::vector<Value>>> fields;
  std::string_view rest = text_of_argument(a[0], context);
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto name = percent_bytes(part.substr(0, equals), true);
    const auto text = percent_bytes(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !text) return wrong("a `%` here isn't followed by two hexadecimal digits");
    auto value = text_or_bytes(*text, context);
    if (!value) return value;
    if (fields.size() >= most_form_fields) return wrong("this form has too many fields");
    add_form_value(fields, context.arena.copy(*name), *value);
  }
  std::vector<Member> members;
  for (const auto& [name, values] : fields) {
    if (values.size() == 1) {
      members.push_back({name, values[0]});
      continue;
    }
    Answer list = list_answer(values, context);
    if (!list) return list;
    members.push_back({name, *list});
  }
  return object_answer(members, context);
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
    append_form(name, out_);
    out_ += '=';
    append_form(text, out_);
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
  table.push_back(
      {.name = "percent",
       .parameters =
           {{"data", Type::string | Type::bytes | Type::number | Type::boolean, false, {}},
            {"keep", Type::string, true, "null"}},
       .result = Type::string,
       .summary = "Percent-encoded (RFC 3986): all but letters, digits, -._~ and the characters in "
                  "`keep`.",
       .examples = {"percent(\"a b/c\") == \"a%20b%2Fc\"",
                    "percent(\"/é/*\", \"/\") == "
                    "\"/%C3%A9/%2A\""},
       .function = percent});
  add("percent_decode", Type::string, data,
      "The reverse of percent: a string if the bytes are UTF-8, else bytes; a + stays.",
      "A `%` isn't followed by two hexadecimal digits.",
      {"percent_decode(\"a%20b%2fc\") == \"a b/c\"", "percent_decode(\"1+1\") == \"1+1\""},
      percent_decode);
  table.push_back(
      {.name = "query_encode",
       .parameters = {{"object", Type::object, false, {}},
                      {"sorted", Type::boolean, true, "false"}},
       .result = Type::string,
       .summary = "The text of a query as this program sends it: name=value, percent-encoded, null "
                  "drops an entry, a list repeats it; sorted by encoded name, then value, for "
                  "signatures.",
       .errors = "A value has no text of its own.",
       .examples = {"query_encode({ b: \"x y\", a: [2, 1], c: null }) == \"b=x%20y&a=2&a=1\"",
                    "query_encode({ b: \"x y\", a: [2, 1] }, true) == \"a=1&a=2&b=x%20y\""},
       .function = query_encode});
  add("form_encode", Type::object, Type::string,
      "As an application/x-www-form-urlencoded text: nested as a[b]=c, lists as a[]=c, null as an "
      "empty value.",
      "It is nested more than 32 deep.",
      {"form_encode({ a: \"x y\", b: null }) == \"a=x+y&b=\"",
       "form_encode({ a: { b: 1 }, c: [2, 3] }) == \"a%5Bb%5D=1&c%5B%5D=2&c%5B%5D=3\""},
      form_encode);
  add("form_decode", Type::string, Type::object,
      "The names and values of an application/x-www-form-urlencoded text; a name that occurs again "
      "has the list of its values.",
      "A `%` isn't followed by two hexadecimal digits, or there are more than 1000 names.",
      {"form_decode(\"a=x+y&b=%26\") == { a: \"x y\", b: \"&\" }",
       "form_decode(\"a=1&a=2&c\") == { a: [\"1\", \"2\"], c: \"\" }"},
      form_decode);
}

}  // namespace fconn::eval
