#include "grammar/format.hh"

#include "grammar/format_printer.hh"

namespace fconn::grammar {

std::string format(const SourceMap& sources, const Ast& ast) {
  Writer writer(sources, ast);
  Printer(writer).file(ast);
  return writer.take();
}

}  // namespace fconn::grammar
