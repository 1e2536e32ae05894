// The writer thread: owns the sink, because disks and pipes block. Batches wait in a queue bounded
// in bytes; when it is full the engine starts no further requests. The first failure of the sink is
// kept, everything after it is dropped, and the engine ends the run.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "interpreter/value/ports.hh"

namespace fconn::run {

class Writer {
 public:
  /// `wake` is called from the writer thread when a full queue has room again, or on a failure.
  Writer(value::Sink& sink, std::size_t queue_bytes, std::function<void()> wake);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Names must outlive the writer. Takes the batch; gives back an empty one whose memory is used.
  value::RowBatch write(std::string_view instance, std::string_view collection,
                        value::RowBatch batch);
  void finish(std::string_view instance, std::string_view collection, value::Outcome outcome);
  bool full() const;
  /// Waits until the queue isn't full, or the sink has failed: for who has more to write than a
  /// queue may hold and nothing else that could go on meanwhile.
  void wait_for_room();
  bool failed() const;
  /// Waits until everything is written, closes the sink; the first failure if there was one.
  value::Result<void> close();

 private:
  struct Item {
    std::string_view instance, collection;
    value::RowBatch batch;
    std::optional<value::Outcome> outcome;
  };
  void run();
  void push(Item item, std::size_t bytes);

  value::Sink& sink_;
  std::size_t queue_bytes_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable room_;
  std::deque<Item> queue_;
  std::vector<value::RowBatch> spare_;
  std::size_t waiting_bytes_ = 0;
  bool was_full_ = false;
  bool closing_ = false;
  std::optional<value::Failure> failure_;
  std::thread thread_;
};

}  // namespace fconn::run
