// fconn erase --plan: reads, decides, and writes down every request that would be sent.
#include <algorithm>
#include <map>
#include <set>

#include "interpreter/erase/decide.hh"
#include "interpreter/erase/order.hh"
#include "interpreter/erase/rows.hh"
#include "interpreter/privacy/hold.hh"
#include "interpreter/privacy/mask_row.hh"
#include "interpreter/privacy/strategies.hh"
#include "tools/fconn/erase_key.hh"
#include "tools/fconn/erase_report.hh"
#include "tools/fconn/erase_session.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/policy.hh"
#include "tools/fconn/program.hh"
#include "tools/fconn/signals.hh"

namespace fconn::cli {
namespace {

using value::Value;

/// Masks that tell nothing of what they replace; others are shown hashed.
bool tells_nothing(std::string_view strategy) {
  return strategy == "null" || strategy == "string" || strategy == "random" || strategy == "hash" ||
         strategy == "hmac" || strategy == "aes";
}

/// One collection of one instance, and what the policy makes of it.
struct Subject {
  const run::Instance* instance = nullptr;
  const ir::Collection* collection = nullptr;
  std::unique_ptr<eval::Evaluator> evaluator;
  std::unique_ptr<privacy::RowMasker> masker;
  std::unique_ptr<privacy::CollectionHolds> holds;
  erase::Choice choice;
  std::string blocked;              // why none of its rows is touched
  std::vector<std::string> before;  // collections that go first
  erase::ReadCollection read;
};

/// A row that is to be erased, on its way into the plan.
struct Candidate {
  const run::FoundRow* found = nullptr;
  Subject* subject = nullptr;
  privacy::MaskedRow masked;
  erase::ActionContext context;
  std::string key, reason;
};

class Planning {
 public:
  Planning(EraseSession& session, const EraseArgs& args, const privacy::Policy& policy,
           const EraseKey& key)
      : session_(session),
        args_(args),
        policy_(policy),
        key_(key),
        secrets_(privacy::make_masking_secrets(*session.random)) {}

  int run() {
    run::Ports ports = session_.ports();
    run::Engine engine(session_.options(), ports);
    for (const run::Instance& instance : session_.facts.instances) engine.add(instance);
    {
      const InterruptGuard interrupts(engine);
      summary_ = engine.run();
      if (!summary_.interrupted) {
        begin();
        prepare_subjects();
        judge_rows(engine.found());
        draft(engine);
      }
    }
    session_.clear_progress();
    report_reading(session_.terminal, summary_, session_.facts);
    if (summary_.interrupted) {
      session_.terminal.complain("fconn: interrupted: no plan was written, and nothing was sent\n");
      return 130;
    }
    return finish();
  }

 private:
  using Name = std::pair<std::string, std::string>;  // instance, collection

  void begin() {
    plan_.id = session_.facts.id;
    plan_.created = session_.facts.started;
    plan_.request_id = session_.request_id;
    plan_.program = std::string("fconn ") + program_version;
    plan_.policy = policy_.name;
    plan_.targets_of_policy = policy_.targets;
    plan_.mask = privacy::name(policy_.mask.strategy);
    plan_.scope = policy_.scope == privacy::Scope::all ? "all" : "targeted";
    plan_.holds = policy_.holds.size();
    if (session_.project() != nullptr) plan_.config = absolute_path(session_.project()->path);
    for (std::size_t i = 0; i < session_.loaded.size(); ++i) {
      const Loaded& one = session_.loaded[i];
      std::string source = one.target.source;
      if (one.target.kind == TargetKind::instance) source = "instance:" + one.target.name;
      if (one.target.kind == TargetKind::bundled) source = "bundled:" + one.target.name;
      const bool path =
          one.target.kind == TargetKind::file || one.target.kind == TargetKind::ir_file;
      plan_.targets.push_back({one.key, path ? absolute_path(source) : source, one.connector->name,
                               one.connector->version, connector_digest(*one.connector, key_)});
    }
    std::set<std::string> shown;
    for (const run::Instance& instance : session_.facts.instances) {
      for (const auto& [name, values] : instance.identities) {
        for (const value::OwnedValue& value : values) {
          const std::string text = name + " " + erase::hidden(plain(value.get()), key_);
          if (shown.insert(text).second) plan_.identities.push_back(text);
        }
      }
    }
  }

  static std::string plain(const Value& value) {
    return value.kind == value::Kind::string ? std::string(value.view()) : value::to_json(value);
  }

  // ---- collections
  // -------------------------------------------------------------------------------

  void prepare_subjects() {
    for (const run::CollectionSummary& one : summary_.collections) {
      erase::ReadCollection read;
      read.instance = one.instance;
      read.collection = one.collection;
      read.state = value::name(one.outcome.state);
      read.reason = one.outcome.reason;
      read.rows = one.outcome.rows;
      subjects_[{one.instance, one.collection}].read = std::move(read);
    }
    for (run::Instance& instance : session_.facts.instances) {
      const erase::ErasureOrder order = erase::erasure_order(*instance.connector);
      for (const ir::CollectionId id : order.sequence) {
        const ir::Collection& collection = instance.connector->collections[id.value];
        Subject& subject = subjects_[{instance.key, collection.name}];
        prepare(subject, instance, collection);
        for (const ir::CollectionId before : order.waits_for[id.value]) {
          const std::string& name = instance.connector->collections[before.value].name;
          subject.before.push_back(name);
          if (subjects_[{instance.key, name}].read.state == "failed" && subject.blocked.empty()) {
            subject.blocked =
                "`" + name + "` goes first, and it couldn't be read: what hangs on this is unknown";
          }
        }
      }
    }
  }

  void prepare(Subject& subject, const run::Instance& instance, const ir::Collection& collection) {
    subject.instance = &instance;
    subject.collection = &collection;
    subject.evaluator =
        std::make_unique<eval::Evaluator>(*instance.connector, *session_.clock, *session_.random);
    subject.masker = std::make_unique<privacy::RowMasker>(
        collection, instance.key, policy_, secrets_, *session_.random, *subject.evaluator);
    subject.holds = std::make_unique<privacy::CollectionHolds>(
        policy_.holds, instance.key, collection.name, *session_.clock, *session_.random);
    std::set<std::string> given;
    for (const auto& [name, values] : instance.identities) {
      if (!values.empty()) given.insert(name);
    }
    subject.choice = erase::choose(*instance.connector, collection, instance.key, policy_,
                                   subject.masker->targets_anything(), given);
    if (const privacy::Hold* hold = subject.holds->whole()) subject.blocked = held_by(*hold);
  }

  /// A hold's own words, unless they name a person.
  std::string held_by(const privacy::Hold& hold) const {
    if (hold.kind == privacy::HoldKind::identity) return "held: identity " + hold.identity;
    return "held: " + hold.text;
  }

  /// A hold on one of the request's identities holds everything.
  std::string held_identity(const run::Instance& instance) const {
    for (const privacy::Hold& hold : policy_.holds) {
      if (hold.kind != privacy::HoldKind::identity) continue;
      const auto found = instance.identities.find(hold.identity);
      if (found == instance.identities.end()) continue;
      for (const value::OwnedValue& value : found->second) {
        if (privacy::holds_identity(hold, hold.identity, plain(value.get()))) return held_by(hold);
      }
    }
    return {};
  }

  // ---- rows
  // --------------------------------------------------------------------------------------

  void judge_rows(const std::vector<run::FoundRow>& found) {
    std::map<std::size_t, std::string> held;
    for (std::size_t i = 0; i < session_.facts.instances.size(); ++i) {
      held[i] = held_identity(session_.facts.instances[i]);
    }
    for (const run::FoundRow& row : found) {
      const run::Instance& instance = session_.facts.instances[row.instance];
      const ir::Collection& collection = instance.connector->collections[row.collection];
      Subject& subject = subjects_[{instance.key, collection.name}];
      value::Arena arena;
      Candidate candidate;
      candidate.found = &row;
      candidate.subject = &subject;
      auto parsed =
          row.row.empty() ? value::Result<Value>(Value::null()) : value::parse_json(row.row, arena);
      if (!parsed) continue;  // rows were valid when they were read
      candidate.key =
          row.row.empty() ? binding_key(row) : erase::shown_key(collection, *parsed, key_, arena);
      if (!held[row.instance].empty()) {
        leave(candidate, held[row.instance]);
      } else if (!subject.blocked.empty()) {
        leave(candidate, subject.blocked);
      } else if (!subject.choice.kind) {
        leave(candidate, subject.choice.reason);
      } else if (const auto hold = row.row.empty() ? std::nullopt : subject.holds->row(row.row)) {
        leave(candidate, *hold);
      } else {
        judge(std::move(candidate), *parsed, arena);
      }
    }
  }

  void judge(Candidate candidate, const Value& row, value::Arena& arena) {
    Subject& subject = *candidate.subject;
    const bool has_row = !candidate.found->row.empty();
    if (has_row && subject.choice.masks) {
      std::vector<Value> params = params_of(*subject.instance);
      eval::Environment env;
      env.params = params;
      env.request_id = session_.request_id;
      auto masked = subject.masker->mask(candidate.found->row, env);
      if (!masked) {
        failed_ = true;
        return leave(candidate, "it can't be masked: " + safe(masked.error(), candidate));
      }
      if (!masked->anything()) return leave(candidate, nothing_targeted(*masked));
      candidate.masked = *std::move(masked);
    }
    candidate.reason = subject.choice.reason;
    if (!candidate.masked.changes.empty()) {
      candidate.reason += "; " + erase::masks_what(candidate.masked);
    }
    candidate.context.row = candidate.found->row;
    candidate.context.masked = candidate.masked.masked;
    candidate.context.masked_row = candidate.masked.row;
    candidate.context.bound = candidate.found->bound;
    if (has_row) candidate.context.fields = erase::member_digests(row, key_, arena);
    // As apply will read it: random values begin with these texts.
    auto spelt = erase::action_context(erase::to_json(candidate.context));
    FCONN_ASSERT(spelt.has_value(), "a context of our own can be read");
    candidate.context = *std::move(spelt);
    candidates_.push_back(std::move(candidate));
  }

  static std::string nothing_targeted(const privacy::MaskedRow& masked) {
    std::string text = "nothing in this row is targeted that may be masked";
    if (!masked.left.empty())
      text += " (" + masked.left.front().path + ": " +
              std::string(privacy::name(masked.left.front().reason)) + ")";
    return text;
  }

  static std::vector<Value> params_of(const run::Instance& instance) {
    std::vector<Value> params;
    for (const ir::Param& param : instance.connector->params) {
      const auto found = instance.params.find(param.name);
      params.push_back(found == instance.params.end() ? Value::null() : found->second.get());
    }
    return params;
  }

  void leave(const Candidate& candidate, std::string reason) {
    erase::LeftAlone left;
    left.instance = candidate.subject->instance->key;
    left.collection = candidate.subject->collection->name;
    left.key = candidate.key;
    left.rows = 1;
    left.reason = std::move(reason);
    ++candidate.subject->read.left_alone;
    plan_.left_alone.push_back(std::move(left));
  }

  /// A failure's sentence without values of the row or of the identities.
  std::string safe(const value::Failure& failure, const Candidate& candidate) const {
    http::Redactor hide;
    for (const std::string* json :
         {&candidate.found->row, &candidate.found->bound, &candidate.found->identities}) {
      value::Arena arena;
      auto parsed = value::parse_json(*json, arena);
      if (parsed) add_texts(*parsed, hide);
    }
    for (const auto& [name, values] : candidate.subject->instance->identities) {
      for (const value::OwnedValue& value : values) hide.add(plain(value.get()));
    }
    return hide.redact(failure.text);
  }

  static void add_texts(const Value& value, http::Redactor& hide) {
    if (value.kind == value::Kind::string) hide.add(value.view());
    if (value.kind == value::Kind::list) {
      for (const Value& element : value.list_view()) add_texts(element, hide);
    }
    if (value.kind == value::Kind::object) {
      for (const value::Member& member : value.object_view()) add_texts(member.value, hide);
    }
  }

  /// Of a request without a row: the bindings and identities that it is made from, hashed.
  std::string binding_key(const run::FoundRow& row) const {
    return R"({"bound":)" + erase::shown(row.bound, key_) + "}";
  }

  // ---- requests
  // ----------------------------------------------------------------------------------

  /// Values of bindings that a person may see: those of fields that aren't about a person.
  std::string shown_bound(const Candidate& candidate) const {
    value::Arena arena;
    auto parsed = value::parse_json(candidate.found->bound, arena);
    if (!parsed || parsed->kind != value::Kind::list) return "[]";
    const ir::Collection& collection = *candidate.subject->collection;
    const ir::Connector& connector = *candidate.subject->instance->connector;
    std::string out = "[";
    for (std::size_t i = 0; i < parsed->count; ++i) {
      if (i > 0) out += ',';
      Value one = parsed->list_view()[i];
      const ir::Slot& slot = collection.slots[i];
      const ir::Source& source = collection.sources[slot.source];
      bool open = false;
      if (slot.cell && source.collection) {
        const ir::Collection& parent = connector.collections[source.collection->value];
        open = erase::impersonal(parent.fields, parent.cells[*slot.cell].path);
      }
      if (!open) one = erase::shadow(one, key_, arena);
      value::append_json(one, out);
    }
    return out + "]";
  }

  run::ErasureValues shown_values(const Candidate& candidate) const {
    const ir::Collection& collection = *candidate.subject->collection;
    run::ErasureValues shown;
    shown.bound = shown_bound(candidate);
    value::Arena arena;
    const auto shade = [&](const std::string& json) {
      if (json.empty()) return std::string();
      auto parsed = value::parse_json(json, arena);
      return parsed ? value::to_json(erase::shadow_row(collection.fields, *parsed, key_, arena))
                    : std::string();
    };
    shown.row = shade(candidate.context.row);
    const bool open = std::all_of(
        candidate.masked.changes.begin(), candidate.masked.changes.end(),
        [](const privacy::FieldChange& change) { return tells_nothing(change.strategy); });
    shown.masked = open ? candidate.masked.masked : shade(candidate.masked.masked);
    shown.masked_row = shade(candidate.masked.row);
    if (open && !shown.masked_row.empty()) {
      shown.masked_row = erase::overlay(shown.masked_row, candidate.masked.masked);
    }
    return shown;
  }

  void draft(run::Engine& engine) {
    // In the order of the erasure: by instance, then collection.
    std::map<const Subject*, std::size_t> place;
    for (const run::Instance& instance : session_.facts.instances) {
      for (const ir::CollectionId id : erase::erasure_order(*instance.connector).sequence) {
        const std::string& name = instance.connector->collections[id.value].name;
        place.emplace(&subjects_[{instance.key, name}], place.size());
      }
    }
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [&](const Candidate& a, const Candidate& b) {
                       return place[a.subject] < place[b.subject];
                     });
    context_.seed = session_.random->next();
    context_.now_ms = session_.options().erasure_now.time_since_epoch().count();
    std::vector<run::ErasureTask> tasks;
    std::vector<std::size_t> owner;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& candidate = candidates_[i];
      acting_.insert({candidate.subject->instance->key, candidate.subject->collection->name});
      const bool removal = *candidate.subject->choice.kind == erase::ActionKind::removal;
      const run::ErasureValues shown = shown_values(candidate);
      for (std::string& identities : engine.identity_choices(*candidate.found, removal)) {
        run::ErasureTask task;
        task.instance = candidate.found->instance;
        task.collection = candidate.found->collection;
        task.removal = removal;
        task.values = {candidate.context.row, candidate.context.masked,
                       candidate.context.masked_row, candidate.context.bound, identities};
        task.shown = shown;
        task.shown.identities = erase::shown(identities, key_);
        task.seed = action_seed(context_.seed, identity_of(task));
        tasks.push_back(std::move(task));
        owner.push_back(i);
      }
    }
    const std::vector<run::DraftedTurn> turns =
        engine.draft(tasks, [this](const Value& value, value::Arena& arena) {
          return erase::shadow(value, key_, arena);
        });
    std::size_t last_owner = candidates_.size();
    std::set<std::string> seen;  // of one row: once where the request differs
    for (const run::DraftedTurn& turn : turns) {
      const std::size_t from = owner[turn.task];
      if (from != last_owner) seen.clear();
      last_owner = from;
      take(candidates_[from], tasks[turn.task], turn, seen);
    }
  }

  void take(Candidate& candidate, const run::ErasureTask& task, const run::DraftedTurn& turn,
            std::set<std::string>& seen) {
    if (turn.skipped) {
      value::Failure said;
      said.text = *turn.skipped;
      return leave(candidate, "skipped by the connector: " + safe(said, candidate));
    }
    if (turn.failure) {
      failed_ = true;
      return leave(candidate, "its request can't be made: " + safe(*turn.failure, candidate));
    }
    std::string all;
    for (const run::DraftedRequest& request : turn.requests) all += request.exact + '\n';
    const bool known = std::all_of(turn.requests.begin(), turn.requests.end(),
                                   [](const auto& request) { return request.known; });
    if (known && !seen.insert(all).second) return;
    erase::Action action;
    action.id = "a" + std::to_string(plan_.actions.size() + 1);
    action.instance = candidate.subject->instance->key;
    action.collection = candidate.subject->collection->name;
    action.key = candidate.key;
    action.kind = *candidate.subject->choice.kind;
    for (const run::DraftedRequest& request : turn.requests) {
      action.requests.push_back({request.method, request.shown_url, request.shown_body,
                                 request.known ? request_digest(request.exact, key_) : "",
                                 request.known, request.repeatable});
    }
    for (const privacy::FieldChange& change : candidate.masked.changes) {
      action.changes.push_back(
          {change.path, change.category, change.strategy, erase::shown(change.before, key_),
           tells_nothing(change.strategy) ? change.after : erase::shown(change.after, key_)});
    }
    action.reason = candidate.reason;
    action.reread = !candidate.context.row.empty();
    if (action.reread) {
      value::Arena arena;
      auto row = value::parse_json(candidate.context.row, arena);
      if (row) action.row = erase::row_digest(*row, key_, arena);
    }
    action.waits_for = waits(candidate);
    if (args_.reveal) action.revealed = revealed(candidate, turn);
    erase::ActionContext context = candidate.context;
    context.identities = task.values.identities;
    context.turn = turn.turn;
    action.sealed = key_.seal(erase::to_json(context), erase::context_of(plan_, action));
    (action.kind == erase::ActionKind::update ? candidate.subject->read.updates
                                              : candidate.subject->read.deletes) += 1;
    plan_.actions.push_back(std::move(action));
  }

  /// Which collections go before; those that nothing is done to don't count.
  std::vector<std::string> waits(const Candidate& candidate) const {
    std::vector<std::string> names;
    for (const std::string& name : candidate.subject->before) {
      if (acting_.contains({candidate.subject->instance->key, name})) {
        names.push_back(candidate.subject->instance->key + ":" + name);
      }
    }
    return names;
  }

  static std::string revealed(const Candidate& candidate, const run::DraftedTurn& turn) {
    std::string out = R"({"requests":[)";
    for (const run::DraftedRequest& request : turn.requests) {
      if (&request != &turn.requests.front()) out += ',';
      out += R"({"url":)";
      value::append_json_string(request.url, out);
      if (!request.body.empty()) out += ",\"body\":" + request.body;
      out += '}';
    }
    out += "],\"changes\":[";
    for (const privacy::FieldChange& change : candidate.masked.changes) {
      if (&change != &candidate.masked.changes.front()) out += ',';
      out += R"({"field":)";
      value::append_json_string(change.path, out);
      out += ",\"before\":" + change.before + ",\"after\":" + change.after + "}";
    }
    out += "]";
    if (!candidate.context.row.empty()) out += ",\"row\":" + candidate.context.row;
    return out + "}";
  }

  // ---- the file
  // ----------------------------------------------------------------------------------

  void seal_values() {
    add_values(session_.facts.instances, context_);
    for (const privacy::Hold& hold : policy_.holds) context_.holds.push_back(hold.text);
    plan_.sealed = key_.seal(erase::to_json(context_), erase::context_of(plan_));
  }

  /// What the policy targets and the connector can't erase stays with the service: somebody has to
  /// know, though its rows may not have been read.
  void leave_without_action(Subject& subject, const ir::Collection& collection) {
    const auto& asked = session_.args.collections;
    const bool wanted =
        asked.empty() || std::find(asked.begin(), asked.end(), collection.name) != asked.end();
    if (!wanted || collection.update || collection.erase) return;
    const bool targeted = subject.masker->targets_anything();
    if (!targeted && (collection.has_fields || policy_.targets.empty())) return;
    erase::LeftAlone left;
    left.instance = subject.instance->key;
    left.collection = collection.name;
    left.rows = subject.read.rows;
    left.reason = targeted
                      ? "it can't be erased: the policy targets fields of it, and the connector "
                        "has neither update nor delete"
                      : "the connector has neither update nor delete, and declares no fields";
    if (targeted && session_.args.strict) failed_ = true;
    subject.read.left_alone = subject.read.rows;
    plan_.left_alone.push_back(std::move(left));
  }

  int finish() {
    for (const run::Instance& instance : session_.facts.instances) {
      for (const ir::Collection& collection : instance.connector->collections) {
        Subject& subject = subjects_[{instance.key, collection.name}];
        leave_without_action(subject, collection);
        if (!subject.read.collection.empty()) plan_.collections.push_back(subject.read);
      }
    }
    seal_values();
    plan_.seal = "-";
    auto spelt = erase::from_json(erase::to_json(plan_));
    FCONN_ASSERT(spelt.has_value(), "a plan of our own can be read");
    plan_ = *std::move(spelt);
    plan_.seal = erase::seal_of(plan_, key_);
    const std::string& path = *args_.plan;
    if (auto written = write_file(path, erase::to_json(plan_), Mode::personal); !written) {
      session_.terminal.report({written.error().text, "", ""});
      return exit_code::findings;
    }
    say_plan(session_.terminal, plan_, path);
    int code = run::exit_code(summary_, session_.args.strict);
    if (code == 0 && failed_) code = 3;
    if (!write_erase_summary(session_, summary_, {}, code)) code = std::max(code, 1);
    return session_.close() ? code : std::max(code, 1);
  }

  EraseSession& session_;
  const EraseArgs& args_;
  const privacy::Policy& policy_;
  const EraseKey& key_;
  privacy::MaskingSecrets secrets_;
  run::RunSummary summary_;
  std::map<Name, Subject> subjects_;
  std::vector<Candidate> candidates_;
  std::set<Name> acting_;  // collections with candidates
  erase::Plan plan_;
  erase::PlanContext context_;
  bool failed_ = false;  // a row that should be erased can't be
};

}  // namespace

int plan_erasure(Terminal& terminal, const EraseArgs& args) {
  EraseSession session(terminal, args.run);
  int exit = exit_code::usage;
  if (!session.open_project(args.run.config)) return exit;
  if (!session.load(args.run.targets, args.run.values, true, exit)) return exit;
  PolicyRead read = read_policy(args.run, PolicyUse::erase, session.project(), session.loaded);
  for (const Problem& warning : read.warnings) terminal.warn(warning);
  terminal.report(read.problems);
  if (!read.policy || (args.run.strict && !read.warnings.empty())) return exit_code::usage;
  auto key = open_erase_key(session.project(), true);
  if (!key) {
    terminal.report({key.error().text, "", ""});
    return exit_code::usage;
  }
  if (!session.open_world()) return exit_code::usage;
  if (!session.feed(exit)) return exit;
  return Planning(session, args, *read.policy, **key).run();
}

}  // namespace fconn::cli
