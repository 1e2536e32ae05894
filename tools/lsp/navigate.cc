#include "tools/lsp/navigate.hh"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "grammar/words.hh"
#include "tools/lsp/describe.hh"
#include "tools/lsp/tokens.hh"

namespace fconn::lsp {
namespace {

using compile::NameKind;
using compile::NameUse;

FileSpan file_span(const Analysis& analysis, Span span) {
  return {std::string(analysis.sources.name(span.file)), span.begin, span.end};
}

bool declared_somewhere(const NameUse& use) {
  return use.kind != NameKind::intrinsic && use.kind != NameKind::builtin &&
         use.kind != NameKind::type && use.kind != NameKind::format;
}

/// What the name at `offset` means: its declaration, and that which the declaration replaces.
std::set<FileSpan> meanings(const Analysis& analysis, std::uint32_t offset) {
  std::set<FileSpan> result;
  std::vector<Span> spans;
  for (const NameUse& use : analysis.at(offset)) {
    if (declared_somewhere(use)) spans.push_back(use.declared);
  }
  while (!spans.empty()) {
    const Span declared = spans.back();
    spans.pop_back();
    if (!result.insert(file_span(analysis, declared)).second) continue;
    for (const NameUse& use : analysis.names.uses) {
      if (use.where == declared && use.declared != declared) spans.push_back(use.declared);
      if (use.declared == declared && use.where != declared) {
        // One that replaces it is known by standing for itself, too.
        const bool twin = std::any_of(
            analysis.names.uses.begin(), analysis.names.uses.end(), [&](const NameUse& other) {
              return other.where == use.where && other.declared == use.where;
            });
        if (twin) spans.push_back(use.where);
      }
    }
  }
  return result;
}

struct Root {
  std::string path;
  std::shared_ptr<const Analysis> analysis;
};

std::vector<Root> analyse_all(const Workspace& workspace, const OpenTexts& open) {
  std::vector<Root> roots;
  for (const std::string& path : workspace.paths) {
    auto text = text_of(path, workspace.host, open);
    if (text) roots.push_back({path, analyse(path, std::move(*text), workspace.host, open)});
  }
  return roots;
}

/// Places in any of the roots that mean one of `wanted`.
std::set<FileSpan> uses_of(const std::vector<Root>& roots, const std::set<FileSpan>& wanted) {
  std::set<FileSpan> found;
  for (const Root& root : roots) {
    for (const NameUse& use : root.analysis->names.uses) {
      if (!declared_somewhere(use)) continue;
      if (wanted.count(file_span(*root.analysis, use.declared)) == 0) continue;
      found.insert(file_span(*root.analysis, use.where));
    }
  }
  return found;
}

bool is_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), is_word_byte);
}

/// Files as they are after some edits.
class Edited : public OpenTexts {
 public:
  Edited(const std::vector<FileEdit>& edits, const Workspace& workspace) : open_(workspace.open) {
    for (const FileEdit& edit : edits) by_file_[edit.where.path].push_back(&edit);
    for (auto& [path, list] : by_file_) {
      std::sort(list.begin(), list.end(),
                [](const auto* a, const auto* b) { return a->where < b->where; });
      auto text = text_of(path, workspace.host, workspace.open);
      if (!text) continue;
      for (auto edit = list.rbegin(); edit != list.rend(); ++edit) {
        const FileSpan& where = (*edit)->where;
        text->replace(where.begin, where.end - where.begin, (*edit)->text);
      }
      texts_[path] = std::move(*text);
    }
  }

  const std::string* find(const std::string& path) const override {
    const auto found = texts_.find(path);
    return found == texts_.end() ? open_.find(path) : &found->second;
  }
  bool has(const std::string& path) const { return texts_.count(path) > 0; }
  bool changes(const Analysis& analysis) const {
    return std::any_of(texts_.begin(), texts_.end(),
                       [&](const auto& one) { return analysis.reads(one.first); });
  }

  /// Where a piece of a file is after the edits.
  FileSpan moved(FileSpan span) const {
    const auto list = by_file_.find(span.path);
    if (list == by_file_.end()) return span;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    for (const FileEdit* edit : list->second) {
      const auto delta = static_cast<std::int64_t>(edit->text.size()) -
                         static_cast<std::int64_t>(edit->where.end - edit->where.begin);
      if (edit->where.end <= span.begin) begin += delta;
      if (edit->where.end <= span.end && edit->where.begin < span.end) end += delta;
    }
    span.begin = static_cast<std::uint32_t>(span.begin + begin);
    span.end = static_cast<std::uint32_t>(span.end + end);
    return span;
  }

 private:
  const OpenTexts& open_;
  std::map<std::string, std::vector<const FileEdit*>> by_file_;
  std::map<std::string, std::string> texts_;
};

using Meaning = std::tuple<FileSpan, FileSpan, NameKind>;

/// Without those of parts of the standard library that `other` doesn't read: they are looked
/// through for names that are nearly right, as far as none is found before.
std::set<Meaning> all_meanings(const Analysis& analysis, const Analysis& other,
                               const Edited* edited) {
  std::set<Meaning> result;
  for (const NameUse& use : analysis.names.uses) {
    FileSpan where = file_span(analysis, use.where);
    if (where.path.starts_with('<') && !other.reads(where.path)) continue;
    FileSpan declared = file_span(analysis, use.declared);
    if (edited != nullptr) {
      where = edited->moved(std::move(where));
      declared = edited->moved(std::move(declared));
    }
    result.emplace(std::move(where), std::move(declared), use.kind);
  }
  return result;
}

std::string place_of(const Analysis& analysis, Span span) {
  const std::string_view name = analysis.sources.name(span.file);
  const std::size_t slash = name.rfind('/');
  return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1)) + ":" +
         std::to_string(analysis.sources.position(span.file, span.begin).line);
}

/// The first diagnostic of a kind of which there are more than before.
const grammar::Diagnostic* new_mistake(const Analysis& before, const Analysis& after) {
  std::map<grammar::DiagnosticId, int> counts;
  for (const grammar::Diagnostic& one : before.diagnostics) ++counts[one.id];
  for (const grammar::Diagnostic& one : after.diagnostics) {
    if (--counts[one.id] < 0) return &one;
  }
  return nullptr;
}

/// Why the files after the edits aren't what they were; empty when they are.
std::string differs(const Root& root, const Edited& edited, const Workspace& workspace) {
  auto text = text_of(root.path, workspace.host, edited);
  if (!text) return "'" + root.path + "' can't be read";
  const auto after = analyse(root.path, std::move(*text), workspace.host, edited);
  if (const grammar::Diagnostic* found = new_mistake(*root.analysis, *after)) {
    return place_of(*after, found->where) + " would be wrong: " + found->text;
  }
  const Analysis& before = *root.analysis;
  if (all_meanings(before, *after, &edited) == all_meanings(*after, before, nullptr)) return {};
  return "a name that '" + root.path + "' leans on would mean something else";
}

std::string syntax_mistake(const Analysis& analysis) {
  for (const grammar::Diagnostic& one : analysis.diagnostics) {
    if (!grammar::info(one.id).code.starts_with("F01")) continue;
    if (one.severity != grammar::Severity::error) continue;
    return place_of(analysis, one.where) +
           " has a mistake of syntax, so not every use can be found";
  }
  return {};
}

std::string why_fixed(NameKind kind) {
  switch (kind) {
    case NameKind::field:
      return "fields are named by the API: another name would be another field";
    case NameKind::intrinsic:
    case NameKind::builtin:
    case NameKind::type:
    case NameKind::format:
    case NameKind::argument:
      return "this is " + std::string(noun(kind)) + ", which has one name everywhere";
    case NameKind::module:
      return "this is a file; rename it on disk";
    default:
      return {};
  }
}

}  // namespace

std::vector<FileSpan> definition(const Analysis& analysis, std::uint32_t offset) {
  std::vector<FileSpan> result;
  for (const NameUse& use : analysis.at(offset)) {
    if (!declared_somewhere(use)) continue;
    // A declaration that replaces another leads there.
    if (use.declared == use.where && !result.empty()) continue;
    result.push_back(file_span(analysis, use.declared));
  }
  return result;
}

std::vector<FileSpan> references(const Analysis& analysis, std::uint32_t offset,
                                 const Workspace& workspace, bool with_declaration) {
  const std::set<FileSpan> wanted = meanings(analysis, offset);
  if (wanted.empty()) return {};
  std::vector<Root> roots = analyse_all(workspace, workspace.open);
  std::set<FileSpan> found = uses_of(roots, wanted);
  found.insert(wanted.begin(), wanted.end());
  if (!with_declaration) {
    for (const FileSpan& declared : wanted) found.erase(declared);
  }
  return {found.begin(), found.end()};
}

std::vector<FileSpan> occurrences(const Analysis& analysis, std::uint32_t offset) {
  std::set<FileSpan> found;
  const std::vector<NameUse> here = analysis.at(offset);
  for (const NameUse& use : analysis.names.uses) {
    if (use.where.file != analysis.root || use.kind == NameKind::module) continue;
    for (const NameUse& one : here) {
      const bool same = declared_somewhere(one)
                            ? use.declared == one.declared
                            : use.kind == one.kind && analysis.sources.slice(use.where) ==
                                                          analysis.sources.slice(one.where);
      if (same) found.insert(file_span(analysis, use.where));
    }
  }
  return {found.begin(), found.end()};
}

std::optional<FileSpan> renamable(const Analysis& analysis, std::uint32_t offset,
                                  std::string& problem) {
  const std::vector<NameUse> uses = analysis.at(offset);
  if (uses.empty()) {
    problem = "there is no name here";
    return std::nullopt;
  }
  problem = why_fixed(uses.front().kind);
  if (!problem.empty()) return std::nullopt;
  for (const FileSpan& declared : meanings(analysis, offset)) {
    if (!declared.path.starts_with('<')) continue;
    problem = "it is declared in " + declared.path + ", which is part of fconn";
    return std::nullopt;
  }
  return file_span(analysis, uses.front().where);
}

Renamed rename(const Analysis& analysis, std::uint32_t offset, const std::string& name,
               const Workspace& workspace) {
  Renamed result;
  if (!renamable(analysis, offset, result.problem)) return result;
  if (!is_name(name)) {
    result.problem = "'" + name + "' is no name: letters, digits and `_`, and no digit first";
    return result;
  }
  if (grammar::is_reserved(name)) {
    result.problem = "`" + name + "` is a word of the language and can't be a name";
    return result;
  }
  if (!workspace.unseen.empty()) {
    result.problem = "'" + workspace.unseen +
                     "' holds too many files to find every use; open the project's own folder";
    return result;
  }
  const std::vector<Root> roots = analyse_all(workspace, workspace.open);
  std::set<FileSpan> places = uses_of(roots, meanings(analysis, offset));
  for (const FileSpan& declared : meanings(analysis, offset)) places.insert(declared);
  std::vector<FileEdit> edits;
  edits.reserve(places.size());
  for (const FileSpan& place : places) edits.push_back({place, name});
  const Edited edited(edits, workspace);
  for (const Root& root : roots) {
    if (!edited.changes(*root.analysis) && !edited.has(root.path)) continue;
    result.problem = syntax_mistake(*root.analysis);
    if (result.problem.empty()) result.problem = differs(root, edited, workspace);
    if (!result.problem.empty()) return result;
  }
  result.edits = std::move(edits);
  return result;
}

}  // namespace fconn::lsp
