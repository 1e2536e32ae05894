#include "interpreter/run/staging.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "interpreter/sink/stream_cipher.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

void put(std::string& out, std::uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::uint64_t get(std::string_view& in) {
  std::uint64_t number = 0;
  FCONN_ASSERT(in.size() >= sizeof number, "staged page is whole");
  std::memcpy(&number, in.data(), sizeof number);
  in.remove_prefix(sizeof number);
  return number;
}

std::string_view take_bytes(std::string_view& in, std::size_t size) {
  FCONN_ASSERT(in.size() >= size, "staged page is whole");
  const std::string_view bytes = in.substr(0, size);
  in.remove_prefix(size);
  return bytes;
}

/// Page to bytes and back; host byte order, as the file never leaves the process.
void serialize(const Page& page, std::string& out) {
  put(out, page.rows.size());
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    end += page.rows.row(i).size();
    put(out, end);
    put(out, page.rows.hash(i).high);
    put(out, page.rows.hash(i).low);
    put(out, page.rows.hash(i).content);
  }
  put(out, page.cell_ends.size());
  for (const std::uint32_t cell_end : page.cell_ends) put(out, cell_end);
  put(out, page.rows.bytes());
  for (std::size_t i = 0; i < page.rows.size(); ++i) out.append(page.rows.row(i));
  put(out, page.cells.size());
  out.append(page.cells);
}

void deserialize(std::string_view in, Page& page) {
  page.clear();
  const std::uint64_t count = get(in);
  struct Row {
    std::uint64_t end;
    value::RowHash hash;
  };
  std::vector<Row> rows(count);
  for (Row& row : rows) {
    row.end = get(in);
    row.hash.high = get(in);
    row.hash.low = static_cast<std::uint32_t>(get(in));
    row.hash.content = static_cast<std::uint32_t>(get(in));
  }
  page.cell_ends.resize(get(in));
  for (std::uint32_t& end : page.cell_ends) end = static_cast<std::uint32_t>(get(in));
  const std::string_view text = take_bytes(in, get(in));
  std::size_t begin = 0;
  for (const Row& row : rows) {
    page.rows.text().append(text.substr(begin, row.end - begin));
    page.rows.end_row(row.hash);
    begin = row.end;
  }
  page.cells.assign(take_bytes(in, get(in)));
}

}  // namespace

struct Staging::State {
  explicit State(std::size_t limit) : memory_limit(limit) {}
  ~State() {
    if (fd >= 0) ::close(fd);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Result<void> open_file();
  Result<void> spill(const Page& page);

  std::size_t memory_limit;
  std::vector<Page> pages;
  std::size_t bytes = 0;
  int fd = -1;
  std::optional<sink::StreamCipher> cipher;
  struct Extent {
    std::uint64_t offset, size;
  };
  std::vector<Extent> extents;
  std::uint64_t file_size = 0;
  std::string plain, sealed;
};

Result<void> Staging::State::open_file() {
  auto made = sink::StreamCipher::make();
  if (!made) return fail(std::move(made.error()));
  cipher = std::move(*made);
  const char* directory = std::getenv("TMPDIR");
  std::string path = directory != nullptr && *directory != '\0' ? directory : "/tmp";
  fd = ::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    path += "/fconn-XXXXXX";
    fd = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(path.c_str());
  }
  if (fd < 0) {
    return fail(FailureKind::output,
                std::string("a temporary file for a large response can't be made: ") +
                    std::strerror(errno));
  }
  return {};
}

Result<void> Staging::State::spill(const Page& page) {
  if (fd < 0) {
    if (auto opened = open_file(); !opened) return opened;
  }
  plain.clear();
  serialize(page, plain);
  sealed.resize(plain.size());
  cipher->apply(file_size, plain, sealed.data());
  std::size_t written = 0;
  while (written < sealed.size()) {
    const ssize_t n = ::pwrite(fd, sealed.data() + written, sealed.size() - written,
                               static_cast<off_t>(file_size + written));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      return fail(FailureKind::output,
                  std::string("the temporary file for a large response can't be written: ") +
                      std::strerror(errno));
    }
    written += static_cast<std::size_t>(n);
  }
  extents.push_back({file_size, sealed.size()});
  file_size += sealed.size();
  return {};
}

Staging::Staging(std::size_t memory_limit) : state_(std::make_unique<State>(memory_limit)) {}
Staging::~Staging() = default;
Staging::Staging(Staging&&) noexcept = default;
Staging& Staging::operator=(Staging&&) noexcept = default;

bool Staging::spilled() const { return !state_->extents.empty(); }

Result<void> Staging::add(Page& page) {
  State& s = *state_;
  // Once one page is in the file, all that follow go there: order is file order.
  if (s.extents.empty() && s.bytes + page.bytes() <= s.memory_limit) {
    s.bytes += page.bytes();
    s.pages.push_back(std::move(page));
    page = Page{};
    return {};
  }
  if (auto spilled = s.spill(page); !spilled) return spilled;
  page.clear();
  return {};
}

Result<void> Staging::release(const std::function<Result<void>(Page&)>& take) {
  State& s = *state_;
  for (Page& page : s.pages) {
    if (auto taken = take(page); !taken) return taken;
  }
  s.pages.clear();
  s.bytes = 0;
  Page page;
  for (const State::Extent& extent : s.extents) {
    s.sealed.resize(extent.size);
    std::size_t have = 0;
    while (have < extent.size) {
      const ssize_t n = ::pread(s.fd, s.sealed.data() + have, extent.size - have,
                                static_cast<off_t>(extent.offset + have));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        return fail(FailureKind::output, "the temporary file for a large response can't be read");
      }
      have += static_cast<std::size_t>(n);
    }
    s.plain.resize(extent.size);
    s.cipher->apply(extent.offset, s.sealed, s.plain.data());
    deserialize(s.plain, page);
    if (auto taken = take(page); !taken) return taken;
  }
  s.extents.clear();
  return {};
}

}  // namespace fconn::run
