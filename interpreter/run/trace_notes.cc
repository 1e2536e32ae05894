#include "interpreter/run/trace_notes.hh"

#include <algorithm>
#include <set>

#include "interpreter/run/looks.hh"
#include "interpreter/run/trace.hh"
#include "interpreter/value/utf8.hh"

namespace fconn::run {

using value::Kind;
using value::Value;

namespace {

constexpr std::size_t most_rows = 50;             // dropped ones of one answer that are listed
constexpr std::size_t longest = 80;               // characters of a text that is written
constexpr std::int64_t smallest_number = 10'000;  // smaller ones count something
constexpr std::size_t most_parts = 8, deepest = 2;

std::string quoted(std::string_view text) {
  std::string out;
  value::append_json_string(text, out);
  return out;
}

std::string shortened(std::string_view text) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (++count > longest) return out + "…";
    value::append_utf8(out, value::next_code_point(text, at));
  }
  return out;
}

/// What became of an answer; empty: it says nothing of it.
std::string_view word_of(Event event) {
  switch (event) {
    case Event::failed:
      return "failed";
    case Event::skipped:
      return "skipped";
    case Event::retried:
      return "sent again";
    case Event::renewed:
      return "sent again with new credentials";
    case Event::waits:
      return "asked again";
    case Event::accepted:
      return "accepted";
    case Event::more:
      return "next page";
    case Event::last:
      return "last page";
    case Event::capped:
      return "capped";
    case Event::bound:
      return "";
  }
  return "";
}

bool personal(const ir::Field& field) {
  return field.categories.empty() ||
         std::any_of(field.categories.begin(), field.categories.end(), [](const std::string& one) {
           return one == "user" || one.starts_with("user.");
         });
}

/// Where in a row a path through its cells leads; none: it isn't one.
std::optional<ir::KeyPath> row_path(const ir::Expr& expr, const ir::Request& request) {
  if (expr.op == ir::Op::row_cell) {
    const auto cell = static_cast<std::size_t>(expr.number);
    if (cell >= request.row_cells.size()) return std::nullopt;
    return request.row_cells[cell];
  }
  if (expr.op == ir::Op::cast) return row_path(expr.kids[0], request);
  if (expr.op != ir::Op::member) return std::nullopt;
  auto path = row_path(expr.kids[0], request);
  if (path) path->push_back(expr.text);
  return path;
}

enum class Openness : std::uint8_t { closed, unknown, open };

/// Whether the connector says that what stands there is nobody's (open), or somebody's (closed).
Openness openness(const ir::Expr& expr, const Seen& seen) {
  switch (expr.op) {
    case ir::Op::param:
    case ir::Op::status:
    case ir::Op::rows_count:
      return Openness::open;
    case ir::Op::identity:
    case ir::Op::external:
      return Openness::closed;
    default:
      break;
  }
  if (seen.declared == nullptr || seen.declared_in == nullptr || !seen.step.empty()) {
    return Openness::unknown;
  }
  // With a `map`, declared fields are those of another row.
  const auto& ops = seen.declared->row_ops;
  const bool mapped = std::any_of(
      ops.begin(), ops.end(), [](const ir::RowOp& op) { return op.kind == ir::RowOpKind::map; });
  const auto path = row_path(expr, *seen.declared);
  if (mapped || !path) return Openness::unknown;
  const std::vector<ir::Field>* fields = &seen.declared_in->fields;
  const ir::Field* field = nullptr;
  for (const std::string& key : *path) {
    const auto found = std::find_if(fields->begin(), fields->end(),
                                    [&](const ir::Field& one) { return one.name == key; });
    if (found == fields->end()) return Openness::unknown;
    field = &*found;
    fields = &field->fields;
  }
  if (field == nullptr || !field->fields.empty()) return Openness::unknown;
  return personal(*field) ? Openness::closed : Openness::open;
}

/// A value as the trace may hold it.
std::string shape(const Value& any, Openness how, const std::set<std::string>& spelt,
                  std::size_t depth, value::Arena& arena) {
  if (any.secret) return "***";
  const Value value = value::decoded(any, arena);
  switch (value.kind) {
    case Kind::string: {
      const std::string text(value.view());
      if (how == Openness::open || text.empty() || spelt.contains(text)) {
        return quoted(shortened(text));
      }
      const std::size_t count = value::count_code_points(text);
      return "a text of " + std::to_string(count) + (count == 1 ? " character" : " characters");
    }
    case Kind::integer: {
      const bool small = value.integer < smallest_number && value.integer > -smallest_number;
      const bool shown = how == Openness::open || (how == Openness::unknown && small);
      return shown ? std::to_string(value.integer) : "a number";
    }
    case Kind::decimal:
      return how == Openness::open ? value::to_json(value) : "a number";
    case Kind::list:
      return "a list of " + std::to_string(value.count);
    case Kind::object: {
      if (depth >= deepest || value.count > most_parts) {
        return "an object of " + std::to_string(value.count);
      }
      std::string out = "{";
      for (const value::Member& member : value.object_view()) {
        out += (out.size() > 1 ? ", " : " ") + shortened(member.key) + ": " +
               shape(member.value, how, spelt, depth + 1, arena);
      }
      return out + (value.count > 0 ? " }" : "}");
    }
    case Kind::bytes:
      return std::to_string(value.length) + " bytes";
    default:
      return value::to_json(value);
  }
}

void spell(const ir::Expr& expr, std::set<std::string>& out) {
  if (expr.op == ir::Op::string) out.insert(expr.text);
  for (const ir::Expr& kid : expr.kids) spell(kid, out);
}

std::set<std::string> spelt_in(const ir::Expr& expr) {
  std::set<std::string> out;
  spell(expr, out);
  return out;
}

}  // namespace

std::string_view word_of(Clause::Kind kind) {
  switch (kind) {
    case Clause::Kind::retry:
      return "retry";
    case Clause::Kind::skip:
      return "skip";
    case Clause::Kind::fail:
      return "fail";
    case Clause::Kind::until:
      return "until";
    case Clause::Kind::rows:
      return "rows";
    case Clause::Kind::stop:
      return "stop";
    case Clause::Kind::let:
      return "let";
    case Clause::Kind::next:
      return "next";
  }
  return "";
}

/// A clause's text on one line, with its word.
std::string TraceNotes::text_of(const ir::Connector& connector, grammar::Span span,
                                std::string_view word) const {
  std::string out;
  for (const char c : source_text(connector, span)) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (!out.starts_with(word)) out.insert(0, std::string(word) + (out.empty() ? "" : " "));
  return redactor_.redact(out);
}

std::string TraceNotes::text_of(const ir::Connector& connector, const ir::RowOp& op) const {
  return text_of(connector, op.span,
                 op.kind == ir::RowOpKind::keep  ? "keep"
                 : op.kind == ir::RowOpKind::map ? "map"
                                                 : "take");
}

/// `,"saw":[[".email","a text of 15 characters"]]`
std::string TraceNotes::saw(const Seen& seen, const ir::Expr& expr, const Sight& sight) const {
  if (!values_) return {};
  std::string out;
  value::Arena arena(1024);
  const std::set<std::string> spelt = spelt_in(expr);
  for (const Look& look : looks_of(expr, *seen.connector, sight)) {
    const std::string said = shape(look.value.get(), openness(*look.expr, seen), spelt, 0, arena);
    out += (out.empty() ? "[" : ",[") + quoted(redactor_.redact(look.text)) + "," +
           quoted(redactor_.redact(said)) + "]";
  }
  return out.empty() ? out : ",\"saw\":[" + out + "]";
}

TraceNotes::Answer& TraceNotes::answer(const Seen& seen) {
  const auto [found, made] = answers_.try_emplace(std::string(seen.request));
  Answer& one = found->second;
  if (made) {
    one.who = ",\"instance\":" + quoted(seen.instance) +
              ",\"collection\":" + quoted(seen.collection) + ",\"request\":" + quoted(seen.request);
    one.connector = seen.connector;
    one.declared = seen.declared;
  }
  return one;
}

void TraceNotes::clause(const Seen& seen, const Clause& clause, const Sight& sight) {
  const std::string_view word = word_of(clause.kind);
  std::string text = text_of(*seen.connector, clause.where, word);
  if (clause.kind == Clause::Kind::rows && seen.declared->rows_path) {
    std::string path;
    for (const std::string& key : *seen.declared->rows_path) path += "." + key;
    text = "rows " + (path.empty() ? "." : redactor_.redact(path));
  }
  // The retry that every request has is worth a line where it holds.
  if (text == "retry" && clause.holds == false) return;
  std::string members =
      ",\"instance\":" + quoted(seen.instance) + ",\"collection\":" + quoted(seen.collection);
  if (seen.request.empty()) {
    members += ",\"task\":" + std::to_string(seen.task);
  } else {
    members += ",\"request\":" + quoted(seen.request);
  }
  // A path of rows has no place of its own.
  const bool placed = clause.where.end > clause.where.begin || seen.declared == nullptr;
  members += ",\"clause\":" + quoted(text) +
             place_member(*seen.connector, placed ? clause.where : seen.declared->span);
  if (clause.holds) members += std::string(",\"holds\":") + (*clause.holds ? "true" : "false");
  if (clause.kind == Clause::Kind::rows) members += ",\"rows\":" + std::to_string(clause.rows);
  if (values_ && !clause.said.empty()) {
    members += ",\"said\":" + quoted(redactor_.redact(clause.said));
  }
  if (clause.expr != nullptr) {
    const bool computed = clause.kind == Clause::Kind::let || clause.kind == Clause::Kind::next;
    if (const auto value = computed && values_ ? value_again(*clause.expr, sight) : std::nullopt) {
      value::Arena arena(1024);
      const std::string said =
          shape(value->get(), Openness::unknown, spelt_in(*clause.expr), 0, arena);
      members += ",\"value\":" + quoted(redactor_.redact(said));
    }
    members += saw(seen, *clause.expr, sight);
  }
  emit_("clause", members);
}

void TraceNotes::row(const Seen& seen, const SeenRow& row, const Sight& sight) {
  Answer& one = answer(seen);
  const std::uint64_t number = one.kept + one.dropped + 1;
  ++(row.dropped_by ? one.dropped : one.kept);
  if (row.dropped_by) {
    if (one.dropped_at.size() <= *row.dropped_by) one.dropped_at.resize(*row.dropped_by + 1);
    ++one.dropped_at[*row.dropped_by];
  }
  if (!row.dropped_by || one.count >= most_rows) return;
  ++one.count;
  std::string text = "{\"row\":" + std::to_string(number) + ",\"is\":";
  const ir::RowOp& op = seen.declared->row_ops.at(*row.dropped_by);
  text += row.failure != nullptr ? "\"failed\"" : "\"dropped\"";
  text += ",\"by\":" + quoted(text_of(*seen.connector, op));
  if (row.failure != nullptr) {
    const std::string_view why =
        values_ ? std::string_view(row.failure->text) : value::name(row.failure->kind);
    text += ",\"why\":" + quoted(redactor_.redact(why));
  }
  if (op.kind == ir::RowOpKind::keep) text += saw(seen, op.value, sight);
  one.listed += (one.listed.empty() ? "" : ",") + text + "}";
}

void TraceNotes::repeated(const Seen& seen, std::string_view /*row*/) { ++answer(seen).repeated; }

void TraceNotes::event(const Seen& seen, Event event, std::string_view text) {
  const std::string_view word = word_of(event);
  if (word.empty() || seen.request.empty()) return;
  Answer& one = answer(seen);
  // `accepted` is followed by what comes next, where there is a pagination.
  one.then = word;
  one.why = values_ ? redactor_.redact(text) : std::string();
}

void TraceNotes::judged(std::string_view request) {
  const auto found = answers_.find(request);
  if (found == answers_.end()) return;
  const Answer& one = found->second;
  std::string members = one.who;
  if (!one.then.empty()) members += ",\"then\":" + quoted(one.then);
  if (!one.why.empty()) members += ",\"why\":" + quoted(one.why);
  const std::uint64_t came = one.kept + one.dropped;
  if (came > 0) {
    members += ",\"came\":" + std::to_string(came) +
               ",\"kept\":" + std::to_string(one.kept - std::min(one.kept, one.repeated)) +
               ",\"repeated\":" + std::to_string(one.repeated) + ",\"dropped\":[";
    std::string dropped;
    for (std::size_t i = 0; i < one.dropped_at.size(); ++i) {
      if (one.dropped_at[i] == 0) continue;
      const ir::RowOp& op = one.declared->row_ops.at(i);
      dropped += (dropped.empty() ? "{\"by\":" : ",{\"by\":") +
                 quoted(text_of(*one.connector, op)) + place_member(*one.connector, op.span) +
                 ",\"rows\":" + std::to_string(one.dropped_at[i]) + "}";
    }
    members += dropped + "]";
    // Where all were kept, that is all there is to say.
    if (one.dropped > 0) members += ",\"listed\":[" + one.listed + "]";
  }
  answers_.erase(found);
  emit_("judged", members);
}

}  // namespace fconn::run
