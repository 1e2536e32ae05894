// What connectors say about the members of what they exchange.
#pragma once

#include <set>
#include <string>

#include "interpreter/ir/ir.hh"

namespace fconn::har {

/// Names are plain_name's (member_names.hh), texts folded.
struct Declared {
  std::set<std::string> personal;    // fields with a category at or below user
  std::set<std::string> impersonal;  // fields with other categories alone
  std::set<std::string> references;  // keys, and fields that other requests are made of
  std::set<std::string> secret;      // members of requests that are computed from a secret
  std::set<std::string> kept;        // texts that connectors themselves write

  void add(const ir::Connector& connector);
};

}  // namespace fconn::har
