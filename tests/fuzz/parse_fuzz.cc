// Any bytes are a text: parsing ends, without a crash, and every place it names lies in the text.
// Built with libFuzzer (clang) for fuzzing; a plain main runs the corpus in normal builds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "grammar/format.hh"
#include "grammar/parse.hh"

namespace {

using fconn::grammar::Diagnostics;

void check_places(const Diagnostics& diagnostics, std::size_t size, std::size_t limit) {
  if (diagnostics.size() > limit + 1) std::abort();
  for (const fconn::grammar::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.where.begin > diagnostic.where.end || diagnostic.where.end > size) std::abort();
    if (diagnostic.text.empty()) std::abort();
    for (const fconn::grammar::Note& note : diagnostic.notes) {
      if (note.where.begin > note.where.end || note.where.end > size) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fconn::grammar::SourceMap sources;
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(data[i]);
  const fconn::grammar::FileId file = sources.add("fuzz", text);
  const fconn::grammar::ParseLimits limits;

  const fconn::grammar::Parsed parsed = fconn::grammar::parse(sources, file, limits);
  // Warnings about comments and raw strings may come on top of the bound on mistakes.
  check_places(parsed.diagnostics, size, limits.max_diagnostics + parsed.ast.comments.size());
  if (fconn::grammar::dump(parsed.ast).size() > size * 4096 + 4096) std::abort();
  std::uint32_t last = 0;
  for (const fconn::grammar::Comment& comment : parsed.ast.comments) {
    if (comment.span.begin < last || comment.span.end > size) std::abort();
    last = comment.span.end;
  }
  const fconn::grammar::ParsedExpr expr = fconn::grammar::parse_expression(sources, file, limits);
  check_places(expr.diagnostics, size, limits.max_diagnostics);
  return 0;
}
