// The pages of `fconn explain`. They are text files, one a stage (grammar/explanations/F01.md …),
// embedded at build time; a page begins at a line `# F0101: heading` and ends at the next.
#include <span>

#include "grammar/render.hh"
#include "tools/embed/embedded.hh"

namespace fconn::grammar {

std::span<const EmbeddedFile> explanation_files();  // generated

std::string_view explanation(DiagnosticId id) {
  const std::string heading = "# " + std::string(info(id).code) + ":";
  for (const EmbeddedFile& file : explanation_files()) {
    const std::string_view text = file.text;
    std::size_t begin = text.find(heading);
    while (begin != std::string_view::npos && begin > 0 && text[begin - 1] != '\n') {
      begin = text.find(heading, begin + 1);
    }
    if (begin == std::string_view::npos) continue;
    const std::size_t next = text.find("\n# F", begin);
    std::string_view page =
        text.substr(begin, next == std::string_view::npos ? next : next - begin);
    while (page.ends_with('\n')) page.remove_suffix(1);
    return page;
  }
  return {};
}

}  // namespace fconn::grammar
