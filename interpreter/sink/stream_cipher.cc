#include "interpreter/sink/stream_cipher.hh"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::sink {
namespace {

constexpr std::size_t block = 16;  // of AES

// clang-format off
#define FCONN_CIPHER_FUNCTIONS(F) \
  F(EVP_CIPHER_CTX_new) F(EVP_CIPHER_CTX_free) F(EVP_aes_256_ctr) F(EVP_EncryptInit_ex) \
  F(EVP_EncryptUpdate) F(RAND_bytes) F(OPENSSL_cleanse)
// clang-format on
struct Library {
  FCONN_LIBRARY_FUNCTIONS(FCONN_CIPHER_FUNCTIONS)
};

}  // namespace

struct StreamCipher::State {
  explicit State(const Library& loaded) : crypto(loaded), cipher(crypto.EVP_CIPHER_CTX_new()) {}
  ~State() {
    crypto.EVP_CIPHER_CTX_free(cipher);
    crypto.OPENSSL_cleanse(key, sizeof key);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const Library crypto;
  EVP_CIPHER_CTX* cipher;
  unsigned char key[32] = {};
};

StreamCipher::StreamCipher(std::unique_ptr<State> state) : state_(std::move(state)) {}
StreamCipher::~StreamCipher() = default;
StreamCipher::StreamCipher(StreamCipher&&) noexcept = default;
StreamCipher& StreamCipher::operator=(StreamCipher&&) noexcept = default;

value::Result<StreamCipher> StreamCipher::make() {
  auto library = value::load_library<Library>("libcrypto.so.3", "libssl3");
  if (!library) return value::fail(std::move(library.error()));
  auto state = std::make_unique<State>(*library);
  if (state->cipher == nullptr || library->RAND_bytes(state->key, sizeof state->key) != 1) {
    return value::fail(value::FailureKind::output, "no key for temporary files can be made");
  }
  return StreamCipher(std::move(state));
}

void StreamCipher::apply(std::uint64_t offset, std::string_view in, char* out) {
  // The counter is the block's number in the file.
  unsigned char counter[block] = {};
  const std::uint64_t number = offset / block;
  for (unsigned i = 0; i < 8; ++i) {
    counter[block - 1 - i] = static_cast<unsigned char>(number >> (8 * i));
  }
  const Library& crypto = state_->crypto;
  const unsigned char passed_over[block] = {};
  unsigned char ignored[block];
  int written = 0;
  const bool ok =
      crypto.EVP_EncryptInit_ex(state_->cipher, crypto.EVP_aes_256_ctr(), nullptr, state_->key,
                                counter) == 1 &&
      crypto.EVP_EncryptUpdate(state_->cipher, ignored, &written, passed_over,
                               static_cast<int>(offset % block)) == 1 &&
      crypto.EVP_EncryptUpdate(state_->cipher, reinterpret_cast<unsigned char*>(out), &written,
                               reinterpret_cast<const unsigned char*>(in.data()),
                               static_cast<int>(in.size())) == 1;
  FCONN_ASSERT(ok && static_cast<std::size_t>(written) == in.size(), "AES-CTR can't fail");
}

}  // namespace fconn::sink
