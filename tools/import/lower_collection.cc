// An endpoint and its fields as a collection: where its inputs come from, its reads, its actions.
#include <algorithm>

#include "tools/import/sources.hh"

namespace fconn::importer {
namespace {

std::string joined(const std::set<std::string>& names, const char* between) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : between) + identifier(name);
  return out;
}

class CollectionLowerer {
 public:
  CollectionLowerer(Context& context, const Endpoint& endpoint)
      : context_(context), endpoint_(endpoint), name_(endpoint.name.text), sources_(context) {}

  std::optional<Block> lower() {
    Block block("collection " + identifier(name_));
    if (!is_identifier(name_)) {
      context_.report.differ(endpoint_.name.span,
                             "called `" + identifier(name_) + "`, as `for` takes plain names");
    }
    block.gap = true;
    const Collection* dataset = context_.fields_of(name_);
    if (dataset != nullptr && dataset->description.given) {
      block.comments = doc_lines(dataset->description.text);
    }
    std::vector<Block> reads;
    for (const Request& request : endpoint_.reads) {
      if (never_selected(context_, endpoint_, request)) {
        leave_out(request);
        continue;
      }
      if (auto read = lower_read(request)) reads.push_back(std::move(*read));
    }
    check_selection();
    if (endpoint_.reads.empty() && endpoint_.erase)
      sources_of(*endpoint_.erase, scopes_.emplace_back());
    std::vector<Block> actions = lower_actions();
    if (!sources_.empty()) block.add(sources_.text());
    for (Block& read : reads) block.items.push_back(std::move(read));
    for (Block& action : actions) block.items.push_back(std::move(action));
    if (block.items.empty()) return std::nullopt;
    return block;
  }

 private:
  struct ReadScope {
    std::map<std::string, std::string> values;      // parameter -> expression
    std::map<std::string, std::string> identities;  // parameter -> identity
    std::map<std::string, std::string> lists;       // dataset_reference -> binding of the values
    std::vector<std::string> waits;                 // bindings that only an action uses
  };

  // ---- sources ----

  /// Collection and path of a reference; null after a mistake.
  std::optional<std::pair<std::string, std::string>> split(const Reference& reference) {
    const std::vector<std::string> segments = path_segments(reference.field.text);
    if (segments.size() < 2) {
      context_.error(DiagnosticId::not_fides, reference.field.span,
                     "a reference's field is `collection.field`");
      return std::nullopt;
    }
    const std::string& collection = segments.front();
    if (collection != name_ && context_.endpoint(collection) == nullptr) {
      std::vector<std::string> names;
      for (const Endpoint& one : context_.config.endpoints) names.push_back(one.name.text);
      const auto near = grammar::did_you_mean(collection, names);
      context_.error(DiagnosticId::dangling_reference, reference.field.span,
                     "there is no endpoint `" + collection + "`",
                     near ? "did you mean `" + *near + "`?" : "");
      return std::nullopt;
    }
    if (context_.reachable.count(name_) != 0 && context_.reachable.count(collection) == 0) {
      context_.error(DiagnosticId::dangling_reference, reference.field.span,
                     "no identity leads to `" + collection + "`, so there is never a value here",
                     "give a parameter of its reads an `identity` or `references`");
      return std::nullopt;
    }
    return std::pair(collection, reference.field.text.substr(collection.size() + 1));
  }

  std::string external(const Reference& reference) {
    std::string name = reference.external;
    if (name.empty()) {
      name = reference.dataset + "_" + reference.field.text;
      context_.report.say(
          reference.field.span,
          "the rows of another dataset came in as `external " + identifier(name) + "`");
    }
    context_.used_externals.insert(name);
    return identifier(name);
  }

  /// The expression for what a parameter refers to; null after a mistake.
  std::optional<std::string> value_of(const ParamValue& param, bool grouped) {
    if (param.references.size() > 1) return of_several(param, grouped);
    const Reference& reference = param.references.front();
    if (!reference.external.empty() || !context_.own_dataset(reference.dataset)) {
      return sources_.bind(external(reference), {param.name.text, param.name.text + "_value"});
    }
    const auto parts = split(reference);
    if (!parts) return std::nullopt;
    const auto& [collection, path] = *parts;
    if (collection == name_) {
      context_.error(DiagnosticId::dangling_reference, reference.field.span,
                     "a collection can't take its inputs from itself");
      return std::nullopt;
    }
    context_.wanted[collection].insert(path);
    const FieldPath field = field_path(context_, collection, path);
    if (grouped) return of_row(param, collection, path, field);
    return bind_values(param, collection, identifier(collection), field);
  }

  /// Binds the values at a path below `from`, one element after the other where a list may lie.
  std::string bind_values(const ParamValue& param, const std::string& collection, std::string from,
                          const FieldPath& field) {
    for (std::size_t i = 0; i + 1 < field.parts.size(); ++i)
      from = sources_.bind(from + field.parts[i], {param.name.text + "_of", collection + "_part"});
    std::string binding = sources_.bind(from + field.parts.back(),
                                        {param.name.text, collection + "_" + param.name.text});
    sources_.require(binding, binding, field, false);
    return binding;
  }

  /// Fides takes each value of any of the references, once. In a group it doesn't: there each row
  /// of each collection makes a request, with what that row lacks missing.
  std::optional<std::string> of_several(const ParamValue& param, bool grouped) {
    if (grouped) {
      context_.error(DiagnosticId::not_importable, param.references[1].field.span,
                     "the values of one row can't come from several references",
                     "write a collection for each of them");
      return std::nullopt;
    }
    std::string parts;
    for (const Reference& reference : param.references) {
      std::string part;
      if (!reference.external.empty() || !context_.own_dataset(reference.dataset)) {
        part = external(reference);
      } else {
        const auto found = split(reference);
        if (!found) return std::nullopt;
        const auto& [collection, path] = *found;
        if (collection == name_) {
          context_.error(DiagnosticId::dangling_reference, reference.field.span,
                         "a collection can't take its inputs from itself");
          return std::nullopt;
        }
        context_.wanted[collection].insert(path);
        part = identifier(collection) + field_path(context_, collection, path).steps;
      }
      parts += (parts.empty() ? "" : ", ") + part;
    }
    std::string binding =
        sources_.bind("union(" + parts + ")", {param.name.text, param.name.text + "_value"});
    sources_.require(binding, binding, {}, false);
    return binding;
  }

  /// The values that the request's filters compare with: all of a field, whichever row it was.
  void compared(const Request& request, ReadScope& scope) {
    for (const Strategy& step : request.postprocessors) {
      const Node* value = step.configuration.find("value");
      const Node* reference = value == nullptr ? nullptr : value->find("dataset_reference");
      if (reference == nullptr) continue;
      const std::vector<std::string> parts = path_segments(reference->text);
      if (parts.size() != 3 || parts[1] == name_ || context_.endpoint(parts[1]) == nullptr)
        continue;
      context_.wanted[parts[1]].insert(parts[2]);
      const std::string field =
          identifier(parts[1]) + field_path(context_, parts[1], parts[2]).steps;
      scope.lists[reference->text] =
          sources_.bind("batch(" + field + ", 100)", {parts[2] + "s", parts[1] + "_" + parts[2]});
    }
  }

  std::string of_row(const ParamValue& param, const std::string& collection,
                     const std::string& path, const FieldPath& field) {
    const std::string row =
        sources_.bind(identifier(collection), {collection.substr(0, 1), collection + "_row"});
    if (field.parts.size() > 1 && !field.lists) {
      const std::string text =
          "`" + param.name.text + "` is taken as one value of the row; Fides looks into lists, too";
      context_.report.differ(param.name.span, text);
      if (context_.exact) {
        context_.warn(param.name.span, text,
                      "the dataset may say what is on the way: `data_type: object`, or `object[]`");
      }
    }
    if (field.lists) return bind_values(param, collection, row, field);
    std::string expr = row + path_steps(path);
    sources_.require(row, expr, field, true);
    return expr;
  }

  // ---- reads ----

  static bool mentions(const Request& request, const std::string& name) {
    const auto in = [&](const std::string& text) {
      return text.find("<" + name + ">") != std::string::npos ||
             text.find("<" + name + "?>") != std::string::npos ||
             text.find("<" + name + ".") != std::string::npos;
    };
    const auto any = [&](const std::vector<NamedText>& list) {
      return std::any_of(list.begin(), list.end(),
                         [&](const NamedText& n) { return in(n.value.text); });
    };
    return in(request.path.text) || in(request.body.text) || in(request.output.text) ||
           any(request.headers) || any(request.query);
  }

  void sources_of(const Request& request, ReadScope& scope) {
    for (const ParamValue& param : request.params) {
      if (param.identity.given) {
        scope.identities[param.name.text] = param.identity.text;
        scope.values[param.name.text] = identifier(param.identity.text);
      } else if (!param.references.empty()) {
        const bool grouped =
            std::any_of(request.grouped.begin(), request.grouped.end(),
                        [&](const Text& name) { return name.text == param.name.text; });
        if (auto value = value_of(param, grouped))
          scope.values[param.name.text] = std::move(*value);
      }
    }
  }

  Scope scope_for(const Request& request, const ReadScope& values) {
    Scope out;
    for (const auto& [name, identity] : values.identities) out.identities[name] = identity;
    out.lookup = [this, &request, &values](const std::string& name) {
      return value(request, values, name);
    };
    return out;
  }

  std::optional<Value> value(const Request& request, const ReadScope& values,
                             const std::string& name) {
    const bool output = request.output.given && !request.path.given;
    if (!output) {
      if (auto special = special_value(context_, name, name_)) return special;
    }
    const auto [first, behind] = split_name(name);
    const std::string rest = steps_behind(behind);
    for (const ParamValue& param : request.params) {
      if (param.name.text != name && param.name.text != first) continue;
      const std::string steps = param.name.text == name ? "" : rest;
      if (param.connector_param.given) {
        const ConnectorParam* setting = context_.param(param.connector_param.text);
        if (setting == nullptr) return std::nullopt;
        if (setting->multiselect) {
          (void)param_value(context_, *setting);
          return Value{sources_.bind(identifier(setting->name.text),
                                     {param.name.text, param.name.text + "_value"}) +
                           steps,
                       true, false, false};
        }
        return param_value(context_, *setting);
      }
      const auto found = values.values.find(param.name.text);
      if (found == values.values.end()) return std::nullopt;
      if (param.identity.given) context_.used_identities.insert(param.identity.text);
      Value out{found->second + steps, param.identity.given && steps.empty(), false, false};
      out.may_be_null = !steps.empty();
      out.any_shape = !out.text && !scalar(param, steps);
      return out;
    }
    return std::nullopt;
  }

  /// Whether the dataset calls what a parameter refers to a text or a number.
  bool scalar(const ParamValue& param, const std::string& steps) const {
    if (!steps.empty() || param.references.size() != 1) return false;
    const Reference& reference = param.references.front();
    const std::size_t dot = reference.field.text.find('.');
    if (!reference.external.empty() || !context_.own_dataset(reference.dataset) ||
        dot == std::string::npos)
      return false;
    return field_path(context_, reference.field.text.substr(0, dot),
                      reference.field.text.substr(dot + 1))
        .scalar;
  }

  std::optional<Block> lower_read(const Request& request) {
    if (request.override_name.given) return overridden(request, "read");
    if (request.async) {
      context_.error(DiagnosticId::not_importable, request.async->name.span,
                     "a request that is answered later isn't carried over",
                     "write it as a chain with `until`: see docs/long-jobs.md");
      return std::nullopt;
    }
    scopes_.emplace_back();
    ReadScope& values = scopes_.back();
    sources_of(request, values);
    compared(request, values);
    own_lists(request, values);
    if (!request.path.given) return emit(request, values);
    const Scope scope = scope_for(request, values);
    auto lowered = request_text(context_, request, scope, name_);
    if (!lowered) return std::nullopt;
    std::set<std::string> in_request = lowered->optional;
    add_missing_skips(request, *lowered);
    row_clauses(context_, request, name_, scope, values.lists, *lowered);
    keep_unused(request, values, *lowered);
    for (const std::string& all : values.waits)
      lowered->clauses.emplace_back("keep " + all + " != null");
    Block block("read " + needs(request, *lowered, in_request) + lowered->head);
    block.comments = lowered->comments;
    block.items = std::move(lowered->clauses);
    if (request.skip_missing.given) {
      context_.report.say(request.skip_missing.span,
                          "a request whose value is missing isn't sent, as for every `for`");
    }
    return block;
  }

  /// Which identities let a read run: in Fides any one of its parameters'.
  std::string needs(const Request& request, const Lowered& lowered,
                    const std::set<std::string>& sent) {
    std::set<std::string> named;
    for (const ParamValue& param : request.params) {
      if (param.identity.given) named.insert(param.identity.text);
    }
    if (named.empty()) return "";
    for (const std::string& name : named) context_.used_identities.insert(name);
    if (lowered.required.empty() && sent.empty()) return "needs " + joined(named, " or ") + " ";
    if (lowered.required.empty()) {
      return named.size() == 1 ? "" : "needs " + joined(named, " or ") + " ";
    }
    if (sent.empty() && lowered.required == named) return "";
    if (sent.empty() && named.size() == 1) return "";
    return "needs " + joined(lowered.required, " and ") + " ";
  }

  /// A parameter that the request doesn't mention still makes it wait for rows.
  void keep_unused(const Request& request, const ReadScope& values, Lowered& out) {
    for (const ParamValue& param : request.params) {
      if (param.references.empty() || mentions(request, param.name.text)) continue;
      const auto found = values.values.find(param.name.text);
      if (found == values.values.end()) continue;
      const std::string binding = found->second.substr(0, found->second.find('.'));
      const bool elsewhere =
          std::any_of(out.clauses.begin(), out.clauses.end(), [&](const Block& clause) {
            return clause.head.find(binding + ".") != std::string::npos;
          });
      if (elsewhere) continue;
      context_.report.say(param.name.span,
                          "nothing in the request mentions it; `keep` makes it wait for rows");
      out.clauses.emplace_back("keep " + found->second + " != null");
    }
  }

  std::optional<Block> emit(const Request& request, const ReadScope& values) {
    for (const ParamValue& param : request.params) {
      if (!param.identity.given) continue;
      context_.error(DiagnosticId::not_importable, param.identity.span,
                     "rows made of an identity alone, without a request, can't be carried over",
                     "use the identity where the rows are used");
      return std::nullopt;
    }
    const Lookup lookup = [&](const std::string& name) -> std::optional<Value> {
      for (const ConnectorParam& setting : context_.config.params) {
        const bool known = std::any_of(
            request.params.begin(), request.params.end(),
            [&](const ParamValue& p) { return p.connector_param.text == setting.name.text; });
        if (known && setting.name.text == name) return param_value(context_, setting);
      }
      return value(request, values, name);
    };
    const auto row = body_expr(request.output.text, lookup, unquoted(context_));
    if (!row) {
      context_.error(DiagnosticId::not_importable, request.output.span, "this template is no JSON");
      return std::nullopt;
    }
    context_.unresolved(row->missing, request.output.span, &request.params);
    return Block("emit " + row->expr);
  }

  std::nullopt_t overridden(const Request& request, const std::string& word) {
    const std::string help = bundled_help(context_, name_, word);
    context_.error(
        DiagnosticId::request_override, request.override_name.span,
        "`" + request.override_name.text + "` is code of its own in Fides, not part of the config",
        help.empty() ? "write the request as a chain" : help);
    return std::nullopt;
  }

  void leave_out(const Request& request) {
    const std::string text =
        "left out: Fides never sends it, as the identity of another read is always given";
    const Span where = request.path.given ? request.path.span : request.span;
    context_.report.differ(where, text);
    context_.warn(where, text);
  }

  void check_selection() {
    const auto count = std::count_if(endpoint_.reads.begin(), endpoint_.reads.end(), has_identity);
    if (count == 0 || static_cast<std::size_t>(count) == endpoint_.reads.size()) return;
    for (const Request& request : endpoint_.reads) {
      if (has_identity(request) || never_selected(context_, endpoint_, request)) continue;
      const std::string text =
          "sent whatever identity is given; Fides sends it only when no other read's identity is";
      context_.report.differ(request.path.span, text);
      if (context_.exact) context_.warn(request.path.span, text);
    }
  }

  // ---- actions ----

  std::vector<Block> lower_actions() {
    ActionInputs inputs;
    inputs.elements = elements_;
    for (const ReadScope& scope : scopes_) {
      for (const auto& [name, expr] : scope.values) {
        if (scope.identities.count(name) == 0) inputs.values.emplace(name, expr);
      }
    }
    std::vector<Block> out;
    const auto add = [&](const std::optional<Request>& request, const std::string& word) {
      if (!request) return;
      if (request->override_name.given) {
        (void)overridden(*request, word);
        return;
      }
      if (never_erased(*request, word)) return;
      if (auto block = action_block(context_, *request, word, name_, inputs)) {
        if (word == "update" && !endpoint_.reads.empty() && !has_key(context_, name_)) {
          block->comments.emplace_back("# allow F0701: the dataset names no key");
        }
        out.push_back(std::move(*block));
      }
    };
    add(endpoint_.update, "update");
    const bool protection = context_.exact && context_.config.data_protection && !endpoint_.update;
    if (protection) {
      if (endpoint_.erase) {
        context_.report.differ(endpoint_.erase->path.span,
                               "left out: Fides sends the data_protection_request instead");
      }
      add(context_.config.data_protection, "delete");
    } else {
      add(endpoint_.erase, "delete");
    }
    for (const Text& after : endpoint_.after) {
      context_.report.say(after.span,
                          "left out: it has no effect in Fides; references order the collections");
    }
    for (const Text& after : endpoint_.erase_after) {
      const std::size_t dot = after.text.find('.');
      const std::string other = after.text.substr(dot == std::string::npos ? 0 : dot + 1);
      const bool own = dot == std::string::npos || context_.own_dataset(after.text.substr(0, dot));
      if (!own || context_.endpoint(other) == nullptr || context_.reachable.count(other) == 0) {
        context_.report.differ(after.span, "left out: nothing of `" + after.text + "` is erased");
        continue;
      }
      out.emplace_back("erase_after " + identifier(other));
    }
    return out;
  }

  // ---- lists ----

  /// Of a list that is called like a parameter of a read, Fides erases the elements alone that are
  /// among the parameter's values, whichever row it was that they came from.
  void own_lists(const Request& request, ReadScope& scope) {
    const auto masks = [](const std::optional<Request>& action) {
      return action && action->body.text.find("_object_fields") != std::string::npos;
    };
    for (const ParamValue& param : request.params) {
      const Field* list = own_list(param.name.text);
      const auto value = scope.values.find(param.name.text);
      if (list == nullptr || value == scope.values.end()) continue;
      context_.report.differ(param.name.span,
                             "an access gives the list `" + param.name.text +
                                 "` whole; Fides leaves out the elements that aren't inputs");
      if (!masks(endpoint_.update) && !masks(endpoint_.erase)) continue;
      std::string all = "[" + value->second + "]";
      if (param.references.size() > 1) {
        context_.error(DiagnosticId::not_importable, param.references[1].field.span,
                       "`" + param.name.text +
                           "` is a list of the row, too, whose elements Fides erases if any of "
                           "these references has them",
                       "write a collection for each of them");
        continue;
      }
      if (!param.identity.given) {
        if (unknown_shape(param.references.front())) {
          context_.error(DiagnosticId::not_importable, param.references.front().field.span,
                         "which elements of `" + param.name.text +
                             "` are the person's can't be told: the dataset doesn't say what is a "
                             "list on the way here",
                         "give each field of this path a `data_type`");
          continue;
        }
        all = sources_.bind("batch(" + sources_.behind(value->second) + ", 1000000)",
                            {"all_" + param.name.text});
        scope.waits.push_back(all);
      }
      elements_[param.name.text] = cast_elements(context_, list->type, all);
    }
  }

  bool unknown_shape(const Reference& reference) const {
    const std::string& field = reference.field.text;
    const std::size_t dot = field.find('.');
    return reference.external.empty() && context_.own_dataset(reference.dataset) &&
           dot != std::string::npos &&
           field_path(context_, field.substr(0, dot), field.substr(dot + 1)).parts.size() > 1;
  }

  const Field* own_list(const std::string& name) const {
    const Collection* dataset = context_.fields_of(name_);
    if (dataset == nullptr) return nullptr;
    const auto found = std::find_if(dataset->fields.begin(), dataset->fields.end(),
                                    [&](const Field& field) { return field.name.text == name; });
    // An object is no input, so there is nothing to compare it with.
    const bool list = found != dataset->fields.end() && found->list && found->fields.empty() &&
                      !found->all_elements && found->type != "object";
    return list ? &*found : nullptr;
  }

  static bool any_key(const std::vector<Field>& fields) {
    return std::any_of(fields.begin(), fields.end(), [](const Field& field) {
      return field.fields.empty() ? field.primary_key : any_key(field.fields);
    });
  }

  /// Fides erases nothing in a collection without a primary key; the first parameter of a `delete`
  /// without a read is one, unless the dataset has a field of its name.
  bool never_erased(const Request& request, const std::string& word) {
    const Collection* dataset = context_.fields_of(name_);
    if (dataset != nullptr && any_key(dataset->fields)) return false;
    bool never = true;
    if (endpoint_.reads.empty() && word == "delete" && !request.params.empty()) {
      const std::string& first = request.params.front().name.text;
      never = dataset != nullptr &&
              std::any_of(dataset->fields.begin(), dataset->fields.end(),
                          [&](const Field& field) { return field.name.text == first; });
    }
    if (!never) return false;
    const std::string text =
        "Fides never sends this `" + word + "`: no field of `" + name_ + "` is a primary key";
    const Span where = request.path.given ? request.path.span : request.span;
    context_.report.differ(where,
                           text + (context_.exact ? ", so it is left out" : "; here it is sent"));
    context_.warn(where, text + (context_.exact ? ", so it is left out" : "; in fconn it is sent"),
                  context_.exact ? "" : "remove it if that is meant");
    return context_.exact;
  }

  Context& context_;
  const Endpoint& endpoint_;
  std::string name_;
  Sources sources_;
  std::vector<ReadScope> scopes_;
  std::map<std::string, std::string>
      elements_;  // list of the row -> the values that are the person's
};

}  // namespace

std::optional<Block> collection_block(Context& context, const Endpoint& endpoint) {
  return CollectionLowerer(context, endpoint).lower();
}

}  // namespace fconn::importer
