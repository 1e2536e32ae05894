// What becomes of an answer: rows, filters, templates of rows, the next page.
#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

/// How the importer reads the condition of a filter.
struct Wanted {
  std::string expr;   // what the field is compared with
  bool list = false;  // equal to any of these
};

std::string lowered_text(const std::string& expr, bool constant, std::string_view literal) {
  if (!constant) return "lower(" + expr + ")";
  std::string text(literal);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return quoted(text);
}

class Filter {
 public:
  Filter(Context& context, const Strategy& strategy, const std::string& collection,
         std::string below)
      : context_(context), strategy_(strategy), collection_(collection), below_(std::move(below)) {}

  std::optional<std::string> condition(const std::string& root,
                                       const std::map<std::string, std::string>& lists,
                                       std::set<std::string>& identities) {
    const Node* field = strategy_.configuration.find("field");
    const Node* value = strategy_.configuration.find("value");
    if (field == nullptr || value == nullptr) {
      context_.error(DiagnosticId::not_fides, strategy_.name.span,
                     "`filter` needs `field` and `value`");
      return std::nullopt;
    }
    exact_ = flag("exact");
    sensitive_ = flag("case_sensitive");
    const auto wanted = what(*value, lists, identities);
    if (!wanted) return std::nullopt;
    if (below_.empty()) context_.wanted[collection_].insert(field->text);
    FieldPath path =
        below_.empty() ? field_path(context_, collection_, field->text) : of_member(field->text);
    // Of a field that it doesn't have the dataset says neither that it is one value nor many.
    const bool any = !path.declared || (context_.exact && !path.known);
    if (any) path = any_shape(root, field->text);
    const std::string at = any ? path.steps : root + path.steps;
    return path.lists ? in_list(at, *wanted) : of_one(at, *wanted);
  }

 private:
  bool flag(std::string_view key) const {
    const Node* node = strategy_.configuration.find(key);
    return node == nullptr || as_bool(*node).value_or(true);
  }

  /// A path in a member of the list, as the dataset has it.
  FieldPath of_member(const std::string& field) const {
    FieldPath path = field_path(context_, collection_, below_ + "." + field);
    path.steps.erase(0, field_path(context_, collection_, below_).steps.size());
    path.lists = path.steps.find("[]") != std::string::npos;
    return path;
  }

  /// A path through whatever is there, one or many.
  static FieldPath any_shape(const std::string& root, std::string_view path) {
    FieldPath out;
    out.lists = true;
    out.steps = "";
    for (const std::string& segment : path_segments(path)) {
      out.steps = out.steps.empty() ? "flatten([" + root + path_step(segment) + "])"
                                    : "flatten(" + out.steps + "[]" + path_step(segment) + ")";
    }
    return out;
  }

  std::optional<Wanted> what(const Node& value, const std::map<std::string, std::string>& lists,
                             std::set<std::string>& identities) {
    Wanted out;
    if (value.kind == Node::Kind::scalar) {
      literal_ = value.text;
      constant_ = true;
      out.expr = quoted(value.text);
      return out;
    }
    if (const Node* identity = value.find("identity")) {
      context_.used_identities.insert(identity->text);
      identities.insert(identity->text);
      out.expr = identifier(identity->text);
      return out;
    }
    if (const Node* reference = value.find("dataset_reference")) {
      const auto list = lists.find(reference->text);
      if (list == lists.end()) {
        context_.error(DiagnosticId::not_importable, reference->span,
                       "this names no field of a collection of this connector, or stands where the "
                       "rows of others can't be had");
        return std::nullopt;
      }
      out.expr = list->second;
      out.list = true;
      return out;
    }
    context_.error(DiagnosticId::not_fides, value.span,
                   "a filter's value is a text, an identity or a dataset_reference");
    return std::nullopt;
  }

  std::string of_one(const std::string& at, const Wanted& wanted) const {
    const std::string left = sensitive_ ? at : "lower(" + at + ")";
    const std::string right = wanted_text(wanted);
    if (exact_) return left + (wanted.list ? " in " : " == ") + right;
    const std::string text = sensitive_ ? at + " ?? \"\"" : "lower(" + at + " ?? \"\")";
    if (wanted.list)
      return "[wanted for wanted in " + right + " if contains(" + text + ", wanted)] != []";
    return "contains(" + text + ", " + right + ")";
  }

  std::string in_list(const std::string& at, const Wanted& wanted) const {
    const std::string right = wanted_text(wanted);
    const std::string one = sensitive_ ? "found" : "lower(found)";
    if (wanted.list) {
      const std::string test =
          exact_ ? one + " in " + right
                 : "[wanted for wanted in " + right + " if contains(" + one + ", wanted)] != []";
      return "[found for found in " + at + " if " + test + "] != []";
    }
    if (exact_ && sensitive_) return right + " in " + at;
    if (exact_) return right + " in [lower(found) for found in " + at + "]";
    return "[found for found in " + at + " if contains(" + one + ", " + right + ")] != []";
  }

  std::string wanted_text(const Wanted& wanted) const {
    if (sensitive_) return wanted.expr;
    if (wanted.list) return "[lower(wanted) for wanted in " + wanted.expr + "]";
    return lowered_text(wanted.expr, constant_, literal_);
  }

  Context& context_;
  const Strategy& strategy_;
  const std::string& collection_;
  std::string below_;  // the list whose members are meant
  std::string literal_;
  bool constant_ = false, exact_ = true, sensitive_ = true;
};

}  // namespace

std::optional<std::string> filter_condition(Context& context, const Strategy& filter,
                                            const std::string& collection, const std::string& root,
                                            const std::map<std::string, std::string>& lists,
                                            std::set<std::string>& identities,
                                            const std::string& below) {
  return Filter(context, filter, collection, below).condition(root, lists, identities);
}

/// One thing asked for by its name: for Fides an empty object is no row, which an action would
/// address by nothing.
bool may_be_empty(const Context& context, const Request& request, const std::string& collection) {
  const Endpoint* endpoint = context.endpoint(collection);
  if (endpoint == nullptr) return false;
  const bool protection = context.exact && context.config.data_protection;
  if (!endpoint->update && !endpoint->erase && !protection) return false;
  if (request.data_path.given || request.output.given || request.pagination) return false;
  const std::string path = request.path.text.substr(0, request.path.text.find('?'));
  return request.postprocessors.empty() && has_holes(split_template(request.path.text)) &&
         path.ends_with('>');
}

void row_clauses(Context& context, const Request& request, const std::string& collection,
                 const Scope& scope, const std::map<std::string, std::string>& lists,
                 Lowered& out) {
  if (const std::string retry = retry_clause(context, request); !retry.empty()) {
    out.clauses.emplace_back(retry);
  }
  if (const std::string skip = skip_clause(context, request); !skip.empty()) {
    Block clause(skip);
    const std::uint32_t line = line_of(context, request.ignore_errors.span);
    const auto comments = comments_at(context, line, line);
    if (comments.size() == 1) {
      clause.behind = comments.front().substr(2);
    } else {
      clause.comments = comments;
    }
    out.clauses.push_back(std::move(clause));
  }
  const std::string data = path_steps(request.data_path.text);
  std::string rows = data;
  std::vector<std::string> kept;
  bool filtered = false;
  for (const Strategy& step : request.postprocessors) {
    const std::string& name = step.name.text;
    if (name == "filter") {
      context.report.differ(
          step.name.span, "a row without the field is dropped alone; in Fides it empties the page");
      const auto keep = filter_condition(context, step, collection, "", lists, out.optional);
      if (keep) kept.push_back("keep " + *keep);
      filtered = true;
    } else if (name == "unwrap") {
      const Node* path = step.configuration.find("data_path");
      const std::string inner = path == nullptr ? "." : path_steps(path->text);
      if (filtered) {
        kept.push_back("map " + inner);
      } else {
        // One object is unwrapped as the elements of a list are; an element may lack the member,
        // and the member may be a list of rows.
        rows =
            "flatten(without_nulls(flatten([" + rows + "])[]" + (inner == "." ? "" : inner) + "))";
      }
    } else if (name == "extract_for_execution_log") {
      context.report.say(step.name.span, "left out: it only writes to Fides' log; see --trace");
    } else {
      context.error(DiagnosticId::unknown_import_strategy, step.name.span,
                    "there is no postprocessor `" + name + "` in Fides",
                    "it has filter, unwrap and extract_for_execution_log");
    }
  }
  if (rows != ".") out.clauses.emplace_back("rows " + rows);
  if (may_be_empty(context, request, collection)) kept.emplace_back("keep . != {}");
  for (std::string& clause : kept) out.clauses.emplace_back(std::move(clause));
  if (request.output.given) {
    const Lookup lookup = [&](const std::string& name) -> std::optional<Value> {
      constexpr std::string_view row = "all_object_fields";
      if (name == row) return Value{".", false, true, false};
      if (!name.starts_with(row) || name[row.size()] != '.') return scope.lookup(name);
      Value field;
      field.expr = path_steps(name.substr(row.size() + 1));
      field.may_be_null = field.any_shape = true;
      return field;
    };
    if (const auto map = body_expr(request.output.text, lookup, unquoted(context))) {
      context.unresolved(map->missing, request.output.span, &request.params);
      out.clauses.emplace_back("map " + map->expr);
    } else {
      context.error(DiagnosticId::not_importable, request.output.span, "this template is no JSON");
    }
  }
  if (auto paginate = paginate_clause(context, request, collection, data)) {
    out.clauses.emplace_back("paginate " + *paginate);
  }
}

}  // namespace fconn::importer
