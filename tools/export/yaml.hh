// YAML as text: what the exporter writes. Block style, keys in the order in which they were added;
// read alike by YAML 1.1 and 1.2, so whatever one of them would take for another type is quoted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fconn::exporter {

struct Member;

struct Yaml {
  enum class Kind : unsigned char { text, word, list, map };
  Kind kind = Kind::map;
  std::string scalar;
  std::vector<Yaml> items;
  std::vector<Member> members;

  /// A string, whatever it looks like.
  static Yaml text(std::string value);
  /// A number or boolean: written bare.
  static Yaml word(std::string value);
  static Yaml list();

  Yaml& add(std::string key, Yaml value);
  Yaml& push(Yaml value);
  bool empty() const;
};

/// A key of a map.
struct Member {
  std::string key;
  Yaml value;
};

/// `{name, value}`, as headers and query parameters are written.
Yaml named(std::string name, Yaml value);
/// A strategy with its configuration, which may be empty.
Yaml strategy(std::string name, Yaml configuration);

/// The document's text; a map or list that is empty is `{}` or `[]`.
std::string print(const Yaml& document);

}  // namespace fconn::exporter
