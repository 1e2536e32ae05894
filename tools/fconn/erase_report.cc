#include "tools/fconn/erase_report.hh"

#include <algorithm>
#include <map>
#include <set>

#include "grammar/display_text.hh"
#include "tools/fconn/files.hh"

namespace fconn::cli {

namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string named(const erase::Action& action) {
  return action.instance + ":" + action.collection + (action.key.empty() ? "" : " " + action.key);
}

}  // namespace

void report_reading(Terminal& terminal, const run::RunSummary& summary, const RunFacts& facts) {
  for (const run::Message& message : summary.messages) {
    const ir::Connector* connector = nullptr;
    for (const run::Instance& instance : facts.instances) {
      if (instance.key == message.instance) connector = instance.connector.get();
    }
    value::Failure failure = message.failure;
    failure.body_start.clear();
    const std::string subject = message.instance.empty() ? ""
                                : message.collection.empty()
                                    ? message.instance + ": "
                                    : message.instance + ":" + message.collection + ": ";
    terminal.complain(render_failure(connector, failure, subject, terminal.error_style()));
  }
  for (const run::CollectionSummary& one : summary.collections) {
    report_missing_rows(terminal, one);
    if (one.outcome.state == value::CollectionState::complete) continue;
    terminal.say(
        one.instance + ":" + one.collection + " " + std::string(value::name(one.outcome.state)) +
        (one.outcome.reason.empty() ? "" : ": " + grammar::safe_text(one.outcome.reason)) + "\n");
  }
}

void say_plan(Terminal& terminal, const erase::Plan& plan, const std::string& path) {
  for (const erase::ReadCollection& one : plan.collections) {
    if (one.state == "skipped") continue;
    terminal.say(one.instance + ":" + one.collection + " " + one.state + ": " +
                 counted(one.rows, "row") + ", " + counted(one.updates, "update") + ", " +
                 counted(one.deletes, "delete") + ", " + std::to_string(one.left_alone) +
                 " left alone\n");
  }
  std::map<std::string, std::set<std::string>> keeps;
  for (const erase::Action& action : plan.actions) {
    keeps[action.instance + ":" + action.collection].insert(action.keeps.begin(),
                                                            action.keeps.end());
  }
  for (const auto& [collection, fields] : keeps) {
    for (const std::string& field : fields) {
      terminal.complain("fconn: warning: " + collection + " is targeted and keeps " + field + "\n");
    }
  }
  for (const erase::LeftAlone& left : plan.left_alone) {
    if (left.reason.find("can't be") == std::string::npos) continue;
    terminal.complain("fconn: warning: " + left.instance + ":" + left.collection +
                      (left.key.empty() ? "" : " " + left.key) +
                      " is left alone: " + grammar::safe_text(left.reason) + "\n");
  }
  terminal.say("plan " + plan.id + ": " + counted(plan.actions.size(), "action") + ", " +
               std::to_string(plan.left_alone.size()) + " left alone; nothing was sent\n");
  if (path != "-") {
    terminal.say("help: read it with `fconn plan show " + path + "`, then `fconn erase --apply " +
                 path + "`\n");
  }
}

std::string plan_text(const erase::Plan& plan) {
  std::string out = "plan " + plan.id + " of " + plan.created + " (" + plan.program + ")\n";
  out += "privacy request: " + plan.request_id + "\n";
  for (const std::string& identity : plan.identities) out += "identity: " + identity + "\n";
  std::string targets;
  for (const std::string& target : plan.targets_of_policy) {
    targets += (targets.empty() ? "" : ", ") + target;
  }
  out += "policy: " + (plan.policy.empty() ? std::string("from options") : plan.policy) +
         "; targets " + targets + "; mask " + plan.mask + "; scope " + plan.scope + "; " +
         counted(plan.holds, "hold") + "\n";
  for (const erase::Target& target : plan.targets) {
    out += "system: " + target.key + " (" + target.connector +
           (target.version.empty() ? "" : " " + target.version) + ")\n";
  }
  out += "\n";
  for (const erase::ReadCollection& one : plan.collections) {
    out += one.instance + ":" + one.collection + "  " + one.state +
           (one.reason.empty() ? "" : " (" + grammar::safe_text(one.reason) + ")") + "  " +
           counted(one.rows, "row") + ", " + counted(one.updates, "update") + ", " +
           counted(one.deletes, "delete") + ", " + std::to_string(one.left_alone) + " left alone\n";
  }
  if (!plan.actions.empty()) out += "\nactions, in order:\n";
  for (const erase::Action& action : plan.actions) {
    out += "\n" + action.id + "  " + std::string(erase::name(action.kind)) + "  " + named(action) +
           "\n";
    for (const erase::PlannedRequest& request : action.requests) {
      out += "    " + request.method + " " + request.url +
             (request.known ? "" : "  (known when it is applied)") + "\n";
      if (!request.body.empty()) out += "      " + request.body + "\n";
    }
    for (const erase::Change& change : action.changes) {
      out += "    " + change.field + ": " + change.before + " -> " + change.after + "  (" +
             change.category + ", " + change.strategy + ")\n";
    }
    for (const std::string& kept : action.keeps) out += "    keeps " + kept + "\n";
    if (!action.waits_for.empty()) {
      out += "    after";
      for (const std::string& name : action.waits_for) out += " " + name;
      out += "\n";
    }
    out += "    why: " + action.reason + "\n";
  }
  if (!plan.left_alone.empty()) out += "\nleft alone:\n";
  for (const erase::LeftAlone& left : plan.left_alone) {
    out += "  " + left.instance + ":" + left.collection + (left.key.empty() ? "" : " " + left.key) +
           ": " + grammar::safe_text(left.reason) + "\n";
  }
  return out;
}

namespace {

/// What an action would do, as one text by which two plans are compared.
std::string deed(const erase::Action& action) {
  std::string out(erase::name(action.kind));
  for (const erase::PlannedRequest& request : action.requests) {
    out += ' ' + request.method + ' ' + request.url + ' ' + request.body;
  }
  for (const erase::Change& change : action.changes) {
    out += "; " + change.field + " " + change.before + " -> " + change.after;
  }
  return out;
}

using Deeds = std::vector<std::pair<std::string, std::string>>;  // what, and what is done to it

Deeds deeds(const erase::Plan& plan) {
  Deeds all;
  for (const erase::Action& action : plan.actions) all.emplace_back(named(action), deed(action));
  for (const erase::LeftAlone& left : plan.left_alone) {
    all.emplace_back(
        left.instance + ":" + left.collection + (left.key.empty() ? "" : " " + left.key),
        "left alone: " + left.reason);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

std::string plan_diff(const erase::Plan& a, const erase::Plan& b) {
  const Deeds before = deeds(a), after = deeds(b);
  Deeds gone, come;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(gone));
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(come));
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [what, done] : gone) lines.emplace_back(what + "\n1", "- " + what + "  " + done);
  for (const auto& [what, done] : come) lines.emplace_back(what + "\n2", "+ " + what + "  " + done);
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const auto& [order, line] : lines) out += line + "\n";
  return out;
}

bool write_erase_summary(EraseSession& session, const run::RunSummary& summary,
                         const ActionCounts& counts, int code) {
  if (!session.args.summary) return true;
  session.facts.pending = counts.pending;
  session.facts.for_person = counts.for_person;
  run::RunSummary said = summary;
  said.actions = {counts.sent, counts.skipped, counts.failed};
  const bool any = counts.sent + counts.skipped > 0;
  if (code != 0) said.state = any ? run::RunState::partial : run::RunState::failed;
  const std::string json = summary_json(said, session.facts);
  if (*session.args.summary == "-") {
    session.terminal.complain(json);
    return true;
  }
  auto written = write_file(*session.args.summary, json, Mode::personal);
  if (!written) session.terminal.report({written.error().text, "", ""});
  return written.has_value();
}

}  // namespace fconn::cli
