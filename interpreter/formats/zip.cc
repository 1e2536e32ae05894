// Zip archives (APPNOTE.TXT 4.3). The directory at the end is believed; what it says is
// checked against the bytes.
#include <algorithm>
#include <vector>

#include "interpreter/formats/inflate.hh"
#include "interpreter/formats/packed.hh"

namespace fconn::formats {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::string_view end_mark = "PK\5\6";
constexpr std::string_view entry_mark = "PK\1\2";
constexpr std::string_view file_mark = "PK\3\4";
constexpr std::size_t end_size = 22, entry_size = 46, file_size = 30;
constexpr std::size_t longest_comment = 65535;
constexpr std::uint32_t in_another_format = 0xFFFFFFFF;  // zip64
constexpr std::uint32_t stored = 0, deflated = 8;
constexpr std::size_t named_in_message = 3;

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < size; ++i) {
    result |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return result;
}

tl::unexpected<value::Failure> damaged() {
  return fail(FailureKind::protocol, "this zip archive is damaged");
}

struct Entry {
  std::string name;
  std::uint32_t flags = 0, method = 0, checksum = 0, packed = 0, unpacked = 0, offset = 0;
};

/// Where the record at the end begins: the last place from which its comment reaches the end.
std::size_t find_end(std::string_view archive) {
  const std::size_t reach = std::min(archive.size(), end_size + longest_comment);
  std::size_t at = archive.rfind(end_mark, archive.size() - std::min(archive.size(), end_size));
  while (at != std::string_view::npos && archive.size() - at <= reach) {
    if (at + end_size + number(archive, at + 20, 2) == archive.size()) return at;
    if (at == 0) break;
    at = archive.rfind(end_mark, at - 1);
  }
  return std::string_view::npos;
}

Result<std::vector<Entry>> files_of(std::string_view archive) {
  const std::size_t end = archive.size() < end_size ? std::string_view::npos : find_end(archive);
  if (end == std::string_view::npos) return damaged();
  const std::uint32_t count = number(archive, end + 10, 2);
  std::size_t at = number(archive, end + 16, 4);
  if (at == in_another_format || count == 0xFFFF) {
    return fail(FailureKind::protocol, "this zip archive is in the zip64 format, which isn't read");
  }
  std::vector<Entry> files;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (at > end || end - at < entry_size || archive.substr(at, 4) != entry_mark) return damaged();
    Entry entry;
    entry.flags = number(archive, at + 8, 2);
    entry.method = number(archive, at + 10, 2);
    entry.checksum = number(archive, at + 16, 4);
    entry.packed = number(archive, at + 20, 4);
    entry.unpacked = number(archive, at + 24, 4);
    const std::size_t name = number(archive, at + 28, 2);
    const std::size_t more = number(archive, at + 30, 2) + number(archive, at + 32, 2);
    entry.offset = number(archive, at + 42, 4);
    if (end - at - entry_size < name + more) return damaged();
    entry.name = archive.substr(at + entry_size, name);
    at += entry_size + name + more;
    if (!entry.name.ends_with('/')) files.push_back(std::move(entry));
  }
  return files;
}

Result<std::string_view> bytes_of(std::string_view archive, const Entry& entry) {
  if (archive.size() < file_size || entry.offset > archive.size() - file_size ||
      archive.substr(entry.offset, 4) != file_mark) {
    return damaged();
  }
  const std::size_t begin = std::size_t{entry.offset} + file_size +
                            number(archive, entry.offset + 26, 2) +
                            number(archive, entry.offset + 28, 2);
  if (begin > archive.size() || archive.size() - begin < entry.packed) return damaged();
  return archive.substr(begin, entry.packed);
}

Result<std::string> unpack(const ZlibLibrary& library, std::string_view bytes, const Entry& entry,
                           std::uint64_t max_bytes) {
  std::string out;
  if (entry.method == deflated) {
    Inflate inflate(library, Wrapping::none, max_bytes);
    if (auto done = inflate.feed(bytes, out); !done) return fail(std::move(done.error()));
    if (!inflate.ended() || !bytes.empty()) return damaged();
  } else if (bytes.size() > max_bytes) {
    return fail(FailureKind::limit, "the file of this zip archive is too large");
  } else {
    out = bytes;
  }
  const auto checksum =
      library.crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(out.size()));
  if (out.size() != entry.unpacked || checksum != entry.checksum) return damaged();
  return out;
}

/// Names in a message: printable, and not all of many.
std::string names_of(const std::vector<Entry>& files) {
  std::string text;
  for (std::size_t i = 0; i < std::min(files.size(), named_in_message); ++i) {
    text += i == 0 ? ": " : ", ";
    for (const char c : files[i].name.substr(0, 80)) {
      text +=
          static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F ? '?' : c;
    }
  }
  return files.size() > named_in_message ? text + ", …" : text;
}

Result<ZipFile> content_of(std::string_view archive, const Entry& entry, std::uint64_t max_bytes) {
  if ((entry.flags & 1U) != 0 || (entry.method != stored && entry.method != deflated) ||
      entry.packed == in_another_format || entry.unpacked == in_another_format) {
    return fail(FailureKind::protocol,
                "the file of this zip archive is encrypted or packed in a way that isn't read");
  }
  auto library = load_zlib();
  if (!library) return fail(std::move(library.error()));
  auto bytes = bytes_of(archive, entry);
  if (!bytes) return fail(std::move(bytes.error()));
  auto content = unpack(*library, *bytes, entry, max_bytes);
  if (!content) return fail(std::move(content.error()));
  return ZipFile{entry.name, *std::move(content)};
}

}  // namespace

bool is_zip(std::string_view start) {
  return start.starts_with(file_mark) || start.starts_with(end_mark);
}

Result<ZipFile> unpack_zip(std::string_view archive, std::uint64_t max_bytes) {
  auto files = files_of(archive);
  if (!files) return fail(std::move(files.error()));
  if (files->size() != 1) {
    return fail(FailureKind::shape, "this zip archive holds " + std::to_string(files->size()) +
                                        " files, and only archives of one are read" +
                                        names_of(*files));
  }
  return content_of(archive, files->front(), max_bytes);
}

Result<std::vector<ZipFile>> unpack_zip_files(
    std::string_view archive, const std::function<bool(std::string_view name)>& wanted,
    std::size_t max_files, std::uint64_t max_bytes) {
  const auto files = files_of(archive);
  if (!files) return fail(files.error());
  if (files->size() > max_files) {
    return fail(FailureKind::limit,
                "this zip archive holds more than " + std::to_string(max_files) + " files");
  }
  std::vector<ZipFile> out;
  for (const Entry& entry : *files) {
    if (!wanted(entry.name)) continue;
    auto content = content_of(archive, entry, max_bytes);
    if (!content) return fail(std::move(content.error()));
    out.push_back(std::move(*content));
  }
  return out;
}

}  // namespace fconn::formats
