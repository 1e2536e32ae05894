// What the sink tests share: batches from texts and a folder of their own.
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>

#include "interpreter/sink/sinks.hh"

namespace fconn::sink::test {

inline value::RowBatch batch(std::initializer_list<std::string_view> rows,
                             std::string request = "r1", std::uint64_t position = 0) {
  value::RowBatch out;
  for (const std::string_view row : rows) {
    out.text().append(row);
    out.end_row({});
  }
  out.provenance.request = std::move(request);
  out.provenance.position = position;
  return out;
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fconn-sink-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline unsigned mode(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777U;
}

}  // namespace fconn::sink::test
