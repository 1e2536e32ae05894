#include "tools/fconn/erase_key.hh"

#include <cstdlib>

#include "tools/fconn/files.hh"
#include "tools/fconn/token_file.hh"

namespace fconn::cli {

using value::fail;
using value::Result;

namespace {

/// With a slash at its end.
std::string state_folder(const config::Project* project) {
  if (project != nullptr) {
    const std::string folder = directory_of(project->relative(project->store.path));
    return folder.empty() ? "./" : folder;
  }
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::string(state) + "/fconn/";
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : ".") + "/.local/state/fconn/";
}

}  // namespace

std::string EraseKey::hash(std::string_view text) const {
  return store::hex(sealer_.fingerprint(text));
}

std::string EraseKey::seal(std::string_view text, std::string_view context) const {
  auto printable = store::to_base64(sealer_.seal(text, context));
  FCONN_ASSERT(printable.has_value(), "a key was read, so libsodium is there");
  return *printable;
}

std::optional<std::string> EraseKey::open(std::string_view sealed, std::string_view context) const {
  const auto raw = store::from_base64(sealed);
  if (!raw) return std::nullopt;
  return sealer_.open(*raw, context);
}

Result<std::unique_ptr<EraseKey>> open_erase_key(const config::Project* project, bool create) {
  const std::string folder = state_folder(project);
  if (create) {
    if (auto made = make_folder(folder); !made) return fail(made.error());
  }
  auto key = store_key(project, folder + "store.key", create);
  if (!key) return fail(key.error());
  return std::make_unique<EraseKey>(*std::move(key));
}

std::string default_journal(const config::Project* project) {
  return state_folder(project) + "journal.db";
}

}  // namespace fconn::cli
