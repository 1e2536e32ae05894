#include "tests/unit/compile/support.hh"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace fconn::compile::test {

std::optional<ModuleResolver::Module> MemoryResolver::module(std::string_view,
                                                             std::string_view path) {
  const auto found = files.find(path);
  if (found == files.end()) return std::nullopt;
  return Module{found->first, found->second};
}

std::optional<ModuleResolver::Module> MemoryResolver::connector(std::string_view name) {
  const auto found = connectors.find(name);
  if (found == connectors.end()) return std::nullopt;
  return Module{"<connectors>/" + found->first, found->second};
}

std::vector<std::string> MemoryResolver::connector_names() const {
  std::vector<std::string> names;
  for (const auto& entry : connectors) names.push_back(entry.first);
  return names;
}

std::vector<ModuleResolver::Module> MemoryResolver::standard_library() const {
  std::vector<Module> all;
  for (const char* name : {"auth.fconn", "pagination.fconn", "signatures.fconn", "tokens.fconn"}) {
    all.push_back(
        {std::string("<stdlib>/") + name, read_file(std::string(FCONN_ROOT) + "/stdlib/" + name)});
  }
  return all;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string Result::mistakes() const {
  std::string list;
  for (const grammar::Diagnostic& found : compiled.diagnostics) {
    list += std::string(grammar::info(found.id).code) + " `" +
            std::string(sources.slice(found.where)) + "` " + found.text + "\n";
  }
  return list;
}

std::string Result::dump() const { return compiled.ir ? ir::dump(*compiled.ir) : mistakes(); }

Result compile_text(const std::string& text, MemoryResolver resolver, const Options& options) {
  Result result;
  const grammar::FileId root = result.sources.add("test.fconn", text);
  result.compiled = compile(root, result.sources, resolver, options);
  return result;
}

namespace {

/// "3:5-9 F0201": line, first and last column, code.
std::string place(std::size_t line, std::size_t first, std::size_t last, std::string_view code) {
  return std::to_string(line) + ":" + std::to_string(first) + "-" + std::to_string(last) + " " +
         std::string(code);
}

std::vector<std::string> expected_places(const std::string& text) {
  std::vector<std::string> places;
  std::istringstream lines(text);
  std::string line;
  std::size_t number = 0;
  std::size_t above = 0;
  while (std::getline(lines, line)) {
    ++number;
    const std::size_t hash = line.find_first_not_of(' ');
    const std::size_t first = line.find('^');
    const bool expectation = hash != std::string::npos && line[hash] == '#' &&
                             first != std::string::npos &&
                             line.find(" F0", first) != std::string::npos;
    if (!expectation) {
      above = number;
      continue;
    }
    const std::size_t end = line.find_first_not_of('^', first);
    places.push_back(place(above, first + 1, end, line.substr(line.find("F0", end), 5)));
  }
  return places;
}

}  // namespace

std::string unexpected(const std::string& text, MemoryResolver resolver) {
  const Result result = compile_text(text, std::move(resolver));
  std::vector<std::string> wanted = expected_places(text);
  std::string differences;
  for (const grammar::Diagnostic& found : result.compiled.diagnostics) {
    const grammar::Position begin = result.sources.position(found.where.file, found.where.begin);
    const std::string_view line = result.sources.line(found.where.file, found.where.begin);
    // A span of several lines is marked to the end of its first.
    const std::size_t length =
        std::min<std::size_t>(found.where.end - found.where.begin, line.size() + 1 - begin.column);
    const std::string at =
        place(begin.line, begin.column, begin.column + length - 1, grammar::info(found.id).code);
    const auto known = std::find(wanted.begin(), wanted.end(), at);
    if (known != wanted.end()) {
      wanted.erase(known);
    } else {
      differences += "not expected: " + at + " " + found.text + "\n";
    }
  }
  for (const std::string& missing : wanted) differences += "missing: " + missing + "\n";
  return differences;
}

}  // namespace fconn::compile::test
