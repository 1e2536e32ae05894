#include "tests/support/loopback_server.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace fconn::test {
namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Reads requests off one connection; keeps what was read too far.
class RequestReader {
 public:
  explicit RequestReader(int socket) : socket_(socket) {}

  bool next(Seen& request) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return false;
    }
    parse_head(std::string_view(buffer_).substr(0, end), request);
    buffer_.erase(0, end + 4);
    if (request.has_header("Transfer-Encoding")) return read_chunks(request.body);
    return take(std::strtoul(request.header("Content-Length").c_str(), nullptr, 10), request.body);
  }

 private:
  static void parse_head(std::string_view head, Seen& request) {
    bool first = true;
    while (!head.empty()) {
      const std::size_t end = std::min(head.find("\r\n"), head.size());
      const std::string_view line = head.substr(0, end);
      head.remove_prefix(std::min(end + 2, head.size()));
      if (first) {
        first = false;
        const std::size_t space = line.find(' ');
        request.method = line.substr(0, space);
        request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
        continue;
      }
      const std::size_t colon = line.find(':');
      const std::size_t value = std::min(line.find_first_not_of(' ', colon + 1), line.size());
      request.headers.emplace_back(line.substr(0, colon), line.substr(value));
    }
  }

  bool more() {
    std::array<char, 65536> bytes;
    const ssize_t count = recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
  }

  bool take(std::size_t count, std::string& out) {
    while (buffer_.size() < count) {
      if (!more()) return false;
    }
    out.append(buffer_, 0, count);
    buffer_.erase(0, count);
    return true;
  }

  bool read_chunks(std::string& body) {
    while (true) {
      std::size_t end = 0;
      while ((end = buffer_.find("\r\n")) == std::string::npos) {
        if (!more()) return false;
      }
      const std::size_t size = std::strtoul(buffer_.c_str(), nullptr, 16);
      buffer_.erase(0, end + 2);
      std::string line_end;
      if (!take(size, body) || !take(2, line_end)) return false;
      if (size == 0) return true;
    }
  }

  int socket_;
  std::string buffer_;
};

std::string chunk(std::string_view piece) {
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  return size.data() + std::string(piece) + "\r\n";
}

std::string head_of(const Reply& reply, std::size_t length) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\n";
  for (const auto& field : reply.headers) head += field.first + ": " + field.second + "\r\n";
  if (reply.gzip) head += "Content-Encoding: gzip\r\n";
  if (reply.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (reply.until_close) {
    head += "Connection: close\r\n";
  } else if (reply.status >= 200 && reply.status != 204 && reply.status != 304) {
    head += "Content-Length: " + std::to_string(reply.claim_length.value_or(length)) + "\r\n";
  }
  return head + "\r\n";
}

// The body's bytes as they go out, in the writes they go out with.
std::vector<std::string> encoded_pieces(const Reply& reply) {
  std::vector<std::string> pieces = reply.pieces;
  if (pieces.empty() && !reply.body.empty()) pieces.push_back(reply.body);
  if (reply.gzip) {
    std::string whole;
    for (const std::string& piece : pieces) whole += piece;
    pieces = {gzip(whole)};
  }
  if (!reply.chunked) return pieces;
  for (std::string& piece : pieces) piece = chunk(piece);
  pieces.push_back("0\r\n\r\n");
  return pieces;
}

}  // namespace

std::string Seen::header(std::string_view name) const {
  for (const auto& field : headers) {
    if (same_ignoring_case(field.first, name)) return field.second;
  }
  return {};
}

bool Seen::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& field) { return same_ignoring_case(field.first, name); });
}

LoopbackServer::LoopbackServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 || listen(listener_, 512) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();  // no test can run without loopback
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

LoopbackServer::~LoopbackServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = released_ = true;
    for (int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  changed_.notify_all();
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  for (int socket : sockets_) ::close(socket);
  ::close(listener_);
}

std::string LoopbackServer::url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
}

void LoopbackServer::reply(const std::string& method_and_target, Reply answer) {
  const std::lock_guard lock(mutex_);
  table_[method_and_target].replies.push_back(std::move(answer));
}

void LoopbackServer::otherwise(std::function<Reply(const Seen&)> answer) {
  const std::lock_guard lock(mutex_);
  otherwise_ = std::move(answer);
}

void LoopbackServer::release() {
  {
    const std::lock_guard lock(mutex_);
    released_ = true;
  }
  changed_.notify_all();
}

std::vector<Seen> LoopbackServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::size_t LoopbackServer::connections() const {
  const std::lock_guard lock(mutex_);
  return sockets_.size();
}

bool LoopbackServer::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_.size() >= count; });
}

void LoopbackServer::wait_for_release() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return released_; });
}

void LoopbackServer::accept_loop() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int one = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const std::lock_guard lock(mutex_);
    const std::size_t connection = sockets_.size();
    sockets_.push_back(socket);  // closed by the destructor, so that its number stays ours
    if (stopping_) return;
    workers_.emplace_back([this, socket, connection] { serve(socket, connection); });
  }
}

void LoopbackServer::serve(int socket, std::size_t connection) {
  RequestReader reader(socket);
  while (true) {
    Seen request;
    request.connection = connection;
    if (!reader.next(request)) break;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
    }
    changed_.notify_all();
    if (!answer(socket, request)) break;
  }
  shutdown(socket, SHUT_RDWR);
}

Reply LoopbackServer::choose(const Seen& request) {
  std::function<Reply(const Seen&)> make;
  {
    const std::lock_guard lock(mutex_);
    const auto found = table_.find(request.method + " " + request.target);
    if (found != table_.end()) {
      Answers& answers = found->second;
      const std::size_t index = std::min(answers.next++, answers.replies.size() - 1);
      return answers.replies[index];
    }
    make = otherwise_;
  }
  if (make) return make(request);
  Reply missing;
  missing.status = 404;
  missing.body = "nothing here for " + request.method + " " + request.target;
  return missing;
}

bool LoopbackServer::answer(int socket, const Seen& request) {
  const Reply reply = choose(request);
  if (reply.hold) wait_for_release();
  if (reply.delay.count() > 0) std::this_thread::sleep_for(reply.delay);
  if (reply.drop) return false;
  if (!reply.raw.empty()) return send_all(socket, reply.raw) && !reply.close;

  const std::vector<std::string> pieces = encoded_pieces(reply);
  std::size_t length = 0;
  for (const std::string& piece : pieces) length += piece.size();
  std::string head = head_of(reply, length);
  if (request.method == "HEAD") return send_all(socket, head) && !reply.close;
  // Head and a body in one piece go out in one write, as real servers do.
  if (pieces.size() == 1 && !reply.hold_body && !reply.cut_after) {
    return send_all(socket, head + pieces[0]) && !reply.close && !reply.until_close;
  }
  if (!send_all(socket, head)) return false;
  if (reply.hold_body) wait_for_release();
  std::size_t left = reply.cut_after.value_or(length);
  for (const std::string& piece : pieces) {
    const std::string_view part = std::string_view(piece).substr(0, left);
    if (!send_all(socket, part)) return false;
    left -= part.size();
  }
  return !reply.cut_after && !reply.close && !reply.until_close;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int gzip_format = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_format, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace fconn::test
