#include <algorithm>

#include "tools/config/check.hh"
#include "tools/config/config.hh"
#include "tools/config/hide.hh"

namespace fconn::config {
namespace {

using grammar::DiagnosticId;

std::string text_of(const Node& table, std::string_view key) {
  const Node* node = table.find(key);
  return node != nullptr && node->is(NodeKind::text) ? node->text : std::string();
}

std::vector<std::string> texts(const Node& table, std::string_view key) {
  std::vector<std::string> out;
  const Node* node = table.find(key);
  if (node == nullptr) return out;
  for (const Node& element : node->elements) {
    if (element.is(NodeKind::text)) out.push_back(element.text);
  }
  return out;
}

/// The members of a table below `table`; none when it isn't there or no table.
const std::vector<Member>& members(const Node& table, std::string_view key) {
  static const std::vector<Member> none;
  const Node* node = table.find(key);
  return node == nullptr ? none : node->members;
}

class Reader {
 public:
  explicit Reader(Project& project) : project_(project) {}

  void root(const Node& table) {
    for (const Member& one : members(table, "instances")) instance(one);
    std::sort(project_.instances.begin(), project_.instances.end(),
              [](const Instance& a, const Instance& b) { return a.key < b.key; });
    for (const Member& one : members(table, "policies")) policy(one);
    if (const Node* run = table.find("run")) limits(*run);
    if (const Node* store = table.find("store")) {
      if (store->find("path") != nullptr) project_.store.path = text_of(*store, "path");
      if (const Node* key = store->find("key")) project_.store.key = secret(*key);
    }
  }

 private:
  void instance(const Member& member) {
    const Node& table = member.value;
    Instance out;
    out.key = member.key;
    out.where = member.where;
    out.connector = text_of(table, "connector");
    if (const Node* node = table.find("connector")) out.connector_where = node->where;
    out.version = text_of(table, "version");
    if (const Node* node = table.find("version")) out.version_where = node->where;
    for (const Member& param : members(table, "params")) {
      out.params[param.key] = {to_json(param.value), param.where, param.value.where};
    }
    for (const Member& one : members(table, "secrets")) {
      if (!one.value.is(NodeKind::table)) continue;
      SecretSource source = secret(one.value);
      source.where = one.where;
      out.secrets[one.key] = std::move(source);
    }
    for (const Member& one : members(table, "external")) {
      ExternalSource source = external(one.value);
      source.where = one.where;
      out.externals[one.key] = std::move(source);
    }
    project_.instances.push_back(std::move(out));
  }

  static SecretSource secret(const Node& table) {
    SecretSource out;
    if (table.find("env") != nullptr) {
      out.text = text_of(table, "env");
    } else if (table.find("file") != nullptr) {
      out.kind = SecretKind::file;
      out.text = text_of(table, "file");
    } else if (table.find("command") != nullptr) {
      out.kind = SecretKind::command;
      out.command = texts(table, "command");
    } else {
      out.kind = SecretKind::store;
      out.text = text_of(table, "store");
    }
    return out;
  }

  static ExternalSource external(const Node& table) {
    ExternalSource out;
    out.column = text_of(table, "column");
    if (table.find("file") != nullptr) {
      out.kind = ExternalKind::file;
      out.file = text_of(table, "file");
    } else if (table.find("from") != nullptr) {
      out.kind = ExternalKind::from;
      out.from = text_of(table, "from");
    } else if (const Node* values = table.find("values")) {
      for (const Node& value : values->elements) out.values.push_back(to_json(value));
    }
    return out;
  }

  static std::vector<Placed> placed(const Node& table, std::string_view key) {
    std::vector<Placed> out;
    const Node* node = table.find(key);
    if (node == nullptr) return out;
    for (const Node& element : node->elements) {
      if (element.is(NodeKind::text)) out.push_back({element.text, element.where});
    }
    return out;
  }

  static Mask mask(const Node& node) {
    Mask out;
    out.where = node.where;
    out.strategy = node.is(NodeKind::text) ? node.text : text_of(node, "strategy");
    if (node.find("value") != nullptr) out.value = text_of(node, "value");
    if (node.find("algorithm") != nullptr) out.algorithm = text_of(node, "algorithm");
    if (node.find("suffix") != nullptr) out.suffix = text_of(node, "suffix");
    if (const Node* length = node.find("length")) out.length = length->integer;
    if (const Node* salt = node.find("salt")) out.salt = secret(*salt);
    return out;
  }

  void policy(const Member& member) {
    const Node& table = member.value;
    Policy out;
    out.name = member.key;
    out.where = member.where;
    out.targets = placed(table, "targets");
    if (const Node* node = table.find("mask")) out.mask = mask(*node);
    if (table.find("scope") != nullptr) out.scope = text_of(table, "scope");
    out.hold = placed(table, "hold");
    for (const Member& one : members(table, "overrides")) {
      out.overrides.push_back({{one.key, one.where}, mask(one.value)});
    }
    out.prefer_delete = text_of(table, "prefer") == "delete";
    out.prefer_delete_for = placed(table, "prefer_delete");
    project_.policies[out.name] = std::move(out);
  }

  void limits(const Node& table) {
    const auto number = [&table](std::string_view key) -> std::optional<std::uint32_t> {
      const Node* node = table.find(key);
      if (node == nullptr || node->integer < 0 || node->integer > 1'000'000) return std::nullopt;
      return static_cast<std::uint32_t>(node->integer);
    };
    project_.run.parallel = number("parallel");
    project_.run.retries = number("retries");
    project_.run.timeout_ms = parse_duration(text_of(table, "timeout"));
  }

  Project& project_;
};

}  // namespace

const Instance* Project::find(std::string_view key) const {
  for (const Instance& instance : instances) {
    if (instance.key == key) return &instance;
  }
  return nullptr;
}

std::string Project::relative(std::string_view other) const {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || other.starts_with('/')) return std::string(other);
  return path.substr(0, slash + 1) + std::string(other);
}

Read read(const std::string& path, std::string text, grammar::SourceMap& sources) {
  Read out;
  out.project.path = path;
  const grammar::FileId file{static_cast<std::uint32_t>(sources.size())};
  const TomlTree tree = parse_toml(text, file);
  if (tree.mistake) {
    std::string cause = tree.mistake->text;
    hide_values(tree.mistake->where, text, cause);
    out.diagnostics.push_back(grammar::diagnostic(DiagnosticId::config_syntax, tree.mistake->where,
                                                  "this isn't TOML: " + cause));
    sources.add(path, std::move(text));
    return out;
  }
  hide_secrets(tree.root, text);
  sources.add(path, std::move(text));
  check_table(tree.root, root_table(), {file, 0, 0}, out.diagnostics);
  Reader(out.project).root(tree.root);
  check_policies(out.project, out.diagnostics);
  return out;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  std::size_t digits = 0;
  std::int64_t amount = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 10) {
    amount = amount * 10 + (text[digits++] - '0');
  }
  if (digits == 0) return std::nullopt;
  const std::string_view unit = text.substr(digits);
  if (unit == "ms") return amount;
  if (unit == "s") return amount * 1000;
  if (unit == "m") return amount * 60'000;
  if (unit == "h") return amount * 3'600'000;
  if (unit == "d") return amount * 86'400'000;
  return std::nullopt;
}

}  // namespace fconn::config
