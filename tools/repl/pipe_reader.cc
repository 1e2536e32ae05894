#include <unistd.h>

#include <cerrno>

#include "tools/repl/line_reader.hh"

namespace fconn::repl {
namespace {

constexpr std::size_t longest = std::size_t{1} << 20U;

class PipeReader final : public LineReader {
 public:
  explicit PipeReader(int descriptor) : descriptor_(descriptor) {}

  Typed read(const std::string& /*prompt*/, const Completer& /*completer*/) override {
    while (true) {
      const std::size_t end = rest_.find('\n');
      if (end != std::string::npos) return taken(end, end + 1);
      if (rest_.size() >= longest) return taken(longest, longest);
      char buffer[4096];
      const ssize_t got = ::read(descriptor_, buffer, sizeof buffer);
      if (got > 0) {
        rest_.append(buffer, static_cast<std::size_t>(got));
      } else if (got < 0 && errno == EINTR) {
        return {LineEnd::interrupted, ""};
      } else if (rest_.empty()) {
        return {LineEnd::ended, ""};
      } else {
        return taken(rest_.size(), rest_.size());
      }
    }
  }

  void remember(const std::string& /*text*/) override {}

 private:
  Typed taken(std::size_t end, std::size_t next) {
    Typed typed{LineEnd::line, rest_.substr(0, end)};
    rest_.erase(0, next);
    if (typed.text.ends_with('\r')) typed.text.pop_back();
    return typed;
  }

  int descriptor_;
  std::string rest_;
};

}  // namespace

std::unique_ptr<LineReader> make_pipe_reader(int descriptor) {
  return std::make_unique<PipeReader>(descriptor);
}

}  // namespace fconn::repl
