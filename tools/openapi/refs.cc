#include <charconv>

#include "tools/openapi/document.hh"

namespace fconn::openapi {
namespace {

constexpr int most_hops = 32;
/// Over all answers of a document: some seconds.
constexpr std::size_t most_schemas = 5'000'000;

/// A token of a JSON Pointer in a URI fragment (RFC 6901, 3 and 6).
std::string decoded(std::string_view token) {
  std::string plain;
  for (std::size_t i = 0; i < token.size(); ++i) {
    unsigned code = 0;
    if (token[i] == '%' && i + 2 < token.size() &&
        std::from_chars(token.data() + i + 1, token.data() + i + 3, code, 16).ptr ==
            token.data() + i + 3) {
      plain += static_cast<char>(code);
      i += 2;
    } else {
      plain += token[i];
    }
  }
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool escape = plain[i] == '~' && i + 1 < plain.size();
    if (escape && (plain[i + 1] == '0' || plain[i + 1] == '1')) {
      out += plain[++i] == '0' ? '~' : '/';
    } else {
      out += plain[i];
    }
  }
  return out;
}

}  // namespace

bool Refs::spend() {
  if (++spent_ == most_schemas) {
    report_.say(root_.span, "schemas", "not all are looked at: together they are too many");
  }
  return spent_ < most_schemas;
}

const Node* Refs::child(const Node& map, const std::string& key) {
  constexpr std::size_t few = 64;
  if (map.entries.size() <= few) return map.find(key);
  auto& index = indices_[&map];
  if (index.empty()) {
    for (const importer::Entry& entry : map.entries) index.emplace(entry.key, &entry.value);
  }
  const auto found = index.find(key);
  return found == index.end() ? nullptr : found->second;
}

const Node* Refs::walk(std::string_view pointer) {
  const Node* node = &root_;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::size_t end = pointer.find('/');
    const std::string token = decoded(pointer.substr(0, end));
    if (node->kind == Node::Kind::list) {
      std::size_t index = node->items.size();
      std::from_chars(token.data(), token.data() + token.size(), index);
      if (index >= node->items.size()) return nullptr;
      node = &node->items[index];
    } else {
      node = child(*node, token);
    }
    if (node == nullptr) return nullptr;
    pointer.remove_prefix(end == std::string_view::npos ? pointer.size() : end);
  }
  return node;
}

const Node* Refs::target(const Node& reference) {
  const auto [place, fresh] = known_.emplace(reference.text, nullptr);
  if (!fresh) return place->second;
  const std::string& text = reference.text;
  if (!text.starts_with('#')) {
    if (!left_) {
      diagnostics_.push_back(grammar::diagnostic(
          grammar::DiagnosticId::openapi_reference, reference.span,
          "`" + text + "` is in another document, and nothing is fetched",
          "bundle the documents into one first; there may be more references like this one"));
    }
    left_ = true;
    return nullptr;
  }
  if (text.size() > 1 && text[1] == '/') place->second = walk(std::string_view(text).substr(1));
  if (text == "#") place->second = &root_;
  if (place->second != nullptr) return place->second;
  report_.say(reference.span, text, "leads nowhere, so it describes nothing");
  return nullptr;
}

const Node* Refs::follow(const Node* node) {
  for (int hops = 0; node != nullptr && hops < most_hops; ++hops) {
    const Node* reference = node->find("$ref");
    if (reference == nullptr || reference->kind != Node::Kind::scalar) return node;
    node = target(*reference);
  }
  if (node == nullptr) return nullptr;
  const Node* reference = node->find("$ref");
  if (known_.emplace("circle " + reference->text, nullptr).second) {
    report_.say(reference->span, reference->text, "leads around in a circle and describes nothing");
  }
  return nullptr;
}

const Node* Refs::member(const Node* node, std::string_view key) {
  return node == nullptr ? nullptr : follow(node->find(key));
}

}  // namespace fconn::openapi
