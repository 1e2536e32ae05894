// Runs one test offline: the engine with a transport that answers from the test, a clock that
// jumps, a fixed seed; then compares. Nothing touches the network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "tools/contract/coverage.hh"
#include "tools/contract/test_file.hh"

namespace fconn::contract {

/// One thing that isn't as the test says; `where` is the expectation (or the test).
struct Difference {
  grammar::Span where;
  std::string text;  // one or more lines
};

struct TestResult {
  std::vector<Difference> differences;  // none: it passed
  std::vector<grammar::Span> unused;    // replies that were never asked for
  Seen seen;                            // of the connector
};

/// `recordings`: texts of Test::cases, in order. Several may run at a time.
TestResult run_test(const Test& test, std::shared_ptr<const ir::Connector> connector,
                    const std::vector<std::string>& recordings);

}  // namespace fconn::contract
