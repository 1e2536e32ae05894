#include <doctest/doctest.h>

#include "interpreter/formats/xml.hh"

using namespace fconn;
using formats::Namespaces;

namespace {

std::string shown(const value::Result<std::string>& result) {
  return result ? *result : "! " + result.error().text;
}
std::string read(std::string_view text) { return shown(formats::xml_to_json(text)); }
std::string found(std::string_view text, std::string_view path,
                  const std::optional<Namespaces>& namespaces = std::nullopt) {
  return shown(formats::xpath_to_json(text, path, namespaces));
}
/// The same path in what the text gives as a value.
std::string found_in_value(std::string_view json, std::string_view path,
                           const std::optional<Namespaces>& namespaces = std::nullopt) {
  value::Arena arena;
  const auto from = value::parse_json(json, arena);
  REQUIRE(from.has_value());
  return shown(formats::xpath_to_json(*from, path, namespaces, arena));
}

constexpr std::string_view soap =
    "<s:Envelope xmlns:s='urn:s'><s:Body><R xmlns='urn:r' xmlns:a='urn:a'><a:Id>1</a:Id><Id>2</Id>"
    "<User a:kind='x' kind='y'><Id>3</Id></User></R></s:Body></s:Envelope>";

}  // namespace

TEST_CASE("XML as a value") {
  struct {
    std::string_view text, json;
  } const cases[] = {
      {"<a/>", R"({"a":""})"},
      {"<a></a>", R"({"a":""})"},
      {"<a> x </a>", R"({"a":" x "})"},
      {"\xEF\xBB\xBF<?xml version='1.0'?><!-- c --><a>1</a><!-- d -->", R"({"a":"1"})"},
      {"<a b='1'/>", R"({"a":{"@b":"1"}})"},
      {"<a b='1'>x</a>", R"({"a":{"@b":"1","#text":"x"}})"},
      {"<a>\n  <b>1</b>\n  <c/>\n</a>", R"({"a":{"b":"1","c":""}})"},
      {"<a><b>1</b><b>2</b></a>", R"({"a":{"b":["1","2"]}})"},
      {"<a><b>1</b><c>2</c><b>3</b></a>",
       R"({"a":{"b":["1","3"],"c":"2","#order":["b","c","b"]}})"},
      {"<p>one <b>two</b> three</p>",
       R"({"p":{"b":"two","#text":"one  three","#xml":"one <b>two</b> three"}})"},
      {"<a>&lt;&amp;&#233;&#x1F600;<![CDATA[<raw> & ]]></a>",
       "{\"a\":\"<&\xC3\xA9\xF0\x9F\x98\x80<raw> & \"}"},
      {"<x:a xmlns:x='urn:x'><x:b>1</x:b><b>2</b></x:a>",
       R"({"x:a":{"@xmlns:x":"urn:x","x:b":"1","b":"2"}})"},
      {"<a xmlns='urn:d'><b/></a>", R"({"a":{"@xmlns":"urn:d","b":""}})"},
      {"<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><b i:nil='true'/><c i:nil='1'></c>"
       "<d i:nil='false'>x</d></a>",
       R"({"a":{"@xmlns:i":"http://www.w3.org/2001/XMLSchema-instance","b":null,"c":null,)"
       R"("d":{"@i:nil":"false","#text":"x"}}})"},
      {"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>", "{\"a\":\"\xC3\xA9\"}"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(read(c.text) == c.json);
  }
}

TEST_CASE("XML that is refused") {
  struct {
    std::string_view text, why;
  } const cases[] = {
      {"", "isn't well-formed XML"},
      {"{}", "isn't well-formed XML (line 1"},
      {"<a>\n<b></a>", "isn't well-formed XML (line 2: Opening and ending tag mismatch"},
      {"<a/><b/>", "isn't well-formed XML"},
      {"<a>&nbsp;</a>", "isn't well-formed XML (line 1: Entity 'nbsp' not defined"},
      {"<x:a/>", "isn't well-formed XML (line 1: Namespace prefix x"},
      {"<a b='1' b='2'/>", "isn't well-formed XML"},
      {"<!DOCTYPE html><html/>", "document type"},
      {"<?xml version='1.0'?>\n<!-- <!-x --><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
       "document type"},
      {"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "document type"},
      {"<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><l>&b;</l>", "document type"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const std::string shown = read(c.text);
    CHECK(shown.starts_with("! "));
    CHECK(shown.find(c.why) != std::string::npos);
  }
  // In UTF-16, so that a look at the bytes finds nothing.
  std::string wide("\xFF\xFE", 2);
  for (const char c : std::string_view("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>")) {
    wide += c;
    wide += '\0';
  }
  CHECK(read(wide).find("document type") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<a>";
  for (int i = 0; i < 300; ++i) deep += "</a>";
  CHECK(read(deep).find("isn't well-formed XML (line 1: it nests deeper than 256)") !=
        std::string::npos);
  CHECK(read(std::string(formats::max_xml + 1, ' ')) == "! this XML text is larger than 32 MiB");
}

TEST_CASE("XPath") {
  const Namespaces all = {{"e", "urn:s"}, {"r", "urn:r"}, {"x", "urn:a"}};
  struct {
    std::string_view path, plain, strict;
  } const cases[] = {
      {"//Id", R"(["1","2","3"])", "[]"},
      {"/Envelope/Body/R/User/Id", R"(["3"])", "[]"},
      {"/e:Envelope/e:Body/r:R/r:Id", "! prefix", R"(["2"])"},
      {"//x:Id", "! prefix", R"(["1"])"},
      {"//User", R"([{"@kind":"x","@kind":"y","Id":"3"}])", "[]"},
      {"//r:User/@x:kind", "! prefix", R"(["x"])"},
      {"//r:User/@kind", "! prefix", R"(["y"])"},
      {"count(//*)", "[7]", "[7]"},
      {"count(//*) div 2", "[3.5]", "[3.5]"},
      {"string(//Id)", R"(["1"])", R"([""])"},
      {"//Id = '2'", "[true]", "[false]"},
      {"//nothing", "[]", "[]"},
      {"1 div 0", "[null]", "[null]"},
      {"//[", "! this path can't be followed", "! this path can't be followed"},
      {"", "! this path can't be followed", "! this path can't be followed"},
      {"/", "! this path finds the document itself", "! this path finds the document itself"},
      {"nofunction()", "! this path can't be followed", "! this path can't be followed"},
      {"document('file:///etc/passwd')", "! this path can't be followed",
       "! this path can't be followed"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.path);
    const auto matches = [](const std::string& got, std::string_view wanted) {
      if (wanted == "! prefix") return got.find("a prefix of this path isn't declared") == 2;
      return wanted.starts_with('!') ? got.starts_with(wanted) : got == wanted;
    };
    const std::string plain = found(soap, c.path);
    const std::string strict = found(soap, c.path, all);
    CAPTURE(plain);
    CAPTURE(strict);
    CHECK(matches(plain, c.plain));
    CHECK(matches(strict, c.strict));
    // Paths go into the value as they go into the text.
    CHECK(found_in_value(read(soap), c.path) == plain);
    CHECK(found_in_value(read(soap), c.path, all) == strict);
  }
}

TEST_CASE("a path whose evaluation explodes ends") {
  std::string wide = "<a>";
  for (int i = 0; i < 3000; ++i) wide += "<b/>";
  wide += "</a>";
  CHECK(found(wide, "count(//b[count(//b[count(//b) > 0]) > 0])").starts_with("! this path"));
}

TEST_CASE("paths into parts of a document") {
  const std::string part = R"({"@xmlns:q":"urn:q","b":["1","2"],"c":null,"q:d":{"e":"3"}})";
  CHECK(found_in_value(part, "b") == R"(["1","2"])");
  CHECK(found_in_value(part, "//e") == R"(["3"])");
  CHECK(found_in_value(part, "d/e") == R"(["3"])");
  CHECK(found_in_value(part, "q:d/e", Namespaces{{"q", "urn:q"}}) == R"(["3"])");
  CHECK(found_in_value(part, "c") == "[null]");
  CHECK(found_in_value(part, "/b").find("can't begin at `/`") != std::string::npos);
  // The declaration of this prefix stayed outside.
  CHECK(found_in_value(R"({"x:Id":"1","x:Name":"n"})", "Id") == R"(["1"])");
  CHECK(found_in_value(R"({"x:Id":"1","x:Name":"n"})", "Id", Namespaces{}).starts_with("! "));
  for (const std::string_view foreign :
       {R"({"a b":1,"c":2})", R"({"@<":"x","b":1})", R"({"a":[[1]],"b":1})",
        R"({"#order":["x"],"b":1})", R"({"a":{"@b":[1]}})"}) {
    CAPTURE(foreign);
    CHECK(found_in_value(foreign, "//a").find("isn't a value that came from XML") !=
          std::string::npos);
  }
}

TEST_CASE("nothing is lost on the way to a value and back") {
  for (const std::string_view text :
       {"<a><k>1</k><v>x</v><k>2</k><v>y</v></a>", "<p>one <b>t<i>w</i>o</b> three</p>",
        "<a b='1&#10;2'><c> </c><d/>&lt;</a>"}) {
    CAPTURE(text);
    for (const std::string_view path :
         {"//k[2]/following-sibling::v[1]", "string(/*)", "//@*", "//*[1]", "//text()"}) {
      CAPTURE(path);
      const std::string whole = found(text, path);
      CHECK(found_in_value(read(text), path) == whole);
    }
  }
}

TEST_CASE("what is escaped comes back as it was") {
  const std::string odd = "<&>\"'\t\n\r x]]>";
  REQUIRE(formats::fits_xml(odd));
  std::string escaped;
  formats::append_xml_escaped(odd, escaped);
  std::string quoted;
  value::append_json_string(odd, quoted);
  CHECK(found("<a>" + escaped + "</a>", "/a") == "[" + quoted + "]");
  CHECK(found("<a b=\"" + escaped + "\"/>", "/a/@b") == "[" + quoted + "]");
  CHECK(found("<a b='" + escaped + "'/>", "/a/@b") == "[" + quoted + "]");
  for (const std::string_view open :
       {"<a><![CDATA[", "<a><!-- x ", "<?xml ", "<a><![CDATA[x]]><!--"}) {
    CHECK(formats::in_unescaped_xml(open));
  }
  for (const std::string_view closed : {"", "<a>", "<a b='", "<?xml?><!-- x --><a><![CDATA[x]]>"}) {
    CHECK_FALSE(formats::in_unescaped_xml(closed));
  }
  CHECK_FALSE(formats::fits_xml(std::string_view("a\0", 2)));
  CHECK_FALSE(formats::fits_xml("\x1B"));
  CHECK_FALSE(formats::fits_xml("\xEF\xBF\xBF"));
}
