// fconn learn TARGET|FILE.har… [--write]
#include <algorithm>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "tools/fconn/connector_text.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/recorded_run.hh"
#include "tools/fconn/resolver.hh"
#include "tools/fconn/run_session.hh"
#include "tools/har/capture.hh"
#include "tools/learn/learn.hh"

namespace fconn::cli {
namespace {

/// The shapes of rows, by collection.
class ShapeSink final : public value::Sink {
 public:
  explicit ShapeSink(std::map<std::string, learn::Shape>& rows) : rows_(rows) {}
  value::Result<void> write(std::string_view, std::string_view collection,
                            const value::RowBatch& batch) override {
    learn::Shape& shape = rows_[std::string(collection)];
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.dropped(i) || shape.seen == learn::max_rows) continue;
      value::Arena arena;
      if (const auto row = value::parse_json(batch.row(i), arena)) shape.add(*row);
    }
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }

 private:
  std::map<std::string, learn::Shape>& rows_;
};

/// Live, or against a recording.
class LearnWorld final : public RunWorld {
 public:
  explicit LearnWorld(std::optional<RecordedRun> recorded) : sink_(learnt_.rows) {
    if (!recorded) return;
    learnt_.exchanges = recorded->archive.exchanges;
    recorded_clock_.emplace(recorded->clock);
    replay_.emplace(std::move(recorded->archive));
  }

  bool takes_stored_tokens() const override { return !replay_; }
  void begin(const std::vector<run::Instance>&, store::TokenStore*) override {}
  value::Clock& clock(value::Clock& real) override {
    if (recorded_clock_) return *recorded_clock_;
    clock_ = &real;
    return real;
  }
  std::unique_ptr<http::Transport> transport(std::unique_ptr<http::Transport> network) override {
    if (replay_) return recorded_transport(*replay_, *recorded_clock_);
    auto capture = std::make_unique<har::CaptureTransport>(std::move(network), *clock_);
    capture_ = capture.get();
    return capture;
  }
  value::Sink& sink(value::Sink& /*rows*/) override { return sink_; }
  int end(const run::RunSummary& summary, const http::Redactor& /*redactor*/, int code) override {
    for (const run::CollectionSummary& one : summary.collections) {
      if (one.outcome.state == value::CollectionState::failed) failed_.insert(one.collection);
    }
    if (capture_ != nullptr) learnt_.exchanges = capture_->take();
    return code;
  }

  const learn::Learnt& learnt() const { return learnt_; }
  const std::set<std::string>& failed() const { return failed_; }

 private:
  std::set<std::string> failed_;  // collections
  learn::Learnt learnt_;
  ShapeSink sink_;
  std::optional<mock::Replay> replay_;
  std::optional<contract::JumpingClock> recorded_clock_;
  value::Clock* clock_ = nullptr;
  har::CaptureTransport* capture_ = nullptr;
};

class Learn : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET|FILE.har", words_,
                       "What to read, or a recording of it; a HAR file of another tool, and the "
                       "connector.",
                       Complete::file, true);
    options.flag("write", write_, "Writes the proposal into the connector after showing it.");
    options.flag("try-pages", try_pages_,
                 "Where pages are guessed, asks the API for some more by each guess; one that "
                 "fails isn't proposed.");
    options.list("collection", "NAME", args_.collections, "Only these, and what they need.");
    declare_run_options(options, args_, false);
  }

  int run(Terminal& terminal, const Common& common) override {
    std::optional<std::string> file;
    for (const std::string& word : words_) {
      if (!word.ends_with(".har")) {
        args_.targets.push_back(word);
      } else if (file) {
        terminal.report({"learn takes one HAR file at a time", "", ""});
        return exit_code::usage;
      } else {
        file = word;
      }
    }
    const std::set<std::string> only(args_.collections.begin(), args_.collections.end());
    std::optional<RecordedRun> recorded;
    if (file) {
      recorded = open_recording(terminal, *file, args_);
      if (!recorded) return exit_code::usage;
      if (recorded->consent) {
        terminal.report({*file + " records a person's choice, which has no rows", "", ""});
        return exit_code::usage;
      }
    }
    if (args_.targets.size() != 1) {
      terminal.report({"learn takes one connector at a time", "", ""});
      return exit_code::usage;
    }
    if (try_pages_ && recorded) {
      terminal.report({"--try-pages asks the API, and a recording has no other pages", "", ""});
      return exit_code::usage;
    }
    RunKind kind;
    kind.action = recorded                          ? recorded->action
                  : args_.values.identities.empty() ? plan::Action::read
                                                    : plan::Action::access;
    kind.name = kind.action == plan::Action::access ? "access" : "read";
    kind.without_rows = true;
    LearnWorld world(std::move(recorded));
    kind.world = &world;
    const int code = run_session(terminal, args_, kind, false);
    // A run that was stopped or failed in part still shows something; nothing at all doesn't.
    if (world.learnt().rows.empty() && world.learnt().exchanges.empty()) {
      return code == 0 ? exit_code::findings : code;
    }
    const int shown = propose(terminal, world.learnt(), only, kind, common);
    return shown == exit_code::complete ? code : shown;
  }

 private:
  int propose(Terminal& terminal, const learn::Learnt& learnt, const std::set<std::string>& only,
              const RunKind& kind, const Common& common) {
    int exit = exit_code::usage;
    auto loaded = load_one(terminal, args_.targets.front(), args_.config, exit);
    if (!loaded) return exit;
    const std::string path = loaded->target.source;
    if (loaded->target.kind == TargetKind::ir_file || path.ends_with(".json")) {
      terminal.report({"compiled IR can't be edited", "give the .fconn file", ""});
      return exit_code::usage;
    }
    const bool bundled = !file_exists(path);
    Resolver resolver;
    auto text = bundled ? bundled_text(resolver, path) : read_file(path);
    if (!text) {
      terminal.report({text.error().text, "", ""});
      return exit_code::usage;
    }
    grammar::SourceMap sources;
    const grammar::FileId file = sources.add(path, *text);
    const grammar::Parsed parsed = grammar::parse(sources, file);
    learn::Proposal proposal =
        learn::propose(sources, parsed.ast, *loaded->connector, learnt, only);
    if (try_pages_ && !bundled && !proposal.trial.empty()) {
      const auto [notes, refuted] = try_pages(terminal, path, proposal, learnt, kind);
      proposal = learn::propose(sources, parsed.ast, *loaded->connector, learnt, only, refuted);
      proposal.notes.insert(proposal.notes.end(), notes.begin(), notes.end());
    }
    for (const std::string& note : proposal.notes) terminal.print("# " + note + "\n");
    const std::string shown = bundled ? base_name(path) + ".fconn" : path;
    if (proposal.text.empty() || proposal.text == *text) {
      terminal.print("# nothing to add to " + shown + "\n");
      return exit_code::complete;
    }
    if (!checks(terminal, path, proposal.text)) return exit_code::findings;
    terminal.print(unified_diff(shown, *text, proposal.text));
    if (!write_) {
      if (!common.quiet) terminal.say("--write puts this into " + shown + "; `patch` does, too\n");
      return exit_code::complete;
    }
    if (bundled) {
      terminal.report({"a bundled connector can't be written", "copy it into a file first", ""});
      return exit_code::usage;
    }
    if (auto written = write_file(path, proposal.text, Mode::shared); !written) {
      terminal.report({written.error().text, "", ""});
      return exit_code::findings;
    }
    terminal.say("written to " + path + "\n");
    return exit_code::complete;
  }

  /// Reads the collections whose pages are guessed by the trial's text. What came of each, and
  /// those that failed.
  std::pair<std::vector<std::string>, std::set<std::string>> try_pages(
      Terminal& terminal, const std::string& path, const learn::Proposal& proposal,
      const learn::Learnt& learnt, RunKind kind) {
    terminal.say("trying the pages that are guessed\n");
    RunArgs args = args_;
    args.collections.assign(proposal.guessed.begin(), proposal.guessed.end());
    args.trace.reset();  // it is of the first run
    const std::string absolute = absolute_path(path);
    kind.overlay = [&absolute, &proposal](const std::string& file) {
      return file == absolute ? &proposal.trial : nullptr;
    };
    LearnWorld world{std::nullopt};
    kind.world = &world;
    (void)run_session(terminal, args, kind, false);
    std::vector<std::string> notes;
    std::set<std::string> refuted;
    const auto rows_of = [](const learn::Learnt& of, const std::string& name) {
      const auto found = of.rows.find(name);
      return found == of.rows.end() ? std::uint64_t{0} : found->second.seen;
    };
    for (const std::string& name : proposal.guessed) {
      const std::uint64_t before = rows_of(learnt, name), now = rows_of(world.learnt(), name);
      if (world.failed().count(name) > 0) {
        refuted.insert(name);
        notes.push_back(name +
                        ": tried, and the read failed with the pagination that was guessed, "
                        "so it isn't proposed");
      } else if (now > before) {
        notes.push_back(name + ": tried, and what was guessed brought other rows");
      } else {
        notes.push_back(name +
                        ": tried, and it brought no other rows; the answers may have been "
                        "all there is");
      }
    }
    return {std::move(notes), std::move(refuted)};
  }

  static value::Result<std::string> bundled_text(Resolver& resolver, const std::string& name) {
    auto module = resolver.connector(name);
    if (module) return module->text;
    return value::fail(value::FailureKind::configuration, name + " can't be read");
  }

  /// What is proposed has to compile; otherwise it isn't shown as if it did.
  static bool checks(Terminal& terminal, const std::string& path, const std::string& text) {
    grammar::SourceMap sources;
    Resolver resolver;
    const grammar::FileId root = sources.add(path, text);
    const compile::Compiled compiled = compile::compile(root, sources, resolver, {});
    if (!grammar::has_errors(compiled.diagnostics)) return true;
    terminal.report(sources, compiled.diagnostics);
    terminal.report({"the proposal doesn't pass `check`; nothing is written", "", ""});
    return false;
  }

  RunArgs args_;
  std::vector<std::string> words_;
  bool write_ = false;
  bool try_pages_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_learn() { return std::make_unique<Learn>(); }

}  // namespace fconn::cli
