// An answer of another format than JSON with other values: what a case file holds of it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::repl {

/// A body as it came, as the JSON that the connector's clauses see, and that JSON with stand-ins.
struct Rewriting {
  std::string_view body, json, scrubbed;
  std::string_view media_type;  // "text/csv", small letters
};

/// The body with the values of `scrubbed`: CSV, NDJSON, XML or a text. Read again it gives
/// `scrubbed`, or it fails: then something in it is no value that was replaced, and what stands
/// there can't be told. Packed bodies fail, too.
value::Result<std::string> rewritten(const Rewriting& answer);

}  // namespace fconn::repl
