// fconn show TARGET [--diff]
#include "tools/fconn/connector_text.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/run_args.hh"

namespace fconn::cli {
namespace {

class Show : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", target_,
                       "An instance, a .fconn file, compiled IR or a bundled connector.",
                       Complete::target, true);
    options.flag("diff", diff_, "What an overlay changes in the connector that it extends.");
    declare_config_option(options, config_);
  }

  int run(Terminal& terminal, const Common& common) override {
    int exit = exit_code::complete;
    const auto loaded = load_one(terminal, *target_, config_, exit);
    if (!loaded) return exit;
    if (diff_) return difference(terminal, *loaded->connector);
    terminal.print(common.json ? show_json(*loaded->connector) : show_text(*loaded->connector));
    return exit_code::complete;
  }

 private:
  static int difference(Terminal& terminal, const ir::Connector& connector) {
    if (connector.extends.empty()) {
      terminal.report({connector.name + " extends no other connector",
                       "--diff compares an overlay with its base", ""});
      return exit_code::usage;
    }
    const Loaded base = load({TargetKind::bundled, connector.extends, connector.extends, nullptr});
    if (!base.connector) {
      if (base.problem) terminal.report(*base.problem);
      terminal.report(*base.sources, base.diagnostics);
      return exit_code::findings;
    }
    terminal.print(line_diff(ir::dump(*base.connector), ir::dump(connector)));
    return exit_code::complete;
  }

  std::optional<std::string> target_, config_;
  bool diff_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_show() { return std::make_unique<Show>(); }

}  // namespace fconn::cli
