#include "interpreter/rows/json_reader.hh"

#include <simdjson.h>

#include <limits>

#include "interpreter/rows/body_walker.hh"
#include "interpreter/rows/fault.hh"
#include "interpreter/rows/structural_index.hh"

namespace fconn::rows {

struct JsonReader::State {
  explicit State(const ReaderLimits& limits) : walker(limits) {}
  StructuralIndex index;
  BodyWalker walker;
};

JsonReader::JsonReader(ReaderLimits limits) : state_(std::make_unique<State>(limits)) {}
JsonReader::~JsonReader() = default;

value::Result<Envelope> JsonReader::read(std::string_view body,
                                         const CompiledProjection& projection,
                                         RowHandler& handler) {
  constexpr std::uint64_t longest = std::numeric_limits<std::uint32_t>::max() - padding;
  if (body.size() > longest) {
    return value::fail(over_limit("the response's body", "the reader", longest));
  }
  const std::size_t mark = body.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::string_view text = body.substr(mark);
  if (value::Result<void> start = check_start(text.substr(0, 64), mark); !start) {
    return value::fail(std::move(start.error()));
  }
  const StructuralIndex::Outcome outcome = state_->index.build(text.data(), text.size());
  if (outcome == StructuralIndex::Outcome::empty) return value::fail(empty_body());
  if (outcome != StructuralIndex::Outcome::ready) {
    return value::fail(index_fault(outcome, text, mark));
  }

  Window window;
  window.text = text.data();
  window.length = static_cast<std::uint32_t>(text.size());
  window.index = state_->index.positions();
  window.count = state_->index.count();
  window.base = mark;
  BodyWalker& walker = state_->walker;
  walker.start(projection, handler, false);
  if (walker.run(window) != Walk::done) return value::fail(walker.take_failure());
  return Envelope{walker.body_cells(), walker.rows(), walker.first_row(), walker.last_row(),
                  walker.rows_missing()};
}

void append_minified(std::string_view json, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + json.size() + padding);
  std::size_t length = 0;
  const simdjson::error_code error = simdjson::get_active_implementation()->minify(
      reinterpret_cast<const std::uint8_t*>(json.data()), json.size(),
      reinterpret_cast<std::uint8_t*>(out.data() + begin), length);
  // Only a string that never ends can make it fail, and valid text holds none.
  out.resize(begin + (error == simdjson::SUCCESS ? length : 0));
}

}  // namespace fconn::rows
