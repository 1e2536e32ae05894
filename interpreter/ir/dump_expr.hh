// Expressions as text for dumps: infix, fully parenthesised, without spans. Private to ir/.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/ir/ir.hh"

namespace fconn::ir {

/// What ids mean where an expression stands. Whatever is missing, or out of range, prints as its
/// number.
struct Surroundings {
  const Connector* connector = nullptr;
  const Collection* collection = nullptr;
  const Request* request = nullptr;
};

std::string expr_text(const Expr& expr, const Surroundings& around);

/// ".a.b", "." for the root; odd keys are quoted.
std::string path_text(const KeyPath& path);

/// A JSON string.
std::string quoted(std::string_view text);

}  // namespace fconn::ir
