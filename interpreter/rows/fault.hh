// Sentences about broken bodies. Offsets are bytes from the body's first byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "interpreter/rows/structural_index.hh"
#include "interpreter/value/result.hh"

namespace fconn::rows {

/// "the response isn't valid JSON: byte 12: …", kind protocol.
value::Failure bad_json(std::uint64_t offset, std::string_view what);
/// A bound of ours was hit, kind limit.
value::Failure over_limit(std::string_view what, std::string_view limit, std::uint64_t bytes);
value::Failure too_deep(std::uint64_t offset, std::uint32_t max_depth);
value::Failure empty_body();

/// Up to 24 printable bytes of a token, in backticks.
std::string quoted(std::string_view token);
/// What begins `text`: a short word or a bracket as it stands, of anything else the first
/// character, as a piece of a secret is one that no redaction finds.
std::string quoted_token(std::string_view text);

/// Refuses other encodings by name, and what can't begin a JSON text. `start`: the body's first
/// bytes, as many as there are up to 64, behind a UTF-8 byte order mark if there was one.
value::Result<void> check_start(std::string_view start, std::uint64_t offset);

/// Where and why stage 1 refused `text`, which begins outside strings at `offset` of the body.
value::Failure index_fault(StructuralIndex::Outcome outcome, std::string_view text,
                           std::uint64_t offset);

}  // namespace fconn::rows
