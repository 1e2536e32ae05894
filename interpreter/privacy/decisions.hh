// What a policy makes of the declared fields of a collection, as a tree that rows are walked along.
// Internal to privacy/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "interpreter/privacy/mask_row.hh"
#include "interpreter/privacy/policy.hh"

namespace fconn::privacy {

struct FieldNode {
  const ir::Field* field = nullptr;
  FieldDecision decision;
  const Mask* mask = nullptr;    // the policy's; null where the connector's own is used
  std::vector<FieldNode> below;  // fields of an object, unless it is masked whole
  bool masks_below = false;      // some field below is masked
};

/// The nodes point into `collection` and `policy`.
std::vector<FieldNode> decide(const ir::Collection& collection, std::string_view instance,
                              const Policy& policy);

}  // namespace fconn::privacy
