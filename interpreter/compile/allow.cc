#include "interpreter/compile/allow.hh"

#include <algorithm>

namespace fconn::compile {
namespace {

using grammar::Clause;
using grammar::Decl;

/// Warnings can be allowed, and errors after which the connector still means something.
bool can_be_allowed(const grammar::DiagnosticInfo& info) {
  switch (info.id) {
    case DiagnosticId::unneeded_allow:
      return false;
    case DiagnosticId::shadowed_name:
    case DiagnosticId::key_in_list:
    case DiagnosticId::secret_in_path:
    case DiagnosticId::secret_in_rows:
    case DiagnosticId::undeclared_host:
    case DiagnosticId::plain_http:
    case DiagnosticId::auth_order:
    case DiagnosticId::update_without_key:
    case DiagnosticId::masked_without_category:
    case DiagnosticId::bad_category:
    case DiagnosticId::missing_action:
    case DiagnosticId::missing_next:
      return true;
    default:
      return info.severity == grammar::Severity::warning;
  }
}

struct Allow {
  DiagnosticId id{};
  Span where;  // the code in the comment
  Span range;  // what it covers
  bool used = false;
};

/// Begins and ends of everything that a comment may stand before.
class Targets {
 public:
  explicit Targets(const grammar::Ast& ast) {
    for (const Decl& item : ast.items) add(item);
    std::sort(spans_.begin(), spans_.end(), [](Span a, Span b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
  }

  std::optional<Span> after(std::uint32_t offset) const {
    const auto found = std::lower_bound(spans_.begin(), spans_.end(), offset,
                                        [](Span s, std::uint32_t o) { return s.begin < o; });
    if (found == spans_.end()) return std::nullopt;
    return *found;
  }

 private:
  void add(const Decl& decl) {
    spans_.push_back(decl.span);
    std::visit(
        [&](const auto& node) {
          if constexpr (requires { node.items; }) {
            for (const Decl& item : node.items) add(item);
          }
          if constexpr (requires { node.clauses; }) {
            for (const Clause& clause : node.clauses) add(clause);
          }
          if constexpr (requires { node.chain; }) {
            for (const Clause& step : node.chain.steps) add(step);
            for (const grammar::Request& request : node.chain.request) add(request);
          }
          if constexpr (requires { node.fields; }) add(node.fields);
        },
        decl.node);
  }
  void add(const Clause& clause) {
    spans_.push_back(clause.span);
    std::visit(
        [&](const auto& node) {
          if constexpr (requires { node.request; }) {
            for (const grammar::Request& request : node.request) add(request);
          }
        },
        clause.node);
  }
  void add(const grammar::Request& request) {
    spans_.push_back(request.span);
    for (const Clause& clause : request.clauses) add(clause);
  }
  void add(const std::vector<grammar::Field>& fields) {
    for (const grammar::Field& field : fields) {
      spans_.push_back(field.span);
      const grammar::TypeExpr* type = &field.type;
      while (type->kind == grammar::TypeKind::list) type = &type->element.front();
      add(type->fields);
    }
  }

  std::vector<Span> spans_;
};

bool is_code_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class AllowReader {
 public:
  AllowReader(Unit& unit, const Module& module) : unit_(unit), module_(module) {}

  void read(std::vector<Allow>& allows) {
    for (const grammar::Comment& comment : module_.ast.comments) {
      constexpr std::string_view word = "allow ";
      std::string_view text = comment.text;
      if (comment.doc || text.empty()) continue;
      std::size_t at = text.find_first_not_of(' ', 1);
      if (at == std::string_view::npos || !text.substr(at).starts_with(word)) continue;
      codes(comment, at + word.size(), allows);
    }
  }

 private:
  void codes(const grammar::Comment& comment, std::size_t at, std::vector<Allow>& allows) {
    const std::string_view text = comment.text;
    while (at < text.size()) {
      while (at < text.size() && (text[at] == ' ' || text[at] == ',')) ++at;
      const std::size_t begin = at;
      while (at < text.size() && is_code_letter(text[at])) ++at;
      if (at == begin) return;
      Span where = comment.span;
      where.begin = comment.span.begin + static_cast<std::uint32_t>(begin);
      where.end = comment.span.begin + static_cast<std::uint32_t>(at);
      // Prose such as "# allow two retries" isn't meant.
      const std::string_view code = text.substr(begin, at - begin);
      if (code.size() < 2 || (code[0] != 'F' && code[0] != 'f') || code[1] < '0' || code[1] > '9') {
        return;
      }
      add(comment, code, where, allows);
      if (at < text.size() && text[at] == ':') return;
    }
  }

  void add(const grammar::Comment& comment, std::string_view code, Span where,
           std::vector<Allow>& allows) {
    const grammar::DiagnosticInfo* info = grammar::find_diagnostic(code);
    if (info == nullptr) {
      std::vector<std::string> known;
      for (const grammar::DiagnosticInfo& each : grammar::diagnostic_registry()) {
        known.emplace_back(each.code);
      }
      unit_.report(DiagnosticId::unknown_allow, where, "there is no code " + quoted(code),
                   suggestion(code, known));
      return;
    }
    if (!can_be_allowed(*info)) {
      unit_.report(DiagnosticId::unknown_allow, where, quoted(info->code) + " can't be allowed",
                   "repair what it complains of");
      return;
    }
    Allow allow;
    allow.id = info->id;
    allow.where = where;
    allow.range = range(comment);
    allows.push_back(allow);
  }

  Span range(const grammar::Comment& comment) {
    if (!comment.own_line) {
      const std::string_view text = unit_.sources.text(module_.file);
      Span line = comment.span;
      while (line.begin > 0 && text[line.begin - 1] != '\n') --line.begin;
      return line;
    }
    if (!targets_) targets_.emplace(module_.ast);
    return targets_->after(comment.span.end).value_or(comment.span);
  }

  Unit& unit_;
  const Module& module_;
  std::optional<Targets> targets_;
};

}  // namespace

void apply_allows(Unit& unit, bool complete) {
  std::vector<Allow> allows;
  for (const Module& module : unit.modules) {
    if (!module.library) AllowReader(unit, module).read(allows);
  }
  if (allows.empty()) return;
  std::erase_if(unit.diagnostics, [&](const grammar::Diagnostic& diagnostic) {
    bool allowed = false;
    for (Allow& allow : allows) {
      const bool inside = allow.range.file == diagnostic.where.file &&
                          allow.range.begin <= diagnostic.where.begin &&
                          diagnostic.where.begin < allow.range.end;
      if (allow.id != diagnostic.id || !inside) continue;
      allow.used = true;
      allowed = true;
    }
    return allowed;
  });
  if (!complete) return;
  for (const Allow& allow : allows) {
    if (allow.used) continue;
    unit.report(DiagnosticId::unneeded_allow, allow.where, "nothing here needs to be allowed",
                "remove the comment");
  }
}

}  // namespace fconn::compile
