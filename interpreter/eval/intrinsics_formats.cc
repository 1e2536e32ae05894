// Library functions for CSV, XML and the files of multipart bodies.
#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/formats/csv.hh"
#include "interpreter/formats/xml.hh"

namespace fconn::eval {

using value::Kind;
using value::Member;
using value::Value;

namespace {

value::Result<char> delimiter_of(const Value& text) {
  const std::string_view one = text.is_null() ? std::string_view(",") : text.view();
  const bool fits = one.size() == 1 && static_cast<unsigned char>(one[0]) < 0x80 && one != "\"" &&
                    one != "\r" && one != "\n";
  if (!fits) return wrong("a delimiter is one ASCII character, and no quote or line end");
  return one[0];
}

Answer from_json(const value::Result<std::string>& json, CallContext& context) {
  if (!json) return value::fail(json.error());
  if (json->size() > context.max_bytes) {
    return value::fail(value::FailureKind::limit, "the result is too large");
  }
  context.work += json->size() / 16;
  return value::parse_json(*json, context.arena);
}

Answer csv(Arguments a, CallContext& context) {
  auto delimiter = delimiter_of(a[2]);
  if (!delimiter) return value::fail(std::move(delimiter.error()));
  std::optional<std::span<const Value>> columns;
  if (!a[1].is_null()) columns = elements_of(a[1], context);
  context.work += a[0].count;
  std::string out;
  auto done = formats::append_csv(a[0], *delimiter, columns, context.arena, out);
  if (!done) return value::fail(std::move(done.error()));
  return text_answer(out, context);
}

Answer parse_csv(Arguments a, CallContext& context) {
  auto delimiter = delimiter_of(a[2]);
  if (!delimiter) return value::fail(std::move(delimiter.error()));
  const bool header = a[1].is_null() || a[1].integer != 0;
  return from_json(formats::csv_to_json(text_of_argument(a[0], context), {*delimiter, header}),
                   context);
}

Answer parse_xml(Arguments a, CallContext& context) {
  return from_json(formats::xml_to_json(text_of_argument(a[0], context)), context);
}

Answer xpath(Arguments a, CallContext& context) {
  if (a[0].is_null()) return Value::list({});
  std::optional<formats::Namespaces> namespaces;
  if (a[2].kind == Kind::object) {
    namespaces.emplace();
    for (const Member& member : a[2].object_view()) {
      const Value uri = decoded(member.value, context);
      if (uri.kind != Kind::string) return wrong("a prefix stands for a text");
      namespaces->emplace_back(std::string(member.key), std::string(uri.view()));
    }
  }
  const std::string_view path = a[1].view();
  if (a[0].kind == Kind::object) {
    return from_json(formats::xpath_to_json(a[0], path, namespaces, context.arena), context);
  }
  return from_json(formats::xpath_to_json(text_of_argument(a[0], context), path, namespaces),
                   context);
}

/// What a file's name says about its content (IANA media types).
std::string_view type_by_name(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {".csv", "text/csv"},        {".json", "application/json"},
      {".txt", "text/plain"},      {".ndjson", "application/x-ndjson"},
      {".xml", "application/xml"}, {".jsonl", "application/x-ndjson"},
      {".html", "text/html"},      {".pdf", "application/pdf"},
      {".zip", "application/zip"}, {".gz", "application/gzip"},
      {".png", "image/png"},       {".jpg", "image/jpeg"}};
  for (const auto& [ending, type] : known) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

Answer file(Arguments a, CallContext& context) {
  if (a[0].length == 0) return wrong("a file needs a name");
  std::vector<Member> members{{"name", a[0]}, {"content", a[1]}, {"type", a[2]}};
  if (a[2].is_null()) members[2].value = Value::string(type_by_name(a[0].view()));
  return object_answer(members, context);
}

}  // namespace

void add_format_functions(std::vector<Intrinsic>& table) {
  const Parameter delimiter{"delimiter", Type::string, true, "\",\""};
  table.push_back(
      {.name = "csv",
       .parameters = {{"rows", Type::list, false, {}},
                      {"columns", Type::list, true, "null"},
                      delimiter},
       .result = Type::string,
       .summary = "CSV text (RFC 4180, lines end in CR LF). Objects give a header line: `columns`, "
                  "or else every key in the order of first appearance; lists give none. Null is an "
                  "empty field; lists and objects are JSON.",
       .errors = "Rows are neither all objects nor all lists of one length, or hold bytes.",
       .examples =
           {R"x(csv([{ a: 1, b: "x, y" }, { b: null, c: true }]) == "a,b,c\r\n1,\"x, y\",\r\n,,true\r\n")x",
            R"x(csv([[1, 2], [3, 4]], delimiter: ";") == "1;2\r\n3;4\r\n")x",
            R"x(csv([{ a: 1, b: 2 }], columns: ["b"]) == "b\r\n2\r\n")x", R"x(csv([]) == "")x"},
       .function = csv});
  table.push_back(
      {.name = "parse_csv",
       .parameters = {{"text", Type::string, false, {}},
                      {"header", Type::boolean, true, "true"},
                      delimiter},
       .result = Type::list,
       .summary = "The rows of a CSV text (RFC 4180): objects named by its first line, or lists "
                  "with `header: false`. Fields are texts; empty lines are no rows.",
       .errors = "A row has not as many fields as the first one, two columns have one name, or a "
                 "quote stands where none may; the line is named.",
       .examples =
           {R"x(parse_csv("id,name\n1,\"Ada \"\"A\"\"\"\n2,\n") == [{ id: "1", name: "Ada \"A\"" }, { id: "2", name: "" }])x",
            R"x(parse_csv("1;2\r\n3;4", header: false, delimiter: ";") == [["1", "2"], ["3", "4"]])x"},
       .function = parse_csv});
  const Parameter text{"text", Type::string | Type::xml, false, {}};
  table.push_back(
      {.name = "parse_xml",
       .parameters = {text},
       .result = Type::object,
       .summary = "An XML text as an object with its root element: elements by name (a list where "
                  "one occurs more than once), attributes as \"@id\", text beside them as "
                  "\"#text\"; an element of text alone is that text.",
       .errors = "The text isn't well-formed, has a document type, or nests deeper than 256.",
       .examples =
           {R"x(parse_xml("<a id='1'><b>x</b><b>y</b><c/></a>") == { a: { "@id": "1", b: ["x", "y"], c: "" } })x",
            R"x(parse_xml(xml"<p:a xmlns:p='urn:x'>{"<"}</p:a>") == { "p:a": { "@xmlns:p": "urn:x", "#text": "<" } })x",
            R"x(parse_xml("<p>one <b>two</b></p>").p["#xml"] == "one <b>two</b>")x"},
       .function = parse_xml});
  table.push_back(
      {.name = "xpath",
       .parameters = {{"from", Type::string | Type::xml | Type::object, false, {}},
                      {"path", Type::string, false, {}},
                      {"namespaces", Type::object, true, "null"}},
       .result = Type::list,
       .on_null = OnNull::accepts,
       .summary =
           "The list of what an XPath 1.0 path finds in an XML text, or in a value that came "
           "from one: texts, and objects (as `parse_xml`) for elements that hold others. "
           "Without `namespaces`, names match whatever their namespace; with "
           "{ prefix: \"uri\" } as XPath says. Null has nothing in it: [].",
       .errors = "The text isn't well-formed XML, or the path can't be followed.",
       .examples =
           {R"x(xpath("<a><b><id>1</id></b><b><id>2</id></b></a>", "//b/id") == ["1", "2"])x",
            R"x(xpath("<x:a xmlns:x='urn:x'><x:b>1</x:b></x:a>", "/a/b") == ["1"])x",
            R"x(xpath("<x:a xmlns:x='urn:x'><x:b>1</x:b></x:a>", "/y:a/y:b", { y: "urn:x" }) == ["1"])x",
            R"x(xpath(parse_xml("<a><b n='1'/><b n='2'/></a>"), "//b/@n") == ["1", "2"])x",
            R"x(xpath("<a><b/><b/></a>", "count(//b)") == [2])x"},
       .function = xpath});
  table.push_back(
      {.name = "file",
       .parameters = {{"name", Type::string, false, {}},
                      {"content", Type::string | Type::bytes | Type::xml, false, {}},
                      {"type", Type::string, true, "null"}},
       .result = Type::object,
       .on_null = OnNull::error,
       .summary =
           "A file of a `multipart` body. Without a type, the ending of its name says it, or "
           "it is application/octet-stream.",
       .errors = "The name is empty, or the content null.",
       .examples =
           {R"x(file("a.csv", csv([{ a: 1 }])) == { name: "a.csv", content: "a\r\n1\r\n", type: "text/csv" })x",
            R"x(file("a", "x", "text/x").type == "text/x")x"},
       .function = file});
}

}  // namespace fconn::eval
