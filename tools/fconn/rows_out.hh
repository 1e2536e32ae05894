// From --format and --out to a sink.
#pragma once

#include <memory>

#include "interpreter/run/engine.hh"
#include "interpreter/sink/sinks.hh"
#include "tools/fconn/run_args.hh"

namespace fconn::cli {

struct RowsOut {
  std::unique_ptr<sink::Output> output;  // standard output or one file; none for a folder
  std::unique_ptr<value::Sink> format, ordered;
  value::Sink& sink() { return ordered ? *ordered : *format; }
  bool broken_pipe() const { return output && output->broken_pipe(); }
};

/// `targets`: the categories of the policy that rows are narrowed by, for the report. A mistake of
/// the options is a `configuration` failure, a file that can't be made an `output` one.
value::Result<RowsOut> open_rows(const RunArgs& args, const std::vector<run::Instance>& instances,
                                 const std::string& action, const std::string& request_id,
                                 const std::string& time, const std::vector<std::string>& targets);

}  // namespace fconn::cli
