// The key that erasure plans and journals are sealed with, and where both are kept: the store's key
// and folder of the project, else the user's state folder.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "interpreter/erase/plan.hh"
#include "interpreter/store/sealing.hh"
#include "tools/config/config.hh"

namespace fconn::cli {

class EraseKey final : public erase::Keeper {
 public:
  explicit EraseKey(store::StoreKey key) : sealer_(std::move(key)) {}
  std::string hash(std::string_view text) const override;
  std::string seal(std::string_view text, std::string_view context) const override;
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const override;
  const store::Sealer& sealer() const { return sealer_; }

 private:
  store::Sealer sealer_;
};

/// FCONN_STORE_KEY, the project's store key, or a key file beside the project's store or in
/// $XDG_STATE_HOME/fconn (~/.local/state/fconn). `create`: makes the file where there is none.
value::Result<std::unique_ptr<EraseKey>> open_erase_key(const config::Project* project,
                                                        bool create);

/// Where the journal is when nobody says: beside the project's store, or in the state folder.
std::string default_journal(const config::Project* project);

}  // namespace fconn::cli
