// Access with a policy: of each row only what is targeted. Objects and lists are rebuilt along the
// way to a targeted field, everything below it is taken whole; objects and lists that end up empty
// are removed at all depths, nulls stay. A row in which nothing is left is `{}`: rows are never
// dropped. A scalar that stands where the connector declares an object is kept with the field, as
// what it holds can't be told. (Fides: access package, 9.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "interpreter/privacy/policy.hh"

namespace fconn::privacy {

/// A field that a narrowed row keeps.
struct TargetedField {
  std::string path;  // "merge_fields.FNAME"; through lists without indices
  std::string category;
};

class Narrower {
 public:
  /// The collection must outlive it.
  Narrower(const ir::Collection& collection, const Policy& policy);

  /// Fields that rows keep; none: the collection isn't part of the answer.
  const std::vector<TargetedField>& fields() const { return fields_; }
  bool keeps_anything() const { return !fields_.empty(); }

  /// Appends the narrowed form of `row`, JSON text; {} for one that is no object. Kept values keep
  /// their bytes.
  void narrow(std::string_view row, std::string& out) const;

 private:
  struct Selection {
    std::string key;
    bool whole = false;
    std::vector<Selection> below;
  };
  static void select(const std::vector<ir::Field>& fields, const Policy& policy, std::string& path,
                     std::vector<Selection>& out, std::vector<TargetedField>& list);
  static bool write(const std::vector<Selection>& wanted, std::string_view text, std::string& out);

  std::vector<Selection> selection_;
  std::vector<TargetedField> fields_;
};

}  // namespace fconn::privacy
