// Runs under the debugger: the engine on this thread, held at requests and answers by waiting in
// the observer until a line says how it goes on.
#include <unistd.h>

#include <algorithm>

#include "grammar/parse.hh"
#include "interpreter/http/curl_transport.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/process.hh"
#include "tools/fconn/repl.hh"
#include "tools/fconn/report.hh"
#include "tools/fconn/signals.hh"
#include "tools/fconn/token_file.hh"
#include "tools/repl/edit.hh"

namespace fconn::cli {

using repl::Exchanged;

namespace {

constexpr std::size_t max_held = std::size_t{64} << 20U;

http::CurlOptions curl_options(const RunArgs& args) {
  http::CurlOptions curl;
  curl.ca_file = args.ca.value_or("");
  curl.client_cert_file = args.client_cert.value_or("");
  curl.proxy = args.proxy.value_or("");
  return curl;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// "404", "4xx", "400..499"; null when it is none of these.
std::optional<std::pair<int, int>> status_range(std::string_view text) {
  const auto number = [](std::string_view digits) -> int {
    if (digits.size() != 3) return 0;
    int value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return 0;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  if (text.size() == 3 && text.substr(1) == "xx" && text[0] >= '1' && text[0] <= '5') {
    const int low = (text[0] - '0') * 100;
    return std::pair(low, low + 99);
  }
  const std::size_t dots = text.find("..");
  const int low = number(text.substr(0, dots));
  const int high = dots == std::string_view::npos ? low : number(text.substr(dots + 2));
  if (low < 100 || high < low) return std::nullopt;
  return std::pair(low, high);
}

}  // namespace

value::Result<void> HeldRows::write(std::string_view /*instance*/, std::string_view collection,
                                    const value::RowBatch& batch) {
  const std::lock_guard lock(mutex_);
  auto& kept = rows_[std::string(collection)];
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch.dropped(i)) continue;
    if (bytes_ > max_held) {
      ++not_held_;
      continue;
    }
    bytes_ += batch.row(i).size();
    kept.emplace_back(batch.row(i));
  }
  return {};
}

std::map<std::string, std::vector<std::string>> HeldRows::rows() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}

std::uint64_t HeldRows::not_held() const {
  const std::lock_guard lock(mutex_);
  return not_held_;
}

/// The instance with what is set now; `quiet`: with what could be had, and nothing is said.
std::optional<run::Instance> Repl::instance_now(bool quiet) {
  std::vector<Loaded> one(1);
  one[0].target = loaded_->target;
  one[0].key = loaded_->key;
  one[0].connector = loaded_->connector;
  Values values = collect_values(one, args_.values, project(), quiet);
  if (!quiet) {
    terminal_.report(values.problems);
    for (const Problem& warning : values.warnings) terminal_.warn(warning);
  }
  if (values.instances.empty()) return std::nullopt;
  if (args_.token && !quiet) {
    auto token = read_token_file(*args_.token);
    if (!token) {
      wrong(token.error().text);
      return std::nullopt;
    }
    values.instances.front().token = *std::move(token);
  }
  return std::move(values.instances.front());
}

bool Repl::start(std::vector<std::string> names) {
  std::vector<std::string> known;
  for (const ir::Collection& collection : connector().collections) known.push_back(collection.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = grammar::did_you_mean(name, known);
    return wrong("there is no collection '" + name + "'",
                 near ? "did you mean '" + *near + "'?" : "`:graph` lists them");
  }
  Problems problems;
  const RunSettings settings = read_settings(args_, project(), problems);
  terminal_.report(problems);
  auto instance = instance_now(false);
  if (!problems.empty() || !instance) return false;
  std::unique_ptr<store::Store> tokens;
  std::vector<Loaded> one(1);
  one[0].target = loaded_->target;
  one[0].connector = loaded_->connector;
  if (needs_store(one)) {
    auto opened = open_store(*project());
    if (!opened) return wrong(opened.error().text);
    tokens = *std::move(opened);
  }

  focus_ = last_answer_ = nullptr;
  row_.reset();
  draft_.reset();
  resent_.reset();
  for (Breakpoint& point : breaks_) point.complained = false;
  run_ = std::make_unique<ReplRun>();
  run_->instance = *instance;
  changed_ = false;
  run_->collections.insert(names.begin(), names.end());
  run::Options& options = run_->options;
  options.action = instance->identities.empty() ? plan::Action::read : plan::Action::access;
  options.collections = run_->collections;
  // One request at a time: then a person can follow, and nothing happens while one waits.
  options.max_parallel = 1;
  options.timeout = settings.timeout;
  options.retries = settings.retries;
  const auto random = make_random(settings.seed);
  options.request_id = args_.request_id ? *args_.request_id : uuid(*random);
  if (settings.send_to) run_->guard.send_to(*settings.send_to);
  const auto transport = http::make_curl_transport(curl_options(args_), run_->guard);
  run_->recorder = std::make_unique<repl::Recorder>(
      std::map<std::string, std::shared_ptr<const ir::Connector>>{
          {instance->key, instance->connector}},
      repl::Recorder::Hooks{
          [this](Exchanged& seen) { return on_sending(seen); },
          [this](Exchanged& seen) { on_judged(seen); },
          [this](const std::string& collection, const std::vector<repl::ClauseSeen>& steps,
                 const repl::EventSeen& event) {
            if (pace_ != Pace::step) return;
            out(show_stray(collection, steps, event, show_options()));
          }});
  run::Ports ports{*transport,   run_->guard, run_->redactor,
                   *clock_,      *random,     run_->rows,
                   trace_.get(), {},          tokens ? tokens.get() : passing_tokens_.get(),
                   nullptr,      tokens.get()};
  ports.observer = run_->recorder.get();
  run::Engine engine(options, ports);
  engine.add(*instance);
  engine_ = &engine;
  run::RunSummary summary;
  {
    const InterruptGuard interrupts(engine);
    interrupts_ = &interrupts;
    summary = engine.run();
    interrupts_ = nullptr;
  }
  engine_ = nullptr;
  run_->summary = std::move(summary);
  at_request_ = false;
  say_end();
  return run::exit_code(*run_->summary, args_.strict) == 0;
}

void Repl::say_end() {
  const run::RunSummary& summary = *run_->summary;
  for (const run::Message& message : summary.messages) {
    if (message.failure.kind == value::FailureKind::cancelled) continue;
    std::string text = render_failure(run_->instance.connector.get(), message.failure,
                                      message.collection.empty() ? "" : message.collection + ": ",
                                      terminal_.error_style());
    if (!message.request.empty()) text += "  request: " + message.request + "\n";
    terminal_.complain(text);
  }
  std::string text;
  for (const run::CollectionSummary& one : summary.collections) {
    const value::Outcome& outcome = one.outcome;
    text += one.collection + " " + std::string(value::name(outcome.state));
    if (!outcome.reason.empty()) text += ": " + outcome.reason;
    text +=
        ", " + counted(outcome.rows, "row") + ", " + counted(outcome.requests, "request") + "\n";
    if (outcome.unlike > 0) {
      text += "  left out " + counted(outcome.unlike, "row") +
              ": an earlier one with the same key holds something else\n";
    }
    for (const auto& [reason, count] : outcome.skips) {
      text += "  skipped " + counted(count, "answer") + ": " + reason + "\n";
    }
  }
  if (summary.interrupted) text += "the run was ended before it was complete\n";
  if (summary.collections.empty()) text += "no collection ran; `:plan` says why\n";
  out(text);
}

bool Repl::resume(Pace pace) {
  if (!waiting()) return wrong("no run waits", "`:run` and `:step` begin one");
  pace_ = pace;
  then_ = Then::go_on;
  return true;
}

// ---- where it waits ----------------------------------------------------------------------------

bool Repl::on_sending(Exchanged& seen) {
  focus_ = &seen;
  row_.reset();
  at_request_ = true;
  const auto reached = hit(seen, true);
  if (pace_ != Pace::step && !reached) return true;
  std::string text;
  if (reached) {
    text += "breakpoint " + std::to_string(*reached + 1) + ": " + breaks_[*reached].text + "\n";
  }
  out(text + show_request(seen, show_options()));
  const bool go = wait_here();
  if (go && pace_ == Pace::step && seen.edited) out(show_request(seen, show_options()));
  at_request_ = false;
  return go;
}

void Repl::on_judged(Exchanged& seen) {
  focus_ = &seen;
  if (seen.arrived) last_answer_ = &seen;
  row_.reset();
  at_request_ = false;
  const bool steps = pace_ == Pace::step;
  if (steps) out(show_answer(seen, show_options()) + show_judgement(seen, show_options()));
  const auto reached = hit(seen, false);
  if (!reached) return;
  std::string text =
      "breakpoint " + std::to_string(*reached + 1) + ": " + breaks_[*reached].text + "\n";
  if (!steps) {
    text += show_request(seen, show_options()) + show_answer(seen, show_options()) +
            show_judgement(seen, show_options());
  }
  out(text);
  wait_here();
}

/// False: the run is to end.
bool Repl::wait_here() {
  const PromptGuard signals(interrupts_);
  const Then then = ask();
  if (then == Then::go_on) return true;
  pace_ = Pace::freely;
  engine_->interrupt();
  return false;
}

/// The breakpoint that holds before a request leaves, or for its answer.
std::optional<std::size_t> Repl::hit(const Exchanged& seen, bool before) {
  for (std::size_t i = 0; i < breaks_.size(); ++i) {
    Breakpoint& one = breaks_[i];
    if (before) {
      if (one.kind == Breakpoint::Kind::collection && one.text == seen.collection) return i;
      continue;
    }
    if (!seen.arrived) continue;
    if (one.kind == Breakpoint::Kind::status && seen.status >= one.low && seen.status <= one.high) {
      return i;
    }
    if (one.kind != Breakpoint::Kind::expression || seen.of_token()) continue;
    const Evaluated found = evaluate(one.text, &seen, true);
    if (!found.value) {
      if (!one.complained) {
        terminal_.say("breakpoint " + std::to_string(i + 1) + " has no value for " + seen.name +
                      ": " + one.text + "\n");
      }
      one.complained = true;
      continue;
    }
    const value::Value& value = found.value->get();
    if (value.kind == value::Kind::boolean && value.integer != 0) return i;
  }
  return std::nullopt;
}

bool Repl::add_break(const std::string& rest) {
  if (rest.empty()) return list_breaks(), true;
  if (!rest.starts_with("on ")) {
    return wrong(":break needs `on`", ":break on member, :break on 404, :break on .items == []");
  }
  Breakpoint made;
  made.text = rest.substr(3);
  made.text.erase(0, made.text.find_first_not_of(" \t"));
  const auto range = status_range(made.text);
  const bool collection =
      std::any_of(connector().collections.begin(), connector().collections.end(),
                  [&](const ir::Collection& one) { return one.name == made.text; });
  if (range) {
    made.kind = Breakpoint::Kind::status;
    made.low = range->first;
    made.high = range->second;
  } else if (!collection) {
    made.kind = Breakpoint::Kind::expression;
    // Only its form can be looked at before an answer is there.
    grammar::SourceMap sources;
    const grammar::FileId file = sources.add("breakpoint", made.text);
    const auto parsed = grammar::parse_expression(sources, file);
    if (grammar::has_errors(parsed.diagnostics)) {
      terminal_.report(sources, parsed.diagnostics);
      return false;
    }
    const bool word =
        made.text.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
    if (word) {
      std::vector<std::string> known;
      for (const ir::Collection& one : connector().collections) known.push_back(one.name);
      const auto near = grammar::did_you_mean(made.text, known);
      return wrong("there is no collection '" + made.text + "'",
                   near ? "did you mean '" + *near + "'?" : "`:graph` lists them");
    }
  }
  breaks_.push_back(std::move(made));
  out("breakpoint " + std::to_string(breaks_.size()) + ": " + breaks_.back().text + "\n");
  return true;
}

bool Repl::drop_break(const std::string& rest) {
  if (rest.empty()) return breaks_.clear(), true;
  const std::size_t number =
      rest.size() < 6 && rest.find_first_not_of("0123456789") == std::string::npos
          ? static_cast<std::size_t>(std::stoul(rest))
          : 0;
  if (number == 0 || number > breaks_.size()) {
    return wrong("there is no breakpoint " + rest, "`:break` lists them");
  }
  breaks_.erase(breaks_.begin() + static_cast<std::ptrdiff_t>(number - 1));
  return true;
}

void Repl::list_breaks() {
  std::string text;
  for (std::size_t i = 0; i < breaks_.size(); ++i) {
    text += std::to_string(i + 1) + "  on " + breaks_[i].text + "\n";
  }
  out(text.empty() ? "no breakpoints\n" : text);
}

// ---- edited requests ---------------------------------------------------------------------------

bool Repl::edit(const std::string& rest) {
  if (focus_ == nullptr) return wrong("there is no request to edit", "`:step` stops before one");
  http::Request request = draft_ && !at_request_ ? *draft_ : focus_->request;
  if (rest.empty()) {
    if (!edit_in_editor(request)) return false;
  } else if (auto edited = repl::edit(request, rest); !edited) {
    return wrong(edited.error().text);
  }
  const auto url = http::parse_url(request.url);
  if (!url) return wrong("'" + request.url + "' can't be read as a URL");
  if (auto allowed = run_->guard.permit(*url); !allowed) return wrong(allowed.error().text);
  if (at_request_) {
    focus_->request = std::move(request);
    focus_->edited = true;
    out(show_request(*focus_, show_options()));
    return true;
  }
  draft_ = std::move(request);
  Exchanged shown;
  shown.name = "draft";
  shown.collection = focus_->collection;
  shown.declared_in = focus_->declared_in;
  shown.request = *draft_;
  shown.edited = true;
  out(show_request(shown, show_options()));
  return true;
}

bool Repl::edit_in_editor(http::Request& request) {
  const char* editor = std::getenv("VISUAL");
  if (editor == nullptr || *editor == '\0') editor = std::getenv("EDITOR");
  if (editor == nullptr || *editor == '\0') {
    return wrong("neither VISUAL nor EDITOR says which editor to use",
                 ":edit header X: y does without");
  }
  const char* folder = std::getenv("TMPDIR");
  std::string path =
      std::string(folder != nullptr && *folder == '/' ? folder : "/tmp") + "/fconn-XXXXXX";
  const int descriptor = ::mkstemp(path.data());  // mode 0600
  if (descriptor < 0) return wrong("a file for the editor can't be made in " + directory_of(path));
  ::close(descriptor);
  const auto written = write_file(path, repl::to_text(request, run_->redactor), Mode::personal);
  const auto ended =
      written ? run_editor(editor, path) : value::Result<void>(value::fail(written.error()));
  auto text = ended ? read_file(path) : value::Result<std::string>(value::fail(ended.error()));
  ::unlink(path.c_str());
  if (!text) return wrong(text.error().text);
  if (auto read = repl::from_text(request, run_->redactor, *text); !read) {
    return wrong(read.error().text);
  }
  return true;
}

namespace {

/// One answer, kept whole.
class OneAnswer final : public http::ResponseHandler {
 public:
  explicit OneAnswer(Exchanged& seen) : seen_(seen) {}
  value::Result<void> head(int status, const http::Headers& headers) override {
    seen_.status = status;
    seen_.headers = headers;
    return {};
  }
  value::Result<void> bytes(std::string_view chunk) override {
    seen_.received += chunk.size();
    if (seen_.body.size() + chunk.size() > max_held) {
      return value::fail(value::FailureKind::limit, "the answer is larger than 64 MiB");
    }
    seen_.body.append(chunk);
    return {};
  }
  void done(value::Result<http::Timings> result) override {
    ended = true;
    if (result) {
      seen_.timing = *result;
      seen_.arrived = true;
    } else {
      failure = result.error();
    }
  }
  bool ended = false;
  std::optional<value::Failure> failure;

 private:
  Exchanged& seen_;
};

}  // namespace

bool Repl::resend() {
  if (at_request_) return wrong("the request waits to be sent", "`:step` and `:continue` send it");
  if (focus_ == nullptr) return wrong("there is no request to send again");
  auto made = std::make_unique<Exchanged>();
  made->name = focus_->name + "'";
  made->instance = focus_->instance;
  made->collection = focus_->collection;
  made->connector = focus_->connector;
  made->declared_in = focus_->declared_in;
  made->declared = focus_->declared;
  made->names = focus_->names;
  made->request = draft_ ? *draft_ : focus_->request;
  made->edited = draft_.has_value();
  const auto transport = http::make_curl_transport(curl_options(args_), run_->guard);
  OneAnswer answer(*made);
  http::Request request = made->request;
  request.id = 1;
  transport->start(std::move(request), answer);
  while (!answer.ended) transport->wait(clock_->now() + value::Milliseconds(1000));
  if (answer.failure) return wrong(run_->redactor.redact(answer.failure->text));
  made->judged = true;
  out(show_request(*made, show_options()) + show_answer(*made, show_options()));
  resent_ = std::move(made);
  focus_ = resent_.get();
  row_.reset();
  return true;
}

}  // namespace fconn::cli
