// How an API gives its pages, as its answers and the requests of whoever recorded them show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/har/har.hh"

namespace fconn::learn {

struct Pages {
  std::string clause;    // "paginate link_header"
  std::string reason;    // what shows it, without values
  bool guessed = false;  // the name of a parameter was never seen
};

/// From the exchanges of one request, its pages in order where there are several; nothing when no
/// answer says that there is more.
std::optional<Pages> learn_pages(const std::vector<const har::Exchange*>& exchanges);

}  // namespace fconn::learn
