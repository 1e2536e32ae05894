#include "tools/fconn/process.hh"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

extern char** environ;

namespace fconn::cli {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  static void close(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }
  ~Pipe() {
    close(read);
    close(write);
  }
};

/// Feeds `input` and collects the output until the program closes it.
bool exchange(Pipe& in, Pipe& out, std::string_view input, std::size_t max_bytes,
              std::string& text) {
  ::fcntl(in.write, F_SETFL, O_NONBLOCK);
  char buffer[16 * 1024];
  while (true) {
    if (input.empty()) Pipe::close(in.write);
    pollfd waits[2] = {{out.read, POLLIN, 0}, {in.write, POLLOUT, 0}};
    if (::poll(waits, in.write >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) return false;
    if (in.write >= 0 && waits[1].revents != 0) {
      const ssize_t written = ::write(in.write, input.data(), input.size());
      if (written > 0) {
        input.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EAGAIN && errno != EINTR) {
        input = {};  // it doesn't want the rest
      }
    }
    if (waits[0].revents == 0) continue;
    const ssize_t got = ::read(out.read, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > max_bytes) return false;
  }
}

}  // namespace

value::Result<std::string> run_program(const std::vector<std::string>& command,
                                       std::string_view input, std::size_t max_bytes) {
  const auto wrong = [&command](std::string text) {
    return value::fail(
        value::FailureKind::configuration,
        "the command '" + (command.empty() ? "" : command.front()) + "' " + std::move(text));
  };
  if (command.empty()) return wrong("is empty");
  Pipe in;
  Pipe out;
  if (!in.open() || !out.open()) return wrong("can't be started: no pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.read, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.write, 1);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error =
      ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return wrong(std::string("can't be started: ") + std::strerror(error));
  Pipe::close(in.read);
  Pipe::close(out.write);
  std::string text;
  const bool whole = exchange(in, out, input, max_bytes, text);
  Pipe::close(out.read);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!whole) return wrong("printed more than " + std::to_string(max_bytes) + " bytes");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  return wrong(WIFEXITED(status) ? "ended with status " + std::to_string(WEXITSTATUS(status))
                                 : std::string("was ended by a signal"));
}

value::Result<void> run_editor(const std::string& command, const std::string& file) {
  const std::string script = command + " \"$1\"";
  std::string shell = "sh", option = "-c", text = script, name = "sh", path = file;
  char* arguments[] = {shell.data(), option.data(), text.data(), name.data(), path.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments, environ);
  int status = 0;
  while (error == 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (error == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return value::fail(value::FailureKind::configuration, "the editor '" + command + "' failed");
}

}  // namespace fconn::cli
