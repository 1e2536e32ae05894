#include "tools/repl/show.hh"

#include <algorithm>

#include "interpreter/value/utf8.hh"

namespace fconn::repl {

using run::Clause;
using run::Event;
using value::Value;

namespace {

constexpr std::string_view bold = "\x1b[1m", dim = "\x1b[2m", red = "\x1b[31m", green = "\x1b[32m",
                           yellow = "\x1b[33m";
constexpr std::size_t few_rows = 6;
constexpr std::size_t clause_column = 44;

std::string styled(std::string_view style, const std::string& text, const ShowOptions& options) {
  return options.colour ? std::string(style) + text + "\x1b[0m" : text;
}

FoldLimits limits_of(const ShowOptions& options) {
  FoldLimits limits = options.all ? unfolded() : FoldLimits();
  // Some room is left for what stands around a value.
  constexpr std::size_t around = 12;
  limits.line = std::max(options.width, 2 * around) - around;
  if (!options.all && options.width < limits.text) limits.text = limits.line;
  limits.reveal = options.reveal;
  if (!options.reveal) limits.redactor = options.redactor;
  return limits;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kib = 1024;
  if (bytes < kib) return std::to_string(bytes) + " B";
  if (bytes < kib * kib) return std::to_string((bytes + kib / 2) / kib) + " KiB";
  return std::to_string((bytes + kib * kib / 2) / (kib * kib)) + " MiB";
}

/// The same value with every text in it hidden: what a token's server answers.
Value hidden(const Value& any, value::Arena& arena) {
  const Value value = value::decoded(any, arena);
  if (value.kind == value::Kind::string) return value.as_secret();
  if (value.kind == value::Kind::list) {
    auto made = arena.make<Value>(value.count);
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = hidden(value.list_view()[i], arena);
    return Value::list(made);
  }
  if (value.kind == value::Kind::object) {
    auto made = arena.make<value::Member>(value.count);
    for (std::size_t i = 0; i < made.size(); ++i) {
      const value::Member& member = value.object_view()[i];
      made[i] = {member.key, hidden(member.value, arena)};
    }
    return Value::object(made);
  }
  return value;
}

bool is_header(const http::HeaderField& field, std::string_view name) {
  return http::find({field}, name) != nullptr;
}

/// A session's cookie is one wherever it comes; of a token's answer every header may be.
bool is_credential(const http::HeaderField& field, bool of_token) {
  if (is_header(field, "Set-Cookie")) return true;
  if (!of_token) return false;
  constexpr std::string_view plain[] = {"Content-Type", "Content-Length", "Date", "Retry-After"};
  return std::none_of(std::begin(plain), std::end(plain),
                      [&](std::string_view name) { return is_header(field, name); });
}

std::string clause_text(const ClauseSeen& clause) {
  std::string text = on_one_line(clause.text);
  const std::string_view word = word_of(clause.kind);
  if (text.starts_with(word)) return text;
  return text.empty() ? std::string(word) : std::string(word) + " " + text;
}

std::string body_text(std::string_view body, std::string_view json, std::size_t indent,
                      const ShowOptions& options) {
  const std::string margin(indent, ' ');
  if (!json.empty()) {
    value::Arena arena;
    if (value::parse_json(json, arena)) {
      return margin + masked(fold_json(json, indent, limits_of(options)), options) + "\n";
    }
  }
  // Masked before it is cut: a cut secret isn't known any more.
  constexpr std::size_t shown = 400, looked_at = 16 * 1024;
  const std::string text = options.all
                               ? masked(body, options)
                               : shortened(masked(body.substr(0, looked_at), options), shown);
  std::string out = margin;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += margin;
  }
  return out + "\n";
}

/// "keep .a == b"
std::string op_text(const Exchanged& seen, const ir::RowOp& op) {
  const std::string_view word = op.kind == ir::RowOpKind::keep  ? "keep"
                                : op.kind == ir::RowOpKind::map ? "map"
                                                                : "take";
  std::string text = on_one_line(run::source_text(*seen.connector, op.span));
  return text.starts_with(word) ? text : std::string(word) + " " + text;
}

/// A clause and what it gave, in two columns where there is room for two.
std::string result_line(std::string text, const std::string& result, const ShowOptions& options) {
  text.insert(0, "  ");
  const std::size_t width = columns(text);
  const bool narrow = options.width < 2 * clause_column;
  text.append(width < clause_column && !narrow ? clause_column - width : 2, ' ');
  return text + result + "\n";
}

/// Of a row, behind its number and what became of it.
std::size_t row_width(const ShowOptions& options) {
  constexpr std::size_t before = 18, least = 22, most = 76;
  return std::min(most, std::max(options.width, before + least) - before);
}

/// Of a clause's text.
std::size_t clause_width(const ShowOptions& options) {
  constexpr std::size_t most = 70, unfolded_most = 400;
  return options.all ? unfolded_most : std::min(most, std::max<std::size_t>(options.width, 24) - 4);
}

std::string clause_line(const ClauseSeen& clause, const ShowOptions& options) {
  std::string text = masked(shortened(clause_text(clause), clause_width(options)), options);
  std::string result;
  if (clause.kind == Clause::Kind::rows) {
    result = std::to_string(clause.rows) + (clause.rows == 1 ? " row" : " rows");
  } else if (clause.holds) {
    result = *clause.holds ? styled(yellow, "yes", options) : "no";
  } else if (clause.value) {
    result = masked(fold_line(clause.value->get(), 60, limits_of(options)), options);
  }
  if (!clause.said.empty()) result += "  \"" + masked(on_one_line(clause.said), options) + "\"";
  const std::string looks = show_looks(clause.looks, options);
  if (!looks.empty() && !clause.value) result += "  " + styled(dim, looks, options);
  return result_line(std::move(text), result, options);
}

/// `keep`, `map` and `take` with the rows that came through, in the order written.
std::string ops_lines(const Exchanged& seen, const ShowOptions& options) {
  std::string out;
  std::uint64_t came = seen.kept + seen.dropped;
  for (std::size_t i = 0; came > 0 && i < seen.declared->row_ops.size(); ++i) {
    const ir::RowOp& op = seen.declared->row_ops[i];
    const std::uint64_t dropped = i < seen.dropped_at.size() ? seen.dropped_at[i] : 0;
    std::string text = op_text(seen, op);
    const std::string of = std::to_string(came);
    came -= dropped;
    out += result_line(masked(shortened(text, clause_width(options)), options),
                       op.kind == ir::RowOpKind::map
                           ? of + (came == 1 ? " row" : " rows")
                           : std::to_string(came) + " of " + of + (of == "1" ? " row" : " rows"),
                       options);
  }
  return out;
}

/// Why there are no rows where the connector looks for them: what is there instead. Empty: there is
/// a list, with nothing in it.
std::string missing_rows(const Exchanged& seen, const ShowOptions& options) {
  constexpr std::size_t most = 8;
  value::Arena arena;
  const auto parsed = value::parse_json(json_of(seen), arena);
  if (!parsed || !seen.declared->rows_path) return {};
  Value at = value::decoded(*parsed, arena);
  std::string path;
  for (const std::string& key : *seen.declared->rows_path) {
    const Value* next = at.kind == value::Kind::object ? value::find_member(at, key) : nullptr;
    const std::string of = path.empty() ? "the answer" : "`" + path + "`";
    path += "." + key;
    if (next != nullptr) {
      at = value::decoded(*next, arena);
      continue;
    }
    if (at.kind != value::Kind::object) return of + " is no object";
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(at.count, most); ++i) {
      names += (i > 0 ? ", " : "") + std::string(at.object_view()[i].key);
    }
    if (at.count > most) names += " …";
    return "there is no `" + path + "`: " + of + " has " +
           (names.empty() ? "nothing" : masked(shortened(names, 200), options));
  }
  if (at.is_null()) return "`" + path + "` is null";
  return {};
}

std::string event_line(const EventSeen& seen, const ShowOptions& options) {
  const std::string text = masked(on_one_line(seen.text), options);
  switch (seen.event) {
    case Event::failed:
      return styled(red, "  failed: " + text, options) + "\n";
    case Event::skipped:
      return styled(yellow, "  skipped: " + text, options) + "\n";
    case Event::retried:
      return styled(yellow, "  sent again: " + text, options) + "\n";
    case Event::renewed:
      return styled(yellow, "  401: sent again with new credentials", options) + "\n";
    case Event::waits:
      return "  `until` doesn't hold yet: the same question later\n";
    case Event::bound:
      return "  bound: " + masked(fold_json(seen.text, 4, limits_of(options)), options) + "\n";
    case Event::accepted:
      return "";
    case Event::more:
      return styled(green, "  → next page", options) + "\n";
    case Event::last:
      return styled(green, "  → last page", options) + "\n";
    case Event::capped:
      return styled(yellow, "  → no next page, though there may be more: " + text, options) + "\n";
  }
  return "";
}

}  // namespace

std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::string masked(std::string_view text, const ShowOptions& options) {
  const bool hides = !options.reveal && options.redactor != nullptr;
  const std::string shown = hides ? options.redactor->redact(text) : std::string(text);
  std::string out;
  for (std::size_t at = 0; at < shown.size();) {
    const std::size_t begin = at;
    const char32_t c = value::next_code_point(shown, at);
    const bool broken = c == value::replacement_character && at - begin == 1;
    const bool control = (c < 0x20U && c != '\n' && c != '\t') || (c >= 0x7FU && c < 0xA0U);
    // These turn the direction in which a line is read.
    const bool turns = (c >= 0x202AU && c <= 0x202EU) || (c >= 0x2066U && c <= 0x2069U);
    if (broken || control || turns) {
      out += '?';
    } else {
      out.append(shown, begin, at - begin);
    }
  }
  return out;
}

std::string_view json_of(const Exchanged& seen) {
  return seen.json.empty() ? std::string_view(seen.body) : std::string_view(seen.json);
}

std::string show_stray(const std::string& collection, const std::vector<ClauseSeen>& steps,
                       const EventSeen& event, const ShowOptions& options) {
  std::string out = collection + ", before a request\n";
  for (const ClauseSeen& step : steps) out += clause_line(step, options);
  return out + event_line(event, options);
}

std::string show_request(const Exchanged& seen, const ShowOptions& options) {
  const http::Request& request = seen.request;
  std::string who = seen.of_token() ? "a token's request" : seen.collection;
  if (!seen.step.empty()) who += ", let " + seen.step;
  if (seen.edited) who += ", edited";
  const std::string url = options.reveal ? request.url : options.redactor->url(request);
  std::string out;
  for (const ClauseSeen& step : seen.before) out += clause_line(step, options);
  out += styled(bold, seen.name + "  " + request.method + " " + masked(url, options), options) +
         "  " + styled(dim, "(" + who + ")", options) + "\n";
  for (const http::HeaderField& field : request.headers) {
    const bool hide = field.credential && !options.reveal;
    out += "    " + field.name + ": " + (hide ? "***" : masked(field.value, options)) + "\n";
  }
  if (!request.has_body) return out;
  if (seen.of_token() && !options.reveal) return out + "    ***\n";
  return out + body_text(request.body, request.body, 4, options);
}

std::string answer_head(const Exchanged& seen) {
  std::string out = std::to_string(seen.status);
  if (const std::string* type = http::find(seen.headers, "Content-Type")) {
    out += " " + masked(*type, {});
  }
  out += ", " + size_text(seen.received);
  if (!seen.shared) out += ", " + std::to_string(seen.timing.total.count()) + " ms";
  return out;
}

std::string show_answer(const Exchanged& seen, const ShowOptions& options) {
  if (!seen.arrived) return "";
  const bool good = seen.status >= 200 && seen.status < 300;
  std::string out = styled(good ? green : red, "← " + answer_head(seen), options);
  if (seen.shared) out += "  (the answer of an identical request)";
  out += "\n";
  if (options.all || seen.redirects) {
    for (const http::HeaderField& field : seen.headers) {
      if (!options.all && !is_header(field, "Location")) continue;
      const bool hides = !options.reveal && is_credential(field, seen.of_token());
      out += "    " + masked(field.name, options) + ": " +
             (hides ? "***" : masked(field.value, options)) + "\n";
    }
  }
  if (seen.streamed) return out + "    (read row by row: too large to be kept)\n";
  if (seen.forgotten) return out + "    (no longer kept)\n";
  if (seen.body.empty()) return out;
  if (!seen.of_token() || options.reveal)
    return out + body_text(seen.body, json_of(seen), 4, options);
  value::Arena arena;
  const auto parsed = value::parse_json(seen.body, arena);
  if (!parsed) return out + "    ***\n";
  return out + "    " + masked(fold(hidden(*parsed, arena), 4, limits_of(options)), options) + "\n";
}

std::string show_looks(const std::vector<run::Look>& looks, const ShowOptions& options) {
  std::string out;
  for (const run::Look& look : looks) {
    if (!out.empty()) out += ", ";
    out += look.text + " = " + fold_line(look.value.get(), 60, limits_of(options));
  }
  return masked(out, options);
}

std::string show_row(const Exchanged& seen, std::size_t number, const ShowOptions& options) {
  const RowSeen& row = seen.rows.at(number - 1);
  std::string out = "    " + std::to_string(number) + "  ";
  const auto brief = [&](std::string_view json) {
    if (options.all) return masked(fold_json(json, 7, limits_of(options)), options);
    value::Arena arena;
    const auto parsed = value::parse_json(json, arena);
    return masked(
        parsed ? fold_line(*parsed, row_width(options), limits_of(options)) : std::string(json),
        options);
  };
  if (row.dropped_by) {
    const ir::RowOp& op = seen.declared->row_ops.at(*row.dropped_by);
    out += styled(yellow, row.failure.empty() ? "dropped" : "failed ", options) + "  " +
           brief(row.text) + "\n       " + masked(op_text(seen, op), options);
    const bool take = op.kind == ir::RowOpKind::take;
    if (!row.failure.empty()) out += ": " + masked(row.failure, options);
    if (take) out += ": enough rows were taken";
    const std::string looks = show_looks(row.looks, options);
    return out + (looks.empty() ? "" : "  " + styled(dim, looks, options)) + "\n";
  }
  if (row.repeated) {
    out += styled(yellow, "repeats", options) + "  " + brief(row.result) + "\n";
    return out + "       an earlier row of " + seen.collection + " is the same\n";
  }
  out += styled(green, "kept   ", options) + "  " + brief(row.result) + "\n";
  const std::string looks = show_looks(row.looks, options);
  if (options.all && !looks.empty()) out += "       " + styled(dim, looks, options) + "\n";
  return out;
}

std::string show_judgement(const Exchanged& seen, const ShowOptions& options) {
  std::string before, after;
  const bool has_rows = std::any_of(seen.clauses.begin(), seen.clauses.end(),
                                    [](const auto& c) { return c.kind == Clause::Kind::rows; });
  for (const ClauseSeen& clause : seen.clauses) {
    const bool late = clause.kind == Clause::Kind::stop || clause.kind == Clause::Kind::let ||
                      clause.kind == Clause::Kind::next;
    // The retry that every request has isn't worth a line where it doesn't hold.
    if (clause.text.empty() && clause.kind == Clause::Kind::retry && clause.holds == false)
      continue;
    (late ? after : before) += clause_line(clause, options);
    if (clause.kind != Clause::Kind::rows || clause.rows > 0) continue;
    const std::string why = missing_rows(seen, options);
    if (!why.empty()) before += styled(yellow, "    " + why, options) + "\n";
  }
  std::string rows = has_rows ? ops_lines(seen, options) : "";
  const std::size_t shown = options.all ? seen.rows.size() : std::min(few_rows, seen.rows.size());
  ShowOptions brief = options;
  brief.all = false;
  for (std::size_t i = 1; has_rows && i <= shown; ++i) rows += show_row(seen, i, brief);
  const std::uint64_t total = seen.kept + seen.dropped;
  if (has_rows && total > shown) {
    const bool kept = !options.all && shown < seen.rows.size();
    rows += "    … " + std::to_string(total - shown) + " more" +
            (kept ? "; `:show` lists them\n" : "\n");
  }
  if (has_rows && total > 0 && (seen.dropped > 0 || seen.repeated > 0)) {
    rows += "    " + std::to_string(seen.kept - seen.repeated) + " of " + std::to_string(total) +
            (total == 1 ? " row counts" : " rows count") +
            (seen.dropped > 0 ? ", " + std::to_string(seen.dropped) + " dropped" : "") +
            (seen.repeated > 0 ? ", " + std::to_string(seen.repeated) + " repeated" : "") + "\n";
  }
  std::string events;
  const bool again = std::any_of(seen.clauses.begin(), seen.clauses.end(), [](const auto& c) {
    return c.kind == Clause::Kind::retry && c.holds == true;
  });
  if (again && seen.alone) events += "    a run would send it again\n";
  if (again && !seen.alone && !seen.had(Event::retried)) events += "    no repetition is left\n";
  for (const EventSeen& event : seen.events) events += event_line(event, options);
  return before + rows + after + events;
}

std::string show_line(const Exchanged& seen, const ShowOptions& options) {
  const std::string url = options.reveal ? seen.request.url : options.redactor->url(seen.request);
  std::string out = seen.name + "  " + (seen.of_token() ? "(token)" : seen.collection) +
                    (seen.step.empty() ? "" : " let " + seen.step) + "  " + seen.request.method +
                    " " + masked(url, options);
  if (seen.arrived) out += "  " + std::to_string(seen.status);
  if (seen.had(Event::accepted)) {
    out += "  " + std::to_string(seen.kept - seen.repeated) +
           (seen.kept - seen.repeated == 1 ? " row" : " rows");
    if (seen.dropped > 0) out += ", " + std::to_string(seen.dropped) + " dropped";
  }
  for (const EventSeen& event : seen.events) {
    if (event.event == Event::failed) out += "  failed";
    if (event.event == Event::skipped) out += "  skipped";
    if (event.event == Event::retried || event.event == Event::renewed) out += "  sent again";
  }
  return out + "\n";
}

}  // namespace fconn::repl
