#include "interpreter/eval/signing.hh"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "interpreter/eval/crypto_library.hh"

namespace fconn::eval {

using value::fail;
using value::FailureKind;
using value::Result;

namespace {

enum class Family : std::uint8_t { hmac, rsa, pss, ecdsa, eddsa };

struct Algorithm {
  std::string_view name;
  Family family;
  const EVP_MD* (*CryptoLibrary::*digest)();
  std::string_view curve = {};  // OpenSSL's name of it
  int coordinate = 0;           // bytes of r and of s
};

constexpr std::array<Algorithm, 13> algorithms = {{
    {"HS256", Family::hmac, &CryptoLibrary::EVP_sha256},
    {"HS384", Family::hmac, &CryptoLibrary::EVP_sha384},
    {"HS512", Family::hmac, &CryptoLibrary::EVP_sha512},
    {"RS256", Family::rsa, &CryptoLibrary::EVP_sha256},
    {"RS384", Family::rsa, &CryptoLibrary::EVP_sha384},
    {"RS512", Family::rsa, &CryptoLibrary::EVP_sha512},
    {"PS256", Family::pss, &CryptoLibrary::EVP_sha256},
    {"PS384", Family::pss, &CryptoLibrary::EVP_sha384},
    {"PS512", Family::pss, &CryptoLibrary::EVP_sha512},
    {"ES256", Family::ecdsa, &CryptoLibrary::EVP_sha256, "prime256v1", 32},
    {"ES384", Family::ecdsa, &CryptoLibrary::EVP_sha384, "secp384r1", 48},
    {"ES512", Family::ecdsa, &CryptoLibrary::EVP_sha512, "secp521r1", 66},
    {"EdDSA", Family::eddsa, nullptr},
}};

template <auto Free>
struct Release {
  const CryptoLibrary* crypto;
  template <class T>
  void operator()(T* pointer) const {
    (crypto->*Free)(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<&CryptoLibrary::EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Release<&CryptoLibrary::EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Release<&CryptoLibrary::BIO_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Release<&CryptoLibrary::ECDSA_SIG_free>>;

auto refuse(std::string text) { return fail(FailureKind::shape, std::move(text)); }

/// Asked when a key is encrypted; without it OpenSSL would ask at the terminal.
int no_password(char*, int, int, void*) { return -1; }

/// A key that came through a form or an environment variable often has `\n` for its line breaks; a
/// backslash can't stand in PEM otherwise.
std::string with_line_breaks(std::string_view pem) {
  std::string out;
  for (std::size_t i = 0; i < pem.size(); ++i) {
    if (pem[i] == '\\' && i + 1 < pem.size() && pem[i + 1] == 'n') {
      out += '\n';
      ++i;
    } else {
      out += pem[i];
    }
  }
  return out;
}

Result<Key> private_key(const CryptoLibrary& crypto, std::string_view text) {
  const std::string pem = with_line_breaks(text);
  if (pem.find("ENCRYPTED") != std::string::npos) {
    return refuse("the private key is encrypted; write it without a password");
  }
  if (pem.find("PRIVATE KEY-----") == std::string::npos) {
    return refuse("the key isn't a private key in PEM (-----BEGIN … PRIVATE KEY-----)");
  }
  if (pem.size() > 1U << 20U) return refuse("the key is too long for a private key in PEM");
  const Bio bio(crypto.BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), {&crypto});
  EVP_PKEY* read =
      bio ? crypto.PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr;
  Key key(read, {&crypto});
  if (!key)
    return refuse("the private key can't be read: its PEM is damaged or of an unknown kind");
  return key;
}

Result<void> check_kind(const CryptoLibrary& crypto, const Algorithm& algorithm, EVP_PKEY* key) {
  const int kind = crypto.EVP_PKEY_get_base_id(key);
  const std::string name(algorithm.name);
  switch (algorithm.family) {
    case Family::hmac:
      break;
    case Family::rsa:
    case Family::pss:
      if (kind != EVP_PKEY_RSA && !(kind == EVP_PKEY_RSA_PSS && algorithm.family == Family::pss)) {
        return refuse(name + " needs an RSA key, and this is another kind of key");
      }
      break;
    case Family::ecdsa: {
      std::array<char, 64> group{};
      std::size_t length = 0;
      const bool named = kind == EVP_PKEY_EC && crypto.EVP_PKEY_get_group_name(
                                                    key, group.data(), group.size(), &length) == 1;
      if (!named || std::string_view(group.data(), length) != algorithm.curve) {
        return refuse(name + " needs an elliptic curve key on " + std::string(algorithm.curve) +
                      ", and this is another kind of key");
      }
      break;
    }
    case Family::eddsa:
      if (kind != EVP_PKEY_ED25519 && kind != EVP_PKEY_ED448) {
        return refuse(name + " needs an Ed25519 or Ed448 key, and this is another kind of key");
      }
      break;
  }
  return {};
}

/// RFC 7518, section 3.4.
Result<std::string> jose_form(const CryptoLibrary& crypto, const std::string& der, int coordinate) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaSignature pair(crypto.d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())),
                            {&crypto});
  std::string out(static_cast<std::size_t>(coordinate) * 2, '\0');
  auto* place = reinterpret_cast<unsigned char*>(out.data());
  const auto put = [&](const BIGNUM* number, unsigned char* to) {
    return crypto.BN_bn2binpad(number, to, coordinate) == coordinate;
  };
  if (!pair || !put(crypto.ECDSA_SIG_get0_r(pair.get()), place) ||
      !put(crypto.ECDSA_SIG_get0_s(pair.get()), place + coordinate)) {
    return refuse("the signature couldn't be made");
  }
  return out;
}

Result<std::string> hmac(const CryptoLibrary& crypto, const Algorithm& algorithm,
                         std::string_view key, std::string_view data) {
  if (key.empty()) return refuse("the key is empty");
  if (key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return refuse("the key is too long");
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (crypto.HMAC((crypto.*algorithm.digest)(), key.data(), static_cast<int>(key.size()),
                  reinterpret_cast<const unsigned char*>(data.data()), data.size(), out.data(),
                  &size) == nullptr) {
    return refuse("the signature couldn't be made");
  }
  return std::string(reinterpret_cast<const char*>(out.data()), size);
}

Result<std::string> asymmetric(const CryptoLibrary& crypto, const Algorithm& algorithm,
                               std::string_view pem, std::string_view data) {
  auto key = private_key(crypto, pem);
  if (!key) return fail(key.error());
  if (auto fits = check_kind(crypto, algorithm, key->get()); !fits) return fail(fits.error());
  const Context context(crypto.EVP_MD_CTX_new(), {&crypto});
  EVP_PKEY_CTX* parameters = nullptr;
  const EVP_MD* digest = algorithm.digest == nullptr ? nullptr : (crypto.*algorithm.digest)();
  bool good = context && crypto.EVP_DigestSignInit(context.get(), &parameters, digest, nullptr,
                                                   key->get()) == 1;
  if (good && algorithm.family == Family::pss) {
    good = crypto.EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           crypto.EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::size_t size = 0;
  good = good && crypto.EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) == 1;
  std::string out(size, '\0');
  good = good && crypto.EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()),
                                       &size, bytes, data.size()) == 1;
  if (!good) return refuse("the signature couldn't be made with this key");
  out.resize(size);
  if (algorithm.family == Family::ecdsa) return jose_form(crypto, out, algorithm.coordinate);
  return out;
}

}  // namespace

std::string signing_algorithms() {
  std::string out;
  for (const Algorithm& one : algorithms) {
    if (!out.empty()) out += ", ";
    out += one.name;
  }
  return out;
}

Result<std::string> signature(Crypto& crypto, std::string_view algorithm, std::string_view key,
                              std::string_view data) {
  const auto found = std::find_if(algorithms.begin(), algorithms.end(),
                                  [&](const Algorithm& one) { return one.name == algorithm; });
  if (found == algorithms.end()) {
    return refuse('`' + std::string(algorithm) + "` isn't one of " + signing_algorithms());
  }
  const auto library = crypto.library();
  if (!library) return fail(library.error());
  auto made = found->family == Family::hmac ? hmac(**library, *found, key, data)
                                            : asymmetric(**library, *found, key, data);
  // What went wrong was said; nothing of it stays in the library's queue.
  if (!made) (*library)->ERR_clear_error();
  return made;
}

}  // namespace fconn::eval
