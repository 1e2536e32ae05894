// Which lines of two dumps differ, by their longest common subsequence.
#include <algorithm>

#include "tools/fconn/connector_text.hh"

namespace fconn::cli {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::size_t indent_of(std::string_view line) {
  const std::size_t at = line.find_first_not_of(' ');
  return at == std::string_view::npos ? line.size() : at;
}

struct Line {
  char sign;
  std::string_view text;
};

std::vector<Line> compare(const std::vector<std::string_view>& a,
                          const std::vector<std::string_view>& b) {
  std::vector<std::vector<std::uint32_t>> common(a.size() + 1,
                                                 std::vector<std::uint32_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<Line> out;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      out.push_back({' ', a[i]});
      ++i;
      ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      out.push_back({'-', a[i++]});
    } else {
      out.push_back({'+', b[j++]});
    }
  }
  return out;
}

}  // namespace

std::string line_diff(const std::string& before, const std::string& after) {
  std::string out;
  std::vector<std::string_view> above;  // unprinted lines that enclose the current one
  for (const Line& line : compare(lines_of(before), lines_of(after))) {
    while (!above.empty() && indent_of(above.back()) >= indent_of(line.text)) above.pop_back();
    if (line.sign == ' ') {
      above.push_back(line.text);
      continue;
    }
    for (const std::string_view context : above) out += "  " + std::string(context) + "\n";
    above.clear();
    out += std::string(1, line.sign) + " " + std::string(line.text) + "\n";
  }
  return out;
}

}  // namespace fconn::cli
