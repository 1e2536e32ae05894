#include "tools/fconn/run_session.hh"

#include <algorithm>
#include <set>

#include "interpreter/http/curl_transport.hh"
#include "interpreter/http/redact.hh"
#include "interpreter/privacy/narrowing_sink.hh"
#include "interpreter/store/memory_store.hh"
#include "tools/fconn/feeds.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/policy.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/progress.hh"
#include "tools/fconn/report.hh"
#include "tools/fconn/rows_out.hh"
#include "tools/fconn/signals.hh"
#include "tools/fconn/targets.hh"
#include "tools/fconn/token_file.hh"

namespace fconn::cli {
namespace {

/// Receives nothing: check --live has no rows.
class NoRows : public value::Sink {
 public:
  value::Result<void> write(std::string_view, std::string_view, const value::RowBatch&) override {
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }
};

class Session {
 public:
  Session(Terminal& terminal, const RunArgs& args, const RunKind& kind, bool json)
      : terminal_(terminal), args_(args), kind_(kind), json_(json) {}

  int run() {
    if (!open_config()) return exit_code::usage;
    split_collections();
    int exit = exit_code::usage;
    auto loaded = load_targets(terminal_, targets_, project(), {args_.strict, kind_.overlay}, exit);
    if (!loaded) return exit;
    if (takes_values()) feeds_ = plan_feeds(*loaded, args_.values, project());
    terminal_.report(feeds_.problems);
    if (!feeds_.problems.empty()) return exit_code::usage;
    if (!collect(*loaded)) return exit_code::usage;
    return execute();
  }

 private:
  const config::Project* project() const {
    return file_ && file_->project ? &*file_->project : nullptr;
  }

  bool open_config() {
    file_ = open_project(args_.config);
    if (file_->problem) terminal_.report(*file_->problem);
    if (grammar::has_errors(file_->diagnostics)) {
      terminal_.report(file_->sources, file_->diagnostics);
    }
    return !file_->problem && !grammar::has_errors(file_->diagnostics);
  }

  /// `read INSTANCE COLLECTION…`: words after the first that name no target.
  void split_collections() {
    targets_ = args_.targets;
    collections_.insert(args_.collections.begin(), args_.collections.end());
    if (!kind_.collections_after_target) return;
    targets_.clear();
    for (const std::string& word : args_.targets) {
      Problem ignored;
      const bool path = word.find_first_of("./:") != std::string::npos;
      if (targets_.empty() || path || resolve_target(word, project(), ignored)) {
        targets_.push_back(word);
      } else {
        collections_.insert(word);
      }
    }
  }

  bool collect(const std::vector<Loaded>& loaded) {
    Problems problems;
    settings_ = read_settings(args_, project(), problems);
    std::vector<Loaded> all = loaded;
    all.insert(all.end(), feeds_.feeders.begin(), feeds_.feeders.end());
    Values values = collect_values(all, args_.values, project());
    problems.insert(problems.end(), values.problems.begin(), values.problems.end());
    check_collections(loaded, problems);
    if (kind_.check_only) check_has_check(loaded, problems);
    if (kind_.consent) check_has_consent(loaded, problems);
    if (has_rows()) read_policy_of(loaded, problems, values.warnings);
    for (const Problem& warning : values.warnings) {
      if (args_.strict) {
        problems.push_back(warning);
      } else {
        terminal_.warn(warning);
      }
    }
    terminal_.report(problems);
    if (!problems.empty()) return false;
    const auto targets = values.instances.begin() + static_cast<std::ptrdiff_t>(loaded.size());
    feeders_.assign(targets, values.instances.end());
    values.instances.erase(targets, values.instances.end());
    facts_.instances = std::move(values.instances);
    return open_tokens(all);
  }

  /// The project's store where a token of one of its instances may be kept.
  bool open_tokens(const std::vector<Loaded>& loaded) {
    Problems problems;
    if (args_.token) given_token(problems);
    if (problems.empty() && may_take_tokens() && needs_store(loaded)) {
      auto opened = open_store(*project());
      if (opened) {
        tokens_ = *std::move(opened);
      } else {
        problems.push_back({opened.error().text, "", ""});
      }
    }
    if (kind_.login != nullptr && problems.empty() && !tokens_) {
      problems.push_back(no_place_for_tokens(loaded.front()));
    }
    terminal_.report(problems);
    return problems.empty();
  }

  void given_token(Problems& problems) {
    if (facts_.instances.size() != 1) {
      problems.push_back({"--token goes with one target", "", ""});
      return;
    }
    auto token = read_token_file(*args_.token);
    if (token) {
      facts_.instances.front().token = *std::move(token);
    } else {
      problems.push_back({token.error().text, "", ""});
    }
  }

  void check_collections(const std::vector<Loaded>& loaded, Problems& problems) const {
    for (const std::string& name : collections_) {
      std::vector<std::string> names;
      for (const Loaded& one : loaded) {
        for (const ir::Collection& collection : one.connector->collections) {
          names.push_back(collection.name);
        }
      }
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      const auto near = grammar::did_you_mean(name, names);
      problems.push_back({"there is no collection '" + name + "'",
                          near ? "did you mean '" + *near + "'?" : "`fconn show` lists them", ""});
    }
  }

  void read_policy_of(const std::vector<Loaded>& loaded, Problems& problems, Problems& warnings) {
    PolicyRead read = read_policy(args_, PolicyUse::access, project(), loaded);
    problems.insert(problems.end(), read.problems.begin(), read.problems.end());
    warnings.insert(warnings.end(), read.warnings.begin(), read.warnings.end());
    if (!read.policy) return;
    targeted_ = read.policy->targets;
    for (const Loaded& one : loaded) {
      for (const ir::Collection& collection : one.connector->collections) {
        privacy::Narrower narrower(collection, *read.policy);
        if (!narrower.keeps_anything()) {
          left_out_[one.key][collection.name] =
              collection.has_fields ? "the policy targets none of its fields"
                                    : "it declares no fields, so the policy targets none";
        }
        narrowers_[one.key].emplace(collection.name, std::move(narrower));
      }
    }
  }

  /// One target without such a consent is skipped and said; when all lack it, or nobody knows a
  /// purpose, nothing would be sent where somebody expects it.
  void check_has_consent(const std::vector<Loaded>& loaded, Problems& problems) const {
    const ConsentKind& wanted = *kind_.consent;
    std::vector<std::string> purposes;
    bool any = false;
    for (const Loaded& one : loaded) {
      for (const ir::Consent& consent : one.connector->consents) {
        if (consent.direction != wanted.direction) continue;
        any = true;
        if (!consent.purpose.empty()) purposes.push_back(consent.purpose);
      }
    }
    if (!any) {
      const std::string who = loaded.size() == 1 ? loaded.front().key + " declares no"
                                                 : std::string("no target declares a");
      problems.push_back({who + " `consent " + wanted.direction + "`",
                          "`fconn show` says what a connector can do", ""});
      return;
    }
    for (const std::string& purpose : wanted.purposes) {
      if (std::find(purposes.begin(), purposes.end(), purpose) != purposes.end()) continue;
      const auto near = grammar::did_you_mean(purpose, purposes);
      problems.push_back(
          {"there is no `consent " + wanted.direction + "` for purpose '" + purpose + "'",
           near ? "did you mean '" + *near + "'?" : "`fconn show` lists them", ""});
    }
  }

  static void check_has_check(const std::vector<Loaded>& loaded, Problems& problems) {
    for (const Loaded& one : loaded) {
      if (one.connector->check) continue;
      problems.push_back({one.key + " declares no `check` request", "", ""});
    }
  }

  bool open_outputs(const std::string& request_id) {
    if (has_rows()) {
      auto rows =
          open_rows(args_, facts_.instances, kind_.name, request_id, facts_.started, targeted_);
      if (!rows) {
        terminal_.report({rows.error().text, "", ""});
        return false;
      }
      rows_ = std::move(*rows);
      if (!narrowers_.empty()) narrowing_ = privacy::make_narrowing(rows_.sink(), narrowers_);
    }
    if (!args_.trace) return true;
    auto output = sink::Output::create(*args_.trace);
    if (!output) {
      terminal_.report({output.error().text, "", ""});
      return false;
    }
    trace_ = std::make_unique<FileTrace>(std::move(*output));
    return true;
  }

  run::Options engine_options(std::string request_id) const {
    run::Options options;
    options.action = kind_.action;
    options.check_only = kind_.check_only;
    options.login_only = kind_.login != nullptr;
    options.collections = collections_;
    options.left_out = left_out_;
    if (kind_.consent) {
      options.consent_direction = kind_.consent->direction;
      options.consent_purposes = kind_.consent->purposes;
    }
    if (settings_.max_parallel) {
      options.max_parallel = *settings_.max_parallel;
      options.default_parallel = *settings_.max_parallel;
    }
    // One request at a time: then the order of requests is the connector's, not the network's.
    if (args_.ordered) options.max_parallel = 1;
    // A recording's answers are in memory anyway; where the engine waited for the writer, a clock
    // that jumps would run away.
    if (kind_.world != nullptr) options.queue_bytes = std::size_t{1} << 30U;
    options.timeout = settings_.timeout;
    options.retries = settings_.retries;
    options.provenance = args_.provenance || args_.ordered;
    options.request_id = std::move(request_id);
    return options;
  }

  /// Values of externals: of what reads collections.
  bool takes_values() const {
    return !kind_.check_only && kind_.login == nullptr && !kind_.consent;
  }

  /// Rows that are read for their values alone: of an instance that is no target, or of a
  /// collection that wasn't asked for.
  bool is_hidden(std::string_view key, std::string_view name) const {
    const bool target = std::any_of(facts_.instances.begin(), facts_.instances.end(),
                                    [key](const run::Instance& one) { return one.key == key; });
    if (!target || (!collections_.empty() && collections_.count(std::string(name)) == 0))
      return true;
    return left_out(key, name) != nullptr;
  }

  const std::string* left_out(std::string_view key, std::string_view name) const {
    const auto instance = left_out_.find(std::string(key));
    if (instance == left_out_.end()) return nullptr;
    const auto found = instance->second.find(std::string(name));
    return found == instance->second.end() ? nullptr : &found->second;
  }

  static run::RunSummary run_engine(run::Options options, const run::Ports& ports,
                                    const std::vector<run::Instance>& instances) {
    run::Engine engine(std::move(options), ports);
    for (const run::Instance& instance : instances) engine.add(instance);
    const InterruptGuard interrupts(engine);
    return engine.run();
  }

  /// Instances that others take values from run before those.
  run::RunSummary run_in_steps(const run::Options& options, const run::Ports& ports,
                               FeedSink& feeding) {
    std::vector<run::Instance> all = feeders_;
    all.insert(all.end(), facts_.instances.begin(), facts_.instances.end());
    std::vector<std::string> keys;
    keys.reserve(all.size());
    for (const run::Instance& one : all) keys.push_back(one.key);
    FeedSummary summary(feeding, [this](std::string_view key, std::string_view name) {
      return left_out(key, name);
    });
    for (const std::vector<std::string>& step : feed_order(keys, feeds_.feeds)) {
      for (run::Instance& instance : all) {
        if (std::find(step.begin(), step.end(), instance.key) == step.end()) continue;
        feeding.fill(instance);
        if (summary.interrupted()) {
          summary.add_unread(instance);
        } else {
          summary.add(run_engine(feed_options(options, instance.key), ports, {instance}));
        }
      }
    }
    if (auto closed = feeding.close_inner(); !closed) summary.add_failure(closed.error());
    return summary.take();
  }

  /// For one instance: what others need is read, too, whatever was asked for.
  run::Options feed_options(run::Options options, const std::string& key) const {
    const bool feeder = std::any_of(feeders_.begin(), feeders_.end(),
                                    [&key](const run::Instance& one) { return one.key == key; });
    for (const Feed& feed : feeds_.feeds) {
      if (feed.source.instance != key) continue;
      if (feeder || !collections_.empty()) options.collections.insert(feed.source.collection);
      options.left_out[key].erase(feed.source.collection);
    }
    return options;
  }

  int execute() {
    const auto real_clock = make_clock(settings_.now);
    if (kind_.world != nullptr) kind_.world->begin(facts_.instances, tokens_.get());
    value::Clock* const clock =
        kind_.world != nullptr ? &kind_.world->clock(*real_clock) : real_clock.get();
    const auto random = make_random(settings_.seed);
    facts_.id = run_id(clock->wall(), *random);
    facts_.action = kind_.name;
    facts_.strict = args_.strict;
    facts_.started = format_time(clock->wall());
    const std::string request_id = args_.request_id ? *args_.request_id : uuid(*random);
    if (!open_outputs(request_id)) return exit_code::usage;

    http::HostsGuard guard;
    if (settings_.send_to) {
      guard.send_to(*settings_.send_to);
      terminal_.complain("fconn: warning: every request goes to " +
                         http::origin(*settings_.send_to) +
                         " instead of the connector's hosts (--send-to)\n");
    }
    http::CurlOptions curl;
    curl.ca_file = args_.ca.value_or("");
    curl.client_cert_file = args_.client_cert.value_or("");
    curl.proxy = args_.proxy.value_or("");
    std::unique_ptr<http::Transport> transport = http::make_curl_transport(curl, guard);
    if (kind_.world != nullptr) transport = kind_.world->transport(std::move(transport));
    http::Redactor redactor;
    NoRows no_rows;
    ProgressLine progress(terminal_, *clock);
    value::Sink& rows = narrowing_ ? *narrowing_ : has_rows() ? rows_.sink() : no_rows;
    value::Sink& out = kind_.world != nullptr ? kind_.world->sink(rows) : rows;
    FeedSink feeding(feeds_.feeds, out, [this](std::string_view key, std::string_view name) {
      return is_hidden(key, name);
    });
    const bool fed = !feeds_.feeds.empty();
    run::Ports ports{*transport,
                     guard,
                     redactor,
                     *clock,
                     *random,
                     fed ? feeding : out,
                     trace_.get(),
                     [&progress](const run::Progress& now) { progress.show(now); },
                     tokens_ ? tokens_.get() : passing_tokens_.get(),
                     kind_.login,
                     kind_.world == nullptr ? tokens_.get() : nullptr};
    const run::RunSummary summary =
        fed ? run_in_steps(engine_options(request_id), ports, feeding)
            : run_engine(engine_options(request_id), ports, facts_.instances);
    progress.clear();
    if (!tokens_ && args_.token) warn_of_lost_tokens();
    const int code = kind_.login != nullptr ? conclude_login(summary) : conclude(summary);
    return kind_.world != nullptr ? kind_.world->end(summary, redactor, code) : code;
  }

  /// Refresh tokens that work once: what came of the given one is gone with the program.
  void warn_of_lost_tokens() {
    const auto infos = passing_tokens_->list(facts_.instances.front().key);
    constexpr std::uint64_t given = 2;  // what the given token itself took
    if (!infos || std::none_of(infos->begin(), infos->end(), [](const store::TokenInfo& info) {
          return info.renewable && info.serial > given;
        })) {
      return;
    }
    terminal_.warn(
        {"the server gave new tokens, and they are gone with this run; the refresh token "
         "in " +
             *args_.token + " may not work again",
         "name the target as an instance of a fconn.toml: its tokens are kept", ""});
  }

  bool may_take_tokens() const {
    return kind_.world == nullptr || kind_.world->takes_stored_tokens();
  }

  bool has_rows() const {
    return !kind_.check_only && kind_.login == nullptr && !kind_.consent && !kind_.without_rows;
  }

  int conclude_login(const run::RunSummary& summary) {
    for (const run::Message& message : summary.messages) {
      terminal_.complain(render_failure(facts_.instances.front().connector.get(), message.failure,
                                        message.instance, terminal_.error_style()));
    }
    return run::exit_code(summary, args_.strict);
  }

  int conclude(const run::RunSummary& summary) {
    report_run(terminal_, summary, facts_, rows_.broken_pipe());
    int code = run::exit_code(summary, args_.strict);
    if (rows_.broken_pipe() && only_output_failed(summary)) code = exit_code::complete;
    if (trace_) {
      if (auto closed = trace_->close(); !closed) {
        terminal_.report({closed.error().text, "", ""});
        code = std::max(code, exit_code::findings);
      }
    }
    const std::string json = summary_json(summary, facts_);
    if (args_.summary ? *args_.summary == "-" : json_ && !kind_.check_only) {
      terminal_.complain(json);
    } else if (args_.summary) {
      if (auto written = write_file(*args_.summary, json, Mode::personal); !written) {
        terminal_.report({written.error().text, "", ""});
        code = std::max(code, exit_code::findings);
      }
    }
    if (json_ && kind_.check_only) terminal_.print(json);
    return code;
  }

  static bool only_output_failed(const run::RunSummary& summary) {
    return std::all_of(summary.messages.begin(), summary.messages.end(),
                       [](const run::Message& message) {
                         return message.failure.kind == value::FailureKind::output ||
                                message.failure.kind == value::FailureKind::cancelled;
                       });
  }

  Terminal& terminal_;
  const RunArgs& args_;
  const RunKind& kind_;
  bool json_;
  std::unique_ptr<ProjectFile> file_;
  std::vector<std::string> targets_;
  std::set<std::string> collections_;
  RunSettings settings_;
  RunFacts facts_;
  RowsOut rows_;
  std::map<std::string, std::map<std::string, std::string>> left_out_;
  std::vector<std::string> targeted_;
  FeedPlan feeds_;
  std::vector<run::Instance> feeders_;  // read for their values alone
  privacy::Narrowers narrowers_;        // empty: there is no policy
  std::unique_ptr<value::Sink> narrowing_;
  std::unique_ptr<store::Store> tokens_;  // the project's
  std::unique_ptr<store::TokenStore> passing_tokens_ = store::make_memory_store();
  std::unique_ptr<FileTrace> trace_;
};

}  // namespace

int run_session(Terminal& terminal, const RunArgs& args, const RunKind& kind, bool json) {
  return Session(terminal, args, kind, json).run();
}

}  // namespace fconn::cli
