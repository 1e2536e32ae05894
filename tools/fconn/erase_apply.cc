// fconn erase --apply and --resume: sends what a plan says, and nothing else.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "interpreter/erase/rows.hh"
#include "interpreter/privacy/hold.hh"
#include "interpreter/store/journal.hh"
#include "tools/erasure/plan_values.hh"
#include "tools/fconn/erase_apply.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/signals.hh"

namespace fconn::cli {

using value::Value;

namespace {

/// A plan's file while it is applied: others' applies of it are refused, whatever their journal.
class PlanFile {
 public:
  PlanFile() = default;
  PlanFile(const PlanFile&) = delete;
  PlanFile& operator=(const PlanFile&) = delete;
  ~PlanFile() {
    if (file_ >= 0) ::close(file_);
  }
  bool lock(const std::string& path) {
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    return file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0;
  }

 private:
  int file_ = -1;
};

std::string plain(const Value& value) {
  return value.kind == value::Kind::string ? std::string(value.view()) : value::to_json(value);
}

class Apply {
 public:
  Apply(Terminal& terminal, const EraseArgs& args)
      : terminal_(terminal), args_(args), session_(terminal, args.run) {}

  int run() {
    // A disk quota's signal would end the program between a request and its record.
    std::signal(SIGXFSZ, SIG_IGN);
    int exit = exit_code::usage;
    if (!(args_.apply ? read_plan_file() : read_journal())) return exit;
    if (!open_instances(exit)) return exit;
    if (!session_.open_world()) return exit_code::usage;
    session_.request_id = plan_.request_id;
    if (args_.apply && !begin_journal()) return exit_code::usage;
    if (!args_.apply) session_.facts.id = run_;
    return perform();
  }

 private:
  bool refuse(const std::string& text, const std::string& help = {}) {
    terminal_.report({text, help, ""});
    return false;
  }

  // ---- the plan
  // ----------------------------------------------------------------------------------

  bool read_plan_file() {
    if (!plan_file_.lock(*args_.apply) && file_exists(*args_.apply)) {
      return refuse("somebody applies " + *args_.apply + " at this moment");
    }
    auto text = read_file(*args_.apply);
    if (!text) return refuse(text.error().text);
    return take_plan(*text, true);
  }

  bool take_plan(const std::string& text, bool from_file) {
    auto plan = erase::from_json(text);
    if (!plan) return refuse(plan.error().text);
    plan_ = *std::move(plan);
    const std::optional<std::string> config = args_.run.config ? args_.run.config : plan_.config;
    if (config && !session_.open_project(config)) return false;
    auto key = open_erase_key(session_.project(), false);
    if (!key) {
      return refuse("the plan can't be opened: " + key.error().text,
                    "it is applied where it was made, or with FCONN_STORE_KEY");
    }
    key_ = *std::move(key);
    if (erase::seal_of(plan_, *key_) != plan_.seal) {
      return refuse(from_file
                        ? "the plan was changed after it was made, or was made with another key"
                        : "the journal's plan was changed, or was made with another key",
                    "make a new plan; what is approved is applied as it is or not at all");
    }
    auto context = open_sealed(plan_.sealed, erase::context_of(plan_));
    if (!context) return false;
    auto read = erase::plan_context(*context);
    if (!read) return refuse(read.error().text);
    context_ = *std::move(read);
    if (!context_.send_to.empty() && !args_.run.send_to) {
      return refuse("the plan was made with --send-to " + context_.send_to +
                        ", and isn't sent to the connector's own hosts",
                    "give --send-to here, too, or make a plan of the hosts");
    }
    return true;
  }

  std::optional<std::string> open_sealed(const std::string& sealed, const std::string& context) {
    auto text = key_->open(sealed, context);
    if (!text) refuse("a sealed part of the plan doesn't open with this key");
    return text;
  }

  // ---- instances
  // ---------------------------------------------------------------------------------

  bool open_instances(int& exit) {
    ValueArgs values = args_.run.values;
    if (!check_identities(values.identities)) return false;
    std::vector<std::string> targets;
    for (const erase::Target& target : plan_.targets) targets.push_back(target.source);
    if (!add_values(values)) return false;
    if (!session_.load(targets, values, false, exit)) return false;
    for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
      const erase::Target& target = plan_.targets[i];
      run::Instance& instance = session_.facts.instances[i];
      if (erasure::connector_digest(*instance.connector, *key_) != target.digest) {
        return refuse(
            "the connector of " + target.key + " isn't the one that the plan was made with",
            "make a new plan");
      }
      instance.key = target.key;
      set_values(instance);
    }
    return true;
  }

  /// They are the plan's; who gives some must mean the same.
  bool check_identities(std::vector<std::string>& given) {
    value::Arena arena;
    auto kept = value::parse_json(context_.identities, arena);
    if (!kept) return refuse(kept.error().text);
    for (const std::string& text : given) {
      const std::size_t equals = text.find('=');
      std::string name = text.substr(0, equals);
      if (name.find('.') != std::string::npos) name = name.substr(name.find('.') + 1);
      const std::string wanted = equals == std::string::npos ? "" : text.substr(equals + 1);
      bool found = false;
      for (const value::Member& instance : kept->object_view()) {
        const Value* values = value::find_member(instance.value, name);
        if (values == nullptr) continue;
        for (const Value& one : values->list_view()) found = found || plain(one) == wanted;
      }
      if (!found) {
        return refuse("--identity " + name + " isn't one that the plan was made for",
                      "leave it out: the plan knows whose data it is");
      }
    }
    given.clear();
    return true;
  }

  /// The plan's parameters and identities as if they were given, so that nothing is missing. A
  /// parameter file counts for the secrets that stand in it alone.
  bool add_values(ValueArgs& values) {
    value::Arena arena;
    auto params = value::parse_json(context_.params, arena);
    if (!params) return refuse(params.error().text);
    values.params.clear();
    for (const value::Member& instance : params->object_view()) {
      for (const value::Member& param : instance.value.object_view()) {
        if (param.value.is_null()) continue;
        std::string text = plan_.targets.size() > 1 ? std::string(instance.key) + "." : "";
        text.append(param.key).append("=").append(plain(param.value));
        values.params.push_back(std::move(text));
      }
    }
    values.externals.clear();
    return true;
  }

  /// With their exact types.
  void set_values(run::Instance& instance) {
    value::Arena arena;
    const auto each = [&](const std::string& json, auto take) {
      auto parsed = value::parse_json(json, arena);
      const Value* of = parsed ? value::find_member(*parsed, instance.key) : nullptr;
      if (of == nullptr) return;
      for (const value::Member& member : of->object_view()) take(member);
    };
    const auto list = [](const Value& values) {
      std::vector<value::OwnedValue> owned;
      for (const Value& one : values.list_view()) owned.emplace_back(one);
      return owned;
    };
    for (const ir::Param& param : instance.connector->params) {
      if (!param.secret) instance.params.erase(param.name);
    }
    each(context_.params, [&](const value::Member& member) {
      instance.params[std::string(member.key)] = value::OwnedValue(member.value);
    });
    instance.identities.clear();
    each(context_.identities, [&](const value::Member& member) {
      instance.identities[std::string(member.key)] = list(member.value);
    });
    instance.externals.clear();
    each(context_.externals, [&](const value::Member& member) {
      instance.externals[std::string(member.key)] = list(member.value);
    });
  }

  // ---- the journal
  // -------------------------------------------------------------------------------

  std::string journal_path() const {
    return args_.journal ? *args_.journal : default_journal(session_.project());
  }

  bool begin_journal() {
    if (!open_journal(journal_path())) return false;
    auto earlier = journal_->records();
    if (!earlier) return refuse(earlier.error().text);
    std::set<std::string> runs;
    for (const store::JournalRecord& record : *earlier) {
      runs.insert(record.run);
      if (record.kind != "begin" || record.data.find("\"" + plan_.id + "\"") == std::string::npos) {
        continue;
      }
      return refuse("the journal has a run of this plan: " + record.run,
                    "`fconn erase --resume " + journal_path() + " " + record.run +
                        "` goes on with what it left");
    }
    // With --seed and --now an id comes again, and a run's records are known by it.
    while (runs.contains(session_.facts.id)) {
      session_.facts.id = run_id(session_.clock->wall(), *session_.random);
    }
    run_ = session_.facts.id;
    return true;
  }

  bool open_journal(const std::string& path) {
    auto opened = store::Journal::open(path, &key_->sealer(), store::Journal::Use::write);
    if (!opened) return refuse(opened.error().text);
    journal_ = *std::move(opened);
    auto claimed = journal_->claim(plan_.id);
    if (!claimed) return refuse(claimed.error().text);
    if (!*claimed) return refuse("somebody applies this plan at this moment");
    return true;
  }

  /// The plan and what became of it so far.
  bool read_journal() {
    auto opened = store::Journal::open(*args_.resume, nullptr, store::Journal::Use::read);
    if (!opened) return refuse(opened.error().text);
    const std::optional<std::string> wanted =
        args_.run.targets.empty() ? std::nullopt : std::optional(args_.run.targets.front());
    auto all = (*opened)->records();
    if (!all) return refuse(all.error().text);
    std::string plan_id;
    for (const store::JournalRecord& record : *all) {
      if (record.kind != "begin" || (wanted && record.run != *wanted)) continue;
      run_ = record.run;
      plan_id = member_of(record.data, "plan");
    }
    if (plan_id.empty()) {
      return refuse(wanted ? "the journal has no run " + *wanted : "the journal has no run");
    }
    auto text = (*opened)->plan(plan_id);
    if (!text) return refuse(text.error().text);
    if (!*text) return refuse("the journal doesn't hold the plan of run " + run_);
    opened->reset();
    if (!take_plan(**text, false)) return false;
    if (!open_journal(*args_.resume)) return false;
    auto check = journal_->verify();
    if (!check) return refuse(check.error().text);
    if (!check->intact()) {
      return refuse("the journal was changed: " + check->problems.front(),
                    "what it says can't be relied on; `fconn journal verify` shows all of it");
    }
    auto records = journal_->records(run_);
    if (!records) return refuse(records.error().text);
    records_ = *std::move(records);
    return decide();
  }

  /// What a person says about actions in doubt.
  bool decide() {
    for (const std::string& text : args_.decide) {
      const std::size_t equals = text.find('=');
      const std::string id = text.substr(0, equals);
      const std::string what = equals == std::string::npos ? "" : text.substr(equals + 1);
      const bool known = std::any_of(plan_.actions.begin(), plan_.actions.end(),
                                     [&](const erase::Action& action) { return action.id == id; });
      if (!known || (what != "done" && what != "again")) {
        return refuse("--decide can't be '" + text + "'",
                      "write ACTION=done when it was done, ACTION=again to send it again");
      }
      store::JournalRecord record;
      record.run = run_;
      record.at = make_clock(std::nullopt)->wall();
      record.kind = "decided";
      record.action = id;
      record.data = R"({"decision":")" + what + R"(","who":)" + who() + "}";
      if (auto kept = journal_->append(record); !kept) return refuse(kept.error().text);
      records_.push_back(std::move(record));
    }
    return true;
  }

  // ---- sending
  // -----------------------------------------------------------------------------------

  int perform() {
    ApplyRun apply(session_, args_, plan_, context_, *key_, *journal_, run_, std::move(records_));
    return apply.run();
  }

  Terminal& terminal_;
  const EraseArgs& args_;
  EraseSession session_;
  PlanFile plan_file_;
  erase::Plan plan_;
  erase::PlanContext context_;
  std::unique_ptr<EraseKey> key_;
  std::unique_ptr<store::Journal> journal_;
  std::vector<store::JournalRecord> records_;
  std::string run_;
};

}  // namespace

std::string member_of(const std::string& json, std::string_view name) {
  value::Arena arena;
  auto parsed = value::parse_json(json, arena);
  if (!parsed || parsed->kind != value::Kind::object) return {};
  const Value* found = value::find_member(*parsed, name);
  return found == nullptr ? std::string() : plain(*found);
}

std::string who() {
  const char* user = std::getenv("USER");
  std::string text = user != nullptr ? user : "";
  text += "(uid " + std::to_string(::getuid()) + ")";
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) == 0) text += std::string("@") + host;
  std::string out;
  value::append_json_string(text, out);
  return out;
}

int apply_erasure(Terminal& terminal, const EraseArgs& args) { return Apply(terminal, args).run(); }

}  // namespace fconn::cli
