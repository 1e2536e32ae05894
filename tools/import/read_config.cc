#include <algorithm>

#include "tools/import/read.hh"

namespace fconn::importer {
namespace {

class ConfigReader {
 public:
  explicit ConfigReader(const Reading& reading) : reading_(reading) {}

  std::optional<Config> read(const Node& root) {
    MapReader document(reading_, root, "");
    const Node* node = document.take("saas_config");
    if (node == nullptr) {
      document.mistake(root.span, "there is no `saas_config` at the document's root",
                       "give the config first and the dataset second");
      return std::nullopt;
    }
    MapReader map(reading_, *node, "");
    Config out;
    out.fides_key = map.text("fides_key", true);
    if (!is_key(out.fides_key.text))
      map.mistake(out.fides_key.span, "a key is letters, digits, `_`, `.`, `-`, `<` and `>`");
    out.name = map.text("name", true);
    out.type = map.text("type", true);
    out.description = map.text("description", true);
    out.version = map.text("version", true);
    out.user_guide = map.text("user_guide");
    display(map, out);
    for (const Node* param : map.elements("connector_params")) {
      out.params.push_back(connector_param(*param));
    }
    for (const Node* external : map.elements("external_references")) {
      MapReader one(reading_, *external, "external_references");
      out.externals.push_back({one.text("name", true), one.text("label"), one.text("description")});
      one.finish(false);
    }
    if (const Node* client = map.take("client_config")) {
      out.client = client_config(*client, "client_config");
    } else if (map.is_map()) {
      map.mistake(map.span(), "`client_config` is missing");
    }
    endpoints(map, out);
    if (const Node* test = map.take("test_request")) {
      out.test = request(*test, "test_request", false);
      out.has_test = true;
    }
    if (const Node* node_of = map.take("data_protection_request")) {
      out.data_protection = request(*node_of, "data_protection_request", false);
    }
    out.rates = rates(map);
    consent(map, out);
    map.finish(false);
    return out;
  }

 private:
  static bool is_key(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("_.<>-").find(c) != std::string_view::npos;
    });
  }

  /// `dataset.collection`
  static void check_collections(MapReader& map, const std::vector<Text>& names) {
    for (const Text& name : names) {
      const auto dots = std::count(name.text.begin(), name.text.end(), '.');
      if (dots != 1 || name.text.front() == '.' || name.text.back() == '.' || !is_key(name.text))
        map.mistake(name.span, "a collection is written `dataset.collection`");
    }
  }

  void display(MapReader& map, Config& out) {
    const Node* node = map.take("display_info");
    if (node == nullptr) return;
    MapReader info(reading_, *node, "display_info");
    out.category = info.text("category");
    for (const std::string_view key : {"tags", "enabled_features"}) {
      for (const Text& tag : info.texts(key)) {
        reading_.report.say(tag.span, "left out: it is about Fides' own screens");
      }
    }
    info.finish(false);
  }

  ConnectorParam connector_param(const Node& node) {
    MapReader map(reading_, node, "connector_params");
    ConnectorParam out;
    out.name = map.text("name", true);
    out.label = map.text("label");
    out.description = map.text("description");
    for (const Text& option : map.texts("options")) out.options.push_back(option.text);
    if (const Node* value = map.take("default_value")) {
      read_leaves(*value, map.path("default_value"), reading_.report);
      out.default_value.span = value->span;
      out.default_value.given = true;
      if (value->kind == Node::Kind::list) {
        for (const Node& item : value->items) out.default_list.push_back(item.text);
      } else {
        out.default_value.text = value->text;
        out.default_value.number = value->plain && as_int(*value).has_value();
      }
    }
    out.multiselect = map.flag("multiselect");
    out.sensitive = map.flag("sensitive");
    out.type = map.text("type");
    for (const Text& allowed : map.texts("allowed_values")) {
      reading_.report.say(
          allowed.span,
          "left out: who runs fconn sets the parameter, and it sends to no other host");
    }
    map.finish(false);
    return out;
  }

  ClientConfig client_config(const Node& node, const std::string& path) {
    MapReader map(reading_, node, path);
    ClientConfig out;
    out.span = node.span;
    out.protocol = map.text("protocol", true);
    out.host = map.text("host", true);
    out.authentication = map.strategy("authentication");
    map.finish(false);
    return out;
  }

  void endpoints(MapReader& map, Config& out) {
    if (map.is_map() && map.take("endpoints") == nullptr) {
      map.mistake(map.span(), "`endpoints` is missing");
    }
    for (const Node* node : map.elements("endpoints")) {
      MapReader one(reading_, *node, "endpoints");
      Endpoint endpoint;
      endpoint.name = one.text("name", true);
      endpoint.first_line = reading_.sources.position(node->span.file, node->span.begin).line - 1;
      endpoint.last_line = last_line(*node, reading_.sources);
      const std::string path = "endpoints." + endpoint.name.text;
      endpoint.after = one.texts("after");
      endpoint.erase_after = one.texts("erase_after");
      check_collections(one, endpoint.after);
      check_collections(one, endpoint.erase_after);
      Span skip{};
      if (one.flag("skip_processing", &skip))
        endpoint.skip_processing = {"true", skip, true, false};
      if (const Node* requests = one.take("requests")) {
        MapReader actions(reading_, *requests, path + ".requests");
        for (const Node* read : actions.elements("read")) {
          endpoint.reads.push_back(request(*read, actions.path("read"), true));
        }
        if (const Node* update = actions.take("update")) {
          endpoint.update = request(*update, actions.path("update"), false);
        }
        if (const Node* erase = actions.take("delete")) {
          endpoint.erase = request(*erase, actions.path("delete"), false);
        }
        actions.finish(false);
      } else {
        one.mistake(node->span, "`requests` is missing");
      }
      one.finish(false);
      out.endpoints.push_back(std::move(endpoint));
    }
  }

  std::vector<NamedText> named(MapReader& map, std::string_view key) {
    std::vector<NamedText> out;
    for (const Node* node : map.elements(key)) {
      MapReader one(reading_, *node, map.path(key));
      NamedText entry;
      entry.name = one.text("name", true);
      entry.value = one.text("value", true);
      one.finish(false);
      // Of a name given twice the last one counts.
      std::erase_if(out,
                    [&](const NamedText& other) { return other.name.text == entry.name.text; });
      out.push_back(std::move(entry));
    }
    return out;
  }

  ParamValue param_value(const Node& node, const std::string& path) {
    MapReader map(reading_, node, path);
    ParamValue out;
    out.name = map.text("name", true);
    out.identity = map.text("identity");
    out.connector_param = map.text("connector_param");
    for (const Node* reference : map.elements("references")) {
      Reference one;
      if (reference->kind == Node::Kind::scalar) {
        one.external = reference->text;
        one.field = {reference->text, reference->span, true, false};
        reading_.report.read(reference->span, map.path("references"));
      } else {
        MapReader inner(reading_, *reference, map.path("references"));
        one.dataset = inner.text("dataset", true).text;
        one.field = inner.text("field", true);
        const Text direction = inner.text("direction");
        if (direction.given && direction.text != "from") {
          inner.mistake(direction.span, "a reference of a request has the direction `from`");
        }
        one.directed = direction.given;
        inner.finish(false);
      }
      out.references.push_back(std::move(one));
    }
    if (map.flag("unpack")) {
      reading_.report.say(node.span, "`unpack`: a `for` takes the elements of a list anyway");
    }
    map.finish(false);
    const int given = (out.identity.given ? 1 : 0) + (out.connector_param.given ? 1 : 0) +
                      (out.references.empty() ? 0 : 1);
    if (given != 1) {
      map.mistake(node.span, "exactly one of identity, references and connector_param is needed");
    }
    return out;
  }

  std::vector<RateLimit> rates(MapReader& map) {
    std::vector<RateLimit> out;
    const Node* node = map.take("rate_limit_config");
    if (node == nullptr) return out;
    MapReader config(reading_, *node, map.path("rate_limit_config"));
    const Node* enabled = config.take("enabled");
    const bool on = enabled == nullptr || as_bool(*enabled).value_or(true);
    for (const Node* limit : config.elements("limits")) {
      MapReader one(reading_, *limit, map.path("rate_limit_config.limits"));
      RateLimit rate;
      rate.rate = one.integer("rate").value_or(0);
      const Text period = one.text("period", true);
      one.take("custom_key");
      one.finish(false);
      rate.unit = period.text.empty() ? 's' : period.text.front();
      if (std::string_view("smhd").find(rate.unit) == std::string_view::npos || rate.rate <= 0) {
        one.mistake(limit->span, "a limit is a positive rate for a second, minute, hour or day");
      } else if (on) {
        out.push_back(rate);
      }
    }
    if (on && out.empty()) config.mistake(node->span, "a rate limit needs `limits`");
    config.finish(false);
    return out;
  }

  void ignored(MapReader& map, Request& out) {
    const Node* node = map.take("ignore_errors");
    if (node == nullptr) return;
    out.ignore_errors = {"", node->span, true, false};
    read_leaves(*node, map.path("ignore_errors"), reading_.report);
    if (node->kind == Node::Kind::list) {
      for (const Node& item : node->items) {
        if (const auto status = as_int(item)) {
          out.ignored.push_back(*status);
        } else {
          map.mistake(item.span, "`ignore_errors` takes true, false or a list of statuses");
        }
      }
    } else if (const auto all = as_bool(*node)) {
      out.ignore_all = *all;
    } else {
      map.mistake(node->span, "`ignore_errors` takes true, false or a list of statuses");
    }
  }

  Request request(const Node& node, const std::string& path, bool read) {
    MapReader map(reading_, node, path);
    Request out;
    out.span = node.span;
    // The key stands a line above.
    out.first_line = reading_.sources.position(node.span.file, node.span.begin).line - 2;
    out.last_line = last_line(node, reading_.sources);
    out.path_text = path;
    out.override_name = map.text("request_override");
    out.path = map.text("path");
    out.method = map.text("method");
    out.headers = named(map, "headers");
    out.query = named(map, "query_params");
    out.body = map.text("body");
    for (const Node* param : map.elements("param_values")) {
      out.params.push_back(param_value(*param, map.path("param_values")));
    }
    if (const Node* client = map.take("client_config")) {
      out.client = client_config(*client, map.path("client_config"));
    }
    out.data_path = map.text("data_path");
    for (const Node* step : map.elements("postprocessors")) {
      MapReader one(reading_, *step, map.path("postprocessors"));
      Strategy strategy;
      strategy.name = one.text("strategy", true);
      if (const Node* configuration = one.take("configuration")) {
        strategy.configuration = *configuration;
        read_leaves(*configuration, map.path("postprocessors.configuration"), reading_.report);
      }
      one.finish(false);
      out.postprocessors.push_back(std::move(strategy));
    }
    out.pagination = map.strategy("pagination");
    out.grouped = map.texts("grouped_inputs");
    ignored(map, out);
    out.rates = rates(map);
    out.async = map.strategy("async_config");
    Span skip{};
    if (map.flag("skip_missing_param_values", &skip))
      out.skip_missing = {"true", skip, true, false};
    const Text correlation = map.text("correlation_id_path");
    if (correlation.given && !out.async) {
      reading_.report.say(correlation.span, "left out: nothing is polled");
    }
    if (read) out.output = map.text("output");
    map.finish(true);
    complete(map, out);
    return out;
  }

  void complete(MapReader& map, const Request& request) {
    if (request.override_name.given) return;
    if (!request.path.given && !request.output.given) {
      map.mistake(request.span, "a request needs a `path`");
    }
    if (request.path.given && !request.method.given) {
      map.mistake(request.span, "a request needs a `method`");
    }
    static constexpr std::string_view methods[] = {"GET",    "POST",    "PATCH", "PUT",
                                                   "DELETE", "OPTIONS", "HEAD"};
    if (request.method.given && std::find(std::begin(methods), std::end(methods),
                                          request.method.text) == std::end(methods)) {
      map.mistake(request.method.span, "there is no method " + request.method.text);
    }
    bool known = true;
    for (const Text& name : request.grouped) {
      const bool found = std::any_of(request.params.begin(), request.params.end(),
                                     [&](const ParamValue& p) { return p.name.text == name.text; });
      if (!found) map.mistake(name.span, "no param_value is called `" + name.text + "`");
      known = known && found;
    }
    if (known) grouped(map, request);
  }

  /// Grouped inputs come from the rows of one collection.
  static void grouped(MapReader& map, const Request& request) {
    std::string collection;
    for (const Text& name : request.grouped) {
      for (const ParamValue& param : request.params) {
        if (param.name.text != name.text || param.references.empty()) continue;
        const Text& field = param.references.front().field;
        const std::string other = param.references.front().external.empty()
                                      ? field.text.substr(0, field.text.find('.'))
                                      : std::string();
        if (other.empty() || (!collection.empty() && other != collection)) {
          map.mistake(field.span, "grouped inputs refer to the fields of one collection");
        }
        collection = other;
      }
    }
    if (!request.grouped.empty() && collection.empty()) {
      map.mistake(request.grouped.front().span, "grouped inputs need a reference");
    }
  }

  void consent(MapReader& map, Config& out) {
    const Node* node = map.take("consent_requests");
    if (node == nullptr) return;
    MapReader consents(reading_, *node, "consent_requests");
    for (const Node* one : consents.elements("opt_in")) {
      out.opt_in.push_back(request(*one, "consent_requests.opt_in", false));
    }
    for (const Node* one : consents.elements("opt_out")) {
      out.opt_out.push_back(request(*one, "consent_requests.opt_out", false));
    }
    consents.finish(false);
  }

  const Reading& reading_;
};

}  // namespace

std::optional<Config> read_config(const Node& root, const Reading& reading) {
  return ConfigReader(reading).read(root);
}

}  // namespace fconn::importer
