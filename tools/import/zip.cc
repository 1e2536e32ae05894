#include "tools/import/zip.hh"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "tools/import/zlib_library.hh"

namespace fconn::importer {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

constexpr std::size_t most_members = 1000;
constexpr std::size_t most_bytes = std::size_t{4} << 20U;
constexpr std::string_view end_mark = "PK\x05\x06";
constexpr std::string_view entry_mark = "PK\x01\x02";
constexpr std::string_view local_mark = "PK\x03\x04";
constexpr std::size_t end_size = 22, entry_size = 46, local_size = 30;

/// Little-endian numbers of a record; reading past the end gives nothing.
class Record {
 public:
  Record(std::string_view bytes, std::size_t begin) : bytes_(bytes), begin_(begin) {}
  bool holds(std::string_view mark, std::size_t size) const {
    return begin_ <= bytes_.size() && bytes_.size() - begin_ >= size &&
           bytes_.substr(begin_, mark.size()) == mark;
  }
  std::size_t number(std::size_t at, std::size_t size) const {
    std::size_t out = 0;
    for (std::size_t i = size; i-- > 0;) {
      out = out << 8U | static_cast<unsigned char>(bytes_[begin_ + at + i]);
    }
    return out;
  }

 private:
  std::string_view bytes_;
  std::size_t begin_;
};

tl::unexpected<value::Failure> broken(const std::string& what) {
  return fail(FailureKind::configuration, "the archive can't be read: " + what);
}

Result<std::string> inflated(std::string_view packed, std::size_t size) {
  auto zlib = value::load_library<ZlibLibrary>("libz.so.1", "zlib1g");
  if (!zlib) return fail(zlib.error());
  std::string out(size, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  // Negative: deflated data without a header of its own.
  if (zlib->inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, sizeof(stream)) != Z_OK) {
    return broken("zlib doesn't start");
  }
  const int state = zlib->inflate(&stream, Z_FINISH);
  zlib->inflateEnd(&stream);
  if (state != Z_STREAM_END || stream.avail_out != 0) return broken("a member is damaged");
  return out;
}

bool is_yaml(std::string_view name) {
  const std::size_t folder = name.rfind('/');
  const std::string_view file = folder == std::string_view::npos ? name : name.substr(folder + 1);
  // Copies that macOS adds beside each file.
  return (file.ends_with(".yml") || file.ends_with(".yaml")) && !file.starts_with("._");
}

struct Entry {
  std::string_view name;
  std::size_t flags = 0, method = 0, packed = 0, size = 0, local = 0;
};

Result<ZipMember> read_member(std::string_view archive, const Entry& entry) {
  const std::string name(entry.name);
  const Record local(archive, entry.local);
  if (!local.holds(local_mark, local_size))
    return broken("'" + name + "' isn't where it should be");
  if ((entry.flags & 1U) != 0) return broken("'" + name + "' is encrypted");
  if (entry.size > most_bytes || entry.packed > most_bytes)
    return broken("'" + name + "' is too large");
  const std::size_t begin = entry.local + local_size + local.number(26, 2) + local.number(28, 2);
  if (begin > archive.size() || archive.size() - begin < entry.packed)
    return broken("'" + name + "' is cut off");
  const std::string_view packed = archive.substr(begin, entry.packed);
  if (entry.method == 0) return ZipMember{name, std::string(packed)};
  if (entry.method != 8) return broken("'" + name + "' is packed in a way that isn't read");
  auto bytes = inflated(packed, entry.size);
  if (!bytes) return fail(bytes.error());
  return ZipMember{name, std::move(*bytes)};
}

}  // namespace

bool is_zip(std::string_view bytes) {
  return bytes.starts_with(local_mark) || bytes.starts_with(end_mark);
}

Result<std::vector<ZipMember>> unzip_yaml(std::string_view archive) {
  // The end record is the last thing, before a comment of at most 64 KiB.
  const std::size_t end = archive.rfind(end_mark);
  const Record tail(archive, end == std::string_view::npos ? archive.size() : end);
  if (!tail.holds(end_mark, end_size)) return broken("its end is missing");
  const std::size_t count = tail.number(10, 2);
  if (count > most_members)
    return broken("it has more than " + std::to_string(most_members) + " members");
  std::size_t at = tail.number(16, 4);
  std::vector<ZipMember> out;
  for (std::size_t i = 0; i < count; ++i) {
    const Record record(archive, at);
    if (!record.holds(entry_mark, entry_size)) return broken("its list of members is damaged");
    Entry entry;
    entry.flags = record.number(8, 2);
    entry.method = record.number(10, 2);
    entry.packed = record.number(20, 4);
    entry.size = record.number(24, 4);
    entry.local = record.number(42, 4);
    const std::size_t name_size = record.number(28, 2);
    if (archive.size() - at - entry_size < name_size)
      return broken("its list of members is damaged");
    entry.name = archive.substr(at + entry_size, name_size);
    at += entry_size + name_size + record.number(30, 2) + record.number(32, 2);
    if (!is_yaml(entry.name)) continue;
    auto member = read_member(archive, entry);
    if (!member) return fail(member.error());
    out.push_back(std::move(*member));
  }
  return out;
}

}  // namespace fconn::importer
