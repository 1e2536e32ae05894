#include <algorithm>
#include <ctime>
#include <map>

#include "interpreter/value/value.hh"
#include "tools/trace/trace.hh"

namespace fconn::trace {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

/// Largest number that is taken as it is: times beyond it are nobody's, and can't be added up.
constexpr std::int64_t most = 100'000'000'000'000;

/// RFC 3339.
std::string time_text(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  char text[32];
  if (ms == 0 || ::gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return {};
  }
  return text;
}

class Reader {
 public:
  Result<Trace> run(std::string_view text) {
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = text.substr(at, end - at);
      at = end + 1;
      ++number;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      value::Arena arena;
      const auto event = value::parse_json(line, arena);
      if (!event || event->kind != Kind::object) {
        if (end == text.size()) break;  // cut off, or not written out yet
        return fail(FailureKind::configuration,
                    "line " + std::to_string(number) + " is no event of a trace");
      }
      arena_ = &arena;
      if (auto taken = take(*event, number); !taken) return fail(taken.error());
    }
    if (number == 0) return fail(FailureKind::configuration, "it is empty");
    settle_steps();
    for (const Request& request : trace_.requests) {
      trace_.length_ms = std::max(trace_.length_ms, request.end_ms.value_or(request.begin_ms));
    }
    trace_.complete = !trace_.started.empty() &&
                      std::all_of(trace_.lanes.begin(), trace_.lanes.end(), [](const Lane& lane) {
                        return lane.collection.empty() || !lane.state.empty();
                      });
    return std::move(trace_);
  }

 private:
  Value member(const Value& event, std::string_view name) const {
    const Value* found = value::find_member(event, name);
    return found == nullptr ? Value::null() : value::decoded(*found, *arena_);
  }
  std::string text(const Value& event, std::string_view name) const {
    const Value found = member(event, name);
    return found.kind == Kind::string ? std::string(found.view()) : std::string();
  }
  std::int64_t number(const Value& event, std::string_view name) const {
    const Value found = member(event, name);
    return found.kind == Kind::integer ? std::clamp<std::int64_t>(found.integer, 0, most) : 0;
  }
  Place place(const Value& event) const {
    const Value at = member(event, "at");
    if (at.kind != Kind::object) return {};
    return {text(at, "file"), static_cast<std::uint32_t>(number(at, "line"))};
  }

  Lane& lane(const Value& event) {
    const std::string instance = text(event, "instance"), collection = text(event, "collection");
    const auto [found, made] =
        lanes_.try_emplace({collection.empty() ? "" : instance, collection}, trace_.lanes.size());
    if (made) {
      Lane fresh;
      fresh.instance = collection.empty() ? "" : instance;
      fresh.collection = collection;
      trace_.lanes.push_back(std::move(fresh));
    }
    return trace_.lanes[found->second];
  }

  Request* request(const Value& event) {
    const auto found = requests_.find(text(event, "request"));
    return found == requests_.end() ? nullptr : &trace_.requests[found->second];
  }

  Result<void> take(const Value& event, std::size_t line) {
    const std::string what = text(event, "event");
    if (what.empty()) {
      return fail(FailureKind::configuration,
                  "line " + std::to_string(line) + " is no event of a trace");
    }
    // A run may be several readings, each with a clock of its own (an erasure and its proof).
    if (what == "start") {
      offset_ = trace_.length_ms;
      tasks_.clear();
      settle_steps();
    }
    const std::int64_t now = std::min(offset_ + number(event, "ms"), most);
    trace_.length_ms = std::max(trace_.length_ms, now);
    if (what == "start") {
      take_start(event);
    } else if (what == "request") {
      take_request(event, now);
    } else if (what == "response") {
      if (Request* known = request(event)) take_response(*known, event, now);
    } else if (what == "retry" || what == "poll") {
      if (Request* known = request(event)) {
        known->waits.push_back({what, now, number(event, "wait_ms"), text(event, "why")});
      }
    } else if (what == "clause") {
      take_clause(event);
    } else if (what == "judged") {
      if (Request* known = request(event)) take_judged(judgement(*known, event), event);
    } else if (what == "failure") {
      lane(event).failures.push_back(text(event, "text"));
    } else if (what == "finish") {
      Lane& ended = lane(event);
      ended.state = text(event, "state");
      ended.reason = text(event, "reason");
      ended.rows = static_cast<std::uint64_t>(number(event, "rows"));
    }
    return {};
  }

  Saw saw(const Value& event) const {
    Saw out;
    const Value all = member(event, "saw");
    if (all.kind != Kind::list) return out;
    for (const Value& entry : all.list_view()) {
      const Value pair = value::decoded(entry, *arena_);
      if (pair.kind != Kind::list || pair.count != 2) continue;
      const Value name = value::decoded(pair.list_view()[0], *arena_);
      const Value said = value::decoded(pair.list_view()[1], *arena_);
      if (name.kind != Kind::string || said.kind != Kind::string) continue;
      out.emplace_back(name.view(), said.view());
    }
    return out;
  }

  /// The one that is under way: of an answer that serves several collections the last one.
  Judged& judgement(Request& request, const Value& event) const {
    const std::string lane = text(event, "instance") + ":" + text(event, "collection");
    if (request.judged.empty() || request.judged.back().ended ||
        request.judged.back().lane != lane) {
      request.judged.emplace_back();
      request.judged.back().lane = lane;
    }
    return request.judged.back();
  }

  void take_clause(const Value& event) {
    Clause made;
    made.text = text(event, "clause");
    made.at = place(event);
    made.said = text(event, "said");
    made.value = text(event, "value");
    made.saw = saw(event);
    if (const Value holds = member(event, "holds"); holds.kind == Kind::boolean) {
      made.holds = holds.integer != 0;
    }
    if (value::find_member(event, "rows") != nullptr) {
      made.rows = static_cast<std::uint64_t>(number(event, "rows"));
    }
    if (Request* known = request(event)) {
      Judged& one = judgement(*known, event);
      one.clauses.push_back(std::move(made));
    } else {
      Steps& steps = steps_[number(event, "task")];
      steps.lane = static_cast<std::size_t>(&lane(event) - trace_.lanes.data());
      steps.clauses.push_back(std::move(made));
    }
  }

  /// Steps that no request followed.
  void settle_steps() {
    for (auto& [task, steps] : steps_) {
      std::vector<Clause>& before = trace_.lanes[steps.lane].before;
      for (Clause& clause : steps.clauses) before.push_back(std::move(clause));
    }
    steps_.clear();
  }

  void take_judged(Judged& one, const Value& event) const {
    const auto count = [&](const Value& of, std::string_view name) {
      return static_cast<std::uint64_t>(number(of, name));
    };
    one.ended = true;
    one.then = text(event, "then");
    one.why = text(event, "why");
    one.came = count(event, "came");
    one.kept = count(event, "kept");
    one.repeated = count(event, "repeated");
    if (const Value dropped = member(event, "dropped"); dropped.kind == Kind::list) {
      for (const Value& entry : dropped.list_view()) {
        const Value by = value::decoded(entry, *arena_);
        if (by.kind != Kind::object) continue;
        one.dropped.push_back({text(by, "by"), place(by), count(by, "rows")});
      }
    }
    const Value listed = member(event, "listed");
    if (listed.kind != Kind::list) return;
    for (const Value& entry : listed.list_view()) {
      const Value row = value::decoded(entry, *arena_);
      if (row.kind != Kind::object) continue;
      one.listed.push_back(
          {count(row, "row"), text(row, "is"), text(row, "by"), text(row, "why"), saw(row)});
    }
  }

  void take_start(const Value& event) {
    if (trace_.started.empty()) trace_.started = time_text(number(event, "started_ms"));
    const Value files = member(event, "files");
    if (files.kind == Kind::list) {
      for (const Value& entry : files.list_view()) {
        const Value file = value::decoded(entry, *arena_);
        if (file.kind != Kind::object) continue;
        Source source{text(file, "name"), text(file, "text")};
        const bool known = std::any_of(trace_.sources.begin(), trace_.sources.end(),
                                       [&](const Source& one) { return one.name == source.name; });
        if (!known) trace_.sources.push_back(std::move(source));
      }
    }
    const Value collections = member(event, "collections");
    if (collections.kind != Kind::list) return;
    for (const Value& entry : collections.list_view()) {
      const Value one = value::decoded(entry, *arena_);
      if (one.kind != Kind::object) continue;
      Lane& declared = lane(one);
      declared.at = place(one);
      const Value needs = member(one, "needs");
      if (needs.kind != Kind::list) continue;
      declared.needs.clear();
      for (const Value& name : needs.list_view()) {
        const Value need = value::decoded(name, *arena_);
        if (need.kind == Kind::string) declared.needs.emplace_back(need.view());
      }
    }
  }

  void take_request(const Value& event, std::int64_t now) {
    Request made;
    made.id = text(event, "request");
    made.step = text(event, "step");
    made.method = text(event, "method");
    made.url = text(event, "url");
    if (made.url.empty()) made.url = text(event, "template");
    // The next request of a task that was paused for a repetition is that repetition.
    const auto [last, fresh] = tasks_.try_emplace(number(event, "task"), trace_.requests.size());
    if (!fresh) {
      const Request& before = trace_.requests[last->second];
      if (!before.waits.empty()) made.retries = before.id;
      last->second = trace_.requests.size();
    }
    if (const auto steps = steps_.find(number(event, "task")); steps != steps_.end()) {
      made.before = std::move(steps->second.clauses);
      steps_.erase(steps);
    }
    made.at = place(event);
    made.begin_ms = now;
    made.body = text(event, "body");
    const Value headers = member(event, "headers");
    if (headers.kind == Kind::object) {
      for (const value::Member& header : headers.object_view()) {
        const Value said = value::decoded(header.value, *arena_);
        made.headers.emplace_back(std::string(header.key), said.kind == Kind::string
                                                               ? std::string(said.view())
                                                               : value::to_json(said));
      }
    }
    lane(event).requests.push_back(trace_.requests.size());
    requests_[made.id] = trace_.requests.size();
    trace_.requests.push_back(std::move(made));
  }

  void take_response(Request& known, const Value& event, std::int64_t now) const {
    known.end_ms = now;
    known.status = static_cast<int>(number(event, "status"));
    known.bytes = static_cast<std::uint64_t>(number(event, "bytes"));
    if (value::find_member(event, "first_byte_ms") != nullptr) {
      known.first_byte_ms = number(event, "first_byte_ms");
    }
  }

  struct Steps {
    std::size_t lane = 0;
    std::vector<Clause> clauses;
  };

  Trace trace_;
  std::map<std::pair<std::string, std::string>, std::size_t> lanes_;
  std::map<std::string, std::size_t> requests_;
  std::map<std::int64_t, std::size_t> tasks_;  // their last requests
  std::map<std::int64_t, Steps> steps_;        // of tasks, before their first request
  std::int64_t offset_ = 0;
  value::Arena* arena_ = nullptr;  // of the line that is read
};

}  // namespace

Result<Trace> read(std::string_view text) { return Reader().run(text); }

bool is_status_filter(std::string_view text) {
  if (text == "failed") return true;
  if (text.size() != 3 || text[0] < '1' || text[0] > '5') return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.substr(1) == "xx" || (digit(text[1]) && digit(text[2]));
}

bool Filter::takes(const Lane& lane) const {
  return collections.empty() ||
         std::any_of(collections.begin(), collections.end(), [&](const std::string& name) {
           return name == lane.collection || name == lane.name();
         });
}

bool Filter::takes(const Request& request) const {
  if (!requests.empty() &&
      std::find(requests.begin(), requests.end(), request.id) == requests.end()) {
    return false;
  }
  if (slower_than_ms > 0 &&
      (!request.end_ms || *request.end_ms - request.begin_ms < slower_than_ms)) {
    return false;
  }
  if (statuses.empty()) return true;
  const std::string status = std::to_string(request.status);
  return std::any_of(statuses.begin(), statuses.end(), [&](const std::string& wanted) {
    if (wanted == "failed") return request.status == 0 || request.status >= 400;
    return wanted == status || (wanted.substr(1) == "xx" && wanted[0] == status[0]);
  });
}

Judged rows_of(const Trace& trace, const Lane& lane) {
  Judged all;
  all.lane = lane.name();
  for (const Request& request : trace.requests) {
    for (const Judged& one : request.judged) {
      if (one.lane != all.lane) continue;
      all.came += one.came;
      all.kept += one.kept;
      all.repeated += one.repeated;
      for (const Dropped& dropped : one.dropped) {
        const auto same =
            std::find_if(all.dropped.begin(), all.dropped.end(), [&](const Dropped& other) {
              return other.by == dropped.by && other.at.file == dropped.at.file &&
                     other.at.line == dropped.at.line;
            });
        if (same == all.dropped.end()) {
          all.dropped.push_back(dropped);
        } else {
          same->rows += dropped.rows;
        }
      }
    }
  }
  return all;
}

std::string saw_text(const Saw& saw) {
  std::string out;
  for (const auto& [name, value] : saw) {
    out += (out.empty() ? "" : ", ") + name + " = " + value;
  }
  return out;
}

std::string unlisted(const Judged& judged) {
  std::uint64_t dropped = 0;
  for (const Dropped& one : judged.dropped) dropped += one.rows;
  // Older traces list rows that were kept, too.
  const auto listed = static_cast<std::uint64_t>(std::count_if(
      judged.listed.begin(), judged.listed.end(), [](const Row& row) { return row.is != "kept"; }));
  if (dropped <= listed) return {};
  return "of " + std::to_string(dropped) + " dropped rows the trace has the first " +
         std::to_string(listed) + " with their reasons";
}

std::string result_text(const Clause& clause) {
  std::string out;
  if (clause.holds) out = *clause.holds ? "yes" : "no";
  if (clause.rows) out = std::to_string(*clause.rows) + (*clause.rows == 1 ? " row" : " rows");
  if (!clause.value.empty()) out = clause.value;
  if (!clause.said.empty()) out += (out.empty() ? "\"" : "  \"") + clause.said + "\"";
  return out;
}

std::string duration(std::int64_t ms) {
  if (ms < 1000) return std::to_string(ms) + " ms";
  if (ms < 60'000) {
    const std::string hundredths = std::to_string(ms % 1000 / 10);
    return std::to_string(ms / 1000) + "." + (hundredths.size() < 2 ? "0" : "") + hundredths + " s";
  }
  return std::to_string(ms / 60'000) + " min " + std::to_string(ms % 60'000 / 1000) + " s";
}

}  // namespace fconn::trace
