#include "tools/import/report.hh"

#include <algorithm>

namespace fconn::importer {

void Report::read(Span value, std::string path) { lines_[place(value)].path = std::move(path); }

void Report::say(Span value, const std::string& outcome) {
  std::vector<std::string>& outcomes = lines_[place(value)].outcomes;
  if (std::find(outcomes.begin(), outcomes.end(), outcome) == outcomes.end()) {
    outcomes.push_back(outcome);
  }
}

void Report::differ(Span value, const std::string& outcome) {
  say(value, outcome);
  lines_[place(value)].differs = true;
}

void Report::leave_out(const std::string& below) {
  for (auto& [at, line] : lines_) {
    if (line.path.starts_with(below) && line.outcomes.empty())
      line.outcomes.emplace_back("left out with the rest of it");
  }
}

const std::vector<std::string>& Report::outcomes(Span value) const {
  static const std::vector<std::string> none;
  const auto found = lines_.find(place(value));
  return found == lines_.end() ? none : found->second.outcomes;
}

std::string Report::text(const grammar::SourceMap& sources) const {
  const auto line_text = [&](const Place& at, const Line& line) {
    const grammar::FileId file{at.file};
    std::string out = std::string(sources.name(file)) + ":" +
                      std::to_string(sources.position(file, at.offset).line) + ": " +
                      (line.path.empty() ? "" : line.path + ": ");
    for (std::size_t i = 0; i < line.outcomes.size(); ++i) {
      out += (i == 0 ? "" : "; ") + line.outcomes[i];
    }
    if (line.outcomes.empty()) out += "carried over";
    return out + "\n";
  };
  std::string out = "# Where the connector differs from the reference\n\n";
  bool any = false;
  for (const auto& [at, line] : lines_) {
    if (!line.differs) continue;
    out += line_text(at, line);
    any = true;
  }
  if (!any) out += "nowhere\n";
  out += "\n# Every key\n\n";
  for (const auto& [at, line] : lines_) out += line_text(at, line);
  return out;
}

}  // namespace fconn::importer
