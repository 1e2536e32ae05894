// Where in the JSON form something stands: "collections[2].reads[0].chain.request". Kept as a stack
// while a tree is walked; the text is only made for a failure. Private to ir/.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::ir {

class Place {
 public:
  /// One step deeper for the lifetime of the object. Keys must outlive it.
  class Step {
   public:
    Step(Place& place, std::string_view key) : place_(place) { place_.parts_.push_back({key, 0}); }
    Step(Place& place, std::size_t index) : place_(place) { place_.parts_.push_back({{}, index}); }
    ~Step() { place_.parts_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Place& place_;
  };

  std::string text() const { return text_of(parts_.size()); }
  /// The object that the innermost step went into, and the key that it took.
  std::string parent_text() const { return text_of(parts_.empty() ? 0 : parts_.size() - 1); }
  std::string last_key() const {
    return std::string(parts_.empty() ? std::string_view{} : parts_.back().key);
  }

 private:
  struct Part {
    std::string_view key;  // data() null: an index
    std::size_t index;
  };
  std::string text_of(std::size_t count) const {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      if (parts_[i].key.data() == nullptr) {
        out += '[' + std::to_string(parts_[i].index) + ']';
      } else {
        if (!out.empty()) out += '.';
        out += parts_[i].key;
      }
    }
    return out.empty() ? "document" : out;
  }
  std::vector<Part> parts_;
};

}  // namespace fconn::ir
