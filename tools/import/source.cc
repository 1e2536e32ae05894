#include "tools/import/source.hh"

#include "grammar/format.hh"
#include "grammar/parse.hh"

namespace fconn::importer {
namespace {

constexpr std::size_t one_line = 96;
constexpr std::size_t doc_width = 108;

void print_block(const Block& block, std::string& out) {
  if (block.gap) out += "\n";
  for (const std::string& comment : block.comments) out += comment + "\n";
  out += block.head;
  const std::string behind = block.behind.empty() ? "" : "  # " + block.behind;
  if (block.items.empty()) {
    out += behind + "\n";
    return;
  }
  const Block& first = block.items.front();
  const bool short_one = block.items.size() == 1 && first.items.empty() && first.comments.empty() &&
                         first.behind.empty() && behind.empty() &&
                         first.head.find('\n') == std::string::npos &&
                         block.head.size() + first.head.size() + 5 <= one_line;
  if (short_one) {
    out += " { " + first.head + " }\n";
    return;
  }
  out += " {" + behind + "\n";
  for (const Block& item : block.items) print_block(item, out);
  out += "}\n";
}

}  // namespace

std::string print(const std::vector<Block>& blocks) {
  std::string out;
  for (const Block& block : blocks) print_block(block, out);
  return out;
}

std::string lay_out(const std::string& text, const std::string& name, grammar::SourceMap& sources,
                    grammar::Diagnostics& diagnostics) {
  const grammar::FileId file = sources.add("<import of " + name + ">", text);
  const grammar::Parsed parsed = grammar::parse(sources, file);
  if (!grammar::has_errors(parsed.diagnostics)) return grammar::format(sources, parsed.ast);
  for (const grammar::Diagnostic& one : parsed.diagnostics) diagnostics.push_back(one);
  return "";
}

std::vector<std::string> doc_lines(std::string_view text, std::string_view sign) {
  std::vector<std::string> out;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out.push_back(std::string(sign) + line);
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(" \n\r\t");
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (word.empty()) continue;
    if (!line.empty() && line.size() + word.size() + 1 > doc_width) flush();
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  flush();
  return out;
}

}  // namespace fconn::importer
