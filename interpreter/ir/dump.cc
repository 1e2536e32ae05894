// The text form. Walks the field table like json_out, so every field shows; what fits on a line has
// its own short form.
#include <type_traits>

#include "interpreter/ir/dump_expr.hh"
#include "interpreter/ir/fields.hh"
#include "interpreter/ir/names.hh"

namespace fconn::ir {
namespace {

class Dumper {
 public:
  explicit Dumper(const Connector& connector) { around_.connector = &connector; }

  std::string take() {
    record("connector", *around_.connector);
    return std::move(out_);
  }

 private:
  // ---- lines -----------------------------------------------------------------------------------

  void line(std::string_view text) {
    out_.append(2 * indent_, ' ');
    out_ += text;
    out_ += '\n';
  }
  void line(std::string_view key, std::string_view rest) {
    line(std::string(key) + ' ' + std::string(rest));
  }

  /// `head`, its name if it has one, then its fields one level deeper.
  template <Record T>
  void record(std::string_view head, const T& object) {
    std::string first(head);
    const std::string title = title_of(object);
    if (!title.empty()) first += ' ' + title;
    line(first);
    ++indent_;
    members(object);
    --indent_;
  }

  template <Record T>
  void members(const T& object) {
    const Surroundings outer = around_;
    if constexpr (std::is_same_v<T, Collection>) around_.collection = &object;
    if constexpr (std::is_same_v<T, Request>) around_.request = &object;
    if constexpr (std::is_same_v<T, Read>) {
      if (object.chain.request) around_.request = &*object.chain.request;
    }
    if constexpr (std::is_same_v<T, Token> || std::is_same_v<T, Refresh>) {
      around_.request = &object.request;
    }
    [[maybe_unused]] static const T defaults{};
    Fields<T>::visit([&](std::string_view key, auto member, Presence presence) {
      if (in_title(object, key)) return;
      member_lines(key, object.*member, defaults.*member, presence);
    });
    around_ = outer;
  }

  // ---- titles ----------------------------------------------------------------------------------

  template <Record T>
  std::string title_of(const T& object) const {
    if constexpr (std::is_same_v<T, Request>) {
      return object.method + ' ' + target(object);
    } else if constexpr (std::is_same_v<T, Step>) {
      return std::string(enum_name(object.kind)) + (object.name.empty() ? "" : " " + object.name);
    } else if constexpr (std::is_same_v<T, Consent>) {
      return object.direction + (object.purpose.empty() ? "" : " " + quoted(object.purpose));
    } else if constexpr (std::is_same_v<T, Client>) {
      return object.name.empty() ? "(default)" : object.name;
    } else if constexpr (requires { object.strategy; }) {
      return object.strategy;
    } else if constexpr (requires { object.name; }) {
      return object.name;
    } else {
      return {};
    }
  }
  template <Record T>
  static bool in_title(const T&, std::string_view key) {
    if constexpr (std::is_same_v<T, Request>) return key == "method" || key == "target";
    if constexpr (std::is_same_v<T, Step>) return key == "kind" || key == "name";
    if constexpr (std::is_same_v<T, Consent>) return key == "direction" || key == "purpose";
    if constexpr (requires(T object) { object.strategy; }) return key == "strategy";
    return key == "name";
  }
  std::string target(const Request& request) const {
    Surroundings around = around_;
    around.request = &request;
    std::string out;
    for (const TargetPart& part : request.target) {
      if (part.kind == TargetPartKind::literal) {
        out += part.text;
      } else {
        out += part.kind == TargetPartKind::raw ? "{+" : "{";
        out += (part.value ? expr_text(*part.value, around) : "?") + '}';
      }
    }
    return out;
  }

  // ---- members ---------------------------------------------------------------------------------

  void member_lines(std::string_view, const Span&, const Span&, Presence) {}

  template <class T>
  void member_lines(std::string_view key, const T& value, const T& standard, Presence presence) {
    if constexpr (std::is_same_v<T, bool>) {
      if (value) line(key);
    } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                         std::is_same_v<T, std::string>) {
      if (presence == Presence::always || value != standard) line(key, short_text(value));
    } else if constexpr (std::is_same_v<T, ClientId>) {
      if (value != standard) line(key, short_text(value));
    } else if constexpr (has_short_text<T>()) {
      line(key, short_text(value));
    } else if constexpr (std::is_same_v<T, Request>) {
      record("request", value);
    } else {
      members(value);  // a part that is always there: its fields as if they were ours
    }
  }
  template <class T>
  void member_lines(std::string_view key, const std::optional<T>& value, const std::optional<T>&,
                    Presence) {
    if (!value) return;
    if constexpr (std::is_same_v<T, Request>) {
      record("request", *value);
    } else if constexpr (has_short_text<T>()) {
      line(key, short_text(*value));
    } else {
      record(key, *value);
    }
  }
  template <class T>
  void member_lines(std::string_view key, const std::vector<T>& values, const std::vector<T>&,
                    Presence) {
    if (values.empty()) return;
    if constexpr (std::is_same_v<T, std::vector<IdentityId>>) {
      line(key, needs(values));
    } else if constexpr (std::is_same_v<T, std::string>) {
      line(key, list(values, [](const std::string& text) { return quoted(text); }));
    } else if constexpr (Record<T> && !std::is_same_v<T, Expr>) {
      for (const T& value : values) {
        if constexpr (has_short_text<T>()) {
          line(one_of(key), short_text(value));
        } else {
          record(Fields<T>::noun, value);
        }
      }
    } else if constexpr (std::is_same_v<T, Expr>) {
      for (const T& value : values) line(key, short_text(value));
    } else {
      line(key, list(values, [&](const T& value) { return short_text(value); }));
    }
  }

  /// The key of a list for one of its elements.
  static std::string one_of(std::string_view key) {
    if (key == "retries") return "retry";
    return std::string(key.substr(0, key.size() - (key.ends_with('s') ? 1 : 0)));
  }
  template <class T, class F>
  static std::string list(const std::vector<T>& values, F&& text) {
    std::string out;
    for (const T& value : values) out += (out.empty() ? "" : ", ") + text(value);
    return out;
  }
  std::string needs(const std::vector<std::vector<IdentityId>>& alternatives) const {
    std::string out;
    for (std::size_t i = 0; i < alternatives.size(); ++i) {
      if (i > 0) out += " or ";
      std::string set;
      for (const IdentityId id : alternatives[i])
        set += (set.empty() ? "" : " and ") + short_text(id);
      out += set.empty() ? "nothing" : set;
    }
    return out;
  }

  // ---- short forms -----------------------------------------------------------------------------

  template <class T>
  static constexpr bool has_short_text() {
    return requires(const Dumper& dumper, const T& value) { dumper.short_text(value); };
  }

 public:
  std::string short_text(const std::string& text) const { return quoted(text); }
  template <class T>
  requires std::is_integral_v<T> std::string short_text(T value)
  const { return std::to_string(value); }
  template <class T>
  requires std::is_enum_v<T> std::string short_text(T value)
  const { return std::string(enum_name(value)); }
  std::string short_text(const Expr& expr) const { return expr_text(expr, around_); }
  std::string short_text(const KeyPath& path) const { return path_text(path); }
  std::string short_text(IdentityId id) const {
    return name_of(id.value, around_.connector->identities);
  }
  std::string short_text(CollectionId id) const {
    return name_of(id.value, around_.connector->collections);
  }
  std::string short_text(ClientId id) const {
    return name_of(id.value, around_.connector->clients);
  }
  std::string short_text(const StatusRange& range) const {
    const std::string low = std::to_string(range.low);
    return range.low == range.high ? low : low + ".." + std::to_string(range.high);
  }
  std::string short_text(const Condition& condition) const {
    std::string out;
    if (!condition.on.empty()) {
      out = "on " + list(condition.on, [&](const StatusRange& r) { return short_text(r); });
    }
    if (condition.when) out += (out.empty() ? "when " : " or when ") + short_text(*condition.when);
    return out.empty() ? "never" : out;
  }
  std::string short_text(const RetryRule& rule) const {
    std::string out = short_text(rule.condition) + " times " + std::to_string(rule.times);
    if (rule.every_ms) return out + " every " + std::to_string(*rule.every_ms) + "ms";
    if (rule.every) return out + " every " + short_text(*rule.every);
    return out + " backoff " + std::to_string(rule.backoff_min_ms) + "ms.." +
           std::to_string(rule.backoff_max_ms) + "ms";
  }
  std::string short_text(const Judgement& judgement) const {
    return short_text(judgement.condition) +
           (judgement.reason ? ' ' + short_text(*judgement.reason) : "");
  }
  std::string short_text(const Until& until) const {
    return short_text(until.condition) + " every " + std::to_string(until.every_ms) + "ms for " +
           std::to_string(until.limit_ms) + "ms";
  }
  std::string short_text(const RateWindow& rate) const {
    return std::to_string(rate.amount) + " in " + std::to_string(rate.window_ms) + "ms";
  }
  std::string short_text(const RowOp& op) const {
    return std::string(enum_name(op.kind)) + ' ' + short_text(op.value);
  }
  std::string short_text(const PageStep& step) const {
    std::string out(enum_name(step.kind));
    if (step.kind == PageStepKind::let) out += " $" + std::to_string(step.slot) + " =";
    out += ' ' + short_text(step.value);
    return step.reason ? out + " capped " + short_text(*step.reason) : out;
  }
  std::string short_text(const Slot& slot) const {
    std::string out = slot.text + " = source " + std::to_string(slot.source);
    return out + (slot.cell ? " cell " + std::to_string(*slot.cell) : " value");
  }
  std::string short_text(const Cell& cell) const {
    return path_text(cell.path) + ' ' + std::string(enum_name(cell.type));
  }
  std::string short_text(const AuthLet& let) const {
    return '$' + std::to_string(let.slot) + " = " + short_text(let.value);
  }
  std::string short_text(const Pattern& pattern) const { return quoted(pattern.text); }
  std::string short_text(const SourceFile& file) const {
    return quoted(file.name) + ' ' + std::to_string(file.text.size()) + " bytes";
  }

 private:
  template <class T>
  static std::string name_of(std::uint32_t id, const std::vector<T>& values) {
    if (id < values.size() && !values[id].name.empty()) return values[id].name;
    return '#' + std::to_string(id);
  }

  Surroundings around_;
  std::size_t indent_ = 0;
  std::string out_;
};

}  // namespace

std::string dump(const Connector& connector) { return Dumper(connector).take(); }

}  // namespace fconn::ir
