// Hashes and signatures against the vectors of their RFCs.
#include <doctest/doctest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "interpreter/eval/encoding.hh"
#include "interpreter/eval/signing.hh"
#include "tests/unit/eval/support.hh"

using namespace eval_test;
using fconn::eval::base64_bytes;
using fconn::eval::base64url_text;
using fconn::eval::Crypto;
using fconn::eval::signature;

namespace {

// The key of RFC 7515, appendix A.2, as PKCS#1 and as PKCS#8.
constexpr const char* rsa_pkcs1 = R"(-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0
l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pC
gNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSX
ndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD
Zlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8
q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35S
bEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjIL303l2cf
UhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1O
n95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP1edYH6USyPSWGp6wuA+KgHRnKK
Vf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f
40493HDw1WRQ/aSLoS4QTp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlU
bjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnE
tfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPG
BY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y2XDwGUcCgYEAuQPE
fgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYs
p1ZSe7zFYHj7C6ul7TjeLQeZD/YwD66t62wDmpe/HlB+TnBA+njbglfIsRLtXlnD
zQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7
DOX4IKjzdahm+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4
U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PCsDzqtm
27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN
54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYjagqvo3cOj1TRqNocX40omfCC
Mx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S
0iJMdQKBgCGHewxzoa1r8ZMD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1Z
NqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE
6yUXjoKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1
-----END RSA PRIVATE KEY-----
)";
constexpr const char* rsa_pkcs8 = R"(-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO
jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL
aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn
juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5
ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf
toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg
VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW
PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G
O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj
kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6
XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB
4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K
pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr
0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE
lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6
kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP
rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw
kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp
5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2
9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/
evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG
yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj
OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2
tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3
ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56
03k2+ZQwVK0JKSHuLFkuQ3U=
-----END PRIVATE KEY-----
)";
// The key of RFC 7515, appendix A.3.
constexpr const char* p256 = R"(-----BEGIN EC PRIVATE KEY-----
MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49
AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b
focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
-----END EC PRIVATE KEY-----
)";
// The key of RFC 8037, appendix A.1.
constexpr const char* ed25519 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
)";

// The payload of the examples of RFC 7515, appendix A, encoded.
constexpr const char* payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";

std::string signed_text(std::string_view algorithm, std::string_view key, std::string_view data) {
  Crypto crypto;
  auto made = signature(crypto, algorithm, key, data);
  return made ? base64url_text(*made) : "! " + made.error().text;
}

EVP_PKEY* read_key(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return key;
}

std::string new_key(const char* kind, const char* curve_or_bits) {
  EVP_PKEY* key = kind == std::string_view("EC")
                      ? EVP_EC_gen(curve_or_bits)
                      : EVP_RSA_gen(static_cast<unsigned>(std::stoi(curve_or_bits)));
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

/// Verifies with OpenSSL; an ECDSA signature comes as r and s.
bool verifies(const std::string& pem, const EVP_MD* digest, bool pss, bool ecdsa,
              std::string_view data, std::string made) {
  EVP_PKEY* key = read_key(pem);
  if (ecdsa) {
    const auto half = static_cast<int>(made.size() / 2);
    const auto* bytes = reinterpret_cast<const unsigned char*>(made.data());
    ECDSA_SIG* pair = ECDSA_SIG_new();
    ECDSA_SIG_set0(pair, BN_bin2bn(bytes, half, nullptr), BN_bin2bn(bytes + half, half, nullptr));
    std::string der(256, '\0');
    auto* place = reinterpret_cast<unsigned char*>(der.data());
    der.resize(static_cast<std::size_t>(i2d_ECDSA_SIG(pair, &place)));
    ECDSA_SIG_free(pair);
    made = der;
  }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* parameters = nullptr;
  bool good = EVP_DigestVerifyInit(context, &parameters, digest, nullptr, key) == 1;
  if (pss) {
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
  }
  good = good &&
         EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(made.data()), made.size(),
                          reinterpret_cast<const unsigned char*>(data.data()), data.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return good;
}

}  // namespace

TEST_CASE("hashes: RFC 1321, RFC 3174, FIPS 180-4") {
  World world;
  struct Case {
    std::string function, text, hash;
  };
  for (const Case& c : std::vector<Case>{
           {"md5", "a", "0cc175b9c0f1b6a831c399e269772661"},
           {"md5", "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
           {"md5", "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
           {"md5", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "d174ab98d277d9f5a5611c2c9f419d9f"},
           {"md5",
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"},
           {"sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
           {"sha1", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
           {"sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
           {"sha256", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
           {"sha384",
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnop"
            "qrlmnopqrsmnopqrstnopqrstu",
            "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9"
            "fa91746039"},
           {"sha512", "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c"
            "23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
           {"sha512",
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnop"
            "qrlmnopqrsmnopqrstnopqrstu",
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99"
            "dec4b5433ac7d329eeb6dd26545e96e55b874be909"},
       }) {
    CAPTURE(c.function);
    CAPTURE(c.text);
    CHECK(world.shown(call(c.function, {str(c.text)})) == '"' + c.hash + '"');
  }
}

TEST_CASE("HMAC: RFC 2202 and RFC 4231") {
  World world;
  struct Case {
    std::string function, key, data, code;
  };
  for (const Case& c : std::vector<Case>{
           {"hmac_md5", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
            "9294727a3638bb1c13f48ef8158bfc9d"},
           {"hmac_md5", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
            "dddddddddddddd",
            "56be34521d144c88dbb8c733f0e8b3f6"},
           {"hmac_sha1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
            "b617318655057264e28bc0b6fb378c8ef146be00"},
           {"hmac_sha1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
            "dddddddddddddd",
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
           {"hmac_sha256", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
           {"hmac_sha256", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
            "dddddddddddddd",
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
           {"hmac_sha256",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaa",
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20486173"
            "68204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
           {"hmac_sha384", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152"
            "e8b2fa9cb6"},
           {"hmac_sha512", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b27"
            "4eaea3f4e4be9d914eeb61f1702e696c203a126854"},
           {"hmac_sha512",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaa",
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20486173"
            "68204b6579204669727374",
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2"
            "215d6a1e5295e64f73f63f0aec8b915a985d786598"},
       }) {
    CAPTURE(c.function);
    CAPTURE(c.key);
    CHECK(world.shown(call(c.function, {call("hex_decode", {str(c.data)}),
                                        call("hex_decode", {str(c.key)})})) == '"' + c.code + '"');
  }
}

TEST_CASE("base64: RFC 4648, section 10") {
  World world;
  const std::string text = "foobar";
  const std::vector<std::string> encoded = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                            "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  const std::vector<std::string> hexadecimal = {"",         "66",         "666f",        "666f6f",
                                                "666f6f62", "666f6f6261", "666f6f626172"};
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const std::string part = text.substr(0, i);
    CHECK(world.shown(call("base64", {str(part)})) == '"' + encoded[i] + '"');
    CHECK(world.shown(call("base64_decode", {str(encoded[i])})) == '"' + part + '"');
    CHECK(world.shown(call("hex", {str(part)})) == '"' + hexadecimal[i] + '"');
  }
  // Bits behind the last byte.
  CHECK(world.shown(call("base64_decode", {str("Zh==")})).substr(0, 2) == "! ");
}

TEST_CASE("JSON Web Signatures: RFC 7515, appendix A, and RFC 8037") {
  const std::string octets = *base64_bytes(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
      "-_");
  CHECK(signed_text("HS256", octets,
                    std::string("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.") + payload) ==
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  const std::string rs256 =
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
      "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
      "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
      "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
  const std::string input = std::string("eyJhbGciOiJSUzI1NiJ9.") + payload;
  CHECK(signed_text("RS256", rsa_pkcs1, input) == rs256);
  CHECK(signed_text("RS256", rsa_pkcs8, input) == rs256);
  std::string one_line = rsa_pkcs8;
  for (std::size_t at = 0; (at = one_line.find('\n', at)) != std::string::npos;) {
    one_line.replace(at, 1, "\\n");
  }
  CHECK(signed_text("RS256", one_line, input) == rs256);
  CHECK(signed_text("EdDSA", ed25519, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc") ==
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

TEST_CASE("random signatures are verified by the library") {
  struct Case {
    std::string algorithm, key;
    const EVP_MD* digest;
    std::size_t size;
  };
  const std::string p384 = new_key("EC", "P-384");
  const std::string p521 = new_key("EC", "P-521");
  for (const Case& c : std::vector<Case>{{"PS256", rsa_pkcs8, EVP_sha256(), 256},
                                         {"PS384", rsa_pkcs8, EVP_sha384(), 256},
                                         {"PS512", rsa_pkcs8, EVP_sha512(), 256},
                                         {"RS384", rsa_pkcs8, EVP_sha384(), 256},
                                         {"RS512", rsa_pkcs8, EVP_sha512(), 256},
                                         {"ES256", p256, EVP_sha256(), 64},
                                         {"ES384", p384, EVP_sha384(), 96},
                                         {"ES512", p521, EVP_sha512(), 132}}) {
    CAPTURE(c.algorithm);
    for (int i = 0; i < 20; ++i) {  // r or s that are shorter are padded
      Crypto crypto;
      auto made = signature(crypto, c.algorithm, c.key, "data");
      REQUIRE(made.has_value());
      CHECK(made->size() == c.size);
      CHECK(verifies(c.key, c.digest, c.algorithm[0] == 'P', c.algorithm[0] == 'E', "data", *made));
      if (c.algorithm[0] != 'E') break;
    }
  }
}

TEST_CASE("keys that don't fit are refused by name, without quoting them") {
  const std::string secret = "c2VjcmV0LWtleS1ieXRlcw";
  struct Case {
    std::string algorithm, key, says;
  };
  for (const Case& c : std::vector<Case>{
           {"RS256", secret, "PEM"},
           {"RS256", "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n",
            "damaged"},
           {"RS256", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + secret, "encrypted"},
           {"RS256", p256, "RSA"},
           {"ES256", rsa_pkcs8, "prime256v1"},
           {"ES384", p256, "secp384r1"},
           {"EdDSA", rsa_pkcs8, "Ed25519"},
           {"HS256", "", "empty"},
           {"none", secret, "HS256"},
           {"RSA-OAEP", secret, "HS256"}}) {
    CAPTURE(c.algorithm);
    const std::string said = signed_text(c.algorithm, c.key, "data");
    CHECK(said.substr(0, 2) == "! ");
    CHECK(said.find(c.says) != std::string::npos);
    CHECK(said.find(secret) == std::string::npos);
  }
}

TEST_CASE("tokens") {
  World world;
  world.params = {Value::string("k").as_secret(), Value::string(rsa_pkcs8).as_secret()};
  const Expr claims = node(Op::object, {entry("sub", str("a"))});
  const Expr none = node(Op::object);
  const auto made = world.evaluate(call("jwt", {claims, param(1), str("RS256"), none}));
  REQUIRE(made.has_value());
  CHECK(made->secret);
  const std::string token(made->view());
  CHECK(token.substr(0, token.rfind('.')) ==
        base64url_text(R"({"alg":"RS256","typ":"JWT"})") + '.' + base64url_text(R"({"sub":"a"})"));
  const Expr header = node(Op::object, {entry("typ", null()), entry("kid", str("1"))});
  const auto bare = world.evaluate(call("jwt", {claims, param(0), str("HS384"), header}));
  REQUIRE(bare.has_value());
  CHECK(std::string(bare->view()).find(base64url_text(R"({"alg":"HS384","kid":"1"})") + '.') == 0);
  const Expr other = node(Op::object, {entry("alg", str("none"))});
  CHECK(world.shown(call("jwt", {claims, param(0), str("HS256"), other})).find("`alg`") !=
        std::string::npos);
  CHECK(world.shown(call("jwt", {claims, null(), str("HS256"), none})).substr(0, 2) == "! ");
  CHECK(world.evaluate(call("sign", {str("a"), param(0), str("HS256")}))->secret);
}

// The canonical request of the examples in the documentation of AWS Signature Version 4 (GetObject
// on S3, with signed headers), by functions alone.
TEST_CASE("what AWS signatures need") {
  World world;
  const Expr key =
      call("hex_decode",
           {call("hmac_sha256",
                 {str("aws4_request"),
                  call("hex_decode",
                       {call("hmac_sha256",
                             {str("iam"),
                              call("hex_decode",
                                   {call("hmac_sha256",
                                         {str("us-east-1"),
                                          call("hex_decode",
                                               {call("hmac_sha256",
                                                     {str("20150830"),
                                                      str("AWS4wJalrXUtnFEMI/K7MDENG+"
                                                          "bPxRfiCYEXAMPLEKEY")})})})})})})})});
  // The derived key that AWS publishes for this date, region and service.
  CHECK(world.shown(call("hex", {key})) ==
        "\"c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9\"");
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
      "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
  CHECK(world.shown(call("hmac_sha256", {str(to_sign), key})) ==
        "\"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\"");
  // Order by encoded name, then value: a name that continues another comes behind it.
  const Expr query =
      node(Op::object, {entry("a-b", str("1")), entry("é", str("2")), entry("a", str("3")),
                        entry("X", node(Op::list, {str("b"), str("a"), str("/")}))});
  CHECK(world.shown(call("query_encode", {query, yes()})) ==
        "\"%C3%A9=2&X=%2F&X=a&X=b&a=3&a-b=1\"");
}

TEST_CASE("decoders of percent-encoding and forms") {
  World world;
  for (const std::string bad : {"%", "%4", "%zz", "a%2"}) {
    CAPTURE(bad);
    CHECK(world.shown(call("percent_decode", {str(bad)})).substr(0, 2) == "! ");
    CHECK(world.shown(call("form_decode", {str("a=" + bad)})).substr(0, 2) == "! ");
  }
  CHECK(world.shown(call("form_decode", {str("&&a==&=b&")})) == R"({"a":"=","":"b"})");
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "k" + std::to_string(i) + "=&";
  CHECK(world.shown(call("form_decode", {str(many)})).find("too many") != std::string::npos);
  CHECK(world
            .shown(call("query_encode",
                        {node(Op::object, {entry("a", node(Op::list, {null()}))}), yes(false)}))
            .substr(0, 2) == "! ");
}
