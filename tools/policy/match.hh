// A policy as written in fconn.toml or a contract test, held against connectors: what it names that
// isn't there.
#pragma once

#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "tools/config/config.hh"

namespace fconn::policy {

/// An instance's key and its connector.
struct Subject {
  std::string key;
  const ir::Connector* connector = nullptr;
};
/// Something that a policy names and the subjects don't have. `offset` is the place in the text
/// that the mistake is at, for a hold's expression.
struct Finding {
  bool hold = false;  // else a target or an override that reaches nothing
  config::Placed named;
  std::size_t offset = 0;
  std::string text, help;
};
/// `known` are further instances that holds and overrides may name, whose connectors aren't there.
std::vector<Finding> match(const config::Policy& policy, const std::vector<Subject>& subjects,
                           const std::vector<std::string>& known);

}  // namespace fconn::policy
