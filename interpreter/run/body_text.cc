// Bodies of other kinds as JSON text, and header values for expressions.
#include <algorithm>
#include <cctype>

#include "interpreter/formats/csv.hh"
#include "interpreter/formats/ndjson.hh"
#include "interpreter/formats/packed.hh"
#include "interpreter/formats/xml.hh"
#include "interpreter/run/answer.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;
using value::Value;

namespace {

// Of a body that is read as a whole: as much as may come unpacked.
constexpr std::uint64_t max_unpacked = std::uint64_t{64} << 20U;

std::string_view pad(std::string& storage) {
  const std::size_t size = storage.size();
  storage.append(rows::padding, ' ');
  return std::string_view(storage).substr(0, size);
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// By the name of a file in an archive.
ir::Accept format_of_name(std::string_view name) {
  if (ends_with(name, ".csv")) return ir::Accept::csv;
  if (ends_with(name, ".xml")) return ir::Accept::xml;
  if (ends_with(name, ".ndjson") || ends_with(name, ".jsonl")) return ir::Accept::ndjson;
  return ir::Accept::json;
}

/// A body, unpacked where it came packed.
struct Unpacked {
  std::string_view text;
  ir::Accept format{};
};

Result<Unpacked> unpacked(const ir::Request& request, const Answer& answer, std::string& storage) {
  Unpacked body{answer.body, format_of(request, *answer.headers)};
  if (body.format == ir::Accept::bytes || body.format == ir::Accept::text) return body;
  if (formats::is_gzip(answer.body)) {
    auto text = formats::unpack_gzip(answer.body, max_unpacked);
    if (!text) return fail(std::move(text.error()));
    storage = *std::move(text);
    body.text = pad(storage);
  } else if (formats::is_zip(answer.body)) {
    auto file = formats::unpack_zip(answer.body, max_unpacked);
    if (!file) return fail(std::move(file.error()));
    storage = std::move(file->content);
    body.text = pad(storage);
    if (request.accept == ir::Accept::automatic) body.format = format_of_name(file->name);
  }
  return body;
}

/// A page, as of a sign-in, has lines and perhaps no comma, so it would be rows.
bool is_page(std::string_view text, const http::Headers& headers) {
  const std::string* type = http::find(headers, "Content-Type");
  if (type == nullptr || type->find("html") == std::string::npos) return false;
  const std::size_t begin = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return begin != std::string_view::npos && text[begin] == '<';
}

Result<std::string> decoded(std::unique_ptr<formats::Decoder> decoder, std::string_view text) {
  std::string out;
  if (auto done = decoder->feed(text, out); !done) return fail(std::move(done.error()));
  if (auto done = decoder->finish(out); !done) return fail(std::move(done.error()));
  return out;
}

}  // namespace

ir::Accept format_of(const ir::Request& request, const http::Headers& headers) {
  if (request.accept != ir::Accept::automatic) return request.accept;
  const std::string* field = http::find(headers, "Content-Type");
  if (field == nullptr) return ir::Accept::json;
  const std::string type = http::parse_media_type(*field).type;
  if (ends_with(type, "/x-ndjson") || ends_with(type, "/ndjson") || ends_with(type, "/jsonl") ||
      ends_with(type, "/x-jsonlines")) {
    return ir::Accept::ndjson;
  }
  if (ends_with(type, "/csv")) return ir::Accept::csv;
  if (ends_with(type, "/xml") || ends_with(type, "+xml")) return ir::Accept::xml;
  return ir::Accept::json;  // many servers send JSON under another name
}

Result<std::string_view> json_body(const ir::Request& request, const Answer& answer,
                                   std::string& storage) {
  const bool empty = answer.status == 204 || answer.status == 205 || request.method == "HEAD";
  if (empty) {
    storage = "null";
    return pad(storage);
  }
  std::string plain;
  auto body = unpacked(request, answer, plain);
  if (!body) return fail(std::move(body.error()));
  storage.clear();
  Result<std::string> made;
  switch (body->format) {
    case ir::Accept::csv:
      if (is_page(body->text, *answer.headers)) {
        return fail(FailureKind::protocol, "this is a page in HTML and no CSV text");
      }
      made = decoded(formats::csv_decoder({}), body->text);
      break;
    case ir::Accept::ndjson:
      made = decoded(formats::ndjson_decoder(), body->text);
      break;
    case ir::Accept::xml:
      if (body->text.empty()) return body->text;
      made = formats::xml_to_json(body->text);
      break;
    case ir::Accept::bytes:
      value::append_json(Value::bytes(body->text), storage);
      return pad(storage);
    case ir::Accept::text:
      if (!value::valid_utf8(body->text)) {
        return fail(FailureKind::protocol,
                    "this text isn't UTF-8; `as bytes` reads what has another encoding");
      }
      value::append_json_string(body->text, storage);
      return pad(storage);
    case ir::Accept::automatic:
    case ir::Accept::json:
      if (plain.empty()) return body->text;
      made = std::move(plain);
      made->resize(body->text.size());
      break;
  }
  if (!made) return fail(std::move(made.error()));
  storage = *std::move(made);
  return pad(storage);
}

Value headers_value(const http::Headers& headers, value::Arena& arena) {
  std::vector<value::Member> members;
  for (const http::HeaderField& field : headers) {
    std::string name = field.name;
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto same = [&name](const value::Member& m) { return m.key == name; };
    if (std::any_of(members.begin(), members.end(), same)) continue;
    members.push_back({arena.copy(name), Value::string(arena.copy(http::all(headers, name)))});
  }
  auto span = arena.make<value::Member>(members.size());
  std::copy(members.begin(), members.end(), span.begin());
  return Value::object(span);
}

Value links_value(const http::Headers& headers, value::Arena& arena) {
  std::vector<value::Member> members;
  for (const http::Link& link : http::parse_links(http::all(headers, "Link"))) {
    const auto same = [&link](const value::Member& m) { return m.key == link.rel; };
    if (std::any_of(members.begin(), members.end(), same)) continue;
    members.push_back({arena.copy(link.rel), Value::string(arena.copy(link.target))});
  }
  auto span = arena.make<value::Member>(members.size());
  std::copy(members.begin(), members.end(), span.begin());
  return Value::object(span);
}

}  // namespace fconn::run
