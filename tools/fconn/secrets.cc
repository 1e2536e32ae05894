// Where secrets are found. Their values go into the instance and nowhere else.
#include <cstdlib>

#include "tools/fconn/files.hh"
#include "tools/fconn/process.hh"
#include "tools/fconn/value_files.hh"

namespace fconn::cli {
namespace {

constexpr std::size_t max_secret = std::size_t{1} << 20U;

/// Files and commands end their text with a line end that isn't meant.
std::string without_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

/// Of a source that isn't there and isn't written as one usually is.
constexpr std::string_view unshown = "its name isn't shown, as it may be the secret itself";

tl::unexpected<value::Failure> missing(std::string text) {
  return value::fail(value::FailureKind::configuration, std::move(text));
}

}  // namespace

value::Result<std::string> read_secret(const config::SecretSource& source,
                                       const config::Project* project) {
  switch (source.kind) {
    case config::SecretKind::env: {
      const char* value = std::getenv(source.text.c_str());
      if (value == nullptr && !config::is_variable(source.text)) {
        return missing("the environment has no such variable (" + std::string(unshown) + ")");
      }
      if (value == nullptr) return missing("the environment has no variable " + source.text);
      return std::string(value);
    }
    case config::SecretKind::file: {
      auto text = read_file(project == nullptr ? source.text : project->relative(source.text));
      if (!text && source.text.find_first_of("/.") == std::string::npos) {
        return missing("its file can't be read (" + std::string(unshown) + ")");
      }
      if (!text) return value::fail(text.error());
      return without_line_end(std::move(*text));
    }
    case config::SecretKind::command: {
      auto text = run_program(source.command, {}, max_secret);
      if (!text) return value::fail(text.error());
      return without_line_end(std::move(*text));
    }
    case config::SecretKind::store: {
      value::Failure failure;
      failure.kind = value::FailureKind::unsupported;
      failure.code = "F0901";
      failure.text = "a secret can't come from a store yet: say env, file or command";
      return value::fail(std::move(failure));
    }
  }
  return missing("the secret has no source");
}

}  // namespace fconn::cli
