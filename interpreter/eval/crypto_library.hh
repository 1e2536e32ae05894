// OpenSSL's libcrypto, loaded when the first hash or signature is computed: it takes longer to load
// than to check a connector. Internal to eval/.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "interpreter/eval/crypto.hh"
#include "interpreter/value/shared_library.hh"

namespace fconn::eval {

/// The functions of libcrypto that library functions call.
// clang-format off
#define FCONN_CRYPTO_FUNCTIONS(F) \
  F(EVP_md5) F(EVP_sha1) F(EVP_sha256) F(EVP_sha384) F(EVP_sha512) F(EVP_Digest) F(HMAC) \
  F(BIO_new_mem_buf) F(BIO_free) F(PEM_read_bio_PrivateKey) F(EVP_PKEY_free) \
  F(EVP_PKEY_get_base_id) F(EVP_PKEY_get_group_name) F(EVP_MD_CTX_new) F(EVP_MD_CTX_free) \
  F(EVP_DigestSignInit) F(EVP_DigestSign) F(EVP_PKEY_CTX_set_rsa_padding) \
  F(EVP_PKEY_CTX_set_rsa_pss_saltlen) F(d2i_ECDSA_SIG) F(ECDSA_SIG_free) F(ECDSA_SIG_get0_r) \
  F(ECDSA_SIG_get0_s) F(BN_bn2binpad) F(ERR_clear_error)
// clang-format on
struct CryptoLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_CRYPTO_FUNCTIONS)
};

}  // namespace fconn::eval
