#include "interpreter/http/header_list.hh"

#include <curl/curl.h>

namespace fconn::http {

HeaderList::HeaderList() = default;
HeaderList::~HeaderList() = default;

void HeaderList::clear() {
  text_.clear();
  starts_.clear();
}

void HeaderList::add(std::string_view name, std::string_view value) {
  starts_.push_back(text_.size());
  text_ += name;
  if (value.find_first_not_of(" \t") == std::string_view::npos) {
    text_ += ';';  // libcurl's way to write "Name:" with nothing behind it
  } else {
    text_ += ": ";
    text_ += value;
  }
  text_ += '\0';
}

void HeaderList::suppress(std::string_view name) {
  starts_.push_back(text_.size());
  text_ += name;
  text_ += ':';
  text_ += '\0';
}

curl_slist* HeaderList::list() {
  if (starts_.empty()) return nullptr;
  nodes_.resize(starts_.size());
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    nodes_[i].data = text_.data() + starts_[i];
    nodes_[i].next = i + 1 < starts_.size() ? &nodes_[i + 1] : nullptr;
  }
  return nodes_.data();
}

}  // namespace fconn::http
