// What is said about a run: failures with the connector's line, collections that aren't complete,
// one closing line; and the summary as JSON (cli-contract "Summary").
#pragma once

#include <string>
#include <vector>

#include "interpreter/run/engine.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

struct RunFacts {
  std::string id;                             // "01J…"
  std::string action;                         // "access"
  std::string started;                        // RFC 3339
  bool strict = false;                        // skipped and capped collections count as failed
  std::vector<run::Instance> instances;       // connectors for the lines of failures
  std::uint64_t pending = 0, for_person = 0;  // of an erasure's actions
};

/// Failures and warnings as they came, then each collection that isn't complete, then the totals.
/// `broken_pipe`: the reader of the rows went away; its failure is not repeated.
void report_run(Terminal& terminal, const run::RunSummary& summary, const RunFacts& facts,
                bool broken_pipe);

/// Rows of a collection that were left out, and answers that gave none, each with its reason.
void report_missing_rows(Terminal& terminal, const run::CollectionSummary& one);

/// One object, pretty, with a line end.
std::string summary_json(const run::RunSummary& summary, const RunFacts& facts);

/// A failure with the place in the connector's text where there is one.
std::string render_failure(const ir::Connector* connector, const value::Failure& failure,
                           const std::string& subject, const grammar::RenderOptions& style);

}  // namespace fconn::cli
