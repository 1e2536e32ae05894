// The program's entry. What is thrown past everything else ends here as a mistake of our own.
#include <cstdio>
#include <exception>

#include "tools/fconn/program.hh"
#include "tools/fconn/signals.hh"

int main(int argc, char** argv) {
  fconn::cli::ignore_broken_pipes();
  try {
    return fconn::cli::run_program_arguments(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception&) {
    // The message of a library's exception may hold anything, a secret too.
    std::fputs("fconn: internal error: an exception wasn't handled\n", stderr);
    return 1;
  }
}
