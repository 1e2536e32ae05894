// How numbers are spelt, for everything above.
#pragma once

#include <string_view>

namespace fconn::value {

/// A number of RFC 8259 section 6, with nothing around it.
bool is_number_spelling(std::string_view text);

}  // namespace fconn::value
