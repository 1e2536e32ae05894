// What a person has to confirm, and what became of each path: the file of --report.
#pragma once

#include <string>
#include <vector>

#include "grammar/diagnostics.hh"

namespace fconn::openapi {

class Report {
 public:
  /// Something that the document doesn't say.
  void guess(grammar::Span where, const std::string& what, const std::string& text);
  /// What became of a part of the document.
  void say(grammar::Span where, const std::string& what, const std::string& text);
  std::string text(const grammar::SourceMap& sources) const;

 private:
  struct Line {
    grammar::Span where;
    std::string text;
  };
  static std::string lines(const grammar::SourceMap& sources, std::vector<Line> lines);
  std::vector<Line> guesses_, rest_;
};

}  // namespace fconn::openapi
