#include "tools/openapi/document.hh"

#include <algorithm>
#include <array>

#include "tools/openapi/security.hh"

namespace fconn::openapi {
namespace {

using grammar::diagnostic;
using grammar::DiagnosticId;

bool is_json(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type == "application/json" || type == "text/json" || type == "*/*" ||
         type == "application/*" || type.ends_with("+json");
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

class DocumentReader {
 public:
  DocumentReader(const Node& root, Refs& refs, bool swagger)
      : root_(root), refs_(refs), swagger_(swagger) {}

  Document read() {
    const Node* info = refs_.member(&root_, "info");
    out_.title = text_of(info, "title");
    out_.description = text_of(info, "description");
    out_.docs = text_of(refs_.member(&root_, "externalDocs"), "url");
    const Server server = swagger_ ? swagger_server() : first_server(&root_).value_or(Server());
    if (const Node* tags = root_.find("tags")) {
      for (const Node& tag : tags->items) out_.tags.push_back(text_of(&tag, "name"));
    }
    for (const importer::Entry& path : root_.find("paths")->entries) {
      if (path.key.starts_with('/')) path_item(path, server);
    }
    read_security(root_, refs_, out_);
    return std::move(out_);
  }

 private:
  Server swagger_server() const {
    Server out;
    const std::string host = text_of(&root_, "host");
    if (!host.empty()) out.url = "https://" + host;
    if (const Node* schemes = root_.find("schemes")) {
      out.plain_http = !schemes->items.empty() &&
                       std::none_of(schemes->items.begin(), schemes->items.end(),
                                    [](const Node& one) { return one.text == "https"; });
    }
    out.url = without_slash(out.url + text_of(&root_, "basePath"));
    return out;
  }

  /// Of a document, a path or a request; the first is the one that is meant by default.
  std::optional<Server> first_server(const Node* owner) {
    const Node* servers = owner->find("servers");
    if (servers == nullptr || servers->items.empty()) return std::nullopt;
    const Node& first = servers->items.front();
    Server out;
    out.url = without_slash(text_of(&first, "url"));
    out.plain_http = out.url.starts_with("http://");
    const Node* variables = first.find("variables");
    if (variables == nullptr) return out;
    for (const importer::Entry& variable : variables->entries) {
      Server::Variable one{variable.key, text_of(&variable.value, "default"), {}};
      if (const Node* choices = variable.value.find("enum")) {
        for (const Node& choice : choices->items) one.choices.push_back(choice.text);
      }
      out.variables.push_back(std::move(one));
    }
    return out;
  }

  void path_item(const importer::Entry& path, const Server& server) {
    const Node* item = refs_.follow(&path.value);
    if (item == nullptr) return;
    constexpr std::array<std::string_view, 4> methods = {"post", "put", "patch", "delete"};
    for (const std::string_view method : methods) {
      if (item->find(method) != nullptr) out_.other_methods[path.key].emplace_back(method);
    }
    const Node* get = refs_.member(item, "get");
    if (get == nullptr) return;
    Operation one;
    one.path = path.key;
    one.where = path.key_span;
    one.summary = text_of(get, "summary");
    one.server = server;
    if (const auto own = first_server(item)) one.server = *own;
    if (const auto own = first_server(get)) one.server = *own;
    if (const Node* tags = get->find("tags")) {
      for (const Node& tag : tags->items) one.tags.push_back(tag.text);
    }
    parameters(item, one);
    parameters(get, one);
    answer(*get, one);
    const Node* deprecated = get->find("deprecated");
    if (deprecated != nullptr && importer::as_bool(*deprecated).value_or(false)) {
      one.why_not = "left out: it is deprecated";
    }
    out_.reads.push_back(std::move(one));
  }

  /// A request's parameter takes the place of its path's of the same name.
  void parameters(const Node* owner, Operation& out) {
    const Node* list = owner->find("parameters");
    if (list == nullptr) return;
    for (const Node& item : list->items) {
      const Node* node = refs_.follow(&item);
      if (node == nullptr) continue;
      const std::string in = text_of(node, "in");
      if (in != "path" && in != "query" && in != "header") continue;
      Parameter one;
      one.name = text_of(node, "name");
      one.place = in == "path" ? Place::path : in == "query" ? Place::query : Place::header;
      const Node* required = node->find("required");
      one.required = required != nullptr && importer::as_bool(*required).value_or(false);
      one.schema = swagger_ ? node : refs_.member(node, "schema");
      one.where = node->span;
      const auto same = std::find_if(
          out.parameters.begin(), out.parameters.end(),
          [&one](const Parameter& p) { return p.name == one.name && p.place == one.place; });
      if (same == out.parameters.end()) {
        out.parameters.push_back(std::move(one));
      } else {
        *same = std::move(one);
      }
    }
  }

  void answer(const Node& get, Operation& out) {
    const Node* responses = refs_.member(&get, "responses");
    const Node* good = nullptr;
    if (responses != nullptr) {
      for (const std::string_view status : {"200", "2XX", "2xx", "default"}) {
        if (good == nullptr) good = refs_.member(responses, status);
      }
    }
    if (good == nullptr) {
      out.why_not = "left out: it has no answer 200";
      return;
    }
    if (const Node* headers = refs_.member(good, "headers")) {
      out.link_header = headers->find("Link") != nullptr || headers->find("link") != nullptr;
    }
    out.answer = swagger_ ? swagger_answer(get, *good) : json_answer(*good);
    if (out.answer == nullptr) {
      out.why_not = "left out: its answer isn't described as JSON";
    }
  }

  const Node* json_answer(const Node& response) {
    const Node* content = refs_.member(&response, "content");
    if (content == nullptr) return nullptr;
    for (const importer::Entry& type : content->entries) {
      if (is_json(type.key)) return type.value.find("schema");
    }
    return nullptr;
  }

  const Node* swagger_answer(const Node& get, const Node& response) const {
    const Node* produces = get.find("produces");
    if (produces == nullptr) produces = root_.find("produces");
    if (produces != nullptr && !produces->items.empty() &&
        std::none_of(produces->items.begin(), produces->items.end(),
                     [](const Node& type) { return is_json(type.text); })) {
      return nullptr;
    }
    return response.find("schema");
  }

  const Node& root_;
  Refs& refs_;
  bool swagger_;
  Document out_;
};

}  // namespace

std::string text_of(const Node* node, std::string_view key) {
  if (node == nullptr) return "";
  const Node* found = node->find(key);
  return found != nullptr && found->kind == Node::Kind::scalar ? found->text : "";
}

std::optional<Document> read_document(const Node& root, Refs& refs,
                                      grammar::Diagnostics& diagnostics) {
  const auto refuse = [&](std::string text, std::string help) {
    diagnostics.push_back(
        diagnostic(DiagnosticId::not_openapi, root.span, std::move(text), std::move(help)));
    return std::nullopt;
  };
  const std::string version = text_of(&root, "openapi");
  const std::string swagger = text_of(&root, "swagger");
  if (version.empty() && swagger.empty()) {
    return refuse("this says neither `openapi` nor `swagger`",
                  "a document begins with `openapi: \"3.0.3\"` or `swagger: \"2.0\"`");
  }
  const bool known = version.starts_with("3.0") || version.starts_with("3.1") ||
                     (version.empty() && swagger.starts_with("2"));
  if (!known) {
    return refuse("version " + (version.empty() ? swagger : version) + " isn't read",
                  "OpenAPI 3.0 and 3.1 and Swagger 2.0 are");
  }
  const Node* paths = root.find("paths");
  if (paths == nullptr || paths->kind != Node::Kind::map) return refuse("there are no `paths`", "");
  return DocumentReader(root, refs, version.empty()).read();
}

}  // namespace fconn::openapi
