// Stand-ins for what is secret or personal: the same value gets the same one everywhere, so that
// references still match. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"
#include "interpreter/value/value.hh"

namespace fconn::repl {

/// Which texts of an answer are replaced, besides those that are known to be secret or an identity,
/// fields of a category of `user`, and what looks like an address or a number to call.
enum class ScrubDepth : std::uint8_t {
  undeclared,  // all but declared fields of other categories and what the connector spells out
  unread,      // of these, not what the connector's clauses look at
};

class Scrubber {
 public:
  /// `origins`: of the API ("https://api.example.com"); links to them stay links.
  Scrubber(const ir::Connector& connector, ScrubDepth depth, std::set<std::string> origins);

  /// A value that has to go wherever it stands; gives what stands for it.
  std::string add(std::string_view value, std::string_view stand_in = {});
  /// A JSON body, of an answer with rows of `collection` (null: of none, everything is secret).
  std::string json(std::string_view json, const ir::Collection* collection,
                   const ir::Request* request);
  /// Any other text: every value that has a stand-in so far is replaced in it.
  std::string text(std::string_view text) const;
  /// A URL of the API: it keeps its form, and the values in it get stand-ins.
  std::string url(std::string_view value);
  /// Values that were replaced.
  std::size_t count() const { return stand_ins_.size(); }

 private:
  struct Place;
  value::Value walk(const value::Value& any, const Place& place, value::Arena& arena);
  value::Value leaf(const value::Value& value, const Place& place, value::Arena& arena);
  std::string made_for(std::string_view value);
  bool mentions(std::string_view text) const;
  bool is_link(std::string_view value) const;
  ScrubDepth depth_;
  std::set<std::string> origins_;
  std::set<std::string> spelt_;                   // by the connector
  std::map<std::string, std::string> stand_ins_;  // by the value in lower case
  std::size_t next_ = 1;
};

bool looks_like_email(std::string_view text);
bool looks_like_phone(std::string_view text);

}  // namespace fconn::repl
