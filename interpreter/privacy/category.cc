#include "interpreter/privacy/category.hh"

namespace fconn::privacy {

bool covers(std::string_view target, std::string_view category) {
  if (target.empty() || category.substr(0, target.size()) != target) return false;
  return category.size() == target.size() || category[target.size()] == '.';
}

bool well_formed_category(std::string_view text) {
  bool after_dot = true;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain && (c != '.' || after_dot)) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

}  // namespace fconn::privacy
