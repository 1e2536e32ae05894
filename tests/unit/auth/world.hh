// A connector in an engine whose world is scripted: every request is answered by a function, time
// jumps to the next thing to do.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "interpreter/run/engine.hh"
#include "interpreter/store/memory_store.hh"
#include "tools/contract/offline.hh"

namespace fconn::test {

/// What the world answers, and what tests look at.
struct Answer {
  int status = 200;
  std::string body = "{}";
  http::Headers headers;
};
struct Asked {
  std::string method, path, body;
  http::QueryPairs query;
  http::Headers headers;
  std::string header(std::string_view name) const;
};
using Script = std::function<Answer(const Asked&)>;

class World {
 public:
  /// `client` is what stands in the client's block; the connector reads /items/1 … /items/`items`
  /// (a list parameter), in parallel.
  World(const std::string& client, std::map<std::string, std::string> secrets, int items = 1,
        const std::string& request = "GET /items/{n}");

  run::RunSummary run(const Script& script);

  run::Options options;
  store::TokenStore* tokens = nullptr;  // none: the engine's own
  run::Login* login = nullptr;
  std::optional<std::string> given;  // JSON of --token
  std::vector<Asked> asked;          // of the last run
  std::size_t rows = 0;
  std::size_t count(std::string_view path) const;
  contract::JumpingClock clock;

 private:
  std::shared_ptr<const ir::Connector> connector_;
  std::map<std::string, std::string> secrets_;
  int items_;
};

}  // namespace fconn::test
