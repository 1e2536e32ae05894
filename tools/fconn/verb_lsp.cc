// fconn lsp
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "tools/fconn/lsp_host.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/program.hh"
#include "tools/lsp/framing.hh"
#include "tools/lsp/json.hh"
#include "tools/lsp/server.hh"

namespace fconn::cli {
namespace {

/// How often a server that waits looks whether its editor is still there.
constexpr int look_every_ms = 5000;

class Lsp : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.flag("stdio", stdio_, "Standard input and output: what it uses anyway.");
  }

  int run(Terminal& /*terminal*/, const Common& /*common*/) override {
    if (!keep_channel()) return exit_code::findings;
    LspHost host;
    lsp::Server server(host, program_version);
    bool ended = false;
    while (!server.exit_code()) {
      std::vector<std::string> out;
      const bool worked = server.work(out);
      for (const std::string& message : out) {
        if (!send(message)) return exit_code::findings;
      }
      if (server.exit_code()) break;
      if (ended && !worked) return exit_code::findings;  // no `exit` came
      // All that is there is taken first: a cancellation may be among it.
      if (!ended) ended = !take(server, worked ? 0 : look_every_ms);
      if (framer_.broken().empty()) continue;
      refuse(framer_.broken());
      return exit_code::findings;
    }
    return *server.exit_code();
  }

 private:
  /// Nothing else may read or write what is between editor and server, whatever a file is called
  /// ("-") and whoever prints: standard input becomes empty, standard output standard error.
  bool keep_channel() {
    in_ = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    out_ = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const bool kept =
        in_ >= 0 && out_ >= 0 && nothing >= 0 && ::dup2(nothing, 0) == 0 && ::dup2(2, 1) == 1;
    if (nothing > 2) ::close(nothing);
    return kept;
  }

  /// False when the editor is gone.
  bool send(std::string_view message) const {
    const std::string bytes = lsp::frame(message);
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const ssize_t written = ::write(out_, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  /// Reads what is there, waiting for it at most so long; false when nothing will come any more.
  bool take(lsp::Server& server, int wait_ms) {
    pollfd input{in_, POLLIN, 0};
    while (true) {
      const int ready = ::poll(&input, 1, wait_ms);
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) return wait_ms == 0 || parent_lives(server);
      char bytes[64 * 1024];
      const ssize_t got = ::read(in_, bytes, sizeof bytes);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      framer_.feed({bytes, static_cast<std::size_t>(got)});
      while (auto message = framer_.next()) server.receive(*message);
      if (!framer_.broken().empty()) return true;
      wait_ms = 0;
    }
  }

  static bool parent_lives(const lsp::Server& server) {
    const auto parent = server.parent();
    return !parent || *parent <= 0 || ::kill(static_cast<pid_t>(*parent), 0) == 0 || errno != ESRCH;
  }

  void refuse(const std::string& why) const {
    const lsp::Json error =
        lsp::json_object({{"code", lsp::json_number(-32700)}, {"message", lsp::json_string(why)}});
    const lsp::Json answer = lsp::json_object(
        {{"jsonrpc", lsp::json_string("2.0")}, {"id", lsp::Json{}}, {"error", error}});
    (void)send(answer.text);
  }

  bool stdio_ = false;
  int in_ = -1;
  int out_ = -1;
  lsp::Framer framer_;
};

}  // namespace

std::unique_ptr<Verb> make_lsp() { return std::make_unique<Lsp>(); }

}  // namespace fconn::cli
