#include "tools/contract/suite.hh"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace fconn::contract {

void run_suite(const std::vector<SuiteTest>& tests, unsigned jobs, value::Clock& clock,
               const std::function<void(std::size_t, SuiteResult)>& done) {
  std::vector<std::optional<SuiteResult>> results(tests.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable ready;
  const auto work = [&] {
    for (std::size_t i = next++; i < tests.size(); i = next++) {
      const value::TimePoint begin = clock.now();
      SuiteResult made;
      made.result = run_test(*tests[i].test, tests[i].connector, tests[i].recordings);
      made.took = std::chrono::duration_cast<value::Milliseconds>(clock.now() - begin);
      {
        const std::lock_guard lock(mutex);
        results[i] = std::move(made);
      }
      ready.notify_one();
    }
  };
  std::vector<std::thread> workers;
  const std::size_t wanted = std::min<std::size_t>(std::max(jobs, 1U), tests.size());
  for (std::size_t i = 0; i < wanted; ++i) workers.emplace_back(work);
  for (std::size_t i = 0; i < tests.size(); ++i) {
    SuiteResult made;
    {
      std::unique_lock lock(mutex);
      ready.wait(lock, [&] { return results[i].has_value(); });
      made = *std::move(results[i]);
    }
    done(i, std::move(made));
  }
  for (std::thread& worker : workers) worker.join();
}

}  // namespace fconn::contract
