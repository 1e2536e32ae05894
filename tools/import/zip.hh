// A connector template of Fides as an archive: its config, dataset and icon in one .zip
// (APPNOTE 6.3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/result.hh"

namespace fconn::importer {

struct ZipMember {
  std::string name;
  std::string bytes;
};

bool is_zip(std::string_view bytes);
/// The YAML files of an archive, stored or deflated. Bounds: 1,000 members, 4 MiB each unpacked. No
/// encryption, no archive of several parts, no ZIP64.
value::Result<std::vector<ZipMember>> unzip_yaml(std::string_view archive);

}  // namespace fconn::importer
