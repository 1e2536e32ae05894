#include "grammar/diagnostics.hh"

#include <algorithm>

namespace fconn::grammar {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
  return result;
}

/// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`. Three rolling rows.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

const std::vector<DiagnosticInfo>& diagnostic_registry() {
  static const std::vector<DiagnosticInfo> registry = {
#define FCONN_DIAGNOSTIC(code, name, severity, summary) \
  {DiagnosticId::name, code, #name, Severity::severity, summary},
#include "grammar/diagnostics.def"
#undef FCONN_DIAGNOSTIC
  };
  return registry;
}

const DiagnosticInfo& info(DiagnosticId id) {
  return diagnostic_registry().at(static_cast<std::size_t>(id));
}

const DiagnosticInfo* find_diagnostic(std::string_view code) {
  const std::string wanted = lower(code);
  const std::vector<DiagnosticInfo>& all = diagnostic_registry();
  const auto found = std::find_if(all.begin(), all.end(), [&](const DiagnosticInfo& candidate) {
    return lower(candidate.code) == wanted;
  });
  return found == all.end() ? nullptr : &*found;
}

Diagnostic diagnostic(DiagnosticId id, Span where, std::string text, std::string help) {
  return Diagnostic{id, info(id).severity, where, std::move(text), std::move(help), {}, {}};
}

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::optional<std::string> did_you_mean(std::string_view word,
                                        const std::vector<std::string>& candidates) {
  // A name nobody would type by hand isn't worth a quadratic comparison.
  constexpr std::size_t longest = 128;
  if (word.empty() || word.size() > longest) return std::nullopt;
  const std::string wanted = lower(word);
  const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  std::optional<std::string> best;
  std::size_t best_distance = limit + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), word.size());
    if (candidate == word || longer - std::min(candidate.size(), word.size()) > limit) continue;
    const std::size_t distance = edit_distance(wanted, lower(candidate));
    // Names that share no letter aren't near, however short they are.
    if (distance < best_distance && distance < longer) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace fconn::grammar
