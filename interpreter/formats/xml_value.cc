// Elements as JSON text, and as XML text again where an element mixes text and elements.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "interpreter/formats/xml.hh"
#include "interpreter/formats/xml_document.hh"
#include "interpreter/value/markup.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::string_view instance_namespace = "http://www.w3.org/2001/XMLSchema-instance";

bool is_text(const xmlNode* node) {
  return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

std::string spelt(const xmlNs* space, const xmlChar* name, Names names) {
  std::string out;
  if (names == Names::prefixed && space != nullptr && space->prefix != nullptr) {
    out += view(space->prefix);
    out += ':';
  }
  out += view(name);
  return out;
}

bool says_nil(const xmlAttr* attribute) {
  if (attribute->ns == nullptr || view(attribute->ns->href) != instance_namespace ||
      view(attribute->name) != "nil") {
    return false;
  }
  std::string text;
  append_text(reinterpret_cast<const xmlNode*>(attribute), text);
  return text == "true" || text == "1";
}

/// Name and text of each attribute and, with prefixes, of each namespace that is declared.
std::vector<std::pair<std::string, std::string>> attributes_of(const xmlNode* element,
                                                               Names names) {
  std::vector<std::pair<std::string, std::string>> all;
  const xmlNs* declared = names == Names::prefixed ? element->nsDef : nullptr;
  for (const xmlNs* space = declared; space != nullptr; space = space->next) {
    const std::string_view prefix = view(space->prefix);
    all.emplace_back(prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix), view(space->href));
  }
  for (const xmlAttr* one = element->properties; one != nullptr; one = one->next) {
    all.emplace_back(spelt(one->ns, one->name, names), std::string());
    append_text(reinterpret_cast<const xmlNode*>(one), all.back().second);
  }
  return all;
}

struct Child {
  std::string name;
  std::vector<const xmlNode*> elements;
};

/// Child elements by name, in the order in which the names appear first.
struct Children {
  std::vector<Child> by_name;
  std::vector<std::size_t> order;  // the name of each
  bool take_turns = false;
  bool has_text = false;  // that isn't only white space
};

Children children_of(const xmlNode* element, Names names) {
  Children all;
  std::unordered_map<std::string, std::size_t> places;
  for (const xmlNode* node = element->children; node != nullptr; node = node->next) {
    if (is_text(node)) {
      all.has_text = all.has_text ||
                     view(node->content).find_first_not_of(" \t\r\n") != std::string_view::npos;
    }
    if (node->type != XML_ELEMENT_NODE) continue;
    std::string name = spelt(node->ns, node->name, names);
    const auto [place, is_new] = places.try_emplace(name, all.by_name.size());
    if (is_new) all.by_name.push_back({std::move(name), {}});
    if (!is_new && all.order.back() != place->second) all.take_turns = true;
    all.by_name[place->second].elements.push_back(node);
    all.order.push_back(place->second);
  }
  return all;
}

void append_inner_xml(const xmlNode* element, Names names, std::string& out) {
  for (const xmlNode* node = element->children; node != nullptr; node = node->next) {
    if (is_text(node)) append_xml_escaped(view(node->content), out);
    if (node->type != XML_ELEMENT_NODE) continue;
    const std::string name = spelt(node->ns, node->name, names);
    out += '<' + name;
    for (const auto& [key, text] : attributes_of(node, names)) {
      out += ' ' + key + "=\"";
      append_xml_escaped(text, out);
      out += '"';
    }
    out += '>';
    append_inner_xml(node, names, out);
    out += "</" + name + '>';
  }
}

class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    value::append_json_string(name, out_);
    out_ += ':';
  }
  void text(std::string_view name, std::string_view text) {
    key(name);
    value::append_json_string(text, out_);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

Result<void> append_children(const xmlNode* element, Names names, Members& members,
                             std::string& out) {
  const Children children = children_of(element, names);
  for (const Child& child : children.by_name) {
    members.key(child.name);
    const bool many = child.elements.size() > 1;
    if (many) out += '[';
    for (std::size_t i = 0; i < child.elements.size(); ++i) {
      if (i > 0) out += ',';
      if (auto done = append_element_json(child.elements[i], names, out); !done) return done;
    }
    if (many) out += ']';
  }
  if (children.has_text) {
    std::string text;
    for (const xmlNode* node = element->children; node != nullptr; node = node->next) {
      if (is_text(node)) text += view(node->content);
    }
    members.text("#text", text);
    if (!children.by_name.empty()) {
      std::string inner;
      append_inner_xml(element, names, inner);
      members.text("#xml", inner);
    }
  } else if (children.take_turns) {
    members.key("#order");
    for (std::size_t i = 0; i < children.order.size(); ++i) {
      out += i == 0 ? '[' : ',';
      value::append_json_string(children.by_name[children.order[i]].name, out);
    }
    out += ']';
  }
  return {};
}

}  // namespace

bool has_elements(const xmlNode* element) {
  for (const xmlNode* node = element->children; node != nullptr; node = node->next) {
    if (node->type == XML_ELEMENT_NODE) return true;
  }
  return false;
}

void append_text(const xmlNode* node, std::string& out) {
  if (is_text(node)) out += view(node->content);
  if (node->type != XML_ELEMENT_NODE && node->type != XML_ATTRIBUTE_NODE) return;
  for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
    append_text(child, out);
  }
}

bool is_nil(const xmlNode* element) {
  if (element->type != XML_ELEMENT_NODE || element->properties == nullptr) return false;
  std::string text;
  append_text(element, text);
  return text.empty() && !has_elements(element) && element->properties->next == nullptr &&
         says_nil(element->properties);
}

Result<void> append_element_json(const xmlNode* element, Names names, std::string& out) {
  if (out.size() > max_xml_json) {
    return fail(FailureKind::limit, "this XML text gives a value larger than " +
                                        std::to_string(max_xml_json >> 20U) + " MiB");
  }
  if (is_nil(element)) {
    out += "null";
    return {};
  }
  const bool parts = has_elements(element);
  const auto attributes = attributes_of(element, names);
  std::string text;
  if (!parts) append_text(element, text);
  if (!parts && attributes.empty()) {
    value::append_json_string(text, out);
    return {};
  }
  Members members(out);
  for (const auto& [name, attribute] : attributes) members.text("@" + name, attribute);
  if (parts) {
    if (auto done = append_children(element, names, members, out); !done) return done;
  } else if (!text.empty()) {
    members.text("#text", text);
  }
  out += '}';
  return {};
}

Result<void> append_document_json(const XmlDocument& document, std::string& out) {
  Members members(out);
  const xmlNode* root = document.root();
  members.key(spelt(root->ns, root->name, Names::prefixed));
  if (auto done = append_element_json(root, Names::prefixed, out); !done) return done;
  out += '}';
  return {};
}

void append_xml_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    const std::string_view reference = value::markup_reference(c);
    out += reference;
    if (!reference.empty()) continue;
    switch (c) {
      case '\'':
        out += "&apos;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
}

bool in_unescaped_xml(std::string_view before) {
  constexpr std::pair<std::string_view, std::string_view> kinds[] = {
      {"<![CDATA[", "]]>"}, {"<!--", "-->"}, {"<?", "?>"}};
  return std::any_of(std::begin(kinds), std::end(kinds), [&](const auto& kind) {
    const std::size_t open = before.rfind(kind.first);
    return open != std::string_view::npos &&
           before.find(kind.second, open + kind.first.size()) == std::string_view::npos;
  });
}

bool fits_xml(std::string_view text) {
  for (const std::string_view noncharacter : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    if (text.find(noncharacter) != std::string_view::npos) return false;
  }
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
}

}  // namespace fconn::formats
