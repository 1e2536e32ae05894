// Runs a program and takes what it prints; no shell in between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/result.hh"

namespace fconn::cli {

/// Standard output of `command` (program, arguments), with `input` on its standard input. A
/// `configuration` failure when it can't be started, fails or prints more than `max_bytes`.
value::Result<std::string> run_program(const std::vector<std::string>& command,
                                       std::string_view input, std::size_t max_bytes);

/// A person's editor (a shell's command line, as $EDITOR is) on a file, at this program's terminal;
/// returns when it has ended. A `configuration` failure when it can't be started or fails.
value::Result<void> run_editor(const std::string& command, const std::string& file);

}  // namespace fconn::cli
