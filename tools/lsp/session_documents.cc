// Documents as they are opened and typed in, and what is told of their mistakes.
#include <algorithm>

#include "tools/lsp/session.hh"

namespace fconn::lsp {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string path_of_uri(std::string_view uri) {
  constexpr std::string_view scheme = "file:";
  if (!uri.starts_with(scheme)) return std::string(uri);
  uri.remove_prefix(scheme.size());
  // "file:///a", and "file:/a" as RFC 8089 allows.
  if (uri.starts_with("//")) uri.remove_prefix(2);
  if (const std::size_t slash = uri.find('/'); slash != std::string_view::npos) {
    uri.remove_prefix(slash);  // `localhost`
  }
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const bool escaped =
        uri[i] == '%' && i + 2 < uri.size() && hex(uri[i + 1]) >= 0 && hex(uri[i + 2]) >= 0;
    if (!escaped) {
      path += uri[i];
      continue;
    }
    path += static_cast<char>(hex(uri[i + 1]) * 16 + hex(uri[i + 2]));
    i += 2;
  }
  return path;
}

std::string uri_of_path(std::string_view path) {
  if (!path.starts_with('/')) return std::string(path);
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      uri += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    uri += '%';
    uri += digits[byte >> 4U];
    uri += digits[byte & 15U];
  }
  return uri;
}

const std::string* Documents::find(const std::string& path) const {
  const auto found = documents_.find(path);
  return found == documents_.end() ? nullptr : &found->second.text.view();
}

Document* Documents::get(const std::string& path) {
  const auto found = documents_.find(path);
  return found == documents_.end() ? nullptr : &found->second;
}

std::string Server::Session::name_of_uri(std::string_view uri) const {
  std::string path = path_of_uri(uri);
  return host_.embedded_name(path).value_or(path);
}

std::string Server::Session::path_at(const Params& params) const {
  return name_of_uri(string_at(params, {"textDocument", "uri"}).value_or(""));
}

std::string Server::Session::uri_of(const std::string& path) {
  if (const Document* document = documents_.get(path)) return document->uri;
  if (!path.starts_with('<')) return uri_of_path(path);
  const auto copy = host_.readable_copy(path);
  return copy ? uri_of_path(*copy) : std::string();
}

void Server::Session::did_open(const Params& params) {
  const auto uri = string_at(params, {"textDocument", "uri"});
  const auto text = string_at(params, {"textDocument", "text"});
  if (!uri || !text) return;
  const std::string path = name_of_uri(*uri);
  // What is part of the program is read, not changed.
  const auto embedded = path.starts_with('<') ? host_.embedded(path) : std::nullopt;
  documents_.open(path, {std::string(*uri), Text(embedded ? embedded->text : std::string(*text)),
                         integer_at(params, {"textDocument", "version"}).value_or(0)});
  // What others said about it before, it says itself from now on.
  for (auto& [root, files] : others_) files.erase(path);
  refresh(path);
  refresh_readers(path);
}

void Server::Session::did_change(const Params& params) {
  const std::string path = path_at(params);
  Document* document = documents_.get(path);
  if (document == nullptr || path.starts_with('<')) return;
  for (const value::Value& change : list_at(params, {"contentChanges"})) {
    const auto text = string_at(change, {"text"});
    if (!text) continue;
    const auto begin = place_at(change, {"range", "start"});
    const auto end = place_at(change, {"range", "end"});
    if (begin && end) {
      document->text.replace({*begin, *end}, *text, encoding_);
    } else {
      document->text = Text(std::string(*text));
    }
  }
  document->version = integer_at(params, {"textDocument", "version"}).value_or(document->version);
  refresh(path);
  refresh_readers(path);
}

void Server::Session::did_close(const Params& params) {
  const std::string path = path_at(params);
  const Document* document = documents_.get(path);
  if (document == nullptr) return;
  const std::string uri = document->uri;
  documents_.close(path);
  analyses_.erase(path);
  colours_.erase(path);
  send_diagnostics(uri, std::nullopt, {});
  publish_others(path, {});
  others_.erase(path);
  refresh_readers(path);
}

void Server::Session::did_change_folders(const Params& params) {
  for (const value::Value& folder : list_at(params, {"event", "removed"})) {
    const std::string path = path_of_uri(string_at(folder, {"uri"}).value_or(""));
    std::erase(folders_, path);
  }
  for (const value::Value& folder : list_at(params, {"event", "added"})) {
    if (const auto uri = string_at(folder, {"uri"})) folders_.push_back(path_of_uri(*uri));
  }
}

void Server::Session::refresh_all() {
  for (const auto& [path, document] : documents_.all()) refresh(path);
}

void Server::Session::refresh(const std::string& path) {
  const std::string* text = documents_.find(path);
  if (text == nullptr) return;
  analyses_[path] = analyse(path, *text, host_, documents_);
  publish(path);
}

void Server::Session::refresh_readers(const std::string& path) {
  std::vector<std::string> readers;
  for (const auto& [other, analysis] : analyses_) {
    if (other == path) continue;
    // A file that wasn't there until now may be what `use` asked for.
    const bool missing = std::any_of(analysis->diagnostics.begin(), analysis->diagnostics.end(),
                                     [](const grammar::Diagnostic& one) {
                                       return one.id == grammar::DiagnosticId::module_not_found;
                                     });
    // What a test or a project names may have been missing as well.
    const bool names_files =
        analysis->kind == FileKind::project || analysis->kind == FileKind::test;
    if (analysis->reads(path) || missing || names_files) {
      readers.push_back(other);
    }
  }
  for (const std::string& reader : readers) refresh(reader);
}

void Server::Session::publish(const std::string& path) {
  const Analysis& analysis = *analyses_.at(path);
  const Document& document = *documents_.get(path);
  std::vector<Json> own;
  std::map<std::string, std::vector<Json>> others;
  for (const grammar::Diagnostic& one : analysis.diagnostics) {
    if (one.where.file.value >= analysis.sources.size()) continue;
    const std::string name(analysis.sources.name(one.where.file));
    if (name == path) {
      own.push_back(diagnostic(analysis, one));
    } else if (!name.starts_with('<') && documents_.find(name) == nullptr) {
      others[name].push_back(diagnostic(analysis, one));
    }
  }
  // Texts of the program are as they are; nobody who reads them can repair them.
  if (path.starts_with('<')) own.clear();
  send_diagnostics(document.uri, document.version, own);
  publish_others(path, std::move(others));
}

void Server::Session::publish_others(const std::string& path,
                                     std::map<std::string, std::vector<Json>> others) {
  std::set<std::string> changed;
  auto& before = others_[path];
  const auto texts = [](const std::vector<Json>& list) { return json_list(list).text; };
  for (const auto& [name, list] : before) {
    const auto now = others.find(name);
    if (now == others.end() || texts(now->second) != texts(list)) changed.insert(name);
  }
  for (const auto& [name, list] : others) {
    if (before.count(name) == 0) changed.insert(name);
  }
  before = std::move(others);
  for (const std::string& name : changed) {
    // Several open files may lean on it: what any of them says is said once.
    std::vector<Json> all;
    std::set<std::string> seen;
    for (const auto& [root, files] : others_) {
      const auto list = files.find(name);
      if (list == files.end()) continue;
      for (const Json& one : list->second) {
        if (seen.insert(one.text).second) all.push_back(one);
      }
    }
    send_diagnostics(uri_of(name), std::nullopt, all);
  }
}

void Server::Session::send_diagnostics(const std::string& uri, std::optional<std::int64_t> version,
                                       const std::vector<Json>& list) {
  std::optional<Json> number;
  if (version) number = json_number(*version);
  notify("textDocument/publishDiagnostics",
         json_object(
             {{"uri", json_string(uri)}, {"version", number}, {"diagnostics", json_list(list)}}));
}

Json Server::Session::diagnostic(const Analysis& analysis, const grammar::Diagnostic& one) {
  Places places(*this);
  const auto file_span = [&](Span span) {
    return FileSpan{std::string(analysis.sources.name(span.file)), span.begin, span.end};
  };
  std::vector<Json> related;
  for (const grammar::Note& note : one.notes) {
    if (note.where.file.value >= analysis.sources.size()) continue;
    const auto location = places.location(file_span(note.where));
    if (!location) continue;
    related.push_back(json_object({{"location", *location}, {"message", json_string(note.text)}}));
  }
  std::optional<Json> notes, tags;
  if (!related.empty()) notes = json_list(related);
  if (one.id == grammar::DiagnosticId::unused_name ||
      one.id == grammar::DiagnosticId::unused_identity) {
    tags = json_list({json_number(1)});  // DiagnosticTag.Unnecessary
  }
  const std::string text = one.help.empty() ? one.text : one.text + "\n" + one.help;
  const bool error = one.severity == grammar::Severity::error;
  return json_object({{"range", places.range(file_span(one.where))},
                      {"severity", json_number(error ? 1 : 2)},
                      {"code", json_string(grammar::info(one.id).code)},
                      {"source", json_string("fconn")},
                      {"message", json_string(text)},
                      {"tags", tags},
                      {"relatedInformation", notes}});
}

std::shared_ptr<const Analysis> Server::Session::analysis_of(const std::string& path) {
  const auto found = analyses_.find(path);
  if (found != analyses_.end()) return found->second;
  if (path.empty()) return nullptr;
  auto text = text_of(path, host_, documents_);
  if (!text) return nullptr;
  return analyse(path, std::move(*text), host_, documents_);
}

Workspace Server::Session::workspace(const std::string& path) {
  Workspace result{host_, documents_, {}, {}};
  std::vector<std::string> folders = folders_;
  const bool held = std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    return path.starts_with(folder.ends_with('/') ? folder : folder + "/");
  });
  if (!held && path.starts_with('/')) folders.push_back(path.substr(0, path.rfind('/') + 1));
  for (const auto& [open, document] : documents_.all()) result.paths.push_back(open);
  for (const std::string& folder : folders) {
    if (!host_.files(folder, result.paths)) result.unseen = folder;
  }
  std::sort(result.paths.begin(), result.paths.end());
  result.paths.erase(std::unique(result.paths.begin(), result.paths.end()), result.paths.end());
  if (!result.unseen.empty()) {
    notify("window/showMessage",
           json_object({{"type", json_number(2)},
                        {"message", json_string("'" + result.unseen +
                                                "' holds too many files; fconn looked at some of "
                                                "them. Open the project's own folder.")}}));
  }
  return result;
}

Json Server::Session::range_json(const Range& range) const {
  const auto place = [](Place one) {
    return json_object({{"line", json_number(one.line)}, {"character", json_number(one.column)}});
  };
  return json_object({{"start", place(range.begin)}, {"end", place(range.end)}});
}

Json Server::Session::range_in(std::string_view text, const Lines& lines, std::uint32_t begin,
                               std::uint32_t end) const {
  return range_json(lines.range(text, begin, end, encoding_));
}

const Text& Server::Session::Places::text(const std::string& path) {
  if (const Document* document = session_.documents_.get(path)) return document->text;
  const auto found = texts_.find(path);
  if (found != texts_.end()) return found->second;
  auto content = text_of(path, session_.host_, session_.documents_);
  return texts_.emplace(path, Text(content.value_or(""))).first->second;
}

Json Server::Session::Places::range(const FileSpan& where) {
  const Text& in = text(where.path);
  return session_.range_in(in.view(), in.lines(), where.begin, std::max(where.begin, where.end));
}

std::optional<Json> Server::Session::Places::location(const FileSpan& where) {
  const std::string uri = session_.uri_of(where.path);
  if (uri.empty()) return std::nullopt;
  return json_object({{"uri", json_string(uri)}, {"range", range(where)}});
}

std::optional<Place> Server::Session::place_at(const Params& params,
                                               std::initializer_list<std::string_view> keys) {
  const value::Value* place = member(params, keys);
  if (place == nullptr) return std::nullopt;
  const auto line = integer_at(*place, {"line"});
  const auto column = integer_at(*place, {"character"});
  if (!line || !column || *line < 0 || *column < 0) return std::nullopt;
  constexpr std::int64_t most = 0x7FFFFFFF;
  return Place{static_cast<std::uint32_t>(std::min(*line, most)),
               static_cast<std::uint32_t>(std::min(*column, most))};
}

std::optional<Server::Session::Spot> Server::Session::spot(const Params& params) {
  const std::string path = path_at(params);
  const auto place = place_at(params, {"position"});
  auto analysis = analysis_of(path);
  if (!analysis || !place || analysis->sources.size() == 0) return std::nullopt;
  const std::string_view text = analysis->text();
  const Document* document = documents_.get(path);
  const std::uint32_t offset = document != nullptr ? document->text.offset(*place, encoding_)
                                                   : Lines(text).offset(text, *place, encoding_);
  return Spot{std::move(analysis), offset};
}

std::pair<std::uint32_t, std::uint32_t> Server::Session::bytes_of(const Params& params,
                                                                  std::string_view text) {
  const auto begin = place_at(params, {"range", "start"});
  const auto end = place_at(params, {"range", "end"});
  if (!begin || !end) return {0, static_cast<std::uint32_t>(text.size())};
  const Lines lines(text);
  return {lines.offset(text, *begin, encoding_), lines.offset(text, *end, encoding_)};
}

std::vector<Json> Server::Session::text_edits(std::string_view text,
                                              const std::vector<TextEdit>& edits) {
  const Lines lines(text);
  std::vector<Json> out;
  out.reserve(edits.size());
  for (const TextEdit& edit : edits) {
    out.push_back(json_object({{"range", range_in(text, lines, edit.begin, edit.end)},
                               {"newText", json_string(edit.text)}}));
  }
  return out;
}

}  // namespace fconn::lsp
