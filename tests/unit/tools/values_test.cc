#include "tools/fconn/values.hh"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tools/fconn/convert.hh"
#include "tools/fconn/value_files.hh"

namespace fconn::cli {
namespace {

ir::Param param(std::string name, ir::ScalarType type, bool secret = false) {
  ir::Param out;
  out.name = std::move(name);
  out.type = type;
  out.secret = secret;
  return out;
}

ir::Expr text_constant(std::string text) {
  ir::Expr out;
  out.op = ir::Op::string;
  out.text = std::move(text);
  return out;
}

std::string converted(const ir::Param& wanted, std::string_view text, bool json = false) {
  const auto value = json ? param_from_json(wanted, text) : param_from_text(wanted, text);
  return value ? value::to_json(value->get()) : "! " + value.error().text;
}

/// A file that is gone when the test ends.
class File {
 public:
  File(const std::string& ending, const std::string& text) {
    path_ =
        (std::filesystem::temp_directory_path() /
         ("fconn-values-" + std::to_string(::getpid()) + "-" + std::to_string(++count) + ending))
            .string();
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::string& path() const { return path_; }

 private:
  static inline int count = 0;
  std::string path_;
};

std::vector<Loaded> targets() {
  auto connector = std::make_shared<ir::Connector>();
  connector->name = "shop";
  connector->params = {param("domain", ir::ScalarType::host),
                       param("size", ir::ScalarType::integer),
                       param("token", ir::ScalarType::string, true)};
  ir::Expr hundred;
  hundred.op = ir::Op::integer;
  hundred.number = 100;
  connector->params[1].default_value = hundred;
  connector->identities.push_back({"email", "", "", {}});
  ir::External ids;
  ids.name = "ids";
  connector->externals.push_back(ids);
  std::vector<Loaded> out(2);
  for (std::size_t i = 0; i < 2; ++i) {
    out[i].key = i == 0 ? "one" : "two";
    out[i].connector = connector;
  }
  return out;
}

std::string texts(const Problems& problems) {
  std::string out;
  for (const Problem& problem : problems) out += problem.text + " | " + problem.help + "\n";
  return out;
}

TEST_CASE("values convert losslessly or not at all") {
  using T = ir::ScalarType;
  struct Case {
    T type;
    const char* text;
    bool json;
    const char* expected;
  };
  const Case cases[] = {
      {T::string, "007", false, "\"007\""},
      {T::string, "7", true, "\"7\""},
      {T::string, "1.50", true, "\"1.50\""},
      {T::string, "[1]", true, "! isn't a text"},
      {T::integer, "42", false, "42"},
      {T::integer, "\"42\"", true, "42"},
      {T::integer, "4.2", false, "! isn't an integer"},
      {T::integer, "9223372036854775808", false, "! isn't an integer"},
      {T::number, "1e3", false, "1e3"},
      {T::number, "", false, "! isn't a number"},
      {T::boolean, "true", false, "true"},
      {T::boolean, "yes", false, "! isn't true or false"},
      {T::list, "[1,\"a\"]", false, "[1,\"a\"]"},
      {T::list, "a,b", false, "! isn't a JSON list"},
      {T::object, "{\"a\":1}", true, "{\"a\":1}"},
      {T::host, "api.example.com:8080", false, "\"api.example.com:8080\""},
      {T::host, "https://api.example.com", false, "! isn't a host name, without scheme or path"},
      {T::host, "api.example.com/v1", false, "! isn't a host name, without scheme or path"},
      {T::host, "user@api.example.com", false, "! isn't a host name, without scheme or path"},
      {T::url, "https://a.example/x?y", false, "\"https://a.example/x?y\""},
      {T::url, "a.example", false, "! isn't a URL that begins with https:// or http://"},
      {T::any, "{\"a\":[1]}", true, "{\"a\":[1]}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(converted(param("p", one.type), one.text, one.json) == one.expected);
  }
  ir::Param list = param("p", T::list);
  list.element = T::integer;
  CHECK(converted(list, "[1,\"2\"]") == "[1,2]");
  CHECK(converted(list, "[1,\"x\"]") == "! holds an element (2.) that isn't an integer");
  ir::Param choice = param("p", T::string);
  choice.choices = {text_constant("us"), text_constant("eu")};
  CHECK(converted(choice, "eu") == "\"eu\"");
  CHECK(converted(choice, "asia") == "! isn't one of \"us\", \"eu\"");
}

TEST_CASE("one error lists all that is missing and how to give it") {
  const Values got = collect_values(targets(), {}, nullptr);
  REQUIRE(got.problems.size() == 1);
  CHECK(
      got.problems[0].text ==
      "4 values are missing:\n  one.domain: --param one.domain=VALUE, a host name, without scheme "
      "or path\n  one.token: --secret-env one.token=VAR or --secret-file one.token=PATH\n  "
      "two.domain: --param two.domain=VALUE, a host name, without scheme or path\n  two.token: "
      "--secret-env two.token=VAR or --secret-file two.token=PATH");
  CHECK(got.instances.empty());
}

TEST_CASE("KEY.NAME=VALUE reaches one target, NAME=VALUE all that have the name") {
  ::setenv("FCONN_TEST_TOKEN", "s3cret", 1);
  ValueArgs args;
  args.params = {"domain=a.example", "two.domain=b.example", "two.size=5"};
  args.secret_env = {"token=FCONN_TEST_TOKEN"};
  args.identities = {"email=a@x", "one.email=b@x", "email=a@x"};
  args.externals = {"ids=1", "ids=[\"2\",3]"};
  const Values got = collect_values(targets(), args, nullptr);
  REQUIRE(texts(got.problems).empty());
  REQUIRE(got.instances.size() == 2);
  CHECK(got.instances[0].params.at("domain").get().view() == "a.example");
  CHECK(got.instances[1].params.at("domain").get().view() == "b.example");
  CHECK(got.instances[0].params.at("size").get().integer == 100);
  CHECK(got.instances[1].params.at("size").get().integer == 5);
  CHECK(got.instances[0].params.at("token").get().secret);
  CHECK(got.instances[0].identities.at("email").size() == 2);
  CHECK(got.instances[1].identities.at("email").size() == 1);
  CHECK(got.instances[0].externals.at("ids").size() == 3);
}

TEST_CASE("mistakes on the command line, and no secret in any of them") {
  ::setenv("FCONN_TEST_TOKEN", "s3cret", 1);
  ValueArgs args;
  args.params = {"token=hunter2", "domian=x", "hunter3", "domain=https://x/", "one.size=hunter4"};
  args.secret_env = {"token=FCONN_TEST_UNSET"};
  args.secret_file = {"token=hunter5"};
  args.identities = {"emial=a", "email= \t"};
  const std::string said = texts(collect_values(targets(), args, nullptr).problems);
  CHECK(said.find("'token' is a secret, whose value is never an argument") != std::string::npos);
  CHECK(said.find("did you mean 'domain'?") != std::string::npos);
  CHECK(said.find("--param needs NAME=VALUE") != std::string::npos);
  CHECK(said.find("the environment has no variable FCONN_TEST_UNSET") != std::string::npos);
  CHECK(said.find("its file can't be read (its name isn't shown") != std::string::npos);
  CHECK(said.find("identity 'email' is empty") != std::string::npos);
  CHECK(said.find("has no identity 'emial' | did you mean 'email'?") != std::string::npos);
  CHECK(said.find("hunter") == std::string::npos);
  CHECK(said.find("missing") == std::string::npos);
}

TEST_CASE("files: unknown names are warnings, KEY tables reach one target") {
  const File params(".toml", "domain = \"a.example\"\nnonsense = 1\n[two]\nsize = 7\nodd = 1\n");
  const File secrets(".json", R"({"token":"s3cret"})");
  ValueArgs args;
  args.params_file = params.path();
  args.secrets_file = secrets.path();
  const Values got = collect_values(targets(), args, nullptr);
  REQUIRE(texts(got.problems).empty());
  CHECK(got.warnings.size() == 2);
  CHECK(got.instances[0].params.at("size").get().integer == 100);
  CHECK(got.instances[1].params.at("size").get().integer == 7);

  const File broken(".toml", "token = \"s3cret\n");
  args.secrets_file = broken.path();
  const std::string said = texts(collect_values(targets(), args, nullptr).problems);
  CHECK(said.find("isn't TOML: there is a mistake in line 1") != std::string::npos);
  CHECK(said.find("s3cret") == std::string::npos);
}

TEST_CASE("listed values: lines, JSON, NDJSON, CSV") {
  const auto read = [](const File& file, const std::string& column = "") {
    const auto values = read_listed_values(file.path(), column);
    if (!values) return "! " + values.error().text.substr(values.error().text.find("' ") + 2);
    std::string out;
    for (const ListedValue& one : *values) out += (one.is_json ? "j:" : "t:") + one.text + ";";
    return out;
  };
  CHECK(read(File(".txt", "a\r\n\n b \n007\n")) == "t:a;t:b;t:007;");
  CHECK(read(File(".txt",
                  "\xEF\xBB\xBF"
                  "7\r\nb\r\n")) == "t:7;t:b;");
  CHECK(read(File(".txt", "\xEF\xBB\xBF[7]")) == "j:7;");
  CHECK(read(File(".txt", "J\xFCrgen\n")) == "! isn't UTF-8");
  CHECK(read(File(".ndjson", "\"a\"\n7\nnull\n")) == "j:\"a\";j:7;");
  CHECK(read(File(".ndjson", "\"a\"\nb\n")) == "! isn't NDJSON: value 2");
  CHECK(read(File(".json", "[\"a\", 7, null]")) == "j:\"a\";j:7;");
  CHECK(read(File(".csv", "id,name\n1,a\n2,b\n"), "name") == "t:a;t:b;");
  CHECK(read(File(".csv", "id\n1\n")) == "t:1;");
  CHECK(read(File(".csv", "id,name\n1,a\n")) == "! has several columns; `column` says which one");
  CHECK(read(File(".csv", "id,name\n1,a\n2\n"), "id").find("line 3 has 1 field") !=
        std::string::npos);
}

}  // namespace
}  // namespace fconn::cli
