// Library functions that convert between kinds and to and from JSON.
#include "interpreter/eval/eval.hh"
#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/eval/machine.hh"
#include "interpreter/eval/numbers.hh"

namespace fconn::eval {

using value::Kind;
using value::Value;

namespace {

// JSON needs at least this many bytes for an element, and a value may hold one list many times.
constexpr std::size_t least_bytes = 2;

Answer json(Arguments a, CallContext& context) {
  const std::uint64_t most = context.max_bytes / least_bytes;
  const std::uint64_t size = weight(a[0], most);
  context.work += size;
  if (size > most) {
    return value::fail(value::FailureKind::limit, "this value is too large for a JSON text");
  }
  return text_answer(value::to_json(a[0]), context);
}

Answer string(Arguments a, CallContext& context) {
  if (a[0].kind == Kind::list || a[0].kind == Kind::object) return json(a, context);
  if (a[0].kind == Kind::bytes) {
    return wrong("these bytes aren't a text; write them as `base64` or `hex`");
  }
  auto text = text_of(a[0], context.arena);
  if (!text) return value::fail(std::move(text.error()));
  return Value::string(*text);
}

Answer parse_json_text(Arguments a, CallContext& context) {
  return value::parse_json(text_of_argument(a[0], context), context.arena);
}

Answer number(Arguments a, CallContext& context) {
  if (a[0].kind != Kind::string) return a[0];
  if (!is_number_spelling(a[0].view())) return wrong("this text isn't a number");
  return number_from(a[0].view(), context.arena);
}

Answer int_of(Arguments a, CallContext& context) {
  Answer from = number(a, context);
  if (!from) return from;
  const std::optional<std::int64_t> whole = integral(*from);
  if (!whole) return wrong("this isn't a whole number of 64 bits");
  return Value::of(*whole);
}

Answer bool_of(Arguments a, CallContext& context) {
  bool ok = false;
  const Value result = cast(a[0], ir::ScalarType::boolean, context.arena, ok);
  if (!ok) return wrong("this is neither true, false, 1 nor 0");
  return result;
}

}  // namespace

void add_json_functions(std::vector<Intrinsic>& table) {
  table.push_back({.name = "json",
                   .parameters = {{"value", Type::any, false, {}}},
                   .result = Type::string,
                   .on_null = OnNull::accepts,
                   .summary = "Compact JSON text, with numbers as spelt and keys in their order.",
                   .examples = {"json([1, null, true]) == \"[1,null,true]\"",
                                "json(null) == \"null\"", "json(1.50) == \"1.50\""},
                   .function = json});
  table.push_back({.name = "parse_json",
                   .parameters = {{"text", Type::string, false, {}}},
                   .result = Type::any,
                   .summary = "The value of a JSON text (RFC 8259, nested 512 deep at most).",
                   .errors = "The text isn't JSON.",
                   .examples = {"parse_json(\"[1, 2]\") == [1, 2]",
                                "parse_json('{\"a\": \"\\u00e9\"}').a == \"é\""},
                   .function = parse_json_text});
  table.push_back({.name = "string",
                   .parameters = {{"value", Type::any, false, {}}},
                   .result = Type::string,
                   .summary = "The text of a value; JSON for lists and objects. A duration is its "
                              "milliseconds.",
                   .errors = "The value is bytes that aren't text.",
                   .examples = {"string(1.50) == \"1.50\"", "string(true) == \"true\"",
                                "string([1]) == \"[1]\""},
                   .function = string});
  const Parameter numeric{"value", Type::string | Type::number, false, {}};
  table.push_back({.name = "number",
                   .parameters = {numeric},
                   .result = Type::number,
                   .summary = "The number that a text spells as in JSON; its spelling is kept.",
                   .errors = "The text isn't a number.",
                   .examples = {"number(\"1.50\") == 1.5", "json(number(\"1.50\")) == \"1.50\"",
                                "number(3) == 3"},
                   .function = number});
  table.push_back({.name = "int",
                   .parameters = {numeric},
                   .result = Type::integer,
                   .summary = "The whole number that a number or a text is; nothing is rounded.",
                   .errors = "It isn't a whole number, or doesn't fit into 64 bits.",
                   .examples = {"int(\"12\") == 12", "int(3.0) == 3"},
                   .function = int_of});
  table.push_back(
      {.name = "bool",
       .parameters = {{"value", Type::boolean | Type::string | Type::number, false, {}}},
       .result = Type::boolean,
       .summary = "True for true, 1 and their texts, false for false, 0 and theirs.",
       .errors = "It is anything else.",
       .examples = {"bool(\"true\")", "bool(0) == false"},
       .function = bool_of});
}

}  // namespace fconn::eval
