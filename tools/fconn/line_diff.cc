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

std::string unified_diff(const std::string& path, const std::string& before,
                         const std::string& after) {
  constexpr std::size_t around = 3;
  const std::vector<Line> lines = compare(lines_of(before), lines_of(after));
  std::string out = "--- " + path + "\n+++ " + path + "\n";
  std::size_t a = 1;  // number of the line in `before`, and in `after`
  std::size_t b = 1;
  for (std::size_t at = 0; at < lines.size();) {
    std::size_t change = at;
    while (change < lines.size() && lines[change].sign == ' ') ++change;
    if (change == lines.size()) break;
    const std::size_t begin = std::max(at, change - std::min(change, around));
    // Changes with few lines between them are one hunk.
    std::size_t end = change;
    for (std::size_t i = change; i < lines.size() && i <= end + 2 * around; ++i) {
      if (lines[i].sign != ' ') end = i;
    }
    end = std::min(end + around + 1, lines.size());
    a += begin - at;
    b += begin - at;
    std::string hunk;
    std::size_t in_a = 0;
    std::size_t in_b = 0;
    for (std::size_t i = begin; i < end; ++i) {
      hunk += std::string(1, lines[i].sign) + std::string(lines[i].text) + "\n";
      in_a += lines[i].sign == '+' ? 0 : 1;
      in_b += lines[i].sign == '-' ? 0 : 1;
    }
    out += "@@ -" + std::to_string(a) + "," + std::to_string(in_a) + " +" + std::to_string(b) +
           "," + std::to_string(in_b) + " @@\n" + hunk;
    a += in_a;
    b += in_b;
    at = end;
  }
  return out;
}

}  // namespace fconn::cli
