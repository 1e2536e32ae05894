// XPath in texts, and in values that came from XML.
#include <algorithm>
#include <cmath>
#include <set>

#include "interpreter/formats/xml.hh"
#include "interpreter/formats/xml_document.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

constexpr std::string_view instance_namespace = "http://www.w3.org/2001/XMLSchema-instance";
// Values come from documents that are no deeper.
constexpr std::size_t deepest_value = 512;

void ignore_error(void*, xmlErrorPtr) {}

struct PathContext {
  PathContext(const XmlLibrary& functions, xmlDocPtr document)
      : library(functions), context(functions.xmlXPathNewContext(document)) {}
  ~PathContext() {
    if (found != nullptr) library.xmlXPathFreeObject(found);
    if (context != nullptr) library.xmlXPathFreeContext(context);
  }
  PathContext(const PathContext&) = delete;
  PathContext& operator=(const PathContext&) = delete;
  const XmlLibrary& library;
  xmlXPathContextPtr context;
  xmlXPathObjectPtr found = nullptr;
};

/// Every name loses its namespace; xsi:nil keeps its own, as it makes an element null.
void drop_namespaces(xmlNode* node) {
  for (; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    node->ns = nullptr;
    for (xmlAttr* one = node->properties; one != nullptr; one = one->next) {
      const bool keeps = one->ns != nullptr && view(one->ns->href) == instance_namespace;
      if (!keeps) one->ns = nullptr;
    }
    drop_namespaces(node->children);
  }
}

Result<void> append_node(const xmlNode* node, Names names, std::string& out) {
  if (node->type == XML_NAMESPACE_DECL) {
    value::append_json_string(view(reinterpret_cast<const xmlNs*>(node)->href), out);
    return {};
  }
  if (node->type == XML_DOCUMENT_NODE) {
    return fail(FailureKind::shape,
                "this path finds the document itself; name an element, or use `parse_xml`");
  }
  if (node->type == XML_ELEMENT_NODE && (is_nil(node) || has_elements(node))) {
    return append_element_json(node, names, out);
  }
  std::string text;
  if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE) text = view(node->content);
  append_text(node, text);
  value::append_json_string(text, out);
  return {};
}

void append_number(double number, std::string& out) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (!std::isfinite(number)) {
    out += "null";
  } else if (number == std::floor(number) && std::abs(number) < exact) {
    out += std::to_string(static_cast<std::int64_t>(number));
  } else {
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", number);
    out += text;
  }
}

Result<std::string> found_json(const xmlXPathObject& found, Names names) {
  std::string out = "[";
  switch (found.type) {
    case XPATH_NODESET: {
      const int count = found.nodesetval == nullptr ? 0 : found.nodesetval->nodeNr;
      for (int i = 0; i < count; ++i) {
        if (i > 0) out += ',';
        if (auto done = append_node(found.nodesetval->nodeTab[i], names, out); !done) {
          return fail(std::move(done.error()));
        }
      }
      break;
    }
    case XPATH_BOOLEAN:
      out += found.boolval != 0 ? "true" : "false";
      break;
    case XPATH_NUMBER:
      append_number(found.floatval, out);
      break;
    case XPATH_STRING:
      value::append_json_string(view(found.stringval), out);
      break;
    default:
      return fail(FailureKind::shape, "this path finds nothing that is a value");
  }
  return out + "]";
}

tl::unexpected<value::Failure> wrong_path(const xmlXPathContext& context) {
  const int code = context.lastError.code;
  if (code == XML_XPATH_UNDEF_PREFIX_ERROR) {
    return fail(FailureKind::shape,
                "a prefix of this path isn't declared; say what it stands for: "
                "xpath(…, \"//a:Id\", { a: \"https://…\" })");
  }
  return fail(FailureKind::shape, "this path can't be followed" + reason(&context.lastError));
}

Result<std::string> follow(const XmlLibrary& library, const XmlDocument& document, xmlNodePtr start,
                           std::string_view path, const std::optional<Namespaces>& namespaces) {
  if (!namespaces) drop_namespaces(document.root());
  PathContext at(library, document.get());
  if (at.context == nullptr) return fail(FailureKind::limit, "there is no memory for this path");
  at.context->error = ignore_error;
  at.context->opLimit = max_xpath_operations;
  at.context->node = start;
  for (const auto& [prefix, uri] : namespaces.value_or(Namespaces{})) {
    if (library.xmlXPathRegisterNs(at.context, reinterpret_cast<const xmlChar*>(prefix.c_str()),
                                   reinterpret_cast<const xmlChar*>(uri.c_str())) != 0) {
      return fail(FailureKind::shape, "`" + prefix + "` can't be a prefix");
    }
  }
  const std::string text(path);
  if (text.find('\0') != std::string::npos) return wrong_path(*at.context);
  at.found =
      library.xmlXPathEvalExpression(reinterpret_cast<const xmlChar*>(text.c_str()), at.context);
  if (at.found == nullptr) return wrong_path(*at.context);
  return found_json(*at.found, namespaces ? Names::prefixed : Names::local);
}

// ---- values to XML -----------------------------------------------------------------------------

bool is_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9') || name[0] == '-' || name[0] == '.') {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || c == '-' || c == '_' || c == '.' || c == ':' ||
           byte >= 0x80;
  });
}

class ValueWriter {
 public:
  ValueWriter(value::Arena& arena, std::string& out) : arena_(arena), out_(out) {}

  /// Elements called `name`: one, or one for each element of a list.
  Result<void> elements(std::string_view name, const Value& from) {
    const Value content = value::decoded(from, arena_);
    if (content.kind != Kind::list) return element(name, content);
    for (const Value& one : content.list_view()) {
      if (auto done = element(name, value::decoded(one, arena_)); !done) return done;
    }
    return {};
  }

  Result<void> element(std::string_view name, const Value& content) {
    if (!is_name(name) || content.kind == Kind::list || ++depth_ > deepest_value) return foreign();
    note_prefix(name);
    (out_ += '<') += name;
    if (content.is_null()) {
      ((out_ += " xmlns:xsi=\"") += instance_namespace) += "\" xsi:nil=\"true\"/>";
      --depth_;
      return {};
    }
    if (content.kind == Kind::object) {
      if (auto done = attributes(content); !done) return done;
    }
    out_ += '>';
    if (auto done = inner(content); !done) return done;
    ((out_ += "</") += name) += '>';
    --depth_;
    return {};
  }

  /// Prefixes whose declarations stayed outside the element, as attributes that declare them.
  std::string missing_declarations() const {
    std::string text;
    for (const std::string& prefix : used_) {
      if (!declared_.contains(prefix))
        text += " xmlns:" + prefix + "=\"urn:outside:" + prefix + '"';
    }
    return text;
  }

 private:
  static tl::unexpected<value::Failure> foreign() {
    return fail(FailureKind::shape, "this object isn't a value that came from XML");
  }

  Result<void> scalar(const Value& content) {
    if (content.kind == Kind::string) {
      if (!fits_xml(content.view())) return foreign();
      append_xml_escaped(content.view(), out_);
      return {};
    }
    if (content.kind == Kind::object || content.kind == Kind::list || content.kind == Kind::bytes) {
      return foreign();
    }
    if (!content.is_null()) value::append_json(content, out_);
    return {};
  }

  Result<void> attributes(const Value& content) {
    for (const value::Member& member : content.object_view()) {
      if (!member.key.starts_with('@')) continue;
      const std::string_view name = member.key.substr(1);
      if (!is_name(name)) return foreign();
      note_prefix(name);
      ((out_ += ' ') += name) += "=\"";
      if (auto done = scalar(value::decoded(member.value, arena_)); !done) return done;
      out_ += '"';
    }
    return {};
  }

  Result<void> inner(const Value& content) {
    if (content.kind != Kind::object) return scalar(content);
    if (const Value* mixed = value::find_member(content, "#xml")) {
      const Value text = value::decoded(*mixed, arena_);
      if (text.kind != Kind::string) return foreign();
      out_ += text.view();
      return {};
    }
    if (const Value* order = value::find_member(content, "#order")) {
      return in_order(content, value::decoded(*order, arena_));
    }
    for (const value::Member& member : content.object_view()) {
      if (member.key.starts_with('@')) continue;
      if (member.key == "#text") {
        if (auto done = scalar(value::decoded(member.value, arena_)); !done) return done;
      } else if (auto done = elements(member.key, member.value); !done) {
        return done;
      }
    }
    return {};
  }

  struct Queue {
    std::string_view name;
    Value all;
    std::size_t next = 0;
  };

  Result<void> in_order(const Value& content, const Value& order) {
    if (order.kind != Kind::list) return foreign();
    std::vector<Queue> queues;
    for (const Value& spelt : order.list_view()) {
      const Value name = value::decoded(spelt, arena_);
      const Value* found =
          name.kind == Kind::string ? value::find_member(content, name.view()) : nullptr;
      if (found == nullptr) return foreign();
      auto queue = std::find_if(queues.begin(), queues.end(),
                                [&](const Queue& one) { return one.name == name.view(); });
      if (queue == queues.end()) {
        queue = queues.insert(queue, {name.view(), value::decoded(*found, arena_)});
      }
      const bool many = queue->all.kind == Kind::list;
      if (queue->next >= (many ? queue->all.count : 1)) return foreign();
      const Value& one = many ? queue->all.elements[queue->next] : queue->all;
      ++queue->next;
      if (auto done = element(name.view(), value::decoded(one, arena_)); !done) return done;
    }
    return {};
  }

  void note_prefix(std::string_view name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) return;
    if (name.starts_with("xmlns:")) {
      declared_.emplace(name.substr(colon + 1));
    } else if (!name.starts_with("xml:")) {
      used_.emplace(name.substr(0, colon));
    }
  }

  value::Arena& arena_;
  std::string& out_;
  std::size_t depth_ = 0;
  std::set<std::string> used_, declared_;
};

/// The root element of an object that is a whole document; null when it is an element.
const value::Member* document_root(const Value& from, value::Arena& arena) {
  if (from.count != 1) return nullptr;
  const value::Member& only = from.members[0];
  const bool element = is_name(only.key) && value::decoded(only.value, arena).kind != Kind::list;
  return element ? &only : nullptr;
}

}  // namespace

Result<std::string> xpath_to_json(std::string_view bytes, std::string_view path,
                                  const std::optional<Namespaces>& namespaces) {
  auto library = load_xml();
  if (!library) return fail(std::move(library.error()));
  auto document = parse_xml(*library, bytes);
  if (!document) return fail(std::move(document.error()));
  return follow(*library, *document, reinterpret_cast<xmlNodePtr>(document->get()), path,
                namespaces);
}

Result<std::string> xpath_to_json(const Value& from, std::string_view path,
                                  const std::optional<Namespaces>& namespaces,
                                  value::Arena& arena) {
  const value::Member* root = document_root(from, arena);
  const bool rooted = path.starts_with('/') && !path.starts_with("//");
  if (root == nullptr && rooted) {
    return fail(FailureKind::shape,
                "this is an element of a document, so a path into it can't begin at `/`");
  }
  std::string text;
  ValueWriter writer(arena, text);
  auto written =
      root != nullptr ? writer.elements(root->key, root->value) : writer.element("value", from);
  if (!written) return fail(std::move(written.error()));
  if (root == nullptr && !namespaces) {
    text.insert(std::string_view("<value").size(), writer.missing_declarations());
  }
  auto library = load_xml();
  if (!library) return fail(std::move(library.error()));
  auto document = parse_xml(*library, text);
  if (!document) return fail(std::move(document.error()));
  xmlNodePtr start =
      root != nullptr ? reinterpret_cast<xmlNodePtr>(document->get()) : document->root();
  return follow(*library, *document, start, path, namespaces);
}

}  // namespace fconn::formats
