// The waterfall as one page: a picture whose bars lead to the requests below it, and from there to
// the connector's lines. Nothing is loaded; without script everything is there, opened.
#include <algorithm>
#include <map>
#include <set>

#include "interpreter/sink/html_page.hh"
#include "tools/trace/trace.hh"

namespace fconn::trace {

namespace {

/// Bars that are drawn; a picture of more helps nobody, and the page says so.
constexpr std::size_t most_bars = 2000;
constexpr int label_width = 240, bar_width = 870, row_height = 18, lane_gap = 30, top = 34;

std::string escaped(std::string_view text) {
  std::string out;
  sink::append_escaped(out, text);
  return out;
}

std::string number(std::uint64_t value) { return std::to_string(value); }

/// Coordinates with one digit behind the point.
std::string tenths(std::int64_t value) {
  return std::to_string(value / 10) + "." + std::to_string(value % 10);
}

std::string took(const Request& request) {
  return request.end_ms ? duration(*request.end_ms - request.begin_ms) : "unanswered";
}

std::string status_of(const Request& request) {
  return request.status == 0 ? "no answer" : std::to_string(request.status);
}

std::string_view class_of(const Request& request) {
  if (request.status == 0 || request.status >= 500) return "bad";
  return request.status >= 400 ? "refused" : "good";
}

constexpr std::string_view style = R"(<style>
:root{--ink:#1a1a1a;--paper:#fff;--line:#b5b5b5;--soft:#f1f1f1;--good:#2f6f9f;--refused:#a85c00;--bad:#b00020;--wait:#777;--mark:#fff3bf}
@media (prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#161616;--line:#555;--soft:#262626;--good:#6fb1de;--refused:#e09a45;--bad:#ff6b7d;--wait:#999;--mark:#4a4210}}
body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--paper)}
code,pre{font:14px/1.45 ui-monospace,monospace}
code{overflow-wrap:anywhere}
a{color:inherit}
a:focus-visible,summary:focus-visible,input:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--good);outline-offset:2px}
.picture{overflow-x:auto;border:1px solid var(--line)}
svg{display:block;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}
svg .lane{font-weight:600}
svg .grid{stroke:var(--line);stroke-width:.5}
svg .arrow{fill:none;stroke:var(--wait);stroke-width:1.2}
svg .tip{fill:var(--wait)}
.good{fill:var(--good)}.refused{fill:var(--refused)}.bad{fill:var(--bad)}
.wait{fill:none;stroke:var(--wait);stroke-dasharray:3 2}
.byte{fill:var(--paper);opacity:.45}
svg a:focus rect.hit,svg a:hover rect.hit{stroke:var(--ink);stroke-width:1.5}
rect.hit{fill:transparent}
table{border-collapse:collapse;width:100%;margin:.3rem 0 1rem}
th,td{text-align:left;vertical-align:top;border-bottom:1px solid var(--line);padding:.2rem .5rem}
details{border-bottom:1px solid var(--line);padding:.25rem .4rem}
details:target,.source div:target{background:var(--mark)}
details[hidden]{display:none}
details th{width:11rem}
summary{cursor:pointer;overflow-wrap:anywhere}
.source{border:1px solid var(--line);overflow-x:auto;counter-reset:line}
.source div{white-space:pre;font:13px/1.45 ui-monospace,monospace;padding-right:1rem}
.source div::before{counter-increment:line;content:counter(line);display:inline-block;width:4ch;margin-right:1.5ch;text-align:right;color:var(--wait)}
.key{display:inline-block;width:1.6em;height:.7em;margin:0 .3em 0 1em;border:1px solid var(--line)}
@media print{.picture{overflow:visible}svg{width:100%;height:auto}.find{display:none}details{break-inside:avoid}body{max-width:none;margin:0}}
</style>
)";

// Only comfort: without it all requests are there, and links work.
constexpr std::string_view script = R"(<script>
(function(){
  var all=[].slice.call(document.querySelectorAll('details.request'));
  var find=document.getElementById('find'),said=document.getElementById('found');
  function open(){var at=document.getElementById(location.hash.slice(1));if(at&&at.tagName==='DETAILS'){at.hidden=false;at.open=true;at.querySelector('summary').focus();}}
  function filter(){var words=find.value.toLowerCase(),n=0;all.forEach(function(d){d.hidden=d.dataset.text.indexOf(words)<0;if(!d.hidden)n++;});said.textContent=n+' of '+all.length+' requests';}
  all.forEach(function(d){d.open=false;d.dataset.text=d.querySelector('summary').textContent.toLowerCase();});
  find.parentNode.hidden=false;find.addEventListener('input',filter);
  addEventListener('hashchange',open);open();
  addEventListener('beforeprint',function(){all.forEach(function(d){d.open=true;});});
  var bars=[].slice.call(document.querySelectorAll('svg a'));
  bars.forEach(function(bar,i){bar.addEventListener('keydown',function(e){
    var to=e.key==='ArrowDown'?i+1:e.key==='ArrowUp'?i-1:e.key==='Home'?0:e.key==='End'?bars.length-1:-1;
    if(to>=0&&bars[to]){e.preventDefault();bars[to].focus();}});});
})();
</script>
)";

class Page {
 public:
  Page(const Trace& trace, const Filter& filter) : trace_(trace), filter_(filter) {
    for (std::size_t i = 0; i < trace.sources.size(); ++i) sources_[trace.sources[i].name] = i;
    for (std::size_t i = 0; i < trace.lanes.size(); ++i) {
      if (!filter.takes(trace.lanes[i])) continue;
      Shown lane{i, {}};
      for (const std::size_t request : trace.lanes[i].requests) {
        if (filter.takes(trace.requests[request])) lane.requests.push_back(request);
      }
      shown_count_ += lane.requests.size();
      if (lane.requests.empty() && !filter.everything() && filter.collections.empty()) continue;
      shown_.push_back(std::move(lane));
    }
  }

  std::string make() {
    out_ =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Trace of a "
        "run</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; script-src 'unsafe-inline'\">\n";
    out_ += style;
    out_ += "</head><body><main>\n<h1>Trace of a run</h1>\n";
    overview();
    picture();
    out_ +=
        "<h2 id=\"requests\">Requests</h2>\n<p class=\"find\" hidden><label for=\"find\">Find "
        "</label><input id=\"find\" type=\"search\"> <span id=\"found\" role=\"status\"></span>"
        "</p>\n";
    for (const Shown& lane : shown_) requests(lane);
    sources();
    out_ += "</main>\n";
    out_ += script;
    return std::move(out_) + "</body></html>\n";
  }

 private:
  struct Shown {
    std::size_t lane;
    std::vector<std::size_t> requests;
  };

  /// A link to the line, where the page has the text.
  std::string link(const Place& place) const {
    if (place.file.empty()) return "";
    const std::string text = place.file + ":" + std::to_string(place.line);
    const auto found = sources_.find(place.file);
    if (found == sources_.end()) return "<code>" + escaped(text) + "</code>";
    return "<a href=\"#s" + number(found->second) + "-" + std::to_string(place.line) + "\"><code>" +
           escaped(text) + "</code></a>";
  }

  void overview() {
    out_ += "<p>";
    if (!trace_.started.empty()) out_ += "Begun " + escaped(trace_.started) + ". ";
    out_ +=
        "Took " + duration(trace_.length_ms) + ", " + number(trace_.requests.size()) + " requests.";
    if (!filter_.everything()) {
      out_ += " This page shows " + number(shown_count_) + " of them.";
    }
    if (!trace_.complete) out_ += " The trace has no end: the run was stopped, or still goes on.";
    out_ +=
        "</p>\n<table><caption>Collections</caption><thead><tr><th scope=\"col\">Collection</th>"
        "<th scope=\"col\">Ended</th><th scope=\"col\">Rows</th><th scope=\"col\">Requests</th>"
        "<th scope=\"col\">Pauses</th><th scope=\"col\">Made from</th><th scope=\"col\">Line</th>"
        "</tr></thead><tbody>\n";
    for (const Shown& shown : shown_) {
      const Lane& lane = trace_.lanes[shown.lane];
      std::int64_t waited = 0;
      for (const std::size_t i : lane.requests) {
        for (const Wait& wait : trace_.requests[i].waits) waited += wait.length_ms;
      }
      std::string needs;
      for (const std::string& need : lane.needs) needs += (needs.empty() ? "" : ", ") + need;
      const std::string state =
          lane.state.empty() && !lane.collection.empty() ? "not finished" : lane.state;
      out_ += "<tr><th scope=\"row\"><a href=\"#lane" + number(shown.lane) + "\">" +
              escaped(lane.name()) + "</a></th><td>" +
              escaped(state + (lane.reason.empty() ? "" : ": " + lane.reason)) + "</td><td>" +
              (lane.collection.empty() ? "" : number(lane.rows)) + "</td><td>" +
              number(lane.requests.size()) + "</td><td>" + (waited > 0 ? duration(waited) : "") +
              "</td><td>" + escaped(needs) + "</td><td>" + link(lane.at) + "</td></tr>\n";
    }
    out_ += "</tbody></table>\n";
  }

  std::int64_t x(std::int64_t ms) const {
    return label_width * 10 + std::max<std::int64_t>(ms, 0) * bar_width * 10 /
                                  std::max<std::int64_t>(trace_.length_ms, 1);
  }

  void picture() {
    if (shown_count_ == 0) return;
    std::string body;
    std::map<std::string, int> begins;  // collection: where its lane begins
    int y = top;
    std::size_t drawn = 0;
    for (const Shown& shown : shown_) {
      const Lane& lane = trace_.lanes[shown.lane];
      begins[lane.name()] = y;
      body += "<text class=\"lane\" x=\"6\" y=\"" + std::to_string(y + 13) + "\">" +
              escaped(lane.name()) + "</text>\n";
      if (shown.requests.empty()) y += row_height;
      for (const std::size_t i : shown.requests) {
        if (drawn++ >= most_bars) continue;
        bar(trace_.requests[i], i, y, body);
        y += row_height;
      }
      y += lane_gap - row_height / 2;
    }
    const int height = y;
    const int width = label_width + bar_width + 70;
    out_ +=
        "<h2>Waterfall</h2>\n<p>Each bar is a request and leads to it.<span class=\"key\" "
        "style=\"background:var(--good)\"></span>answered<span class=\"key\" style=\""
        "background:var(--refused)\"></span>4xx<span class=\"key\" style=\"background:"
        "var(--bad)\"></span>5xx or no answer<span class=\"key\" style=\"border:1px dashed "
        "var(--wait)\"></span>pause before it is asked again. The pale part of a bar is the "
        "wait for the answer's first byte; a line leads from a collection to one that is made "
        "from its rows.</p>\n";
    if (drawn > most_bars) {
      out_ += "<p>The first " + number(most_bars) + " of " + number(drawn) +
              " requests are drawn; all are listed below.</p>\n";
    }
    out_ +=
        "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"Waterfall\"><svg "
        "width=\"" +
        std::to_string(width) + "\" height=\"" + std::to_string(height) + "\" viewBox=\"0 0 " +
        std::to_string(width) + " " + std::to_string(height) +
        "\" role=\"group\" aria-label=\"Requests over time\">\n";
    grid(height);
    arrows(begins);
    out_ += body + "</svg></div>\n";
  }

  void grid(int height) {
    constexpr int steps = 6;
    for (int i = 0; i <= steps; ++i) {
      const std::int64_t ms = trace_.length_ms * i / steps;
      const std::string at = tenths(x(ms));
      out_ += "<line class=\"grid\" x1=\"" + at + "\" x2=\"" + at + "\" y1=\"20\" y2=\"" +
              std::to_string(height) + "\"/><text x=\"" + at + "\" y=\"14\" text-anchor=\"" +
              (i == 0       ? "start"
               : i == steps ? "end"
                            : "middle") +
              "\">" + duration(ms) + "</text>\n";
    }
  }

  /// From the left edge of a collection's lane to those that need it, one column for each.
  void arrows(const std::map<std::string, int>& begins) {
    int column = 0;
    for (const Shown& shown : shown_) {
      const Lane& lane = trace_.lanes[shown.lane];
      for (const std::string& need : lane.needs) {
        const auto from = begins.find(lane.instance + ":" + need);
        const auto to = begins.find(lane.name());
        if (from == begins.end() || to == begins.end()) continue;
        const int x = label_width - 12 - column % 8 * 7;
        ++column;
        const int y1 = from->second + 9, y2 = to->second + 9;
        const std::string right = std::to_string(label_width - 8);
        out_ += "<path class=\"arrow\" d=\"M" + right + " " + std::to_string(y1) + "H" +
                std::to_string(x) + "V" + std::to_string(y2) + "H" + right + "\"><title>" +
                escaped(lane.name() + " is made from rows of " + need) +
                "</title></path><path class=\"tip\" d=\"M" + right + " " + std::to_string(y2 - 4) +
                "l6 4l-6 4z\"/>\n";
      }
    }
  }

  void bar(const Request& request, std::size_t index, int y, std::string& body) const {
    const std::int64_t begin = x(request.begin_ms);
    const std::int64_t end = std::max(x(request.end_ms.value_or(trace_.length_ms)), begin + 20);
    const std::string top_of = std::to_string(y + 3), text_y = std::to_string(y + 13);
    const std::string label = request.id + " " + request.method + " " + request.url + ", " +
                              status_of(request) + ", " + took(request);
    std::int64_t label_at = end;
    for (const Wait& wait : request.waits) {
      const std::int64_t from = x(wait.from_ms), to = x(wait.from_ms + wait.length_ms);
      label_at = std::max(label_at, to);
      body += "<rect class=\"wait\" x=\"" + tenths(from) + "\" y=\"" + std::to_string(y + 5) +
              "\" width=\"" + tenths(std::max<std::int64_t>(to - from, 10)) +
              "\" height=\"8\"><title>" +
              escaped("a pause of " + duration(wait.length_ms) +
                      (wait.why.empty() ? "" : ": " + wait.why)) +
              "</title></rect>\n";
    }
    body += "<a href=\"#" + anchor(index) + "\" aria-label=\"" + escaped(label) + "\"><title>" +
            escaped(label) + "</title><rect class=\"" + std::string(class_of(request)) + "\" x=\"" +
            tenths(begin) + "\" y=\"" + top_of + "\" width=\"" + tenths(end - begin) +
            "\" height=\"12\" rx=\"2\"/>";
    if (request.first_byte_ms) {
      const std::int64_t first = x(request.begin_ms + *request.first_byte_ms) - begin;
      if (first > 0) {
        body += "<rect class=\"byte\" x=\"" + tenths(begin) + "\" y=\"" + top_of + "\" width=\"" +
                tenths(std::min(first, end - begin)) + "\" height=\"12\"/>";
      }
    }
    body += "<rect class=\"hit\" x=\"" + tenths(begin) + "\" y=\"" + std::to_string(y + 1) +
            "\" width=\"" + tenths(end - begin) + "\" height=\"16\"/></a>\n";
    const bool left = begin > (label_width + bar_width * 7 / 10) * 10;
    body += "<text aria-hidden=\"true\" x=\"" + tenths(left ? begin - 40 : label_at + 40) +
            "\" y=\"" + text_y + "\"" + (left ? " text-anchor=\"end\"" : "") + ">" +
            escaped(request.id + " " + status_of(request)) + "</text>\n";
  }

  static std::string anchor(std::size_t index) { return "q" + std::to_string(index); }

  void requests(const Shown& shown) {
    const Lane& lane = trace_.lanes[shown.lane];
    out_ += "<section aria-labelledby=\"lane" + number(shown.lane) + "\"><h3 id=\"lane" +
            number(shown.lane) + "\">" + escaped(lane.name()) + "</h3>\n";
    for (const std::string& failure : lane.failures) {
      out_ += "<p>Failure: " + escaped(failure) + "</p>\n";
    }
    if (shown.requests.empty()) out_ += "<p>No requests.</p>\n";
    clauses(lane.before);
    for (const std::size_t i : shown.requests) details(trace_.requests[i], i, lane);
    out_ += "</section>\n";
  }

  void details(const Request& request, std::size_t index, const Lane& lane) {
    out_ += "<details class=\"request\" open id=\"" + anchor(index) + "\"><summary><strong>" +
            escaped(request.id) + "</strong> " + escaped(request.method) + " <code>" +
            escaped(request.url) + "</code> " + status_of(request) + ", " + took(request) +
            "</summary>\n<table><tbody>";
    const auto row = [this](std::string_view name, const std::string& html) {
      out_ += "<tr><th scope=\"row\">" + std::string(name) + "</th><td>" + html + "</td></tr>\n";
    };
    if (!request.at.file.empty()) row("Line", link(request.at));
    if (!request.step.empty()) row("Step", "<code>let " + escaped(request.step) + "</code>");
    if (!request.retries.empty()) row("Repeats", repeated(request.retries));
    row("Begun", "after " + duration(request.begin_ms));
    if (request.first_byte_ms) row("First byte", "after " + duration(*request.first_byte_ms));
    if (request.end_ms) row("Answer", number(request.bytes) + " bytes");
    for (const Wait& wait : request.waits) {
      row("Then", "a pause of " + duration(wait.length_ms) +
                      (wait.why.empty() ? "" : ": " + escaped(wait.why)));
    }
    for (const auto& [name, said] : request.headers) {
      row("<code>" + escaped(name) + "</code>", "<code>" + escaped(said) + "</code>");
    }
    if (!request.body.empty()) row("Body", "<code>" + escaped(request.body) + "</code>");
    out_ += "</tbody></table>\n";
    clauses(request.before);
    for (const Judged& one : request.judged) judged(one, lane);
    out_ += "</details>\n";
  }

  void clauses(const std::vector<Clause>& all) {
    if (all.empty()) return;
    out_ +=
        "<table class=\"clauses\"><thead><tr><th scope=\"col\">Clause</th><th "
        "scope=\"col\">Gave</th><th scope=\"col\">Saw</th><th scope=\"col\">Line</th></tr>"
        "</thead><tbody>\n";
    for (const Clause& clause : all) {
      out_ += "<tr><td><code>" + escaped(clause.text) + "</code></td><td>" +
              escaped(result_text(clause)) + "</td><td><code>" + escaped(saw_text(clause.saw)) +
              "</code></td><td>" + link(clause.at) + "</td></tr>\n";
    }
    out_ += "</tbody></table>\n";
  }

  /// What the answer came to: clauses, then rows with reasons.
  void judged(const Judged& one, const Lane& lane) {
    if (one.lane != lane.name()) {
      out_ += "<p>The same answer, for " + escaped(one.lane) + ":</p>\n";
    }
    clauses(one.clauses);
    if (one.came > 0) {
      out_ += "<p>" + number(one.kept) + " of " + number(one.came) +
              (one.came == 1 ? " row counted" : " rows counted");
      if (one.repeated > 0) out_ += ", " + number(one.repeated) + " repeated";
      for (const Dropped& dropped : one.dropped) {
        out_ += ", " + number(dropped.rows) + " dropped by <code>" + escaped(dropped.by) +
                "</code>" + (dropped.at.file.empty() ? "" : " (" + link(dropped.at) + ")");
      }
      out_ += ".</p>\n";
      rows(one);
    }
    if (!one.then.empty()) {
      out_ += "<p>Then: " + escaped(one.then + (one.why.empty() ? "" : ": " + one.why)) + "</p>\n";
    }
  }

  void rows(const Judged& one) {
    if (one.listed.empty()) return;
    out_ +=
        "<table class=\"rows\"><thead><tr><th scope=\"col\">Row</th><th scope=\"col\">Was</th>"
        "<th scope=\"col\">By</th><th scope=\"col\">Saw</th></tr></thead><tbody>\n";
    for (const Row& row : one.listed) {
      out_ += "<tr><th scope=\"row\">" + number(row.number) + "</th><td>" + escaped(row.is) +
              "</td><td>" + (row.by.empty() ? "" : "<code>" + escaped(row.by) + "</code>") +
              escaped(row.why.empty() ? "" : ": " + row.why) + "</td><td><code>" +
              escaped(saw_text(row.saw)) + "</code></td></tr>\n";
    }
    out_ += "</tbody></table>\n";
    if (const std::string more = unlisted(one); !more.empty()) out_ += "<p>" + more + "</p>\n";
  }

  std::string repeated(const std::string& id) const {
    for (std::size_t i = 0; i < trace_.requests.size(); ++i) {
      if (trace_.requests[i].id == id) {
        return "<a href=\"#" + anchor(i) + "\">" + escaped(id) + "</a>";
      }
    }
    return escaped(id);
  }

  static void use(const Request& request, std::set<std::string>& files) {
    files.insert(request.at.file);
    for (const Clause& clause : request.before) files.insert(clause.at.file);
    for (const Judged& one : request.judged) {
      for (const Clause& clause : one.clauses) files.insert(clause.at.file);
      for (const Dropped& dropped : one.dropped) files.insert(dropped.at.file);
    }
  }

  void sources() {
    std::set<std::string> used;
    for (const Shown& shown : shown_) {
      used.insert(trace_.lanes[shown.lane].at.file);
      for (const Clause& clause : trace_.lanes[shown.lane].before) used.insert(clause.at.file);
      for (const std::size_t i : shown.requests) use(trace_.requests[i], used);
    }
    bool first = true;
    for (std::size_t i = 0; i < trace_.sources.size(); ++i) {
      const Source& source = trace_.sources[i];
      if (!used.contains(source.name)) continue;
      if (first) out_ += "<h2>Connectors</h2>\n";
      first = false;
      out_ += "<section aria-label=\"" + escaped(source.name) + "\"><h3>" + escaped(source.name) +
              "</h3>\n<div class=\"source\" tabindex=\"0\">\n";
      std::size_t line = 1;
      for (std::size_t at = 0; at < source.text.size(); ++line) {
        const std::size_t end = std::min(source.text.find('\n', at), source.text.size());
        const std::string text = source.text.substr(at, end - at);
        out_ += "<div id=\"s" + number(i) + "-" + number(line) + "\">" +
                (text.empty() ? " " : escaped(text)) + "</div>";
        at = end + 1;
      }
      out_ += "\n</div></section>\n";
    }
  }

  const Trace& trace_;
  const Filter& filter_;
  std::map<std::string, std::size_t> sources_;  // name: index
  std::vector<Shown> shown_;
  std::size_t shown_count_ = 0;
  std::string out_;
};

}  // namespace

std::string html(const Trace& trace, const Filter& filter) { return Page(trace, filter).make(); }

}  // namespace fconn::trace
