#include <doctest/doctest.h>

#include <map>

#include "tools/lsp/json.hh"
#include "tools/lsp/server.hh"

using namespace fconn;
using namespace fconn::lsp;

namespace {

/// Files in memory, in one folder, which may be too large to be looked through.
class MemoryHost : public Host {
 public:
  std::map<std::string, std::string> disk;
  bool small = true;

  std::optional<std::string> read(const std::string& path) override {
    const auto found = disk.find(path);
    if (found == disk.end()) return std::nullopt;
    return found->second;
  }
  bool files(const std::string&, std::vector<std::string>& out) override {
    for (const auto& [path, text] : disk) out.push_back(path);
    return small;
  }
  std::string join(std::string_view from, std::string_view path) const override {
    return std::string(from.substr(0, from.rfind('/') + 1)) + std::string(path);
  }
  std::optional<Module> embedded(std::string_view) override { return std::nullopt; }
  std::optional<Module> connector(std::string_view) override { return std::nullopt; }
  std::vector<std::string> connector_names() const override { return {}; }
  std::vector<Module> standard_library() const override { return {}; }
  std::optional<std::string> readable_copy(std::string_view) override { return std::nullopt; }
  std::optional<std::string> embedded_name(const std::string&) const override {
    return std::nullopt;
  }
  ProjectFacts check_project(const std::string& path, const std::string& text,
                             grammar::SourceMap& sources, const OpenTexts&) override {
    sources.add(path, text);
    return {};
  }
  grammar::Diagnostics check_tests(const grammar::SourceMap&, const grammar::Ast&) override {
    return {};
  }
  bool has_verb(std::string_view name) const override { return name == "read" || name == "repl"; }
  std::string run_tests(const std::string&, std::optional<std::uint32_t>, const OpenTexts&,
                        bool& passed) override {
    passed = true;
    return "ok";
  }
};

/// Everything that is sent for the messages, a line each.
std::string say(Server& server, std::initializer_list<std::string_view> messages) {
  for (const std::string_view message : messages) server.receive(message);
  std::vector<std::string> out;
  while (server.work(out)) {
  }
  std::string all;
  for (const std::string& message : out) all += message + "\n";
  return all;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* initialize = R"({"id":0,"method":"initialize","params":{}})";
constexpr const char* open_library =
    R"({"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///lib.fconn","text":"fn tidy(text) = text | trim\n"}}})";
constexpr const char* rename_tidy =
    R"({"id":1,"method":"textDocument/rename","params":{"textDocument":{"uri":"file:///lib.fconn"},"position":{"line":0,"character":4},"newName":"neat"}})";

}  // namespace

TEST_CASE("a rename that can't see every file is refused, and references say that some may lack") {
  MemoryHost host;
  host.disk["/lib.fconn"] = "";
  Server server(host, "test");
  say(server, {initialize, open_library});
  CHECK(has(say(server, {rename_tidy}), "\"newText\":\"neat\""));
  host.small = false;
  const std::string refused = say(server, {rename_tidy});
  CHECK(has(refused, "holds too many files to find every use"));
  CHECK(has(refused, "window/showMessage"));
  const std::string found = say(
      server,
      {R"({"id":2,"method":"textDocument/references","params":{"textDocument":{"uri":"file:///lib.fconn"},"position":{"line":0,"character":4},"context":{"includeDeclaration":true}}})"});
  CHECK(has(found, "fconn looked at some of them"));
  CHECK(has(found, "\"result\":[{"));
}

TEST_CASE("lenses offer what this version has") {
  MemoryHost host;
  Server server(host, "test");
  const std::string said = say(
      server,
      {initialize,
       R"({"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.fconn","text":"connector a \"A\" {\n collection b { read GET /b }\n}"}}})",
       R"({"id":1,"method":"textDocument/codeLens","params":{"textDocument":{"uri":"file:///a.fconn"}}})",
       R"({"id":2,"method":"workspace/executeCommand","params":{"command":"fconn.step","arguments":["file:///a.fconn","b"]}})"});
  CHECK(has(said, "\"title\":\"Run\""));
  CHECK(has(said, "\"title\":\"Step\""));
  CHECK(has(said, R"("argv":["fconn","repl","/a.fconn"])"));
}

TEST_CASE("nothing is answered after exit") {
  MemoryHost host;
  Server server(host, "test");
  const std::string said = say(
      server, {initialize, R"({"id":1,"method":"shutdown"})", R"({"method":"exit"})", rename_tidy});
  CHECK(has(said, R"("id":1,"result":null)"));
  CHECK_FALSE(has(said, "error"));
  CHECK(server.exit_code() == 0);
}
