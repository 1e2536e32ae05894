// A connector template of Fides as an archive: its config, dataset and icon in one .zip.
#pragma once

#include "interpreter/formats/packed.hh"

namespace fconn::importer {

/// The YAML files of an archive. Bounds: 1,000 members, 4 MiB each unpacked.
value::Result<std::vector<formats::ZipFile>> unzip_yaml(std::string_view archive);

}  // namespace fconn::importer
