#include "tools/import/zip.hh"

namespace fconn::importer {
namespace {

constexpr std::size_t most_members = 1000;
constexpr std::uint64_t most_bytes = std::uint64_t{4} << 20U;

bool is_yaml(std::string_view name) {
  const std::size_t folder = name.rfind('/');
  const std::string_view file = folder == std::string_view::npos ? name : name.substr(folder + 1);
  // Copies that macOS adds beside each file.
  return (file.ends_with(".yml") || file.ends_with(".yaml")) && !file.starts_with("._");
}

}  // namespace

value::Result<std::vector<formats::ZipFile>> unzip_yaml(std::string_view archive) {
  return formats::unpack_zip_files(archive, is_yaml, most_members, most_bytes);
}

}  // namespace fconn::importer
