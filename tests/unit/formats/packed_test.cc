#include <doctest/doctest.h>
#include <zlib.h>

#include "interpreter/formats/content.hh"
#include "interpreter/formats/packed.hh"

using namespace fconn;

namespace {

constexpr std::uint64_t room = std::uint64_t{64} << 20U;

/// `window` as deflateInit2 takes it: 31 gzip, -15 plain deflate.
std::string packed(const std::string& text, int window) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string gzip(const std::string& text) { return packed(text, 31); }

std::string number(std::uint64_t value, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

struct File {
  std::string name, content;
  int method = 8, flags = 0;
};

std::string zip(const std::vector<File>& files, const std::string& comment = "") {
  std::string out, directory;
  for (const File& file : files) {
    const std::string bytes = file.method == 8 ? packed(file.content, -15) : file.content;
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(file.content.data()),
                           static_cast<uInt>(file.content.size()));
    const std::string common = number(static_cast<unsigned>(file.flags), 2) +
                               number(static_cast<unsigned>(file.method), 2) + number(0, 4) +
                               number(sum, 4) + number(bytes.size(), 4) +
                               number(file.content.size(), 4) + number(file.name.size(), 2) +
                               number(0, 2);
    directory += "PK\1\2" + number(20, 2) + number(20, 2) + common + number(0, 2) + number(0, 8) +
                 number(out.size(), 4) + file.name;
    out += "PK\3\4" + number(20, 2) + common + file.name + bytes;
  }
  return out + directory + "PK\5\6" + number(0, 4) + number(files.size(), 2) +
         number(files.size(), 2) + number(directory.size(), 4) + number(out.size(), 4) +
         number(comment.size(), 2) + comment;
}

std::string shown(const value::Result<std::string>& result) {
  return result ? *result : "! " + result.error().text;
}
std::string unzipped(const std::string& archive, std::uint64_t most = room) {
  auto file = formats::unpack_zip(archive, most);
  return file ? file->name + "=" + file->content : "! " + file.error().text;
}

}  // namespace

TEST_CASE("what a Content-Encoding says, and where it ends early") {
  const auto undone = [](const char* encoding, const std::string& bytes,
                         std::size_t size) -> std::string {
    auto decoder = formats::content_decoder(encoding);
    REQUIRE(decoder);
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      if (!(*decoder)->feed(std::string_view(bytes).substr(at, size), out)) return "! damaged";
    }
    return (*decoder)->finish(out) ? "= " + out : std::string("! early");
  };
  const std::string text(5000, 'x');
  const struct {
    const char* encoding;
    std::string bytes;
  } good[] = {{"gzip", packed(text, 31)},
              {"X-GZIP", packed(text.substr(0, 99), 31) + packed(text.substr(99), 31)},
              {"deflate", packed(text, 15)},
              {"deflate", packed(text, -15)}};
  for (const auto& one : good) {
    for (const std::size_t size : {1U, 2U, 7U, 10'000U}) {
      CHECK((undone(one.encoding, one.bytes, size) == "= " + text));
      CHECK(undone(one.encoding, one.bytes.substr(0, one.bytes.size() - 1), size) == "! early");
      CHECK(undone(one.encoding, one.bytes.substr(0, 1), size) == "! early");
      CHECK(undone(one.encoding, one.bytes + "rest", size) == "! damaged");
      CHECK(undone(one.encoding, "", size) == "= ");
    }
  }
  CHECK(undone("gzip", "no gzip", 7) == "! damaged");
  REQUIRE(formats::content_decoder(""));
  CHECK(*formats::content_decoder("") == nullptr);
  CHECK(*formats::content_decoder("Identity") == nullptr);
  CHECK_FALSE(formats::content_decoder("br"));
  CHECK_FALSE(formats::content_decoder("gzip, gzip"));
}

TEST_CASE("gzip files") {
  CHECK(formats::is_gzip(gzip("x")));
  CHECK_FALSE(formats::is_gzip("{}"));
  CHECK(shown(formats::unpack_gzip(gzip("hello"), room)) == "hello");
  CHECK(shown(formats::unpack_gzip(gzip(""), room)).empty());
  CHECK(shown(formats::unpack_gzip(gzip("one ") + gzip("two"), room)) == "one two");
  CHECK(shown(formats::unpack_gzip(gzip("x") + std::string(512, '\0'), room)) == "x");
  const std::string whole = gzip(std::string(5000, 'a') + "b");
  CHECK(shown(formats::unpack_gzip(whole.substr(0, whole.size() - 3), room)) ==
        "! this gzip file ends before its content does");
  std::string broken = whole;
  broken[broken.size() - 6] ^= 1;  // its checksum
  CHECK(shown(formats::unpack_gzip(broken, room)) == "! this packed file is damaged");
  CHECK(shown(formats::unpack_gzip(whole + "junk", room)) == "! this packed file is damaged");
  CHECK(shown(formats::unpack_gzip(whole + std::string(1, '\0') + "j", room)) ==
        "! something follows the gzip file");
  // Byte by byte.
  auto decoder = formats::gzip_decoder(room);
  REQUIRE(decoder.has_value());
  std::string out;
  for (const char c : whole) REQUIRE((*decoder)->feed(std::string_view(&c, 1), out).has_value());
  REQUIRE((*decoder)->finish(out).has_value());
  CHECK(out == std::string(5000, 'a') + "b");
}

TEST_CASE("what unpacks to far more than its size isn't unpacked") {
  const std::string bomb = gzip(std::string(std::size_t{40} << 20U, '\0'));
  auto result = formats::unpack_gzip(bomb, std::uint64_t{8} << 30U);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().kind == value::FailureKind::limit);
  CHECK(result.error().text ==
        "this packed file unpacks to more than 200 times its size, as no export does");
  CHECK(shown(formats::unpack_gzip(gzip(std::string(std::size_t{3} << 20U, 'x')),
                                   std::uint64_t{2} << 20U)) ==
        "! this packed file is larger than 2 MiB when it is unpacked");
  CHECK(unzipped(zip({{"a", std::string(std::size_t{40} << 20U, '\0')}}))
            .find("more than 200 times") != std::string::npos);
  CHECK(unzipped(zip({{"a", "12345", 0}}), 4).find("too large") != std::string::npos);
}

TEST_CASE("zip archives of one file") {
  CHECK(formats::is_zip(zip({{"a", "x"}})));
  CHECK(formats::is_zip(zip({})));
  CHECK(unzipped(zip({{"a.csv", "hello"}})) == "a.csv=hello");
  CHECK(unzipped(zip({{"a.csv", "hello", 0}})) == "a.csv=hello");
  CHECK(unzipped(zip({{"out/", "", 0}, {"out/a.csv", "x"}})) == "out/a.csv=x");
  CHECK(unzipped(zip({{"a", "x"}}, "PK\5\6 a comment")) == "a=x");
  CHECK(unzipped(zip({})) == "! this zip archive holds 0 files, and only archives of one are read");
  CHECK(unzipped(zip({{"a", "x"}, {"b\n", "y"}, {"c", "z"}, {"d", ""}})) ==
        "! this zip archive holds 4 files, and only archives of one are read: a, b?, c, …");
  CHECK(unzipped(zip({{"a", "x", 0, 1}})).find("encrypted") != std::string::npos);
  CHECK(unzipped(zip({{"a", "x", 12}})).find("isn't read") != std::string::npos);
}

TEST_CASE("those files of a zip archive that are wanted") {
  const auto listed = [](const std::vector<File>& files, std::size_t most_files = 10) {
    const auto out = formats::unpack_zip_files(
        zip(files), [](std::string_view name) { return name.ends_with(".yml"); }, most_files, 8);
    std::string text = out ? "" : "! " + out.error().text;
    if (!out) return text;
    for (const formats::ZipFile& one : *out) text += one.name + "=" + one.content + ";";
    return text;
  };
  CHECK(listed({}).empty());
  CHECK(listed({{"b.yml", "x"}, {"icon.svg", "far too large"}, {"d/a.yml", "y", 0}}) ==
        "b.yml=x;d/a.yml=y;");
  CHECK(listed({{"a.yml", "x"}, {"b", ""}}, 1) == "! this zip archive holds more than 1 files");
  CHECK(listed({{"a.yml", "more than 8 bytes"}}).find("! ") == 0);
  CHECK(listed({{"a.yml", "more than 8 bytes", 0}}).find("too large") != std::string::npos);
  CHECK(listed({{"a.yml", "x", 0, 1}, {"b.yml", "y"}}).find("encrypted") != std::string::npos);
}

TEST_CASE("damaged archives") {
  const std::string good = zip({{"a.csv", "hello, hello, hello"}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(unzipped(good.substr(0, size)).starts_with("! "));
  }
  // Whatever one byte is changed to, what comes out is the file or a failure.
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const unsigned char flip : {0x01, 0x80, 0xFF}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      const std::string got = unzipped(bad);
      const bool same = got.find("=hello, hello, hello") != std::string::npos;
      CHECK((same || got.starts_with("! ")));
    }
  }
}
