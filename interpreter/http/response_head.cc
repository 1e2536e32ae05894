#include "interpreter/http/response_head.hh"

#include <charconv>

#include "interpreter/http/text.hh"

namespace fconn::http {
namespace {

int read_status(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  int status = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  return status;
}

}  // namespace

void ResponseHead::clear() {
  lines_.clear();
  status_ = 0;
}

bool ResponseHead::add(std::string_view line) {
  if (line.substr(0, 5) == "HTTP/") {
    lines_.clear();
    status_ = read_status(line);
    return false;
  }
  if (line == "\r\n" || line == "\n") return status_ >= 200;
  lines_ += line;
  if (line.back() != '\n') lines_ += '\n';
  return false;
}

const Headers& ResponseHead::fields() {
  std::string_view rest = lines_;
  std::size_t count = 0;
  bool last_kept = false;  // a folded line belongs to the line before, also when that is no field
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.front() == ' ' || line.front() == '\t') {  // a folded line, RFC 9112 section 5.2
      if (last_kept) fields_[count - 1].value.append(" ").append(trim(line));
      continue;
    }
    last_kept = false;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !valid_name(line.substr(0, colon))) continue;
    if (fields_.size() <= count) fields_.emplace_back();
    fields_[count].name.assign(line.substr(0, colon));
    fields_[count].value.assign(trim(line.substr(colon + 1)));
    ++count;
    last_kept = true;
  }
  fields_.resize(count);
  for (HeaderField& field : fields_) {  // RFC 9110 section 5.5: control bytes become spaces
    for (char& c : field.value) {
      if (c == '\r' || c == '\0') c = ' ';
    }
  }
  return fields_;
}

}  // namespace fconn::http
