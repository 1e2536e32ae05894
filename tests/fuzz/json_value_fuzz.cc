// JSON values: what parses writes itself back as valid JSON that means the same, and is equal to
// the same text read lazily; a reader of raw text keeps inside it whatever it holds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn::value;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;

  const auto parsed = parse_json(text, arena);
  if (parsed) {
    const std::string written = to_json(*parsed);
    require(valid_utf8(written) && written.find('\n') == std::string::npos);
    const auto again = parse_json(written, arena);
    require(again && to_json(*again) == written);
    require(equal(*parsed, *again, arena));
    require(equal(Value::raw(text), *parsed, arena));
    const std::string copied = to_json(copy(*parsed, arena));
    require(copied == written);
    for (const Member& member : decoded(Value::raw(text), arena).kind == Kind::object
                                    ? parsed->object_view()
                                    : std::span<const Member>()) {
      require(equal(raw_member(Value::raw(text), member.key, arena), member.value, arena));
    }
  } else {
    require(!parsed.error().text.empty());
  }

  // Not JSON perhaps, but the answer must be something.
  const Value lazy = decoded(Value::raw(text), arena);
  require(lazy.kind != Kind::raw);
  for (const Value& element :
       lazy.kind == Kind::list ? lazy.list_view() : std::span<const Value>()) {
    require(decoded(element, arena).kind != Kind::raw);
  }
  (void)raw_member(Value::raw(text), "a", arena);
  std::string quoted;
  append_json_string(text, quoted);
  const auto back = parse_json(quoted, arena);
  require(back && (!valid_utf8(text) || back->view() == text));
  return 0;
}
