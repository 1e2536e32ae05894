// Files that arrive packed: gzip (RFC 1952) and zip (PKWARE's APPNOTE; stored and deflated files of
// less than 4 GiB, without encryption). Bounded: what unpacks to more than `max_bytes`, or to more
// than 200 times its size once it is large, is a `limit` failure, before it is unpacked.
#pragma once

#include <functional>
#include <vector>

#include "interpreter/formats/decoder.hh"

namespace fconn::formats {

constexpr std::uint64_t max_unpack_ratio = 200;
constexpr std::uint64_t ratio_matters_from = std::uint64_t{16} << 20U;  // unpacked bytes

bool is_gzip(std::string_view start);
bool is_zip(std::string_view start);

/// A gzip file, of one member or several. A `configuration` failure where zlib isn't there.
value::Result<std::unique_ptr<Decoder>> gzip_decoder(std::uint64_t max_bytes);
value::Result<std::string> unpack_gzip(std::string_view packed, std::uint64_t max_bytes);

struct ZipFile {
  std::string name;
  std::string content;
};
/// The one file of an archive; folders don't count. A `shape` failure that names them where it
/// holds none or several.
value::Result<ZipFile> unpack_zip(std::string_view archive, std::uint64_t max_bytes);
/// Those files of an archive whose names are `wanted`, in its order, of at most `max_bytes` each. A
/// `limit` failure where it lists more than `max_files`, wanted or not.
value::Result<std::vector<ZipFile>> unpack_zip_files(
    std::string_view archive, const std::function<bool(std::string_view name)>& wanted,
    std::size_t max_files, std::uint64_t max_bytes);

}  // namespace fconn::formats
