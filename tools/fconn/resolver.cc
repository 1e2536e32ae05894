#include "tools/fconn/resolver.hh"

#include "tools/fconn/files.hh"

namespace fconn::stdlib {
std::span<const EmbeddedFile> files();  // generated
}
namespace fconn::connectors {
std::span<const EmbeddedFile> files();  // generated
}

namespace fconn::cli {
namespace {

constexpr std::string_view connectors_root = "<connectors>/";
constexpr std::string_view stdlib_root = "<stdlib>/";
constexpr std::string_view suffix = ".fconn";

std::string_view name_of(const EmbeddedFile& file) {
  std::string_view name = file.name.substr(file.name.rfind('/') + 1);
  name.remove_suffix(suffix.size());
  return name;
}

}  // namespace

std::optional<compile::ModuleResolver::Module> embedded_module(std::string_view name) {
  const bool library = name.starts_with(stdlib_root);
  const std::string_view root = library ? stdlib_root : connectors_root;
  for (const EmbeddedFile& file : library ? stdlib::files() : connectors::files()) {
    if (name.size() == root.size() + file.name.size() && name.ends_with(file.name)) {
      return compile::ModuleResolver::Module{std::string(name), std::string(file.text)};
    }
  }
  return std::nullopt;
}

std::vector<Bundled> bundled_connectors() {
  std::vector<Bundled> out;
  for (const EmbeddedFile& file : connectors::files()) {
    if (!file.name.ends_with(".test.fconn")) out.push_back({name_of(file), file.name, file.text});
  }
  return out;
}

const EmbeddedFile* bundled_connector(std::string_view name) {
  for (const EmbeddedFile& file : connectors::files()) {
    if (name_of(file) == name) return &file;
  }
  return nullptr;
}

std::optional<compile::ModuleResolver::Module> Resolver::module(std::string_view from,
                                                                std::string_view path) {
  const std::string name = join(directory_of(from), path);
  if (from.starts_with('<')) return embedded_module(name);
  auto text = read_file(name, overlay_);
  if (!text) return std::nullopt;
  return Module{name, std::move(*text)};
}

std::optional<compile::ModuleResolver::Module> Resolver::connector(std::string_view name) {
  const EmbeddedFile* file = bundled_connector(name);
  if (file == nullptr) return std::nullopt;
  return Module{std::string(connectors_root) + std::string(file->name), std::string(file->text)};
}

std::vector<std::string> Resolver::connector_names() const {
  std::vector<std::string> names;
  for (const Bundled& connector : bundled_connectors()) names.emplace_back(connector.name);
  return names;
}

std::vector<compile::ModuleResolver::Module> Resolver::standard_library() const {
  std::vector<Module> out;
  for (const EmbeddedFile& file : stdlib::files()) {
    out.push_back({std::string(stdlib_root) + std::string(file.name), std::string(file.text)});
  }
  return out;
}

}  // namespace fconn::cli
