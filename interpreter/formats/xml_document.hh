// A parsed document and its elements as JSON. Internal to formats/.
#pragma once

#include "interpreter/formats/xml_library.hh"

namespace fconn::formats {

/// Owns a document of libxml2.
class XmlDocument {
 public:
  XmlDocument(const XmlLibrary& library, xmlDocPtr document)
      : library_(library), document_(document) {}
  ~XmlDocument() {
    if (document_ != nullptr) library_.xmlFreeDoc(document_);
  }
  XmlDocument(const XmlDocument&) = delete;
  XmlDocument& operator=(const XmlDocument&) = delete;
  XmlDocument(XmlDocument&& other) noexcept
      : library_(other.library_), document_(std::exchange(other.document_, nullptr)) {}
  XmlDocument& operator=(XmlDocument&&) = delete;
  xmlDocPtr get() const { return document_; }
  xmlNodePtr root() const;

 private:
  XmlLibrary library_;
  xmlDocPtr document_;
};

value::Result<XmlLibrary> load_xml();
value::Result<XmlDocument> parse_xml(const XmlLibrary& library, std::string_view bytes);
/// "(line 3: …)" of an error that libxml2 found; empty without one.
std::string reason(const xmlError* error);

std::string_view view(const xmlChar* text);
bool has_elements(const xmlNode* element);
/// The text of an element, an attribute or a text, and of all below it.
void append_text(const xmlNode* node, std::string& out);
bool is_nil(const xmlNode* element);
/// How names are spelt in a value: as in the text, or without prefixes and declarations.
enum class Names : std::uint8_t { prefixed, local };
/// A `limit` failure when `out` grows beyond its bound.
value::Result<void> append_element_json(const xmlNode* element, Names names, std::string& out);
value::Result<void> append_document_json(const XmlDocument& document, std::string& out);

}  // namespace fconn::formats
