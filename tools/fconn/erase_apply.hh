// One run of a plan: reads the rows again, sends what still fits, writes down what became of it,
// and proves it. Private to the verb erase.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "interpreter/erase/resume.hh"
#include "interpreter/privacy/hold.hh"
#include "interpreter/store/journal.hh"
#include "tools/erasure/proof.hh"
#include "tools/fconn/erase_key.hh"
#include "tools/fconn/erase_report.hh"
#include "tools/fconn/erase_session.hh"

namespace fconn::cli {

/// A member of an object's JSON text as text; empty when it isn't there.
std::string member_of(const std::string& json, std::string_view name);
/// Who runs the program, as JSON text: "ada (uid 1000)@host".
std::string who();

class ApplyRun final : private run::ErasureHooks {
 public:
  /// All but `records`, what the journal says of the run so far, must outlive it.
  ApplyRun(EraseSession& session, const EraseArgs& args, const erase::Plan& plan,
           const erase::PlanContext& context, const EraseKey& key, store::Journal& journal,
           std::string run, std::vector<store::JournalRecord> records);
  /// The exit code.
  int run();

 private:
  enum class State : std::uint8_t {
    open,     // not reached yet
    done,     // confirmed
    skipped,  // nothing was to be done
    pending,  // begun; the service isn't done yet
    drifted,  // its row changed
    held,     // a hold speaks of it
    failed,   // refused by the service, or never sent
    doubt,    // sent, and nobody knows
    person,   // the same, and a person has to decide
    waits,    // not sent: what goes first isn't done
  };
  struct Item {
    const erase::Action* action = nullptr;
    erase::ActionContext context;
    std::uint32_t instance = 0, collection = 0;
    erase::Step step;
    State state = State::open;
    std::string reason;
    std::optional<value::FailureKind> failure;
    std::string chain_state;          // to go on from
    std::optional<erase::Sent> last;  // what its last request came to, in this run
    std::uint32_t last_request = 0;   // which that was
    bool tried = false;               // an earlier run sent something of it
    bool unsure = false;              // an earlier run didn't know whether it was done
    bool as_planned = false;          // an earlier run found its row as it was planned
    std::string proof;  // "gone", "masked", "still there", "not found"; empty: not looked at
  };
  /// A row that was read again.
  struct Seen {
    std::string row, digest;
    std::vector<std::string> contents;  // erasure::RowFound
  };
  using Place = erasure::Place;

  using Rows = std::map<Place, std::map<std::string, Seen>>;  // by erasure::name_of
  enum class Reading : std::uint8_t {
    open,       // of what isn't over
    postponed,  // of what waits to begin
    all,
  };

  bool open_items();
  bool keyed(const Item& item) const;
  /// What the rows of these items were found with.
  run::Options reading(Reading what) const;
  bool write_begin();
  void act(run::Engine& engine);

  // erase_judge.cc
  void take_rows(const run::Engine& engine, Rows& rows);
  void note_reading(const run::RunSummary& reading, const Rows& rows);
  void judge_all();
  void read_once_more();
  void judge_again(Item& item, const run::RunSummary& reading, const Rows& rows);
  const Seen* find(const Item& item, const Rows& rows) const;
  void settle_missing(Item& item, const Rows& rows);
  static bool others_in_place(const Item& item, const Rows& rows);
  static bool midway(const Item& item);
  bool begun(const Item& item, const Seen* seen) const;
  void judge(Item& item);
  void look(Item& item, const Seen* seen, bool same);
  static erase::Found looks(const Item& item, const Seen* seen);
  std::string held_now(const Item& item, const Seen* seen);
  static bool unreadable(const run::RunSummary& reading, const Item& item, std::string& why);
  std::vector<std::string> changed(const Item& item, const Seen& seen) const;
  bool touched_elsewhere(const Item& item) const;
  bool touched_beside(const Item& item) const;
  void touch(const Item& item);
  std::vector<run::ErasureTask> tasks();

  // erase_conclude.cc
  int conclude();
  void prove();
  int exit_code() const;
  void report() const;
  ActionCounts counts() const;
  void settle(Item& item, State state, std::string reason);
  value::Result<void> record(const std::string& kind, const Item* item, std::string data,
                             const std::string* state = nullptr);
  bool blocked(const Item& item, std::string& by) const;

  // run::ErasureHooks
  value::Result<void> may_begin(std::uint32_t task) override;
  value::Result<void> about_to_send(std::uint32_t task, std::uint32_t request,
                                    const std::string& exact) override;
  value::Result<void> answered(std::uint32_t task, const run::Answered& answered) override;
  void ended(std::uint32_t task, const run::ErasureEnd& end) override;

  EraseSession& session_;
  const EraseArgs& args_;
  const erase::Plan& plan_;
  const erase::PlanContext& context_;
  const EraseKey& key_;
  store::Journal& journal_;
  std::string run_;
  std::vector<store::JournalRecord> records_;
  bool resumed_ = false;
  std::vector<Item> items_;
  std::vector<std::uint32_t> of_task_;  // index into items_
  Rows rows_;
  run::RunSummary reading_;
  std::vector<privacy::Hold> holds_;
  erasure::Touched touched_;
  bool stopped_ = false;
  std::optional<value::Failure> broken_;  // the journal can't be written
  bool interrupted_ = false;
  bool postponed_ = false;  // something didn't get to begin in time
  std::uint64_t requests_ = 0;
  value::Milliseconds elapsed_{0};
};

}  // namespace fconn::cli
