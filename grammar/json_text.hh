// JSON strings for the machine-readable forms of diagnostics. Internal to the renderer: grammar may
// not lean on the interpreter's JSON.
#pragma once

#include <string>
#include <string_view>

#include "grammar/diagnostics.hh"

namespace fconn::grammar {

/// Quoted and escaped; broken UTF-8 becomes U+FFFD, so the result is always valid JSON.
std::string json_string(std::string_view text);

/// First and last place of a span, both 1-based; the end is just past the last character.
struct Region {
  Position begin;
  Position end;
};
/// 1:1 for a span whose file isn't in the map (a mistake that has no place in a file).
Region region(const SourceMap& sources, Span span);
/// Empty for such a span.
std::string_view path_of(const SourceMap& sources, Span span);

}  // namespace fconn::grammar
