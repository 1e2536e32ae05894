// Small connectors, just enough for planning: names, inputs, needs.
#pragma once

#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"

namespace fconn::plan::test {

/// Identities 0 email, 1 phone_number, 2 user_id; external 0 delivery_id.
ir::Connector empty_shop();

using Needs = std::vector<std::vector<std::uint32_t>>;

ir::Read read(const Needs& needs);
ir::Chain chain(const Needs& needs);
/// `for c in` each of the parents, binding the cell `id`.
ir::Collection collection(std::string name, const std::vector<std::uint32_t>& parents,
                          std::vector<ir::Read> reads);
ir::Source external_source();

/// customer (email or phone_number), order (from customer), event (no identity), visit (two reads:
/// email and user_id; none), delivery (from the external), pair (from order and delivery), both
/// (from customer; emits), newsletter (only delete, email).
ir::Connector shop();

}  // namespace fconn::plan::test
