#include "interpreter/privacy/strategies.hh"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <optional>

#include "interpreter/eval/encoding.hh"
#include "interpreter/privacy/text_form.hh"
#include "interpreter/value/shared_library.hh"
#include "interpreter/value/value.hh"

namespace fconn::privacy {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

// clang-format off
#define FCONN_MASKING_FUNCTIONS(F) \
  F(EVP_sha256) F(EVP_sha512) F(EVP_Digest) F(HMAC) F(EVP_CIPHER_CTX_new) F(EVP_CIPHER_CTX_free) \
  F(EVP_aes_256_gcm) F(EVP_EncryptInit_ex) F(EVP_EncryptUpdate) F(EVP_EncryptFinal_ex) \
  F(EVP_CIPHER_CTX_ctrl)
// clang-format on
struct Library {
  FCONN_LIBRARY_FUNCTIONS(FCONN_MASKING_FUNCTIONS)
};

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.empty() ? "" : text.data());
}
std::string_view text(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

std::string random_bytes(value::Random& random) {
  std::string out;
  while (out.size() < key_size) {
    const std::uint64_t word = random.next();
    for (unsigned i = 0; i < 8; ++i) out += static_cast<char>((word >> (8 * i)) & 0xFFU);
  }
  return out;
}

value::Secret random_text(value::Random& random) {
  return value::Secret(eval::base64url_text(random_bytes(random)));
}

/// `length` characters of a-z0-9, each equally likely: bytes from 252 on, the largest multiple of
/// 36, are drawn again.
std::string random_string(std::uint32_t length, value::Random& random) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  // A generator that gives nothing but refused bytes is broken; it may not hang the program.
  for (std::uint32_t draws = 0; out.size() < length && draws < length + 1024; ++draws) {
    const std::uint64_t word = random.next();
    for (unsigned i = 0; i < 8 && out.size() < length; ++i) {
      const auto byte = static_cast<unsigned>((word >> (8 * i)) & 0xFFU);
      if (byte < 252) out += alphabet[byte % alphabet.size()];
    }
  }
  out.resize(length, 'a');
  return out;
}

auto refuse(std::string why) {
  return value::fail(value::FailureKind::configuration, std::move(why));
}

std::string quoted(std::string_view plain, std::string_view suffix) {
  std::string out;
  value::append_json_string(std::string(plain) + std::string(suffix), out);
  return out;
}

}  // namespace

MaskingSecrets make_masking_secrets(value::Random& random) {
  MaskingSecrets out;
  out.hash_salt = random_text(random);
  out.hmac_key = random_text(random);
  out.hmac_salt = random_text(random);
  out.aes_key = value::Secret(random_bytes(random));
  out.aes_nonce_key = random_text(random);
  out.aes_nonce_salt = random_text(random);
  return out;
}

bool supports(Strategy strategy, ir::ScalarType type) {
  if (strategy == Strategy::null_value || strategy == Strategy::preserve) return true;
  return type == ir::ScalarType::string || type == ir::ScalarType::host ||
         type == ir::ScalarType::url;
}

struct Strategies::State {
  State(const MaskingSecrets& given, value::Random& source) : secrets(given), random(source) {}

  value::Result<void> load() {
    if (library) return {};
    auto loaded = value::load_library<Library>("libcrypto.so.3", "libssl3");
    if (!loaded) return value::fail(std::move(loaded.error()));
    library = *loaded;
    return {};
  }
  const EVP_MD* algorithm(Digest digest) const {
    return digest == Digest::sha256 ? library->EVP_sha256() : library->EVP_sha512();
  }

  std::optional<std::string> hash(Digest digest, std::string_view data) const {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (library->EVP_Digest(data.data(), data.size(), out, &size, algorithm(digest), nullptr) !=
        1) {
      return std::nullopt;
    }
    return std::string(text(out, size));
  }
  std::optional<std::string> hmac(Digest digest, std::string_view key,
                                  std::string_view data) const {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (library->HMAC(algorithm(digest), bytes(key), static_cast<int>(key.size()), bytes(data),
                      data.size(), out, &size) == nullptr) {
      return std::nullopt;
    }
    return std::string(text(out, size));
  }

  /// Ciphertext and tag; the nonce is authenticated, too. 12 bytes are GCM's own nonce size.
  std::optional<std::string> seal(std::string_view key, std::string_view nonce,
                                  std::string_view data) const {
    EVP_CIPHER_CTX* const cipher = library->EVP_CIPHER_CTX_new();
    std::string out(data.size() + tag_size, '\0');
    auto* const to = reinterpret_cast<unsigned char*>(out.data());
    int written = 0;
    const bool ok = cipher != nullptr &&
                    library->EVP_EncryptInit_ex(cipher, library->EVP_aes_256_gcm(), nullptr,
                                                bytes(key), bytes(nonce)) == 1 &&
                    library->EVP_EncryptUpdate(cipher, nullptr, &written, bytes(nonce),
                                               static_cast<int>(nonce.size())) == 1 &&
                    library->EVP_EncryptUpdate(cipher, to, &written, bytes(data),
                                               static_cast<int>(data.size())) == 1 &&
                    library->EVP_EncryptFinal_ex(cipher, to + data.size(), &written) == 1 &&
                    library->EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG,
                                                 static_cast<int>(tag_size), to + data.size()) == 1;
    library->EVP_CIPHER_CTX_free(cipher);
    if (!ok) return std::nullopt;
    return out;
  }

  std::optional<std::string> keyed(const Mask& mask, std::string_view json) const {
    const std::string plain = text_form(json);
    const auto salted = [&plain](const value::Secret& salt) {
      return plain + std::string(salt.reveal());
    };
    std::optional<std::string> out;
    switch (mask.strategy) {
      case Strategy::hash:
        out = hash(mask.digest, salted(mask.salt ? *mask.salt : secrets.hash_salt));
        if (out) out = eval::hex_text(*out);
        break;
      case Strategy::hmac:
        out = hmac(mask.digest, secrets.hmac_key.reveal(),
                   salted(mask.salt ? *mask.salt : secrets.hmac_salt));
        if (out) out = eval::hex_text(*out);
        break;
      default:
        out = hmac(Digest::sha256, secrets.aes_nonce_key.reveal(), salted(secrets.aes_nonce_salt));
        if (out) out = seal(secrets.aes_key.reveal(), out->substr(0, nonce_size), plain);
        if (out) out = eval::base64_text(*out);
        break;
    }
    return out;
  }

  const MaskingSecrets& secrets;
  value::Random& random;
  std::optional<Library> library;
};

Strategies::Strategies(const MaskingSecrets& secrets, value::Random& random)
    : state_(std::make_unique<State>(secrets, random)) {}
Strategies::~Strategies() = default;

value::Result<std::string> Strategies::apply(const Mask& mask, std::string_view json) {
  switch (mask.strategy) {
    case Strategy::null_value:
      return std::string("null");
    case Strategy::preserve:
      return std::string(json);
    case Strategy::string:
      return quoted(mask.text, mask.suffix);
    case Strategy::random:
      return quoted(random_string(mask.length, state_->random), mask.suffix);
    case Strategy::hash:
    case Strategy::hmac:
    case Strategy::aes:
      break;
  }
  if (json == "null") return std::string("null");
  if (auto loaded = state_->load(); !loaded) return value::fail(loaded.error());
  if (mask.strategy == Strategy::aes && state_->secrets.aes_key.reveal().size() != key_size) {
    return refuse("the key of the strategy `aes` isn't 32 bytes long");
  }
  const auto out = state_->keyed(mask, json);
  if (!out) {
    return refuse("the cryptographic library of this system doesn't offer what `" +
                  std::string(name(mask.strategy)) + "` needs");
  }
  return quoted(*out, mask.suffix);
}

}  // namespace fconn::privacy
