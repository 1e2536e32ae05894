// Collections as endpoints; tests and consents.
#include <algorithm>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::Chain;
using grammar::Clause;
using grammar::Needs;

/// The one request of a chain; null after a mistake.
const grammar::Request* single(Context& context, const Chain& chain) {
  if (chain.request.empty()) return nullptr;
  if (chain.steps.empty()) return &chain.request.front();
  context.error(chain.steps.front().span,
                "Fides' requests know nothing of each other: a chain has no counterpart",
                "keep this connector in fconn, or read the steps as collections of their own");
  return nullptr;
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
    for (const grammar::Decl& item : decl_.items) {
      if (const auto* read = std::get_if<grammar::ReadDecl>(&item.node)) {
        add_read(read->chain, item.keyword);
      } else if (const auto* emit = std::get_if<grammar::EmitDecl>(&item.node)) {
        add_emit(*emit, item.keyword);
      }
    }
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
    const grammar::Request* request = single(context_, chain);
    if (request == nullptr) return;
    Part part{{}, scope(), {true, false, &chain.needs}, span};
    if (!apply_needs(part.scope, chain.needs)) return;
    auto yaml = request_yaml(part.scope, *request, part.kind);
    if (!yaml) return;
    part.yaml = std::move(*yaml);
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
    Part part{{}, scope(), {true, false, nullptr}, span};
    part.scope.in_map = true;
    const auto json = json_template(part.scope, emit.value.front());
    part.scope.in_map = false;
    if (!json) return;
    part.yaml.add("output", Yaml::text(*json));
    start(part);
    reads_.push_back(std::move(part));
  }

  void add_action(const std::string& word, const Chain& chain, Span span) {
    if (chain.request.empty()) return;
    Part part{{}, scope(), {false, true, &chain.needs}, span};
    part.scope.action = true;
    std::string data_path;
    const bool each =
        chain.steps.size() == 1 && for_each(chain.steps.front(), part.scope, data_path);
    if (!each && single(context_, chain) == nullptr) return;
    if (!apply_needs(part.scope, chain.needs)) return;
    auto yaml = request_yaml(part.scope, chain.request.front(), part.kind, data_path);
    if (!yaml) return;
    if (each && part.scope.masks) {
      context_.error(chain.steps.front().span, "Fides can't mask the members of a list one by one");
      return;
    }
    part.yaml = std::move(*yaml);
    if (word == "update" && reads_.empty())
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

  std::optional<Yaml> assembled() {
    share_inputs();
    for (Part& read : reads_) {
      add_params(read.yaml, read.scope, read.kind, read.span);
      for (const ParamValue& param : read.scope.params)
        context_.read_params[name_].insert(param.name);
    }
    for (auto& [word, action] : actions_)
      add_params(action.yaml, action.scope, action.kind, action.span);
    check_reads();
    if (reads_.empty() && actions_.empty()) return std::nullopt;
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
    for (const Part& read : reads_) {
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
  std::vector<std::pair<std::string, Part>> actions_;
};

}  // namespace

std::optional<Yaml> endpoint_yaml(Context& context, const std::string& name,
                                  const grammar::CollectionDecl& decl) {
  return EndpointWriter(context, name, decl).write();
}

std::optional<Yaml> check_yaml(Context& context, const Chain& chain) {
  const grammar::Request* request = single(context, chain);
  if (request == nullptr) return std::nullopt;
  Scope scope(context);
  scope.settings_only = true;
  return request_yaml(scope, *request, {});
}

std::optional<Yaml> consent_yaml(Context& context, const grammar::ConsentDecl& decl, Span where) {
  if (!decl.purpose.empty()) {
    context.error(where, "Fides' consent has no purposes: a choice is for everything");
    return std::nullopt;
  }
  std::vector<const grammar::Request*> requests;
  for (const Clause& step : decl.chain.steps) {
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
    const RequestKind kind{false, false, &decl.chain.needs};
    if (!apply_needs(scope, decl.chain.needs)) return std::nullopt;
    auto yaml = request_yaml(scope, *request, kind);
    if (!yaml) return std::nullopt;
    add_params(*yaml, scope, kind, where);
    out.push(std::move(*yaml));
  }
  return out.items.size() == 1 ? std::move(out.items.front()) : std::move(out);
}

}  // namespace fconn::exporter
