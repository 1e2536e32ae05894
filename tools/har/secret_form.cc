#include "tools/har/secret_form.hh"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "interpreter/eval/encoding.hh"
#include "interpreter/value/shared_library.hh"

namespace fconn::har {
namespace {

constexpr std::size_t shortest_encoded = 16;  // a shorter one is base64 by chance
constexpr std::size_t longest_ec_key = 400;   // bytes of PEM; RSA keys in PKCS#8 are longer

// clang-format off
#define FCONN_KEY_FUNCTIONS(F) \
  F(EVP_PKEY_Q_keygen) F(EVP_PKEY_free) F(PEM_write_bio_PrivateKey) F(BIO_new) F(BIO_s_mem) F(BIO_read) F(BIO_free)
// clang-format on
struct KeyLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_KEY_FUNCTIONS)
};

value::Result<std::string> make_key(bool rsa) {
  auto library = value::load_library<KeyLibrary>("libcrypto.so.3", "libssl3");
  if (!library) return value::fail(library.error());
  EVP_PKEY* key =
      rsa ? library->EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
          : library->EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", static_cast<const char*>("P-256"));
  BIO* out = library->BIO_new(library->BIO_s_mem());
  std::string pem;
  if (key != nullptr && out != nullptr &&
      library->PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr) == 1) {
    char chunk[4096];
    for (int n = library->BIO_read(out, chunk, sizeof chunk); n > 0;
         n = library->BIO_read(out, chunk, sizeof chunk)) {
      pem.append(chunk, static_cast<std::size_t>(n));
    }
  }
  if (out != nullptr) library->BIO_free(out);
  library->EVP_PKEY_free(key);
  if (pem.empty()) {
    return value::fail(value::FailureKind::configuration, "a private key can't be made");
  }
  return pem;
}

}  // namespace

std::string form_of_secret(std::string_view secret) {
  if (secret.starts_with("-----BEGIN")) {
    const bool ec =
        secret.find(" EC PRIVATE KEY") != std::string_view::npos ||
        (secret.find(" RSA ") == std::string_view::npos && secret.size() < longest_ec_key);
    return ec ? "ec" : "rsa";
  }
  if (secret.size() < shortest_encoded) return "text";
  if (eval::hex_bytes(secret)) return "hex";
  if (eval::base64_bytes(secret, "+/") || eval::base64_bytes(secret, "-_")) return "base64";
  return "text";
}

value::Result<std::string> secret_of_form(std::string_view form, const std::string& name) {
  const std::string text = "secret-" + name;
  if (form == "rsa" || form == "ec") return make_key(form == "rsa");
  if (form == "hex") return eval::hex_text(text);
  if (form == "base64") return eval::base64url_text(text);
  return text;
}

}  // namespace fconn::har
