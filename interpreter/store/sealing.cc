#include "interpreter/store/sealing.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "interpreter/store/sodium_library.hh"

namespace fconn::store {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

using Sodium = std::shared_ptr<const SodiumLibrary>;

Result<Sodium> start_sodium() {
  auto loaded = value::load_library<SodiumLibrary>("libsodium.so.23", "libsodium23");
  if (!loaded) return fail(loaded.error());
  FCONN_ASSERT(loaded->sodium_init() >= 0, "libsodium doesn't start");
  return std::make_shared<const SodiumLibrary>(*loaded);
}

// As sodium_memzero: not optimised away.
void wipe(void* bytes, std::size_t size) { ::explicit_bzero(bytes, size); }

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string because() { return std::strerror(errno); }

/// What is inside a box: the length of the context, the context, the text.
std::string framed(std::string_view text, std::string_view context) {
  std::string out = std::to_string(context.size()) + ":";
  out += context;
  out += text;
  return out;
}

Result<std::string> read_small(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fail(FailureKind::configuration, "can't read the key file " + path + ": " + because());
  }
  struct stat about {};
  std::string text(256, '\0');
  const bool open_to_others = ::fstat(file, &about) == 0 && (about.st_mode & 077U) != 0;
  const ssize_t got = ::read(file, text.data(), text.size());
  ::close(file);
  if (got < 0) {
    return fail(FailureKind::configuration, "can't read the key file " + path + ": " + because());
  }
  if (open_to_others) {
    return fail(FailureKind::configuration,
                "others can read the key file " + path + "; `chmod 600` it");
  }
  text.resize(static_cast<std::size_t>(got));
  return text;
}

/// Others may make the same file at the same time: the first one wins.
Result<void> create_key_file(const SodiumLibrary& sodium, const std::string& path) {
  unsigned char key[32];
  char hex[65];
  sodium.randombytes_buf(key, sizeof key);
  sodium.sodium_bin2hex(hex, sizeof hex, key, sizeof key);
  hex[64] = '\n';
  const std::string temporary = path + "." + std::to_string(::getpid());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool wrote = file >= 0 && ::write(file, hex, 65) == 65 && ::fsync(file) == 0;
  const std::string why = because();
  if (file >= 0) ::close(file);
  const bool linked = wrote && (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const std::string why_not = wrote ? because() : why;
  ::unlink(temporary.c_str());
  wipe(key, sizeof key);
  wipe(hex, sizeof hex);
  if (linked) return {};
  return fail(FailureKind::output, "can't make the key file " + path + ": " + why_not);
}

}  // namespace

StoreKey::~StoreKey() { wipe(bytes_.data(), bytes_.size()); }

Result<StoreKey> StoreKey::parse(std::string_view text) {
  auto sodium = start_sodium();
  if (!sodium) return fail(sodium.error());
  text = trimmed(text);
  StoreKey key;
  key.sodium_ = *sodium;
  std::size_t size = 0;
  const auto whole = [&](int result) { return result == 0 && size == key.bytes_.size(); };
  if (whole((*sodium)->sodium_hex2bin(key.bytes_.data(), key.bytes_.size(), text.data(),
                                      text.size(), nullptr, &size, nullptr))) {
    return key;
  }
  if (whole((*sodium)->sodium_base642bin(key.bytes_.data(), key.bytes_.size(), text.data(),
                                         text.size(), nullptr, &size, nullptr,
                                         sodium_base64_VARIANT_ORIGINAL))) {
    return key;
  }
  return fail(FailureKind::configuration,
              "the store's key must be 32 random bytes, as 64 hexadecimal digits or base64; "
              "`openssl rand -hex 32` makes one");
}

Result<StoreKey> StoreKey::from_file(const std::string& path, bool create) {
  auto sodium = start_sodium();
  if (!sodium) return fail(sodium.error());
  if (create && ::access(path.c_str(), F_OK) != 0) {
    if (auto made = create_key_file(**sodium, path); !made) return fail(made.error());
  }
  auto text = read_small(path);
  if (!text) return fail(text.error());
  auto key = parse(*text);
  wipe(text->data(), text->size());
  if (!key) return fail(FailureKind::configuration, path + ": " + key.error().text);
  return key;
}

std::string Sealer::seal(std::string_view text, std::string_view context) const {
  std::string plain = framed(text, context);
  std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size(), '\0');
  key_.sodium_->randombytes_buf(sealed.data(), crypto_secretbox_NONCEBYTES);
  key_.sodium_->crypto_secretbox_easy(bytes(sealed) + crypto_secretbox_NONCEBYTES,
                                      bytes(std::string_view(plain)), plain.size(), bytes(sealed),
                                      key_.bytes_.data());
  wipe(plain.data(), plain.size());
  return sealed;
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  constexpr std::size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (sealed.size() < overhead) return std::nullopt;
  std::string plain(sealed.size() - overhead, '\0');
  if (key_.sodium_->crypto_secretbox_open_easy(
          bytes(plain), bytes(sealed) + crypto_secretbox_NONCEBYTES,
          sealed.size() - crypto_secretbox_NONCEBYTES, bytes(sealed), key_.bytes_.data()) != 0) {
    return std::nullopt;
  }
  std::string frame = framed({}, context);
  std::optional<std::string> text;
  if (plain.starts_with(frame)) text = plain.substr(frame.size());
  wipe(plain.data(), plain.size());
  return text;
}

std::string Sealer::fingerprint(std::string_view text) const {
  std::string hash(32, '\0');
  key_.sodium_->crypto_generichash(bytes(hash), hash.size(), bytes(text), text.size(),
                                   key_.bytes_.data(), key_.bytes_.size());
  return hash;
}

Result<std::string> digest(std::string_view text) {
  auto sodium = start_sodium();
  if (!sodium) return fail(sodium.error());
  std::string hash(32, '\0');
  (*sodium)->crypto_generichash(bytes(hash), hash.size(), bytes(text), text.size(), nullptr, 0);
  return hex(hash);
}

Result<std::string> to_base64(std::string_view raw) {
  auto sodium = start_sodium();
  if (!sodium) return fail(sodium.error());
  std::string text(sodium_base64_ENCODED_LEN(raw.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  (*sodium)->sodium_bin2base64(text.data(), text.size(), bytes(raw), raw.size(),
                               sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // its NUL
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  auto sodium = start_sodium();
  if (!sodium) return std::nullopt;
  std::string raw(text.size(), '\0');
  std::size_t size = 0;
  if ((*sodium)->sodium_base642bin(bytes(raw), raw.size(), text.data(), text.size(), nullptr, &size,
                                   nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  raw.resize(size);
  return raw;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace fconn::store
