#include "tools/mock/server.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

namespace fconn::mock {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::size_t max_head = 256 * 1024;
constexpr std::size_t max_body = std::size_t{64} << 20U;
constexpr int max_connections = 512;

/// One keep-alive connection: reads requests, gives each to `answer`, writes what it returns.
class Connection {
 public:
  Connection(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// False: the peer is gone, or sent what is no HTTP.
  bool read(SeenRequest& request) {
    request = {};
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (buffer_.size() > max_head || !fill()) return false;
    }
    std::size_t length = 0;
    if (!parse_head(std::string_view(buffer_).substr(0, end), request, length)) return false;
    buffer_.erase(0, end + 4);
    if (length > max_body) return false;
    if (const std::string* expect = http::find(request.headers, "Expect"); expect != nullptr) {
      if (!write("HTTP/1.1 100 Continue\r\n\r\n")) return false;
    }
    while (buffer_.size() < length) {
      if (!fill()) return false;
    }
    request.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return true;
  }

  bool write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

 private:
  bool fill() {
    for (;;) {
      pollfd ready{fd_, POLLIN, 0};
      const int n = ::poll(&ready, 1, 200);
      if (stopping_) return false;
      if (n > 0) break;
      if (n < 0 && errno != EINTR) return false;
    }
    char chunk[16384];
    const ssize_t n = ::recv(fd_, chunk, sizeof chunk, 0);
    if (n <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }

  static bool parse_head(std::string_view head, SeenRequest& request, std::size_t& length) {
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last <= first) return false;
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    std::string_view rest = line_end == std::string_view::npos ? "" : head.substr(line_end + 2);
    while (!rest.empty()) {
      const std::size_t end = rest.find("\r\n");
      const std::string_view field = rest.substr(0, end);
      rest = end == std::string_view::npos ? "" : rest.substr(end + 2);
      const std::size_t colon = field.find(':');
      if (colon == std::string_view::npos) return false;
      std::string_view text = field.substr(colon + 1);
      while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
      while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
      request.headers.push_back({std::string(field.substr(0, colon)), std::string(text), false});
    }
    if (const std::string* size = http::find(request.headers, "Content-Length")) {
      const auto parsed = std::from_chars(size->data(), size->data() + size->size(), length);
      if (parsed.ec != std::errc()) return false;
    }
    return true;
  }

  int fd_;
  const std::atomic<bool>& stopping_;
  std::string buffer_;
};

std::string render(const RecordedReply& reply, const std::string& method) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " -\r\n";
  for (const http::HeaderField& field : reply.headers) {
    out += field.name + ": " + field.value + "\r\n";
  }
  const bool bodiless = reply.status == 204 || reply.status == 304 || method == "HEAD";
  if (reply.status != 204) out += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  out += "\r\n";
  if (!bodiless) out += reply.body;
  return out;
}

RecordedReply unmatched(const Recording& recording, const RecordedRequest& request) {
  RecordedReply reply;
  reply.status = 404;
  reply.headers.push_back({"Content-Type", "application/json", false});
  reply.body = "{\"error\":\"fconn mock: no recorded exchange matches\",\"expected\":";
  value::append_json_string(recording.explain(request), reply.body);
  reply.body += "}";
  return reply;
}

}  // namespace

struct Server::State {
  int fd = -1;
  std::uint16_t port = 0;
  std::atomic<bool> stopping{false};
  std::atomic<int> connections{0};
  std::mutex log;                            // also of `turns`
  std::map<std::string, std::size_t> turns;  // answers given so far to each request
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() {
  if (state_->fd >= 0) ::close(state_->fd);
}

Result<std::unique_ptr<Server>> Server::listen(std::uint16_t port) {
  auto state = std::make_unique<State>();
  state->fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(state->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (state->fd < 0 || ::bind(state->fd, generic, size) != 0 || ::listen(state->fd, 256) != 0 ||
      ::getsockname(state->fd, generic, &size) != 0) {
    return fail(FailureKind::configuration,
                "port " + std::to_string(port) +
                    " of 127.0.0.1 can't be listened on: " + std::strerror(errno));
  }
  state->port = ntohs(address.sin_port);
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::uint16_t Server::port() const { return state_->port; }
std::string Server::host() const { return "127.0.0.1:" + std::to_string(state_->port); }
void Server::stop() noexcept { state_->stopping = true; }

void Server::serve(const Recording& recording, std::function<void(const SeenRequest&)> seen) {
  State& state = *state_;
  const auto converse = [&](int fd) {
    Connection connection(fd, state.stopping);
    SeenRequest request;
    while (!state.stopping && connection.read(request)) {
      const std::string* type = http::find(request.headers, "Content-Type");
      const RecordedRequest asked =
          make_request(request.method, request.target, request.body, type ? *type : "");
      std::size_t turn = 0;
      {
        const std::lock_guard lock(state.log);
        turn = state.turns[request.method + ' ' + request.target + '\n' + request.body]++;
      }
      const RecordedReply* found = recording.find(asked, turn);
      const RecordedReply reply = found != nullptr ? *found : unmatched(recording, asked);
      request.status = reply.status;
      request.matched = found != nullptr;
      {
        // Logged before it is answered, so that the log is never behind what a client knows.
        const std::lock_guard lock(state.log);
        seen(request);
      }
      if (!connection.write(render(reply, request.method))) break;
    }
    --state.connections;
  };
  while (!state.stopping) {
    pollfd ready{state.fd, POLLIN, 0};
    if (::poll(&ready, 1, 100) <= 0) continue;
    const int fd = ::accept4(state.fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    if (state.connections >= max_connections) {
      ::close(fd);
      continue;
    }
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ++state.connections;
    std::thread(converse, fd).detach();
  }
  // Connections notice within their poll interval; nothing of this frame may go before they do.
  while (state.connections > 0) ::poll(nullptr, 0, 10);
}

}  // namespace fconn::mock
