#include "tools/repl/recorder.hh"

#include <algorithm>
#include <utility>

namespace fconn::repl {

using value::OwnedValue;
using value::Value;

namespace {

/// A tree of what the bindings of a `for` are known of: {c: {id: …}} from "c.id".
struct Tree {
  std::map<std::string, Tree> members;
  Value value;

  void put(std::string_view path, const Value& given) {
    const std::size_t dot = path.find('.');
    Tree& next = members[std::string(path.substr(0, dot))];
    if (dot == std::string_view::npos) {
      next.value = given;
    } else {
      next.put(path.substr(dot + 1), given);
    }
  }
  Value built(value::Arena& arena) const {
    if (members.empty()) return value;
    auto made = arena.make<value::Member>(members.size());
    std::size_t i = 0;
    for (const auto& [key, tree] : members) made[i++] = {arena.copy(key), tree.built(arena)};
    return Value::object(made);
  }
};

std::vector<std::pair<std::string, OwnedValue>> names_of(const run::Seen& seen,
                                                         const eval::Environment& env) {
  std::vector<std::pair<std::string, OwnedValue>> out;
  const auto& identities = seen.connector->identities;
  for (std::size_t i = 0; i < identities.size() && i < env.identities.size(); ++i) {
    // Null: nothing of this request depends on it.
    if (env.identities[i].is_null()) continue;
    out.emplace_back(identities[i].name, OwnedValue(env.identities[i]));
  }
  if (seen.declared_in != nullptr) {
    Tree tree;
    const auto& slots = seen.declared_in->slots;
    for (std::size_t i = 0; i < slots.size() && i < env.bound.size(); ++i) {
      tree.put(slots[i].text, env.bound[i]);
    }
    value::Arena arena(1024);
    for (const auto& [name, bound] : tree.members) {
      out.emplace_back(name, OwnedValue(bound.built(arena)));
    }
  }
  if (seen.chain != nullptr) {
    for (const ir::Step& step : seen.chain->steps) {
      if (step.name.empty() || step.slot >= env.lets.size()) continue;
      if (step.kind == ir::StepKind::for_each) {
        out.emplace_back(step.name, OwnedValue(env.loop_value));
      } else {
        out.emplace_back(step.name, OwnedValue(env.lets[step.slot]));
      }
    }
  }
  return out;
}

std::size_t size_of(const OwnedValue& value) { return value::to_json(value.get()).size(); }

std::size_t size_of(const std::vector<run::Look>& looks) {
  std::size_t bytes = 0;
  for (const run::Look& look : looks) bytes += look.text.size() + size_of(look.value);
  return bytes;
}

std::size_t size_of(const ClauseSeen& clause) {
  return clause.text.size() + clause.said.size() + size_of(clause.looks) +
         (clause.value ? size_of(*clause.value) : 0);
}

std::size_t size_of(const std::vector<std::pair<std::string, OwnedValue>>& names) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : names) bytes += name.size() + size_of(value);
  return bytes;
}

}  // namespace

bool Exchanged::had(run::Event event) const {
  return std::any_of(events.begin(), events.end(),
                     [event](const EventSeen& seen) { return seen.event == event; });
}

Exchanged* Recorder::find(std::string_view name) {
  // A shared answer is there for each task that it serves; the last one counts.
  const auto found = std::find_if(all_.rbegin(), all_.rend(),
                                  [name](const auto& one) { return one->name == name; });
  return found == all_.rend() ? nullptr : found->get();
}

bool Recorder::sending(const run::Seen& seen, http::Request& request, const run::Sight* sight) {
  auto made = std::make_unique<Exchanged>();
  made->name = seen.request;
  made->instance = seen.instance;
  made->collection = seen.collection;
  made->step = seen.step;
  made->connector = connectors_[made->instance];
  made->declared_in = seen.declared_in;
  made->declared = seen.declared;
  made->request = request;
  if (sight != nullptr) made->names = names_of(seen, sight->env);
  if (const auto steps = steps_.find(seen.task); steps != steps_.end()) {
    made->before = std::move(steps->second);
    steps_.erase(steps);
  }
  Exchanged& kept = push(std::move(made));
  std::size_t bytes = kept.request.body.size() + size_of(kept.names);
  for (const ClauseSeen& step : kept.before) bytes += size_of(step);
  weigh(kept, bytes);
  if (!hooks_.sending) return true;
  const bool go = hooks_.sending(kept);
  if (kept.edited) request = kept.request;
  return go;
}

Exchanged& Recorder::push(std::unique_ptr<Exchanged> made) {
  if (all_.size() >= limits_.exchanges) {
    if (hooks_.leaving) hooks_.leaving(*all_.front());
    body_bytes_ -= all_.front()->weight;
    all_.pop_front();
    cut_ = true;
  }
  all_.push_back(std::move(made));
  return *all_.back();
}

/// What is too much is taken from the oldest; the newest one stays, whatever its size.
void Recorder::weigh(Exchanged& seen, std::size_t bytes) {
  seen.weight += bytes;
  body_bytes_ += bytes;
  for (const auto& old : all_) {
    if (body_bytes_ <= limits_.body_bytes || old.get() == all_.back().get()) return;
    if (old->weight == 0) continue;
    body_bytes_ -= std::exchange(old->weight, 0);
    old->forgotten = true;
    std::string().swap(old->body);
    std::string().swap(old->json);
    std::string().swap(old->request.body);
    old->names.clear();
    old->before.clear();
    old->clauses.clear();
    for (EventSeen& event : old->events) std::string().swap(event.text);
  }
}

void Recorder::arrived(const run::Seen& seen, const run::Arrived& answer, const run::Sight* sight) {
  Exchanged* found = find(seen.request);
  if (answer.shared && found != nullptr) {
    auto again = std::make_unique<Exchanged>();
    again->name = found->name;
    again->request = found->request;
    again->timing = found->timing;
    again->instance = seen.instance;
    again->connector = connectors_[again->instance];
    found = &push(std::move(again));
  }
  if (found == nullptr) return;
  found->collection = seen.collection;
  found->step = seen.step;
  found->declared_in = seen.declared_in;
  if (seen.declared != nullptr) found->declared = seen.declared;
  found->arrived = true;
  found->streamed = answer.streamed;
  found->shared = answer.shared;
  found->redirects = answer.redirects;
  found->status = answer.status;
  found->headers = answer.headers;
  found->body = answer.body;
  // A body that is JSON already isn't kept twice.
  if (answer.json != answer.body) found->json = answer.json;
  found->received = answer.received;
  if (!answer.shared) found->timing = answer.timing;
  if (sight != nullptr) found->names = names_of(seen, sight->env);
  weigh(*found, found->body.size() + found->json.size() + size_of(found->names));
}

/// The exchange that is being judged; null for what happens outside of one.
Exchanged* Recorder::current(const run::Seen& seen) {
  Exchanged* found = find(seen.request);
  return found == nullptr || found->judged ? nullptr : found;
}

void Recorder::clause(const run::Seen& seen, const run::Clause& clause, const run::Sight& sight) {
  Exchanged* found = current(seen);
  ClauseSeen made;
  made.kind = clause.kind;
  made.where = clause.where;
  made.text = run::source_text(*seen.connector, clause.where);
  if (clause.kind == run::Clause::Kind::rows && seen.declared->rows_path) {
    for (const std::string& key : *seen.declared->rows_path) made.text += "." + key;
    if (made.text.empty()) made.text = ".";
  }
  made.holds = clause.holds;
  made.said = clause.said;
  made.rows = clause.rows;
  if (clause.expr != nullptr) {
    made.looks = run::looks_of(*clause.expr, *seen.connector, sight);
    const bool computed =
        clause.kind == run::Clause::Kind::let || clause.kind == run::Clause::Kind::next;
    if (computed) made.value = run::value_again(*clause.expr, sight);
  }
  if (found == nullptr) {
    // Tasks that end without a word leave theirs behind.
    if (steps_.size() > limits_.strays) steps_.erase(steps_.begin());
    steps_[seen.task].push_back(std::move(made));
    return;
  }
  const std::size_t bytes = size_of(made);
  found->clauses.push_back(std::move(made));
  weigh(*found, bytes);
}

void Recorder::row(const run::Seen& seen, const run::SeenRow& row, const run::Sight& sight) {
  Exchanged* found = current(seen);
  if (found == nullptr) return;
  ++(row.dropped_by ? found->dropped : found->kept);
  if (row.dropped_by) {
    if (found->dropped_at.size() <= *row.dropped_by) found->dropped_at.resize(*row.dropped_by + 1);
    ++found->dropped_at[*row.dropped_by];
  }
  if (kept_rows_ >= limits_.rows || row_bytes_ >= limits_.row_bytes) {
    ++unkept_rows_;
    return;
  }
  RowSeen made;
  made.text = row.text;
  made.result = row.result;
  made.dropped_by = row.dropped_by;
  if (row.failure != nullptr) made.failure = row.failure->text;
  const auto& ops = seen.declared->row_ops;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    // What dropped it is its reason, and nothing else.
    if (row.dropped_by && i != *row.dropped_by) continue;
    // A kept row's environment is the one after the last map.
    const bool mapped = std::any_of(ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(i),
                                    [](const auto& op) { return op.kind == ir::RowOpKind::map; });
    if (ops[i].kind != ir::RowOpKind::keep || (mapped && !row.dropped_by)) continue;
    for (run::Look& look : run::looks_of(ops[i].value, *seen.connector, sight)) {
      made.looks.push_back(std::move(look));
    }
  }
  ++kept_rows_;
  row_bytes_ += made.text.size() + made.result.size() + size_of(made.looks);
  found->rows.push_back(std::move(made));
}

void Recorder::repeated(const run::Seen& seen, std::string_view row) {
  Exchanged* found = current(seen);
  if (found == nullptr) return;
  ++found->repeated;
  // Of equal rows in one answer the first one counted.
  const auto same = std::find_if(
      found->rows.rbegin(), found->rows.rend(),
      [row](const RowSeen& one) { return !one.dropped_by && !one.repeated && one.result == row; });
  if (same != found->rows.rend()) same->repeated = true;
}

void Recorder::event(const run::Seen& seen, run::Event event, std::string_view text) {
  Exchanged* found = current(seen);
  if (found != nullptr) {
    found->events.push_back({event, std::string(text)});
    weigh(*found, text.size());
    return;
  }
  const EventSeen made{event, std::string(text)};
  std::vector<ClauseSeen> steps;
  if (const auto kept = steps_.find(seen.task); kept != steps_.end()) {
    steps = std::move(kept->second);
    steps_.erase(kept);
  }
  if (hooks_.stray) hooks_.stray(std::string(seen.collection), steps, made);
  if (strays_.size() < limits_.strays) {
    strays_.emplace_back(seen.collection, made);
  } else {
    ++unkept_strays_;
  }
}

void Recorder::judged(std::string_view request) {
  Exchanged* found = find(request);
  if (found == nullptr || found->judged) return;
  found->judged = true;
  if (hooks_.judged) hooks_.judged(*found);
}

}  // namespace fconn::repl
