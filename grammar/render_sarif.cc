// SARIF 2.1.0 (OASIS standard, sections 3.13, 3.19, 3.27, 3.30, 3.49, 3.55): one run, the rules
// that its results use, regions in code points.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "grammar/json_text.hh"
#include "grammar/render.hh"

namespace fconn::grammar {

namespace {

/// A path as a URI reference (RFC 3986): unreserved characters and `/` stay.
std::string path_uri(std::string_view path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    std::array<char, 4> escape{};
    std::snprintf(escape.data(), escape.size(), "%%%02X", static_cast<unsigned char>(c));
    out += escape.data();
  }
  return out;
}

std::string level(Severity severity) {
  return severity == Severity::error ? "\"error\"" : "\"warning\"";
}

std::string text_object(std::string_view text) { return "{\"text\":" + json_string(text) + "}"; }

std::string region_json(const SourceMap& sources, Span span) {
  const Region where = region(sources, span);
  return "{\"startLine\":" + std::to_string(where.begin.line) +
         ",\"startColumn\":" + std::to_string(where.begin.column) +
         ",\"endLine\":" + std::to_string(where.end.line) +
         ",\"endColumn\":" + std::to_string(where.end.column) + "}";
}

std::string artifact(const SourceMap& sources, Span span) {
  return "\"artifactLocation\":{\"uri\":" + json_string(path_uri(path_of(sources, span))) + "}";
}

std::string physical_location(const SourceMap& sources, Span span) {
  return "\"physicalLocation\":{" + artifact(sources, span) +
         ",\"region\":" + region_json(sources, span) + "}";
}

std::string rule_json(const DiagnosticInfo& rule) {
  std::string out = "{\"id\":" + json_string(rule.code) + ",\"name\":" + json_string(rule.name) +
                    ",\"shortDescription\":" + text_object(rule.summary);
  const std::string_view page = explanation(rule.id);
  if (!page.empty()) out += ",\"help\":" + text_object(page);
  return out + ",\"defaultConfiguration\":{\"level\":" + level(rule.severity) + "}}";
}

/// One fix; its edits are grouped by file, in the order given.
std::string fix_json(const SourceMap& sources, const Diagnostic& d) {
  std::vector<std::pair<Span, std::string>> changes;
  for (const Edit& edit : d.fix) {
    auto found = std::find_if(changes.begin(), changes.end(), [&edit](const auto& change) {
      return change.first.file == edit.where.file;
    });
    if (found == changes.end()) found = changes.insert(changes.end(), {edit.where, ""});
    found->second += (found->second.empty() ? "" : ",") +
                     ("{\"deletedRegion\":" + region_json(sources, edit.where)) +
                     ",\"insertedContent\":" + text_object(edit.text) + "}";
  }
  std::string out = "{\"description\":" + text_object(d.help.empty() ? d.text : d.help) +
                    ",\"artifactChanges\":[";
  for (std::size_t i = 0; i < changes.size(); ++i) {
    out += (i == 0 ? "{" : ",{") + artifact(sources, changes[i].first) + ",\"replacements\":[" +
           changes[i].second + "]}";
  }
  return out + "]}";
}

std::string result_json(const SourceMap& sources, const Diagnostic& d, std::size_t rule_index) {
  const std::string message = d.help.empty() ? d.text : d.text + ". Help: " + d.help;
  std::string out = "{\"ruleId\":" + json_string(info(d.id).code) +
                    ",\"ruleIndex\":" + std::to_string(rule_index) +
                    ",\"level\":" + level(d.severity) + ",\"message\":" + text_object(message) +
                    ",\"locations\":[";
  // A mistake without a file has no location; SARIF allows an empty list (3.27.12).
  if (!path_of(sources, d.where).empty()) out += "{" + physical_location(sources, d.where) + "}";
  out += "]";
  for (std::size_t i = 0; i < d.notes.size(); ++i) {
    out += (i == 0 ? ",\"relatedLocations\":[{\"id\":" : ",{\"id\":") + std::to_string(i + 1) +
           "," + physical_location(sources, d.notes[i].where) +
           ",\"message\":" + text_object(d.notes[i].text) + "}";
  }
  if (!d.notes.empty()) out += "]";
  if (!d.fix.empty()) out += ",\"fixes\":[" + fix_json(sources, d) + "]";
  return out + "}";
}

}  // namespace

std::string render_sarif(const SourceMap& sources, const Diagnostics& diagnostics) {
  std::map<std::string_view, std::size_t> indices;
  for (const Diagnostic& d : diagnostics) indices.emplace(info(d.id).code, 0);
  std::string rules;
  std::size_t next = 0;
  for (auto& entry : indices) {
    entry.second = next++;
    rules += (rules.empty() ? "\n" : ",\n") + rule_json(*find_diagnostic(entry.first));
  }
  std::string results;
  for (const Diagnostic& d : diagnostics) {
    results +=
        (results.empty() ? "\n" : ",\n") + result_json(sources, d, indices.at(info(d.id).code));
  }
  return "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
         "\"runs\":[{\"tool\":{\"driver\":{\"name\":\"fconn\",\"rules\":[" +
         rules + "]}},\"columnKind\":\"unicodeCodePoints\",\"results\":[" + results + "]}]}\n";
}

}  // namespace fconn::grammar
