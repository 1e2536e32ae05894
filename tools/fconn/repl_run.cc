// Runs under the debugger: the engine on this thread, held at requests and answers by waiting in
// the observer until a line says how it goes on.
#include <algorithm>

#include "grammar/display_text.hh"
#include "grammar/parse.hh"
#include "interpreter/http/curl_transport.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/repl.hh"
#include "tools/fconn/report.hh"
#include "tools/fconn/signals.hh"
#include "tools/fconn/token_file.hh"

namespace fconn::cli {

using repl::Exchanged;

namespace {

constexpr std::size_t max_held = std::size_t{64} << 20U;

/// Without its full stop, to be gone on with.
std::string_view sentence(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  return text;
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

http::CurlOptions Repl::curl_options() const {
  http::CurlOptions curl;
  curl.ca_file = args_.ca.value_or("");
  curl.client_cert_file = args_.client_cert.value_or("");
  curl.proxy = args_.proxy.value_or("");
  return curl;
}

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

bool Repl::knows_collections(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const ir::Collection& collection : connector().collections) known.push_back(collection.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = grammar::did_you_mean(name, known);
    return wrong("there is no collection '" + name + "'",
                 near ? "did you mean '" + *near + "'?" : "`:graph` lists them");
  }
  return true;
}

bool Repl::start(const std::vector<std::string>& names) {
  const bool good = begin(names);
  until_.reset();
  return good;
}

bool Repl::begin(const std::vector<std::string>& names) {
  if (!knows_collections(names)) return false;
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

  const auto random = make_random(settings.seed);
  prepare(*instance, names, settings, *random);
  return perform(*random, tokens.get());
}

/// A run that nothing is known of yet.
void Repl::prepare(const run::Instance& instance, const std::vector<std::string>& names,
                   const RunSettings& settings, value::Random& random) {
  focus_ = last_answer_ = nullptr;
  row_.reset();
  draft_.reset();
  resent_.reset();
  for (Breakpoint& point : breaks_) point.complained = false;
  run_ = std::make_unique<ReplRun>();
  run_->instance = instance;
  changed_ = false;
  run_->collections.insert(names.begin(), names.end());
  run::Options& options = run_->options;
  options.action = instance.identities.empty() ? plan::Action::read : plan::Action::access;
  options.collections = run_->collections;
  // One request at a time: then a person can follow, and nothing happens while one waits.
  options.max_parallel = 1;
  options.timeout = settings.timeout;
  options.retries = settings.retries;
  options.request_id = args_.request_id ? *args_.request_id : uuid(random);
  if (settings.send_to) run_->guard.send_to(*settings.send_to);
  run_->recorder = std::make_unique<repl::Recorder>(
      std::map<std::string, std::shared_ptr<const ir::Connector>>{
          {instance.key, instance.connector}},
      repl::Recorder::Hooks{
          [this](Exchanged& seen) { return on_sending(seen); },
          [this](Exchanged& seen) { on_judged(seen); },
          [this](const Exchanged& seen) {
            if (last_answer_ == &seen) last_answer_ = nullptr;
            if (focus_ == &seen) focus_ = nullptr;
          },
          [this](const std::string& collection, const std::vector<repl::ClauseSeen>& steps,
                 const repl::EventSeen& event) {
            if (pace_ != Pace::step) return;
            out(show_stray(collection, steps, event, show_options()));
          }});
}

/// `tokens`: where tokens and jobs are kept; null: as long as the session.
bool Repl::perform(value::Random& random, store::Store* tokens) {
  const auto transport = http::make_curl_transport(curl_options(), run_->guard);
  run::Ports ports{*transport,   run_->guard, run_->redactor,
                   *clock_,      random,      run_->rows,
                   trace_.get(), {},          tokens != nullptr ? tokens : passing_tokens_.get(),
                   nullptr,      tokens};
  ports.observer = run_->recorder.get();
  run::Engine engine(run_->options, ports);
  engine.add(run_->instance);
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
  stopped_by_.clear();
  say_end();
  if (until_ && !run_->summary->interrupted) out("the run never came to " + until_->text + "\n");
  return run::exit_code(*run_->summary, args_.strict) == 0;
}

void Repl::say_failure(const run::Message& message) {
  std::string text = render_failure(run_->instance.connector.get(), message.failure,
                                    message.collection.empty() ? "" : message.collection + ": ",
                                    terminal_.error_style());
  if (!message.request.empty()) text += "  request: " + message.request + "\n";
  terminal_.complain(reveal_ ? text : run_->redactor.redact(text));
}

/// What was stopped at its last answer is whole all the same.
bool Repl::ended_early(const run::RunSummary& summary) {
  return summary.interrupted &&
         std::any_of(summary.collections.begin(), summary.collections.end(),
                     [](const run::CollectionSummary& one) {
                       return one.outcome.state == value::CollectionState::failed;
                     });
}

void Repl::say_end() {
  const run::RunSummary& summary = *run_->summary;
  std::string text, idle;
  for (const run::Message& message : summary.messages) {
    if (message.failure.kind != value::FailureKind::cancelled) say_failure(message);
  }
  for (const run::CollectionSummary& one : summary.collections) {
    const value::Outcome& outcome = one.outcome;
    // What the end of a run kept from beginning isn't worth a line each.
    if (summary.interrupted && outcome.requests == 0 && outcome.rows == 0 &&
        outcome.state == value::CollectionState::failed) {
      idle += (idle.empty() ? "" : ", ") + one.collection;
      continue;
    }
    const bool failed_itself = std::any_of(
        summary.messages.begin(), summary.messages.end(), [&](const run::Message& message) {
          return message.collection == one.collection &&
                 message.failure.kind != value::FailureKind::cancelled;
        });
    const bool held =
        summary.interrupted && !failed_itself && outcome.state == value::CollectionState::failed;
    text += one.collection + " " + (held ? "ended early" : std::string(value::name(outcome.state)));
    if (!held && !outcome.reason.empty())
      text += ": " + grammar::safe_text(sentence(outcome.reason));
    text +=
        ", " + counted(outcome.rows, "row") + ", " + counted(outcome.requests, "request") + "\n";
    if (outcome.unlike > 0) {
      text += "  left out " + counted(outcome.unlike, "row") +
              ": an earlier one with the same key holds something else\n";
    }
    for (const auto& [reason, count] : outcome.skips) {
      text += "  skipped " + counted(count, "answer") + ": " + grammar::safe_text(reason) + "\n";
    }
  }
  if (!idle.empty()) text += "not begun: " + idle + "\n";
  if (ended_early(summary)) text += "the run was ended before it was complete\n";
  if (summary.collections.empty()) text += "no collection ran; `:plan` says why\n";
  out(text);
}

bool Repl::resume(Pace pace) {
  if (!waiting()) return wrong("no run waits", "`:run` and `:step` begin one");
  pace_ = pace;
  if (pace == Pace::next) next_from_ = focus_ == nullptr ? "" : focus_->collection;
  then_ = Then::go_on;
  return true;
}

bool Repl::until(const std::string& rest) {
  if (rest.empty())
    return wrong(":until needs what to stop at", ":until order, :until 4xx, :until r40");
  auto made = read_break(rest);
  if (!made) return false;
  until_ = std::move(made);
  if (waiting()) return resume(Pace::freely);
  pace_ = Pace::freely;
  return start({});
}

// ---- where it waits ----------------------------------------------------------------------------

bool Repl::on_sending(Exchanged& seen) {
  focus_ = &seen;
  row_.reset();
  at_request_ = true;
  stopped_by_ = hit(seen, true);
  // A token's request is on the way to one of the collection.
  const bool left = pace_ == Pace::next && !seen.of_token() && seen.collection != next_from_;
  if (pace_ != Pace::step && !left && stopped_by_.empty()) return true;
  out((stopped_by_.empty() ? "" : stopped_by_ + "\n") + show_request(seen, show_options()));
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
  if (pace_ == Pace::next) out(show_line(seen, show_options()));
  stopped_by_ = hit(seen, false);
  if (stopped_by_.empty()) return;
  std::string text = stopped_by_ + "\n";
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

/// What stops the run before a request leaves, or at its answer: "breakpoint 2: 404"; empty:
/// nothing.
std::string Repl::hit(const Exchanged& seen, bool before) {
  if (until_ && stops_at(*until_, "`:until`", seen, before)) {
    std::string text = "until: " + until_->text;
    until_.reset();
    return text;
  }
  for (std::size_t i = 0; i < breaks_.size(); ++i) {
    const std::string name = "breakpoint " + std::to_string(i + 1);
    if (!stops_at(breaks_[i], name, seen, before)) continue;
    until_.reset();
    return name + ": " + breaks_[i].text;
  }
  return {};
}

bool Repl::stops_at(Breakpoint& one, const std::string& name, const Exchanged& seen, bool before) {
  if (before) {
    return (one.kind == Breakpoint::Kind::collection && one.text == seen.collection) ||
           (one.kind == Breakpoint::Kind::request && one.text == seen.name);
  }
  if (!seen.arrived) return false;
  if (one.kind == Breakpoint::Kind::status)
    return seen.status >= one.low && seen.status <= one.high;
  if (one.kind != Breakpoint::Kind::expression || seen.of_token()) return false;
  const Evaluated found = evaluate(one.text, &seen, true);
  if (found.value) {
    const value::Value& value = found.value->get();
    return value.kind == value::Kind::boolean && value.integer != 0;
  }
  if (!one.complained)
    terminal_.say(name + " has no value for " + seen.name + ": " + one.text + "\n");
  one.complained = true;
  return false;
}

/// None, and said: it can't be one.
std::optional<Breakpoint> Repl::read_break(const std::string& rest) {
  Breakpoint made;
  made.text = rest == "on" ? "" : rest.substr(rest.starts_with("on ") ? 3 : 0);
  made.text.erase(0, std::min(made.text.find_first_not_of(" \t"), made.text.size()));
  if (made.text.empty()) {
    wrong("on what?", ":break on member, :break on 404, :break on .items == []");
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const ir::Collection& one : connector().collections) known.push_back(one.name);
  if (const auto range = status_range(made.text)) {
    made.kind = Breakpoint::Kind::status;
    made.low = range->first;
    made.high = range->second;
    return made;
  }
  if (std::find(known.begin(), known.end(), made.text) != known.end()) return made;
  const bool request = made.text.size() > 1 && made.text[0] == 'r' &&
                       made.text.find_first_not_of("0123456789", 1) == std::string::npos;
  made.kind = request ? Breakpoint::Kind::request : Breakpoint::Kind::expression;
  if (request) return made;
  // Only its form can be looked at before an answer is there.
  grammar::SourceMap sources;
  const grammar::FileId file = sources.add("breakpoint", made.text);
  const auto parsed = grammar::parse_expression(sources, file);
  if (grammar::has_errors(parsed.diagnostics)) {
    terminal_.report(sources, parsed.diagnostics);
    return std::nullopt;
  }
  const bool word =
      made.text.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
  if (!word) return made;
  const auto near = grammar::did_you_mean(made.text, known);
  wrong("there is no collection '" + made.text + "'",
        near ? "did you mean '" + *near + "'?" : "`:graph` lists them");
  return std::nullopt;
}

bool Repl::add_break(const std::string& rest) {
  if (rest.empty()) return list_breaks(), true;
  auto made = read_break(rest);
  if (!made) return false;
  breaks_.push_back(*std::move(made));
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

}  // namespace fconn::cli
