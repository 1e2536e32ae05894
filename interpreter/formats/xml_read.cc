// XML texts to documents, safely.
#include <utility>

#include "interpreter/formats/xml.hh"
#include "interpreter/formats/xml_document.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::size_t longest_reason = 160;

/// Is there a document type before the root element? Looked for before libxml2 sees a byte.
bool has_document_type(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return false;
    text.remove_prefix(begin);
    const bool instruction = text.starts_with("<?");
    if (!instruction && !text.starts_with("<!--")) return text.starts_with("<!");
    const std::string_view closing = instruction ? "?>" : "-->";
    const std::size_t end = text.find(closing, instruction ? 2 : 4);
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + closing.size());
  }
}

tl::unexpected<value::Failure> document_type() {
  return fail(FailureKind::protocol,
              "this XML text has a document type (`<!DOCTYPE`), which isn't read: its entities "
              "could name files or grow without end");
}

void print_nothing(void*, const char*, ...) {}

/// What is wrong first; what comes after it follows from it.
void keep_first(void* data, xmlErrorPtr error) {
  auto* context = static_cast<xmlParserCtxtPtr>(data);
  auto* kept = static_cast<std::string*>(context->_private);
  if (kept->empty()) *kept = reason(error);
}

class Parser {
 public:
  explicit Parser(const XmlLibrary& library)
      : library_(library), context_(library.xmlNewParserCtxt()) {
    if (context_ == nullptr) return;
    context_->_private = &first_error_;
    context_->sax->serror = keep_first;
  }
  ~Parser() {
    if (context_ != nullptr) library_.xmlFreeParserCtxt(context_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  xmlParserCtxtPtr get() const { return context_; }
  const std::string& first_error() const { return first_error_; }

 private:
  const XmlLibrary& library_;
  xmlParserCtxtPtr context_;
  std::string first_error_;
};

}  // namespace

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

std::string reason(const xmlError* error) {
  if (error == nullptr || error->message == nullptr) return {};
  std::string text(std::string_view(error->message).substr(0, longest_reason));
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.pop_back();
  if (text.find("Excessive depth") == 0) text = "it nests deeper than 256";
  const std::string line = error->line > 0 ? "line " + std::to_string(error->line) + ": " : "";
  return " (" + line + text + ")";
}

xmlNodePtr XmlDocument::root() const {
  xmlNodePtr node = document_->children;
  while (node != nullptr && node->type != XML_ELEMENT_NODE) node = node->next;
  return node;
}

Result<XmlLibrary> load_xml() {
  auto library = value::load_library<XmlLibrary>("libxml2.so.2", "libxml2");
  // What has no handler of its own would be printed.
  if (library) library->xmlSetGenericErrorFunc(nullptr, print_nothing);
  return library;
}

Result<XmlDocument> parse_xml(const XmlLibrary& library, std::string_view bytes) {
  if (bytes.size() > max_xml) {
    return fail(FailureKind::limit,
                "this XML text is larger than " + std::to_string(max_xml >> 20U) + " MiB");
  }
  if (has_document_type(bytes)) return document_type();
  const Parser parser(library);
  if (parser.get() == nullptr) return fail(FailureKind::limit, "there is no memory for XML");
  constexpr int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                          XML_PARSE_COMPACT | XML_PARSE_NOCDATA;
  XmlDocument document(
      library, library.xmlCtxtReadMemory(parser.get(), bytes.data(), static_cast<int>(bytes.size()),
                                         nullptr, nullptr, options));
  const bool well =
      document.get() != nullptr && parser.get()->wellFormed != 0 && parser.get()->nsWellFormed != 0;
  if (!well || document.root() == nullptr) {
    return fail(FailureKind::protocol, "this isn't well-formed XML" + parser.first_error());
  }
  // In an encoding that the look at the bytes didn't see through.
  if (document.get()->intSubset != nullptr || document.get()->extSubset != nullptr) {
    return document_type();
  }
  return document;
}

Result<std::string> xml_to_json(std::string_view bytes) {
  auto library = load_xml();
  if (!library) return fail(std::move(library.error()));
  auto document = parse_xml(*library, bytes);
  if (!document) return fail(std::move(document.error()));
  std::string out;
  if (auto done = append_document_json(*document, out); !done) {
    return fail(std::move(done.error()));
  }
  return out;
}

}  // namespace fconn::formats
