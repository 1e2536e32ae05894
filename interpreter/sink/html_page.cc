#include "interpreter/sink/html_page.hh"

#include "interpreter/value/markup.hh"

namespace fconn::sink {
namespace {

constexpr std::string_view style = R"css(
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 2px solid; }
h3 { margin-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; border: 1px solid #888; padding: 0.25rem 0.5rem;
         overflow-wrap: anywhere; }
th[scope=row] { font-weight: 400; width: 30%; }
td.category { width: 25%; }
.skip { position: absolute; left: -10000px; }
.skip:focus { position: static; }
@media print { body { max-width: none; } tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
)css";

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (const std::string_view reference = value::markup_reference(c); !reference.empty()) {
      out += reference;
    } else if (control && c != '\n' && c != '\t') {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
}

std::string page_head(std::string_view title) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>";
  append_escaped(page, title);
  page += "</title>\n<style>";
  page += style;
  page +=
      "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the data</a>\n"
      "<header><h1>";
  append_escaped(page, title);
  page += "</h1></header>\n<main id=\"main\">\n";
  return page;
}

std::string_view page_end() { return "</main>\n</body>\n</html>\n"; }

}  // namespace fconn::sink
