// What rows look like: which members, of which types, and what they probably are.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "interpreter/value/value.hh"

namespace fconn::learn {

/// Distinct values of a member that are kept, to compare collections by; beyond it the member isn't
/// taken for a reference.
constexpr std::size_t max_values = 10'000;

/// One member of rows, or an element of a list.
struct Shape {
  std::string name;
  std::uint64_t seen = 0;  // in so many objects
  std::uint64_t nulls = 0, booleans = 0, integers = 0, decimals = 0, texts = 0, objects = 0,
                lists = 0;
  // Of texts that aren't empty.
  std::uint64_t spelt = 0, emails = 0, phones = 0, datetimes = 0, addresses = 0;
  std::vector<Shape> members;    // of objects, in order of appearance
  std::vector<Shape> element;    // of lists: none or one
  std::set<std::string> values;  // scalars, as JSON
  bool too_many = false;         // values isn't all of them
  bool repeats = false;          // some value came twice

  void add(const value::Value& value);
  const Shape* member(std::string_view wanted) const;
};

/// The type as a connector declares it: "int", "[string]", "{ … }"; `any` where rows disagree or
/// nothing but null came.
std::string type_of(const Shape& shape);
/// The category that a member most likely has; empty when nothing says so.
std::string category_of(const Shape& shape, const Shape& around);

/// "id: int key @user.unique_id": one for each member of `rows` that `declared` doesn't have.
/// `key`: the member that is marked so; empty: none. `impersonal`: what members without a category
/// of their own need, " @system.operations" or nothing.
std::vector<std::string> field_lines(const Shape& rows, const std::set<std::string>& declared,
                                     const std::string& key, const std::string& impersonal);
/// The member that tells rows apart; empty when none does.
std::string key_of(const Shape& rows);

/// A name as it stands in a connector: quoted unless it is an identifier.
std::string written_name(const std::string& name);

}  // namespace fconn::learn
