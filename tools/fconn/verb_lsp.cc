// fconn lsp
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "tools/fconn/files.hh"
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
    LspHost host;
    lsp::Server server(host, program_version);
    bool ended = false;
    while (!server.exit_code()) {
      std::vector<std::string> out;
      const bool worked = server.work(out);
      for (const std::string& message : out) {
        if (!write_file("-", lsp::frame(message), Mode::shared)) return exit_code::findings;
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
  /// Reads what is there, waiting for it at most so long; false when nothing will come any more.
  bool take(lsp::Server& server, int wait_ms) {
    pollfd input{0, POLLIN, 0};
    while (true) {
      const int ready = ::poll(&input, 1, wait_ms);
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) return wait_ms == 0 || parent_lives(server);
      char bytes[64 * 1024];
      const ssize_t got = ::read(0, bytes, sizeof bytes);
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

  static void refuse(const std::string& why) {
    const lsp::Json error =
        lsp::json_object({{"code", lsp::json_number(-32700)}, {"message", lsp::json_string(why)}});
    const lsp::Json answer = lsp::json_object(
        {{"jsonrpc", lsp::json_string("2.0")}, {"id", lsp::Json{}}, {"error", error}});
    (void)write_file("-", lsp::frame(answer.text), Mode::shared);
  }

  bool stdio_ = false;
  lsp::Framer framer_;
};

}  // namespace

std::unique_ptr<Verb> make_lsp() { return std::make_unique<Lsp>(); }

}  // namespace fconn::cli
