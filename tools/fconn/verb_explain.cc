// fconn explain F0203
#include "interpreter/value/value.hh"
#include "tools/fconn/make_verbs.hh"

namespace fconn::cli {
namespace {

class Explain : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("CODE", code_, "A code such as F0203; without one, all codes are listed.",
                       Complete::code, false);
  }

  int run(Terminal& terminal, const Common& common) override {
    if (!code_) return list(terminal, common.json);
    const grammar::DiagnosticInfo* info = grammar::find_diagnostic(*code_);
    if (info == nullptr) {
      std::vector<std::string> codes;
      for (const grammar::DiagnosticInfo& one : grammar::diagnostic_registry()) {
        codes.emplace_back(one.code);
      }
      const auto near = grammar::did_you_mean(*code_, codes);
      terminal.report(
          {"there is no diagnostic '" + *code_ + "'",
           near ? "did you mean '" + *near + "'?" : "`fconn explain` without a code lists them",
           ""});
      return exit_code::usage;
    }
    std::string page(grammar::explanation(info->id));
    if (page.empty()) page = "# " + std::string(info->code) + ": " + std::string(info->summary);
    if (!common.json) {
      terminal.print(page + "\n");
      return exit_code::complete;
    }
    std::string json = "{" + fields(*info) + ",\"text\":";
    value::append_json_string(page, json);
    terminal.print(json + "}\n");
    return exit_code::complete;
  }

 private:
  static std::string fields(const grammar::DiagnosticInfo& info) {
    std::string json = "\"code\":";
    value::append_json_string(info.code, json);
    json += ",\"severity\":";
    value::append_json_string(severity(info), json);
    json += ",\"summary\":";
    value::append_json_string(info.summary, json);
    return json;
  }

  static std::string_view severity(const grammar::DiagnosticInfo& info) {
    return info.severity == grammar::Severity::error ? "error" : "warning";
  }

  static int list(Terminal& terminal, bool json) {
    std::string out = json ? "[" : "";
    bool first = true;
    for (const grammar::DiagnosticInfo& info : grammar::diagnostic_registry()) {
      if (json) {
        out += (first ? "{" : ",\n{") + fields(info) + "}";
        first = false;
      } else {
        out += std::string(info.code) + "  " + std::string(info.summary) + "\n";
      }
    }
    terminal.print(json ? out + "]\n" : out);
    return exit_code::complete;
  }

  std::optional<std::string> code_;
};

}  // namespace

std::unique_ptr<Verb> make_explain() { return std::make_unique<Explain>(); }

}  // namespace fconn::cli
