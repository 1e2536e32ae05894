#include <algorithm>
#include <cstring>

#include "interpreter/rows/body_walker.hh"
#include "interpreter/rows/fault.hh"
#include "interpreter/rows/json_reader.hh"
#include "interpreter/rows/structural_index.hh"

namespace fconn::rows {

namespace {

constexpr std::uint64_t largest_value = std::uint64_t{1} << 30U;  // index positions have 32 bits
constexpr std::uint32_t smallest_window = 16;

ReaderLimits within_reach(ReaderLimits limits) {
  limits.max_row_bytes = std::min(limits.max_row_bytes, largest_value);
  limits.max_envelope_bytes = std::min(limits.max_envelope_bytes, largest_value);
  limits.window_bytes = std::max(limits.window_bytes, smallest_window);
  return limits;
}

/// Where to end a window of `size` bytes that more will follow: best behind a `}`, as that lies
/// outside strings nearly always; never in a UTF-8 sequence nor behind a backslash.
std::size_t window_end(const char* text, std::size_t size) {
  const void* brace = memrchr(text, '}', size);
  if (brace != nullptr) {
    const auto end = static_cast<std::size_t>(static_cast<const char*>(brace) - text) + 1;
    if (end > size / 2) return end;
  }
  std::size_t end = size;
  for (std::size_t back = 1; back <= 3 && back <= size; ++back) {
    const auto byte = static_cast<std::uint8_t>(text[size - back]);
    if ((byte & 0xC0U) == 0x80U) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    if (length > back) end = size - back;
    break;
  }
  while (end > 0 && text[end - 1] == '\\') --end;
  return end;
}

}  // namespace

struct JsonStream::State {
  State(const CompiledProjection& projection, RowHandler& handler, const ReaderLimits& limits_in)
      : limits(limits_in), walker(limits), buffer(limits.window_bytes + padding) {
    walker.start(projection, handler, true);
  }

  bool begin();
  bool process(bool final);
  bool settle(std::size_t consumed, std::size_t seen);
  StructuralIndex::Outcome build_index(std::size_t& length, bool final);
  bool fail(value::Failure reason) {
    failure = std::move(reason);
    return false;
  }
  std::size_t capacity() const { return buffer.size() - padding; }

  ReaderLimits limits;
  BodyWalker walker;
  StructuralIndex index;
  std::vector<char> buffer;  // the window, with `padding` bytes behind it
  std::size_t size = 0;      // bytes in the window
  std::uint64_t base = 0;    // offset of the window in the body
  bool begun = false;
  std::string first_row, last_row;
  std::optional<value::Failure> failure;
};

/// The body's first bytes: a byte order mark, and what can't be JSON.
bool JsonStream::State::begin() {
  begun = true;
  std::string_view start(buffer.data(), std::min<std::size_t>(size, 64));
  if (start.starts_with("\xEF\xBB\xBF")) {
    std::memmove(buffer.data(), buffer.data() + 3, size - 3);
    size -= 3;
    base = 3;
    start.remove_suffix(3);
  }
  if (value::Result<void> checked = check_start(start, base); !checked) {
    return fail(std::move(checked.error()));
  }
  return true;
}

/// Indexes the window's first `length` bytes. A string that goes on behind it gets a closing quote
/// over the next byte, and `length` one more; its token is never taken for whole.
StructuralIndex::Outcome JsonStream::State::build_index(std::size_t& length, bool final) {
  StructuralIndex::Outcome outcome = index.build(buffer.data(), length);
  if (outcome == StructuralIndex::Outcome::open_string && !final) {
    buffer[length++] = '"';
    outcome = index.build(buffer.data(), length);
  }
  return outcome;
}

bool JsonStream::State::process(bool final) {
  if (!begun && !begin()) return false;
  const std::size_t seen = final ? size : window_end(buffer.data(), size);
  std::size_t length = seen;
  const char covered = buffer[seen];
  const StructuralIndex::Outcome outcome = build_index(length, final);
  const bool empty = outcome == StructuralIndex::Outcome::empty;
  if (!empty && outcome != StructuralIndex::Outcome::ready) {
    return fail(index_fault(outcome, {buffer.data(), length}, base));
  }
  if (empty && final && walker.untouched()) return fail(empty_body());

  Window window;
  window.text = buffer.data();
  window.length = static_cast<std::uint32_t>(length);
  window.count = empty ? 0 : index.count();
  window.index = empty ? nullptr : index.positions();
  window.base = base;
  window.final = final;
  const Walk walk = walker.run(window);
  buffer[seen] = covered;
  if (walk == Walk::bad) return fail(walker.take_failure());
  if (first_row.empty()) first_row = walker.first_row();
  if (!walker.last_row().empty()) last_row = walker.last_row();
  return final || settle(walker.consumed(), seen);
}

/// Drops what is done with, and makes room for as much again, so that no byte is read often.
bool JsonStream::State::settle(std::size_t consumed, std::size_t seen) {
  const std::uint64_t limit = walker.in_row() ? limits.max_row_bytes : limits.max_envelope_bytes;
  if (consumed == 0 && seen > limit) {
    return fail(walker.in_row()
                    ? over_limit("a row of the response", "max_row_bytes", limit)
                    : over_limit("a value beside the rows", "max_envelope_bytes", limit));
  }
  size -= consumed;
  base += consumed;
  std::memmove(buffer.data(), buffer.data() + consumed, size);
  if (size > capacity() / 2) buffer.resize(capacity() * 2 + padding);
  return true;
}

JsonStream::JsonStream(const CompiledProjection& projection, RowHandler& handler,
                       ReaderLimits limits) {
  FCONN_ASSERT(streamable(projection.projection()), "this projection needs the whole body");
  state_ = std::make_unique<State>(projection, handler, within_reach(limits));
}
JsonStream::~JsonStream() = default;

value::Result<void> JsonStream::feed(std::string_view chunk) {
  State& state = *state_;
  while (!chunk.empty() && !state.failure) {
    const std::size_t taken = std::min(chunk.size(), state.capacity() - state.size);
    std::memcpy(state.buffer.data() + state.size, chunk.data(), taken);
    state.size += taken;
    chunk.remove_prefix(taken);
    if (state.size == state.capacity()) state.process(false);
  }
  if (state.failure) return value::fail(*state.failure);
  return {};
}

value::Result<Envelope> JsonStream::finish() {
  State& state = *state_;
  if (!state.failure) state.process(true);
  if (state.failure) return value::fail(*state.failure);
  return Envelope{state.walker.body_cells(), state.walker.rows(), state.first_row, state.last_row,
                  state.walker.rows_missing()};
}

}  // namespace fconn::rows
