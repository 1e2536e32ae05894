// A row of a collection under a policy: which fields are masked, with what, and what is left alone
// and why. Works on JSON text; whatever isn't masked keeps its bytes (order of keys, spelling of
// numbers, spaces).
//
// Which mask a targeted field gets, first that is there: the policy's for this field; the
// connector's own (`mask EXPR`, with `.` the old value); the policy's for the most special category
// above it; the policy's.
//
// What a value becomes: an object field with a targeted category is masked whole where the strategy
// is null or preserve, else its fields decide. Elements of a list are masked one by one; an empty
// list and a missing field are left alone, a null that is there is masked. (Fides 8.7.)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/eval/eval.hh"
#include "interpreter/ir/ir.hh"
#include "interpreter/privacy/policy.hh"
#include "interpreter/privacy/strategies.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"

namespace fconn::privacy {

/// Why a declared field isn't masked.
enum class LeftAlone : std::uint8_t {
  not_targeted,      // none of its categories is covered
  read_only,         // marked `readonly`
  type_unsupported,  // the strategy doesn't take its type
};
/// "not targeted", "read-only", "its type can't be masked so".
std::string_view name(LeftAlone reason);

/// What a policy says about one declared field, before any row.
struct FieldDecision {
  std::string path;  // "merge_fields.ADDRESS.addr1"; through lists without indices
  bool masked = false;
  LeftAlone reason{};    // unless masked
  std::string category;  // that is targeted; empty if none is
  std::string strategy;  // "null", "hash", …, or "mask of the connector"; empty unless targeted
  std::string text;      // unless masked and targeted all the same: one sentence for a person
};

struct FieldChange {
  std::string path;           // with indices: "emails[1].value"
  std::string category;       // that is targeted
  std::string strategy;       // as FieldDecision::strategy
  std::string before, after;  // JSON texts; personal values: hash or hide before showing
};
/// A targeted field of this row that keeps its value.
struct FieldLeft {
  std::string path;
  LeftAlone reason{};
  std::string text;  // one sentence, without values of the row
};

struct MaskedRow {
  /// `masked`: the masked fields alone, in the row's order; lists as long as their last masked
  /// element, with {} or null where nothing is masked. "{}" when nothing is.
  std::string masked;
  /// `masked_row`: the whole row with them masked and without read-only fields, which no update may
  /// send.
  std::string row;
  std::vector<FieldChange> changes;
  std::vector<FieldLeft> left;
  bool anything() const { return !changes.empty(); }
};

/// One collection under one policy. For one thread at a time.
class RowMasker {
 public:
  /// All must outlive it; `instance` is the key that field overrides name.
  RowMasker(const ir::Collection& collection, std::string_view instance, const Policy& policy,
            const MaskingSecrets& secrets, value::Random& random, eval::Evaluator& evaluator);
  ~RowMasker();
  RowMasker(const RowMasker&) = delete;
  RowMasker& operator=(const RowMasker&) = delete;

  /// Every declared field that has a category or is marked, in order of declaration.
  const std::vector<FieldDecision>& decisions() const;
  /// Whether any field would be masked in a row that has it.
  bool targets_anything() const;

  /// `row` is a JSON object's text. `env` offers params and request_id to masks of the connector;
  /// the rest is set here. Length, choices and format of each field are met or the whole row
  /// fails, before anything could be sent: `rule` with the field, the constraint and what to do.
  value::Result<MaskedRow> mask(std::string_view row, const eval::Environment& env);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fconn::privacy
