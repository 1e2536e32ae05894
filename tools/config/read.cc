#include <algorithm>
#include <sstream>

#include "tools/config/check.hh"
#include "tools/config/config.hh"

namespace fconn::config {
namespace {

using grammar::DiagnosticId;

std::string text_or(const toml::node* node) {
  return node != nullptr && node->is_string() ? **node->as_string() : std::string();
}

std::vector<std::string> texts(const toml::node* node) {
  std::vector<std::string> out;
  if (node == nullptr || !node->is_array()) return out;
  for (const toml::node& element : *node->as_array()) {
    if (element.is_string()) out.push_back(**element.as_string());
  }
  return out;
}

/// JSON text of a plain value; dates become texts.
std::string json_of(const toml::node& node) {
  std::ostringstream stream;
  stream << toml::json_formatter(node, toml::json_formatter::default_flags &
                                           ~toml::format_flags::indentation);
  return stream.str();
}

class Reader {
 public:
  Reader(Project& project, const Places& places) : project_(project), places_(places) {}

  void root(const toml::table& table) {
    if (const toml::table* instances = table["instances"].as_table()) {
      for (auto&& [key, value] : *instances) {
        if (value.is_table()) instance(key, *value.as_table());
      }
    }
    std::sort(project_.instances.begin(), project_.instances.end(),
              [](const Instance& a, const Instance& b) { return a.key < b.key; });
    if (const toml::table* policies = table["policies"].as_table()) {
      for (auto&& [key, value] : *policies) {
        if (value.is_table()) policy(std::string(key.str()), *value.as_table());
      }
    }
    if (const toml::table* run = table["run"].as_table()) limits(*run);
  }

 private:
  void instance(const toml::key& key, const toml::table& table) {
    Instance out;
    out.key = std::string(key.str());
    out.where = places_.of(key.source());
    out.connector = text_or(table.get("connector"));
    if (const toml::node* node = table.get("connector")) {
      out.connector_where = places_.of(node->source());
    }
    if (const toml::table* params = table["params"].as_table()) {
      for (auto&& [name, value] : *params) {
        out.params[std::string(name.str())] = {json_of(value), places_.of(name.source()),
                                                places_.of(value.source())};
      }
    }
    if (const toml::table* secrets = table["secrets"].as_table()) {
      for (auto&& [name, value] : *secrets) {
        if (!value.is_table()) continue;
        SecretSource source = secret(*value.as_table());
        source.where = places_.of(name.source());
        out.secrets[std::string(name.str())] = std::move(source);
      }
    }
    if (const toml::table* externals = table["external"].as_table()) {
      for (auto&& [name, value] : *externals) {
        if (!value.is_table()) continue;
        ExternalSource source = external(*value.as_table());
        source.where = places_.of(name.source());
        out.externals[std::string(name.str())] = std::move(source);
      }
    }
    project_.instances.push_back(std::move(out));
  }

  static SecretSource secret(const toml::table& table) {
    SecretSource out;
    if (table.contains("env")) {
      out.text = text_or(table.get("env"));
    } else if (table.contains("file")) {
      out.kind = SecretKind::file;
      out.text = text_or(table.get("file"));
    } else if (table.contains("command")) {
      out.kind = SecretKind::command;
      out.command = texts(table.get("command"));
    } else {
      out.kind = SecretKind::store;
      out.text = text_or(table.get("store"));
    }
    return out;
  }

  static ExternalSource external(const toml::table& table) {
    ExternalSource out;
    out.column = text_or(table.get("column"));
    if (table.contains("file")) {
      out.kind = ExternalKind::file;
      out.file = text_or(table.get("file"));
    } else if (table.contains("from")) {
      out.kind = ExternalKind::from;
      out.from = text_or(table.get("from"));
    } else if (const toml::array* values = table["values"].as_array()) {
      for (const toml::node& value : *values) out.values.push_back(json_of(value));
    }
    return out;
  }

  static Mask mask(const toml::node& node) {
    Mask out;
    if (node.is_string()) {
      out.strategy = **node.as_string();
      return out;
    }
    if (!node.is_table()) return out;
    const toml::table& table = *node.as_table();
    out.strategy = text_or(table.get("strategy"));
    if (table.contains("value")) out.value = text_or(table.get("value"));
    if (table.contains("algorithm")) out.algorithm = text_or(table.get("algorithm"));
    if (table["length"].is_integer()) out.length = table["length"].value<std::int64_t>();
    if (const toml::table* salt = table["salt"].as_table()) out.salt = secret(*salt);
    return out;
  }

  void policy(const std::string& name, const toml::table& table) {
    Policy out;
    out.name = name;
    out.targets = texts(table.get("targets"));
    if (const toml::node* node = table.get("mask")) out.mask = mask(*node);
    if (table["scope"].is_string()) out.scope = text_or(table.get("scope"));
    out.hold = texts(table.get("hold"));
    if (const toml::table* overrides = table["overrides"].as_table()) {
      for (auto&& [category, value] : *overrides) {
        out.overrides[std::string(category.str())] = mask(value);
      }
    }
    out.prefer_delete = text_or(table.get("prefer")) == "delete";
    project_.policies[name] = std::move(out);
  }

  void limits(const toml::table& table) {
    const auto number = [&table](std::string_view key) -> std::optional<std::uint32_t> {
      const auto value = table[key].value<std::int64_t>();
      if (!value || *value < 0 || *value > 1'000'000) return std::nullopt;
      return static_cast<std::uint32_t>(*value);
    };
    project_.run.parallel = number("parallel");
    project_.run.retries = number("retries");
    project_.run.timeout_ms = parse_duration(text_or(table.get("timeout")));
  }

  Project& project_;
  const Places& places_;
};

/// Overwrites what stands as a secret's value with `*`, in place, so that offsets stay.
void hide_literal_secrets(const toml::table& root, const Places& places, std::string& text) {
  const toml::table* instances = root["instances"].as_table();
  if (instances == nullptr) return;
  for (auto&& [key, value] : *instances) {
    const toml::table* table = value.as_table();
    const toml::table* secrets = table == nullptr ? nullptr : (*table)["secrets"].as_table();
    if (secrets == nullptr) continue;
    for (auto&& [name, secret] : *secrets) {
      if (secret.is_table()) continue;
      const grammar::Span span = places.of(secret.source());
      for (std::uint32_t i = span.begin; i < span.end; ++i) {
        if (text[i] != '\n') text[i] = '*';
      }
    }
  }
}

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
  toml::table root;
  const std::string original = text;
  const grammar::FileId file{static_cast<std::uint32_t>(sources.size())};
  const Places places(file, original);
  try {
    root = toml::parse(std::string_view(original), std::string_view(path));
  } catch (const toml::parse_error& error) {
    std::string cause(error.description());
    for (char& c : cause) c = c == '\n' ? ' ' : c;
    out.diagnostics.push_back(grammar::diagnostic(DiagnosticId::config_syntax,
                                                  places.of(error.source()),
                                                  "this isn't TOML: " + cause));
    sources.add(path, std::move(text));
    return out;
  }
  hide_literal_secrets(root, places, text);
  sources.add(path, std::move(text));
  check_table(root, root_table(), {file, 0, 0}, places, out.diagnostics);
  Reader(out.project, places).root(root);
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
