// Library functions about what HTTP authentication puts into headers.
#include <cctype>

#include "interpreter/eval/intrinsics_support.hh"

namespace fconn::eval {

using value::Value;

namespace {

constexpr std::string_view blanks = " \t";

bool is_token(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Reads `scheme name=value, name="value", scheme …` (RFC 9110, 11.6.1) from the front.
class Challenges {
 public:
  explicit Challenges(std::string_view text) : rest_(text) {}

  /// The parameters of the first challenge of this scheme; false when there is none.
  bool find(std::string_view scheme, std::vector<std::pair<std::string, std::string>>& out) {
    bool inside = false;
    while (true) {
      skip(" \t,");
      if (rest_.empty()) return inside;
      const std::string word = token();
      if (word.empty()) {
        rest_.remove_prefix(1);  // not what the grammar has; what follows may be
        continue;
      }
      std::string value;
      if (parameter(value)) {
        if (inside) out.emplace_back(lower_case(word), std::move(value));
        continue;
      }
      if (inside) return true;  // the next challenge begins
      inside = lower_case(word) == lower_case(scheme);
    }
  }

 private:
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  std::string token() {
    std::size_t end = 0;
    while (end < rest_.size() && is_token(rest_[end])) ++end;
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }
  /// `= value` behind a name; false, and nothing read, when there is no `=`.
  bool parameter(std::string& value) {
    const std::string_view before = rest_;
    skip(blanks);
    if (!rest_.starts_with('=')) {
      rest_ = before;
      return false;
    }
    rest_.remove_prefix(1);
    skip(blanks);
    if (!rest_.starts_with('"')) {
      value = token();
      return true;
    }
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      value += rest_[i];
    }
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    return true;
  }

  std::string_view rest_;
};

Answer auth_params(Arguments a, CallContext& context) {
  std::vector<std::pair<std::string, std::string>> found;
  if (!Challenges(text_of_argument(a[0], context)).find(a[1].view(), found)) return Value::null();
  std::vector<value::Member> members;
  members.reserve(found.size());
  for (const auto& [name, text] : found) {
    members.push_back({context.arena.copy(name), Value::string(context.arena.copy(text))});
  }
  return object_answer(members, context);
}

}  // namespace

void add_auth_functions(std::vector<Intrinsic>& table) {
  table.push_back(
      {.name = "auth_params",
       .parameters = {{"header", Type::string, false, {}}, {"scheme", Type::string, false, {}}},
       .result = Type::object | Type::null_value,
       .summary = "The parameters of the first challenge of a scheme in a WWW-Authenticate header "
                  "(RFC 9110), with names in small letters; null when it has none.",
       .examples = {"auth_params(\"Digest realm=\\\"a, b\\\", QOP=auth\", \"digest\") == "
                    "{ realm: \"a, b\", qop: \"auth\" }",
                    "auth_params(\"Basic realm=\\\"x\\\"\", \"Digest\") == null"},
       .function = auth_params});
}

}  // namespace fconn::eval
