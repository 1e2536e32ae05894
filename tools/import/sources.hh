// The bindings of one collection's `for`: what its parameters refer to, each once.
#pragma once

#include "tools/import/lower.hh"

namespace fconn::importer {

class Sources {
 public:
  explicit Sources(const Context& context) : context_(context) {}

  bool empty() const { return sources_.empty(); }
  /// The binding of an equal source, or a new one, called by the first candidate that is free.
  std::string bind(const std::string& expr, std::vector<std::string> candidates);
  /// Fides takes no null as an input, and neither an empty text nor zero: notes what `value`, which
  /// comes with `binding`, has to be. A `for` skips nulls of a field by itself.
  void require(const std::string& binding, const std::string& value, const FieldPath& field,
               bool may_be_null);
  /// `for c in customer where …, r in regions`
  /// What a binding, or a field of one, is taken from.
  std::string behind(const std::string& value) const;
  std::string text() const;

 private:
  struct Source {
    std::string name, expr, where;
  };
  bool is_free(const std::string& name) const;

  const Context& context_;
  std::vector<Source> sources_;
};

}  // namespace fconn::importer
