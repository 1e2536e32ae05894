// What an expression looked at: its smallest parts that name something, with their values where it
// stood. `.email == email` gives `.email` and `email`. For observers (observer.hh).
#pragma once

#include <string>
#include <vector>

#include "interpreter/run/observer.hh"
#include "interpreter/value/value.hh"

namespace fconn::run {

struct Look {
  std::string text;  // as the connector writes it
  value::OwnedValue value;
  const ir::Expr* expr = nullptr;  // of the connector
};

/// The connector's text under a span; empty when it has none there.
std::string source_text(const ir::Connector& connector, grammar::Span span);

/// In order of appearance, each text once, at most eight. Calls aren't made again: they may draw
/// random values.
std::vector<Look> looks_of(const ir::Expr& expr, const ir::Connector& connector,
                           const Sight& sight);

/// The value of a whole expression; none where computing it again could change the run (random
/// values) or it fails.
std::optional<value::OwnedValue> value_again(const ir::Expr& expr, const Sight& sight);

}  // namespace fconn::run
