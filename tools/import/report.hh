// What became of each key of the imported documents: nothing is dropped in silence.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "grammar/diagnostics.hh"

namespace fconn::importer {

using grammar::Span;

class Report {
 public:
  /// A key and its value were read; `path` as in `endpoints.member.requests.read.path`.
  void read(Span value, std::string path);
  /// What became of the value at this place, where that isn't "the same thing in fconn". Several
  /// sentences join.
  void say(Span value, const std::string& outcome);
  /// A deviation from the reference: said under the value's key and again at the report's head.
  void differ(Span value, const std::string& outcome);
  /// What is below a path, as in `endpoints.member.`, and wasn't said otherwise, is left out.
  void leave_out(const std::string& below);
  /// The report's text: differences first, then every key with its line.
  std::string text(const grammar::SourceMap& sources) const;
  const std::vector<std::string>& outcomes(Span value) const;

 private:
  struct Place {
    std::uint32_t file = 0, offset = 0;
    auto operator<=>(const Place&) const = default;
  };
  struct Line {
    std::string path;
    std::vector<std::string> outcomes;
    bool differs = false;
  };
  static Place place(Span span) { return {span.file.value, span.begin}; }

  std::map<Place, Line> lines_;
};

}  // namespace fconn::importer
