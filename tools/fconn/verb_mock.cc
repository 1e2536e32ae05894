// fconn mock FILE… [--port N] [--log FILE]
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>

#include "interpreter/sink/output.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/recorded_cases.hh"
#include "tools/mock/server.hh"

namespace fconn::cli {
namespace {

// A signal handler can reach nothing else.
std::atomic<mock::Server*> running{nullptr};

extern "C" void end_mock(int /*signal*/) {
  if (mock::Server* server = running.load()) server->stop();
}

std::string log_line(const mock::SeenRequest& seen) {
  std::string line = "{\"method\":";
  value::append_json_string(seen.method, line);
  line += ",\"target\":";
  value::append_json_string(seen.target, line);
  line += ",\"headers\":{";
  bool first = true;
  for (const http::HeaderField& field : seen.headers) {
    if (!first) line += ',';
    first = false;
    value::append_json_string(field.name, line);
    line += ':';
    value::append_json_string(field.value, line);
  }
  line += "},\"body\":";
  value::append_json_string(seen.body, line);
  line += ",\"status\":" + std::to_string(seen.status) +
          ",\"matched\":" + (seen.matched ? "true" : "false") + "}\n";
  return line;
}

class Mock : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("FILE", files_,
                       "A recorded case, a HAR file, or a bundled connector's name (its demo).",
                       Complete::file, true);
    options.value("port", "N", port_, "The port on 127.0.0.1; the default is any free one.");
    options.value("log", "FILE", log_, "Writes every request as one line of JSON.");
  }

  int run(Terminal& terminal, const Common& /*common*/) override {
    std::uint16_t port = 0;
    if (port_) {
      const auto parsed = std::from_chars(port_->data(), port_->data() + port_->size(), port);
      if (parsed.ec != std::errc() || parsed.ptr != port_->data() + port_->size()) {
        terminal.report({"--port needs a number from 0 to 65535", "", ""});
        return exit_code::usage;
      }
    }
    auto server = mock::Server::listen(port);
    if (!server) {
      terminal.report({server.error().text, "", ""});
      return exit_code::findings;
    }
    mock::Recording recording;
    for (const std::string& name : files_) {
      auto text = recorded_case(name);
      auto loaded = text ? recording.load(*text, name, (*server)->host())
                         : value::Result<void>(value::fail(text.error()));
      if (!loaded) {
        terminal.report({loaded.error().text, "", ""});
        return exit_code::usage;
      }
    }
    std::unique_ptr<sink::Output> log;
    if (log_) {
      auto output = sink::Output::create(*log_);
      if (!output) {
        terminal.report({output.error().text, "", ""});
        return exit_code::usage;
      }
      log = std::move(*output);
    }
    running = server->get();
    std::signal(SIGTERM, end_mock);
    std::signal(SIGINT, end_mock);
    // At once, as whoever started it waits for this line.
    std::printf("listening on http://%s\n", (*server)->host().c_str());
    std::fflush(stdout);
    (*server)->serve(recording, [&](const mock::SeenRequest& seen) {
      if (!log) return;
      if (log->write(log_line(seen))) (void)log->flush();
    });
    running = nullptr;
    return exit_code::complete;
  }

 private:
  std::vector<std::string> files_;
  std::optional<std::string> port_, log_;
};

}  // namespace

std::unique_ptr<Verb> make_mock() { return std::make_unique<Mock>(); }

}  // namespace fconn::cli
