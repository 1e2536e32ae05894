// fconn import fides CONFIG.yml [DATASET.yml] [-o OUT], fconn import fides --all DIR -o DIR
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "interpreter/value/value.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/resolver.hh"
#include "tools/import/import.hh"
#include "tools/import/zip.hh"
#include "tools/openapi/openapi.hh"

namespace fconn::cli {
namespace {

namespace fs = std::filesystem;

/// A config and the dataset that belongs to it.
struct Pair {
  std::string config;
  std::optional<std::string> dataset;
  std::string name;  // without `_config.yml`
};

bool is_yaml(const fs::path& path) {
  return path.extension() == ".yml" || path.extension() == ".yaml";
}

/// `acme_config.yml` below `folder`, with `acme_dataset.yml` beside it or in `dataset/` next to it.
std::vector<Pair> find_pairs(const std::string& folder) {
  constexpr std::string_view end = "_config";
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), last; !error && it != last;
       it.increment(error)) {
    if (it->is_regular_file(error) && is_yaml(it->path())) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Pair> out;
  for (const fs::path& path : files) {
    const std::string stem = path.stem().string();
    if (!stem.ends_with(end)) continue;
    const std::string name = stem.substr(0, stem.size() - end.size());
    const std::string dataset = name + "_dataset" + path.extension().string();
    Pair pair{path.string(), std::nullopt, name};
    for (const fs::path& place :
         {path.parent_path(), path.parent_path().parent_path() / "dataset"}) {
      if (!pair.dataset && fs::exists(place / dataset, error))
        pair.dataset = (place / dataset).string();
    }
    out.push_back(std::move(pair));
  }
  return out;
}

class Import : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("FORMAT", format_, "The other format: fides or openapi.", Complete::nothing,
                       true);
    options.positional(
        "FILE", files_,
        "fides: CONFIG.yml, then DATASET.yml where there is one; or a template's .zip with both. "
        "openapi: the document, YAML or JSON.",
        Complete::file, false);
    options
        .value("out", "FILE", out_,
               "Where to write; the default is standard output. With --all a folder.",
               Complete::file)
        .short_name = 'o';
    options.value("all", "DIR", all_,
                  "Every NAME_config.yml below a folder, each with its NAME_dataset.yml.",
                  Complete::directory);
    options.flag("exact", exact_,
                 "Keeps the reference's quirks: its distinct requests and its rows, also where "
                 "another form is saner.");
    options.flag("bundled", bundled_,
                 "Where a config needs code of Fides, writes the bundled connector of that name "
                 "instead, and says so.");
    options.value("report", "FILE", report_,
                  "Lists each key and what became of it; of openapi, what is a guess, too.",
                  Complete::file);
    options.list("tag", "TAG", openapi_.tags, "openapi: only requests with one of these tags.");
    options.list(
        "path", "PATH", openapi_.paths,
        "openapi: only this path and those below it; with a * at its end, those that begin "
        "so.");
  }

  int run(Terminal& terminal, const Common& common) override {
    // A connector on standard output leaves no place for JSON there.
    json_ = common.json && out_ && *out_ != "-";
    const int exit = import_what(terminal);
    if (json_) terminal.print(grammar::render_json(sources_, findings_) + "\n");
    return exit;
  }

 private:
  int import_what(Terminal& terminal) {
    if (*format_ == "openapi") return import_openapi(terminal);
    if (*format_ != "fides") {
      terminal.report({"there is no format '" + *format_ + "' to import",
                       "the formats are fides and openapi", ""});
      return exit_code::usage;
    }
    if (!openapi_.tags.empty() || !openapi_.paths.empty()) {
      terminal.report({"--tag and --path go with openapi", "", ""});
      return exit_code::usage;
    }
    if (all_) return import_all(terminal);
    if (files_.empty() || files_.size() > 2) {
      terminal.report({files_.empty() ? "CONFIG.yml is missing"
                                      : "one config and one dataset are read at a time",
                       "fconn import fides CONFIG.yml [DATASET.yml], or --all DIR", ""});
      return exit_code::usage;
    }
    Pair pair{files_[0], std::nullopt, ""};
    if (files_.size() == 2) pair.dataset = files_[1];
    std::string report;
    const int exit = one(terminal, pair, out_.value_or("-"), report);
    return exit == exit_code::usage ? exit : std::max(exit, write_report(terminal, report));
  }

  int import_openapi(Terminal& terminal) {
    if (all_ || exact_ || files_.size() != 1) {
      terminal.report(
          {all_ || exact_ ? "--all and --exact go with fides" : "one document is read at a time",
           "fconn import openapi SPEC [--tag TAG] [--path PATH] [-o OUT.fconn]", ""});
      return exit_code::usage;
    }
    auto text = read_file(files_.front());
    if (!text) {
      terminal.report({text.error().text, "", ""});
      return exit_code::usage;
    }
    const grammar::FileId file = sources_.add(files_.front(), std::move(*text));
    openapi::Imported imported = openapi::import_openapi(sources_, file, openapi_);
    const int exit =
        conclude(terminal, imported.name, imported.text, imported.diagnostics, out_.value_or("-"));
    return std::max(exit, write_report(terminal, imported.report));
  }

  int import_all(Terminal& terminal) {
    if (!out_ || !files_.empty()) {
      terminal.report(
          {out_ ? "--all takes no further files" : "--all needs a folder to write to: -o DIR", "",
           ""});
      return exit_code::usage;
    }
    const std::vector<Pair> pairs = find_pairs(*all_);
    if (pairs.empty()) {
      terminal.report({"there is no NAME_config.yml below '" + *all_ + "'", "", ""});
      return exit_code::usage;
    }
    std::error_code error;
    fs::create_directories(*out_, error);
    std::string report;
    int exit = exit_code::complete;
    std::size_t written = 0;
    for (const Pair& pair : pairs) {
      const int result =
          one(terminal, pair, (fs::path(*out_) / (pair.name + ".fconn")).string(), report);
      if (result == exit_code::complete) ++written;
      exit = std::max(exit, result);
    }
    terminal.say(
        std::to_string(written) + " of " + std::to_string(pairs.size()) + " imported" +
        (taken_ == 0 ? "" : ", " + std::to_string(taken_) + " of them bundled connectors") + "\n" +
        pace());
    return std::max(exit, write_report(terminal, report));
  }

  /// A file's text, or the config and dataset of a template's archive.
  bool read_pair(Terminal& terminal, const Pair& pair, std::optional<grammar::FileId>& config,
                 std::optional<grammar::FileId>& dataset) {
    auto text = read_file(pair.config);
    if (!text) return refuse(terminal, text.error().text);
    if (formats::is_zip(*text)) return read_archive(terminal, pair.config, *text, config, dataset);
    config = sources_.add(pair.config, std::move(*text));
    if (!pair.dataset) return true;
    auto fields = read_file(*pair.dataset);
    if (!fields) return refuse(terminal, fields.error().text);
    dataset = sources_.add(*pair.dataset, std::move(*fields));
    return true;
  }

  bool read_archive(Terminal& terminal, const std::string& path, const std::string& bytes,
                    std::optional<grammar::FileId>& config,
                    std::optional<grammar::FileId>& dataset) {
    auto members = importer::unzip_yaml(bytes);
    if (!members) return refuse(terminal, "'" + path + "': " + members.error().text);
    for (formats::ZipFile& member : *members) {
      auto& place = member.name.find("dataset") == std::string::npos ? config : dataset;
      if (place)
        return refuse(terminal, "'" + path + "' holds more than one config and one dataset");
      place = sources_.add(path + "/" + member.name, std::move(member.content));
    }
    return config || refuse(terminal, "'" + path + "' holds no config");
  }

  static bool refuse(Terminal& terminal, const std::string& text) {
    terminal.report({text, "", ""});
    return false;
  }

  int one(Terminal& terminal, const Pair& pair, const std::string& out, std::string& report) {
    std::optional<grammar::FileId> config, dataset;
    if (!read_pair(terminal, pair, config, dataset)) return exit_code::usage;
    importer::Options options;
    options.exact = exact_;
    options.take_bundled = bundled_;
    options.bundled = [](const std::string& name) -> std::optional<std::string> {
      const auto* file = bundled_connector(name);
      return file == nullptr ? std::nullopt : std::optional(std::string(file->text));
    };
    const auto begun = std::chrono::steady_clock::now();
    importer::Imported imported = importer::import_fides(sources_, *config, dataset, options);
    report += imported.report;
    spent_ += std::chrono::steady_clock::now() - begun;
    lines_ += lines(*config) + (dataset ? lines(*dataset) : 0);
    if (imported.bundled) ++taken_;
    return conclude(terminal, imported.name, imported.text, imported.diagnostics, out);
  }

  /// Says what was found and writes the connector, unless there are errors.
  int conclude(Terminal& terminal, const std::string& name, const std::string& text,
               grammar::Diagnostics& diagnostics, const std::string& out) {
    if (!text.empty()) check(name, text, diagnostics);
    grammar::sort(diagnostics);
    if (json_) {
      findings_.insert(findings_.end(), diagnostics.begin(), diagnostics.end());
    } else {
      terminal.report(sources_, diagnostics);
    }
    if (grammar::has_errors(diagnostics)) return exit_code::findings;
    return write(terminal, out, text);
  }

  std::size_t lines(grammar::FileId file) const {
    const std::string_view text = sources_.text(file);
    const bool open = !text.empty() && text.back() != '\n';
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + (open ? 1 : 0);
  }

  /// How fast that was.
  std::string pace() const {
    const double ms = std::chrono::duration<double, std::milli>(spent_).count();
    std::array<char, 96> out{};
    std::snprintf(out.data(), out.size(), "%zu lines of YAML in %.0f ms, %.1f ms for 1,000 lines\n",
                  lines_, ms, lines_ == 0 ? 0.0 : ms * 1000 / static_cast<double>(lines_));
    return out.data();
  }

  /// A file that doesn't pass `check` would be no connector.
  void check(const std::string& name, const std::string& text, grammar::Diagnostics& diagnostics) {
    Resolver resolver;
    const grammar::FileId file = sources_.add("<" + name + ".fconn>", text);
    const compile::Compiled compiled = compile::compile(file, sources_, resolver);
    diagnostics.insert(diagnostics.end(), compiled.diagnostics.begin(), compiled.diagnostics.end());
  }

  int write_report(Terminal& terminal, const std::string& report) const {
    return report_ ? write(terminal, *report_, report) : exit_code::complete;
  }

  static int write(Terminal& terminal, const std::string& path, const std::string& text) {
    if (path == "-") {
      terminal.print(text);
      return exit_code::complete;
    }
    auto written = write_file(path, text, Mode::shared);
    if (written) return exit_code::complete;
    terminal.report({written.error().text, "", ""});
    return exit_code::findings;
  }

  grammar::SourceMap sources_;
  grammar::Diagnostics findings_;
  std::optional<std::string> format_, out_, all_, report_;
  std::vector<std::string> files_;
  openapi::Options openapi_;
  bool exact_ = false, json_ = false, bundled_ = false;
  std::size_t lines_ = 0, taken_ = 0;
  std::chrono::steady_clock::duration spent_{};
};

}  // namespace

std::unique_ptr<Verb> make_import() { return std::make_unique<Import>(); }

}  // namespace fconn::cli
