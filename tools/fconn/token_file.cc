#include "tools/fconn/token_file.hh"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "interpreter/store/sqlite_store.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/value_files.hh"

namespace fconn::cli {

using value::fail;
using value::FailureKind;

namespace {

bool fetches_tokens(const ir::Connector& connector) {
  return std::any_of(
      connector.clients.begin(), connector.clients.end(), [](const ir::Client& client) {
        return std::any_of(client.auths.begin(), client.auths.end(),
                           [](const ir::Auth& auth) { return !auth.tokens.empty(); });
      });
}

bool waits_for_jobs(const ir::Chain& chain) {
  const auto waits = [](const ir::Step& step) { return step.request && step.request->until; };
  return (chain.request && chain.request->until && !chain.steps.empty()) ||
         std::any_of(chain.steps.begin(), chain.steps.end(), waits);
}

bool waits_for_jobs(const ir::Connector& connector) {
  return std::any_of(connector.collections.begin(), connector.collections.end(),
                     [](const ir::Collection& collection) {
                       return std::any_of(
                           collection.reads.begin(), collection.reads.end(),
                           [](const ir::Read& read) { return waits_for_jobs(read.chain); });
                     });
}

}  // namespace

value::Result<store::StoreKey> store_key(const config::Project* project, const std::string& file,
                                         bool create) {
  constexpr const char* variable = "FCONN_STORE_KEY";
  if (project != nullptr && project->store.key) {
    auto text = read_secret(*project->store.key, project);
    if (!text) return fail(FailureKind::configuration, "the store's key: " + text.error().text);
    return store::StoreKey::parse(*text);
  }
  if (const char* given = std::getenv(variable)) {
    auto key = store::StoreKey::parse(given);
    if (!key) return fail(FailureKind::configuration, variable + (": " + key.error().text));
    return key;
  }
  return store::StoreKey::from_file(file, create);
}

bool needs_store(const std::vector<Loaded>& targets) {
  return std::any_of(targets.begin(), targets.end(), [](const Loaded& one) {
    return one.target.kind == TargetKind::instance && one.connector &&
           (fetches_tokens(*one.connector) || waits_for_jobs(*one.connector));
  });
}

value::Result<std::unique_ptr<store::Store>> open_store(const config::Project& project) {
  const std::string path = project.relative(project.store.path);
  const std::string folder = directory_of(path);
  if (!folder.empty() && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(FailureKind::output,
                "the store's folder " + folder + " can't be made: " + std::strerror(errno));
  }
  auto key = store_key(&project, directory_of(path) + "store.key", true);
  if (!key) return fail(key.error());
  return store::open_sqlite_store(path, *std::move(key));
}

Problem no_place_for_tokens(const Loaded& target) {
  if (target.connector && !fetches_tokens(*target.connector)) {
    return {target.key + " fetches no tokens, so there is nothing to sign in for",
            "give its secrets as for any run", ""};
  }
  return {"a token of " + target.key + " would be gone with the program",
          "make it an instance of a fconn.toml: tokens are kept beside that", ""};
}

value::Result<value::OwnedValue> read_token_file(const std::string& path) {
  auto text = read_file(path);
  if (!text) return fail(text.error());
  value::Arena arena;
  auto parsed = value::parse_json(*text, arena);
  if (!parsed || parsed->kind != value::Kind::object) {
    return fail(FailureKind::configuration,
                "'" + path + "' is no token: a JSON object with access_token is expected");
  }
  return value::OwnedValue(parsed->as_secret());
}

}  // namespace fconn::cli
