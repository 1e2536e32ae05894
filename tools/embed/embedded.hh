// What tools/embed makes of text files: a table in read-only memory. The embedded bytes live as
// long as the program; a consumer declares the function that its generated file defines.
#pragma once

#include <string_view>

namespace fconn {

/// One embedded file: the name given on the generator's command line and the file's bytes.
struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

}  // namespace fconn
