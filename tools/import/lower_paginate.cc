#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

std::string text_at(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found == nullptr ? "" : found->text;
}

class Paginate {
 public:
  Paginate(Context& context, const Request& request, std::string collection, std::string data)
      : context_(context),
        request_(request),
        strategy_(*request.pagination),
        configuration_(strategy_.configuration),
        collection_(std::move(collection)),
        data_(std::move(data)) {}

  std::optional<std::string> lower() {
    const std::string& name = strategy_.name.text;
    if (name == "link") return link();
    if (name == "offset") return offset();
    if (name == "cursor") return cursor();
    const std::string help = bundled_help(context_, collection_, "read");
    context_.error(DiagnosticId::unknown_import_strategy, strategy_.name.span,
                   "the pagination strategy `" + name + "` is code of its own in Fides",
                   help.empty() ? "write it as a `pagination` of the connector" : help);
    return std::nullopt;
  }

 private:
  std::string has_next(const char* name) const {
    const std::string path = text_at(configuration_, "has_next");
    return path.empty() ? "" : std::string(", ") + name + ": " + holds(path);
  }

  /// Fides compares the text of the value, so "True" is as good as true.
  static std::string holds(const std::string& path, const std::string& before = {}) {
    return "lower(\"{" + before + path_steps(path) + " ?? false}\") == \"true\"";
  }

  /// Keys that the strategy can't do without.
  void need(std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
      if (!text_at(configuration_, key).empty()) continue;
      context_.error(DiagnosticId::not_fides, strategy_.name.span,
                     "`" + strategy_.name.text + "` needs `" + std::string(key) + "`");
    }
  }

  std::string link() {
    need({"source", text_at(configuration_, "source") == "headers" ? "rel" : "path"});
    if (context_.exact) return exact_link();
    if (text_at(configuration_, "source") == "headers") {
      const std::string rel = text_at(configuration_, "rel");
      return rel.empty() || rel == "next" ? "link_header" : "link_header(" + quoted(rel) + ")";
    }
    return "link(" + path_steps(text_at(configuration_, "path")) + has_next("has_next") + ")";
  }

  /// As Fides follows one: on the connector's own host, without blank parameters and with the last
  /// of several of one name, and only from a page that holds something.
  std::string exact_link() {
    if (context_.helper_names.insert("fides_link").second) declare_link();
    const std::string rel = text_at(configuration_, "rel");
    const std::string target = text_at(configuration_, "source") == "headers"
                                   ? "links[" + quoted(rel.empty() ? "next" : rel) + "]"
                                   : path_steps(text_at(configuration_, "path"));
    const std::string path = text_at(configuration_, "has_next");
    return "fides_link(" + target + ", " + data_ +
           (path.empty() ? "" : ", has_next: " + holds(path)) + ")";
  }

  void declare_link() {
    Block strategy("pagination fides_link(link, data, has_next = true)");
    strategy.gap = true;
    strategy.comments = doc_lines(
        "Follows a link as Fides does: on the connector's own host, without blank parameters, with "
        "the last of "
        "several of one name, and only from a page that holds something.");
    strategy.add(
        "stop when not has_next or (data ?? []) == [] or data == {} or (link ?? \"\") == \"\"");
    strategy.add("next url fides_url(split(first(split(fides_target(link), \"#\")), \"?\"))");
    context_.helpers.push_back(std::move(strategy));
    Block target(
        "fn fides_target(link) =\nif contains(link, \"://\") or starts_with(link, \"//\") then "
        "\"/{join(slice(split(link, "
        "\"/\"), 3), \"/\")}\" "
        "else link");
    target.gap = true;
    context_.helpers.push_back(std::move(target));
    Block url(
        "fn fides_url(parts) =\nif length(parts) < 2 then parts[0]\nelse "
        "\"{parts[0]}?{join([\"{k}={v}\" for k, v in "
        "pairs(fides_query(split(parts[1], \"&\")))], \"&\")}\"");
    url.gap = true;
    context_.helpers.push_back(std::move(url));
    Block query(
        "fn fides_query(entries) = { [split(e, \"=\")[0]]: join(slice(split(e, \"=\"), 1), \"=\") "
        "for e in entries if "
        "join(slice(split(e, \"=\"), 1), \"=\") != \"\" }");
    query.gap = true;
    context_.helpers.push_back(std::move(query));
  }

  /// A whole number of the configuration; anything else is a mistake.
  std::string number(const Node* node, const char* key) {
    const auto value = node == nullptr ? std::nullopt : as_int(*node);
    if (value) return std::to_string(*value);
    context_.error(DiagnosticId::not_fides, node == nullptr ? strategy_.name.span : node->span,
                   std::string("`") + key + "` takes a whole number");
    return "1";
  }

  std::string offset() {
    need({"incremental_param"});
    const std::string param_name = text_at(configuration_, "incremental_param");
    const bool sent = std::any_of(request_.query.begin(), request_.query.end(),
                                  [&](const NamedText& q) { return q.name.text == param_name; });
    if (!sent && !param_name.empty()) {
      context_.error(DiagnosticId::not_fides, strategy_.name.span,
                     "the request has no query parameter `" + param_name + "` to count up");
    }
    std::string out = "offset(" + quoted(text_at(configuration_, "incremental_param")) +
                      ", by: " + number(configuration_.find("increment_by"), "increment_by");
    const Node* limit = configuration_.find("limit");
    if (limit == nullptr || limit->kind == Node::Kind::null) return out + ")";
    if (limit->kind == Node::Kind::scalar) {
      const std::string most = number(limit, "limit");
      return out + (most == "0" ? "" : ", limit: " + most) + ")";
    }
    const std::string name = text_at(*limit, "connector_param");
    const ConnectorParam* param = context_.param(name);
    if (param == nullptr) {
      context_.unresolved({name}, limit->span, nullptr);
      return out + ")";
    }
    const Value value = param_value(context_, *param);
    return out + ", limit: " + (value.text ? "int(" + value.expr + ")" : value.expr) + ")";
  }

  /// A field of the last row, or of the body: the dataset tells which.
  std::string cursor() {
    need({"cursor_param", "field"});
    const std::string field = text_at(configuration_, "field");
    const std::string param = text_at(configuration_, "cursor_param");
    const std::vector<std::string> segments = path_segments(field);
    const Collection* dataset = context_.fields_of(collection_);
    bool of_row = segments.size() == 1;
    if (dataset != nullptr && !segments.empty()) {
      of_row = false;
      for (const Field& one : dataset->fields) of_row = of_row || one.name.text == segments.front();
    }
    if (!of_row) {
      return "cursor(" + path_steps(field) + ", " + quoted(param) + has_next("has_more") + ")";
    }
    if (segments.size() == 1 && is_identifier(field) && !context_.exact) {
      return "after_last(" + quoted(param) + ", " + quoted(field) + has_next("has_next") + ")";
    }
    // Both are looked for in the last row first.
    const std::string last = "last(" + data_ + " ?? [])";
    const std::string more = text_at(configuration_, "has_next");
    return "cursor(" + last + path_steps(field) + " ?? " + path_steps(field) + ", " +
           quoted(param) +
           (more.empty() ? "" : ", has_more: " + holds(more, last + path_steps(more) + " ?? ")) +
           ")";
  }

  Context& context_;
  const Request& request_;
  const Strategy& strategy_;
  const Node& configuration_;
  std::string collection_, data_;
};

}  // namespace

std::optional<std::string> paginate_clause(Context& context, const Request& request,
                                           const std::string& collection, const std::string& data) {
  if (!request.pagination) return std::nullopt;
  return Paginate(context, request, collection, data).lower();
}

}  // namespace fconn::importer
