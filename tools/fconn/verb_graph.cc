// fconn graph TARGET [--dot|--mermaid|--svg]
#include "interpreter/plan/plan.hh"
#include "tools/fconn/connector_text.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/run_args.hh"
#include "tools/fconn/svg.hh"

namespace fconn::cli {
namespace {

class Graph : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("TARGET", target_,
                       "An instance, a .fconn file, compiled IR or a bundled connector.",
                       Complete::target, true);
    options.flag("dot", dot_, "As Graphviz text.");
    options.flag("mermaid", mermaid_, "As a Mermaid diagram.");
    options.flag("svg", svg_, "As a picture; needs the program `dot` of Graphviz.");
    declare_config_option(options, config_);
  }

  int run(Terminal& terminal, const Common& common) override {
    if (int(dot_) + int(mermaid_) + int(svg_) + int(common.json) > 1) {
      terminal.report({"--dot, --mermaid, --svg and --json exclude each other", "", ""});
      return exit_code::usage;
    }
    int exit = exit_code::complete;
    const auto loaded = load_one(terminal, *target_, config_, exit);
    if (!loaded) return exit;
    const ir::Connector& connector = *loaded->connector;
    if (mermaid_) {
      terminal.print(plan::graph(connector, plan::GraphFormat::mermaid));
    } else if (common.json) {
      terminal.print(plan::graph(connector, plan::GraphFormat::json));
    } else if (dot_) {
      terminal.print(plan::graph(connector, plan::GraphFormat::dot));
    } else if (svg_) {
      const auto svg = svg_of(plan::graph(connector, plan::GraphFormat::dot));
      if (!svg) {
        terminal.report({svg.error().text, "--dot prints what it would draw", ""});
        return exit_code::findings;
      }
      terminal.print(*svg);
    } else {
      terminal.print(graph_text(connector));
    }
    return exit_code::complete;
  }

 private:
  std::optional<std::string> target_, config_;
  bool dot_ = false, mermaid_ = false, svg_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_graph() { return std::make_unique<Graph>(); }

}  // namespace fconn::cli
