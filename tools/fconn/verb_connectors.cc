// fconn connectors [SEARCH]: from the syntax trees alone, so that a list of all costs little.
#include <algorithm>
#include <cctype>

#include "grammar/parse.hh"
#include "interpreter/value/value.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/resolver.hh"

namespace fconn::cli {
namespace {

struct Row {
  std::string name, title, category, doc;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

Row describe(const Bundled& connector) {
  Row row{std::string(connector.name), "", "", ""};
  grammar::SourceMap sources;
  const grammar::FileId file =
      sources.add(std::string(connector.path), std::string(connector.text));
  const grammar::Parsed parsed = grammar::parse(sources, file);
  for (const grammar::Decl& decl : parsed.ast.items) {
    const auto* found = std::get_if<grammar::ConnectorDecl>(&decl.node);
    if (found == nullptr) continue;
    row.doc = decl.doc;
    if (!found->title.empty()) {
      if (const auto* text = std::get_if<grammar::StringExpr>(&found->title.front().node)) {
        for (const grammar::StringPart& part : text->parts) row.title += part.text;
      }
    }
    for (const grammar::Decl& item : found->items) {
      if (const auto* category = std::get_if<grammar::CategoryDecl>(&item.node)) {
        row.category = category->name.text;
      }
    }
  }
  return row;
}

class Connectors : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("SEARCH", search_, "Text in the name, title, category or description.",
                       Complete::nothing, false);
    options.flag("names", names_, "Names alone, one a line.");
  }

  int run(Terminal& terminal, const Common& common) override {
    std::vector<Row> rows;
    for (const Bundled& connector : bundled_connectors()) {
      if (names_ && !search_) {
        terminal.print(std::string(connector.name) + "\n");
        continue;
      }
      Row row = describe(connector);
      if (matches(row)) rows.push_back(std::move(row));
    }
    if (names_ && !search_) return exit_code::complete;
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
    if (common.json) {
      print_json(terminal, rows);
    } else {
      print_table(terminal, rows);
    }
    if (!rows.empty()) return exit_code::complete;
    terminal.say(search_ ? "no bundled connector matches '" + *search_ + "'\n"
                         : "there are no bundled connectors\n");
    return search_ ? exit_code::findings : exit_code::complete;
  }

 private:
  bool matches(const Row& row) const {
    if (!search_) return true;
    const std::string wanted = lower(*search_);
    for (const std::string* text : {&row.name, &row.title, &row.category, &row.doc}) {
      if (lower(*text).find(wanted) != std::string::npos) return true;
    }
    return false;
  }

  void print_table(Terminal& terminal, const std::vector<Row>& rows) const {
    std::size_t name_width = 0;
    std::size_t title_width = 0;
    for (const Row& row : rows) {
      name_width = std::max(name_width, row.name.size());
      title_width = std::max(title_width, row.title.size());
    }
    for (const Row& row : rows) {
      std::string line = row.name;
      if (!names_) {
        line.resize(name_width + 2, ' ');
        line += row.title;
        line.resize(name_width + 2 + title_width + 2, ' ');
        line += row.category;
      }
      while (line.ends_with(' ')) line.pop_back();
      terminal.print(line + "\n");
    }
  }

  static void print_json(Terminal& terminal, const std::vector<Row>& rows) {
    std::string out = "[";
    for (const Row& row : rows) {
      out += out.size() > 1 ? ",\n{\"name\":" : "{\"name\":";
      value::append_json_string(row.name, out);
      out += ",\"title\":";
      value::append_json_string(row.title, out);
      out += ",\"category\":";
      value::append_json_string(row.category, out);
      out += ",\"doc\":";
      value::append_json_string(row.doc, out);
      out += '}';
    }
    terminal.print(out + "]\n");
  }

  std::optional<std::string> search_;
  bool names_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_connectors() { return std::make_unique<Connectors>(); }

}  // namespace fconn::cli
