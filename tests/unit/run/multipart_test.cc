// Bodies of several parts, byte for byte.
#include <doctest/doctest.h>

#include "interpreter/run/body.hh"
#include "interpreter/run/multipart.hh"

using namespace fconn;
using value::Member;
using value::Value;

namespace {

/// The body with "B" for its boundary, or "! " and the failure.
std::string made(std::vector<Member> members) {
  value::Arena arena;
  auto result = run::multipart_of(Value::object(members), arena);
  if (!result) return "! " + result.error().text;
  const std::string boundary = result->type.substr(result->type.find('=') + 1);
  CHECK(result->type == "multipart/form-data; boundary=" + boundary);
  std::string body = result->body;
  for (std::size_t at = body.find(boundary); at != std::string::npos; at = body.find(boundary)) {
    body.replace(at, boundary.size(), "B");
  }
  return body;
}

constexpr std::string_view end = "--B--\r\n";

}  // namespace

TEST_CASE("parts of a multipart body") {
  const Value list[] = {Value::string("x"), Value::of(2), Value::boolean(true)};
  CHECK(made({{"a", Value::string("1\r\n2")}, {"left_out", Value::null()}}) ==
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n" + std::string(end));
  CHECK(made({{"a", Value::list(list)}}) ==
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntrue\r\n" +
            std::string(end));
  const Member file[] = {{"name", Value::string("a\"b\r\n.csv")},
                         {"content", Value::bytes(std::string_view("\xFF\0", 2))},
                         {"type", Value::string("text/csv")}};
  CHECK(made({{"f", Value::object(file)}}) ==
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22b%0D%0A.csv\"\r\n"
        "Content-Type: text/csv\r\n\r\n" +
            std::string("\xFF\0\r\n", 4) + std::string(end));
}

TEST_CASE("parts that can't be") {
  const Member object[] = {{"x", Value::of(1)}};
  const Member broken[] = {{"name", Value::string("a")},
                           {"content", Value::string("x")},
                           {"type", Value::string("a/b\r\nX: y")}};
  const Value nothing[] = {Value::null()};
  CHECK(made({}) == "! a multipart body needs a part, and each of these is null");
  CHECK(made({{"a", Value::null()}}) ==
        "! a multipart body needs a part, and each of these is null");
  CHECK(made({{"a", Value::object(object)}}) ==
        "! the part `a` of this body is an object; write it as `json(…)`, or as a file with "
        "`file(…)`");
  CHECK(made({{"a", Value::list(nothing)}})
            .starts_with("! the part `a` of this body can't be a text"));
  CHECK(
      made({{"a", Value::object(broken)}}) ==
      "! the part `a` of this body has a type with a line break, which would start another header");
}

TEST_CASE("the boundary belongs to the content and isn't in it") {
  value::Arena arena;
  const auto boundary = [&](std::vector<Member> members) {
    return run::multipart_of(Value::object(members), arena)->type;
  };
  const std::string first = boundary({{"a", Value::string("x")}, {"b", Value::string("y")}});
  CHECK(boundary({{"a", Value::string("x")}, {"b", Value::string("y")}}) == first);
  CHECK(boundary({{"a", Value::string("y")}, {"b", Value::string("x")}}) != first);
  CHECK(boundary({{"a", Value::string("x")}}) != first);
}

TEST_CASE("what other bodies make of null") {
  value::Arena arena;
  const auto text = [&](ir::BodyKind kind) {
    auto body = run::encode_body(kind, Value::null(), arena);
    return body ? body->type + ":" + body->text : "! ";
  };
  CHECK(text(ir::BodyKind::json) == "application/json:null");
  CHECK(text(ir::BodyKind::ndjson) == "application/x-ndjson:");
  CHECK(text(ir::BodyKind::csv) == "text/csv:");
  CHECK(text(ir::BodyKind::text) == "! ");
  CHECK(text(ir::BodyKind::xml) == "! ");
  CHECK(text(ir::BodyKind::multipart) == "! ");
}
