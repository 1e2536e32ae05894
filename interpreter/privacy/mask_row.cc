#include "interpreter/privacy/mask_row.hh"

#include <algorithm>
#include <array>

#include "interpreter/privacy/constraints.hh"
#include "interpreter/privacy/decisions.hh"
#include "interpreter/value/json_scan.hh"

namespace fconn::privacy {
namespace {

constexpr std::array<std::string_view, 3> reasons = {"not targeted", "read-only",
                                                     "its type can't be masked so"};

void list_decisions(const std::vector<FieldNode>& nodes, std::vector<FieldDecision>& out) {
  for (const FieldNode& node : nodes) {
    const bool said = !node.field->categories.empty() || node.field->readonly;
    if (said) out.push_back(node.decision);
    list_decisions(node.below, out);
  }
}

/// Restores a path when the walk leaves a field or element.
class Step {
 public:
  Step(std::string& path, std::string_view step) : path_(path), before_(path.size()) {
    path_ += step;
  }
  ~Step() { path_.resize(before_); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  std::string& path_;
  std::size_t before_;
};

struct Member {
  std::string_view key;   // as spelt
  std::string_view name;  // unescaped
  std::string_view value;
};

/// One row's walk. `masked` and `row` grow with it.
struct Walk {
  Strategies& strategies;
  eval::Evaluator& evaluator;
  eval::Environment env;
  value::Arena& arena;
  MaskedRow& out;
  std::string path;
  std::optional<value::Failure> failure;

  value::Result<std::string> masked_value(const FieldNode& node, std::string_view before) {
    if (node.mask != nullptr) {
      auto after = strategies.apply(*node.mask, before);
      if (!after || node.mask->strategy == Strategy::preserve) return after;
      return constrained(*node.field, path, std::move(*after));
    }
    env.old_value = value::Value::raw(before);
    std::string after;
    if (auto made = evaluator.write_json(*node.field->mask, env, arena, after); !made) {
      made.error().text = "the mask of `" + path + "` gives nothing: " + made.error().text;
      return value::fail(std::move(made.error()));
    }
    // What stays as it was isn't judged by its type, as under preserve; a text is still cut.
    if (after == before && node.field->type != ir::ScalarType::string) return after;
    return constrained(*node.field, path, std::move(after));
  }

  /// Appends what the value becomes; false if it can't.
  bool replace(const FieldNode& node, std::string_view before, std::string& masked,
               std::string& row) {
    auto after = masked_value(node, before);
    if (!after) {
      failure = std::move(after.error());
      return false;
    }
    masked += *after;
    row += *after;
    out.changes.push_back({path, node.decision.category, node.decision.strategy,
                           std::string(before), std::move(*after)});
    return true;
  }

  /// Whether the value is masked as one: anything but a list, and a list of objects that no field
  /// below says more about (Fides looks at the first element).
  static bool is_one(std::string_view text) {
    if (text.front() != '[') return true;
    const std::size_t first = value::skip_space(text, 1);
    return first < text.size() && text[first] == '{';
  }

  /// Appends to `row` what the value becomes and, if anything in it is masked, to `masked`. Gives
  /// whether it is.
  bool value_of(const FieldNode& node, std::string_view text, std::string& masked,
                std::string& row) {
    if (node.decision.masked && is_one(text)) return replace(node, text, masked, row);
    if (text.front() == '[' && (node.decision.masked || node.masks_below || !node.below.empty())) {
      return list(node, text, masked, row);
    }
    if (text.front() == '{' && !node.below.empty()) return object(node.below, text, masked, row);
    row += text;
    return false;
  }

  bool list(const FieldNode& node, std::string_view text, std::string& masked, std::string& row) {
    std::string elements;
    std::size_t index = 0;
    std::size_t written = 0;
    const char* copied = text.data();
    value::each_element(text, [&](std::string_view element) {
      const Step step(path, "[" + std::to_string(index++) + "]");
      row.append(copied, element.data());
      copied = element.data() + element.size();
      std::string one;
      if (failure || !value_of(node, element, one, row)) return;
      // Elements before it in which nothing is masked keep its place.
      for (; written + 1 < index; ++written) {
        if (written > 0) elements += ',';
        elements += node.below.empty() ? "null" : "{}";
      }
      if (written++ > 0) elements += ',';
      elements += one;
    });
    row.append(copied, text.data() + text.size());
    if (written == 0) return false;
    masked += '[';
    masked += elements;
    masked += ']';
    return true;
  }

  static const FieldNode* find(const std::vector<FieldNode>& nodes, std::string_view name) {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [name](const FieldNode& node) {
      return node.field->name == name;
    });
    return found == nodes.end() ? nullptr : &*found;
  }

  void leave(const FieldNode& node) {
    if (node.decision.category.empty() || node.decision.masked || node.masks_below) return;
    out.left.push_back({path, node.decision.reason, node.decision.text});
  }

  bool object(const std::vector<FieldNode>& nodes, std::string_view text, std::string& masked,
              std::string& row) {
    std::vector<Member> members;
    value::each_member(text, [&](std::string_view key, std::string_view member) {
      members.push_back({key, value::unescape(key, arena), member});
    });
    std::vector<std::pair<std::string_view, std::string>> parts;  // of `masked`: name, member
    const char* previous = nullptr;                               // end of the member before
    bool kept = false;
    row.append(text.data(),
               members.empty() ? text.data() + text.size() : members.front().key.data() - 1);
    for (std::size_t i = 0; i < members.size() && !failure; ++i) {
      const Member& member = members[i];
      const FieldNode* node = find(nodes, member.name);
      const Step step(path, (path.empty() ? "" : ".") + std::string(member.name));
      const char* const begin = member.key.data() - 1;
      const char* const end = member.value.data() + member.value.size();
      if (node != nullptr) leave(*node);
      if (node != nullptr && node->field->readonly) {
        previous = end;
        continue;
      }
      if (kept) row.append(previous, begin);
      kept = true;
      row.append(begin, member.value.data());
      previous = end;
      std::string one;
      if (node == nullptr) {
        row += member.value;
      } else if (value_of(*node, member.value, one, row)) {
        std::string part(begin, member.key.data() + member.key.size() + 1);
        keep(parts, member.name, part + ':' + one);
      }
    }
    if (!members.empty() && previous != nullptr) row.append(previous, text.data() + text.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      masked += i == 0 ? '{' : ',';
      masked += parts[i].second;
    }
    if (!parts.empty()) masked += '}';
    return !parts.empty();
  }

  /// Of equal keys the last that holds something to mask counts.
  static void keep(std::vector<std::pair<std::string_view, std::string>>& parts,
                   std::string_view name, std::string part) {
    for (auto& [other, text] : parts) {
      if (other != name) continue;
      text = std::move(part);
      return;
    }
    parts.emplace_back(name, std::move(part));
  }
};

}  // namespace

std::string_view name(LeftAlone reason) { return reasons[static_cast<std::size_t>(reason)]; }

struct RowMasker::State {
  State(const ir::Collection& of, std::string_view instance, const Policy& policy,
        const MaskingSecrets& secrets, value::Random& random, eval::Evaluator& evaluates)
      : collection(of),
        strategies(secrets, random),
        evaluator(evaluates),
        nodes(decide(of, instance, policy)),
        locals(of.locals) {
    list_decisions(nodes, decisions);
  }

  const ir::Collection& collection;
  Strategies strategies;
  eval::Evaluator& evaluator;
  std::vector<FieldNode> nodes;
  std::vector<FieldDecision> decisions;
  std::vector<value::Value> locals;
};

RowMasker::RowMasker(const ir::Collection& collection, std::string_view instance,
                     const Policy& policy, const MaskingSecrets& secrets, value::Random& random,
                     eval::Evaluator& evaluator)
    : state_(std::make_unique<State>(collection, instance, policy, secrets, random, evaluator)) {}
RowMasker::~RowMasker() = default;

const std::vector<FieldDecision>& RowMasker::decisions() const { return state_->decisions; }

bool RowMasker::targets_anything() const {
  return std::any_of(state_->nodes.begin(), state_->nodes.end(), [](const FieldNode& node) {
    return node.decision.masked || node.masks_below;
  });
}

value::Result<MaskedRow> RowMasker::mask(std::string_view row, const eval::Environment& env) {
  MaskedRow out;
  value::Arena arena;
  const std::string_view object = row.substr(std::min(value::skip_space(row, 0), row.size()));
  if (object.empty() || object.front() != '{') {
    return value::fail(value::FailureKind::shape, "a row that isn't an object can't be masked",
                       state_->collection.span);
  }
  Walk walk{state_->strategies, state_->evaluator, env, arena, out, {}, std::nullopt};
  walk.env.locals = state_->locals;
  const bool any = walk.object(state_->nodes, object, out.masked, out.row);
  if (walk.failure) return value::fail(std::move(*walk.failure));
  if (!any) out.masked = "{}";
  return out;
}

}  // namespace fconn::privacy
