// What the parts of an auth strategy read: which lets must be computed and which tokens must be
// there before an expression can be evaluated. Pure; private to run/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"

namespace fconn::run {

struct AuthReads {
  std::vector<std::uint32_t> lets;    // indices into Auth::lets, in their order
  std::vector<std::uint32_t> tokens;  // indices into Auth::tokens, ascending
  bool challenge = false;
};

/// headers, query and body: what a request needs to be signed.
AuthReads reads_to_sign(const ir::Auth& auth);
/// What a token's request (and what is taken from its answer) needs.
AuthReads reads_to_fetch(const ir::Auth& auth, const ir::Token& token);
/// The same of its refresh, the old value of the token itself left out.
AuthReads reads_to_refresh(const ir::Auth& auth, std::uint32_t token);

/// Parameters that anything of the strategy depends on, functions included; ascending.
std::vector<std::uint32_t> params_of(const ir::Auth& auth, const ir::Connector& connector);
/// Where the strategy's tokens come from, as text: methods and targets.
std::string targets_of(const ir::Auth& auth);

}  // namespace fconn::run
