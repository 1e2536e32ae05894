// Texts that a connector leans on: files on disk, the standard library and bundled connectors
// inside the program. Embedded files are named `<stdlib>/…` and `<connectors>/…`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "interpreter/compile/compile.hh"
#include "tools/embed/embedded.hh"
#include "tools/fconn/files.hh"

namespace fconn::cli {

/// A bundled connector: its name is its file's name without ".fconn".
struct Bundled {
  std::string_view name;
  std::string_view path;  // "mailchimp/mailchimp.fconn"
  std::string_view text;
};
/// All of them, in the order of connectors/meson.build.
std::vector<Bundled> bundled_connectors();
/// Null when there is none.
const fconn::EmbeddedFile* bundled_connector(std::string_view name);

/// The text of one by its name; null when there is none.
std::optional<compile::ModuleResolver::Module> embedded_module(std::string_view name);

class Resolver : public compile::ModuleResolver {
 public:
  explicit Resolver(TextOverlay overlay = {}) : overlay_(std::move(overlay)) {}
  std::optional<Module> module(std::string_view from, std::string_view path) override;
  std::optional<Module> connector(std::string_view name) override;
  std::vector<std::string> connector_names() const override;
  std::vector<Module> standard_library() const override;

 private:
  TextOverlay overlay_;
};

}  // namespace fconn::cli
