// What may stand at a place, and the arguments of the call that it stands in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/lsp/analysis.hh"

namespace fconn::lsp {

struct Completion {
  std::string label;
  int kind = 0;  // CompletionItemKind
  std::string detail;
  std::string doc;     // Markdown
  std::string insert;  // when it isn't the label
};
struct Completions {
  std::uint32_t begin = 0;  // what is replaced
  std::uint32_t end = 0;
  std::vector<Completion> items;  // by name, words of the language first
};
Completions complete(const std::string& path, const std::string& text, std::uint32_t offset,
                     Host& host, const OpenTexts& open);

struct CallHelp {
  std::string label;
  std::string doc;
  std::vector<std::string> parameters;  // parts of the label
  std::size_t active = 0;
};
/// The innermost call around `offset`; none when there is none or its function isn't known.
std::optional<CallHelp> call_help(const Analysis& analysis, std::uint32_t offset, Host& host);

}  // namespace fconn::lsp
