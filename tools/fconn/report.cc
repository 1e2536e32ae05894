#include "tools/fconn/report.hh"

#include <cstdio>

#include "grammar/display_text.hh"
#include "interpreter/value/value.hh"

namespace fconn::cli {
namespace {

std::string_view state_name(run::RunState state) {
  switch (state) {
    case run::RunState::complete:
      return "complete";
    case run::RunState::partial:
      return "partial";
    case run::RunState::failed:
      break;
  }
  return "failed";
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string seconds(value::Milliseconds elapsed, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, static_cast<double>(elapsed.count()) / 1000.0);
  return text;
}

const ir::Connector* connector_of(const RunFacts& facts, const std::string& key) {
  for (const run::Instance& instance : facts.instances) {
    if (instance.key == key) return instance.connector.get();
  }
  return nullptr;
}

/// Rows that were written. RunSummary::rows also counts those of collections that were read for
/// others' sake only (--collection).
std::uint64_t rows_written(const run::RunSummary& summary) {
  std::uint64_t rows = 0;
  for (const run::CollectionSummary& one : summary.collections) rows += one.outcome.rows;
  return rows;
}

void report_collections(Terminal& terminal, const run::RunSummary& summary) {
  for (const run::CollectionSummary& one : summary.collections) {
    const value::Outcome& outcome = one.outcome;
    if (outcome.state != value::CollectionState::complete) {
      terminal.say(
          one.instance + ":" + one.collection + " " + std::string(value::name(outcome.state)) +
          (outcome.reason.empty() ? "" : ": " + grammar::safe_text(outcome.reason)) + "\n");
    } else if (terminal.verbosity() > 0) {
      terminal.say(one.instance + ":" + one.collection +
                   " complete: " + counted(outcome.rows, "row") + ", " +
                   counted(outcome.requests, "request") + "\n");
    }
    if (outcome.resumed > 0) {
      terminal.say(one.instance + ":" + one.collection + " went on with " +
                   counted(outcome.resumed, "job") + " that an earlier run had begun\n");
    }
    report_missing_rows(terminal, one);
  }
}

/// Why answers gave no rows -> how many.
std::string skips_json(const value::Outcome& outcome) {
  std::string out = "{";
  for (const auto& [reason, count] : outcome.skips) {
    if (out.size() > 1) out += ", ";
    value::append_json_string(reason, out);
    out += ": " + std::to_string(count);
  }
  return out + "}";
}

std::string subject_of(const run::Message& message) {
  if (message.instance.empty()) return "";
  return message.instance + (message.collection.empty() ? "" : ":" + message.collection) + ": ";
}

}  // namespace

std::string render_failure(const ir::Connector* connector, const value::Failure& failure,
                           const std::string& subject, const grammar::RenderOptions& style) {
  const std::string text = subject + failure.text;
  const std::size_t file = failure.where.file.value;
  const bool placed = connector != nullptr && failure.where.end > failure.where.begin &&
                      file < connector->files.size();
  if (!placed) {
    return "fconn: error" + (failure.code.empty() ? "" : "[" + failure.code + "]") + ": " +
           grammar::safe_lines(text) + "\n";
  }
  grammar::SourceMap sources;
  for (const ir::SourceFile& source : connector->files) sources.add(source.name, source.text);
  return grammar::render_failure(sources, failure.where, failure.code, text, style);
}

void report_missing_rows(Terminal& terminal, const run::CollectionSummary& one) {
  const std::string name = one.instance + ":" + one.collection;
  if (one.outcome.unlike > 0) {
    terminal.say(name + " left out " + counted(one.outcome.unlike, "row") +
                 ": an earlier one with the same key holds something else\n");
  }
  for (const auto& [reason, count] : one.outcome.skips) {
    terminal.say(name + " skipped " + counted(count, "answer") + ": " + grammar::safe_text(reason) +
                 "\n");
  }
}

void report_run(Terminal& terminal, const run::RunSummary& summary, const RunFacts& facts,
                bool broken_pipe) {
  for (const run::Message& message : summary.messages) {
    if (broken_pipe && message.failure.kind == value::FailureKind::output) continue;
    std::string text = render_failure(connector_of(facts, message.instance), message.failure,
                                      subject_of(message), terminal.error_style());
    if (!message.request.empty()) text += "  request: " + message.request + "\n";
    if (!message.failure.body_start.empty()) {
      text += "  answer: " + message.failure.body_start + "\n";
    }
    terminal.complain(text);
  }
  if (broken_pipe) return;
  report_collections(terminal, summary);
  std::size_t with_rows = 0;
  for (const run::CollectionSummary& one : summary.collections) {
    with_rows += one.outcome.rows > 0 ? 1 : 0;
  }
  std::string state(summary.interrupted ? "interrupted" : state_name(summary.state));
  if (facts.strict && summary.exit_code == 0 && run::exit_code(summary, true) != 0) {
    state = "failed (--strict)";
  }
  const run::ActionCounts& actions = summary.actions;
  const std::string result =
      facts.action == "consent"
          ? std::to_string(actions.sent) + " sent, " + std::to_string(actions.skipped) +
                " skipped, " + std::to_string(actions.failed) + " failed"
          : counted(rows_written(summary), "row") + " from " + counted(with_rows, "collection");
  terminal.say(state + ": " + result + ", " + counted(summary.requests, "request") + ", " +
               seconds(summary.elapsed, 1) + " s\n");
  if (summary.interrupted) {
    terminal.say(
        "help: what is complete was written; run the same command again for the rest, "
        "--collection NAME for single collections\n");
  }
}

std::string summary_json(const run::RunSummary& summary, const RunFacts& facts) {
  std::string out = "{\n  \"run\": ";
  value::append_json_string(facts.id, out);
  out += ",\n  \"action\": ";
  value::append_json_string(facts.action, out);
  out += ",\n  \"state\": ";
  value::append_json_string(state_name(summary.state), out);
  out += ",\n  \"started\": ";
  value::append_json_string(facts.started, out);
  out += ",\n  \"seconds\": " + seconds(summary.elapsed, 3);
  if (summary.interrupted) out += ",\n  \"interrupted\": true";
  out += ",\n  \"collections\": {";
  bool first = true;
  for (const run::CollectionSummary& one : summary.collections) {
    const value::Outcome& outcome = one.outcome;
    out += first ? "\n    " : ",\n    ";
    first = false;
    value::append_json_string(one.instance + ":" + one.collection, out);
    out += ": {\"state\": ";
    value::append_json_string(value::name(outcome.state), out);
    if (!outcome.reason.empty()) {
      out += ", \"reason\": ";
      value::append_json_string(outcome.reason, out);
    }
    out += ", \"requests\": " + std::to_string(outcome.requests) +
           ", \"rows\": " + std::to_string(outcome.rows) +
           ", \"retries\": " + std::to_string(outcome.retries) +
           (outcome.unlike > 0 ? ", \"left_out\": " + std::to_string(outcome.unlike) : "") +
           (outcome.skips.empty() ? "" : ", \"skips\": " + skips_json(outcome)) +
           (outcome.resumed > 0 ? ", \"resumed\": " + std::to_string(outcome.resumed) : "") +
           ", \"bytes\": " + std::to_string(outcome.bytes) + "}";
  }
  out += first ? "}" : "\n  }";
  out += ",\n  \"requests\": " + std::to_string(summary.requests) +
         ",\n  \"rows\": " + std::to_string(rows_written(summary)) +
         ",\n  \"actions\": {\"sent\": " + std::to_string(summary.actions.sent) +
         ", \"skipped\": " + std::to_string(summary.actions.skipped) +
         ", \"failed\": " + std::to_string(summary.actions.failed);
  if (facts.pending > 0) out += ", \"pending\": " + std::to_string(facts.pending);
  if (facts.for_person > 0) out += ", \"for_person\": " + std::to_string(facts.for_person);
  out += "}\n}\n";
  return out;
}

}  // namespace fconn::cli
