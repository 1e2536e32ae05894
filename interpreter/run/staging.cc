#include "interpreter/run/staging.hh"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cstring>
#include <string>

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
    if (cipher != nullptr) EVP_CIPHER_CTX_free(cipher);
    OPENSSL_cleanse(key, sizeof key);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Result<void> open_file();
  Result<void> spill(const Page& page);
  Result<void> crypt(std::uint64_t block, const std::string& in, std::string& out);

  std::size_t memory_limit;
  std::vector<Page> pages;
  std::size_t bytes = 0;
  int fd = -1;
  EVP_CIPHER_CTX* cipher = nullptr;
  unsigned char key[32] = {};
  struct Extent {
    std::uint64_t offset, size;
  };
  std::vector<Extent> extents;
  std::uint64_t file_size = 0;
  std::string plain, sealed;
};

Result<void> Staging::State::open_file() {
  const char* directory = std::getenv("TMPDIR");
  std::string path = directory != nullptr && *directory != '\0' ? directory : "/tmp";
  fd = ::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    path += "/fconn-XXXXXX";
    fd = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(path.c_str());
  }
  cipher = EVP_CIPHER_CTX_new();
  if (fd < 0 || cipher == nullptr || RAND_bytes(key, sizeof key) != 1) {
    return fail(FailureKind::output,
                std::string("a temporary file for a large response can't be made: ") +
                    std::strerror(errno));
  }
  return {};
}

Result<void> Staging::State::crypt(std::uint64_t block, const std::string& in, std::string& out) {
  // The counter starts at the extent's offset in blocks, so no two bytes share key stream.
  unsigned char iv[16] = {};
  for (int i = 0; i < 8; ++i) iv[15 - i] = static_cast<unsigned char>(block >> (8 * i));
  out.resize(in.size());
  int written = 0;
  const bool ok = EVP_EncryptInit_ex(cipher, EVP_aes_256_ctr(), nullptr, key, iv) == 1 &&
                  EVP_EncryptUpdate(cipher, reinterpret_cast<unsigned char*>(out.data()), &written,
                                    reinterpret_cast<const unsigned char*>(in.data()),
                                    static_cast<int>(in.size())) == 1;
  FCONN_ASSERT(ok && static_cast<std::size_t>(written) == in.size(), "AES-CTR can't fail");
  return {};
}

Result<void> Staging::State::spill(const Page& page) {
  if (fd < 0) {
    if (auto opened = open_file(); !opened) return opened;
  }
  plain.clear();
  serialize(page, plain);
  plain.resize((plain.size() + 15) / 16 * 16);  // whole cipher blocks: offsets stay aligned
  if (auto done = crypt(file_size / 16, plain, sealed); !done) return done;
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
    if (auto done = s.crypt(extent.offset / 16, s.sealed, s.plain); !done) return done;
    deserialize(s.plain, page);
    if (auto taken = take(page); !taken) return taken;
  }
  s.extents.clear();
  return {};
}

}  // namespace fconn::run
