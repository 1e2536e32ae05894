// The Fides documents as typed values with places: what a SaaS config and its dataset say, before
// anything is decided about fconn. Sources of the rules: Fides' schemas (SaaSConfig, Dataset).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/import/yaml.hh"

namespace fconn::importer {

/// A text of the document; `given` tells an empty one from none.
struct Text {
  std::string text;
  Span span;
  bool given = false;
  bool number = false;  // a plain number: sent as one
};

struct NamedText {
  Text name;
  Text value;
};

struct Strategy {
  Text name;
  Node configuration;  // a map, or null
};

struct ClientConfig {
  Text protocol, host;
  std::optional<Strategy> authentication;
  Span span;
};

/// `dataset.collection.field.path`, or the name of an external reference alone.
struct Reference {
  std::string external;
  std::string dataset;
  Text field;             // with the collection first
  bool directed = false;  // `from`; without, Fides goes either way
};

struct ParamValue {
  Text name;
  Text identity, connector_param;
  std::vector<Reference> references;
};

struct RateLimit {
  std::int64_t rate = 0;
  char unit = 's';
};

struct Request {
  Text override_name;  // request_override
  Text path, method, body, data_path, output;
  std::vector<NamedText> headers, query;
  std::vector<ParamValue> params;
  std::optional<ClientConfig> client;
  std::vector<Strategy> postprocessors;
  std::optional<Strategy> pagination, async;
  std::vector<Text> grouped;
  bool ignore_all = false;
  std::vector<std::int64_t> ignored;
  Text ignore_errors;  // its place
  std::vector<RateLimit> rates;
  Text skip_missing;
  Span span;
  std::uint32_t first_line = 0, last_line = 0;  // 0-based, for comments
  std::string path_text;                        // "endpoints.user.requests.read", for the report
};

struct Endpoint {
  Text name;
  std::vector<Request> reads;
  std::optional<Request> update, erase;
  Text skip_processing;
  std::vector<Text> after, erase_after;
  std::uint32_t first_line = 0, last_line = 0;
};

struct ConnectorParam {
  Text name, label, description, default_value, type;
  std::vector<std::string> options;
  std::vector<std::string> default_list;
  bool multiselect = false, sensitive = false;
};

struct ExternalReference {
  Text name, label, description;
};

struct Config {
  Text fides_key, name, type, description, version, user_guide, category;
  std::vector<ConnectorParam> params;
  std::vector<ExternalReference> externals;
  ClientConfig client;
  std::vector<Endpoint> endpoints;
  Request test;
  bool has_test = false;
  std::optional<Request> data_protection;
  std::vector<RateLimit> rates;
  std::vector<Request> opt_in, opt_out;
};

struct Field {
  Text name, description;
  std::vector<Text> categories;
  std::string type;  // string, integer, float, boolean, object_id, object; empty: none
  bool list = false;
  bool primary_key = false, read_only = false, all_elements = false;
  std::int64_t length = 0;
  Span type_span, key_span, read_only_span, length_span;
  std::optional<Strategy> mask;
  std::vector<Field> fields;
};

struct Collection {
  Text name, description;
  std::vector<Text> categories;
  std::vector<Field> fields;
};

struct Dataset {
  Text fides_key;
  std::vector<Collection> collections;

  const Collection* find(std::string_view name) const;
};

}  // namespace fconn::importer
