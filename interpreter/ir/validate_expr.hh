// Checks one expression: arity, payloads, and that it only reads what its place offers. Private to
// ir/; validate.cc walks the connector and says which place an expression stands in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "interpreter/ir/ir.hh"
#include "interpreter/ir/place.hh"

namespace fconn::ir {

/// What an expression may read; everything it reads by number, it reads below these bounds. The
/// table at the head of ir.hh says which place offers what.
struct Scope {
  bool params = false, identities = false, externals = false;
  std::size_t functions = 0;  // those below may be called
  std::uint32_t locals = 0;
  std::size_t slots = 0;                             // of the collection
  const std::vector<std::uint32_t>* uses = nullptr;  // bound slots that the place declares
  const std::vector<bool>* lets = nullptr;           // lets that have a value here
  std::size_t tokens = 0;
  std::size_t body_cells = 0, row_cells = 0;
  bool response = false;  // status, header, headers, links
  bool request = false;   // request, request_part
  bool rows = false;      // rows_*
  bool row = false;       // current_row
  bool loop = false;      // loop_value
  bool erased = false;    // erased_row, masked, masked_row
  bool old_value = false;
  bool auth_token = false;
};

class ExprCheck {
 public:
  ExprCheck(const Connector& connector, Place& place) : connector_(connector), place_(place) {}

  /// False: failure() says why.
  bool check(const Expr& expr, const Scope& scope);
  bool span(const Span& span);
  /// Records the failure at the current place; always false.
  bool refuse(std::string text);
  const value::Failure& failure() const { return failure_; }

 private:
  bool kids(const Expr& expr, const Scope& scope);
  bool shape(const Expr& expr);
  bool payload(const Expr& expr, const Scope& scope);
  bool locals(const Expr& expr, const Scope& scope);
  bool reference(const Expr& expr, const Scope& scope);
  bool place_of(const Expr& expr, const Scope& scope);
  bool call(const Expr& expr, const Scope& scope);
  bool below(const Expr& expr, std::size_t bound, std::string_view what);

  const Connector& connector_;
  Place& place_;
  value::Failure failure_;
  std::size_t depth_ = 0;
};

}  // namespace fconn::ir
