#include "interpreter/ir/repeat.hh"

#include <algorithm>
#include <array>

namespace fconn::ir {

bool idempotent_method(std::string_view method) {
  static constexpr std::array<std::string_view, 6> methods = {"GET",    "HEAD",    "PUT",
                                                              "DELETE", "OPTIONS", "TRACE"};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

bool repeatable(const Request& request) {
  return request.idempotent || idempotent_method(request.method);
}

}  // namespace fconn::ir
