// The journal of erasures: what was about to be sent, what became of it, in one file that shows
// when somebody changed it. A record is on the disk when append() returns (SQLite in WAL mode,
// synchronous = FULL), and records are chained: each one's hash covers the hash before it. Who has
// the key can also tell a chain that was forged as a whole, as every hash is sealed with it.
//
// Holds no personal values and no secrets in the clear: identifiers come in hashed, and what a
// chain of requests needs to go on is sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "interpreter/store/sealing.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"

namespace fconn::store {

struct JournalRecord {
  std::int64_t number = 0;  // 1, 2, … without gaps
  std::string run;          // "01J…"
  value::WallTime at{};
  std::string kind;    // "begin", "intent", "outcome", "settled", "decided", "proof", "end"
  std::string action;  // id of an action of the plan; empty for records of the run
  std::string data;    // a JSON object's text
  std::string hash;    // 64 hexadecimal digits
};

/// What is wrong with a journal, or that nothing is.
struct JournalCheck {
  std::int64_t records = 0;
  std::string head;                    // hash of the last record; empty without records
  std::vector<std::string> problems;   // one sentence each, naming the record
  std::vector<std::string> open_runs;  // that have no `end`: stopped, or cut off
  bool sealed = false;                 // seals were checked, too
  bool intact() const { return problems.empty(); }
};

/// The bytes that a record's hash covers, after the hash before it. docs/erasure.md shows them.
std::string journal_text(const std::string& previous, const JournalRecord& record);

class Journal {
 public:
  enum class Use : std::uint8_t {
    write,  // makes the file (mode 0600) where there is none
    read,   // a `configuration` failure where there is none
  };
  /// `key` seals; without one only reading works, and only the chain can be verified. The sealer
  /// must outlive the journal.
  static value::Result<std::unique_ptr<Journal>> open(const std::string& path, const Sealer* key,
                                                      Use use);
  virtual ~Journal() = default;

  /// Whose apply of a plan it is until the journal is closed, in this process or another: false
  /// when somebody else holds it.
  virtual value::Result<bool> claim(const std::string& plan) = 0;

  /// Where a chain of requests stands; empty text: that is forgotten.
  struct State {
    std::string plan, text;
  };
  /// Gives the record its number and hash. Durable when it returns; on a failure (`output`: a full
  /// disk) nothing of it is there, and nothing may be sent. `state` is sealed and kept with it, in
  /// one step, for the record's action.
  virtual value::Result<void> append(JournalRecord& record, const State* state = nullptr) = 0;
  /// Of one run, or all, in order.
  virtual value::Result<std::vector<JournalRecord>> records(const std::string& run = {}) = 0;

  /// The text of a plan by its id, kept so that a run can be resumed without the file. What is
  /// there already stays.
  virtual value::Result<void> keep_plan(const std::string& plan, const std::string& text) = 0;
  virtual value::Result<std::optional<std::string>> plan(const std::string& plan) = 0;

  virtual value::Result<std::optional<std::string>> state(const std::string& plan,
                                                          const std::string& action) = 0;

  /// Looks at the file's structure and every record. Finds each edit, insertion, removal from the
  /// middle and exchange; not the removal of the last records or of the whole file, for which
  /// `head` must be kept elsewhere and compared. Without the key it doesn't find a chain that was
  /// computed anew from the changed record on.
  virtual value::Result<JournalCheck> verify() = 0;
};

}  // namespace fconn::store
