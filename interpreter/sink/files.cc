// One file a collection, for NDJSON and JSON. A file is made when the collection has its first row
// or is finished, so that an empty collection leaves an empty file and not a doubt.
#include <sys/stat.h>

#include <cctype>
#include <cerrno>
#include <cstring>

#include "interpreter/sink/sinks.hh"

namespace fconn::sink {
namespace {

class FilesSink : public value::Sink {
 public:
  FilesSink(std::string directory, FileFormat format, bool provenance)
      : directory_(std::move(directory)), format_(format), provenance_(provenance) {}

  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override {
    auto file = open(instance, collection);
    if (!file) return value::fail(file.error());
    return (*file)->sink->write(instance, collection, batch);
  }

  value::Result<void> finish(std::string_view instance, std::string_view collection,
                             const value::Outcome&) override {
    auto file = open(instance, collection);
    if (!file) return value::fail(file.error());
    if ((*file)->closed) return {};
    (*file)->closed = true;
    return (*file)->sink->close();
  }

  value::Result<void> close() override {
    for (auto& entry : files_) {
      if (entry.second.closed) continue;
      entry.second.closed = true;
      if (auto closed = entry.second.sink->close(); !closed) return closed;
    }
    return {};
  }

 private:
  struct File {
    std::unique_ptr<Output> output;
    std::unique_ptr<value::Sink> sink;
    bool closed = false;
  };

  value::Result<File*> open(std::string_view instance, std::string_view collection) {
    const std::string stem = file_stem(instance, collection);
    auto found = files_.find(stem);
    if (found != files_.end()) return &found->second;
    if (auto made = make_directory(directory_); !made) return value::fail(made.error());
    auto output = Output::create(directory_ + "/" + stem +
                                 (format_ == FileFormat::json ? ".json" : ".ndjson"));
    if (!output) return value::fail(output.error());
    File file;
    file.output = std::move(*output);
    file.sink = format_ == FileFormat::json ? make_json(*file.output, provenance_)
                                            : make_ndjson(*file.output, provenance_);
    return &files_.emplace(stem, std::move(file)).first->second;
  }

  std::string directory_;
  FileFormat format_;
  bool provenance_;
  std::map<std::string, File> files_;
};

}  // namespace

std::string file_stem(std::string_view instance, std::string_view collection) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string stem;
  const auto append = [&stem](std::string_view part) {
    for (const char c : part) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0 || c == '_' || c == '-') {
        stem += c;
      } else {
        stem += '%';
        stem += digits[byte >> 4U];
        stem += digits[byte & 15U];
      }
    }
  };
  append(instance);
  stem += '.';
  append(collection);
  return stem;
}

value::Result<void> make_directory(const std::string& path) {
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end < path.size() && path[end] != '/') continue;
    if (::mkdir(path.substr(0, end).c_str(), 0700) != 0 && errno != EEXIST) {
      return value::fail(value::FailureKind::output,
                         "the folder '" + path + "' can't be made: " + std::strerror(errno));
    }
  }
  return {};
}

std::unique_ptr<value::Sink> make_files(std::string directory, FileFormat format, bool provenance) {
  return std::make_unique<FilesSink>(std::move(directory), format, provenance);
}

}  // namespace fconn::sink
