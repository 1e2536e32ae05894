#include "tools/fconn/feeds.hh"

#include <algorithm>

#include "interpreter/value/value.hh"
#include "tools/fconn/convert.hh"

namespace fconn::cli {
namespace {

/// As many as a product of sources keeps (run/inputs.hh).
constexpr std::size_t most_values = 1'000'000;

std::optional<Problem> near_problem(std::string text, const std::string& word,
                                    const std::vector<std::string>& names) {
  const auto near = grammar::did_you_mean(word, names);
  return Problem{std::move(text), near ? "did you mean `" + *near + "`?" : "", ""};
}

ir::KeyPath path_of(std::string_view text) {
  ir::KeyPath out;
  while (!text.empty()) {
    const std::size_t end = text.find('.');
    std::string_view part = text.substr(0, end);
    if (part.ends_with("[]")) part.remove_suffix(2);
    out.emplace_back(part);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

/// The name that stands at the beginning, up to a dot; the longest of those that do.
template <class Items, class NameOf>
const typename Items::value_type* beginning(const Items& items, std::string_view text,
                                            NameOf name_of) {
  const typename Items::value_type* found = nullptr;
  for (const auto& item : items) {
    const std::string& name = name_of(item);
    const bool begins =
        text.starts_with(name) && text.size() > name.size() && text[name.size()] == '.';
    if (begins && (found == nullptr || name.size() > name_of(*found).size())) found = &item;
  }
  return found;
}

std::string first_word(std::string_view text) {
  return std::string(text.substr(0, text.find('.')));
}

/// Empty when the path is declared, or lies where nothing is; else what is wrong.
std::optional<Problem> check_path(const ir::Collection& collection, const ir::KeyPath& path) {
  const std::vector<ir::Field>* level = &collection.fields;
  for (const std::string& step : path) {
    if (level->empty()) return std::nullopt;
    const auto field = std::find_if(level->begin(), level->end(),
                                    [&step](const ir::Field& one) { return one.name == step; });
    if (field == level->end()) {
      std::vector<std::string> names;
      for (const ir::Field& one : *level) names.push_back(one.name);
      return near_problem("`" + collection.name + "` declares no field `" + step + "`", step,
                          names);
    }
    level = &field->fields;
  }
  if (level->empty() || level == &collection.fields) return std::nullopt;
  return Problem{"`" + path.back() + "` of `" + collection.name + "` is no single value",
                 "name a field in it", ""};
}

bool given_on_command_line(const ValueArgs& args, const std::string& key, const std::string& name) {
  return std::any_of(args.externals.begin(), args.externals.end(), [&](const std::string& text) {
    return text.starts_with(name + "=") || text.starts_with(key + "." + name + "=");
  });
}

class Planner {
 public:
  Planner(const std::vector<Loaded>& targets, const ValueArgs& args, const config::Project* project)
      : targets_(targets), args_(args), project_(project) {}

  FeedPlan plan() {
    if (project_ == nullptr) return {};
    for (const Loaded& target : targets_) {
      if (target.target.instance != nullptr) needs_of(*target.target.instance, *target.connector);
    }
    return std::move(out_);
  }

 private:
  void needs_of(const config::Instance& instance, const ir::Connector& connector) {
    if (!seen_.insert(instance.key).second) return;
    for (const auto& [name, source] : instance.externals) {
      if (source.kind != config::ExternalKind::from) continue;
      if (given_on_command_line(args_, instance.key, name)) continue;
      for (const ir::External& declared : connector.externals) {
        if (declared.name == name) feed(instance, declared, source.from);
      }
    }
  }

  void feed(const config::Instance& instance, const ir::External& declared,
            const std::string& from) {
    Problem problem;
    auto source = find_feed_source(
        from, *project_, instance.key,
        [this](const config::Instance& other) { return connector_of(other); }, problem);
    if (!source || source->collection.empty()) {
      if (!source) {
        problem.text = "external '" + declared.name + "' of " + instance.key + ": " + problem.text;
        problem.code = "F0814";
        out_.problems.push_back(std::move(problem));
      }
      return;
    }
    const config::Instance& other = *project_->find(source->instance);
    out_.feeds.push_back({instance.key, declared.name, declared, *std::move(source)});
    if (const ir::Connector* connector = connector_of(other)) needs_of(other, *connector);
  }

  /// A target's, or that of an instance that is read for its values; loaded when it is asked for.
  const ir::Connector* connector_of(const config::Instance& instance) {
    for (const std::vector<Loaded>* list : {&targets_, &std::as_const(out_.feeders)}) {
      for (const Loaded& one : *list) {
        if (one.target.instance == &instance || one.key == instance.key) return one.connector.get();
      }
    }
    Problem problem;
    const auto target = resolve_target("instance:" + instance.key, project_, problem);
    if (target) {
      Loaded loaded = load(*target);
      if (loaded.connector) {
        out_.feeders.push_back(std::move(loaded));
        return out_.feeders.back().connector.get();
      }
    }
    out_.problems.push_back({"the connector of '" + instance.key +
                                 "', which values come from, can't "
                                 "be read",
                             "`fconn check " + project_->path + "` says why", ""});
    return nullptr;
  }

  const std::vector<Loaded>& targets_;
  const ValueArgs& args_;
  const config::Project* project_;
  std::set<std::string> seen_;
  FeedPlan out_;
};

/// The collections of a connector whose rows need values of an external, at once or through others.
std::vector<std::string> dependants(const ir::Connector& connector, const std::string& external) {
  const std::function<bool(const ir::Expr&)> mentions = [&](const ir::Expr& expr) {
    if (expr.op == ir::Op::external &&
        connector.externals[static_cast<std::size_t>(expr.number)].name == external) {
      return true;
    }
    return std::any_of(expr.kids.begin(), expr.kids.end(), mentions);
  };
  std::vector<bool> found(connector.collections.size(), false);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < connector.collections.size(); ++i) {  // parents come first
    for (const ir::Source& source : connector.collections[i].sources) {
      if (source.values && mentions(*source.values)) found[i] = true;
      if (source.collection && found[source.collection->value]) found[i] = true;
    }
    if (found[i]) out.push_back(connector.collections[i].name);
  }
  return out;
}

}  // namespace

std::optional<FeedSource> find_feed_source(
    const std::string& from, const config::Project& project, const std::string& asking,
    const std::function<const ir::Connector*(const config::Instance&)>& connector,
    Problem& problem) {
  const auto* instance =
      beginning(project.instances, from,
                [](const config::Instance& one) -> const std::string& { return one.key; });
  if (instance == nullptr) {
    std::vector<std::string> keys;
    for (const config::Instance& one : project.instances) keys.push_back(one.key);
    problem =
        *near_problem("there is no instance `" + first_word(from) + "`", first_word(from), keys);
    if (problem.help.empty()) problem.help = "write it like \"instance.collection.field\"";
    return std::nullopt;
  }
  if (instance->key == asking) {
    problem = {"it takes its values from itself", "say `for` in the connector instead", ""};
    return std::nullopt;
  }
  FeedSource out{instance->key, "", {}};
  const ir::Connector* found = connector(*instance);
  if (found == nullptr) return out;
  const std::string_view rest = std::string_view(from).substr(instance->key.size() + 1);
  const auto* collection =
      beginning(found->collections, rest,
                [](const ir::Collection& one) -> const std::string& { return one.name; });
  if (collection == nullptr) {
    std::vector<std::string> names;
    for (const ir::Collection& one : found->collections) names.push_back(one.name);
    problem = *near_problem(instance->key + " has no collection `" + first_word(rest) + "`",
                            first_word(rest), names);
    const bool known = std::find(names.begin(), names.end(), std::string(rest)) != names.end();
    if (known) problem = {"the field of `" + std::string(rest) + "` is missing", "name one", ""};
    return std::nullopt;
  }
  out.collection = collection->name;
  out.path = path_of(rest.substr(collection->name.size() + 1));
  if (auto wrong = check_path(*collection, out.path)) {
    problem = std::move(*wrong);
    return std::nullopt;
  }
  return out;
}

FeedPlan plan_feeds(const std::vector<Loaded>& targets, const ValueArgs& args,
                    const config::Project* project) {
  FeedPlan out = Planner(targets, args, project).plan();
  std::map<std::string, std::vector<std::string>> waits;
  for (const Feed& feed : out.feeds) waits[feed.instance].push_back(feed.source.instance);
  for (const std::vector<std::string>& cycle : plan::cycles({waits.begin(), waits.end()})) {
    std::string text;
    for (const std::string& key : cycle) text += key + " <- ";
    out.problems.push_back({"instances take values from each other: " + text + cycle.front(),
                            "let one of them get its values from elsewhere", "F0815"});
  }
  return out;
}

std::vector<std::vector<std::string>> feed_order(const std::vector<std::string>& instances,
                                                 const std::vector<Feed>& feeds) {
  std::vector<std::vector<std::string>> out;
  std::set<std::string> done;
  while (done.size() < instances.size()) {
    std::vector<std::string> step;
    for (const std::string& key : instances) {
      const bool waits = std::any_of(feeds.begin(), feeds.end(), [&](const Feed& feed) {
        return feed.instance == key && done.count(feed.source.instance) == 0;
      });
      if (!waits && done.count(key) == 0) step.push_back(key);
    }
    if (step.empty()) break;  // a circle, which plan_feeds() reports
    done.insert(step.begin(), step.end());
    out.push_back(std::move(step));
  }
  return out;
}

FeedSink::FeedSink(const std::vector<Feed>& feeds, value::Sink& inner, Hidden hidden)
    : inner_(inner), hidden_(std::move(hidden)) {
  for (const Feed& feed : feeds) values_.push_back({&feed, {}, {}, "", false});
}

void FeedSink::add(Values& into, const value::Value& value) {
  if (!into.failure.empty()) return;
  std::string json = value::to_json(value);
  if (into.seen.count(json) != 0) return;
  if (into.seen.size() == most_values) {
    into.failure = "there are more than " + std::to_string(most_values) + " values";
    into.unfit = true;
    return;
  }
  const bool scalar = value.kind != value::Kind::object && value.kind != value::Kind::list;
  auto converted = external_value(into.feed->declared, json, true);
  if (!scalar || !converted) {
    into.failure = scalar ? "a value " + converted.error().text : "a value is an object or a list";
    into.unfit = true;
    return;
  }
  into.values.push_back(std::move(*converted));
  into.seen.insert(std::move(json));
}

void FeedSink::take(Values& into, const value::Value& row, value::Arena& arena) {
  const ir::KeyPath& path = into.feed->source.path;
  const std::function<void(const value::Value&, std::size_t)> walk = [&](const value::Value& given,
                                                                         std::size_t step) {
    const value::Value at = value::decoded(given, arena);
    if (at.kind == value::Kind::list) {
      for (const value::Value& element : at.list_view()) walk(element, step);
    } else if (at.is_null()) {
      return;
    } else if (step == path.size()) {
      add(into, at);
    } else if (at.kind == value::Kind::object) {
      if (const value::Value* member = value::find_member(at, path[step])) walk(*member, step + 1);
    }
  };
  walk(row, 0);
}

value::Result<void> FeedSink::write(std::string_view instance, std::string_view collection,
                                    const value::RowBatch& batch) {
  for (Values& one : values_) {
    const FeedSource& source = one.feed->source;
    if (source.instance != instance || source.collection != collection) continue;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.dropped(i)) continue;
      value::Arena arena;
      take(one, value::Value::raw(batch.row(i)), arena);
    }
  }
  if (hidden_(instance, collection)) return {};
  return inner_.write(instance, collection, batch);
}

value::Result<void> FeedSink::finish(std::string_view instance, std::string_view collection,
                                     const value::Outcome& outcome) {
  for (Values& one : values_) {
    const FeedSource& source = one.feed->source;
    if (source.instance != instance || source.collection != collection) continue;
    if (outcome.state == value::CollectionState::failed) {
      one.failure = "it failed: " + outcome.reason;
    } else if (outcome.state == value::CollectionState::capped) {
      one.failure = "it isn't whole: " + outcome.reason;
    }
  }
  if (hidden_(instance, collection)) return {};
  return inner_.finish(instance, collection, correct(instance, collection, outcome));
}

void FeedSink::fill(run::Instance& instance) {
  for (Values& one : values_) {
    if (one.feed->instance != instance.key) continue;
    if (one.failure.empty()) {
      instance.externals[one.feed->external] = one.values;
      continue;
    }
    const FeedSource& source = one.feed->source;
    for (const std::string& name : dependants(*instance.connector, one.feed->external)) {
      failed_[instance.key][name] = "its values come from `" + source.instance + "." +
                                    source.collection + "`: " + one.failure;
    }
  }
}

value::Outcome FeedSink::correct(std::string_view instance, std::string_view collection,
                                 const value::Outcome& outcome) const {
  const auto found = failed_.find(instance);
  if (found == failed_.end() || outcome.state != value::CollectionState::skipped) return outcome;
  const auto reason = found->second.find(collection);
  if (reason == found->second.end()) return outcome;
  value::Outcome out = outcome;
  out.state = value::CollectionState::failed;
  out.reason = reason->second;
  return out;
}

std::vector<std::string> FeedSink::failures(bool own) const {
  std::vector<std::string> out;
  for (const Values& one : values_) {
    if (one.failure.empty() || (own && !one.unfit)) continue;
    out.push_back("external '" + one.feed->external + "' of " + one.feed->instance +
                  " takes its values from " + one.feed->source.instance + "." +
                  one.feed->source.collection + ": " + one.failure);
  }
  return out;
}

void FeedSummary::add(run::RunSummary summary) {
  for (run::CollectionSummary& one : summary.collections) {
    one.outcome = sink_.correct(one.instance, one.collection, one.outcome);
    const bool failed = one.outcome.state == value::CollectionState::failed;
    if (sink_.hidden(one.instance, one.collection)) {
      one.outcome.rows = 0;
      const std::string* why = left_out_(one.instance, one.collection);
      if (!failed && why == nullptr) continue;
      if (!failed) one.outcome.state = value::CollectionState::skipped;
      if (!failed) one.outcome.reason = *why;
    }
    summary_.collections.push_back(std::move(one));
  }
  for (run::Message& one : summary.messages) summary_.messages.push_back(std::move(one));
  summary_.requests += summary.requests;
  summary_.rows += summary.rows;
  summary_.elapsed += summary.elapsed;
  summary_.interrupted = summary_.interrupted || summary.interrupted;
}

void FeedSummary::add_unread(const run::Instance& instance) {
  for (const ir::Collection& collection : instance.connector->collections) {
    if (sink_.hidden(instance.key, collection.name)) continue;
    value::Outcome outcome;
    outcome.state = value::CollectionState::failed;
    outcome.reason = "interrupted before its turn came";
    summary_.collections.push_back({instance.key, collection.name, outcome});
  }
}

void FeedSummary::add_failure(value::Failure failure) {
  summary_.messages.push_back({"", "", std::move(failure), ""});
}

/// As the engine does for rows of its own (Engine::State::lose_rows): they waited for the end here.
void FeedSummary::lose_rows() {
  const auto unwritten = [](const run::Message& one) {
    return one.instance.empty() && one.failure.kind == value::FailureKind::output;
  };
  auto& messages = summary_.messages;
  const auto first = std::find_if(messages.begin(), messages.end(), unwritten);
  if (first == messages.end()) return;
  for (run::CollectionSummary& one : summary_.collections) {
    if (one.outcome.state == value::CollectionState::failed || one.outcome.rows == 0) continue;
    one.outcome.state = value::CollectionState::failed;
    one.outcome.reason = "not all of its rows could be written: " + first->failure.text;
  }
  messages.erase(std::remove_if(first + 1, messages.end(), unwritten), messages.end());
}

run::RunSummary FeedSummary::take() {
  lose_rows();
  for (const std::string& text : sink_.failures(true)) {
    value::Failure failure;
    failure.kind = value::FailureKind::rule;
    failure.text = text;
    add_failure(std::move(failure));
  }
  bool good = false;
  bool failed = std::any_of(
      summary_.messages.begin(), summary_.messages.end(),
      [](const run::Message& one) { return one.failure.kind == value::FailureKind::output; });
  for (const run::CollectionSummary& one : summary_.collections) {
    const value::CollectionState state = one.outcome.state;
    failed = failed || state == value::CollectionState::failed;
    good = good || state == value::CollectionState::complete ||
           state == value::CollectionState::capped;
  }
  summary_.state = !failed && !summary_.interrupted ? run::RunState::complete
                   : good                           ? run::RunState::partial
                                                    : run::RunState::failed;
  summary_.exit_code = run::exit_code(summary_, false);
  return std::move(summary_);
}

}  // namespace fconn::cli
