#include "interpreter/rows/structural_index.hh"

#include <simdjson.h>

#include <algorithm>

#include "interpreter/rows/json_reader.hh"

namespace fconn::rows {

static_assert(padding >= simdjson::SIMDJSON_PADDING);

namespace {
constexpr std::size_t smallest_capacity = std::size_t{16} << 10U;

std::size_t capacity_for(std::size_t length) {
  std::size_t capacity = smallest_capacity;
  while (capacity < length) capacity *= 2;
  return std::min<std::size_t>(capacity, simdjson::SIMDJSON_MAXSIZE_BYTES);
}
}  // namespace

struct StructuralIndex::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

StructuralIndex::StructuralIndex() : impl_(std::make_unique<Impl>()) {}
StructuralIndex::~StructuralIndex() = default;

StructuralIndex::Outcome StructuralIndex::build(const char* text, std::size_t length) {
  auto& parser = impl_->parser;
  if (!parser || parser->capacity() < length) {
    parser.reset();  // the old index goes before the new one comes
    // Stage 2 is never run, so its stack stays at one level.
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity_for(length), 1, parser) != simdjson::SUCCESS) {
      parser.reset();
      return Outcome::memory;
    }
  }
  switch (parser->stage1(reinterpret_cast<const std::uint8_t*>(text), length,
                         simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
      return Outcome::ready;
    case simdjson::EMPTY:
      return Outcome::empty;
    case simdjson::UNESCAPED_CHARS:
      return Outcome::control_character;
    case simdjson::UNCLOSED_STRING:
      return Outcome::open_string;
    case simdjson::UTF8_ERROR:
      return Outcome::bad_utf8;
    default:
      return Outcome::memory;
  }
}

const std::uint32_t* StructuralIndex::positions() const {
  return impl_->parser->structural_indexes.get();
}

std::uint32_t StructuralIndex::count() const { return impl_->parser->n_structural_indexes; }

}  // namespace fconn::rows
