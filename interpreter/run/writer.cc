#include "interpreter/run/writer.hh"

#include <utility>

namespace fconn::run {

Writer::Writer(value::Sink& sink, std::size_t queue_bytes, std::function<void()> wake)
    : sink_(sink), queue_bytes_(queue_bytes), wake_(std::move(wake)), thread_([this] { run(); }) {}

Writer::~Writer() {
  if (thread_.joinable()) (void)close();
}

void Writer::push(Item item, std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    waiting_bytes_ += bytes;
    if (waiting_bytes_ >= queue_bytes_) was_full_ = true;
  }
  changed_.notify_one();
}

value::RowBatch Writer::write(std::string_view instance, std::string_view collection,
                              value::RowBatch batch) {
  const std::size_t bytes = batch.bytes();
  push(Item{instance, collection, std::move(batch), std::nullopt}, bytes);
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  value::RowBatch spare = std::move(spare_.back());
  spare_.pop_back();
  return spare;
}

void Writer::finish(std::string_view instance, std::string_view collection,
                    value::Outcome outcome) {
  push(Item{instance, collection, {}, std::move(outcome)}, 0);
}

bool Writer::full() const {
  const std::lock_guard lock(mutex_);
  return waiting_bytes_ >= queue_bytes_;
}

void Writer::wait_for_room() {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return waiting_bytes_ < queue_bytes_ || failure_; });
}

bool Writer::failed() const {
  const std::lock_guard lock(mutex_);
  return failure_.has_value();
}

void Writer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !queue_.empty() || closing_; });
    if (queue_.empty()) return;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    const bool dead = failure_.has_value();
    const std::size_t bytes = item.batch.bytes();
    lock.unlock();
    value::Result<void> done;
    if (!dead) {
      done = item.outcome ? sink_.finish(item.instance, item.collection, *item.outcome)
                          : sink_.write(item.instance, item.collection, item.batch);
    }
    item.batch.clear();
    lock.lock();
    waiting_bytes_ -= bytes;
    if (!item.outcome && spare_.size() < 4) spare_.push_back(std::move(item.batch));
    bool tell = was_full_ && waiting_bytes_ < queue_bytes_;
    if (tell) was_full_ = false;
    if (!done && !failure_) {
      failure_ = done.error();
      tell = true;
    }
    room_.notify_all();
    if (tell) {
      lock.unlock();
      wake_();
      lock.lock();
    }
  }
}

value::Result<void> Writer::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (failure_) {
    (void)sink_.close();
    return value::fail(*failure_);
  }
  return sink_.close();
}

}  // namespace fconn::run
