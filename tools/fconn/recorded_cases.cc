#include "tools/fconn/recorded_cases.hh"

#include <span>

#include "tools/embed/embedded.hh"
#include "tools/fconn/files.hh"

namespace fconn::demos {
std::span<const EmbeddedFile> files();  // generated
}

namespace fconn::cli {

value::Result<std::string> recorded_case(const std::string& name) {
  if (!file_exists(name)) {
    for (const EmbeddedFile& demo : demos::files()) {
      if (demo.name == name) return std::string(demo.text);
    }
  }
  return read_file(name);
}

}  // namespace fconn::cli
