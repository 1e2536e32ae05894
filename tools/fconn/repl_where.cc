// Where a run is: what waits, what was done, and the connector's text around it.
#include <algorithm>

#include "tools/fconn/repl.hh"

namespace fconn::cli {

using repl::Exchanged;

namespace {

constexpr std::size_t lines_before = 8, lines_after = 12;

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// Of the line in which a place stands, from 1.
std::size_t line_of(const std::string& text, grammar::Span span) {
  const auto end = text.begin() + std::min<std::ptrdiff_t>(span.begin, std::ssize(text));
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

/// "shop.fconn:17"; empty where its text isn't there.
std::string place_text(const ir::Connector& connector, grammar::Span span) {
  if (span.end <= span.begin || span.file.value >= connector.files.size()) return {};
  const ir::SourceFile& file = connector.files[span.file.value];
  return file.name + ":" + std::to_string(line_of(file.text, span));
}

}  // namespace

bool Repl::where() {
  if (!run_) return out("nothing has run yet; `:run` and `:step` begin a run\n"), true;
  std::string text;
  if (waiting() && focus_ != nullptr) {
    const Exchanged& seen = *focus_;
    const std::string of = seen.of_token() ? "a token's request" : seen.collection;
    text += (at_request_ ? "waits before " + seen.name : "waits at the answer of " + seen.name) +
            ", " + of + (seen.step.empty() ? "" : ", let " + seen.step);
    const std::string place =
        seen.declared == nullptr ? "" : place_text(*seen.connector, seen.declared->span);
    text += place.empty() ? "\n" : "  (" + place + ")\n";
    if (!stopped_by_.empty()) text += "  " + stopped_by_ + "\n";
  } else if (!waiting()) {
    text += "no run waits; the last one:\n";
  }
  const std::map<std::string, std::vector<std::string>> rows = run_->rows.rows();
  for (const ir::Collection& one : run_->instance.connector->collections) {
    std::uint64_t requests = 0, kept = 0, dropped = 0;
    for (const auto& seen : run_->recorder->all()) {
      if (seen->collection != one.name || seen->shared) continue;
      if (seen.get() == focus_ && at_request_) continue;  // not sent yet
      ++requests;
      if (!seen->step.empty() || !seen->had(run::Event::accepted)) continue;
      kept += seen->kept - seen->repeated;
      dropped += seen->dropped;
    }
    if (requests == 0) continue;
    text += "  " + one.name + "  " + counted(requests, "request") + ", " + counted(kept, "row") +
            (dropped > 0 ? ", " + std::to_string(dropped) + " dropped" : "") + "\n";
  }
  if (run_->recorder->cut())
    text += "  (the first requests are no longer kept, nor counted here)\n";
  if (!breaks_.empty()) text += "  " + counted(breaks_.size(), "breakpoint") + "\n";
  out(text);
  return true;
}

bool Repl::list(const std::string& name) {
  const ir::Connector* of = &connector();
  grammar::Span place{};
  const auto& all = of->collections;
  const auto named = std::find_if(all.begin(), all.end(),
                                  [&](const ir::Collection& one) { return one.name == name; });
  if (!name.empty() && named != all.end()) {
    place = named->span;
  } else {
    const Exchanged* seen = name.empty() ? focus_ : named_exchange(name);
    if (seen == nullptr && !name.empty()) return false;
    if (seen != nullptr && seen->connector && seen->declared != nullptr) {
      of = seen->connector.get();
      place = seen->declared->span;
    } else if (!all.empty()) {
      place = all.front().span;
    }
  }
  if (place.end <= place.begin || place.file.value >= of->files.size()) {
    return wrong("the connector's text isn't there", "`:ir` shows its compiled form");
  }
  const ir::SourceFile& file = of->files[place.file.value];
  const std::size_t at = line_of(file.text, place);
  const std::size_t first = at > lines_before ? at - lines_before : 1;
  std::string text = file.name + "\n";
  std::size_t begin = 0;
  for (std::size_t line = 1; begin < file.text.size() && line <= at + lines_after; ++line) {
    const std::size_t end = std::min(file.text.find('\n', begin), file.text.size());
    if (line >= first) {
      std::string number = std::to_string(line);
      number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
      text += (line == at ? "→" : " ") + number;
      const std::string shown = repl::masked(file.text.substr(begin, end - begin), show_options());
      if (!shown.empty())
        text += "  " + repl::shortened(shown, std::max<std::size_t>(Terminal::width(), 40) - 9);
      text += "\n";
    }
    begin = end + 1;
  }
  out(text);
  return true;
}

}  // namespace fconn::cli
