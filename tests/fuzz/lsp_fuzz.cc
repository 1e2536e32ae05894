// Messages come from a program that may have any bug: any bytes are framed or refused, any message
// is answered or ignored, and every answer is JSON. Each input is a stream; after what it asks, one
// document is opened, changed and asked about at a place that the input chooses.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/lsp/framing.hh"
#include "tools/lsp/json.hh"
#include "tools/lsp/server.hh"

namespace {

using namespace fconn;

/// No files, no library.
class EmptyHost : public lsp::Host {
 public:
  std::optional<std::string> read(const std::string&) override { return std::nullopt; }
  bool files(const std::string&, std::vector<std::string>&) override { return true; }
  std::string join(std::string_view, std::string_view path) const override {
    return std::string(path);
  }
  std::optional<lsp::Module> embedded(std::string_view) override { return std::nullopt; }
  std::optional<lsp::Module> connector(std::string_view) override { return std::nullopt; }
  std::vector<std::string> connector_names() const override { return {}; }
  std::vector<lsp::Module> standard_library() const override { return {}; }
  std::optional<std::string> readable_copy(std::string_view) override { return std::nullopt; }
  std::optional<std::string> embedded_name(const std::string&) const override {
    return std::nullopt;
  }
  lsp::ProjectFacts check_project(const std::string& path, const std::string& text,
                                  grammar::SourceMap& sources, const lsp::OpenTexts&) override {
    sources.add(path, text);
    return {};
  }
  grammar::Diagnostics check_tests(const grammar::SourceMap&, const grammar::Ast&) override {
    return {};
  }
  bool has_verb(std::string_view) const override { return true; }
  std::string run_tests(const std::string&, std::optional<std::uint32_t>, const lsp::OpenTexts&,
                        bool&) override {
    return {};
  }
};

void work(lsp::Server& server) {
  std::vector<std::string> out;
  while (server.work(out)) {
  }
  for (const std::string& message : out) {
    value::Arena arena;
    if (!value::parse_json(message, arena)) std::abort();
  }
}

void type(lsp::Server& server, std::string_view text, std::size_t at) {
  const lsp::Json uri = lsp::json_object(
      {{"uri", lsp::json_string("file:///a.fconn")}, {"text", lsp::json_string(text)}});
  server.receive(R"({"id":1,"method":"initialize","params":{}})");
  server.receive(R"({"method":"textDocument/didOpen","params":{"textDocument":)" + uri.text + "}}");
  const std::string position = R"("position":{"line":)" + std::to_string(at % 7) +
                               R"(,"character":)" + std::to_string(at / 7 % 61) + "}";
  const std::string params = R"({"textDocument":{"uri":"file:///a.fconn"},"newName":"x",)" +
                             position + R"(,"range":{"start":{"line":0,"character":0},"end":)" +
                             position.substr(position.find(':') + 1) + "}}";
  for (const char* method : {"completion", "hover", "signatureHelp", "definition", "references",
                             "documentHighlight", "rename", "documentSymbol", "semanticTokens/full",
                             "inlayHint", "foldingRange", "formatting", "codeAction", "codeLens"}) {
    server.receive(R"({"id":2,"method":"textDocument/)" + std::string(method) + R"(","params":)" +
                   params + "}");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  EmptyHost host;
  lsp::Server server(host, "fuzz");
  lsp::Framer framer;
  framer.feed(bytes);
  while (auto message = framer.next()) server.receive(*message);
  server.receive(bytes);
  work(server);
  if (server.exit_code()) return 0;
  type(server, bytes, size == 0 ? 0 : data[0] * 256U + data[size / 2]);
  work(server);
  return 0;
}
