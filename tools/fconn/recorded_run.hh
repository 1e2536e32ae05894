// A run against a recording, for replay and learn: what it knows and the command line doesn't say,
// and a transport that answers from it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tools/contract/offline.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/run_session.hh"
#include "tools/har/har.hh"
#include "tools/mock/replay.hh"

namespace fconn::cli {

struct RecordedRun {
  har::Archive archive;
  plan::Action action = plan::Action::access;
  std::string name = "access";           // of the action
  std::optional<ConsentKind> consent{};  // of a consent
  value::WallTime recorded{};            // what its clock said
  value::WallTime clock{};               // what the clock of the run says: the same, or --now
};

/// Reads the file and fills in `args`: targets, parameters, identities, seed, collections. Null: a
/// problem was reported.
std::optional<RecordedRun> open_recording(Terminal& terminal, const std::string& path,
                                          RunArgs& args);

/// Both must outlive it. A request without an answer fails as `protocol`.
std::unique_ptr<http::Transport> recorded_transport(mock::Replay& replay,
                                                    contract::JumpingClock& clock);

}  // namespace fconn::cli
