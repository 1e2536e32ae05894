// fconn repl TARGET
#include <unistd.h>

#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/repl.hh"

namespace fconn::cli {
namespace {

class ReplVerb : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", target_,
                       "An instance of fconn.toml, a .fconn file, compiled IR (.json) or a bundled "
                       "connector's name.",
                       Complete::target, true);
    declare_repl_options(options, args_);
  }

  int run(Terminal& terminal, const Common& /*common*/) override {
    const bool interactive = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
    return Repl(terminal, args_, *target_, interactive).run();
  }

 private:
  std::optional<std::string> target_;
  RunArgs args_;
};

}  // namespace

std::unique_ptr<Verb> make_repl() { return std::make_unique<ReplVerb>(); }

}  // namespace fconn::cli
