// fconn record TARGET… -o FILE.har
#include <algorithm>

#include "interpreter/eval/encoding.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/run_session.hh"
#include "tools/har/capture.hh"
#include "tools/har/scrub.hh"
#include "tools/har/secret_form.hh"

namespace fconn::cli {
namespace {

/// Rows say under the connector's names what a response may call otherwise.
class LearningSink final : public value::Sink {
 public:
  explicit LearningSink(har::Scrubber& scrubber) : scrubber_(scrubber) {}
  value::Result<void> write(std::string_view, std::string_view,
                            const value::RowBatch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!batch.dropped(i)) scrubber_.learn_json(batch.row(i));
    }
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }

 private:
  har::Scrubber& scrubber_;
};

/// The texts of a list of values.
std::vector<std::string> texts_of(const std::vector<value::OwnedValue>& values) {
  std::vector<std::string> out;
  for (const value::OwnedValue& one : values) {
    const value::Value& value = one.get();
    out.push_back(value.kind == value::Kind::string ? std::string(value.view())
                                                    : value::to_json(value));
  }
  return out;
}

std::string list_json(const std::vector<value::OwnedValue>& values) {
  std::string out = "[";
  for (const value::OwnedValue& one : values) {
    if (out.size() > 1) out += ',';
    value::append_json(one.get(), out);
  }
  return out + "]";
}

class RecordWorld final : public RunWorld {
 public:
  RecordWorld(Terminal& terminal, har::Provenance provenance, std::string path, std::string key)
      : terminal_(terminal),
        provenance_(std::move(provenance)),
        path_(std::move(path)),
        keyed_(std::move(key)) {}

  value::Result<void> open() { return keyed_.open(); }

  void begin(const std::vector<run::Instance>& instances, store::TokenStore* stored) override {
    instances_ = instances;
    for (const run::Instance& instance : instances_) {
      bool token = instance.token.has_value();
      if (stored != nullptr) {
        const auto kept = stored->list(instance.key);
        token = token || (kept && !kept->empty());
      }
      if (token) signed_in_.insert(instance.key);
    }
    for (const run::Instance& instance : instances_) declared_.add(*instance.connector);
    scrubber_.emplace(declared_, keyed_);
    sink_.emplace(*scrubber_);
    for (const run::Instance& instance : instances_) {
      for (const auto* named : {&instance.identities, &instance.externals}) {
        for (const auto& [name, values] : *named) {
          for (const std::string& text : texts_of(values)) scrubber_->learn_value(text);
        }
      }
      for (const auto& [name, param] : instance.params) {
        if (!param.get().secret) scrubber_->learn_json(value::to_json(param.get()));
      }
    }
  }

  value::Clock& clock(value::Clock& real) override {
    clock_ = &real;
    return real;
  }
  std::unique_ptr<http::Transport> transport(std::unique_ptr<http::Transport> network) override {
    auto capture = std::make_unique<har::CaptureTransport>(std::move(network), *clock_);
    capture_ = capture.get();
    return capture;
  }
  value::Sink& sink(value::Sink& /*rows*/) override { return *sink_; }

  int end(const run::RunSummary& /*summary*/, const http::Redactor& redactor, int code) override {
    har::Archive archive;
    archive.exchanges = capture_->take();
    scrubber_->learn(archive);
    scrubber_->scrub(archive, redactor);
    describe(redactor);
    archive.provenance = provenance_;
    const std::string text = har::write_archive(archive, FCONN_VERSION);
    const std::string safe = last_look(text, redactor);
    value::Arena arena;
    if (safe != text && !value::parse_json(safe, arena)) {
      terminal_.report({"a secret stands where it can't be taken out; nothing is written", "", ""});
      return std::max(code, exit_code::findings);
    }
    if (auto written = write_file(path_, safe, Mode::personal); !written) {
      terminal_.report({written.error().text, "", ""});
      return std::max(code, exit_code::findings);
    }
    if (safe != text) {
      terminal_.warn({"a secret or an identity stood where it has no stand-in, and became ***",
                      "a replay may not find what was recorded there", ""});
    }
    for (const std::string& note : archive.notes) terminal_.warn({note, "", ""});
    if (capture_->unanswered() > 0) {
      terminal_.warn({std::to_string(capture_->unanswered()) +
                          " requests had no answer and aren't in the recording",
                      "", ""});
    }
    terminal_.say("recorded " + std::to_string(archive.exchanges.size()) + " exchanges, " +
                  std::to_string(scrubber_->values()) +
                  " personal values have stand-ins: " + path_ + "\n");
    return code;
  }

 private:
  /// What a replay has to know, scrubbed as the exchanges are.
  void describe(const http::Redactor& redactor) {
    for (const run::Instance& instance : instances_) {
      har::RecordedTarget target;
      target.key = instance.key;
      target.connector = instance.connector->name;
      target.version = instance.connector->version;
      target.digest = eval::hex_text(keyed_.digest(2, ir::dump(*instance.connector)));
      target.token = signed_in_.count(instance.key) > 0;
      for (const auto& [name, param] : instance.params) {
        if (param.get().secret) {
          const bool text = param.get().kind == value::Kind::string;
          const std::string form = text ? har::form_of_secret(param.get().view()) : "text";
          if (form != "text") target.secrets[name] = '"' + form + '"';
          continue;
        }
        target.params[name] = scrubber_->scrub_json(value::to_json(param.get()), redactor);
      }
      for (const auto& [name, values] : instance.identities) {
        target.identities[name] = scrubber_->scrub_json(list_json(values), redactor);
      }
      for (const auto& [name, values] : instance.externals) {
        target.externals[name] = scrubber_->scrub_json(list_json(values), redactor);
      }
      provenance_.targets.push_back(std::move(target));
    }
  }

  /// Searches the finished text once more, by other means than the scrubber's: for secrets, and for
  /// whose data it is.
  std::string last_look(const std::string& text, const http::Redactor& redactor) const {
    http::Redactor people;
    for (const run::Instance& instance : instances_) {
      for (const auto& [name, values] : instance.identities) {
        for (const std::string& one : texts_of(values)) {
          const bool kept = declared_.kept.count(har::folded(one)) > 0;
          if (!kept && one.size() > 5 && har::Pseudonyms::telling(one)) people.add(one);
        }
      }
    }
    return people.redact(redactor.redact(text));
  }

  Terminal& terminal_;
  har::Provenance provenance_;
  std::string path_;
  har::Keyed keyed_;
  har::Declared declared_;
  std::vector<run::Instance> instances_;
  std::set<std::string> signed_in_;  // began with a token
  std::optional<har::Scrubber> scrubber_;
  std::optional<LearningSink> sink_;
  value::Clock* clock_ = nullptr;
  har::CaptureTransport* capture_ = nullptr;
};

class Record : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", args_.targets, "As for access.", Complete::target, true);
    options.value("output", "FILE", output_, "The HAR file, mode 0600.", Complete::file)
        .short_name = 'o';
    options.list("collection", "NAME", args_.collections, "Only these, and what they need.");
    options
        .value("consent", "CHOICE", consent_,
               "Sends what the person chose, as `fconn consent` does, and records that.")
        .choices = {"opt_in", "opt_out"};
    options.list("purpose", "NAME", purposes_, "With --consent: only for this purpose.");
    declare_summary_option(options, args_.summary);
    declare_run_options(options, args_, false);
  }

  int run(Terminal& terminal, const Common& common) override {
    if (!output_) {
      terminal.report({"`fconn record` needs -o FILE.har", "", ""});
      return exit_code::usage;
    }
    if (!consent_ && !purposes_.empty()) {
      terminal.report({"--purpose goes with --consent", "", ""});
      return exit_code::usage;
    }
    // The clock stands still and random values follow a seed, so that a replay asks the same.
    const auto random = make_random(std::nullopt);
    Problems problems;
    RunSettings settings = read_settings(args_, nullptr, problems);
    if (problems.empty() && !settings.seed) args_.seed = std::to_string(random->next() >> 1U);
    if (problems.empty() && !settings.now) {
      args_.now = format_time(make_clock(std::nullopt)->wall());
    }
    const bool access = !args_.values.identities.empty();
    har::Provenance provenance;
    provenance.recorded = args_.now.value_or("");
    provenance.action = consent_ ? "consent" : access ? "access" : "read";
    provenance.consent = consent_.value_or("");
    provenance.purposes = purposes_;
    provenance.seed = read_settings(args_, nullptr, problems).seed.value_or(0);
    provenance.request_id = args_.request_id.value_or("");
    provenance.collections = args_.collections;
    // Only --seed makes stand-ins that come out the same in the next recording.
    const auto keys = make_random(settings.seed);
    std::string key;
    for (int i = 0; i < 4; ++i) key += std::to_string(keys->next()) + ':';
    const std::string provenance_action = provenance.action;
    RecordWorld world(terminal, std::move(provenance), *output_, std::move(key));
    if (auto opened = world.open(); !opened) {
      terminal.report({opened.error().text, "", ""});
      return exit_code::findings;
    }
    RunKind kind;
    kind.action = consent_ ? plan::Action::consent
                  : access ? plan::Action::access
                           : plan::Action::read;
    kind.name = provenance_action;
    if (consent_) kind.consent = ConsentKind{*consent_, {purposes_.begin(), purposes_.end()}};
    kind.world = &world;
    kind.without_rows = true;
    return run_session(terminal, args_, kind, common.json);
  }

 private:
  RunArgs args_;
  std::optional<std::string> output_, consent_;
  std::vector<std::string> purposes_;
};

}  // namespace

std::unique_ptr<Verb> make_record() { return std::make_unique<Record>(); }

}  // namespace fconn::cli
