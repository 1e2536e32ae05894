// Collections as endpoints; tests and consents.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::Chain;
using grammar::Clause;
using grammar::Needs;

/// `fail when row.email == null`, or a `skip`: what it looks at; null for any other step.
const Expr* guarded(const Clause& step) {
  const auto* fail = std::get_if<grammar::FailClause>(&step.node);
  const auto* skip = std::get_if<grammar::SkipClause>(&step.node);
  if (fail != nullptr && !fail->when.empty()) return tested_for_null(fail->when.front());
  if (skip != nullptr && !skip->when.empty()) return tested_for_null(skip->when.front());
  return nullptr;
}

/// `let x = E` without a request: its name stands for the expression. False for any other step.
bool take_let(Scope& scope, const Clause& step) {
  const auto* let = std::get_if<grammar::LetClause>(&step.node);
  if (let == nullptr || let->value.empty()) return false;
  const Expr value = scope.simple(let->value.front());
  scope.names[let->name.text] = value;
  return true;
}

/// The one request of a chain, perhaps with guards and names in front of it; null after a mistake.
const grammar::Request* single(Scope& scope, const Chain& chain) {
  if (chain.request.empty()) return nullptr;
  for (const Clause& step : chain.steps) {
    if (take_let(scope, step) || guarded(step) != nullptr) continue;
    scope.context().error(
        step.span, "Fides' requests know nothing of each other: a chain has no counterpart",
        "keep this connector in fconn, or read the steps as collections of their own");
    return nullptr;
  }
  return &chain.request.front();
}

/// Fides sends nothing where a value of the path or the body is missing: a guard says no more. With
/// `skip_missing_param_values` that is no failure.
void check_guards(Scope& scope, const Chain& chain, const Yaml& request) {
  for (const Clause& step : chain.steps) {
    const Expr* value = guarded(step);
    if (value == nullptr) continue;
    const auto hole = scope.hole(scope.simple(*value), Use::strict);
    if (!hole) continue;
    const bool needed =
        std::any_of(request.members.begin(), request.members.end(), [&](const Member& one) {
          return (one.key == "path" || one.key == "body") &&
                 one.value.scalar.find("<" + hole->name + ">") != std::string::npos;
        });
    const bool skips = std::holds_alternative<grammar::SkipClause>(step.node);
    if (needed && skips) scope.may_miss = true;
    if (!needed)
      scope.context().error(step.span, "Fides sends a request whatever its inputs hold",
                            "it fails by itself where a value of the path or the body is missing");
  }
}

/// Which identities start a request: in Fides any one of its parameters'.
bool apply_needs(Scope& scope, const Needs& needs) {
  if (!needs.present) return true;
  const bool one_each =
      std::all_of(needs.alternatives.begin(), needs.alternatives.end(),
                  [](const std::vector<grammar::Name>& names) { return names.size() == 1; });
  if (needs.alternatives.size() > 1 && !one_each) {
    scope.context().error(needs.span, "Fides starts a request by any one of its identities",
                          "`needs a or b`, or `needs a and b`");
    return false;
  }
  std::set<std::string> required;
  for (const std::vector<grammar::Name>& names : needs.alternatives) {
    for (const grammar::Name& name : names) {
      scope.add_identity(name.text);
      scope.mentioned.insert(name.text);
      if (needs.alternatives.size() == 1) required.insert(name.text);
    }
  }
  for (const std::string& name : scope.context().identities) {
    if (required.count(name) == 0) scope.optional.insert(name);
  }
  return true;
}

class EndpointWriter {
 public:
  EndpointWriter(Context& context, const std::string& name, const grammar::CollectionDecl& decl)
      : context_(context), name_(name), decl_(decl), inputs_(context, name, decl) {}

  std::optional<Yaml> write() {
    std::size_t wanted = 0;
    for (const grammar::Decl& item : decl_.items) {
      const auto* read = std::get_if<grammar::ReadDecl>(&item.node);
      const auto* emit = std::get_if<grammar::EmitDecl>(&item.node);
      if (read != nullptr) add_read(read->chain, item.keyword);
      if (emit != nullptr) add_emit(*emit, item.keyword);
      if (read != nullptr || emit != nullptr) ++wanted;
    }
    complete_ = reads_.size() == wanted;
    const bool prefers_delete =
        std::any_of(decl_.items.begin(), decl_.items.end(), [](const grammar::Decl& item) {
          const auto* prefer = std::get_if<grammar::PreferDecl>(&item.node);
          return prefer != nullptr && prefer->action.text == "delete";
        });
    for (const grammar::Decl& item : decl_.items) {
      const auto* update = std::get_if<grammar::UpdateDecl>(&item.node);
      if (update != nullptr && prefers_delete) {
        context_.warn(item.keyword,
                      "left out: Fides always prefers an `update`, and this collection doesn't");
      } else if (update != nullptr) {
        add_action("update", update->chain, item.keyword);
      } else if (const auto* removal = std::get_if<grammar::DeleteDecl>(&item.node)) {
        add_action("delete", removal->chain, item.keyword);
      }
    }
    return assembled();
  }

 private:
  struct Part {
    Yaml yaml;
    Scope scope;
    RequestKind kind;
    Span span;
  };

  Scope scope() { return Scope(context_, &inputs_); }

  void add_read(const Chain& chain, Span span) {
    Part part{{}, scope(), {true, false, false, false}, span};
    const grammar::Request* request = single(part.scope, chain);
    if (request == nullptr) return;
    if (!apply_needs(part.scope, chain.needs)) return;
    auto yaml = request_yaml(part.scope, *request, part.kind);
    if (!yaml) return;
    check_guards(part.scope, chain, *yaml);
    part.yaml = std::move(*yaml);
    note_texts(*request, part.scope);
    start(part);
    reads_.push_back(std::move(part));
  }

  /// A read is reached by its inputs; one that only looks for an identity among the rows by that.
  void start(Part& part) {
    const auto is_input = [](const ParamValue& one) {
      return one.from != ParamValue::From::setting;
    };
    if (std::any_of(part.scope.params.begin(), part.scope.params.end(), is_input)) return;
    for (const std::string& identity : part.scope.mentioned) part.scope.add_identity(identity);
    if (part.scope.mentioned.empty()) {
      context_.warn(part.span,
                    "Fides never comes to `" + name_ +
                        "`: it starts from identities and goes on from rows that it has");
    }
  }

  void add_emit(const grammar::EmitDecl& emit, Span span) {
    Part part{{}, scope(), {true, false, false, false}, span};
    part.scope.in_map = true;
    const auto json = json_template(part.scope, emit.value.front());
    part.scope.in_map = false;
    if (!json) return;
    part.yaml.add("output", Yaml::text(*json));
    note_texts(emit.value.front(), part.scope);
    start(part);
    reads_.push_back(std::move(part));
  }

  /// Which members of rows that are made here are texts, whatever `fields` says.
  void note_texts(const grammar::Request& request, Scope& scope) {
    for (const Clause& clause : request.clauses) {
      if (const auto* map = std::get_if<grammar::MapClause>(&clause.node))
        note_texts(map->value.front(), scope);
    }
  }

  void note_texts(const Expr& expr, Scope& scope) {
    const Expr simple = scope.simple(expr);
    const auto* object = node<grammar::ObjectExpr>(simple);
    if (object == nullptr) return;
    for (const grammar::ObjectEntry& one : object->entries) {
      if (one.kind != grammar::EntryKind::named) continue;
      const Expr& value = one.value.front();
      const auto path = path_of(value);
      // What has a name here was a placeholder before: nothing is reported twice.
      const auto hole = path && !path->root.empty() ? scope.hole(value, Use::body) : std::nullopt;
      if (node<grammar::StringExpr>(value) != nullptr || (hole && hole->text))
        context_.made_texts[name_].insert(one.name.text);
    }
  }

  void add_action(const std::string& word, const Chain& chain, Span span) {
    if (chain.request.empty()) return;
    Part part{{}, scope(), {false, true, false, false}, span};
    part.scope.action = true;
    std::string data_path;
    const bool each =
        chain.steps.size() == 1 && for_each(chain.steps.front(), part.scope, data_path);
    if (!each && single(part.scope, chain) == nullptr) return;
    if (!apply_needs(part.scope, chain.needs)) return;
    auto yaml = request_yaml(part.scope, chain.request.front(), part.kind, data_path);
    if (!yaml) return;
    if (!each) check_guards(part.scope, chain, *yaml);
    if (each && part.scope.masks) {
      context_.error(chain.steps.front().span, "Fides can't mask the members of a list one by one");
      return;
    }
    part.yaml = std::move(*yaml);
    if (word == "update" && reads_.empty() && complete_)
      context_.error(span, "Fides updates rows that it has read: this collection has no `read`");
    actions_.emplace_back(word, std::move(part));
  }

  /// `for e in row.lines[]`
  static bool for_each(const Clause& clause, Scope& scope, std::string& data_path) {
    const auto* each = std::get_if<grammar::ForEachClause>(&clause.node);
    const auto path = each == nullptr ? std::nullopt : path_of(each->source.front());
    if (!path || path->root != "row" || path->steps.size() < 2 || !path->steps.back().each)
      return false;
    const auto lists = std::count_if(path->steps.begin(), path->steps.end(),
                                     [](const Step& one) { return one.each; });
    if (lists != 1) return false;
    scope.element = each->name.text;
    data_path = fides_path(path->steps);
    return true;
  }

  /// Fides knows inputs by the parameters of the reads.
  void share_inputs() {
    if (reads_.empty()) return;
    for (const auto& [word, action] : actions_) {
      for (const ParamValue& param : action.scope.params) {
        const bool upstream =
            param.from == ParamValue::From::external ||
            (param.from == ParamValue::From::reference && !param.value.starts_with(name_ + "."));
        if (!upstream) continue;
        const bool known = std::any_of(reads_.begin(), reads_.end(), [&](const Part& read) {
          return std::any_of(read.scope.params.begin(), read.scope.params.end(),
                             [&](const ParamValue& one) { return one.name == param.name; });
        });
        if (!known) reads_.front().scope.add(param);
      }
    }
  }

  /// Whether there is a row only where the action's identities are given: its reads need them.
  bool led_by(const Scope& action) const {
    return !reads_.empty() &&
           std::all_of(action.params.begin(), action.params.end(), [&](const ParamValue& param) {
             return param.from != ParamValue::From::identity ||
                    std::all_of(reads_.begin(), reads_.end(),
                                [&](const Part& read) { return needed(read.scope, param.value); });
           });
  }

  /// Whether Fides sends a read for the one identity alone.
  static bool needed(const Scope& read, const std::string& identity) {
    bool found = false, others = false, rows = false;
    for (const ParamValue& one : read.params) {
      const bool is_identity = one.from == ParamValue::From::identity;
      found = found || (is_identity && one.value == identity);
      others = others || (is_identity && one.value != identity);
      rows =
          rows || one.from == ParamValue::From::reference || one.from == ParamValue::From::external;
    }
    return found && !others && !(rows && read.dropped.count(identity) != 0);
  }

  std::optional<Yaml> assembled() {
    share_inputs();
    for (Part& read : reads_) {
      add_params(read.yaml, read.scope, read.kind, read.span);
      for (const ParamValue& param : read.scope.params)
        context_.read_params[name_].insert(param.name);
    }
    for (auto& [word, action] : actions_) {
      action.kind.identities_known = led_by(action.scope);
      add_params(action.yaml, action.scope, action.kind, action.span);
    }
    check_reads();
    if (reads_.empty() && actions_.empty()) return std::nullopt;
    if (complete_) check_inputs();
    Yaml requests;
    if (reads_.size() == 1) {
      requests.add("read", std::move(reads_.front().yaml));
    } else if (!reads_.empty()) {
      Yaml& list = requests.add("read", Yaml::list());
      for (Part& read : reads_) list.push(std::move(read.yaml));
    }
    for (auto& [word, action] : actions_) requests.add(word, std::move(action.yaml));
    Yaml out;
    out.add("name", Yaml::text(name_));
    erase_after(out);
    out.add("requests", std::move(requests));
    return out;
  }

  template <class Wanted>
  static std::set<std::string> names_of(const Part& read, Wanted wanted) {
    std::set<std::string> out;
    for (const ParamValue& one : read.scope.params) {
      if (wanted(one)) out.insert(one.name);
    }
    return out;
  }

  /// What several reads of a collection must have in common.
  void check_reads() {
    const auto grouped = [](const ParamValue& one) { return one.grouped; };
    const auto from_rows = [](const ParamValue& one) {
      return one.from == ParamValue::From::reference || one.from == ParamValue::From::external;
    };
    const auto identity = [](const ParamValue& one) {
      return one.from == ParamValue::From::identity;
    };
    for (const Part& read : reads_) {
      if (names_of(read, identity).empty() != names_of(reads_.front(), identity).empty())
        context_.error(read.span,
                       "of a collection's reads Fides sends those alone that take an identity",
                       "`needs` gives the others one");
      std::set<std::string> collections;
      for (const ParamValue& one : read.scope.params) {
        if (one.grouped) collections.insert(one.value.substr(0, one.value.find('.')));
      }
      if (collections.size() > 1)
        context_.error(read.span,
                       "Fides takes values of one row from one collection, not from two at once");
      if (names_of(read, grouped) != names_of(reads_.front(), grouped)) {
        context_.error(read.span,
                       "in Fides all reads of a collection take the same values of a row");
      } else if (names_of(read, from_rows) != names_of(reads_.front(), from_rows)) {
        context_.warn(read.span,
                      "Fides sends no read of a collection where one of them lacks its inputs");
      }
    }
  }

  /// A source of which nothing is asked for would be no input in Fides.
  void check_inputs() const {
    if (reads_.empty()) check_alone(actions_.front().second);
    for (const Binding& binding : inputs_.all()) {
      // An input of rows that a list or a member of is taken from stands behind those.
      const bool passed_on =
          std::any_of(inputs_.all().begin(), inputs_.all().end(),
                      [&](const Binding& one) { return one.row == binding.name; });
      if (passed_on || binding.kind == Binding::Kind::batch) continue;
      if (names(reads_.empty() ? &actions_.front().second : nullptr, binding)) continue;
      context_.error(binding.span,
                     "Fides sends one request for all of `" +
                         (binding.collection.empty() ? binding.name : binding.collection) +
                         "`: nothing of `" + binding.name + "` stands in it",
                     "put a value of it into the request");
    }
  }

  /// Fides carries out an action without a read once, with the first of the values.
  void check_alone(const Part& action) const {
    for (const ParamValue& one : action.scope.params) {
      const bool many =
          one.from == ParamValue::From::reference || one.from == ParamValue::From::external;
      if (!many) continue;
      context_.error(
          action.span,
          "without a `read` Fides does this once, for the first `" + one.name + "` alone",
          "`emit { … }` with the values makes a row of each");
      return;
    }
  }

  /// Whether one of the reads, or that action, has an input of this source.
  bool names(const Part* action, const Binding& binding) const {
    const auto of_binding = [&](const ParamValue& one) {
      if (binding.kind == Binding::Kind::together) return one.name == binding.name;
      const bool outside =
          one.from == ParamValue::From::external || one.from == ParamValue::From::setting;
      return outside ? one.value == binding.collection
                     : one.value.starts_with(binding.collection + ".");
    };
    const auto has = [&](const Part& part) {
      return std::any_of(part.scope.params.begin(), part.scope.params.end(), of_binding);
    };
    return action != nullptr ? has(*action) : std::any_of(reads_.begin(), reads_.end(), has);
  }

  void erase_after(Yaml& out) const {
    Yaml list = Yaml::list();
    for (const grammar::Decl& item : decl_.items) {
      const auto* after = std::get_if<grammar::EraseAfterDecl>(&item.node);
      if (after == nullptr) continue;
      for (const grammar::Name& one : after->collections)
        list.push(Yaml::text(std::string(instance_key) + "." + one.text));
    }
    if (!list.empty()) out.add("erase_after", std::move(list));
  }

  Context& context_;
  const std::string& name_;
  const grammar::CollectionDecl& decl_;
  Inputs inputs_;
  std::vector<Part> reads_;
  bool complete_ = true;  // none of them was a mistake
  std::vector<std::pair<std::string, Part>> actions_;
};

}  // namespace

std::optional<Yaml> endpoint_yaml(Context& context, const std::string& name,
                                  const grammar::CollectionDecl& decl) {
  return EndpointWriter(context, name, decl).write();
}

std::optional<Yaml> check_yaml(Context& context, const Chain& chain) {
  Scope scope(context);
  scope.settings_only = true;
  const grammar::Request* request = single(scope, chain);
  if (request == nullptr) return std::nullopt;
  auto out = request_yaml(scope, *request, {});
  if (out) check_guards(scope, chain, *out);
  return out;
}

std::optional<Yaml> consent_yaml(Context& context, const grammar::ConsentDecl& decl, Span where) {
  if (!decl.purpose.empty()) {
    context.error(where, "Fides' consent has no purposes: a choice is for everything");
    return std::nullopt;
  }
  std::vector<const grammar::Request*> requests;
  Scope names(context);
  for (const Clause& step : decl.chain.steps) {
    if (take_let(names, step)) continue;
    const auto* let = std::get_if<grammar::LetClause>(&step.node);
    if (let == nullptr || let->request.empty()) {
      context.error(step.span,
                    "Fides sends a choice's requests one after the other, and nothing between");
      return std::nullopt;
    }
    requests.push_back(&let->request.front());
  }
  if (!decl.chain.request.empty()) requests.push_back(&decl.chain.request.front());
  Yaml out = Yaml::list();
  for (const grammar::Request* request : requests) {
    Scope scope(context);
    scope.names = names.names;
    const RequestKind kind{false, false, true, false};
    if (!apply_needs(scope, decl.chain.needs)) return std::nullopt;
    auto yaml = request_yaml(scope, *request, kind);
    if (!yaml) return std::nullopt;
    add_params(*yaml, scope, kind, where);
    out.push(std::move(*yaml));
  }
  return out.items.size() == 1 ? std::move(out.items.front()) : std::move(out);
}

}  // namespace fconn::exporter
