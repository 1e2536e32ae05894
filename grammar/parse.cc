// Runs the rules over a text. PEGTL's exceptions and templates stay in here.
#include "grammar/parse.hh"

#include <algorithm>

#include "grammar/actions.hh"
#include "grammar/parse_internal.hh"
#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

/// False when the text can't be parsed at all; says why.
bool readable(std::string_view text, FileId file, const ParseLimits& limits,
              Diagnostics& diagnostics) {
  if (text.size() > limits.max_bytes) {
    diagnostics.push_back(diagnostic(DiagnosticId::too_large, Span{file, 0, 0},
                                     "the file has " + std::to_string(text.size()) +
                                         " bytes, more than the limit of " +
                                         std::to_string(limits.max_bytes),
                                     "Split it into several files."));
    return false;
  }
  if (const auto bad = invalid_utf8(text)) {
    diagnostics.push_back(diagnostic(DiagnosticId::invalid_utf8, Span{file, *bad, *bad + 1},
                                     "the bytes here aren't UTF-8", "Save the file as UTF-8."));
    return false;
  }
  return true;
}

template <class Rule>
void run(std::string_view text, Builder& builder) {
  // Lazy tracking: a place is a difference of pointers, lines are computed when rendered.
  tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> input(text.data(),
                                                                  text.data() + text.size(), "");
  try {
    (void)tao::pegtl::parse<Rule, action, control>(input, builder);
  } catch (const TooMany&) {
    // Reported by the builder; what was built so far stands.
  }
}

void sort_by_place(Diagnostics& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     if ((a.id == DiagnosticId::too_many) != (b.id == DiagnosticId::too_many)) {
                       return b.id == DiagnosticId::too_many;
                     }
                     return a.where.begin < b.where.begin;
                   });
}

}  // namespace

Parsed parse(const SourceMap& sources, FileId file, const ParseLimits& limits) {
  Parsed parsed;
  parsed.ast.file = file;
  const std::string_view text = sources.text(file);
  if (!readable(text, file, limits, parsed.diagnostics)) return parsed;
  Builder builder(text, file, limits, parsed.diagnostics);
  run<rule::file>(text, builder);
  builder.finish(parsed.ast);
  attach_docs(text, parsed);
  sort_by_place(parsed.diagnostics);
  return parsed;
}

ParsedExpr parse_expression(const SourceMap& sources, FileId file, const ParseLimits& limits) {
  ParsedExpr parsed;
  const std::string_view text = sources.text(file);
  parsed.expr.span = Span{file, 0, static_cast<std::uint32_t>(text.size())};
  if (!readable(text, file, limits, parsed.diagnostics)) return parsed;
  Builder builder(text, file, limits, parsed.diagnostics);
  run<rule::guarded_expression>(text, builder);
  parsed.expr = builder.finish_expr();
  sort_by_place(parsed.diagnostics);
  return parsed;
}

}  // namespace fconn::grammar
