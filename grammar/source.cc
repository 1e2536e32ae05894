#include "grammar/source.hh"

#include <algorithm>

namespace fconn::grammar {

FileId SourceMap::add(std::string name, std::string text) {
  File file{std::move(name), std::move(text), {0}};
  for (std::size_t i = file.text.find('\n'); i != std::string::npos;
       i = file.text.find('\n', i + 1)) {
    file.line_starts.push_back(static_cast<std::uint32_t>(i + 1));
  }
  files_.push_back(std::move(file));
  return FileId{static_cast<std::uint32_t>(files_.size() - 1)};
}

std::string_view SourceMap::name(FileId file) const { return files_.at(file.value).name; }

std::string_view SourceMap::text(FileId file) const { return files_.at(file.value).text; }

std::string_view SourceMap::slice(Span span) const {
  const std::string_view all = text(span.file);
  const std::size_t begin = std::min<std::size_t>(span.begin, all.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, all.size());
  return all.substr(begin, end - begin);
}

Position SourceMap::position(FileId file, std::uint32_t offset) const {
  const File& f = files_.at(file.value);
  offset = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(f.text.size()));
  const auto next = std::upper_bound(f.line_starts.begin(), f.line_starts.end(), offset);
  const auto line = static_cast<std::uint32_t>(next - f.line_starts.begin());
  Position position{line, 1};
  for (std::uint32_t i = f.line_starts[line - 1]; i < offset; ++i) {
    if ((static_cast<unsigned char>(f.text[i]) & 0xC0U) != 0x80U) ++position.column;
  }
  return position;
}

std::string_view SourceMap::line(FileId file, std::uint32_t offset) const {
  const File& f = files_.at(file.value);
  const std::uint32_t row = position(file, offset).line - 1;
  const std::size_t begin = f.line_starts[row];
  std::size_t end = row + 1 < f.line_starts.size() ? f.line_starts[row + 1] : f.text.size();
  while (end > begin && (f.text[end - 1] == '\n' || f.text[end - 1] == '\r')) --end;
  return std::string_view(f.text).substr(begin, end - begin);
}

}  // namespace fconn::grammar
