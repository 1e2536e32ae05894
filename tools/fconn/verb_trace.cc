// fconn trace show FILE, fconn trace html FILE -o PAGE
#include <algorithm>

#include "tools/config/config.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/trace/trace.hh"

namespace fconn::cli {
namespace {

class TraceVerb : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("ACTION", words_, "show FILE, or html FILE.", Complete::file, true);
    options
        .value("out", "PAGE", out_, "With html: the page, mode 0600; the default is FILE.html.",
               Complete::file)
        .short_name = 'o';
    options.group("What is shown");
    options.list("collection", "NAME", collections_, "Only requests of these collections.");
    options.list("status", "STATUS", statuses_,
                 "Only requests answered so: 404, 4xx, or failed (4xx, 5xx and no answer).");
    options.value("slow", "DURATION", slow_,
                  "Only requests that took at least so long: 500ms, 2s.");
    options.list("request", "ID", requests_,
                 "Only these requests (r17), with what their clauses and rows came to.");
    options.flag("clauses", clauses_,
                 "With show: what the clauses and rows of every request came to.");
  }

  int run(Terminal& terminal, const Common& /*common*/) override {
    const bool html = words_[0] == "html";
    if ((words_[0] != "show" && !html) || words_.size() != 2) {
      terminal.report({"say `show FILE` or `html FILE`", "", ""});
      return exit_code::usage;
    }
    trace::Filter filter;
    if (!read_filter(terminal, html, filter)) return exit_code::usage;
    const std::string& path = words_[1];
    auto text = read_file(path);
    auto read = text ? trace::read(*text) : value::Result<trace::Trace>(value::fail(text.error()));
    if (!read) {
      terminal.report({(text ? path + ": " : "") + read.error().text,
                       "a run writes one with --trace FILE", ""});
      return exit_code::usage;
    }
    for (const std::string& name : collections_) {
      if (!knows(*read, name)) {
        terminal.report({"the trace has no collection '" + name + "'", near(*read, name), ""});
        return exit_code::usage;
      }
    }
    for (const std::string& id : requests_) {
      const auto same = [&](const trace::Request& one) { return one.id == id; };
      if (std::any_of(read->requests.begin(), read->requests.end(), same)) continue;
      terminal.report({"the trace has no request '" + id + "'", "`trace show` lists them", ""});
      return exit_code::usage;
    }
    if (!html) {
      const bool clauses = clauses_ || !requests_.empty();
      terminal.print(trace::text(*read, filter, Terminal::width(), clauses));
      return exit_code::complete;
    }
    // Whose data a run is about stands in its URLs and bodies.
    auto written = write_file(out_.value_or(path == "-" ? path : path + ".html"),
                              trace::html(*read, filter), Mode::personal);
    if (!written) terminal.report({written.error().text, "", ""});
    return written ? exit_code::complete : exit_code::findings;
  }

 private:
  bool read_filter(Terminal& terminal, bool html, trace::Filter& filter) const {
    Problems problems;
    filter.collections = collections_;
    for (const std::string& status : statuses_) {
      if (trace::is_status_filter(status)) continue;
      problems.push_back({"--status can't be '" + status + "'", "404, 4xx or failed", ""});
    }
    filter.statuses = statuses_;
    filter.requests = requests_;
    if (slow_) {
      const auto duration = config::parse_duration(*slow_);
      if (duration) {
        filter.slower_than_ms = *duration;
      } else {
        problems.push_back({"--slow can't be '" + *slow_ + "'", "a duration such as 500ms", ""});
      }
    }
    if (out_ && !html) problems.push_back({"--out goes with html", "", ""});
    terminal.report(problems);
    return problems.empty();
  }

  static bool knows(const trace::Trace& read, const std::string& name) {
    trace::Filter one;
    one.collections = {name};
    for (const trace::Lane& lane : read.lanes) {
      if (one.takes(lane)) return true;
    }
    return false;
  }

  static std::string near(const trace::Trace& read, const std::string& name) {
    std::vector<std::string> names;
    for (const trace::Lane& lane : read.lanes) {
      names.push_back(name.find(':') == std::string::npos ? lane.collection : lane.name());
    }
    const auto found = grammar::did_you_mean(name, names);
    return found ? "did you mean '" + *found + "'?" : "";
  }

  std::vector<std::string> words_, collections_, statuses_, requests_;
  bool clauses_ = false;
  std::optional<std::string> out_, slow_;
};

}  // namespace

std::unique_ptr<Verb> make_trace() { return std::make_unique<TraceVerb>(); }

}  // namespace fconn::cli
