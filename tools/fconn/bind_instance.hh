// An instance of fconn.toml as a connector of its own: `fconn compile TEMPLATE --instance KEY`.
#pragma once

#include "interpreter/ir/ir.hh"
#include "interpreter/value/value.hh"
#include "tools/config/config.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

struct BoundInstance {
  /// Called as the instance is; its parameters' values are their defaults. Secrets stay parameters
  /// without one: no value and no place of one is in it.
  ir::Connector connector;
  Problems problems;  // values that don't fit or are missing
  Problems warnings;  // what a run without fconn.toml has to be given all the same
};
BoundInstance bind_instance(const ir::Connector& connector, const config::Instance& instance);

/// A value without references as an expression.
ir::Expr constant_expr(const value::Value& value);

}  // namespace fconn::cli
