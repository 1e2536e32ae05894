// fconn fmt FILE… [--check] [-]
#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "interpreter/value/value.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"

namespace fconn::cli {
namespace {

class Fmt : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("FILE", files_, "A .fconn file, or - for standard input.", Complete::file,
                       true);
    options.flag("check", check_,
                 "Writes nothing; lists the files that would change, exit code 1.");
  }

  int run(Terminal& terminal, const Common& common) override {
    bool findings = false;
    std::vector<std::string> changed;
    for (const std::string& file : files_) {
      findings = !one(terminal, file, changed) || findings;
    }
    if (check_) list(terminal, changed, common.json);
    if (check_ && !changed.empty()) findings = true;
    return findings ? exit_code::findings : exit_code::complete;
  }

 private:
  /// False when the file can't be laid out; that was said.
  bool one(Terminal& terminal, const std::string& path, std::vector<std::string>& changed) const {
    auto text = read_file(path);
    if (!text) {
      terminal.report({text.error().text, "", ""});
      return false;
    }
    grammar::SourceMap sources;
    const grammar::FileId file = sources.add(path == "-" ? "<stdin>" : path, *text);
    grammar::Parsed parsed = grammar::parse(sources, file);
    if (grammar::has_errors(parsed.diagnostics)) {
      grammar::sort(parsed.diagnostics);
      terminal.report(sources, parsed.diagnostics);
      return false;
    }
    const std::string laid_out = grammar::format(sources, parsed.ast);
    const bool differs = laid_out != *text;
    if (differs) changed.push_back(path);
    if (check_ || (path != "-" && !differs)) return true;
    if (auto written = write_file(path, laid_out, Mode::shared); !written) {
      terminal.report({written.error().text, "", ""});
      return false;
    }
    if (path != "-" && terminal.verbosity() > 0) terminal.say("laid out " + path + "\n");
    return true;
  }

  static void list(Terminal& terminal, const std::vector<std::string>& files, bool json) {
    std::string out = json ? "[" : "";
    for (const std::string& file : files) {
      if (json) {
        if (out.size() > 1) out += ',';
        value::append_json_string(file, out);
      } else {
        out += file + "\n";
      }
    }
    terminal.print(json ? out + "]\n" : out);
  }

  std::vector<std::string> files_;
  bool check_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_fmt() { return std::make_unique<Fmt>(); }

}  // namespace fconn::cli
