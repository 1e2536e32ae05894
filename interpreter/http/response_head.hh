// Collects the lines of a response's head and turns them into fields once. Interim (1xx) heads are
// dropped. Knows nothing of libcurl; limits are the caller's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/http/headers.hh"

namespace fconn::http {

class ResponseHead {
 public:
  void clear();
  /// One line with its line end. True when it was the empty line that ends a final head.
  bool add(std::string_view line);
  /// 0 before a status line.
  int status() const { return status_; }
  /// The fields; strings of earlier responses are reused. Lines that are no field are left out.
  const Headers& fields();

 private:
  std::string lines_;
  int status_ = 0;
  Headers fields_;
};

}  // namespace fconn::http
