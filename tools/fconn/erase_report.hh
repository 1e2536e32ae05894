// What is said about erasures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "interpreter/erase/plan.hh"
#include "interpreter/run/engine.hh"
#include "tools/fconn/erase_session.hh"

namespace fconn::cli {

/// Failures of the reading, without what servers answered, which may be anybody's data.
void report_reading(Terminal& terminal, const run::RunSummary& summary, const RunFacts& facts);

/// The closing lines of --plan: counts per system, and what to do next.
void say_plan(Terminal& terminal, const erase::Plan& plan, const std::string& path);

/// The whole plan as text, for a person to read and approve.
std::string plan_text(const erase::Plan& plan);
/// The same as one self-contained page.
std::string plan_html(const erase::Plan& plan);
/// What differs between two plans, a line each; empty: nothing that would be sent or left alone.
std::string plan_diff(const erase::Plan& a, const erase::Plan& b);

struct ActionCounts {
  std::uint64_t sent = 0, skipped = 0, failed = 0, pending = 0, for_person = 0;
};
/// --summary; false: it couldn't be written, which was said.
bool write_erase_summary(EraseSession& session, const run::RunSummary& summary,
                         const ActionCounts& counts, int code);

}  // namespace fconn::cli
