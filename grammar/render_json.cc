#include <algorithm>
#include <array>
#include <cstdio>

#include "grammar/display_text.hh"
#include "grammar/json_text.hh"
#include "grammar/render.hh"

namespace fconn::grammar {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      append_utf8(out, c);
    }
  }
  return out + '"';
}

Region region(const SourceMap& sources, Span span) {
  if (span.file.value >= sources.size()) return {};
  return {sources.position(span.file, span.begin),
          sources.position(span.file, std::max(span.begin, span.end))};
}

std::string_view path_of(const SourceMap& sources, Span span) {
  return span.file.value < sources.size() ? sources.name(span.file) : std::string_view{};
}

namespace {

std::string place(const SourceMap& sources, Span span) {
  const Region where = region(sources, span);
  return "\"path\":" + json_string(path_of(sources, span)) +
         ",\"line\":" + std::to_string(where.begin.line) +
         ",\"column\":" + std::to_string(where.begin.column) +
         ",\"endLine\":" + std::to_string(where.end.line) +
         ",\"endColumn\":" + std::to_string(where.end.column);
}

std::string note_json(const SourceMap& sources, const Note& note) {
  return "{" + place(sources, note.where) + ",\"message\":" + json_string(note.text) + "}";
}

std::string edit_json(const SourceMap& sources, const Edit& edit) {
  const Region where = region(sources, edit.where);
  return "{\"path\":" + json_string(path_of(sources, edit.where)) +
         ",\"startLine\":" + std::to_string(where.begin.line) +
         ",\"startColumn\":" + std::to_string(where.begin.column) +
         ",\"endLine\":" + std::to_string(where.end.line) +
         ",\"endColumn\":" + std::to_string(where.end.column) +
         ",\"text\":" + json_string(edit.text) + "}";
}

std::string diagnostic_json(const SourceMap& sources, const Diagnostic& d) {
  std::string out = "{\"code\":" + json_string(info(d.id).code) + ",\"severity\":" +
                    (d.severity == Severity::error ? "\"error\"," : "\"warning\",") +
                    place(sources, d.where) + ",\"message\":" + json_string(d.text) +
                    ",\"help\":" + json_string(d.help) + ",\"notes\":[";
  for (std::size_t i = 0; i < d.notes.size(); ++i) {
    out += (i == 0 ? "" : ",") + note_json(sources, d.notes[i]);
  }
  out += "],\"fix\":[";
  for (std::size_t i = 0; i < d.fix.size(); ++i) {
    out += (i == 0 ? "" : ",") + edit_json(sources, d.fix[i]);
  }
  return out + "]}";
}

}  // namespace

std::string render_json(const SourceMap& sources, const Diagnostics& diagnostics) {
  std::string out = "[";
  for (std::size_t i = 0; i < diagnostics.size(); ++i) {
    out += (i == 0 ? "\n" : ",\n") + diagnostic_json(sources, diagnostics[i]);
  }
  return out + (diagnostics.empty() ? "]\n" : "\n]\n");
}

}  // namespace fconn::grammar
