#include "interpreter/privacy/hold.hh"

#include <algorithm>
#include <vector>

#include "interpreter/eval/eval.hh"

namespace fconn::privacy {
namespace {

bool blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

auto refuse(std::string_view text, std::string why) {
  return value::fail(value::FailureKind::configuration,
                     "the hold '" + std::string(text) + "' " + std::move(why));
}

/// `NAME == 'VALUE'`, either quote.
value::Result<Hold> identity_hold(std::string_view text, std::string_view rest) {
  Hold hold;
  hold.kind = HoldKind::identity;
  hold.text = text;
  const std::size_t equals = rest.find("==");
  if (equals == std::string_view::npos) return refuse(text, "names an identity without a value");
  const std::string_view name = trimmed(rest.substr(0, equals));
  const std::string_view quoted = trimmed(rest.substr(equals + 2));
  if (!is_name(name)) return refuse(text, "has no identity's name before `==`");
  const bool good = quoted.size() > 2 && quoted.front() == quoted.back() &&
                    (quoted.front() == '\'' || quoted.front() == '"');
  if (!good) return refuse(text, "needs a value in quotes behind `==`");
  hold.identity = name;
  hold.value = quoted.substr(1, quoted.size() - 2);
  return hold;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

value::Result<Hold> parse_hold(std::string_view text) {
  constexpr std::string_view identity = "identity ";
  constexpr std::string_view where = " where ";
  const std::string_view all = trimmed(text);
  if (all.substr(0, identity.size()) == identity) {
    return identity_hold(text, all.substr(identity.size()));
  }
  Hold hold;
  hold.text = text;
  const std::size_t condition = all.find(where);
  const std::string_view place = trimmed(all.substr(0, condition));
  const std::size_t dot = place.find('.');
  hold.instance = place.substr(0, dot);
  if (all.ends_with(" where")) return refuse(text, "has no condition behind `where`");
  if (!is_name(hold.instance)) return refuse(text, "doesn't start with an instance's key");
  hold.kind = HoldKind::instance;
  if (dot != std::string_view::npos) {
    hold.kind = HoldKind::collection;
    hold.collection = place.substr(dot + 1);
    if (!is_name(hold.collection)) return refuse(text, "has no collection's name behind the dot");
  }
  if (condition == std::string_view::npos) return hold;
  if (hold.kind == HoldKind::instance) return refuse(text, "has a `where` but no collection");
  const std::string_view expression = trimmed(all.substr(condition + where.size()));
  hold.kind = HoldKind::rows;
  hold.where = expression;
  hold.where_at = static_cast<std::size_t>(expression.data() - text.data());
  return hold;
}

bool concerns(const Hold& hold, std::string_view instance, std::string_view collection) {
  if (hold.kind == HoldKind::identity || hold.instance != instance) return false;
  return hold.kind == HoldKind::instance || hold.collection == collection;
}

bool holds_identity(const Hold& hold, std::string_view name, std::string_view value) {
  if (hold.kind != HoldKind::identity || hold.identity != name) return false;
  return std::equal(hold.value.begin(), hold.value.end(), value.begin(), value.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

struct CollectionHolds::State {
  struct Row {
    const Hold* hold = nullptr;
    std::unique_ptr<eval::Evaluator> evaluator;  // null: it has no condition that can be asked
    std::vector<value::Value> locals;
  };

  static bool holds(Row& one, std::string_view text, bool& undecided) {
    undecided = one.evaluator == nullptr;
    if (undecided) return true;
    value::Arena arena;
    one.locals.front() = value::Value::raw(text);
    eval::Environment env;
    env.locals = one.locals;
    const auto answer = one.evaluator->test(one.hold->condition->expr, env, arena);
    undecided = !answer;
    return undecided || *answer;
  }

  const Hold* whole = nullptr;
  std::vector<Row> rows;
};

CollectionHolds::CollectionHolds(std::span<const Hold> holds, std::string_view instance,
                                 std::string_view collection, value::Clock& clock,
                                 value::Random& random)
    : state_(std::make_unique<State>()) {
  for (const Hold& hold : holds) {
    if (!concerns(hold, instance, collection)) continue;
    if (hold.kind != HoldKind::rows) {
      if (state_->whole == nullptr) state_->whole = &hold;
      continue;
    }
    State::Row row{&hold, nullptr, {}};
    if (hold.condition) {
      row.evaluator = std::make_unique<eval::Evaluator>(*hold.condition->scope, clock, random);
      row.locals.resize(std::max<std::size_t>(hold.condition->locals, 1));
    }
    state_->rows.push_back(std::move(row));
  }
}
CollectionHolds::~CollectionHolds() = default;
CollectionHolds::CollectionHolds(CollectionHolds&&) noexcept = default;

bool CollectionHolds::empty() const { return state_->whole == nullptr && state_->rows.empty(); }
const Hold* CollectionHolds::whole() const { return state_->whole; }

std::optional<std::string> CollectionHolds::row(std::string_view row) {
  if (state_->whole != nullptr) return "held by \"" + state_->whole->text + "\"";
  for (State::Row& one : state_->rows) {
    bool undecided = false;
    if (!State::holds(one, row, undecided)) continue;
    return "held by \"" + one.hold->text + "\"" +
           (undecided ? ", which can't be decided for this row" : "");
  }
  return std::nullopt;
}

}  // namespace fconn::privacy
