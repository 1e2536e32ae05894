// The Link header (RFC 8288 section 3 and appendix B.2).
#include <algorithm>

#include "interpreter/http/headers.hh"
#include "interpreter/http/text.hh"

namespace fconn::http {
namespace {

// One link's parameters: the first rel counts (RFC 8288 3.3); a link with an anchor speaks about
// another resource than the answer it came with, so it is no link of ours.
struct Parameters {
  std::string rel;
  bool anchored = false;
};

Parameters read_parameters(std::string_view& text) {
  Parameters out;
  bool seen = false;
  ParameterReader reader(text);
  while (const auto parameter = reader.next()) {
    if (parameter->name == "rel" && !seen) {
      seen = true;
      out.rel = parameter->value;
    } else if (parameter->name == "anchor") {
      out.anchored = true;
    }
  }
  text = reader.rest();
  return out;
}

void add_each_rel(std::vector<Link>& links, std::string_view target, std::string_view rels) {
  constexpr std::string_view space = " \t";
  while (true) {
    rels.remove_prefix(std::min(rels.find_first_not_of(space), rels.size()));
    if (rels.empty()) return;
    const std::string_view rel = rels.substr(0, rels.find_first_of(space));
    rels.remove_prefix(rel.size());
    links.push_back({std::string(target), lower_case(rel)});
  }
}

// To the comma that ends a member which couldn't be read; commas in quotes and in <> don't.
void skip_member(std::string_view& text) {
  char closing = 0;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (closing != 0) {
      if (c == '\\' && closing == '"') {
        ++i;
      } else if (c == closing) {
        closing = 0;
      }
    } else if (c == '"') {
      closing = '"';
    } else if (c == '<') {
      closing = '>';
    } else if (c == ',') {
      break;
    }
  }
  text.remove_prefix(std::min(i, text.size()));
}

}  // namespace

std::vector<Link> parse_links(std::string_view header) {
  std::vector<Link> links;
  while (true) {
    header.remove_prefix(std::min(header.find_first_not_of(" \t\r\n,"), header.size()));
    if (header.empty()) return links;
    const std::size_t close = header.front() == '<' ? header.find('>') : std::string_view::npos;
    if (close == std::string_view::npos) {
      skip_member(header);
      continue;
    }
    const std::string_view target = trim(header.substr(1, close - 1));
    header.remove_prefix(close + 1);
    const Parameters parameters = read_parameters(header);
    if (!parameters.anchored) add_each_rel(links, target, parameters.rel);
    skip_member(header);
  }
}

}  // namespace fconn::http
