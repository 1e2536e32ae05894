// How an API gives its pages, as its answers and the requests of whoever recorded them show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "interpreter/ir/ir.hh"
#include "tools/har/har.hh"

namespace fconn::learn {

struct Pages {
  std::string clause;    // "paginate link_header"
  std::string reason;    // what shows it, without values
  bool guessed = false;  // no answer and no request shows all of it
  std::string path;      // of the member that leads on, ".meta.next_cursor"; empty: there is none
};

using Exchanges = std::vector<const har::Exchange*>;

/// From the exchanges of one request, its pages in order where there are several; nothing when no
/// answer says that there may be more. `rows`: where the rows lie; null: that isn't known.
std::optional<Pages> learn_pages(const Exchanges& exchanges, const ir::KeyPath* rows = nullptr);

/// Where nothing was learned: what an answer says of rows that didn't come, as a sentence's end
/// (".total of an answer is more than the rows that came"). Empty: nothing.
std::string unread_rows(const Exchanges& exchanges, const ir::KeyPath* rows);

/// Whether the answers have what holds the path's member, as those of another collection do that
/// it was learned from.
bool alike(const Exchanges& exchanges, const Pages& other);

}  // namespace fconn::learn
