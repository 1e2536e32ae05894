#include "tools/openapi/report.hh"

#include <algorithm>

namespace fconn::openapi {

void Report::guess(grammar::Span where, const std::string& what, const std::string& text) {
  guesses_.push_back({where, what + ": " + text});
}

void Report::say(grammar::Span where, const std::string& what, const std::string& text) {
  rest_.push_back({where, what + ": " + text});
}

std::string Report::lines(const grammar::SourceMap& sources, std::vector<Line> lines) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.where.begin < b.where.begin; });
  std::string out;
  for (const Line& line : lines) {
    out += std::string(sources.name(line.where.file)) + ":" +
           std::to_string(sources.position(line.where.file, line.where.begin).line) + ": " +
           line.text + "\n";
  }
  return out.empty() ? "nothing\n" : out;
}

std::string Report::text(const grammar::SourceMap& sources) const {
  return "# Guesses to confirm\n\n" + lines(sources, guesses_) + "\n# What became of the rest\n\n" +
         lines(sources, rest_);
}

}  // namespace fconn::openapi
