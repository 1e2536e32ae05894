#include "interpreter/store/memory_store.hh"

#include <map>
#include <set>
#include <utility>

namespace fconn::store {

using value::Result;

namespace {

class MemoryStore final : public Store {
 public:
  Result<std::optional<StoredToken>> load(const TokenKey& key) override {
    const auto found = tokens_.find(place(key));
    if (found == tokens_.end() || found->second.origin != key.origin) return std::nullopt;
    return found->second.token;
  }

  Result<std::uint64_t> save(const TokenKey& key, const StoredToken& token) override {
    Kept& kept = tokens_[place(key)];
    kept.origin = key.origin;
    kept.token = token;
    return kept.token.serial = ++serial_;
  }

  Result<void> drop(const TokenKey& key, std::uint64_t serial) override {
    const auto found = tokens_.find(place(key));
    if (found != tokens_.end() && found->second.token.serial == serial) {
      found->second.token.dropped = true;
    }
    return {};
  }

  Result<std::size_t> forget(std::string_view instance) override {
    return std::erase_if(tokens_, [&](const auto& entry) { return entry.first.first == instance; });
  }

  Result<std::vector<TokenInfo>> list(std::string_view instance) override {
    std::vector<TokenInfo> infos;
    for (const auto& [at, kept] : tokens_) {
      if (at.first != instance) continue;
      const StoredToken& token = kept.token;
      infos.push_back({at.second, token.obtained, token.expires_at, token.renewable, token.dropped,
                       token.serial});
    }
    return infos;
  }

  Result<std::optional<StoredJob>> load_job(const JobKey& key) override {
    const auto found = jobs_.find({key.instance, key.origin});
    if (found == jobs_.end()) return std::nullopt;
    return found->second;
  }
  Result<void> save_job(const JobKey& key, const StoredJob& job) override {
    jobs_[{key.instance, key.origin}] = job;
    return {};
  }
  Result<void> forget_job(const JobKey& key) override {
    jobs_.erase({key.instance, key.origin});
    return {};
  }

  Result<bool> claim(const TokenKey& key) override { return claimed_.insert(place(key)).second; }
  void release(const TokenKey& key) override { claimed_.erase(place(key)); }

 private:
  using Place = std::pair<std::string, std::string>;
  struct Kept {
    std::string origin;
    StoredToken token;
  };
  static Place place(const TokenKey& key) { return {key.instance, key.name}; }

  std::map<Place, Kept> tokens_;
  std::map<Place, StoredJob> jobs_;  // by instance and origin
  std::set<Place> claimed_;
  std::uint64_t serial_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace fconn::store
