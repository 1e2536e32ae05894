#include "tools/fconn/login.hh"
#include "grammar/display_text.hh"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

extern char** environ;

namespace fconn::cli {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::string_view page =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\r\n"
    "<!doctype html><title>fconn</title><p>This window can be closed; go on in the terminal.</p>";
constexpr std::string_view not_found =
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Starts the desktop's browser; nothing is said when there is none, the address is shown anyway.
void open_browser(const std::string& url) {
  std::string program = "xdg-open";
  std::string address = url;
  char* arguments[] = {program.data(), address.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", 0, 0);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 1, 0);
  posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
  pid_t child = 0;
  (void)::posix_spawnp(&child, "xdg-open", &quiet, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&quiet);
}

/// The target of the request line, read up to its end; empty when it isn't one.
std::string read_target(int connection) {
  timeval limit{5, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::string text;
  char buffer[2048];
  constexpr std::size_t most = 64 * 1024;
  while (text.find("\r\n\r\n") == std::string::npos && text.size() < most) {
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  if (!text.starts_with("GET ")) return {};
  const std::size_t end = text.find(' ', 4);
  return end == std::string::npos ? std::string() : text.substr(4, end - 4);
}

bool is_loopback(const http::Url& url) {
  return url.scheme == "http" && (url.host == "127.0.0.1" || url.host == "localhost");
}

}  // namespace

std::optional<http::QueryPairs> pasted_parameters(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  const std::size_t question = text.find('?');
  if (question != std::string_view::npos) text.remove_prefix(question + 1);
  text = text.substr(0, text.find('#'));
  if (text.find('=') == std::string_view::npos) return std::nullopt;
  return http::parse_query(text);
}

LoopbackLogin::~LoopbackLogin() {
  if (listener_ >= 0) ::close(listener_);
}

Result<void> LoopbackLogin::listen(std::uint16_t port) {
  if (listener_ >= 0 && (port == 0 || port == port_)) return {};
  if (listener_ >= 0) ::close(listener_);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 4) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    return fail(FailureKind::configuration,
                "can't listen on port " + std::to_string(port) + ": " + std::strerror(errno));
  }
  port_ = ntohs(address.sin_port);
  return {};
}

Result<std::string> LoopbackLogin::redirect_uri() {
  if (auto listening = listen(options_.port); !listening) return fail(listening.error());
  return "http://127.0.0.1:" + std::to_string(port_) + "/callback";
}

Result<http::QueryPairs> LoopbackLogin::authorize(const std::string& url,
                                                  const std::string& redirect_uri) {
  const auto redirect = http::parse_url(redirect_uri);
  if (redirect && is_loopback(*redirect)) {
    if (auto listening = listen(redirect->port); !listening) return fail(listening.error());
  }
  terminal_.complain("Open this address in a browser and agree:\n\n  " + url + "\n\n");
  terminal_.complain(listener_ >= 0
                         ? "Waiting for the browser to come back. If it can't, paste the address "
                           "that it ended on here.\n"
                         : "Then paste the address that it ended on here.\n");
  if (options_.open_browser) open_browser(url);
  return wait(redirect && is_loopback(*redirect) ? redirect->path : "");
}

/// Whatever comes first: the browser, a pasted line, the end of the wait.
Result<http::QueryPairs> LoopbackLogin::wait(const std::string& path) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options_.wait_seconds);
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return fail(FailureKind::timeout,
                  "nobody signed in within " + std::to_string(options_.wait_seconds) + " s");
    }
    if (listener_ < 0 && input_ended_) {
      return fail(FailureKind::authentication, "nobody pasted the address");
    }
    pollfd sources[] = {{listener_, POLLIN, 0}, {input_ended_ ? -1 : 0, POLLIN, 0}};
    const int ready = ::poll(sources, 2, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) {
      return fail(FailureKind::cancelled, "interrupted while waiting for the browser");
    }
    if ((sources[0].revents & POLLIN) != 0) {
      if (auto found = visited(path)) return *std::move(found);
    }
    if ((sources[1].revents & (POLLIN | POLLHUP)) != 0) {
      if (auto found = pasted()) return *std::move(found);
    }
  }
}

/// A request to another path (an icon) is none of ours.
std::optional<http::QueryPairs> LoopbackLogin::visited(const std::string& path) const {
  const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return std::nullopt;
  const std::string target = read_target(connection);
  const bool ours = target.substr(0, target.find('?')) == path;
  const std::string_view answer = ours ? page : not_found;
  (void)!::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  ::shutdown(connection, SHUT_RDWR);
  ::close(connection);
  if (!ours) return std::nullopt;
  const std::size_t question = target.find('?');
  if (question == std::string::npos) return std::nullopt;
  return http::parse_query(std::string_view(target).substr(question + 1));
}

std::optional<http::QueryPairs> LoopbackLogin::pasted() {
  char buffer[16 * 1024];
  const ssize_t got = ::read(0, buffer, sizeof buffer);
  if (got <= 0) {
    input_ended_ = true;
    return std::nullopt;
  }
  auto found = pasted_parameters({buffer, static_cast<std::size_t>(got)});
  if (!found) terminal_.complain("That holds no parameters; paste the whole address.\n");
  return found;
}

void LoopbackLogin::show(std::string_view text) {
  terminal_.complain(grammar::safe_lines(text) + "\n");
}

}  // namespace fconn::cli
