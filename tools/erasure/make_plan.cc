#include "tools/erasure/make_plan.hh"

#include <algorithm>
#include <map>
#include <set>

#include "interpreter/erase/order.hh"
#include "interpreter/erase/rows.hh"
#include "interpreter/run/looks.hh"
#include "tools/erasure/candidate.hh"
#include "tools/erasure/found_rows.hh"
#include "tools/erasure/plan_values.hh"

namespace fconn::erasure {
namespace {

using value::Value;

class Planning {
 public:
  Planning(const PlanInput& input, erase::Plan begun) : input_(input) {
    made_.plan = std::move(begun);
  }

  MadePlan run() {
    begin();
    prepare_subjects();
    found_ = rows_of(input_.engine.found(), input_.instances);
    judge_rows();
    draft();
    for (const run::Instance& instance : input_.instances) {
      for (const ir::Collection& collection : instance.connector->collections) {
        Subject& subject = subjects_[{instance.key, collection.name}];
        leave_without_action(subject, collection);
        leave_unlike(subject, collection);
        if (!subject.read.collection.empty()) made_.plan.collections.push_back(subject.read);
      }
    }
    seal_values();
    return std::move(made_);
  }

 private:
  using Name = std::pair<std::string, std::string>;  // instance, collection

  void begin() {
    made_.plan.policy = input_.policy.name;
    made_.plan.targets_of_policy = input_.policy.targets;
    made_.plan.mask = privacy::name(input_.policy.mask.strategy);
    made_.plan.scope = input_.policy.scope == privacy::Scope::all ? "all" : "targeted";
    made_.plan.holds = input_.policy.holds.size();
    std::set<std::string> shown;
    for (const run::Instance& instance : input_.instances) {
      for (const auto& [name, values] : instance.identities) {
        for (const value::OwnedValue& value : values) {
          const std::string text = name + " " + erase::hidden(plain(value.get()), input_.key);
          if (shown.insert(text).second) made_.plan.identities.push_back(text);
        }
      }
    }
  }

  void prepare_subjects() {
    for (const run::CollectionSummary& one : input_.summary.collections) {
      erase::ReadCollection read;
      read.instance = one.instance;
      read.collection = one.collection;
      read.state = value::name(one.outcome.state);
      read.reason = planned_reason(one);
      read.rows = one.outcome.rows;
      Subject& subject = subjects_[{one.instance, one.collection}];
      subject.read = std::move(read);
      subject.unlike = one.outcome.unlike;
    }
    for (const run::Instance& instance : input_.instances) {
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

  /// What a `fail` of the connector says may come out of an answer: its own words stand for it.
  std::string planned_reason(const run::CollectionSummary& one) const {
    std::string reason = one.outcome.reason;
    for (const run::Message& message : input_.summary.messages) {
      const value::Failure& failure = message.failure;
      const bool said = message.instance == one.instance && message.collection == one.collection &&
                        failure.kind == value::FailureKind::rule &&
                        reason.starts_with(failure.text);
      if (!said) continue;
      for (const run::Instance& instance : input_.instances) {
        if (instance.key != one.instance) continue;
        const std::string words = run::source_text(*instance.connector, failure.where);
        const bool fixed = words.find(failure.text) != std::string::npos;
        if (fixed || !words.starts_with("fail")) continue;
        return "`" + words + "` holds" + reason.substr(failure.text.size());
      }
    }
    return reason;
  }

  void prepare(Subject& subject, const run::Instance& instance, const ir::Collection& collection) {
    subject.instance = &instance;
    subject.collection = &collection;
    subject.evaluator =
        std::make_unique<eval::Evaluator>(*instance.connector, input_.clock, input_.random);
    subject.evaluator->watch(input_.decisions);
    subject.masker = std::make_unique<privacy::RowMasker>(
        collection, instance.key, input_.policy, input_.secrets, input_.random, *subject.evaluator);
    subject.holds = std::make_unique<privacy::CollectionHolds>(
        input_.policy.holds, instance.key, collection.name, input_.clock, input_.random);
    std::set<std::string> given;
    for (const auto& [name, values] : instance.identities) {
      if (!values.empty()) given.insert(name);
    }
    subject.choice = erase::choose(*instance.connector, collection, instance.key, input_.policy,
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
    for (const privacy::Hold& hold : input_.policy.holds) {
      if (hold.kind != privacy::HoldKind::identity) continue;
      const auto found = instance.identities.find(hold.identity);
      if (found == instance.identities.end()) continue;
      for (const value::OwnedValue& value : found->second) {
        if (privacy::holds_identity(hold, hold.identity, plain(value.get()))) return held_by(hold);
      }
    }
    return {};
  }

  /// Why the row stays, whichever content of it a hold speaks of.
  static std::optional<std::string> held_row(const Subject& subject, const RowFound& found) {
    for (const std::string& content : found.contents) {
      if (auto hold = subject.holds->row(content)) return hold;
    }
    return found.contents.size() < 2 ? std::nullopt : subject.holds->row(found.row.row);
  }

  void judge_rows() {
    std::map<std::size_t, std::string> held;
    for (std::size_t i = 0; i < input_.instances.size(); ++i) {
      held[i] = held_identity(input_.instances[i]);
    }
    for (const RowFound& found : found_) {
      const run::FoundRow& row = found.row;
      const run::Instance& instance = input_.instances[row.instance];
      const ir::Collection& collection = instance.connector->collections[row.collection];
      Subject& subject = subjects_[{instance.key, collection.name}];
      value::Arena arena;
      Candidate candidate;
      candidate.found = &row;
      candidate.beside = &found.beside;
      candidate.subject = &subject;
      auto parsed =
          row.row.empty() ? value::Result<Value>(Value::null()) : value::parse_json(row.row, arena);
      if (!parsed) {
        made_.failed = true;
        leave(candidate, "it can't be read once more: " + safe(parsed.error(), candidate));
        continue;
      }
      candidate.key = row.row.empty() ? binding_key(row, input_.key)
                                      : erase::shown_key(collection, *parsed, input_.key, arena);
      if (!held[row.instance].empty()) {
        leave(candidate, held[row.instance]);
      } else if (!subject.blocked.empty()) {
        leave(candidate, subject.blocked);
      } else if (!subject.choice.kind) {
        leave(candidate, subject.choice.reason);
      } else if (const auto hold = held_row(subject, found)) {
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
      env.request_id = input_.request_id;
      auto masked = subject.masker->mask(candidate.found->row, env);
      if (!masked) {
        made_.failed = true;
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
    candidate.context.used = candidate.found->used;
    candidate.context.beside = *candidate.beside;
    if (has_row) candidate.context.fields = erase::member_digests(row, input_.key, arena);
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
    if (input_.keep_sources) made_.left_rows.push_back(candidate.found->row);
    made_.plan.left_alone.push_back(std::move(left));
  }

  void draft() {
    // In the order of the erasure: by instance, then collection.
    std::map<const Subject*, std::size_t> place;
    for (const run::Instance& instance : input_.instances) {
      for (const ir::CollectionId id : erase::erasure_order(*instance.connector).sequence) {
        const std::string& name = instance.connector->collections[id.value].name;
        place.emplace(&subjects_[{instance.key, name}], place.size());
      }
    }
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [&](const Candidate& a, const Candidate& b) {
                       return place[a.subject] < place[b.subject];
                     });
    made_.context.send_to = input_.send_to;
    made_.context.seed = input_.random.next();
    made_.context.now_ms = input_.now.time_since_epoch().count();
    std::vector<run::ErasureTask> tasks;
    std::vector<std::size_t> owner;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& candidate = candidates_[i];
      acting_.insert({candidate.subject->instance->key, candidate.subject->collection->name});
      const bool removal = *candidate.subject->choice.kind == erase::ActionKind::removal;
      const run::ErasureValues shown = shown_values(candidate, input_.key);
      for (std::string& identities : input_.engine.identity_choices(*candidate.found, removal)) {
        run::ErasureTask task;
        task.instance = candidate.found->instance;
        task.collection = candidate.found->collection;
        task.removal = removal;
        task.values = {candidate.context.row, candidate.context.masked,
                       candidate.context.masked_row, candidate.context.bound, identities};
        task.shown = shown;
        task.shown.identities = erase::shown(identities, input_.key);
        task.seed = action_seed(made_.context.seed, identity_of(task));
        tasks.push_back(std::move(task));
        owner.push_back(i);
      }
    }
    const std::vector<run::DraftedTurn> turns =
        input_.engine.draft(tasks, [this](const Value& value, value::Arena& arena) {
          return erase::shadow(value, input_.key, arena);
        });
    // Of one row: once where the request differs. A row may be there more than once, below several
    // parents.
    std::map<std::pair<const Subject*, std::string>, std::set<std::string>> seen;
    for (const run::DraftedTurn& turn : turns) {
      Candidate& from = candidates_[owner[turn.task]];
      const std::string& row = from.found->row.empty() ? from.found->bound : from.found->row;
      take(from, tasks[turn.task], turn, seen[{from.subject, row}]);
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
      made_.failed = true;
      return leave(candidate, "its request can't be made: " + safe(*turn.failure, candidate));
    }
    std::string all;
    for (const run::DraftedRequest& request : turn.requests) all += request.exact + '\n';
    const bool known = std::all_of(turn.requests.begin(), turn.requests.end(),
                                   [](const auto& request) { return request.known; });
    if (known && !seen.insert(all).second) return;
    erase::Action action;
    action.id = "a" + std::to_string(made_.plan.actions.size() + 1);
    action.instance = candidate.subject->instance->key;
    action.collection = candidate.subject->collection->name;
    action.key = candidate.key;
    action.kind = *candidate.subject->choice.kind;
    for (const run::DraftedRequest& request : turn.requests) {
      action.requests.push_back({request.method, request.shown_url, request.shown_body,
                                 request.known ? request_digest(request.exact, input_.key) : "",
                                 request.known, request.repeatable});
    }
    for (const privacy::FieldChange& change : candidate.masked.changes) {
      action.changes.push_back(
          {change.path, change.category, change.strategy, erase::shown(change.before, input_.key),
           tells_nothing(change.strategy) ? change.after : erase::shown(change.after, input_.key)});
    }
    action.keeps = kept_fields(candidate.masked);
    if (!action.keeps.empty() && input_.strict) made_.failed = true;
    action.reason = candidate.reason;
    action.reread = !candidate.context.row.empty();
    if (action.reread) {
      value::Arena arena;
      auto row = value::parse_json(candidate.context.row, arena);
      if (row) action.row = erase::row_digest(*row, input_.key, arena);
    }
    action.waits_for = waits(candidate);
    if (input_.reveal) action.revealed = revealed(candidate, turn);
    erase::ActionContext context = candidate.context;
    context.identities = task.values.identities;
    context.turn = turn.turn;
    action.sealed = input_.key.seal(erase::to_json(context), erase::context_of(made_.plan, action));
    (action.kind == erase::ActionKind::update ? candidate.subject->read.updates
                                              : candidate.subject->read.deletes) += 1;
    made_.plan.actions.push_back(std::move(action));
    if (!input_.keep_sources) return;
    ActionSource source{candidate.found->row, turn.requests, task};
    source.task.turn = turn.turn;
    made_.sources.push_back(std::move(source));
  }

  /// Targeted fields that keep their values, each once however many elements of a list have it.
  static std::vector<std::string> kept_fields(const privacy::MaskedRow& masked) {
    std::vector<std::string> kept;
    for (const privacy::FieldLeft& left : masked.left) {
      std::string text;
      bool index = false;
      for (const char c : left.path) {
        index = c == '[' || (index && c != ']');
        if (!index || c == '[') text += c;
      }
      text += ": " + std::string(privacy::name(left.reason));
      if (std::find(kept.begin(), kept.end(), text) == kept.end()) kept.push_back(std::move(text));
    }
    return kept;
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

  void seal_values() {
    add_values(input_.instances, made_.context);
    for (const privacy::Hold& hold : input_.policy.holds) made_.context.holds.push_back(hold.text);
    made_.plan.sealed =
        input_.key.seal(erase::to_json(made_.context), erase::context_of(made_.plan));
  }

  /// A collection without rows of its own whose action is made for rows of this one: it may be what
  /// erases them, which only its author knows.
  static std::optional<std::string> acts_for(const ir::Connector& connector,
                                             const ir::Collection& collection) {
    for (const ir::Collection& other : connector.collections) {
      if (!other.reads.empty() || other.emit || (!other.update && !other.erase)) continue;
      for (const ir::Source& source : other.sources) {
        if (source.collection &&
            connector.collections[source.collection->value].name == collection.name) {
          return other.name;
        }
      }
    }
    return std::nullopt;
  }

  /// What the policy targets and the connector can't erase stays with the service: somebody has to
  /// know, though its rows may not have been read.
  void leave_without_action(Subject& subject, const ir::Collection& collection) {
    const auto& asked = input_.collections;
    const bool wanted =
        asked.empty() || std::find(asked.begin(), asked.end(), collection.name) != asked.end();
    if (!wanted || collection.update || collection.erase) return;
    const bool targeted = erase::targets_field(collection, input_.policy);
    if (!targeted && (collection.has_fields || input_.policy.targets.empty())) return;
    erase::LeftAlone left;
    left.instance = subject.instance->key;
    left.collection = collection.name;
    left.rows = subject.read.rows;
    left.reason = targeted
                      ? "it can't be erased: the policy targets fields of it, and the connector "
                        "has neither update nor delete"
                      : "the connector has neither update nor delete, and declares no fields";
    if (const auto other = acts_for(*subject.instance->connector, collection); targeted && other) {
      left.reason =
          "the policy targets fields of it, and it has neither update nor delete of its "
          "own; `" +
          *other + "` is sent for it, and may erase it";
    }
    if (targeted && input_.strict) made_.failed = true;
    subject.read.left_alone = subject.read.rows;
    if (input_.keep_sources) made_.left_rows.emplace_back();
    made_.plan.left_alone.push_back(std::move(left));
  }

  /// Rows that the reading left out, as one with their key was there before.
  void leave_unlike(const Subject& subject, const ir::Collection& collection) {
    if (subject.unlike == 0 || !subject.choice.kind) return;
    erase::LeftAlone left;
    left.instance = subject.instance->key;
    left.collection = collection.name;
    left.rows = subject.unlike;
    left.reason = std::to_string(subject.unlike) + (subject.unlike == 1 ? " row" : " rows") +
                  " can't be told from others: the key is that of an earlier one, with something "
                  "else, so they are taken for one row";
    if (input_.strict) made_.failed = true;
    if (input_.keep_sources) made_.left_rows.emplace_back();
    made_.plan.left_alone.push_back(std::move(left));
  }

  const PlanInput& input_;
  MadePlan made_;
  std::map<Name, Subject> subjects_;
  std::vector<RowFound> found_;
  std::vector<Candidate> candidates_;
  std::set<Name> acting_;  // collections with candidates
};

}  // namespace

MadePlan make_plan(const PlanInput& input, erase::Plan begun) {
  return Planning(input, std::move(begun)).run();
}

}  // namespace fconn::erasure
