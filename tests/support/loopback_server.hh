// A small HTTP/1.1 server on 127.0.0.1 for tests: it answers from a table or a function, and can be
// slow, silent, cut off or dishonest. It records what was asked, so that tests assert on requests.
// It owns its threads (one that accepts, one for each connection) and ends them in its destructor.
// Tests wait for its state with wait_for_…(), never by sleeping.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fconn::test {

/// One request as it came.
struct Seen {
  std::string method;
  std::string target;  // path and query as sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::size_t connection = 0;  // 0 for the first connection that was accepted

  /// The first field of that name (any case), or "" — see has_header().
  std::string header(std::string_view name) const;
  bool has_header(std::string_view name) const;
};

/// One answer. The default is an empty 200 with its length.
struct Reply {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};

  bool chunked = false;      // Transfer-Encoding: chunked, one chunk for each of `pieces`
  bool until_close = false;  // no length at all: the body ends with the connection
  bool gzip = false;         // compresses the body and says so
  std::vector<std::string> pieces = {};  // body in several writes; used instead of `body`

  std::optional<std::size_t> claim_length = {};  // a Content-Length that isn't true
  std::optional<std::size_t> cut_after = {};     // closes after so many bytes of the (encoded) body
  bool drop = false;                             // closes without a byte
  bool close = false;                            // closes after this answer without having said so
  bool hold = false;                             // waits for release() before the first byte
  bool hold_body = false;                        // waits for release() between head and body
  std::chrono::milliseconds delay{0};            // simulated latency before the first byte
  std::string raw = {};                          // these bytes instead of everything above
};

class LoopbackServer {
 public:
  LoopbackServer();
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// "http://127.0.0.1:PORT" and then `target`.
  std::string url(std::string_view target = "") const;

  /// Answers for "GET /path?query" in the order given; the last one is given again and again.
  void reply(const std::string& method_and_target, Reply answer);
  /// What isn't in the table; without it that is a 404. Called on a connection's thread.
  void otherwise(std::function<Reply(const Seen&)> answer);
  /// Lets every answer that is held, or will be, go on.
  void release();

  std::vector<Seen> seen() const;
  std::size_t connections() const;
  /// Until so many requests have come; false after ten seconds.
  bool wait_for_requests(std::size_t count) const;

 private:
  struct Answers {
    std::vector<Reply> replies;
    std::size_t next = 0;
  };
  void accept_loop();
  void serve(int socket, std::size_t connection);
  /// False when the connection is to be closed.
  bool answer(int socket, const Seen& request);
  Reply choose(const Seen& request);
  void wait_for_release();

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, Answers> table_;
  std::function<Reply(const Seen&)> otherwise_;
  std::vector<Seen> seen_;
  std::vector<int> sockets_;
  std::vector<std::thread> workers_;
  bool released_ = false;
  bool stopping_ = false;
  std::thread acceptor_;
};

/// `text` as a gzip stream.
std::string gzip(std::string_view text);

}  // namespace fconn::test
