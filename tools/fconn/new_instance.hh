// An instance for fconn.toml from a connector and the values of a command line. Text in, text out:
// reads and writes no file and looks up no secret.
#pragma once

#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

struct NewInstance {
  std::string key;
  std::string connector;  // bundled name, or the path that the project file will hold
  /// As given; `NAME=VALUE`. Paths of secrets are as the project file will hold them.
  std::vector<std::string> params, secret_env, secret_file;
};

struct InstanceText {
  std::string table;  // "[instances.KEY]\n…"; empty after problems
  Problems problems;
};
InstanceText instance_text(const NewInstance& instance, const ir::Connector& connector);

/// The file's text with the table behind it, an empty line between; line ends as the file has them.
std::string appended(std::string text, std::string_view table);

}  // namespace fconn::cli
