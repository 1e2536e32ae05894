// Which personal values are known, what stands in for each, and where they occur in a text: as they
// are, in another case, as a digest that a connector made of them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tools/har/stand_in.hh"

namespace fconn::har {

class Pseudonyms {
 public:
  /// `kept`: texts that the connector itself writes (folded); they stay what they are.
  Pseudonyms(const Keyed& keyed, std::set<std::string> kept)
      : keyed_(keyed), kept_(std::move(kept)) {}

  /// Whether a value says enough to be looked for wherever it may stand. A number below 10,000 or a
  /// text of one or two characters would be found where it means something else.
  static bool telling(std::string_view text);
  /// From now on `find` and `replace` know it.
  void add(std::string_view text);
  bool keeps(std::string_view text) const { return kept_.count(folded(text)) > 0; }
  /// The same for a secret that nobody declared: `instead` is its stand-in. A second call changes
  /// it.
  void hide(std::string_view text, std::string instead);

  /// The stand-in, whether it was added or not. What is kept is its own.
  std::string of(std::string_view text);
  /// The same, of a text that is one of the added values, or a digest of one; nothing otherwise.
  std::optional<std::string> find(std::string_view text);
  /// Every occurrence of an added value within a text becomes its stand-in. Where a value is short,
  /// it counts as one only between characters that are neither letters nor digits. What lies within
  /// one of `fixed` (begin and end, ascending) stays.
  using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;
  std::string replace(std::string_view text, const Ranges& fixed = {});

  std::size_t size() const { return known_.size(); }

 private:
  std::optional<std::string> find_digest(std::string_view text);
  void add_digests();
  /// Length of the longest added value that `text` (folded) has at `at`; 0: none.
  std::size_t match(const std::string& text, std::size_t at) const;
  void know(std::string value);

  const Keyed& keyed_;
  std::set<std::string> kept_;
  std::vector<std::string> spellings_;  // as they came
  std::unordered_set<std::string> spelt_;
  std::unordered_set<std::string> known_;
  // What sizes values have that begin so (with 3 bytes, or long ones with 12), longest first. Not
  // the values: thousands of them begin alike, as numbered accounts do.
  std::unordered_map<std::string, std::vector<std::size_t>> by_start_, by_long_start_;
  std::unordered_map<std::string, std::string> stand_ins_;  // by folded text
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::string> digests_;  // bytes to bytes
  std::size_t digested_ = 0;                              // of spellings_
};

}  // namespace fconn::har
