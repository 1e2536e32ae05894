// What an fconn file is made of, as text: declarations and clauses, each a head with a block below.
// The importer builds this; the formatter lays it out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/diagnostics.hh"

namespace fconn::importer {

struct Block {
  std::string head;
  std::vector<Block> items;
  std::vector<std::string> comments;  // lines above, with their `#` or `##`
  std::string behind;                 // a comment behind the head, without its sign
  bool gap = false;                   // an empty line above

  Block() = default;
  explicit Block(std::string text) : head(std::move(text)) {}
  Block& add(std::string text) { return items.emplace_back(std::move(text)); }
};

/// As text that the parser takes; indentation and columns are the formatter's.
std::string print(const std::vector<Block>& blocks);
/// The printed text in the one layout. That it doesn't parse would be our own mistake: then it is
/// empty, and why is in `diagnostics`.
std::string lay_out(const std::string& text, const std::string& name, grammar::SourceMap& sources,
                    grammar::Diagnostics& diagnostics);
/// `##` lines of a documentation text.
std::vector<std::string> doc_lines(std::string_view text, std::string_view sign = "## ");

}  // namespace fconn::importer
