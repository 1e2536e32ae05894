#include "tools/learn/learn.hh"

#include <algorithm>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "interpreter/http/url.hh"
#include "tools/har/member_names.hh"
#include "tools/learn/pages.hh"

namespace fconn::learn {

namespace g = grammar;
using grammar::Span;

namespace {

constexpr std::string_view impersonal = "@system.operations";
constexpr std::size_t telling_text = 6;  // bytes of JSON: a text of four characters

struct Insertion {
  std::uint32_t at = 0;
  std::string text;
  std::uint32_t gone = 0;  // bytes that it replaces
  std::string trial{};     // follows it where guesses are tried
  std::string end{};       // follows both
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
           const Learnt& learnt, const std::set<std::string>& only,
           const std::set<std::string>& refuted)
      : sources_(sources),
        ast_(ast),
        connector_(connector),
        learnt_(learnt),
        only_(only),
        refuted_(refuted) {}

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
        fixed_key_ = {};
        fixed_keys(*collection);
        pages(*collection);
      }
    }
    pages_as_elsewhere();
    references();
    if (!insertions_.empty()) out_.text = edited(false);
    if (!out_.guessed.empty() && !out_.text.empty()) out_.trial = edited(true);
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
    std::vector<std::pair<std::string, Exchanges>> by_path;
    for (const har::Exchange& exchange : learnt_.exchanges) {
      if (exchange.method != request.method) continue;
      const std::string path = path_of(exchange.url);
      if (!matches(*pattern, segments_of(path)) || of_another_key(exchange.url)) continue;
      const std::string same = path + bound_part(request, exchange.url);
      auto of_it = std::find_if(by_path.begin(), by_path.end(),
                                [&same](const auto& one) { return one.first == same; });
      if (of_it == by_path.end()) of_it = by_path.insert(of_it, {same, {}});
      of_it->second.push_back(&exchange);
    }
    // What was seen before what was guessed.
    std::optional<Pages> found;
    std::string unread;
    const ir::KeyPath* rows = request.rows_path ? &*request.rows_path : nullptr;
    for (const auto& [path, exchanges] : by_path) {
      const auto one = learn_pages(exchanges, rows);
      const bool tried = one && one->guessed && refuted_.count(name) > 0;
      if (one && !tried && (!found || (found->guessed && !one->guessed))) found = one;
      if (found && !found->guessed) break;
      if (unread.empty()) unread = unread_rows(exchanges, rows);
    }
    if (!found) {
      Exchanges all;
      for (const auto& [path, exchanges] : by_path) {
        all.insert(all.end(), exchanges.begin(), exchanges.end());
      }
      return pageless_.push_back({name, &written, std::move(all), std::move(unread)});
    }
    shown_.emplace_back(name, *found);
    paginate(name, written, *found);
  }

  void paginate(const std::string& name, const g::Request& written, const Pages& pages) {
    if (written.has_block) {
      clause(written.span.end - 1, pages.clause);
    } else {
      insertions_.push_back({written.span.end, " { " + pages.clause, 0, "", " }"});
    }
    if (pages.guessed) {
      const auto rows = learnt_.rows.find(name);
      const std::uint64_t seen = rows == learnt_.rows.end() ? 0 : rows->second.seen;
      insertions_.back().trial = "\ntake " + std::to_string(2 * seen + 1) + "\n";
      out_.guessed.insert(name);
    }
    note(name + ": " + pages.clause + ", as " + pages.reason);
  }

  /// Reads that show no pages, whose answers look like those of another read that does.
  void pages_as_elsewhere() {
    for (const Pageless& one : pageless_) {
      const auto other = std::find_if(shown_.begin(), shown_.end(), [&one](const auto& shown) {
        return alike(one.exchanges, shown.second);
      });
      if (other != shown_.end() && refuted_.count(one.name) == 0) {
        paginate(one.name, *one.written,
                 {other->second.clause,
                  "that is how " + other->first +
                      " is read, and its answers look alike; that it holds here is a guess",
                  true, other->second.path});
      } else if (!one.unread.empty()) {
        note(one.name + " has rows that weren't read: " + one.unread +
             ". Nothing shows how the next page is asked for, so write its `paginate`");
      }
    }
  }

  /// Parameters of a URL that the read takes from elsewhere: they are one for all pages, and
  /// another for another row.
  static std::string bound_part(const ir::Request& request, const std::string& url) {
    const std::size_t question = url.find('?');
    if (!request.query || question == std::string::npos) return {};
    std::string out;
    const auto pairs = http::parse_query(std::string_view(url).substr(question + 1));
    for (const ir::Expr& entry : request.query->kids) {
      if (entry.op != ir::Op::entry || constant(entry.kids.front())) continue;
      for (const auto& [name, value] : pairs) {
        if (name == entry.text) out += '\n' + name + '=' + value;
      }
    }
    return out;
  }
  static bool constant(const ir::Expr& expr) {
    const bool literal = expr.op == ir::Op::integer || expr.op == ir::Op::string ||
                         expr.op == ir::Op::decimal || expr.op == ir::Op::boolean ||
                         expr.op == ir::Op::null_value;
    return literal && expr.kids.empty();
  }

  // ---- keys that were written out
  // -----------------------------------------------------------------

  /// A read that names one row of another collection, where the recording has it for several:
  /// `/users/7/orders` beside `/users/9/orders`, and both are keys of `users`.
  void fixed_keys(const g::CollectionDecl& collection) {
    const g::Decl* read = nullptr;
    for (const g::Decl& item : collection.items) {
      if (std::holds_alternative<g::ForDecl>(item.node)) return;
      if (!std::holds_alternative<g::ReadDecl>(item.node)) continue;
      if (read != nullptr) return;
      read = &item;
    }
    if (read == nullptr) return;
    const g::Chain& chain = std::get<g::ReadDecl>(read->node).chain;
    if (!chain.steps.empty() || chain.request.empty()) return;
    const g::Request& request = chain.request.front();
    if (fixed_segment(collection.name.text, request, read->keyword.begin)) return;
    fixed_parameter(collection.name.text, request, read->keyword.begin);
  }

  bool fixed_segment(const std::string& name, const g::Request& request, std::uint32_t at) {
    if (request.target.size() != 1 || !request.target.front().hole.empty()) return false;
    const Span where = request.target.front().span;
    const std::string written(sources_.slice(where));
    const std::vector<std::string> pattern = segments_of(written.substr(0, written.find('?')));
    std::size_t offset = 0;
    for (std::size_t i = 0; i < pattern.size() && written.starts_with('/'); ++i) {
      ++offset;
      std::vector<std::string> open = pattern;
      open[i].clear();
      std::set<std::string> values;
      for (const har::Exchange& exchange : learnt_.exchanges) {
        const std::vector<std::string> path = segments_of(path_of(exchange.url));
        if (exchange.method != request.method.text || !matches(open, path)) continue;
        values.insert(http::decode_percent(path[path.size() - pattern.size() + i]));
      }
      const auto size = static_cast<std::uint32_t>(pattern[i].size());
      const auto begin = static_cast<std::uint32_t>(where.begin + offset);
      if (fixed(name, pattern[i], values, at, {where.file, begin, begin + size}, true)) return true;
      offset += size;
    }
    return false;
  }

  void fixed_parameter(const std::string& name, const g::Request& request, std::uint32_t at) {
    const auto pattern = segments_of(sources_.slice(request.target_span));
    for (const g::Clause& clause : request.clauses) {
      const auto* query = std::get_if<g::QueryClause>(&clause.node);
      const auto* object = query == nullptr || query->value.empty()
                               ? nullptr
                               : std::get_if<g::ObjectExpr>(&query->value.front().node);
      if (object == nullptr) continue;
      for (const g::ObjectEntry& entry : object->entries) {
        if (entry.kind != g::EntryKind::named || entry.value.empty()) continue;
        const Span where = entry.value.front().span;
        std::string written(sources_.slice(where));
        const bool quotes = written.size() > 2 && (written[0] == '"' || written[0] == '\'');
        if (quotes) written = written.substr(1, written.size() - 2);
        std::set<std::string> values;
        for (const har::Exchange& exchange : learnt_.exchanges) {
          const std::size_t question = exchange.url.find('?');
          if (question == std::string::npos || exchange.method != request.method.text) continue;
          if (!matches(pattern, segments_of(path_of(exchange.url)))) continue;
          for (const auto& [key, value] : http::parse_query(exchange.url.substr(question + 1))) {
            if (key == entry.name.text) values.insert(value);
          }
        }
        if (fixed(name, written, values, at, where, false)) {
          fixed_key_ = {entry.name.text, written};
          return;
        }
      }
    }
  }

  /// What was asked for other keys isn't the next page of this one.
  bool of_another_key(const std::string& url) const {
    const std::size_t question = url.find('?');
    if (fixed_key_.first.empty() || question == std::string::npos) return false;
    const http::QueryPairs query = http::parse_query(std::string_view(url).substr(question + 1));
    return std::find(query.begin(), query.end(), fixed_key_) == query.end();
  }

  /// Proposes `for` where all `values`, the written one among them, are keys of one collection.
  bool fixed(const std::string& name, const std::string& written,
             const std::set<std::string>& values, std::uint32_t at, Span where, bool in_path) {
    if (values.size() < 2 || values.count(written) == 0) return false;
    for (const auto& [other, rows] : learnt_.rows) {
      const std::string key = key_of(rows);
      const Shape* keys = key.empty() ? nullptr : rows.member(key);
      if (other == name || keys == nullptr || feeds(name, other)) continue;
      const bool all = std::all_of(values.begin(), values.end(), [&](const std::string& value) {
        std::string json;
        value::append_json_string(value, json);
        return keys->values.count(value) > 0 || keys->values.count(json) > 0;
      });
      if (!all) continue;
      const std::string bound = free_name(other);
      const std::string reference =
          bound + (written_name(key) == key ? "." + key : "[" + written_name(key) + "]");
      insertions_.push_back({at, "for " + bound + " in " + other + "\n", 0});
      insertions_.push_back(
          {where.begin, in_path ? "{" + reference + "}" : reference, where.end - where.begin});
      note(name + ": `for " + bound + " in " + other +
           "` in the place of a key that was written out: " + std::to_string(values.size()) +
           " values were asked for there, and all are keys of " + other +
           ". This replaces something, so look whether it is meant");
      return true;
    }
    return false;
  }

  /// "u" for `users`, or a longer one where that means something already.
  std::string free_name(const std::string& collection) const {
    const auto taken = [this](const std::string& name) {
      const auto named = [&name](const auto& one) { return one.name == name; };
      return std::any_of(connector_.params.begin(), connector_.params.end(), named) ||
             std::any_of(connector_.identities.begin(), connector_.identities.end(), named) ||
             std::any_of(connector_.externals.begin(), connector_.externals.end(), named) ||
             std::any_of(connector_.functions.begin(), connector_.functions.end(), named) ||
             std::any_of(connector_.collections.begin(), connector_.collections.end(), named);
    };
    for (const std::string& name : {collection.substr(0, 1), singular(collection)}) {
      if (!taken(name)) return name;
    }
    return "row_of_" + collection;
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

  std::string edited(bool trial) {
    std::string text(sources_.text(ast_.file));
    std::stable_sort(insertions_.begin(), insertions_.end(),
                     [](const Insertion& a, const Insertion& b) { return a.at > b.at; });
    for (const Insertion& one : insertions_) {
      text.replace(one.at, one.gone, one.text + (trial ? one.trial : "") + one.end);
    }
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
  const std::set<std::string>& refuted_;
  std::vector<Insertion> insertions_;
  std::set<std::string> written_;
  struct Pageless {
    std::string name;
    const g::Request* written = nullptr;
    Exchanges exchanges;
    std::string unread;  // what says that rows are missing
  };
  std::vector<Pageless> pageless_;
  std::vector<std::pair<std::string, Pages>> shown_;  // by collection
  std::pair<std::string, std::string> fixed_key_;  // of this collection's read: parameter and value
  Proposal out_;
};

}  // namespace

Proposal propose(const grammar::SourceMap& sources, const grammar::Ast& ast,
                 const ir::Connector& connector, const Learnt& learnt,
                 const std::set<std::string>& only, const std::set<std::string>& refuted) {
  return Proposer(sources, ast, connector, learnt, only, refuted).run();
}

}  // namespace fconn::learn
