// Whether and when to ask again, as a pure function (language.md `retry`, RFC 9110 Retry-After).
#pragma once

#include <optional>

#include "interpreter/ir/ir.hh"
#include "interpreter/value/ports.hh"

namespace fconn::run {

/// A server that asks for a longer pause than this is given up on, and the reason says so.
constexpr value::Milliseconds max_retry_after{15 * 60 * 1000};

/// Wait before attempt `attempt` + 1 (attempts count from 0): Retry-After when the server gave one,
/// `every` when the rule says so, else full jitter: uniform in [0, min(max, min * 2^attempt)]. A
/// Retry-After of 0 says nothing: servers round what is left of a window down to it.
value::Milliseconds retry_wait(const ir::RetryRule& rule, std::uint32_t attempt,
                               std::optional<value::Milliseconds> retry_after,
                               value::Random& random);

bool covers(const ir::Condition& condition, int status);

/// For broken connections and timeouts of reads, which no rule names.
ir::RetryRule network_retry_rule();

/// Whether an answer with this status leaves open that a request which changes something was
/// carried out: 5xx, 408, and redirects but 307 and 308, which ask for the same request elsewhere
/// (a 303 often follows what was done, RFC 9110 15.4.4).
bool leaves_open(int status);

}  // namespace fconn::run
