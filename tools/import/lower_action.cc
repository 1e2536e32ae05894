// Requests that change something: update, delete, consent.
#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

class ActionLowerer {
 public:
  ActionLowerer(Context& context, const Request& request, std::string collection,
                const ActionInputs& inputs)
      : context_(context), request_(request), collection_(std::move(collection)), inputs_(inputs) {}

  std::optional<Lowered> lower(const std::string& hint) {
    if (request_.async) {
      context_.error(DiagnosticId::not_importable, request_.async->name.span,
                     "a request that is answered later isn't carried over",
                     "write it as a chain with `until`: see docs/long-jobs.md");
      return std::nullopt;
    }
    std::string each;
    const Text* members = list_path();
    if (members != nullptr) {
      context_.wanted[collection_].insert(members->text);
      list_ = members->text;
      row_ = "e";
      while (context_.taken(row_)) row_ += "_";
      each = "for " + row_ + " in row" + path_steps(members->text) + "[]";
    }
    if (request_.pagination) {
      context_.report.say(request_.pagination->name.span,
                          "left out: Fides pages through reads only");
    }
    Scope scope;
    for (const ParamValue& param : request_.params) {
      if (param.identity.given) scope.identities[param.name.text] = param.identity.text;
    }
    scope.lookup = [this](const std::string& name) { return value(name); };
    scope.collection = collection_;
    auto out = request_text(context_, request_, scope, hint);
    if (!out) return out;
    if (!each.empty() && out->masks) {
      context_.error(DiagnosticId::not_importable, members->span,
                     "masking the members of a list in each row one by one can't be carried over",
                     "say in the body which members of `" + row_ + "` become what");
      return std::nullopt;
    }
    out->each = std::move(each);
    tolerated(*out);
    filters(*out);
    add_missing_skips(request_, *out);
    for (const Text& name : request_.grouped) {
      context_.report.say(name.span, "the values of one row belong together anyway");
    }
    return out;
  }

 private:
  /// The list in each row whose members the action is for: a `data_path`, or an `unwrap` that comes
  /// first. Null: the rows themselves.
  const Text* list_path() {
    if (request_.data_path.given) return &request_.data_path;
    for (const Strategy& step : request_.postprocessors) {
      if (step.name.text == "extract_for_execution_log") continue;
      const Node* path = step.configuration.find("data_path");
      if (step.name.text != "unwrap" || path == nullptr) return nullptr;
      unwrap_ = &step;
      unwrapped_ = {path->text, path->span, true, false};
      return &unwrapped_;
    }
    return nullptr;
  }

  std::optional<Value> value(const std::string& name) {
    if (name == "masked_object_fields") return Value{own("masked", true), false, true, false};
    if (name == "all_object_fields")
      return Value{own(declared_fields(), false), false, true, false};
    for (const std::string_view whole : {"masked_object_fields.", "all_object_fields."}) {
      if (!name.starts_with(whole)) continue;
      const std::string row = whole.front() == 'm' ? "masked" : "masked_row";
      return Value{row + path_steps(name.substr(whole.size())), false, true, false};
    }
    if (auto special = special_value(context_, name, collection_)) return special;
    const auto [first, rest] = split_name(name);
    for (const ParamValue& param : request_.params) {
      if (param.name.text == name) return of(param, "");
      if (param.name.text == first) return of(param, rest);
    }
    return std::nullopt;
  }

  /// Of a list that a read takes its inputs for, Fides masks the elements that match alone.
  std::string own(std::string fields, bool masked) {
    for (const auto& [list, value] : inputs_.elements) {
      context_.report.differ(request_.path.span,
                             "of `" + list +
                                 "` only the elements are changed that the reads take as inputs" +
                                 (context_.exact ? ""
                                                 : "; the others stay, where Fides puts "
                                                   "FIDESOPS_DO_NOT_MASK or null in their place"));
      fields = matching_elements(context_, fields, list, value, masked);
    }
    return fields;
  }

  /// Fides sends the fields that its graph knows; whatever else the row holds stays behind.
  std::string declared_fields() const {
    const Collection* dataset = context_.fields_of(collection_);
    if (dataset == nullptr || dataset->fields.empty()) return "masked_row";
    constexpr std::size_t width = 84;
    std::string out, line;
    for (const Field& field : dataset->fields) {
      const std::string name = quoted(field.name.text);
      if (!line.empty() && line.size() + name.size() > width) {
        out += line + ",\n";
        line.clear();
      }
      line += (line.empty() ? "" : ", ") + name;
    }
    const std::string around = out.empty() ? "" : "\n";
    return "pick(masked_row, [" + around + out + line + around + "])";
  }

  /// `rest`: a path in the parameter's value.
  std::optional<Value> of(const ParamValue& param, const std::string& rest) {
    const std::string steps = steps_behind(rest);
    if (param.identity.given && !rest.empty()) return std::nullopt;
    if (param.identity.given) {
      context_.used_identities.insert(param.identity.text);
      return Value{identifier(param.identity.text), true, false, false};
    }
    if (param.connector_param.given) {
      const ConnectorParam* setting = context_.param(param.connector_param.text);
      if (setting == nullptr || !rest.empty()) return std::nullopt;
      return param_value(context_, *setting);
    }
    Value out;
    out.may_be_null = true;
    out.any_shape = true;
    const std::string& field = param.references.front().field.text;
    const std::size_t dot = field.find('.');
    if (param.references.front().external.empty() && dot != std::string::npos &&
        field.substr(0, dot) == collection_) {
      const std::string path = field.substr(dot + 1);
      out.expr = row_ + path_steps(path) + steps;
      if (row_ != "row") return out;
      context_.wanted[collection_].insert(path);
      context_.row_keys[collection_].insert(path);
      const FieldPath known = field_path(context_, collection_, path);
      out.declared_text = known.text && rest.empty();
      out.any_shape = !known.scalar || !rest.empty();
      return out;
    }
    const auto input = inputs_.values.find(param.name.text);
    if (input == inputs_.values.end()) return std::nullopt;
    say_which(param);
    out.expr = input->second + steps;
    out.may_be_null = !rest.empty();
    return out;
  }

  /// Of an input's values Fides takes the first, whatever row it was that they led to.
  void say_which(const ParamValue& param) {
    const Endpoint* own = context_.endpoint(collection_);
    const bool read = own != nullptr && !own->reads.empty();
    const std::string text =
        read ? "the value that led to the row; Fides takes the first of all that there are"
             : "sent for each value; Fides sends it for the first of them alone";
    context_.report.differ(param.name.span, text);
    if (context_.exact) context_.warn(param.name.span, text);
  }

  /// `ignore_errors`, which counts for nothing in a choice.
  void tolerated(Lowered& out) {
    if (collection_.empty()) {
      if (request_.ignore_errors.given) {
        context_.report.say(request_.ignore_errors.span,
                            "left out: Fides' choices fail on every status from 400 up");
      }
      return;
    }
    if (const std::string retry = retry_clause(context_, request_); !retry.empty()) {
      out.clauses.emplace_back(retry);
    }
    if (const std::string skip = skip_clause(context_, request_); !skip.empty()) {
      Block clause(skip);
      const std::uint32_t line = line_of(context_, request_.ignore_errors.span);
      const auto comments = comments_at(context_, line, line);
      if (comments.size() == 1) {
        clause.behind = comments.front().substr(2);
      } else {
        clause.comments = comments;
      }
      out.clauses.push_back(std::move(clause));
    }
  }

  void filters(Lowered& out) {
    for (const Strategy& step : request_.postprocessors) {
      if (step.name.text == "extract_for_execution_log") {
        context_.report.say(step.name.span, "left out: it only writes to Fides' log; see --trace");
        continue;
      }
      if (&step == unwrap_) continue;
      if (step.name.text != "filter") {
        context_.error(DiagnosticId::not_importable, step.name.span,
                       "only a `filter` says which rows an action is for; `" + step.name.text +
                           "` can't be carried over");
        continue;
      }
      const auto condition =
          filter_condition(context_, step, collection_, row_, {}, out.optional, list_);
      if (condition) out.clauses.emplace_back("skip when not (" + *condition + ")");
    }
  }

  Context& context_;
  const Request& request_;
  std::string collection_;
  ActionInputs inputs_;
  std::string row_ = "row";           // or the member of a list in it
  std::string list_;                  // whose
  const Strategy* unwrap_ = nullptr;  // that says which list
  Text unwrapped_;
};

/// An action runs with any of its identities when it can do without each of them.
std::string needs(const Request& request, const Lowered& lowered) {
  std::set<std::string> named;
  for (const ParamValue& param : request.params) {
    if (param.identity.given) named.insert(param.identity.text);
  }
  if (named.size() < 2 || lowered.optional.empty()) return "";
  const std::set<std::string>& list =
      lowered.required.empty() ? lowered.optional : lowered.required;
  std::string out = "needs ";
  const char* between = lowered.required.empty() ? " or " : " and ";
  for (const std::string& name : list) out += (out == "needs " ? "" : between) + identifier(name);
  return out + " ";
}

/// Of the requests of one choice, those without which it isn't made need their identities; the last
/// one may be left out for want of its own. Gives the `needs`, and says which others can't.
std::string needs_of_all(Context& context, const std::vector<const Request*>& requests,
                         std::vector<Lowered>& all) {
  const auto may_lack = [&](std::size_t i) { return requests[i]->skip_missing.given; };
  std::set<std::string> needed;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!may_lack(i)) needed.insert(all[i].required.begin(), all[i].required.end());
  }
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    for (const std::string& name : all[i].required) {
      const bool alone = std::any_of(all.begin(), all.end(), [&](const Lowered& other) {
        return other.required.count(name) == 0;
      });
      if (!needed.insert(name).second || !alone) continue;
      const std::string text = "without `" + name +
                               "` none of this choice's requests is sent; Fides leaves out this "
                               "one and sends the others";
      context.report.differ(requests[i]->path.span, text);
      context.warn(requests[i]->path.span, text);
    }
  }
  std::set<std::string> lacking;
  for (const std::string& name : all.back().required) {
    if (needed.count(name) == 0) lacking.insert(name);
  }
  if (lacking.empty() || needed.empty()) return "";
  for (const std::string& name : lacking) {
    all.back().clauses.emplace_back("skip when " + identifier(name) + " == null " +
                                    quoted("there is no " + name));
  }
  std::string out = " needs ";
  for (const std::string& name : needed) {
    out += (out == " needs " ? "" : " and ") + identifier(name);
  }
  return out;
}

std::optional<Block> consent(Context& context, const std::vector<Request>& requests,
                             const std::string& direction) {
  if (requests.empty()) return std::nullopt;
  // What may be left out comes last: the others don't wait for it.
  std::vector<const Request*> ordered;
  for (const bool may_lack : {false, true}) {
    for (const Request& request : requests) {
      if (request.skip_missing.given == may_lack) ordered.push_back(&request);
    }
  }
  std::vector<const Request*> sent;
  std::vector<Lowered> all;
  for (const Request* one : ordered) {
    const Request& request = *one;
    if (request.override_name.given) {
      const std::string help = bundled_help(context, "", "consent");
      context.error(DiagnosticId::request_override, request.override_name.span,
                    "`" + request.override_name.text +
                        "` is code of its own in Fides, not part of the config",
                    help);
      continue;
    }
    auto lowered = ActionLowerer(context, request, "", {}).lower(direction);
    if (!lowered) continue;
    if (request.skip_missing.given) {
      context.report.say(request.skip_missing.span,
                         "a choice whose identity is missing isn't sent");
    }
    sent.push_back(one);
    all.push_back(std::move(*lowered));
  }
  if (all.empty()) return std::nullopt;
  const std::string needs = all.size() > 1 ? needs_of_all(context, sent, all) : "";
  std::vector<Block> steps;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool last = i + 1 == all.size();
    Block step((last ? "" : "let step_" + std::to_string(i + 1) + " = ") + all[i].head);
    step.comments = std::move(all[i].comments);
    step.items = std::move(all[i].clauses);
    steps.push_back(std::move(step));
  }
  Block block("consent " + direction + needs);
  block.gap = true;
  if (steps.size() == 1) {
    Block one = std::move(steps.front());
    block.head += " " + one.head;
    block.items = std::move(one.items);
    block.comments = std::move(one.comments);
  } else {
    block.items = std::move(steps);
  }
  return block;
}

}  // namespace

std::optional<Block> action_block(Context& context, const Request& request, const std::string& word,
                                  const std::string& collection, const ActionInputs& inputs) {
  auto lowered = ActionLowerer(context, request, collection, inputs).lower(collection);
  if (!lowered) return std::nullopt;
  std::string begin = word + " " + needs(request, *lowered);
  Block block(lowered->each.empty() ? begin + lowered->head : begin.substr(0, begin.size() - 1));
  block.comments = std::move(lowered->comments);
  if (lowered->masks && !has_category(context, collection)) {
    block.comments.emplace_back("# allow F0702: the dataset has no categories here");
  }
  if (lowered->each.empty()) {
    block.items = std::move(lowered->clauses);
  } else {
    block.add(lowered->each);
    block.add(lowered->head).items = std::move(lowered->clauses);
  }
  if (request.skip_missing.given) {
    context.report.say(request.skip_missing.span, "an action whose value is missing isn't sent");
  }
  return block;
}

std::vector<Block> consent_blocks(Context& context) {
  std::vector<Block> out;
  if (auto in = consent(context, context.config.opt_in, "opt_in")) out.push_back(std::move(*in));
  if (auto no = consent(context, context.config.opt_out, "opt_out")) out.push_back(std::move(*no));
  return out;
}

}  // namespace fconn::importer
