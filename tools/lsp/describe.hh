// What is told of a name: its declaration in one line, and its documentation.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/lsp/analysis.hh"
#include "tools/lsp/outline.hh"

namespace fconn::lsp {

struct Described {
  std::string signature;  // "fn hash(address): string"; empty when nothing is known
  std::string doc;        // Markdown; may be empty
};

/// Of the names of one analysis; trees of its files are read when first needed.
class Describer {
 public:
  explicit Describer(const Analysis& analysis) : analysis_(analysis) {}
  Described describe(std::string_view name, compile::NameKind kind, Span declared);
  /// The declaration whose name stands there; null for locals, which no outline has.
  const Symbol* symbol(Span declared);

 private:
  const std::vector<Symbol>& outline_of(FileId file);
  std::string inferred(Span declared) const;

  const Analysis& analysis_;
  std::map<std::uint32_t, std::vector<Symbol>> outlines_;
};

/// "length(value: string or list): int"
std::string signature(const eval::Intrinsic& function);
/// "a parameter", "a `let`": what a kind is called.
std::string_view noun(compile::NameKind kind);

/// Markdown for a hover at `offset` of the root, and the name or word that it is about.
struct Hover {
  std::string markdown;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
std::optional<Hover> hover(const Analysis& analysis, std::uint32_t offset);

}  // namespace fconn::lsp
