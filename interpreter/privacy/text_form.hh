// The text that hash, hmac and aes work on: the text form of Fides (its placeholders' rule), as in
// strategies.hh. Internal to privacy/.
#pragma once

#include <string>
#include <string_view>

namespace fconn::privacy {

/// Of one value's JSON text; null gives "None".
std::string text_form(std::string_view json);

}  // namespace fconn::privacy
