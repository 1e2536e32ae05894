#include "tools/lsp/outer_names.hh"

#include <algorithm>

#include "grammar/parse.hh"
#include "grammar/render.hh"
#include "tools/lsp/tokens.hh"

namespace fconn::lsp {
namespace {

using compile::NameKind;

/// The text of a constant string; nothing when it has holes.
std::string_view plain_text(const std::vector<grammar::Expr>& value) {
  if (value.empty()) return {};
  const auto* string = std::get_if<grammar::StringExpr>(&value.front().node);
  if (string == nullptr || string->parts.size() != 1 || !string->parts.front().hole.empty()) {
    return {};
  }
  return string->parts.front().text;
}

/// Names of one file at a time that mean declarations of one connector at a time.
class ConnectorNames {
 public:
  ConnectorNames(Analysis& analysis, compile::ModuleResolver& resolver)
      : analysis_(analysis), resolver_(resolver) {}

  /// From now on names are those of this connector, a path or a bundled one's name. `where` is
  /// where it is said. Each is compiled once.
  void load(std::string_view written, Span where) {
    connector_.clear();
    if (written.empty()) return;
    const bool is_path = written.find('/') != std::string_view::npos || written.ends_with(".fconn");
    auto module =
        is_path ? resolver_.module(analysis_.path, written) : resolver_.connector(written);
    if (!module) return;
    connector_ = module->name;
    FileId file = file_named(connector_);
    if (file == analysis_.root) {
      file = analysis_.sources.add(module->name, std::move(module->text));
      compile::Options options;
      options.names = &analysis_.names;
      (void)compile::compile(file, analysis_.sources, resolver_, options);
    }
    analysis_.names.uses.push_back({where, Span{file, 0, 0}, NameKind::module});
  }
  void forget() { connector_.clear(); }

  void use(Span where, std::string_view name, NameKind kind) {
    if (connector_.empty()) return;
    if (name == analysis_.names.wanted) return offer(kind);
    // The connector's own declaration before that of a base.
    const FileId file = file_named(connector_);
    std::optional<compile::NameUse> found;
    for (const compile::NameUse& use : analysis_.names.uses) {
      if (use.kind != kind || use.where != use.declared) continue;
      if (analysis_.sources.slice(use.declared) != name) continue;
      if (!found || use.declared.file == file) found = {where, use.declared, kind};
    }
    if (found) analysis_.names.uses.push_back(*found);
  }

 private:
  /// The root when it isn't there.
  FileId file_named(std::string_view name) const {
    for (std::uint32_t i = 0; i < analysis_.sources.size(); ++i) {
      if (analysis_.sources.name(FileId{i}) == name) return FileId{i};
    }
    return analysis_.root;
  }

  void offer(NameKind kind) {
    for (const compile::NameUse& use : analysis_.names.uses) {
      if (use.kind != kind || use.where != use.declared) continue;
      analysis_.names.offers.push_back(
          {std::string(analysis_.sources.slice(use.declared)), kind, use.declared});
    }
  }

  Analysis& analysis_;
  compile::ModuleResolver& resolver_;
  std::string connector_;  // the name of its file; empty when there is none
};

void values(ConnectorNames& names, const grammar::TestValuesDecl& decl) {
  if (decl.value.empty()) return;
  const auto* object = std::get_if<grammar::ObjectExpr>(&decl.value.front().node);
  if (object == nullptr) return;
  const std::string& word = decl.word.text;
  const bool known =
      word == "params" || word == "secrets" || word == "identity" || word == "external";
  if (!known) return;
  const NameKind kind = word == "params"     ? NameKind::param
                        : word == "secrets"  ? NameKind::secret
                        : word == "identity" ? NameKind::identity
                                             : NameKind::external;
  for (const grammar::ObjectEntry& entry : object->entries) {
    if (entry.kind != grammar::EntryKind::named || entry.name.quoted) continue;
    names.use(entry.name.span, entry.name.text, kind);
  }
}

/// The collection within a text of a policy: "shop.order where …" behind `.`, "shop:order.note"
/// behind `:`.
void policy_text(ConnectorNames& names, const grammar::SourceMap& sources, Span text, char before) {
  const std::string_view written = sources.slice(text);
  const std::size_t mark = written.find(before);
  const std::size_t space = written.find(' ');
  if (mark == std::string_view::npos || space < mark) return;
  std::size_t end = mark + 1;
  while (end < written.size() && is_word_byte(written[end])) ++end;
  const auto begin = static_cast<std::uint32_t>(text.begin + mark + 1);
  names.use({text.file, begin, static_cast<std::uint32_t>(text.begin + end)},
            written.substr(mark + 1, end - mark - 1), NameKind::collection);
}

void policy(ConnectorNames& names, const grammar::SourceMap& sources,
            const grammar::TestValuesDecl& decl) {
  const auto* object =
      decl.value.empty() ? nullptr : std::get_if<grammar::ObjectExpr>(&decl.value.front().node);
  if (object == nullptr) return;
  for (const grammar::ObjectEntry& entry : object->entries) {
    const std::string& name = entry.name.text;
    if (entry.kind != grammar::EntryKind::named || entry.value.empty()) continue;
    const grammar::Expr& value = entry.value.front();
    if (name == "hold" || name == "prefer_delete") {
      const auto* list = std::get_if<grammar::ListExpr>(&value.node);
      if (list == nullptr) policy_text(names, sources, value.span, '.');
      for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
        policy_text(names, sources, list->items[i].value.front().span, '.');
      }
    }
    const auto* masks = std::get_if<grammar::ObjectExpr>(&value.node);
    for (std::size_t i = 0; masks != nullptr && i < masks->entries.size(); ++i) {
      policy_text(names, sources, masks->entries[i].name.span, ':');
    }
  }
}

void read_test(ConnectorNames& names, const grammar::SourceMap& sources,
               const grammar::TestDecl& test) {
  names.forget();
  for (const grammar::Decl& item : test.items) {
    const auto* text = std::get_if<grammar::TestTextDecl>(&item.node);
    if (text == nullptr || text->word.text != "connector" || text->value.empty()) continue;
    names.load(plain_text(text->value), text->value.front().span);
  }
  const auto collection = [&](const grammar::Name& name) {
    names.use(name.span, name.text, NameKind::collection);
  };
  for (const grammar::Decl& item : test.items) {
    std::visit(grammar::Overloaded{
                   [&](const grammar::TestValuesDecl& d) {
                     d.word.text == "policy" ? policy(names, sources, d) : values(names, d);
                   },
                   [&](const grammar::TestExpectActionDecl& d) { collection(d.collection); },
                   [&](const grammar::TestExpectRowsDecl& d) { collection(d.collection); },
                   [&](const grammar::TestExpectOutcomeDecl& d) { collection(d.collection); },
                   [](const auto&) {},
               },
               item.node);
  }
}

}  // namespace

void analyse_tests(Analysis& analysis, compile::ModuleResolver& resolver, Host& host) {
  grammar::Parsed parsed = grammar::parse(analysis.sources, analysis.root);
  analysis.diagnostics = std::move(parsed.diagnostics);
  if (!grammar::has_errors(analysis.diagnostics)) {
    for (grammar::Diagnostic& one : host.check_tests(analysis.sources, parsed.ast)) {
      analysis.diagnostics.push_back(std::move(one));
    }
  }
  grammar::sort(analysis.diagnostics);
  ConnectorNames names(analysis, resolver);
  for (const grammar::Decl& item : parsed.ast.items) {
    if (const auto* test = std::get_if<grammar::TestDecl>(&item.node))
      read_test(names, analysis.sources, *test);
  }
}

void analyse_project(Analysis& analysis, const std::string& text, compile::ModuleResolver& resolver,
                     Host& host, const OpenTexts& open) {
  ProjectFacts facts = host.check_project(analysis.path, text, analysis.sources, open);
  analysis.diagnostics = std::move(facts.diagnostics);
  grammar::sort(analysis.diagnostics);
  ConnectorNames names(analysis, resolver);
  for (const ProjectInstance& instance : facts.instances) {
    names.load(instance.connector, instance.connector_where);
    for (const ProjectName& name : instance.names) names.use(name.where, name.name, name.kind);
  }
}

}  // namespace fconn::lsp
