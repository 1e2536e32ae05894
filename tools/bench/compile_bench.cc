// Times parse, check and compile in one process: medians of CPU time over rounds, for each file and
// for all of them together, in milliseconds and in milliseconds for 1,000 of their lines. What the
// standard library costs is part of it, its lines aren't counted. Usage: compile_bench [--rounds N]
// FILE…
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/compile/compile.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/resolver.hh"

namespace {

using namespace fconn;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Of this process: what else the machine does isn't counted, what the kernel does for us is.
double cpu_milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Once, from text to IR; exits when it has errors, as those would be timed instead.
double compile_once(const std::string& name, const std::string& text) {
  const double begin = cpu_milliseconds();
  {
    cli::Resolver resolver;
    grammar::SourceMap sources;
    const grammar::FileId root = sources.add(name, text);
    const compile::Compiled compiled = compile::compile(root, sources, resolver);
    if (grammar::has_errors(compiled.diagnostics)) {
      std::fprintf(stderr, "%s has errors; `fconn check` says which\n", name.c_str());
      std::exit(1);
    }
  }
  return cpu_milliseconds() - begin;
}

void print(const std::string& name, double time, long lines) {
  std::printf("%9.3f ms %7ld lines %8.3f ms per 1,000 lines  %s\n", time, lines,
              time * 1000 / static_cast<double>(std::max(lines, 1L)), name.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 31;
  double total = 0;
  long total_lines = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--rounds" && i + 1 < argc) {
      rounds = std::max(std::atoi(argv[++i]), 1);
      continue;
    }
    const auto text = cli::read_file(name);
    if (!text) {
      std::fprintf(stderr, "%s\n", text.error().text.c_str());
      return 1;
    }
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) times.push_back(compile_once(name, *text));
    const auto lines = static_cast<long>(std::count(text->begin(), text->end(), '\n'));
    print(name, median(times), lines);
    total += median(times);
    total_lines += lines;
  }
  print("all", total, total_lines);
}
