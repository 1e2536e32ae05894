// Library functions that sign: JSON Web Tokens (RFC 7515, 7518, 7519) and bare signatures.
#include "interpreter/eval/encoding.hh"
#include "interpreter/eval/intrinsics_support.hh"
#include "interpreter/eval/machine.hh"
#include "interpreter/eval/signing.hh"

namespace fconn::eval {

using value::Kind;
using value::Member;
using value::Value;

namespace {

/// JSON text of an object whose size is known to be bounded.
value::Result<std::string> object_text(const Value& object, CallContext& context) {
  const std::uint64_t size = weight(object, context.max_bytes);
  context.work += size;
  if (size > context.max_bytes / 16) {
    return value::fail(value::FailureKind::limit, "this is too large for a token");
  }
  return value::to_json(object);
}

/// `alg`, then `typ`, then what the author adds; null takes `typ` away.
value::Result<std::string> header_text(std::string_view algorithm, const Value& added,
                                       CallContext& context) {
  std::vector<Member> members = {{"alg", Value::string(algorithm)}, {"typ", Value::string("JWT")}};
  for (const Member& member : added.object_view()) {
    const Value entry = decoded(member.value, context);
    if (member.key == "alg" && (entry.kind != Kind::string || entry.view() != algorithm)) {
      return wrong("the header's `alg` differs from the algorithm that signs");
    }
    members.push_back({member.key, entry});
  }
  std::vector<Member> kept;
  for (const Member& member : value::distinct(members)) {
    if (!member.value.is_null()) kept.push_back(member);
  }
  return object_text(Value::object(kept), context);
}

Answer jwt(Arguments a, CallContext& context) {
  auto header = header_text(a[2].view(), a[3], context);
  if (!header) return value::fail(std::move(header.error()));
  auto claims = object_text(a[0], context);
  if (!claims) return value::fail(std::move(claims.error()));
  std::string token = base64url_text(*header) + '.' + base64url_text(*claims);
  auto signed_with = signature(context.crypto, a[2].view(), a[1].view(), token);
  if (!signed_with) return value::fail(std::move(signed_with.error()));
  return text_answer(token + '.' + base64url_text(*signed_with), context);
}

Answer sign(Arguments a, CallContext& context) {
  auto made = signature(context.crypto, a[2].view(), a[1].view(), text_of_argument(a[0], context));
  if (!made) return value::fail(std::move(made.error()));
  return Value::bytes(context.arena.copy(*made));
}

}  // namespace

void add_sign_functions(std::vector<Intrinsic>& table) {
  constexpr Type data = Type::string | Type::bytes;
  constexpr std::string_view errors =
      "The algorithm isn't known, or the key isn't one for it: a private key in PEM (PKCS#1, SEC 1 "
      "or PKCS#8, not encrypted) for all but HS256, HS384 and HS512.";
  table.push_back({.name = "jwt",
                   .parameters = {{"claims", Type::object, false, {}},
                                  {"key", data, false, {}},
                                  {"algorithm", Type::string, true, "\"HS256\""},
                                  {"header", Type::object, true, "{}"}},
                   .result = Type::string,
                   .on_null = OnNull::error,
                   .summary = "A signed JSON Web Token (RFC 7519) by HS256, RS256, PS256, ES256, "
                              "their 384 and 512, or EdDSA; the header is `alg`, `typ` JWT and "
                              "what `header` adds, where null takes away.",
                   .errors = errors,
                   .examples = {"jwt({ sub: \"a\" }, \"k\") == \"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVC"
                                "J9.eyJzdWIiOiJhIn0.h5aMf5v1-UamGr3gqHxm6Ib1hA2Yn4Ao9BaevFQJS_s\"",
                                "split(jwt({}, \"k\", \"HS512\", { kid: \"1\" }), \".\") | first | "
                                "base64url_decode == '{\"alg\":\"HS512\",\"typ\":\"JWT\",\"kid\":"
                                "\"1\"}'"},
                   .function = jwt});
  table.push_back({.name = "sign",
                   .parameters = {{"data", data, false, {}},
                                  {"key", data, false, {}},
                                  {"algorithm", Type::string, false, {}}},
                   .result = Type::bytes,
                   .on_null = OnNull::error,
                   .summary = "The signature of a text or bytes by an algorithm of jwt, as bytes; "
                              "of ECDSA as r and s, each of the curve's length.",
                   .errors = errors,
                   .examples = {"hex(sign(\"abc\", \"k\", \"HS256\")) == hmac_sha256(\"abc\", "
                                "\"k\")",
                                "length(base64(sign(\"\", \"k\", \"HS512\"))) == 88"},
                   .function = sign});
}

}  // namespace fconn::eval
