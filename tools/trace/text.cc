// The waterfall on a terminal.
#include <algorithm>

#include "grammar/display_text.hh"
#include "interpreter/value/utf8.hh"
#include "tools/trace/trace.hh"

namespace fconn::trace {

namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string padded(std::string text, std::size_t width, bool right = false) {
  const std::size_t has = value::count_code_points(text);
  if (has >= width) return text;
  const std::string blanks(width - has, ' ');
  return right ? blanks + text : text + blanks;
}

/// The text's beginning, of at most `width` characters.
std::string cut(std::string_view text, std::size_t width) {
  if (value::count_code_points(text) <= width) return std::string(text);
  std::string out;
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < width && at < text.size(); ++i) {
    value::append_utf8(out, value::next_code_point(text, at));
  }
  return out + "…";
}

/// One request's time, and what was waited for after it, on a line of `width` places.
std::string bar(const Request& request, std::int64_t length, std::size_t width) {
  const auto place = [&](std::int64_t ms) {
    return static_cast<std::size_t>(std::max<std::int64_t>(ms, 0)) * width /
           static_cast<std::size_t>(std::max<std::int64_t>(length, 1));
  };
  std::vector<std::string_view> cells(width, " ");
  const auto fill = [&](std::int64_t from, std::int64_t to, std::string_view with) {
    const std::size_t begin = std::min(place(from), width - 1);
    const std::size_t end = std::min(std::max(place(to), begin + 1), width);
    for (std::size_t i = begin; i < end; ++i) cells[i] = with;
  };
  for (const Wait& wait : request.waits) fill(wait.from_ms, wait.from_ms + wait.length_ms, "░");
  const std::int64_t end = request.end_ms.value_or(length);
  if (request.first_byte_ms) {
    fill(request.begin_ms, end, "█");
    if (place(request.begin_ms + *request.first_byte_ms) > place(request.begin_ms)) {
      fill(request.begin_ms, request.begin_ms + *request.first_byte_ms, "▒");
    }
  } else {
    fill(request.begin_ms, end, request.end_ms ? "█" : "▒");
  }
  std::string out;
  for (const std::string_view cell : cells) out += cell;
  return out;
}

std::string took(const Request& request) {
  return request.end_ms ? duration(*request.end_ms - request.begin_ms) : "unanswered";
}

std::string totals(const Trace& trace) {
  std::uint64_t rows = 0, retries = 0, bytes = 0;
  std::int64_t waited = 0;
  for (const Lane& lane : trace.lanes) rows += lane.rows;
  for (const Request& request : trace.requests) {
    bytes += request.bytes;
    for (const Wait& wait : request.waits) {
      retries += wait.kind == "retry" ? 1 : 0;
      waited += wait.length_ms;
    }
  }
  std::string out = duration(trace.length_ms) + ", " + counted(trace.requests.size(), "request") +
                    ", " + counted(rows, "row") + ", " + counted(bytes, "byte");
  if (retries > 0) out += ", " + std::to_string(retries) + (retries == 1 ? " retry" : " retries");
  if (waited > 0) out += ", " + duration(waited) + " of pauses";
  return out;
}

/// "https://host:port" of a URL; empty where it has none.
std::string origin_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? "" : url.substr(0, url.find('/', scheme + 3));
}

/// Where the lane's first request goes: said once.
std::string origin_of(const Lane& lane, const std::vector<Request>& requests) {
  return lane.requests.empty() ? "" : origin_of(requests[lane.requests.front()].url);
}

std::string heading(const Lane& lane, const std::vector<Request>& requests) {
  std::string out = lane.name();
  if (!lane.state.empty()) out += "  " + lane.state;
  if (lane.state.empty() && !lane.collection.empty()) {
    out += lane.requests.empty() ? "  nothing was asked" : "  not finished";
  }
  out += "  " + counted(lane.requests.size(), "request");
  if (!lane.collection.empty()) out += ", " + counted(lane.rows, "row");
  std::int64_t begin = 0, end = 0;
  for (const std::size_t i : lane.requests) {
    const Request& request = requests[i];
    if (i == lane.requests.front()) begin = request.begin_ms;
    end = std::max(end, request.end_ms.value_or(request.begin_ms));
  }
  if (!lane.requests.empty()) out += ", " + duration(end - begin);
  if (!lane.needs.empty()) {
    out += ", after";
    for (const std::string& need : lane.needs) out += " " + need;
  }
  const std::string origin = origin_of(lane, requests);
  if (!origin.empty()) out += "  " + origin;
  if (!lane.at.file.empty()) out += "  (" + lane.at.file + ":" + std::to_string(lane.at.line) + ")";
  return out + "\n";
}

/// "30 of 100 rows that came were kept, 65 were dropped by `keep .a`"
std::string rows_line(const Judged& rows) {
  if (rows.came == 0 || rows.came == rows.kept) return {};
  std::string out =
      "  " + std::to_string(rows.kept) + " of " + counted(rows.came, "row") + " that came counted";
  if (rows.repeated > 0) out += ", " + std::to_string(rows.repeated) + " repeated";
  for (const Dropped& dropped : rows.dropped) {
    out += ", " + std::to_string(dropped.rows) + " dropped by `" + dropped.by + "`";
  }
  return out + "\n";
}

/// A clause and what it gave, in two columns.
std::string clause_line(const Clause& clause) {
  constexpr std::size_t column = 48, longest = 70;
  const std::string seen = grammar::safe_text(saw_text(clause.saw));
  return "      " + padded(cut(clause.text, longest), column) + " " +
         grammar::safe_text(result_text(clause)) + (seen.empty() ? "" : "  " + seen) + "\n";
}

/// What a request's answer came to: its clauses, its rows with reasons, and how it went on.
std::string judged_lines(const Judged& one, const std::string& lane) {
  std::string out;
  if (one.lane != lane) out += "      the same answer, for " + one.lane + "\n";
  // The rows stand where they were come to: before the steps of a pagination.
  const auto rows = std::find_if(one.clauses.begin(), one.clauses.end(),
                                 [](const Clause& clause) { return clause.rows.has_value(); });
  const auto late = rows == one.clauses.end() ? rows : rows + 1;
  for (auto clause = one.clauses.begin(); clause != late; ++clause) out += clause_line(*clause);
  for (const Dropped& dropped : one.dropped) {
    out += "      " + padded(cut(dropped.by, 70), 48) + " " + std::to_string(dropped.rows) +
           " dropped\n";
  }
  for (const Row& row : one.listed) {
    if (row.is == "kept") continue;
    const std::string seen = grammar::safe_text(saw_text(row.saw));
    out += "        row " + padded(std::to_string(row.number), 4) + " " + padded(row.is, 8) +
           row.by + (row.why.empty() ? "" : ": " + grammar::safe_text(row.why)) +
           (seen.empty() ? "" : "  " + seen) + "\n";
  }
  if (const std::string more = unlisted(one); !more.empty()) out += "        " + more + "\n";
  if (one.came > 0) {
    out += "        " + std::to_string(one.kept) + " of " + counted(one.came, "row") + " counted" +
           (one.repeated > 0 ? ", " + std::to_string(one.repeated) + " repeated" : "") + "\n";
  }
  for (auto clause = late; clause != one.clauses.end(); ++clause) out += clause_line(*clause);
  if (!one.then.empty()) {
    out +=
        "      → " + one.then + (one.why.empty() ? "" : ": " + grammar::safe_text(one.why)) + "\n";
  }
  return out;
}

}  // namespace

std::string text(const Trace& trace, const Filter& filter, std::size_t width, bool clauses) {
  std::string out;
  if (!trace.started.empty()) out += trace.started + "  ";
  out += totals(trace) + (trace.complete ? "" : ", and the trace has no end") + "\n";
  std::size_t shown = 0, id_width = 2, lanes = 0;
  for (const Request& request : trace.requests) id_width = std::max(id_width, request.id.size());
  const std::size_t fixed = 2 + id_width + 1 + 7 + 1 + 3 + 1 + 10 + 1;
  const std::size_t bar_width = std::max<std::size_t>(width > fixed ? (width - fixed) / 3 : 0, 16);
  const std::size_t used = fixed + bar_width + 3;
  const std::size_t url_width = width > used + 24 ? width - used : 24;
  for (const Lane& lane : trace.lanes) {
    if (!filter.takes(lane)) continue;
    const std::string origin = origin_of(lane, trace.requests);
    std::string lines;
    for (const std::size_t i : lane.requests) {
      const Request& request = trace.requests[i];
      if (!filter.takes(request)) continue;
      ++shown;
      const std::string url = !origin.empty() && origin_of(request.url) == origin
                                  ? request.url.substr(origin.size())
                                  : request.url;
      lines += "  " + padded(request.id, id_width) + " " + padded(request.method, 7) + " " +
               (request.status == 0 ? "-  " : std::to_string(request.status)) + " " +
               padded(took(request), 10, true) + " │" + bar(request, trace.length_ms, bar_width) +
               "│ " +
               cut(grammar::safe_text((request.step.empty() ? "" : request.step + ": ") + url),
                   url_width) +
               "\n";
      for (const Wait& wait : request.waits) {
        lines += "  " + padded("", id_width) +
                 (wait.kind == "retry" ? " again after " : " asks again after ") +
                 duration(wait.length_ms) +
                 (wait.why.empty() ? "" : ": " + grammar::safe_text(wait.why)) + "\n";
      }
      for (const Clause& clause : request.before) {
        if (clauses) lines += clause_line(clause);
      }
      for (const Judged& one : request.judged) {
        if (clauses) lines += judged_lines(one, lane.name());
      }
    }
    if (lines.empty() && !filter.everything() && filter.collections.empty()) continue;
    ++lanes;
    out += "\n" + heading(lane, trace.requests);
    if (!lane.reason.empty()) out += "  " + grammar::safe_text(lane.reason) + "\n";
    for (const std::string& failure : lane.failures) {
      if (failure != lane.reason) out += "  failure: " + grammar::safe_text(failure) + "\n";
    }
    out += rows_line(rows_of(trace, lane));
    for (const Clause& clause : lane.before) {
      if (clauses) out += clause_line(clause);
    }
    out += lines;
  }
  if (!filter.everything()) {
    out += std::string(lanes > 0 ? "\n" : "") + std::to_string(shown) + " of " +
           counted(trace.requests.size(), "request") + " shown\n";
  }
  return out;
}

}  // namespace fconn::trace
