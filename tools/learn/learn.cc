#include "tools/learn/learn.hh"

#include <algorithm>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "interpreter/http/url.hh"
#include "tools/har/member_names.hh"
#include "tools/learn/pages.hh"

namespace fconn::learn {

namespace g = grammar;

namespace {

constexpr std::string_view impersonal = "@system.operations";
constexpr std::size_t telling_text = 6;  // bytes of JSON: a text of four characters

struct Insertion {
  std::uint32_t at = 0;
  std::string text;
};

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) out.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return out;
}

/// Segments as the connector writes them; one with a hole is empty: it matches any. Nothing where
/// a whole path or URL is filled in.
std::optional<std::vector<std::string>> pattern_of(const ir::Request& request) {
  std::string text;
  for (const ir::TargetPart& part : request.target) {
    if (part.kind == ir::TargetPartKind::raw) return std::nullopt;
    text += part.kind == ir::TargetPartKind::literal ? part.text : std::string(1, '\0');
  }
  const std::size_t scheme = text.find("://");
  if (scheme != std::string::npos) text.erase(0, std::min(text.find('/', scheme + 3), text.size()));
  std::vector<std::string> out = segments_of(std::string_view(text).substr(0, text.find('?')));
  for (std::string& one : out) {
    if (one.find('\0') != std::string::npos) one.clear();
  }
  return out;
}

/// What stands before the pattern is the client's base.
bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (path.size() < pattern.size()) return false;
  const std::size_t base = path.size() - pattern.size();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!pattern[i].empty() && pattern[i] != path[base + i]) return false;
  }
  return true;
}

std::string path_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = std::min(url.find('/', scheme + 3), url.size());
  return url.substr(begin, std::min(url.find_first_of("?#", begin), url.size()) - begin);
}

/// "user" of "users", "entry" of "entries".
std::string singular(std::string name) {
  if (name.ends_with("ies")) return name.substr(0, name.size() - 3) + "y";
  if (name.ends_with("s") && !name.ends_with("ss")) name.pop_back();
  return name;
}

class Proposer {
 public:
  Proposer(const g::SourceMap& sources, const g::Ast& ast, const ir::Connector& connector,
           const Learnt& learnt, const std::set<std::string>& only)
      : sources_(sources), ast_(ast), connector_(connector), learnt_(learnt), only_(only) {}

  Proposal run() {
    for (const g::Decl& decl : ast_.items) {
      const auto* declared = std::get_if<g::ConnectorDecl>(&decl.node);
      if (declared == nullptr) continue;
      for (const g::Decl& item : declared->items) {
        const auto* collection = std::get_if<g::CollectionDecl>(&item.node);
        if (collection == nullptr) continue;
        if (!only_.empty() && only_.count(collection->name.text) == 0) continue;
        written_.insert(collection->name.text);
        fields(*collection, item.span);
        pages(*collection);
      }
    }
    references();
    if (!insertions_.empty()) out_.text = edited();
    return std::move(out_);
  }

 private:
  void note(std::string text) { out_.notes.push_back(std::move(text)); }

  void fields(const g::CollectionDecl& collection, g::Span span) {
    const auto found = learnt_.rows.find(collection.name.text);
    if (found == learnt_.rows.end() || found->second.objects == 0) {
      note(collection.name.text + " gave no rows, so nothing is known of its fields");
      return;
    }
    const Shape& rows = found->second;
    if (rows.objects < rows.seen) {
      note(collection.name.text + " gave rows that are no objects; fields can't describe them");
      return;
    }
    for (const g::Decl& item : collection.items) {
      const auto* declared = std::get_if<g::FieldsDecl>(&item.node);
      if (declared != nullptr) return more_fields(collection.name.text, *declared, item.span, rows);
    }
    const std::string key = key_of(rows);
    std::string text = "fields default " + std::string(impersonal) + " {\n";
    for (const std::string& line : field_lines(rows, {}, key, "")) text += line + "\n";
    clause(span.end - 1, "\n" + text + "}");
    note(collection.name.text + ": fields from " + std::to_string(rows.seen) +
         (rows.seen == 1 ? " row" : " rows") +
         (key.empty() ? "; no member tells them apart, so none is marked `key`"
                      : "; " + key + " tells them apart"));
  }

  void more_fields(const std::string& name, const g::FieldsDecl& declared, g::Span span,
                   const Shape& rows) {
    const std::string without = declared.defaults.empty() ? " " + std::string(impersonal) : "";
    const std::size_t added = members(declared.fields, span.end - 1, rows, without);
    if (added > 0) {
      note(name + ": " + std::to_string(added) +
           (added == 1 ? " member that isn't declared" : " members that aren't declared"));
    }
    for (const g::Field& field : declared.fields) {
      const Shape* seen = rows.member(field.name.text);
      if (seen == nullptr) {
        note(name + "." + field.name.text + " is declared, and no row has it");
      }
    }
  }

  /// Adds what is missing before `end`, and in the objects below. How many there are.
  std::size_t members(const std::vector<g::Field>& declared, std::uint32_t end, const Shape& rows,
                      const std::string& without) {
    std::set<std::string> names;
    std::size_t added = 0;
    for (const g::Field& field : declared) {
      names.insert(field.name.text);
      const Shape* below = rows.member(field.name.text);
      const g::TypeExpr* type = &field.type;
      if (below != nullptr && type->kind == g::TypeKind::list && !type->element.empty()) {
        type = &type->element.front();
        below = below->element.empty() ? nullptr : &below->element.front();
      }
      if (below == nullptr || type->kind != g::TypeKind::object) continue;
      added += members(type->fields, type->span.end - 1, *below, "");
    }
    const std::vector<std::string> lines = field_lines(rows, names, "", without);
    if (!lines.empty()) insert(end, lines);
    return added + lines.size();
  }

  // ---- pagination -------------------------------------------------------------------------------

  void pages(const g::CollectionDecl& collection) {
    const auto compiled =
        std::find_if(connector_.collections.begin(), connector_.collections.end(),
                     [&](const ir::Collection& one) { return one.name == collection.name.text; });
    if (compiled == connector_.collections.end()) return;
    std::size_t read = 0;
    for (const g::Decl& item : collection.items) {
      const auto* declared = std::get_if<g::ReadDecl>(&item.node);
      if (declared == nullptr) continue;
      if (read >= compiled->reads.size()) return;
      const ir::Chain& chain = compiled->reads[read++].chain;
      const bool asks = !declared->chain.request.empty() && chain.request;
      if (!asks || chain.request->pagination) continue;
      pages_of(collection.name.text, declared->chain.request.front(), *chain.request);
    }
  }

  void pages_of(const std::string& name, const g::Request& written, const ir::Request& request) {
    const auto pattern = pattern_of(request);
    if (!pattern) return;
    // Pages are those of one path: /users/1/orders and /users/2/orders follow no order.
    std::vector<std::pair<std::string, std::vector<const har::Exchange*>>> by_path;
    for (const har::Exchange& exchange : learnt_.exchanges) {
      if (exchange.method != request.method) continue;
      const std::string path = path_of(exchange.url);
      if (!matches(*pattern, segments_of(path))) continue;
      auto of_it = std::find_if(by_path.begin(), by_path.end(),
                                [&path](const auto& one) { return one.first == path; });
      if (of_it == by_path.end()) of_it = by_path.insert(of_it, {path, {}});
      of_it->second.push_back(&exchange);
    }
    // What was seen before what was guessed.
    std::optional<Pages> found;
    for (const auto& [path, exchanges] : by_path) {
      const auto one = learn_pages(exchanges);
      if (one && (!found || (found->guessed && !one->guessed))) found = one;
      if (found && !found->guessed) break;
    }
    if (!found) return;
    if (written.has_block) {
      clause(written.span.end - 1, found->clause);
    } else {
      insertions_.push_back({written.span.end, " { " + found->clause + " }"});
    }
    note(name + ": " + found->clause + ", as " + found->reason);
  }

  // ---- references -------------------------------------------------------------------------------

  /// Members of one collection whose values all are keys of another.
  void references() {
    for (const auto& [name, rows] : learnt_.rows) {
      if (written_.count(name) == 0) continue;
      for (const Shape& one : rows.members) reference(name, one);
    }
  }

  void reference(const std::string& name, const Shape& one) {
    if (one.values.size() < 2 || one.too_many) return;
    for (const auto& [other, rows] : learnt_.rows) {
      const std::string key = key_of(rows);
      const Shape* keys = key.empty() ? nullptr : rows.member(key);
      if (other == name || keys == nullptr || feeds(other, name)) continue;
      if (!std::includes(keys->values.begin(), keys->values.end(), one.values.begin(),
                         one.values.end())) {
        continue;
      }
      // Small numbers are among any other small numbers, so the name has to agree.
      const bool telling = std::all_of(one.values.begin(), one.values.end(), [](const auto& value) {
        return value.front() == '"' && value.size() >= telling_text;
      });
      const std::string plain = har::plain_name(one.name);
      const bool agrees = plain.find(singular(har::plain_name(other))) != std::string::npos;
      if (!telling && !agrees) continue;
      note(name + "." + one.name + " refers to " + other + "." + key + ": all of its " +
           std::to_string(one.values.size()) + " values are there; `for x in " + other +
           "` reads by it");
    }
  }

  /// Whether `to` is read for each row of `from` already.
  bool feeds(const std::string& from, const std::string& to) const {
    for (const ir::Collection& collection : connector_.collections) {
      if (collection.name != to) continue;
      for (const ir::Source& source : collection.sources) {
        if (source.collection && connector_.collections[source.collection->value].name == from) {
          return true;
        }
      }
    }
    return false;
  }

  // ---- the text ---------------------------------------------------------------------------------

  /// Fields of a block that ends at `end`: on lines of their own, or on its line where it has one.
  void insert(std::uint32_t end, const std::vector<std::string>& fields) {
    const std::string_view before = sources_.text(ast_.file).substr(0, end);
    const std::size_t last = before.find_last_not_of(" \t\r\n");
    const bool own_line = before.find('\n', last) != std::string_view::npos;
    std::string text;
    for (const std::string& field : fields) {
      const bool first = before[last] == '{' && text.empty();
      text += own_line ? field + "\n" : (first ? " " : ", ") + field;
    }
    // Behind the last field, before the space and the brace.
    insertions_.push_back({own_line ? end : static_cast<std::uint32_t>(last + 1), std::move(text)});
  }

  /// A clause or a declaration, on a line of its own.
  void clause(std::uint32_t end, const std::string& text) {
    const std::string_view before = sources_.text(ast_.file).substr(0, end);
    const bool own_line =
        before.find('\n', before.find_last_not_of(" \t\r\n")) != std::string_view::npos;
    insertions_.push_back({end, (own_line ? "" : "\n") + text + "\n"});
  }

  std::string edited() {
    std::string text(sources_.text(ast_.file));
    std::stable_sort(insertions_.begin(), insertions_.end(),
                     [](const Insertion& a, const Insertion& b) { return a.at > b.at; });
    for (const Insertion& one : insertions_) text.insert(one.at, one.text);
    g::SourceMap sources;
    const g::FileId file = sources.add("proposal", text);
    const g::Parsed parsed = g::parse(sources, file);
    if (g::has_errors(parsed.diagnostics)) {
      note("a member has a name that can't be written in a connector; nothing is proposed");
      return {};
    }
    return g::format(sources, parsed.ast);
  }

  const g::SourceMap& sources_;
  const g::Ast& ast_;
  const ir::Connector& connector_;
  const Learnt& learnt_;
  const std::set<std::string>& only_;
  std::vector<Insertion> insertions_;
  std::set<std::string> written_;
  Proposal out_;
};

}  // namespace

Proposal propose(const grammar::SourceMap& sources, const grammar::Ast& ast,
                 const ir::Connector& connector, const Learnt& learnt,
                 const std::set<std::string>& only) {
  return Proposer(sources, ast, connector, learnt, only).run();
}

}  // namespace fconn::learn
