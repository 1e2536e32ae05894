// Jobs that a chain waits for (language.md "Chains"), so that a run that was stopped meanwhile goes
// on waiting instead of making the job again. A port as token_store.hh is, with the same failures.
#pragma once

#include <optional>
#include <string>

#include "interpreter/value/ports.hh"

namespace fconn::store {

/// Whose job it is. `origin` is everything that it was made of (connector, parameters, inputs,
/// identities): personal data, of which only a keyed hash is kept.
struct JobKey {
  std::string instance;
  std::string origin;
};

struct StoredJob {
  std::string value;  // JSON text of what the chain has bound, encrypted at rest
  value::WallTime kept{};
};

/// All calls may block for a short time (a disk); the engine makes them on its loop thread.
class JobStore {
 public:
  virtual ~JobStore() = default;
  virtual value::Result<std::optional<StoredJob>> load_job(const JobKey& key) = 0;
  /// Durable when it returns. Jobs that were kept more than 30 days before this one go.
  virtual value::Result<void> save_job(const JobKey& key, const StoredJob& job) = 0;
  virtual value::Result<void> forget_job(const JobKey& key) = 0;
};

}  // namespace fconn::store
