#include "tools/repl/complete.hh"

#include <doctest/doctest.h>

namespace fconn::repl {
namespace {

Names names() {
  Names names;
  names.collections = {"member", "message"};
  names.identities = {"email"};
  names.params = {"domain"};
  names.secrets = {"api_key"};
  names.values = {"status", "headers", "row"};
  names.functions = {"lower", "length"};
  names.strategies = {"link", "link_header"};
  names.clauses = {"skip", "keep"};
  names.requests = {"r1", "r2"};
  names.headers = {"Accept:"};
  names.query = {"page="};
  names.members = [](std::string_view path) -> std::vector<std::string> {
    if (path == ".") return {"items", "next"};
    if (path == ".items[0]") return {"id", "email"};
    if (path == "m") return {"list_id"};
    return {};
  };
  return names;
}

TEST_CASE("what a half-typed line may become") {
  const struct {
    std::string_view line;
    std::size_t begin;
    std::vector<std::string> words;
  } cases[] = {
      {":ru", 0, {":run"}},
      {":re", 0, {":reload", ":requests", ":resend", ":reveal"}},
      {":run me", 5, {"member", "message"}},
      {":step member mes", 13, {"message"}},
      {":why mem", 5, {"member"}},
      {":show r", 6, {"r1", "r2"}},
      {":set id", 5, {"identity.email="}},
      {":set secret.api_key=", 5, {"secret.api_key=env:", "secret.api_key=file:"}},
      {":unset p", 7, {"param.domain"}},
      {":break ", 7, {"member", "message", "on"}},
      {":break mem", 7, {"member"}},
      {":until mem", 7, {"member"}},
      {":until .it", 8, {"items"}},
      {":list me", 6, {"member", "message"}},
      {":break on st", 10, {"status"}},
      {":edit h", 6, {"header"}},
      {":edit header A", 13, {"Accept:"}},
      {":edit query p", 12, {"page="}},
      {":save c", 6, {"case"}},
      {":reveal o", 8, {"off", "on"}},
      {"?li", 1, {"link", "link_header", "list"}},
      {"?ke", 1, {"keep"}},
      {"sta", 0, {"status"}},
      {"1 + le", 4, {"length("}},
      {".it", 1, {"items"}},
      {".", 1, {"items", "next"}},
      {".items[0].e", 10, {"email"}},
      {"lower(m.l", 8, {"list_id"}},
      {".nothing.x", 9, {}},
      {":bogus x", 7, {}},
  };
  const Names all = names();
  for (const auto& one : cases) {
    CAPTURE(one.line);
    const Completion found = complete(one.line, one.line.size(), all);
    CHECK(found.begin == one.begin);
    CHECK(found.words == one.words);
  }
}

TEST_CASE("only what stands before the cursor counts") {
  const Completion found = complete(":ru member", 3, names());
  CHECK(found.words == std::vector<std::string>{":run"});
  CHECK(complete("", 0, names()).words.size() > 20);  // every command
}

}  // namespace
}  // namespace fconn::repl
