// Recorded cases by path or by bundled connector (its demo.json inside the program).
#pragma once

#include <string>

#include "interpreter/value/result.hh"

namespace fconn::cli {

/// The text of a recording: a file, else the demo of a bundled connector of that name.
value::Result<std::string> recorded_case(const std::string& name);

}  // namespace fconn::cli
