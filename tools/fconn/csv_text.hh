// Reads CSV (RFC 4180) for values from outside; line ends of either kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fconn::cli {

std::vector<std::vector<std::string>> parse_csv_text(std::string_view text);

}  // namespace fconn::cli
