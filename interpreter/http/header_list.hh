// A list of header lines in libcurl's form without its allocations: one buffer and one array, both
// reused from request to request. Owns the text; the list is valid until the next clear().
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct curl_slist;

namespace fconn::http {

class HeaderList {
 public:
  HeaderList();
  ~HeaderList();
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void clear();
  /// An empty value is sent as an empty header.
  void add(std::string_view name, std::string_view value);
  /// libcurl's own header of that name isn't sent.
  void suppress(std::string_view name);
  /// Null when nothing was added.
  curl_slist* list();

 private:
  std::string text_;
  std::vector<std::size_t> starts_;
  std::vector<curl_slist> nodes_;
};

}  // namespace fconn::http
