// The policy of a contract test: `policy { targets: ["user.contact"], mask: "null" }`. Its members
// are those of `[policies.NAME]` in fconn.toml (docs/policy.md); masks are written in their inline
// form, and an instance is called as its connector.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "interpreter/privacy/policy.hh"
#include "interpreter/value/value.hh"
#include "tools/config/config.hh"

namespace fconn::contract {

using NamedValues = std::vector<std::pair<std::string, value::OwnedValue>>;

struct TestPolicy {
  privacy::Policy policy;  // without the conditions of its holds
  config::Policy written;  // the same, to be held against a connector
  grammar::Span where;
};

/// What can't be read is given to `wrong` (a sentence, a help) and left out.
TestPolicy test_policy(const NamedValues& members, grammar::Span where,
                       const std::function<void(std::string, std::string)>& wrong);

}  // namespace fconn::contract
