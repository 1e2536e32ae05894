#include "tools/fconn/svg.hh"

#include "tools/fconn/process.hh"

namespace fconn::cli {

value::Result<std::string> svg_of(const std::string& dot_text) {
  auto svg = run_program({"dot", "-Tsvg"}, dot_text, std::size_t{64} << 20U);
  if (svg) return svg;
  return value::fail(value::FailureKind::configuration,
                     "a picture needs the program `dot` of Graphviz: " + svg.error().text);
}

}  // namespace fconn::cli
