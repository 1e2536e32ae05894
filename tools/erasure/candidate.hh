// Rows on their way into an erasure plan, and what of them a person may see. Private to make_plan.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/erase/decide.hh"
#include "interpreter/privacy/hold.hh"
#include "interpreter/privacy/mask_row.hh"
#include "interpreter/run/engine.hh"

namespace fconn::erasure {

/// One collection of one instance, and what the policy makes of it.
struct Subject {
  const run::Instance* instance = nullptr;
  const ir::Collection* collection = nullptr;
  std::unique_ptr<eval::Evaluator> evaluator;
  std::unique_ptr<privacy::RowMasker> masker;
  std::unique_ptr<privacy::CollectionHolds> holds;
  erase::Choice choice;
  std::string blocked;              // why none of its rows is touched
  std::vector<std::string> before;  // collections that go first
  erase::ReadCollection read;
  std::uint64_t unlike = 0;  // found with the key of an earlier row, holding something else
};

/// A row that is to be erased, on its way into the plan.
struct Candidate {
  const run::FoundRow* found = nullptr;
  const std::string* beside = nullptr;  // RowFound
  Subject* subject = nullptr;
  privacy::MaskedRow masked;
  erase::ActionContext context;
  std::string key, reason;
};

/// A value as a text: a string itself, else its JSON.
std::string plain(const value::Value& value);

/// Masks that tell nothing of what they replace; others are shown hashed.
bool tells_nothing(std::string_view strategy);

/// A failure's sentence without values of the row or of the identities.
std::string safe(const value::Failure& failure, const Candidate& candidate);

/// Of a request without a row: the bindings and identities that it is made from, hashed.
std::string binding_key(const run::FoundRow& row, const erase::Keeper& key);

/// What a person may see of the values that the candidate's requests are made from.
run::ErasureValues shown_values(const Candidate& candidate, const erase::Keeper& key);

/// The values themselves, for --reveal: a JSON object's text.
std::string revealed(const Candidate& candidate, const run::DraftedTurn& turn);

}  // namespace fconn::erasure
