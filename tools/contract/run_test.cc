#include "tools/contract/run_test.hh"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "grammar/diagnostics.hh"
#include "interpreter/eval/eval.hh"
#include "interpreter/run/engine.hh"
#include "interpreter/store/memory_store.hh"
#include "tools/contract/collecting_sink.hh"
#include "tools/contract/compare_erasure.hh"
#include "tools/contract/erasure_run.hh"
#include "tools/contract/matching.hh"
#include "tools/contract/offline.hh"

namespace fconn::contract {

using value::Kind;
using value::Value;

namespace {

class TestRun {
 public:
  TestRun(const Test& test, std::shared_ptr<const ir::Connector> connector)
      : test_(test), connector_(std::move(connector)) {}

  TestResult run(const std::vector<std::string>& recordings) {
    answer_and_compare(recordings);
    TestResult result;
    result.differences = std::move(differences_);
    for (const Reply& reply : test_.replies) {
      if (!asked_.contains(&reply)) result.unused.push_back(reply.where);
    }
    result.seen = std::move(seen_);
    return result;
  }

 private:
  void answer_and_compare(const std::vector<std::string>& recordings) {
    run::Instance instance;
    if (!make_instance(instance)) return;
    for (std::size_t i = 0; i < recordings.size(); ++i) {
      if (auto loaded = recording_.load(recordings[i], test_.cases[i], host_); !loaded) {
        differ(test_.where, loaded.error().text);
        return;
      }
    }
    JumpingClock clock;
    FixedRandom random;
    OfflineTransport transport(clock, [this](const SentRequest& sent) { return answer(sent); });
    http::HostsGuard guard;
    http::Redactor redactor;
    run::Options options;
    options.action = !test_.erase.empty()          ? plan::Action::erase
                     : instance.identities.empty() ? plan::Action::read
                                                   : plan::Action::access;
    options.erasure_now = clock.wall();
    for (const auto& [name, where] : test_.collections) {
      if (!has_collection(name, where)) return;
      options.collections.insert(name);
    }
    if (!test_.consent.empty()) {
      options.action = plan::Action::consent;
      options.consent_direction = test_.consent;
      options.consent_purposes.insert(test_.purposes.begin(), test_.purposes.end());
    }
    options.request_id = "00000000-0000-4000-8000-000000000001";
    run::Ports ports{transport, guard, redactor, clock, random, sink_, nullptr, {}};
    const auto tokens = store::make_memory_store();
    ports.tokens = tokens.get();
    ports.decisions = &seen_;
    run::Engine engine(options, ports);
    const std::vector<run::Instance> instances{std::move(instance)};
    engine.add(instances.front());
    summary_ = engine.run();
    exit_code_ = summary_.exit_code;
    if (!test_.erase.empty()) {
      erased_ = run_erasure(test_, engine, summary_, instances, options, ports);
      exit_code_ = erased_.exit_code;
    }
    compare(transport.sent());
  }

  void differ(grammar::Span where, std::string text) {
    differences_.push_back({where, std::move(text)});
  }

  const mock::RecordedReply* answer(const SentRequest& sent) {
    const auto first =
        std::find_if(test_.replies.begin(), test_.replies.end(),
                     [&](const Reply& reply) { return matches(reply.pattern, sent); });
    if (first == test_.replies.end()) {
      return recording_.find(sent.request, recorded_turns_[describe(sent.request)]++);
    }
    std::size_t turn = turns_[first->pattern.text]++;
    const mock::RecordedReply* found = nullptr;
    const Reply* last = nullptr;
    for (auto reply = first; reply != test_.replies.end(); ++reply) {
      if (reply->pattern.text != first->pattern.text) continue;
      found = &reply->reply;
      last = &*reply;
      if (turn-- == 0) break;
    }
    asked_.insert(last);
    return found;
  }

  bool make_instance(run::Instance& instance) {
    instance.key = connector_->name;
    instance.connector = connector_;
    const std::size_t before = differences_.size();
    for (const ir::Param& param : connector_->params) {
      const NamedValues& given = param.secret ? test_.secrets : test_.params;
      const auto found = std::find_if(given.begin(), given.end(),
                                      [&](const auto& pair) { return pair.first == param.name; });
      if (found != given.end()) {
        instance.params[param.name] = found->second;
        const bool host = param.type == ir::ScalarType::host || param.name == "domain";
        if (host && host_.empty() && found->second.get().kind == Kind::string) {
          host_ = std::string(found->second.get().view());
        }
      } else if (param.default_value) {
        if (const auto standard = eval::constant(*param.default_value, arena_)) {
          instance.params[param.name] = value::OwnedValue(*standard);
        }
      } else {
        differ(test_.where, std::string(param.secret ? "secret" : "parameter") + " `" + param.name +
                                "` is needed and the test doesn't give it");
      }
    }
    unknown(test_.params, names_of(connector_->params, false), "parameter");
    unknown(test_.secrets, names_of(connector_->params, true), "secret");
    unknown(test_.identities, names_of(connector_->identities), "identity");
    unknown(test_.externals, names_of(connector_->externals), "external");
    for (const auto& [name, value] : test_.identities) {
      add_values(instance.identities[name], value.get());
    }
    for (const auto& [name, value] : test_.externals) {
      add_values(instance.externals[name], value.get());
    }
    instance.token = test_.token;
    if (host_.empty()) host_ = "api.test";
    return differences_.size() == before;
  }

  static std::vector<std::string> names_of(const std::vector<ir::Param>& params, bool secret) {
    std::vector<std::string> names;
    for (const ir::Param& param : params) {
      if (param.secret == secret) names.push_back(param.name);
    }
    return names;
  }

  template <class Declared>
  static std::vector<std::string> names_of(const std::vector<Declared>& declared) {
    std::vector<std::string> names;
    names.reserve(declared.size());
    for (const Declared& one : declared) names.push_back(one.name);
    return names;
  }

  void unknown(const NamedValues& given, const std::vector<std::string>& names,
               std::string_view what) {
    for (const auto& [name, value] : given) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      differ(test_.where,
             "the connector has no " + std::string(what) + " `" + name + "`" + near(name, names));
    }
  }

  static std::string near(std::string_view name, const std::vector<std::string>& names) {
    const auto found = grammar::did_you_mean(name, names);
    return found ? "; did you mean `" + *found + "`?" : "";
  }

  /// Whether a collection that an expectation names is there; it is reported otherwise.
  bool has_collection(const std::string& name, grammar::Span where) {
    const std::vector<std::string> names = names_of(connector_->collections);
    if (std::find(names.begin(), names.end(), name) != names.end()) return true;
    differ(where, "the connector has no collection `" + name + "`" + near(name, names));
    return false;
  }

  void add_values(std::vector<value::OwnedValue>& target, const Value& given) {
    const Value all = value::decoded(given, arena_);
    if (all.kind != Kind::list) {
      target.emplace_back(all);
      return;
    }
    for (const Value& one : all.list_view()) target.emplace_back(value::decoded(one, arena_));
  }

  void compare(const std::vector<SentRequest>& sent) {
    std::size_t unanswered = 0;
    for (const SentRequest& request : sent) {
      if (request.answered || ++unanswered > shown_of_many) continue;
      differ(test_.where, "unexpected request " + describe(request.request) + "\n  " +
                              recording_.explain(request.request));
    }
    for (const ExpectRequest& expect : test_.requests) compare_request(expect, sent);
    for (const ExpectRows& expect : test_.rows) {
      if (!has_collection(expect.collection, expect.where)) continue;
      expect.exact ? compare_rows(expect) : compare_row(expect);
    }
    for (const ExpectOutcome& expect : test_.outcomes) compare_outcome(expect);
    compare_erasure();
    if (test_.exit && *test_.exit != exit_code_) {
      differ(test_.exit_where, "exit code " + std::to_string(exit_code_) + ", expected " +
                                   std::to_string(*test_.exit) + failures());
    }
    if (!test_.exit && exit_code_ != 0) {
      if (!expects_trouble()) {
        differ(test_.where, "the run failed" + failures());
      } else if (const std::string others = unexpected_failures(); !others.empty()) {
        differ(test_.where, "the run failed where the test doesn't expect it" + others);
      }
    }
    if (sent.empty() && expects_nothing()) {
      differ(test_.where, "this test expects nothing, and nothing was asked");
    }
  }

  void compare_erasure() {
    if (test_.erase.empty()) return;
    for (const std::string& mistake : erased_.mistakes) differ(test_.policy->where, mistake);
    const Differ say = [this](grammar::Span where, std::string text) {
      differ(where, std::move(text));
    };
    for (const ExpectAction& expect : test_.actions) {
      if (has_collection(expect.collection, expect.where)) compare_action(expect, erased_, say);
    }
    for (const ExpectLeft& expect : test_.left) {
      if (has_collection(expect.collection, expect.where)) compare_left(expect, erased_, say);
    }
  }

  /// Whether the test says itself how things end, so that the exit code needn't be 0.
  bool expects_trouble() const {
    return !test_.outcomes.empty() || !test_.left.empty() ||
           std::any_of(test_.actions.begin(), test_.actions.end(),
                       [](const ExpectAction& expect) { return expect.outcome.has_value(); });
  }

  bool expects_nothing() const {
    return !test_.exit && test_.requests.empty() && test_.rows.empty() && test_.outcomes.empty() &&
           test_.actions.empty() && test_.left.empty();
  }

  /// A line for each failure that no expectation names.
  std::string unexpected_failures() const {
    std::string text = erasure_failures(erased_, &test_);
    for (const run::CollectionSummary& collection : summary_.collections) {
      if (collection.outcome.state != value::CollectionState::failed) continue;
      // What failed there is said, or expected, itself.
      if (collection.outcome.reason.starts_with("its input `")) continue;
      const bool expected = std::any_of(
          test_.outcomes.begin(), test_.outcomes.end(),
          [&](const ExpectOutcome& expect) { return expect.collection == collection.collection; });
      if (expected) continue;
      text += "\n  " + collection.collection + ": " + collection.outcome.reason;
    }
    return text;
  }

  std::string failures() const {
    std::string text = erasure_failures(erased_);
    for (const run::Message& message : summary_.messages) {
      text += "\n  " + message.collection + ": " + message.failure.text;
    }
    return text;
  }

  void compare_request(const ExpectRequest& expect, const std::vector<SentRequest>& sent) {
    const auto count = std::count_if(sent.begin(), sent.end(), [&](const SentRequest& request) {
      return matches(expect.pattern, request);
    });
    if (expect.count ? count == *expect.count : count > 0) return;
    std::string text = "sent " + std::to_string(count) + " times, expected " +
                       (expect.count ? std::to_string(*expect.count) : "at least once") +
                       "; sent were";
    std::size_t listed = 0;
    for (const SentRequest& request : sent) {
      if (request.request.path != expect.pattern.path && sent.size() > 8) continue;
      if (++listed > 8) break;
      text += "\n  " + describe(request.request);
    }
    if (listed == 0) text += "\n  none with this path";
    differ(expect.where, text);
  }

  std::vector<Value> parsed_rows(const std::string& collection) {
    std::vector<Value> rows;
    for (const std::string& row : sink_.rows[collection]) {
      auto parsed = value::parse_json(row, arena_);
      if (parsed) rows.push_back(*parsed);
    }
    return rows;
  }

  void compare_rows(const ExpectRows& expect) {
    const Value wanted = value::decoded(expect.value.get(), arena_);
    if (wanted.kind != Kind::list) {
      differ(expect.where, "`expect rows` needs a list of rows");
      return;
    }
    std::vector<Value> extra = parsed_rows(expect.collection);
    const std::size_t had = extra.size();
    std::vector<std::string> missing;
    for (const Value& row : wanted.list_view()) {
      const auto found = std::find_if(extra.begin(), extra.end(), [&](const Value& candidate) {
        return value::equal(row, candidate, arena_);
      });
      if (found == extra.end()) {
        missing.push_back(value::to_json(row));
      } else {
        extra.erase(found);
      }
    }
    if (missing.empty() && extra.empty()) return;
    std::string text = expect.collection + " has " + std::to_string(had) + " rows, expected " +
                       std::to_string(wanted.count);
    for (std::size_t i = 0; i < std::min(shown_of_many, missing.size()); ++i) {
      text += "\n  - " + missing[i];
    }
    for (std::size_t i = 0; i < std::min(shown_of_many, extra.size()); ++i) {
      text += "\n  + " + value::to_json(extra[i]);
    }
    differ(expect.where, text);
  }

  void compare_row(const ExpectRows& expect) {
    const std::vector<Value> rows = parsed_rows(expect.collection);
    const bool found = std::any_of(rows.begin(), rows.end(), [&](const Value& row) {
      return holds(expect.value.get(), row, arena_);
    });
    if (found) return;
    std::string text = "no row of " + expect.collection + " holds " +
                       value::to_json(expect.value.get()) + "; it has " +
                       std::to_string(rows.size()) + " rows";
    for (std::size_t i = 0; i < std::min(shown_of_many, rows.size()); ++i) {
      text += "\n  + " + shortened(value::to_json(rows[i]));
    }
    differ(expect.where, text);
  }

  void compare_outcome(const ExpectOutcome& expect) {
    for (const run::CollectionSummary& collection : summary_.collections) {
      if (collection.collection != expect.collection) continue;
      const std::string state(value::name(collection.outcome.state));
      const bool reason =
          !expect.reason || collection.outcome.reason.find(*expect.reason) != std::string::npos;
      if (state == expect.outcome && reason) return;
      differ(expect.where,
             expect.collection + " is " + state +
                 (collection.outcome.reason.empty() ? "" : ": " + collection.outcome.reason));
      return;
    }
    if (has_collection(expect.collection, expect.where)) {
      differ(expect.where, expect.collection + " didn't take part in the run");
    }
  }

  const Test& test_;
  std::shared_ptr<const ir::Connector> connector_;
  mock::Recording recording_;
  std::string host_;
  std::map<std::string, std::size_t> turns_, recorded_turns_;  // answers given so far
  std::set<const Reply*> asked_;
  Seen seen_;
  CollectingSink sink_;
  run::RunSummary summary_;
  Erased erased_;
  int exit_code_ = 0;
  value::Arena arena_{64 * 1024};
  std::vector<Difference> differences_;
};

}  // namespace

TestResult run_test(const Test& test, std::shared_ptr<const ir::Connector> connector,
                    const std::vector<std::string>& recordings) {
  return TestRun(test, std::move(connector)).run(recordings);
}

}  // namespace fconn::contract
