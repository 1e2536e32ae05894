#include <algorithm>

#include "interpreter/value/value.hh"

namespace fconn::value {

namespace {

// Blocks after the first double up to this, so a large value costs few allocations.
constexpr std::size_t largest_step = std::size_t{1} << 20U;

std::size_t padding_at(const std::byte* address, std::size_t align) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  return (align - number % align) % align;
}

}  // namespace

void* Arena::allocate(std::size_t size, std::size_t align) {
  used_ += size;
  if (!blocks_.empty()) {
    Block& block = blocks_.back();
    std::byte* next = block.bytes.get() + position_;
    const std::size_t padding = padding_at(next, align);
    if (position_ + padding + size <= block.size) {
      position_ += padding + size;
      return next + padding;
    }
  }
  const std::size_t step = std::min(block_size_ << std::min<std::size_t>(blocks_.size(), 16),
                                    std::max(block_size_, largest_step));
  Block block;
  block.size = std::max(step, size + align);
  block.bytes.reset(new std::byte[block.size]);
  std::byte* first = block.bytes.get();
  blocks_.push_back(std::move(block));
  const std::size_t padding = padding_at(first, align);
  position_ = padding + size;
  return first + padding;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* bytes = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void Arena::reset() {
  if (blocks_.size() > 1) blocks_.resize(1);
  position_ = 0;
  used_ = 0;
}

}  // namespace fconn::value
