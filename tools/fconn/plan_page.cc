// A plan as one page: no script, nothing loaded, prints well.
#include "interpreter/sink/html_page.hh"
#include "tools/fconn/erase_report.hh"

namespace fconn::cli {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  sink::append_escaped(out, text);
  return out;
}

std::string cell(std::string_view text) { return "<td>" + escaped(text) + "</td>"; }
std::string code(std::string_view text) { return "<code>" + escaped(text) + "</code>"; }

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Erasure plan</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
th,td{text-align:left;vertical-align:top;border-bottom:1px solid #ccc;padding:.3rem .5rem}
code{font:14px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
section.action{border:1px solid #bbb;border-radius:4px;padding:.5rem 1rem;margin:1rem 0;break-inside:avoid}
section.action h3{margin:.2rem 0}
</style></head><body>
)";

void action_section(const erase::Action& action, std::string& out) {
  out += "<section class=\"action\" id=\"" + escaped(action.id) + "\"><h3>" + escaped(action.id) +
         " " + std::string(erase::name(action.kind)) + " " +
         escaped(action.instance + ":" + action.collection) + " " + code(action.key) + "</h3>\n";
  for (const erase::PlannedRequest& request : action.requests) {
    out += "<p>" + code(request.method + " " + request.url);
    if (!request.known) out += " (known when it is applied)";
    if (!request.body.empty()) out += "<br>" + code(request.body);
    out += "</p>\n";
  }
  if (!action.changes.empty()) {
    out +=
        "<table><tr><th>Field</th><th>Before</th><th>After</th><th>Category</th>"
        "<th>Mask</th></tr>\n";
    for (const erase::Change& change : action.changes) {
      out += "<tr>" + cell(change.field) + "<td>" + code(change.before) + "</td><td>" +
             code(change.after) + "</td>" + cell(change.category) + cell(change.strategy) +
             "</tr>\n";
    }
    out += "</table>\n";
  }
  for (const std::string& kept : action.keeps) out += "<p>Keeps " + escaped(kept) + "</p>\n";
  if (!action.waits_for.empty()) {
    out += "<p>After";
    for (const std::string& name : action.waits_for) out += " " + code(name);
    out += "</p>\n";
  }
  out += "<p>Why: " + escaped(action.reason) + "</p></section>\n";
}

}  // namespace

std::string plan_html(const erase::Plan& plan) {
  std::string out(head);
  out += "<h1>Erasure plan " + escaped(plan.id) + "</h1>\n<p>Made " + escaped(plan.created) +
         " for privacy request " + code(plan.request_id) + ". Nothing of it has been sent. " +
         "Values of the person concerned stand as hashes, secrets as their names.</p>\n<ul>";
  for (const std::string& identity : plan.identities) {
    out += "<li>Identity " + escaped(identity) + "</li>";
  }
  for (const std::string& target : plan.targets_of_policy) {
    out += "<li>Targets " + code(target) + "</li>";
  }
  out += "<li>Mask " + escaped(plan.mask) + ", scope " + escaped(plan.scope) + ", " +
         std::to_string(plan.holds) + " holds</li></ul>\n";
  out +=
      "<h2>Systems</h2>\n<table><tr><th>Collection</th><th>Read</th><th>Rows</th>"
      "<th>Updates</th><th>Deletes</th><th>Left alone</th></tr>\n";
  for (const erase::ReadCollection& one : plan.collections) {
    out += "<tr>" + cell(one.instance + ":" + one.collection) +
           cell(one.state + (one.reason.empty() ? "" : ": " + one.reason)) +
           cell(std::to_string(one.rows)) + cell(std::to_string(one.updates)) +
           cell(std::to_string(one.deletes)) + cell(std::to_string(one.left_alone)) + "</tr>\n";
  }
  out += "</table>\n<h2>Actions, in order</h2>\n";
  if (plan.actions.empty()) out += "<p>None.</p>\n";
  for (const erase::Action& action : plan.actions) action_section(action, out);
  out += "<h2>Left alone</h2>\n";
  if (plan.left_alone.empty()) return out + "<p>Nothing.</p>\n</body></html>\n";
  out += "<table><tr><th>Row</th><th>Reason</th></tr>\n";
  for (const erase::LeftAlone& left : plan.left_alone) {
    out += "<tr><td>" + escaped(left.instance + ":" + left.collection) + " " + code(left.key) +
           "</td>" + cell(left.reason) + "</tr>\n";
  }
  return out + "</table>\n</body></html>\n";
}

}  // namespace fconn::cli
