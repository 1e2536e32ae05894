#include "tools/fconn/erase_session.hh"

#include "interpreter/http/curl_transport.hh"
#include "interpreter/store/memory_store.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/token_file.hh"

namespace fconn::cli {

bool EraseSession::open_project(const std::optional<std::string>& path) {
  file_ = cli::open_project(path);
  if (file_->problem) terminal.report(*file_->problem);
  const bool errors = grammar::has_errors(file_->diagnostics);
  if (errors) terminal.report(file_->sources, file_->diagnostics);
  return !file_->problem && !errors;
}

bool EraseSession::load(const std::vector<std::string>& targets, const ValueArgs& given,
                        int& exit) {
  auto found = load_targets(terminal, targets, project(), {args.strict}, exit);
  if (!found) return false;
  loaded = *std::move(found);
  exit = exit_code::usage;
  Problems problems;
  settings = read_settings(args, project(), problems);
  Values values = collect_values(loaded, given, project());
  problems.insert(problems.end(), values.problems.begin(), values.problems.end());
  for (const Problem& warning : values.warnings) {
    if (args.strict) {
      problems.push_back(warning);
    } else {
      terminal.warn(warning);
    }
  }
  facts.instances = std::move(values.instances);
  if (args.token && problems.empty()) {
    auto token = read_token_file(*args.token);
    if (facts.instances.size() != 1) {
      problems.push_back({"--token goes with one target", "", ""});
    } else if (token) {
      facts.instances.front().token = *std::move(token);
    } else {
      problems.push_back({token.error().text, "", ""});
    }
  }
  terminal.report(problems);
  return problems.empty();
}

bool EraseSession::open_tokens() {
  passing_tokens_ = store::make_memory_store();
  if (project() == nullptr || !needs_store(loaded)) return true;
  auto opened = open_store(*project());
  if (!opened) {
    terminal.report({opened.error().text, "", ""});
    return false;
  }
  tokens_ = *std::move(opened);
  return true;
}

bool EraseSession::open_world() {
  clock = make_clock(settings.now);
  random = make_random(settings.seed);
  facts.id = run_id(clock->wall(), *random);
  facts.action = "erase";
  facts.strict = args.strict;
  facts.started = format_time(clock->wall());
  request_id = args.request_id ? *args.request_id : uuid(*random);
  if (!open_tokens()) return false;
  if (args.trace) {
    auto output = sink::Output::create(*args.trace);
    if (!output) {
      terminal.report({output.error().text, "", ""});
      return false;
    }
    trace_ = std::make_unique<FileTrace>(*std::move(output));
  }
  if (settings.send_to) {
    guard_.send_to(*settings.send_to);
    terminal.complain("fconn: warning: every request goes to " + http::origin(*settings.send_to) +
                      " instead of the connector's hosts (--send-to)\n");
  }
  http::CurlOptions curl;
  curl.ca_file = args.ca.value_or("");
  curl.client_cert_file = args.client_cert.value_or("");
  curl.proxy = args.proxy.value_or("");
  transport_ = http::make_curl_transport(curl, guard_);
  return true;
}

run::Ports EraseSession::ports() {
  // Whose data it is doesn't stand in messages either.
  for (const run::Instance& instance : facts.instances) {
    for (const auto& [name, values] : instance.identities) {
      for (const value::OwnedValue& one : values) {
        if (one.get().kind == value::Kind::string) redactor_.add(one.get().view());
      }
    }
  }
  return {*transport_,
          guard_,
          redactor_,
          *clock,
          *random,
          no_rows_,
          trace_.get(),
          [this](const run::Progress& now) { progress_.show(now); },
          tokens_ ? static_cast<store::TokenStore*>(tokens_.get()) : passing_tokens_.get(),
          nullptr,
          tokens_.get(),
          &pace_};
}

run::Options EraseSession::options() const {
  run::Options made;
  made.action = plan::Action::erase;
  made.collections.insert(args.collections.begin(), args.collections.end());
  if (settings.max_parallel) {
    made.max_parallel = *settings.max_parallel;
    made.default_parallel = *settings.max_parallel;
  }
  made.timeout = settings.timeout;
  made.retries = settings.retries;
  made.request_id = request_id;
  made.erasure_now = clock->wall();
  made.private_trace = true;
  return made;
}

bool EraseSession::close() {
  progress_.clear();
  if (!trace_) return true;
  auto closed = trace_->close();
  if (!closed) terminal.report({closed.error().text, "", ""});
  return closed.has_value();
}

}  // namespace fconn::cli
