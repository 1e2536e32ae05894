// Diagnostics: what is wrong with a .fconn file or fconn.toml. The author's mistakes travel as
// these values from every stage; they are never thrown and never printed by the stage that finds
// them (render.hh does that). Codes by stage: F01xx syntax, F02xx names, F03xx types, F04xx graph,
// F05xx modules and overlays, F06xx requests and safety, F07xx privacy, F08xx project file,
// F09xx run time, F10xx import, F11xx export. No number is reused. Registry: diagnostics.def.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/source.hh"

namespace fconn::grammar {

enum class Severity : std::uint8_t { error, warning };

/// One enumerator per registered diagnostic, named as in diagnostics.def.
enum class DiagnosticId : std::uint16_t {
#define FCONN_DIAGNOSTIC(code, name, severity, summary) name,
#include "grammar/diagnostics.def"
#undef FCONN_DIAGNOSTIC
};

struct DiagnosticInfo {
  DiagnosticId id;
  std::string_view code;     // "F0203"
  std::string_view name;     // "unknown_name"
  Severity severity;         // what it is unless --strict or an allow changes it
  std::string_view summary;  // one sentence, also the heading of its explain page
};

/// All registered diagnostics in the order of diagnostics.def.
const std::vector<DiagnosticInfo>& diagnostic_registry();
const DiagnosticInfo& info(DiagnosticId id);
/// Finds by "F0203" or "f0203"; null when there is none.
const DiagnosticInfo* find_diagnostic(std::string_view code);

/// A second place that explains the first ("declared here").
struct Note {
  Span where;
  std::string text;
};

/// Replaces the text under `where`.
struct Edit {
  Span where;
  std::string text;
};

struct Diagnostic {
  DiagnosticId id{};
  Severity severity = Severity::error;
  Span where;
  std::string text;  // the cause, one sentence without a final full stop
  std::string help;  // what to do, one sentence; may be empty
  std::vector<Note> notes;
  std::vector<Edit> fix;  // applying all of them repairs it; empty when no sure fix is known
};

using Diagnostics = std::vector<Diagnostic>;

/// Makes a diagnostic with its registered severity.
Diagnostic diagnostic(DiagnosticId id, Span where, std::string text, std::string help = {});

bool has_errors(const Diagnostics& diagnostics);

/// Nearest of `candidates` to `word` (Damerau-Levenshtein, case-insensitive, at most a third of
/// the word's length and at least one edit); null when none is near. Ties go to the first.
std::optional<std::string> did_you_mean(std::string_view word,
                                        const std::vector<std::string>& candidates);

}  // namespace fconn::grammar
