// Files that hold values: parameters and secrets (TOML or JSON), values of an external (one a line,
// JSON, NDJSON, CSV), a secret alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "interpreter/value/result.hh"
#include "tools/config/config.hh"

namespace fconn::cli {

/// Name and JSON text, in the file's order. A file whose name ends in .toml is TOML, one whose
/// first sign is `{` is JSON, any other is TOML.
using NamedValues = std::vector<std::pair<std::string, std::string>>;
value::Result<NamedValues> read_named_values(const std::string& path);
/// Members of a JSON object; none when the text is no object.
value::Result<NamedValues> members_of(std::string_view json, const std::string& path);

struct ListedValue {
  std::string text;
  bool is_json = false;
};
/// A JSON list; NDJSON when every line is JSON (or the name ends in .ndjson or .jsonl); with a
/// `column` or the ending .csv a CSV file with a header; otherwise one value a line. Empty lines
/// don't count, nor does a byte order mark; what isn't UTF-8 is a failure.
value::Result<std::vector<ListedValue>> read_listed_values(const std::string& path,
                                                           const std::string& column = {});
/// The same for a text given on the command line: a JSON list, or one value.
std::vector<ListedValue> listed_values(std::string_view text);

/// The secret's value; the failure says where it was looked for, never what was found.
value::Result<std::string> read_secret(const config::SecretSource& source,
                                       const config::Project* project);

}  // namespace fconn::cli
