// The program as a function, so that tests can call it.
#pragma once

#include <string>
#include <vector>

namespace fconn::cli {

constexpr const char* program_version = FCONN_VERSION;

/// `arguments` without the program's name. Gives the exit code.
int run_program_arguments(const std::vector<std::string>& arguments);

}  // namespace fconn::cli
