// fconn auth TARGET login | status | logout
#include "tools/fconn/login.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/run_session.hh"
#include "tools/fconn/targets.hh"
#include "tools/fconn/token_file.hh"

namespace fconn::cli {
namespace {

class Auth : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", target_, "An instance of fconn.toml.", Complete::target, true);
    options.positional("ACTION", action_, "What to do.", Complete::nothing, true).choices = {
        "login", "status", "logout"};
    options.group("Signing in");
    options.value("port", "N", port_, "Where the browser comes back to; the default is any free.");
    options.flag("no-browser", no_browser_, "Shows the address and opens no browser.");
    declare_run_options(options, args_, false);
  }

  int run(Terminal& terminal, const Common& common) override {
    if (*action_ == "login") return login(terminal, common);
    return *action_ == "status" || *action_ == "logout" ? kept(terminal, common)
                                                        : unknown_action(terminal);
  }

 private:
  int unknown_action(Terminal& terminal) const {
    terminal.report({"'" + *action_ + "' isn't an action", "it is login, status or logout", ""});
    return exit_code::usage;
  }

  int login(Terminal& terminal, const Common& common) {
    LoginOptions options;
    options.open_browser = !no_browser_;
    if (port_) {
      const auto url = http::parse_url("http://127.0.0.1:" + *port_ + "/");
      if (!url) {
        terminal.report({"--port can't be '" + *port_ + "'", "it is a number up to 65535", ""});
        return exit_code::usage;
      }
      options.port = url->port;
    }
    LoopbackLogin person(terminal, options);
    args_.targets = {*target_};
    const int code = run_session(
        terminal, args_, {plan::Action::access, "auth", false, false, &person}, common.json);
    return code == exit_code::complete ? kept(terminal, common) : code;
  }

  /// status, logout, and what login ends with.
  int kept(Terminal& terminal, const Common& common) const {
    const auto file = open_project(args_.config);
    if (file->problem) terminal.report(*file->problem);
    if (grammar::has_errors(file->diagnostics)) {
      terminal.report(file->sources, file->diagnostics);
      return exit_code::usage;
    }
    const config::Project* project = file->project ? &*file->project : nullptr;
    if (project == nullptr || project->find(*target_) == nullptr) {
      terminal.report({"'" + *target_ + "' is no instance of a fconn.toml",
                       "tokens are kept for instances only", ""});
      return exit_code::usage;
    }
    auto store = open_store(*project);
    if (!store) {
      terminal.report({store.error().text, "", ""});
      return exit_code::usage;
    }
    return *action_ == "logout" ? forget(terminal, **store) : list(terminal, common, **store);
  }

  int forget(Terminal& terminal, store::TokenStore& store) const {
    auto count = store.forget(*target_);
    if (!count) {
      terminal.report({count.error().text, "", ""});
      return exit_code::findings;
    }
    terminal.say(*count == 0 ? *target_ + " had no tokens\n" : *target_ + ": signed out\n");
    return exit_code::complete;
  }

  /// Exit code 1: there is no token.
  int list(Terminal& terminal, const Common& common, store::TokenStore& store) const {
    auto infos = store.list(*target_);
    if (!infos) {
      terminal.report({infos.error().text, "", ""});
      return exit_code::findings;
    }
    std::string json = "[";
    const value::WallTime now = make_clock(std::nullopt)->wall();
    for (const store::TokenInfo& info : *infos) {
      if (info.name.ends_with(" (given)")) continue;  // a note of our own, no token
      const std::string state = state_of(info, now);
      if (!common.json) {
        terminal.print(*target_ + " " + info.name + ": " + state + "\n");
        continue;
      }
      json += json.size() > 1 ? ",{" : "{";
      json += "\"token\":";
      value::append_json_string(info.name, json);
      json += ",\"obtained\":\"" + format_time(info.obtained) + "\",\"expires\":" +
              (info.expires_at ? "\"" + format_time(*info.expires_at) + "\"" : "null") +
              ",\"renewable\":" + (info.renewable ? "true" : "false") + ",\"state\":";
      value::append_json_string(state, json);
      json += "}";
    }
    if (common.json) terminal.print(json + "]\n");
    if (infos->empty() && !common.json) terminal.print(*target_ + ": no tokens\n");
    return infos->empty() ? exit_code::findings : exit_code::complete;
  }

  static std::string state_of(const store::TokenInfo& info, value::WallTime now) {
    const std::string after = info.renewable ? "; it is renewed when it is needed" : "";
    if (info.dropped) return "refused by the server" + after;
    if (!info.expires_at) return "good, without an end";
    if (*info.expires_at > now) return "good until " + format_time(*info.expires_at);
    return "expired " + format_time(*info.expires_at) + after;
  }

  std::optional<std::string> target_, action_, port_;
  bool no_browser_ = false;
  RunArgs args_;
};

}  // namespace

std::unique_ptr<Verb> make_auth() { return std::make_unique<Auth>(); }

}  // namespace fconn::cli
