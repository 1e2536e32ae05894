// fconn access TARGET…, fconn read TARGET [COLLECTION…]
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/run_session.hh"

namespace fconn::cli {
namespace {

class Access : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", args_.targets,
                       "An instance of fconn.toml, a .fconn file, compiled IR (.json) or a bundled "
                       "connector's name.",
                       Complete::target, true);
    declare_run_options(options, args_, true);
  }

  int run(Terminal& terminal, const Common& common) override {
    return run_session(terminal, args_, {plan::Action::access, "access", false, false},
                       common.json);
  }

 private:
  RunArgs args_;
};

class ReadRows : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", args_.targets,
                       "As for access; then collections of it, all when none is named.",
                       Complete::target, true);
    declare_run_options(options, args_, true);
  }

  int run(Terminal& terminal, const Common& common) override {
    return run_session(terminal, args_, {plan::Action::read, "read", false, true}, common.json);
  }

 private:
  RunArgs args_;
};

}  // namespace

std::unique_ptr<Verb> make_access() { return std::make_unique<Access>(); }
std::unique_ptr<Verb> make_read() { return std::make_unique<ReadRows>(); }

}  // namespace fconn::cli
