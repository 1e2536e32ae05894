// What a run does with an action that an earlier run may have begun, from what the journal says of
// it. Pure. The rules:
//
//   confirmed is never sent again; what was never sent is sent; what the server refused, or what
//   never left, counts as never sent. What left and was never answered is in doubt: where its row
//   can be read, reading decides; else it is repeated if repeating changes nothing (PUT, DELETE, or
//   marked so), and a person has to decide otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "interpreter/erase/plan.hh"
#include "interpreter/erase/rows.hh"

namespace fconn::erase {

/// How one request of an action ended.
enum class Sent : std::uint8_t {
  confirmed,  // the server said so, or reading the row again did
  refused,    // the server answered that it did not do it
  unsent,     // it never left
  unknown,    // it left, and nobody knows: no answer, or one of 5xx
  skipped,    // a `skip` of the connector: nothing to be done
  pending,    // a job was begun, and isn't done yet
};
std::string_view name(Sent sent);
std::optional<Sent> sent_named(std::string_view name);

/// A record of the journal about one action, read.
struct ActionRecord {
  enum class Kind : std::uint8_t { intent, outcome, settled, decided };
  Kind kind{};
  std::uint32_t request = 0;  // intent, outcome: of Action::requests
  Sent sent{};                // outcome
  std::string state;          // settled: "done", "skipped", …; decided: "done", "again"
};

enum class Next : std::uint8_t {
  finished,  // nothing is left to do
  send,      // from its first request
  go_on,     // from where its chain stands
  look,      // in doubt: reading the row decides
  repeat,    // in doubt, and repeating changes nothing
  person,    // in doubt, and a person decides
};

struct Step {
  Next next = Next::send;
  std::uint32_t request = 0;  // in doubt, or to go on with
  bool pending = false;       // go_on: waits for a job
};
/// `state_kept`: the journal holds where the chain stands.
Step next_step(const Action& action, std::span<const ActionRecord> records, bool state_kept);

/// A `look`, once the row was read. `trusted`: no other collection of the instance was touched by
/// an erasure yet, so that a row which isn't found is gone, and not merely out of reach.
/// `unchanged`: the row is as it was planned.
enum class Looked : std::uint8_t { done, again, person, drifted };
Looked after_look(const Action& action, std::uint32_t request, Found found, bool unchanged,
                  bool trusted);

}  // namespace fconn::erase
