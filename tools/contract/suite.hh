// Many tests, several at a time; what is said of them comes in their order, whichever ended first.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "interpreter/value/ports.hh"
#include "tools/contract/run_test.hh"

namespace fconn::contract {

struct SuiteTest {
  const Test* test = nullptr;  // must outlive the run
  std::shared_ptr<const ir::Connector> connector;
  std::vector<std::string> recordings;  // texts of Test::cases
};
struct SuiteResult {
  TestResult result;
  value::Milliseconds took{0};
};

/// `done` is called on the caller's thread, in the order of `tests`. `clock` is asked by several
/// threads.
void run_suite(const std::vector<SuiteTest>& tests, unsigned jobs, value::Clock& clock,
               const std::function<void(std::size_t, SuiteResult)>& done);

}  // namespace fconn::contract
