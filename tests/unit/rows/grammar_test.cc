// What is JSON and what isn't, for the whole-body reader, the stream and the slow twin alike.
#include <doctest/doctest.h>

#include "tests/unit/rows/collect.hh"

using namespace std::string_literals;
using namespace fconn;
using namespace fconn::rows;
using namespace fconn::rows::test;

namespace {

const std::vector<std::string> valid = {R"({})",
                                        R"([])",
                                        R"([[],{}])",
                                        R"("")",
                                        R"("x")",
                                        "1",
                                        "-0",
                                        "0.5",
                                        "1e5",
                                        "1E+05",
                                        "-1.25e-7",
                                        "true",
                                        "false",
                                        "null",
                                        " \t\r\n[1 , 2]\n ",
                                        R"({"a":1,"a":2})",
                                        R"({"":{"":[]}})",
                                        R"(["\"\\\/\b\f\n\r\t\u0041\uD83D\uDE00"])",
                                        "[123456789012345678901234567890]",
                                        "[-9223372036854775808,18446744073709551615]",
                                        "\xEF\xBB\xBF[1]",
                                        "[\"\xF0\x9F\x98\x80\"]",
                                        "[\"\x7F\"]",
                                        R"({"a" : [ true , null ] , "b" : { } })",
                                        R"(["\\"])",
                                        R"(["\\\""])",
                                        "12 ",
                                        R"(["a\\","b"])",
                                        R"({"\u0061":1})",
                                        R"([{"a":[[[]]]}])",
                                        R"("\u0000")"};

const std::vector<std::string> invalid = {"",
                                          " ",
                                          "tru",
                                          "[tru]",
                                          "[truex]",
                                          "[true false]",
                                          "[1 2]",
                                          R"({"a" 1})",
                                          R"({"a":})",
                                          R"({"a"})",
                                          R"({"a":1)",
                                          R"({"a":1,})",
                                          R"({,})",
                                          R"({1:2})",
                                          R"({"a":1 "b":2})",
                                          "[1,]",
                                          "[,1]",
                                          "[1,,2]",
                                          "[",
                                          "]",
                                          "{",
                                          "}",
                                          "[}",
                                          "{]",
                                          "[1}",
                                          R"({"a":1])",
                                          "[[1]",
                                          "[1]]",
                                          "[1] 2",
                                          "1 2",
                                          "{} {}",
                                          "[1],",
                                          R"(["\uD800"])",
                                          R"(["\uDC00"])",
                                          R"(["\uD800\u0041"])",
                                          R"(["\uD800x"])",
                                          R"(["\uD83D\uD83D"])",
                                          R"(["\x41"])",
                                          R"(["\u12"])",
                                          R"(["\u12G4"])",
                                          R"(["\a"])",
                                          "[01]",
                                          "[-01]",
                                          "[00]",
                                          "[+1]",
                                          "[.5]",
                                          "[1.]",
                                          "[1.e5]",
                                          "[1e]",
                                          "[1e+]",
                                          "[-]",
                                          "[--1]",
                                          "[0x10]",
                                          "[1_000]",
                                          "[NaN]",
                                          "[Infinity]",
                                          "[-Infinity]",
                                          "NaN",
                                          "[nul]",
                                          "[nulll]",
                                          "[True]",
                                          "['a']",
                                          "[\"a\tb\"]",
                                          "[\"a\nb\"]",
                                          "[\"\x01\"]",
                                          "[\"a\0b\"]"s,
                                          "[\"abc",
                                          R"(["abc\"])",
                                          "\"",
                                          "\\",
                                          R"([\"a"])",
                                          R"([1"a"])",
                                          R"(["a"b])",
                                          R"(["a""b"])",
                                          "[1]\0"s,
                                          "\0[1]"s,
                                          "[\x01]",
                                          "[1\x0C]",
                                          "[1\x1A 2]",
                                          "[1\xC2\xA0]",
                                          "[\"\xFF\"]",
                                          "[\"\xC0\x80\"]",
                                          "[\"\xED\xA0\x80\"]",
                                          "[\"\xF4\x90\x80\x80\"]",
                                          "[\"\xE2\x82\"]",
                                          "\xC3[1]",
                                          "[1]\xC3",
                                          "/* c */ [1]",
                                          "[1] // c",
                                          "<html></html>",
                                          "[\x0C]",
                                          "{\"a\"\x1A 1}",
                                          "{\"a\",1}",
                                          "{[]:1}",
                                          "[1:2]",
                                          "[\"a\":1]",
                                          R"({"a":1:2})",
                                          R"({"a":tru})",
                                          R"({"a":1 2})",
                                          R"({"a\":1})",
                                          R"({"\q":1})",
                                          R"({"\uD800":1})",
                                          "-",
                                          "-x",
                                          "0123",
                                          "1.2.3",
                                          "[1,2",
                                          R"({"a":{"b":[1,2})"};

const std::vector<Projection> projections = {
    {{}, std::nullopt, {}},                   // checks only
    {{{"a"}, {"b", "c"}}, std::nullopt, {}},  // cells of the body
    {{}, KeyPath{}, {{"a"}, {}}},             // rows at the root
    {{{"b"}}, KeyPath{"a"}, {{"b"}}},         // rows further down
};

bool is_shape(const Collected& all) { return all.failure.kind == value::FailureKind::shape; }

}  // namespace

TEST_CASE("valid texts are read whichever way, and whatever is asked of them") {
  for (const std::string& text : valid) {
    for (const Projection& projection : projections) {
      CAPTURE(text);
      const Collected whole = read_whole(text, projection);
      const Collected stream = read_stream(text, projection, [] { return std::size_t{1}; });
      CHECK((whole.good || is_shape(whole)));
      CHECK(whole.good == stream.good);
      CHECK(whole.rows == stream.rows);
      const auto slow = support::slow_read(text, projection, 512);
      CHECK((slow.verdict == support::SlowResult::Verdict::good) == whole.good);
      if (whole.good) CHECK(slow.rows == whole.rows);
    }
  }
}

TEST_CASE("invalid texts are protocol failures whichever way, and whatever is asked of them") {
  for (const std::string& text : invalid) {
    for (const Projection& projection : projections) {
      CAPTURE(text);
      const Collected whole = read_whole(text, projection);
      const Collected stream = read_stream(text, projection, [] { return std::size_t{1}; });
      REQUIRE_FALSE(whole.good);
      REQUIRE_FALSE(stream.good);
      CHECK((whole.failure.kind == value::FailureKind::protocol || is_shape(whole)));
      CHECK((stream.failure.kind == value::FailureKind::protocol || is_shape(stream)));
      CHECK(support::slow_read(text, projection, 512).verdict !=
            support::SlowResult::Verdict::good);
    }
  }
}

TEST_CASE("truncations of a text fail, whichever way") {
  const std::string text = R"({"a":[{"b":"x\u00e9\\"},[1.5e3,true]],"b":{"c":null}})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    for (const Projection& projection : projections) {
      const std::string_view cut = std::string_view(text).substr(0, length);
      CAPTURE(cut);
      CHECK_FALSE(read_whole(cut, projection).good);
      CHECK_FALSE(read_stream(cut, projection, [] { return std::size_t{7}; }).good);
    }
  }
}

TEST_CASE("failures name the place and what is there") {
  const Projection all{{}, KeyPath{}, {}};
  const auto text_of = [&](std::string_view text) { return read_whole(text, all).failure.text; };
  CHECK(text_of("[1, tru]") == "the response isn't valid JSON: byte 4: `tru` is no value");
  CHECK(text_of("[1 2]") ==
        "the response isn't valid JSON: byte 3: `2` where `,` or `]` is expected");
  CHECK(text_of(R"([{"a" 1}])") ==
        "the response isn't valid JSON: byte 6: `1` where `:` is expected");
  CHECK(text_of(R"([{a:1}])") ==
        "the response isn't valid JSON: byte 2: `a` where a key in quotes is expected");
  CHECK(text_of("[1") ==
        "the response isn't valid JSON: byte 2: the text ends where `,` or the end of a list or "
        "object is expected");
  CHECK(text_of(R"(["ab\q"])") ==
        "the response isn't valid JSON: byte 4: `\\q` is no valid escape");
  CHECK(text_of("[\"a\x01\"]") ==
        "the response isn't valid JSON: byte 3: the control character 0x01 in a string");
  CHECK(text_of("[\"\xFF\"]") == "the response isn't valid JSON: byte 2: 0xFF isn't UTF-8");
  CHECK(text_of("[\"abc") == "the response isn't valid JSON: byte 1: a string that never ends");
  // A piece of a text may be a piece of a secret that the server says back.
  CHECK(text_of("<html>") == "the response isn't valid JSON: byte 0: `<`… is no value");
  CHECK(text_of("k3y/with+signs") == "the response isn't valid JSON: byte 0: `k`… is no value");
  CHECK(text_of("[12345x]") == "the response isn't valid JSON: byte 1: `1`… is no value");
  CHECK(text_of("[1 \"abc\"]") ==
        "the response isn't valid JSON: byte 3: `\"`… where `,` or `]` is expected");
  CHECK(text_of("[] x") == "the response isn't valid JSON: byte 3: `x` where the end is expected");
  CHECK(text_of("") == "the response's body is empty where JSON was expected");
  CHECK(text_of("\xEF\xBB\xBF[tru]") == "the response isn't valid JSON: byte 4: `tru` is no value");
  const std::string late = "[" + repeated("{\"a\":1},", 1000) + "tru]";
  ReaderLimits small;
  small.window_bytes = 64;
  const std::string want = "the response isn't valid JSON: byte 8001: `tru` is no value";
  CHECK(read_whole(late, all).failure.text == want);
  CHECK(read_stream(
            late, all, [] { return std::size_t{10}; }, small)
            .failure.text == want);
}

TEST_CASE("other encodings are refused by name") {
  const Projection all{{}, KeyPath{}, {}};
  for (const std::string& text : {"\xFF\xFE[\0]\0"s, "\xFE\xFF\0[\0]"s, "[\0]\0"s, "\0[\0]"s}) {
    const Collected whole = read_whole(text, all);
    CHECK(whole.failure.text.find("UTF-16") != std::string::npos);
    CHECK(read_stream(text, all, [] { return std::size_t{1}; }).failure.text == whole.failure.text);
  }
}

TEST_CASE("nesting is bounded, and costs no stack") {
  const Projection all{{}, KeyPath{}, {{"a"}}};
  for (const std::size_t depth : {511U, 512U, 513U, 10000U, 2000000U}) {
    const std::string lists = repeated("[", depth) + repeated("]", depth);
    const Collected whole = read_whole(lists, all);
    CHECK(whole.good == (depth <= 512));
    CHECK(read_stream(lists, all, [] { return std::size_t{100000}; }).good == (depth <= 512));
    if (!whole.good) CHECK(whole.failure.kind == value::FailureKind::limit);
    if (depth > 10000) continue;
    ReaderLimits deep;
    deep.max_depth = 10000;
    CHECK(read_whole(lists, all, deep).good);
    const std::string objects = repeated("{\"a\":", depth) + "1" + repeated("}", depth);
    CHECK(read_whole(objects, all).good == (depth <= 512));
    CHECK(read_stream(
              objects, all, [] { return std::size_t{7}; }, deep)
              .good);
  }
  ReaderLimits flat;
  flat.max_depth = 1;
  CHECK(read_whole("[1]", all, flat).good);
  CHECK_FALSE(read_whole("[{}]", all, flat).good);
  CHECK_FALSE(read_whole("[{\"a\":1}]", all, flat).good);
}
