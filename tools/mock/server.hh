// The simulator behind `fconn mock`: serves a recording on loopback over HTTP/1.1 with keep-alive,
// one thread a connection. For development and tests; it never listens on another address.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tools/mock/recording.hh"

namespace fconn::mock {

/// A request as it came, for the log.
struct SeenRequest {
  std::string method, target, body;
  http::Headers headers;
  int status = 0;  // of the answer
  bool matched = false;
};

class Server {
 public:
  /// Binds 127.0.0.1:`port` (0: any free one); the recording is loaded afterwards, as it needs the
  /// port. `seen` is called from connection threads, one call at a time.
  static value::Result<std::unique_ptr<Server>> listen(std::uint16_t port);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::string host() const;  // "127.0.0.1:8080"
  /// Serves until stop(); at most 512 connections at once.
  void serve(const Recording& recording, std::function<void(const SeenRequest&)> seen);
  /// From a signal handler or another thread.
  void stop() noexcept;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fconn::mock
