// The JSON form in, by the same field table as json_out. Reads strictly: every key must be known
// and occur once, every number must fit. What the values mean to each other is validate's business.
#include <simdjson.h>

#include <bitset>
#include <limits>
#include <type_traits>

#include "interpreter/ir/fields.hh"
#include "interpreter/ir/names.hh"
#include "interpreter/ir/place.hh"

namespace fconn::ir {
namespace {

namespace dom = simdjson::dom;
using value::FailureKind;
using value::Result;

constexpr std::string_view version_key = "fconn_ir";
constexpr std::size_t max_json_depth = 2 * max_nesting + 64;

// Text of the document in a message: bounded, and without what a terminal would obey.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 60));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return '`' + out + '`';
}

class Reader {
 public:
  Result<std::shared_ptr<const Connector>> document(dom::element root) {
    auto connector = std::make_shared<Connector>();
    if (!version(root) || !object(root, *connector)) return value::fail(failure_);
    return std::shared_ptr<const Connector>(std::move(connector));
  }

 private:
  bool refuse(std::string text, FailureKind kind = FailureKind::shape) {
    failure_.kind = kind;
    failure_.text = place_.text() + ": " + std::move(text);
    return false;
  }
  // About the value of a key: said at the object that has it.
  bool refuse_member(std::string text) {
    failure_.kind = FailureKind::shape;
    failure_.text = place_.parent_text() + ": " + place_.last_key() + ' ' + std::move(text);
    return false;
  }
  bool expected(std::string_view what) { return refuse("expected " + std::string(what)); }

  bool version(dom::element root) {
    dom::object members;
    if (root.get(members) != simdjson::SUCCESS) return expected("an object");
    std::int64_t number = 0;
    if (members.at_key(version_key).get(number) != simdjson::SUCCESS) {
      return refuse("no number under `fconn_ir`, so this isn't a compiled connector");
    }
    if (number != format_version) {
      return refuse("format version " + std::to_string(number) + " isn't known, only " +
                        std::to_string(format_version) + "; compile the connector again",
                    FailureKind::unsupported);
    }
    return true;
  }

  template <Record T>
  bool object(dom::element json, T& out) {
    dom::object members;
    if (json.get(members) != simdjson::SUCCESS) return expected("an object");
    std::bitset<64> seen;
    bool version_seen = false;
    for (const dom::key_value_pair member : members) {
      if (std::is_same_v<T, Connector> && member.key == version_key && !version_seen) {
        version_seen = true;
      } else if (!known_member(member, out, seen)) {
        return false;
      }
    }
    return complete<T>(seen);
  }

  template <Record T>
  bool known_member(const dom::key_value_pair& member, T& out, std::bitset<64>& seen) {
    bool found = false;
    bool good = true;
    std::size_t index = 0;
    Fields<T>::visit([&](std::string_view key, auto field, Presence) {
      const std::size_t i = index++;
      if (found || key != member.key) return;
      found = true;
      if (seen.test(i)) {
        good = refuse("key `" + std::string(key) + "` occurs twice");
        return;
      }
      seen.set(i);
      const Place::Step step(place_, key);
      good = read(member.value, out.*field);
    });
    if (!found) return refuse("key " + shown(member.key) + " is unknown");
    return good;
  }

  // Left out is only what has a default.
  template <Record T>
  bool complete(const std::bitset<64>& seen) {
    bool good = true;
    std::size_t index = 0;
    Fields<T>::visit([&](std::string_view key, auto, Presence presence) {
      const bool missing = presence == Presence::always && !seen.test(index);
      ++index;
      if (missing && good) good = refuse("key `" + std::string(key) + "` is missing");
    });
    return good;
  }

  template <Record T>
  bool read(dom::element json, T& out) {
    if constexpr (std::is_same_v<T, Expr> || std::is_same_v<T, Field>) {
      if (depth_ == max_nesting) {
        return refuse("nested deeper than " + std::to_string(max_nesting));
      }
      ++depth_;
      const bool good = object(json, out);
      --depth_;
      return good;
    } else {
      return object(json, out);
    }
  }

  bool read(dom::element json, std::string& out) {
    std::string_view text;
    if (json.get(text) != simdjson::SUCCESS) return expected("a string");
    out = text;
    return true;
  }
  bool read(dom::element json, bool& out) {
    return json.get(out) == simdjson::SUCCESS || expected("true or false");
  }
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) bool read(dom::element json, T& out) {
    std::int64_t number = 0;
    if (json.get(number) != simdjson::SUCCESS) return expected("an integer");
    if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
        number > static_cast<std::int64_t>(std::numeric_limits<T>::max())) {
      return refuse(std::to_string(number) + " is out of range");
    }
    out = static_cast<T>(number);
    return true;
  }
  template <class Tag>
  bool read(dom::element json, Id<Tag>& out) {
    return read(json, out.value);
  }
  template <class T>
  requires std::is_enum_v<T>
  bool read(dom::element json, T& out) {
    std::string_view text;
    if (json.get(text) != simdjson::SUCCESS) return expected("a string");
    const std::optional<T> found = enum_named<T>(text);
    if (!found) {
      return refuse_member(shown(text) + " is unknown");
    }
    out = *found;
    return true;
  }
  template <class T>
  bool read(dom::element json, std::optional<T>& out) {
    return read(json, out.emplace());
  }
  template <class T>
  bool read(dom::element json, std::vector<T>& out) {
    dom::array elements;
    if (json.get(elements) != simdjson::SUCCESS) return expected("a list");
    out.reserve(elements.size());
    for (const dom::element element : elements) {
      const Place::Step step(place_, out.size());
      if (!read(element, out.emplace_back())) return false;
    }
    return true;
  }
  bool read(dom::element json, StatusRange& out) {
    int numbers[2] = {};
    if (!tuple(json, numbers, "[low, high]")) return false;
    out = {numbers[0], numbers[1]};
    return true;
  }
  bool read(dom::element json, Span& out) {
    std::uint32_t numbers[3] = {};
    if (!tuple(json, numbers, "[file, begin, end]")) return false;
    out = {{numbers[0]}, numbers[1], numbers[2]};
    return true;
  }
  template <class T, std::size_t n>
  bool tuple(dom::element json, T (&out)[n], std::string_view what) {
    dom::array elements;
    if (json.get(elements) != simdjson::SUCCESS || elements.size() != n) return expected(what);
    std::size_t i = 0;
    for (const dom::element element : elements) {
      const Place::Step step(place_, i);
      if (!read(element, out[i++])) return false;
    }
    return true;
  }

  Place place_;
  value::Failure failure_;
  std::size_t depth_ = 0;
};

}  // namespace

Result<std::shared_ptr<const Connector>> from_json(std::string_view text) {
  dom::parser parser;
  const auto too_big = [] {
    return value::fail(FailureKind::limit, "document: too large to be a compiled connector");
  };
  if (text.size() >= simdjson::SIMDJSON_MAXSIZE_BYTES) return too_big();
  if (parser.allocate(text.size() + 1, max_json_depth) != simdjson::SUCCESS) return too_big();
  dom::element root;
  const simdjson::error_code error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::DEPTH_ERROR) {
    return value::fail(FailureKind::shape, "document: nested too deeply");
  }
  if (error != simdjson::SUCCESS) {
    return value::fail(FailureKind::shape, "document: isn't valid JSON");
  }
  auto connector = Reader().document(root);
  if (!connector) return connector;
  if (auto valid = validate(**connector); !valid) return value::fail(valid.error());
  return connector;
}

}  // namespace fconn::ir
