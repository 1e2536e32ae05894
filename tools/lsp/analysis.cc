#include "tools/lsp/analysis.hh"

#include <algorithm>
#include <tuple>

#include "grammar/parse.hh"
#include "tools/lsp/outer_names.hh"

namespace fconn::lsp {
namespace {

/// Texts that are open before those on disk.
class Resolver : public compile::ModuleResolver {
 public:
  Resolver(Host& host, const OpenTexts& open) : host_(host), open_(open) {}

  std::optional<Module> module(std::string_view from, std::string_view path) override {
    const std::string name = host_.join(from, path);
    if (from.starts_with('<')) return host_.embedded(name);
    auto text = text_of(name, host_, open_);
    if (!text) return std::nullopt;
    return Module{name, std::move(*text)};
  }
  std::optional<Module> connector(std::string_view name) override { return host_.connector(name); }
  std::vector<std::string> connector_names() const override { return host_.connector_names(); }
  std::vector<Module> standard_library() const override { return host_.standard_library(); }

 private:
  Host& host_;
  const OpenTexts& open_;
};

auto place(const compile::NameUse& use) {
  return std::make_tuple(use.where.file.value, use.where.begin, use.where.end,
                         use.declared == use.where, use.declared.file.value, use.declared.begin,
                         use.declared.end, use.kind);
}

void sort_once(std::vector<compile::NameUse>& uses) {
  std::sort(uses.begin(), uses.end(),
            [](const auto& a, const auto& b) { return place(a) < place(b); });
  uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
}

}  // namespace

FileKind kind_of(std::string_view path) {
  if (path.ends_with("fconn.toml")) return FileKind::project;
  if (path.ends_with(".toml")) return FileKind::other;
  return path.ends_with(".test.fconn") ? FileKind::test : FileKind::connector;
}

std::vector<compile::NameUse> Analysis::at(std::uint32_t offset) const {
  std::vector<compile::NameUse> found;
  auto use = std::lower_bound(
      names.uses.begin(), names.uses.end(), root.value,
      [](const compile::NameUse& a, std::uint32_t file) { return a.where.file.value < file; });
  for (; use != names.uses.end() && use->where.file == root && use->where.begin <= offset; ++use) {
    if (offset <= use->where.end && use->where.end > use->where.begin) found.push_back(*use);
  }
  // Two names can meet at one place only where one ends: `a` and `b` of `a|b`.
  const auto inside = [&](const compile::NameUse& one) { return offset < one.where.end; };
  if (std::any_of(found.begin(), found.end(), inside)) {
    std::erase_if(found, [&](const compile::NameUse& one) { return !inside(one); });
  }
  return found;
}

bool Analysis::reads(std::string_view name) const {
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    if (sources.name(FileId{i}) == name) return true;
  }
  return false;
}

std::optional<std::string> text_of(const std::string& path, Host& host, const OpenTexts& open) {
  if (const std::string* text = open.find(path)) return *text;
  if (path.starts_with('<')) {
    auto module = host.embedded(path);
    if (!module) return std::nullopt;
    return std::move(module->text);
  }
  return host.read(path);
}

std::shared_ptr<const Analysis> analyse(const std::string& path, std::string text, Host& host,
                                        const OpenTexts& open, const std::string& wanted) {
  auto result = std::make_shared<Analysis>();
  result->path = path;
  result->kind = kind_of(path);
  result->names.wanted = wanted;
  Resolver resolver(host, open);
  if (result->kind == FileKind::project) {
    analyse_project(*result, text, resolver, host, open);
    sort_once(result->names.uses);
    return result;
  }
  result->root = result->sources.add(path, std::move(text));
  if (result->kind == FileKind::other) return result;
  if (result->kind == FileKind::test) {
    analyse_tests(*result, resolver, host);
  } else {
    compile::Options options;
    options.names = &result->names;
    result->diagnostics =
        compile::compile(result->root, result->sources, resolver, options).diagnostics;
  }
  sort_once(result->names.uses);
  return result;
}

grammar::Ast tree(const Analysis& analysis, FileId file) {
  return grammar::parse(analysis.sources, file).ast;
}

}  // namespace fconn::lsp
