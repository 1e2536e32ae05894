#include "interpreter/formats/ndjson.hh"

namespace fconn::formats {

using value::Result;

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class NdjsonDecoder final : public Decoder {
 public:
  Result<void> feed(std::string_view bytes, std::string& out) override {
    while (mark_ < byte_order_mark.size() && !bytes.empty() &&
           bytes.front() == byte_order_mark[mark_]) {
      bytes.remove_prefix(1);
      ++mark_;
    }
    if (!bytes.empty()) mark_ = byte_order_mark.size();
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      if (in_line_ || part.find_first_not_of(" \t\r") != std::string_view::npos) {
        if (!in_line_) out += opened_ ? ",\n" : "[";
        opened_ = in_line_ = true;
        out.append(part);
      }
      if (end == std::string_view::npos) break;
      in_line_ = false;
      bytes.remove_prefix(end + 1);
    }
    return {};
  }

  Result<void> finish(std::string& out) override {
    out += opened_ ? "]" : "[]";
    return {};
  }

 private:
  std::size_t mark_ = 0;  // bytes of the mark that were skipped
  bool opened_ = false;   // the list is
  bool in_line_ = false;
};

}  // namespace

std::unique_ptr<Decoder> ndjson_decoder() { return std::make_unique<NdjsonDecoder>(); }

}  // namespace fconn::formats
