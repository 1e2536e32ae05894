// Graphs as pictures: Graphviz' `dot` where it is installed.
#pragma once

#include <string>

#include "interpreter/value/result.hh"

namespace fconn::cli {

value::Result<std::string> svg_of(const std::string& dot_text);

}  // namespace fconn::cli
