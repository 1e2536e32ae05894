#include "tools/openapi/select.hh"

#include <algorithm>
#include <map>
#include <set>

#include "tools/import/text.hh"
#include "tools/openapi/names.hh"

namespace fconn::openapi {
namespace {

/// "/users/{id}/posts" -> "/users/{}/posts": what two spellings of one path share.
std::string pattern_of(std::string_view path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    if (c == '{') inside = true;
    if (!inside || c == '{') out += c;
    if (c == '}') {
      inside = false;
      out += c;
    }
  }
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  if (out.ends_with(".json")) out.resize(out.size() - 5);
  return out;
}

/// A parameter of a path, and the path before its segment.
struct PathHole {
  std::string name;
  std::string before;
};

std::vector<PathHole> holes_of(const std::string& path) {
  std::vector<PathHole> out;
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    const std::size_t end = path.find('}', at);
    if (end == std::string::npos) break;
    out.push_back({path.substr(at + 1, end - at - 1), path.substr(0, path.rfind('/', at))});
  }
  return out;
}

/// Whether a path can be written behind a method: literals as they are, parameters in braces.
bool can_be_written(const std::string& path) {
  int depth = 0;
  for (const char c : path) {
    if (c == '{') ++depth;
    if (c == '}') --depth;
    if (depth < 0 || depth > 1) return false;
    const bool odd = c == '?' || c == '#' || c == '"' || c == '\\' || c == '<' || c == '>' ||
                     static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F;
    if (odd) return false;
  }
  return depth == 0 && path.find("{}") == std::string::npos;
}

bool ends_in_hole(const std::string& pattern) { return pattern.ends_with('}'); }

std::vector<std::string> words_of(const std::string& path) {
  std::vector<std::string> out;
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = rest.find('/');
    std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
    if (part.ends_with(".json")) part.remove_suffix(5);
    if (part.empty() || part.find('{') != std::string_view::npos) continue;
    std::string word = snake(part);
    const bool version = word.size() > 1 && word[0] == 'v' && word[1] >= '0' && word[1] <= '9';
    if (!word.empty() && !version) out.push_back(std::move(word));
  }
  return out;
}

class Selector {
 public:
  Selector(const Document& document, const Options& options, Refs& refs, Report& report,
           grammar::Diagnostics& diagnostics)
      : document_(document),
        options_(options),
        refs_(refs),
        report_(report),
        diagnostics_(diagnostics) {}

  std::vector<Candidate> select() {
    for (const auto& [path, methods] : document_.other_methods) {
      actions_.emplace(pattern_of(path), path);
    }
    for (std::size_t i = 0; i < document_.reads.size(); ++i) {
      const Operation& one = document_.reads[i];
      if (!one.why_not.empty()) {
        leave_out(one, one.why_not);
      } else if (!can_be_written(one.path)) {
        leave_out(one, "left out: fconn can't write a path like this");
      } else if (!by_pattern_.emplace(pattern_of(one.path), i).second) {
        leave_out(one, "left out: another path is the same but for its parameters' names");
      }
    }
    if (!chosen_exist()) return {};
    for (const auto& [pattern, index] : by_pattern_) {
      if (is_chosen(document_.reads[index])) ask_for(pattern);
    }
    std::vector<std::pair<std::size_t, std::string>> order;  // the document's
    for (const std::string& pattern : wanted_) order.emplace_back(by_pattern_.at(pattern), pattern);
    std::sort(order.begin(), order.end());
    for (const auto& [index, pattern] : order) add(pattern);
    if (out_.empty() && !grammar::has_errors(diagnostics_)) nothing();
    find_scopes();
    name_all();
    return std::move(out_);
  }

 private:
  void leave_out(const Operation& one, const std::string& why) {
    if (is_chosen(one)) report_.say(one.where, "GET " + one.path, why);
  }

  bool is_chosen(const Operation& one) const {
    const bool by_tag =
        options_.tags.empty() ||
        std::any_of(one.tags.begin(), one.tags.end(), [this](const std::string& tag) {
          return std::find(options_.tags.begin(), options_.tags.end(), tag) != options_.tags.end();
        });
    const bool by_path =
        options_.paths.empty() ||
        std::any_of(options_.paths.begin(), options_.paths.end(),
                    [&one](const std::string& path) { return lies_at(one.path, path); });
    return by_tag && by_path;
  }

  static bool lies_at(const std::string& path, std::string wanted) {
    if (wanted.ends_with('*')) {
      wanted.pop_back();
      return path.starts_with(wanted);
    }
    const std::string own = pattern_of(path), other = pattern_of(wanted);
    return own == other || (own.starts_with(other) && own[other.size()] == '/');
  }

  /// A tag or a path that isn't there is a mistake, even if others are.
  bool chosen_exist() {
    std::vector<std::string> tags = document_.tags, paths;
    for (const Operation& one : document_.reads) {
      tags.insert(tags.end(), one.tags.begin(), one.tags.end());
      paths.push_back(one.path);
    }
    bool good = true;
    for (const std::string& tag : options_.tags) {
      if (std::find(tags.begin(), tags.end(), tag) != tags.end()) continue;
      good = refuse("the document has no tag '" + tag + "'", tag, tags);
    }
    for (const std::string& path : options_.paths) {
      const bool found = std::any_of(paths.begin(), paths.end(), [&path](const std::string& one) {
        return lies_at(one, path);
      });
      if (!found) good = refuse("the document has no GET at '" + path + "'", path, paths);
    }
    return good;
  }

  bool refuse(std::string text, const std::string& word, const std::vector<std::string>& known) {
    const auto near = grammar::did_you_mean(word, known);
    diagnostics_.push_back(grammar::diagnostic(
        grammar::DiagnosticId::openapi_nothing,
        document_.reads.empty() ? grammar::Span{} : document_.reads.front().where, std::move(text),
        near ? "did you mean '" + *near + "'?" : ""));
    return false;
  }

  void nothing() {
    diagnostics_.push_back(grammar::diagnostic(
        grammar::DiagnosticId::openapi_nothing,
        document_.reads.empty() ? grammar::Span{} : document_.reads.front().where,
        "no request of the document can become a collection",
        "a collection is read by a GET that answers JSON; --report says why each was left out"));
  }

  /// The path of the collection whose rows fill the deepest parameter that one fills.
  std::optional<std::string> parent_of(const Operation& one) const {
    const std::vector<PathHole> holes = holes_of(one.path);
    for (auto hole = holes.rbegin(); hole != holes.rend(); ++hole) {
      const std::string pattern = pattern_of(hole->before);
      if (by_pattern_.find(pattern) != by_pattern_.end() && !ends_in_hole(pattern)) return pattern;
    }
    return std::nullopt;
  }

  /// A path and those that feed it; one row of a collection that is read as a whole isn't needed.
  void ask_for(const std::string& pattern) {
    if (wanted_.count(pattern) != 0) return;
    const Operation& one = document_.reads[by_pattern_.at(pattern)];
    const auto parent = parent_of(one);
    if (parent && ends_in_hole(pattern) &&
        pattern_of(pattern.substr(0, pattern.rfind('/'))) == *parent) {
      report_.say(one.where, "GET " + one.path, "left out: its row is one of GET " + *parent);
      ask_for(*parent);
      return;
    }
    wanted_.insert(pattern);
    if (!parent) return;
    if (wanted_.count(*parent) == 0 && !is_chosen(document_.reads[by_pattern_.at(*parent)])) {
      report_.say(one.where, "GET " + one.path, "needs the rows of " + *parent + ", taken, too");
    }
    ask_for(*parent);
  }

  /// Adds the candidate behind its parent; false when it can't be read after all.
  bool add(const std::string& pattern) {
    const auto known = added_.find(pattern);
    if (known != added_.end()) return known->second.has_value();
    added_[pattern] = std::nullopt;
    Candidate one;
    one.operation = &document_.reads[by_pattern_.at(pattern)];
    const auto parent = parent_of(*one.operation);
    if (parent && add(*parent)) one.parent = added_.at(*parent);
    one.answer = shape_of(one.operation->answer, refs_);
    const Shape row = row_of(one);
    if (!row.is(Shape::Kind::object) && !row.is(Shape::Kind::any)) {
      leave_out(*one.operation, "left out: its rows aren't objects");
      return false;
    }
    if (!fill_holes(one)) return false;
    added_[pattern] = out_.size();
    near_actions(pattern, one);
    out_.push_back(std::move(one));
    return true;
  }

  /// Each parameter of the path: from the parent's rows, or from whoever runs the connector.
  bool fill_holes(Candidate& one) {
    const std::vector<PathHole> holes = holes_of(one.operation->path);
    Candidate* parent = one.parent ? &out_[*one.parent] : nullptr;
    const std::string parent_pattern = parent == nullptr ? "" : pattern_of(parent->operation->path);
    bool behind = false;  // holes before the parent's own are its, too
    for (auto hole = holes.rbegin(); hole != holes.rend(); ++hole) {
      const std::vector<std::string> words = words_of(hole->before);
      Hole out{hole->name, words.empty() ? "" : singular(words.back()), "", false};
      const bool own = parent != nullptr && !behind && pattern_of(hole->before) == parent_pattern;
      if (own || behind) {
        out.field = field_for(hole->name, row_of(*parent), own, parent->operation->path);
        if (out.field.empty()) out.field = passed_on(*parent, hole->before);
        if (out.field.empty()) {
          leave_out(*one.operation, "left out: no field of " + parent->operation->path +
                                        " gives `" + hole->name + "`");
          return false;
        }
        report_.guess(
            one.operation->where, "GET " + one.operation->path,
            "`" + hole->name + "` is taken from `" + out.field + "` of " + parent->operation->path);
      }
      behind = behind || own;
      one.holes.insert(one.holes.begin(), std::move(out));
    }
    return true;
  }

  static Shape row_of(const Candidate& one) {
    const RowsGuess rows = guess_rows(one.answer, one.operation->path);
    return rows.row == nullptr ? Shape() : *rows.row;
  }

  /// What the parent was asked with at the same place of its path, added to its rows.
  static std::string passed_on(Candidate& parent, const std::string& before) {
    const std::vector<PathHole> holes = holes_of(parent.operation->path);
    for (std::size_t i = 0; i < holes.size(); ++i) {
      if (pattern_of(holes[i].before) != pattern_of(before)) continue;
      for (const auto& [member, hole] : parent.passed) {
        if (hole == i) return member;
      }
      std::string member = snake(holes[i].name);
      if (member == "id") member = parent.holes[i].thing + "_id";
      const Shape row = row_of(parent);
      while (row.find(member) != nullptr || parent.passed.count(member) != 0) member += "_";
      parent.passed[member] = i;
      return member;
    }
    return "";
  }

  /// A value from outside that others from outside follow is one for all, wherever it occurs.
  void find_scopes() {
    std::set<std::string> scopes;
    for (const Candidate& one : out_) {
      bool last = true;
      for (auto hole = one.holes.rbegin(); hole != one.holes.rend(); ++hole) {
        if (!hole->field.empty()) continue;
        if (!last) scopes.insert(bare(hole->name));
        last = false;
      }
    }
    for (Candidate& one : out_) {
      for (Hole& hole : one.holes) {
        hole.scope = hole.field.empty() && scopes.count(bare(hole.name)) != 0;
      }
    }
  }

  /// A member of the row that is called as the parameter is, or, for what follows the collection's
  /// path directly (`own`), one that is called as its end: `id` for `user_id`.
  static std::string field_for(const std::string& name, const Shape& row, bool own,
                               const std::string& path) {
    const auto scalar = [](const Shape& shape) {
      return shape.is(Shape::Kind::string) || shape.is(Shape::Kind::integer) ||
             shape.is(Shape::Kind::any);
    };
    const std::string wanted = bare(name);
    for (const ShapeMember& member : row.members) {
      if (bare(member.name) == wanted && scalar(member.shape)) return member.name;
    }
    if (!own) return "";
    const std::vector<std::string> words = words_of(path);
    const std::string thing = words.empty() ? "" : bare(singular(words.back()));
    for (const ShapeMember& member : row.members) {
      const std::string field = bare(member.name);
      const bool end = field.size() >= 2 && wanted.ends_with(field);
      const bool names_thing = !thing.empty() && field == thing + "id";
      if (scalar(member.shape) && (end || names_thing)) return member.name;
    }
    return guess_key(row);
  }

  /// Requests that change a row, for a person to add.
  void near_actions(const std::string& pattern, Candidate& out) const {
    for (const std::string& near : {pattern + "/{}", pattern}) {
      if (near == pattern && !ends_in_hole(pattern)) continue;
      const auto found = actions_.equal_range(near);
      for (auto one = found.first; one != found.second; ++one) {
        for (const std::string& method : document_.other_methods.at(one->second)) {
          if (method == "post") continue;
          std::string upper = method;
          for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
          out.actions_near.push_back(upper + " " + one->second);
        }
      }
    }
  }

  /// The last word of the path; where several end alike, the words before it.
  void name_all() {
    std::vector<std::vector<std::string>> words;
    std::vector<std::size_t> taken(out_.size(), 1);
    for (const Candidate& one : out_) {
      words.push_back(words_of(one.operation->path));
      if (words.back().empty()) words.back().emplace_back("root");
    }
    for (bool again = true; again;) {
      std::map<std::string, std::vector<std::size_t>> by_name;
      for (std::size_t i = 0; i < out_.size(); ++i) {
        std::string name;
        for (std::size_t n = words[i].size() - taken[i]; n < words[i].size(); ++n) {
          name += (name.empty() ? "" : "_") + words[i][n];
        }
        out_[i].name = importer::identifier(name);
        by_name[out_[i].name].push_back(i);
      }
      again = false;
      for (const auto& [name, which] : by_name) {
        if (which.size() < 2) continue;
        for (const std::size_t i : which) {
          if (taken[i] >= words[i].size()) continue;
          ++taken[i];
          again = true;
        }
      }
    }
    std::set<std::string> names;
    for (Candidate& one : out_) {
      const std::string name = one.name;
      for (int n = 2; !names.insert(one.name).second; ++n)
        one.name = name + "_" + std::to_string(n);
    }
  }

  const Document& document_;
  const Options& options_;
  Refs& refs_;
  Report& report_;
  grammar::Diagnostics& diagnostics_;
  std::multimap<std::string, std::string> actions_;  // -> paths of Document::other_methods
  std::map<std::string, std::size_t> by_pattern_;    // -> Document::reads
  std::set<std::string> wanted_;
  std::map<std::string, std::optional<std::size_t>> added_;  // -> out_; none: left out
  std::vector<Candidate> out_;
};

}  // namespace

std::vector<Candidate> select(const Document& document, const Options& options, Refs& refs,
                              Report& report, grammar::Diagnostics& diagnostics) {
  std::vector<Candidate> out = Selector(document, options, refs, report, diagnostics).select();
  for (Candidate& one : out) {  // they don't move any more
    one.rows = guess_rows(one.answer, one.operation->path);
    if (one.rows.row != nullptr) one.key = guess_key(*one.rows.row);
  }
  return out;
}

}  // namespace fconn::openapi
