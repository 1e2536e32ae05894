// Files as the program reads and writes them. Failures are sentences that name the path.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "interpreter/value/result.hh"

namespace fconn::cli {

/// The whole file; "-" is standard input. A folder or a missing file is a `configuration` failure.
value::Result<std::string> read_file(const std::string& path);
bool file_exists(const std::string& path);

/// Texts that count instead of files on disk, by absolute path: what an editor holds open. Gives
/// null for any other file.
using TextOverlay = std::function<const std::string*(const std::string& path)>;
/// The overlay's text, or else the file's.
value::Result<std::string> read_file(const std::string& path, const TextOverlay& overlay);

enum class Mode : unsigned { shared = 0666, personal = 0600 };  // shared: less the umask
/// "-" is standard output. Otherwise a temporary file beside it is renamed over it, so that nobody
/// sees half a file; an existing file that is `shared` keeps its mode.
value::Result<void> write_file(const std::string& path, std::string_view text, Mode mode);

/// The nearest fconn.toml from the current folder upwards.
std::optional<std::string> find_project_file();
/// mkdir -p of all that stands before the last slash, for nobody else to read.
value::Result<void> make_folder(const std::string& folder);
std::string directory_of(std::string_view path);
std::string base_name(std::string_view path);
/// `path` as seen from `folder`, with `.` and `..` taken out.
std::string absolute_path(const std::string& path);
std::string join(std::string_view folder, std::string_view path);

}  // namespace fconn::cli
