#include "tools/fconn/erase_session.hh"

#include <algorithm>

#include "interpreter/http/curl_transport.hh"
#include "interpreter/store/memory_store.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/report.hh"
#include "tools/fconn/signals.hh"
#include "tools/fconn/token_file.hh"

namespace fconn::cli {

bool EraseSession::open_project(const std::optional<std::string>& path) {
  file_ = cli::open_project(path);
  if (file_->problem) terminal.report(*file_->problem);
  const bool errors = grammar::has_errors(file_->diagnostics);
  if (errors) terminal.report(file_->sources, file_->diagnostics);
  return !file_->problem && !errors;
}

bool EraseSession::load(const std::vector<std::string>& targets, const ValueArgs& given, bool feeds,
                        int& exit) {
  auto found = load_targets(terminal, targets, project(), {args.strict}, exit);
  if (!found) return false;
  loaded = *std::move(found);
  exit = exit_code::usage;
  Problems problems;
  settings = read_settings(args, project(), problems);
  if (feeds) feeds_ = plan_feeds(loaded, given, project());
  problems.insert(problems.end(), feeds_.problems.begin(), feeds_.problems.end());
  std::vector<Loaded> all = loaded;
  all.insert(all.end(), feeds_.feeders.begin(), feeds_.feeders.end());
  Values values = collect_values(all, given, project());
  problems.insert(problems.end(), values.problems.begin(), values.problems.end());
  for (const Problem& warning : values.warnings) {
    if (args.strict) {
      problems.push_back(warning);
    } else {
      terminal.warn(warning);
    }
  }
  if (values.problems.empty()) {
    const auto targets_end = values.instances.begin() + static_cast<std::ptrdiff_t>(loaded.size());
    feeders_.assign(targets_end, values.instances.end());
    values.instances.erase(targets_end, values.instances.end());
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

bool EraseSession::read_feeder(run::Instance& instance, FeedSink& sink) {
  run::Options reading = options();
  reading.action = plan::Action::access;
  reading.collections.clear();
  for (const Feed& feed : feeds_.feeds) {
    if (feed.source.instance == instance.key) reading.collections.insert(feed.source.collection);
  }
  if (reading.collections.empty()) return true;
  run::Engine engine(reading, ports(sink));
  engine.add(instance);
  run::RunSummary summary;
  {
    const InterruptGuard interrupts(engine);
    summary = engine.run();
  }
  progress_.clear();
  for (const run::Message& message : summary.messages) {
    terminal.complain(render_failure(instance.connector.get(), message.failure, message.instance,
                                     terminal.error_style()));
  }
  return !summary.interrupted;
}

bool EraseSession::feed(int& exit) {
  if (feeds_.feeds.empty()) return true;
  FeedSink sink(feeds_.feeds, no_rows_, [](std::string_view, std::string_view) { return true; });
  std::vector<run::Instance*> all;
  for (run::Instance& one : feeders_) all.push_back(&one);
  for (run::Instance& one : facts.instances) all.push_back(&one);
  std::vector<std::string> keys;
  keys.reserve(all.size());
  for (const run::Instance* one : all) keys.push_back(one->key);
  for (const std::vector<std::string>& step : feed_order(keys, feeds_.feeds)) {
    for (run::Instance* one : all) {
      if (std::find(step.begin(), step.end(), one->key) == step.end()) continue;
      sink.fill(*one);
      if (read_feeder(*one, sink)) continue;
      terminal.complain("fconn: interrupted: no plan was written, and nothing was sent\n");
      exit = 130;
      return false;
    }
  }
  for (const std::string& failure : sink.failures()) {
    terminal.report({failure, "no plan was written: it would miss rows", ""});
  }
  exit = exit_code::findings;
  return sink.failures().empty();
}

run::Ports EraseSession::ports() { return ports(no_rows_); }

run::Ports EraseSession::ports(value::Sink& rows) {
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
          rows,
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
