// fconn connectors [SEARCH…]: the bundled connectors, by what they are called and what they can do.
#include <algorithm>
#include <cctype>

#include "interpreter/value/value.hh"
#include "tools/fconn/connector_text.hh"
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/resolver.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool holds(std::string_view text, const std::string& wanted) {
  return lower(text).find(lower(wanted)) != std::string::npos;
}

bool any_holds(const std::vector<std::string>& texts, const std::string& wanted) {
  return std::any_of(texts.begin(), texts.end(),
                     [&wanted](const std::string& text) { return holds(text, wanted); });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

/// What a person asked for; each that is given must hold.
struct Filter {
  std::vector<std::string> words;
  std::optional<std::string> category, auth, action;

  bool empty() const { return words.empty() && !category && !auth && !action; }

  bool matches(const ConnectorFacts& facts) const {
    if (category && lower(facts.category) != lower(*category)) return false;
    if (auth && !any_holds(facts.auth, *auth)) return false;
    if (action && !any_holds(facts.can, *action)) return false;
    return std::all_of(words.begin(), words.end(), [&facts](const std::string& word) {
      return any_holds({facts.name, facts.title, facts.category, facts.doc}, word) ||
             any_holds(facts.auth, word) || any_holds(facts.can, word);
    });
  }

  std::string text() const {
    std::string out;
    const auto add = [&out](const std::string& part) {
      out += (out.empty() ? "" : " and ") + part;
    };
    for (const std::string& word : words) add("'" + word + "'");
    if (category) add("category '" + *category + "'");
    if (auth) add("auth '" + *auth + "'");
    if (action) add("action '" + *action + "'");
    return out;
  }
};

class Connectors : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("SEARCH", filter_.words,
                       "Text in the name, title, category, description, auth or actions; of "
                       "several each must be there.",
                       Complete::nothing, false);
    options.value("category", "NAME", filter_.category, "Only those of this category.");
    options.value("auth", "NAME", filter_.auth,
                  "Only those that sign in like this: a strategy's name, or a part of it.");
    options.value("action", "NAME", filter_.action, "Only those that can do this.").choices = {
        "access", "erase", "update", "delete", "consent", "check"};
    options.flag("names", names_, "Names alone, one a line.");
    options.flag("markdown", markdown_, "The index of docs/connectors.");
  }

  int run(Terminal& terminal, const Common& common) override {
    if (names_ && filter_.empty()) {  // for completion: nothing is compiled
      for (const std::string& name : bundled_names()) terminal.print(name + "\n");
      return exit_code::complete;
    }
    std::vector<ConnectorFacts> all = bundled_facts();
    std::vector<ConnectorFacts> found;
    std::copy_if(all.begin(), all.end(), std::back_inserter(found),
                 [this](const ConnectorFacts& facts) { return filter_.matches(facts); });
    if (common.json) {
      print_json(terminal, found);
    } else if (markdown_) {
      terminal.print(index_markdown(found));
    } else if (names_) {
      for (const ConnectorFacts& facts : found) terminal.print(facts.name + "\n");
    } else {
      print_table(terminal, found);
    }
    if (!found.empty() || filter_.empty()) return exit_code::complete;
    terminal.report({"no bundled connector matches " + filter_.text(), suggestion(all), ""});
    return exit_code::findings;
  }

 private:
  static std::vector<std::string> bundled_names() {
    std::vector<std::string> names;
    for (const Bundled& connector : bundled_connectors()) names.emplace_back(connector.name);
    std::sort(names.begin(), names.end());
    return names;
  }

  static std::vector<ConnectorFacts> bundled_facts() {
    std::vector<ConnectorFacts> out;
    for (const std::string& name : bundled_names()) {
      const Loaded loaded = load({TargetKind::bundled, name, name, nullptr});
      if (loaded.connector) out.push_back(facts_of(*loaded.connector));
    }
    return out;
  }

  /// The nearest word for each that nothing has; else how to see all.
  std::string suggestion(const std::vector<ConnectorFacts>& all) const {
    std::vector<std::string> names, categories, auths;
    for (const ConnectorFacts& facts : all) {
      names.push_back(facts.name);
      names.push_back(lower(facts.title));
      categories.push_back(facts.category);
      for (const std::string& auth : facts.auth) {  // "oauth2" is nearer to what people type
        auths.push_back(auth.substr(0, auth.find('_')));
        auths.push_back(auth);
      }
    }
    std::vector<std::string> any = names;
    any.insert(any.end(), categories.begin(), categories.end());
    any.insert(any.end(), auths.begin(), auths.end());
    std::vector<std::pair<std::string, const std::vector<std::string>*>> asked;
    for (const std::string& word : filter_.words) asked.emplace_back(lower(word), &any);
    if (filter_.category) asked.emplace_back(lower(*filter_.category), &categories);
    if (filter_.auth) asked.emplace_back(lower(*filter_.auth), &auths);
    for (const auto& [word, candidates] : asked) {
      if (any_holds(*candidates, word)) continue;
      if (const auto near = grammar::did_you_mean(word, *candidates)) {
        return "did you mean '" + *near + "'?";
      }
    }
    return "`fconn connectors` lists them all";
  }

  static void print_table(Terminal& terminal, const std::vector<ConnectorFacts>& found) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::size_t> widths(5, 0);
    for (const ConnectorFacts& facts : found) {
      rows.push_back(
          {facts.name, facts.title, facts.category, joined(facts.can), joined(facts.auth)});
      for (std::size_t i = 0; i < widths.size(); ++i) {
        widths[i] = std::max(widths[i], rows.back()[i].size());
      }
    }
    for (const std::vector<std::string>& row : rows) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
      }
      while (line.ends_with(' ')) line.pop_back();
      terminal.print(line + "\n");
    }
  }

  static void append_list(std::string& out, const std::vector<std::string>& words) {
    out += '[';
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0) out += ',';
      value::append_json_string(words[i], out);
    }
    out += ']';
  }

  static void print_json(Terminal& terminal, const std::vector<ConnectorFacts>& found) {
    std::string out = "[";
    for (const ConnectorFacts& facts : found) {
      out += out.size() > 1 ? ",\n{\"name\":" : "{\"name\":";
      value::append_json_string(facts.name, out);
      out += ",\"title\":";
      value::append_json_string(facts.title, out);
      out += ",\"category\":";
      value::append_json_string(facts.category, out);
      out += ",\"version\":";
      value::append_json_string(facts.version, out);
      out += ",\"doc\":";
      value::append_json_string(facts.doc, out);
      out += ",\"auth\":";
      append_list(out, facts.auth);
      out += ",\"actions\":";
      append_list(out, facts.can);
      out += ",\"identities\":";
      append_list(out, facts.identities);
      out += '}';
    }
    terminal.print(out + "]\n");
  }

  Filter filter_;
  bool names_ = false, markdown_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_connectors() { return std::make_unique<Connectors>(); }

}  // namespace fconn::cli
