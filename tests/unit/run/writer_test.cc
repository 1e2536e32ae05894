// The queue between the loop and a sink that is slower than the network.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "interpreter/run/writer.hh"

using namespace fconn;
using value::Result;

namespace {

constexpr std::size_t batch_bytes = 1024;
constexpr std::size_t queue_bytes = 4 * batch_bytes;

value::RowBatch batch() {
  value::RowBatch made;
  made.text() += "{\"a\":\"" + std::string(batch_bytes - 8, 'x') + "\"}";
  made.end_row({});
  return made;
}

/// Counts what it was given; fails when it was told to.
struct Counting final : value::Sink {
  std::atomic<std::size_t> batches{0};
  std::size_t fails_at = ~std::size_t{0};
  Result<void> write(std::string_view, std::string_view, const value::RowBatch&) override {
    if (batches == fails_at) return value::fail(value::FailureKind::output, "the disk is full");
    ++batches;
    return {};
  }
  Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  Result<void> close() override { return {}; }
};

}  // namespace

TEST_CASE("who waits for room never gets ahead of the sink by more than the queue") {
  Counting sink;
  run::Writer writer(sink, queue_bytes, [] {});
  std::size_t ahead = 0;
  for (std::size_t pushed = 0; pushed < 500; ++pushed) {
    writer.wait_for_room();
    // What the sink is at counts as waiting until it is done.
    ahead = std::max(ahead, pushed - sink.batches.load());
    writer.write("i", "c", batch());
  }
  REQUIRE(writer.close().has_value());
  CHECK(sink.batches == 500);
  CHECK(ahead <= queue_bytes / batch_bytes);
}

TEST_CASE("a sink that fails lets nobody wait for ever, and its failure is kept") {
  Counting sink;
  sink.fails_at = 3;
  run::Writer writer(sink, queue_bytes, [] {});
  for (int i = 0; i < 100; ++i) {
    writer.wait_for_room();
    writer.write("i", "c", batch());
  }
  const Result<void> closed = writer.close();
  REQUIRE(!closed.has_value());
  CHECK(closed.error().text == "the disk is full");
}
