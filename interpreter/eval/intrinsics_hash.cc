// Library functions that hash (OpenSSL's libcrypto). They take texts or bytes and give hexadecimal
// digits in small letters; `hex_decode` gives the bytes.
#include "interpreter/eval/crypto_library.hh"
#include "interpreter/eval/encoding.hh"
#include "interpreter/eval/intrinsics_support.hh"

namespace fconn::eval {

namespace {

using Algorithm = const EVP_MD* (*CryptoLibrary::*)();

auto not_available() {
  return value::fail(value::FailureKind::unsupported,
                     "the cryptographic library of this system doesn't offer this algorithm");
}

template <Algorithm Md>
Answer digest(Arguments a, CallContext& context) {
  const std::string_view data = text_of_argument(a[0], context);
  const auto crypto = context.crypto.library();
  if (!crypto) return value::fail(crypto.error());
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const EVP_MD* algorithm = ((*crypto)->*Md)();
  if ((*crypto)->EVP_Digest(data.data(), data.size(), out, &size, algorithm, nullptr) != 1) {
    return not_available();
  }
  return text_answer(hex_text({reinterpret_cast<const char*>(out), size}), context);
}

template <Algorithm Md>
Answer hmac(Arguments a, CallContext& context) {
  const std::string_view data = text_of_argument(a[0], context);
  const std::string_view key = a[1].view();
  const auto crypto = context.crypto.library();
  if (!crypto) return value::fail(crypto.error());
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  // A null key pointer would mean "the key of before", which isn't what an empty one means.
  const char* key_bytes = key.empty() ? "" : key.data();
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.empty() ? "" : data.data());
  if ((*crypto)->HMAC(((*crypto)->*Md)(), key_bytes, static_cast<int>(key.size()), bytes,
                      data.size(), out, &size) == nullptr) {
    return not_available();
  }
  return text_answer(hex_text({reinterpret_cast<const char*>(out), size}), context);
}

constexpr Type data_type = Type::string | Type::bytes;

}  // namespace

void add_hash_functions(std::vector<Intrinsic>& table) {
  const auto add = [&table](std::string_view name, std::string_view summary,
                            std::vector<std::string_view> examples, Function function) {
    table.push_back({.name = name,
                     .parameters = {{"data", data_type, false, {}}},
                     .result = Type::string,
                     .summary = summary,
                     .examples = std::move(examples),
                     .function = function});
  };
  add("md5", "The MD5 of a text or bytes, in hexadecimal. For APIs that want it, not for safety.",
      {"md5(\"\") == \"d41d8cd98f00b204e9800998ecf8427e\"",
       "md5(\"abc\") == \"900150983cd24fb0d6963f7d28e17f72\""},
      digest<&CryptoLibrary::EVP_md5>);
  add("sha1", "The SHA-1 of a text or bytes, in hexadecimal.",
      {"sha1(\"abc\") == \"a9993e364706816aba3e25717850c26c9cd0d89d\"",
       "sha1(\"\") == \"da39a3ee5e6b4b0d3255bfef95601890afd80709\""},
      digest<&CryptoLibrary::EVP_sha1>);
  add("sha256", "The SHA-256 of a text or bytes, in hexadecimal.",
      {"sha256(\"abc\") == "
       "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
       "length(sha256(\"\")) == 64"},
      digest<&CryptoLibrary::EVP_sha256>);
  add("sha384", "The SHA-384 of a text or bytes, in hexadecimal.",
      {"slice(sha384(\"abc\"), 0, 16) == \"cb00753f45a35e8b\"", "length(sha384(\"\")) == 96"},
      digest<&CryptoLibrary::EVP_sha384>);
  add("sha512", "The SHA-512 of a text or bytes, in hexadecimal.",
      {"slice(sha512(\"abc\"), 0, 16) == \"ddaf35a193617aba\"", "length(sha512(\"\")) == 128"},
      digest<&CryptoLibrary::EVP_sha512>);
  const auto add_hmac = [&table](std::string_view name, std::string_view summary,
                                 std::vector<std::string_view> examples, Function function) {
    table.push_back({.name = name,
                     .parameters = {{"data", data_type, false, {}}, {"key", data_type, false, {}}},
                     .result = Type::string,
                     .on_null = OnNull::error,
                     .summary = summary,
                     .examples = std::move(examples),
                     .function = function});
  };
  add_hmac("hmac_md5", "The HMAC (RFC 2104) with MD5 under a key, in hexadecimal.",
           {"hmac_md5(\"what do ya want for nothing?\", \"Jefe\") == "
            "\"750c783e6ab0b503eaa86e310a5db738\"",
            "length(hmac_md5(\"\", \"\")) == 32"},
           hmac<&CryptoLibrary::EVP_md5>);
  add_hmac("hmac_sha1", "The HMAC (RFC 2104) with SHA-1 under a key, in hexadecimal.",
           {"hmac_sha1(\"what do ya want for nothing?\", \"Jefe\") == "
            "\"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79\"",
            "length(hmac_sha1(\"\", \"\")) == 40"},
           hmac<&CryptoLibrary::EVP_sha1>);
  add_hmac("hmac_sha256", "The HMAC (RFC 2104) with SHA-256 under a key, in hexadecimal.",
           {"hmac_sha256(\"what do ya want for nothing?\", \"Jefe\") == "
            "\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\"",
            "hmac_sha256(\"a\", hex_decode(\"6b\")) == hmac_sha256(\"a\", \"k\")"},
           hmac<&CryptoLibrary::EVP_sha256>);
  add_hmac("hmac_sha384", "The HMAC (RFC 2104) with SHA-384 under a key, in hexadecimal.",
           {"slice(hmac_sha384(\"what do ya want for nothing?\", \"Jefe\"), 0, 16) == "
            "\"af45d2e376484031\"",
            "length(hmac_sha384(\"\", \"\")) == 96"},
           hmac<&CryptoLibrary::EVP_sha384>);
  add_hmac("hmac_sha512", "The HMAC (RFC 2104) with SHA-512 under a key, in hexadecimal.",
           {"slice(hmac_sha512(\"what do ya want for nothing?\", \"Jefe\"), 0, 16) == "
            "\"164b7a7bfcf819e2\"",
            "length(hmac_sha512(\"\", \"\")) == 128"},
           hmac<&CryptoLibrary::EVP_sha512>);
}

}  // namespace fconn::eval
