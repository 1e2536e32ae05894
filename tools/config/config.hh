// fconn.toml: instances of connectors with their values, policies, and limits of a run. Reads text
// only: opens no file but through the caller, looks up no secret. What is wrong comes back as
// diagnostics F08xx, all in one run. The keys that exist are one table (schema.hh), which the
// JSON Schema is generated from, too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/diagnostics.hh"

namespace fconn::config {

using grammar::Span;

enum class SecretKind : std::uint8_t { env, file, command, store };
/// Where a secret's value is found; never the value.
struct SecretSource {
  SecretKind kind{};
  std::string text;                  // variable, path (relative to the project file) or store key
  std::vector<std::string> command;  // program and arguments; its standard output is the value
  Span where{};
};
/// A parameter's value as JSON text.
struct ParamValue {
  std::string json;
  Span where{};  // its name
  Span value_where{};
};
enum class ExternalKind : std::uint8_t { values, file, from };
struct ExternalSource {
  ExternalKind kind{};
  std::vector<std::string> values;  // JSON texts
  std::string file, column;         // path relative to the project file; column of a CSV file
  std::string from;                 // "instance.collection.field"
  Span where{};
};
struct Instance {
  std::string key;
  std::string connector;  // bundled name, or a path relative to the project file
  std::string version;    // the connector's when the instance was made; empty: not written
  std::map<std::string, ParamValue> params;
  std::map<std::string, SecretSource> secrets;
  std::map<std::string, ExternalSource> externals;
  Span where{};  // its key
  Span connector_where{}, version_where{};
};
/// A text of the file with its place: of a value, where its quotes begin.
struct Placed {
  std::string text;
  Span where{};
};
/// A policy's mask as written; privacy::Mask is what comes of it.
struct Mask {
  std::string strategy;  // null string hash hmac random aes preserve
  std::optional<std::string> value, algorithm, suffix;
  std::optional<std::int64_t> length;
  std::optional<SecretSource> salt;
  Span where{};
};
struct Override {
  Placed name;  // a category, or instance:collection.field
  Mask mask;
};
struct Policy {
  std::string name;
  std::vector<Placed> targets;
  std::optional<Mask> mask;
  std::string scope = "targeted";
  std::vector<Placed> hold;
  std::vector<Override> overrides;
  bool prefer_delete = false;
  std::vector<Placed> prefer_delete_for;  // instance.collection
  Span where{};                           // its name
};
struct RunLimits {
  std::optional<std::uint32_t> parallel, retries;
  std::optional<std::int64_t> timeout_ms;
};

/// Where the project's tokens are kept.
struct StoreSettings {
  std::string path = ".fconn/store.db";  // relative to the project file
  std::optional<SecretSource> key;       // none: FCONN_STORE_KEY, else a key file beside the store
};

struct Project {
  std::string path;                 // of the file
  std::vector<Instance> instances;  // by key
  std::map<std::string, Policy> policies;
  RunLimits run;
  StoreSettings store;
  const Instance* find(std::string_view key) const;
  /// `other` as seen from the project file's folder.
  std::string relative(std::string_view other) const;
};

struct Read {
  Project project;  // what could be read, also when there are mistakes
  grammar::Diagnostics diagnostics;
};

/// Reads the text of a project file and adds it to `sources`. What stands in the file against the
/// rules, or in a line that isn't TOML, and may be a secret, is hidden in that copy, so that no
/// message can show it.
Read read(const std::string& path, std::string text, grammar::SourceMap& sources);

/// Whether a text is written as environment variables usually are: capitals, digits and _. Another
/// one is rather a secret that stands where its variable's name should.
bool is_variable(std::string_view text);

/// "500ms", "30s", "5m", "2h", "7d" to milliseconds; null when it is none.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// JSON Schema (2020-12) of the file, for editors.
std::string json_schema();

}  // namespace fconn::config
