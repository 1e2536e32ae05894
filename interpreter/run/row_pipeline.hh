// A row's way through `keep`, `map` and `take`, in the order written, into a Page. Evaluates on
// cells that lie in the response; a `map` that is an object literal is written straight into the
// page's text.
#pragma once

#include <functional>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/rows/json_reader.hh"
#include "interpreter/rows/seen_set.hh"
#include "interpreter/run/observer.hh"
#include "interpreter/run/page.hh"

namespace fconn::run {

class RowPipeline final : public rows::RowHandler {
 public:
  /// How the rows of one request are treated; `read` and `collection` are null for a request that
  /// gives no rows to a collection (check, a `let`). All outlive the pipeline.
  struct Site {
    const ir::Request* request = nullptr;
    const ir::Read* read = nullptr;
    const ir::Collection* collection = nullptr;
    bool feeds = false;  // other collections need its cells
    bool bound = false;  // the rows of a `let`, which may be any values
  };
  /// Called when the page is large enough to be put aside (a streamed response).
  using Full = std::function<value::Result<void>(Page&)>;

  /// Told of each row and what became of it.
  using Watch = std::function<void(const SeenRow&, const eval::Environment&)>;

  RowPipeline(Site site, eval::Evaluator& evaluator, rows::RowHasher hasher);

  /// Before each response. `env` must stay valid and hold everything but row cells;
  /// `keep_identities` are the alternatives that a keep holds for any of (empty: env's own);
  /// `taken` counts rows of the chain for `take`.
  void begin(const eval::Environment& env,
             const std::vector<std::vector<value::Value>>& keep_identities, std::uint64_t& taken,
             Page& page, Full full = {}, std::size_t full_bytes = 0);

  /// For the rows that follow; none: nobody is told.
  void watch(Watch told) { watch_ = std::move(told); }

  value::Result<void> row(std::string_view text, std::span<const std::string_view> cells) override;

  std::uint64_t kept() const { return kept_; }
  std::uint64_t dropped() const { return dropped_; }
  /// A `take` cut something off.
  bool cut() const { return cut_; }
  /// Of a streamed response: a hash of its rows as they came, to tell a page that repeats.
  std::uint64_t signature() const { return signature_; }

 private:
  enum class Verdict : std::uint8_t { keep, drop };
  value::Result<Verdict> apply_ops(std::string_view text);
  value::Result<bool> keep(const ir::RowOp& op);
  value::Result<void> finish_row(std::string_view text);
  value::Result<void> write_cells();
  value::Result<value::RowHash> hash_row(std::string_view row_text);
  value::Result<void> reparse(std::string_view row_text);

  Site site_;
  eval::Evaluator& evaluator_;
  rows::RowHasher hasher_;
  std::size_t last_map_;  // index of the last map, or the number of ops
  value::Arena arena_;
  eval::Environment env_;
  const std::vector<std::vector<value::Value>>* keep_identities_ = nullptr;
  std::uint64_t* taken_ = nullptr;
  Page* page_ = nullptr;
  Full full_;
  std::size_t full_bytes_ = 0;
  std::uint64_t kept_ = 0, dropped_ = 0;
  std::uint64_t signature_ = 0;
  bool cut_ = false;
  bool written_ = false;  // the row's text is in the page already
  std::size_t op_ = 0;    // clause that the row has come to
  Watch watch_;
  // Only for maps that can't be seen through.
  std::unique_ptr<rows::CompiledProjection> reparse_projection_;
  std::unique_ptr<rows::JsonReader> reparse_reader_;
  std::string scratch_;
  std::vector<std::string> reparsed_;
  std::string key_text_;
};

}  // namespace fconn::run
