// What the files of library functions share. The evaluator has checked the number and the types of
// arguments against the table and decoded each one level. Internal to eval/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interpreter/eval/intrinsics.hh"

namespace fconn::eval {

using Arguments = std::span<const value::Value>;
using Answer = value::Result<value::Value>;

inline auto wrong(std::string text) {
  return value::fail(value::FailureKind::shape, std::move(text));
}

/// A text as a result; a `limit` failure when it is too long.
Answer text_answer(std::string_view text, CallContext& context);
/// A text if the bytes are valid UTF-8, else bytes.
Answer text_or_bytes(std::string_view bytes, CallContext& context);
Answer list_answer(const std::vector<value::Value>& elements, CallContext& context);
/// Later members of one key replace earlier ones.
Answer object_answer(std::vector<value::Member>& members, CallContext& context);

inline value::Value decoded(const value::Value& value, CallContext& context) {
  return value::decoded(value, context.arena);
}

/// The elements of a list, noted as work.
inline std::span<const value::Value> elements_of(const value::Value& list, CallContext& context) {
  context.work += list.count;
  return list.list_view();
}
/// The bytes of a text, noted as work.
inline std::string_view text_of_argument(const value::Value& text, CallContext& context) {
  context.work += text.length / 16;
  return text.view();
}

/// "a string", "an int", "null": for messages.
std::string with_article(const value::Value& value);

void add_text_functions(std::vector<Intrinsic>& table);
void add_case_functions(std::vector<Intrinsic>& table);
void add_list_functions(std::vector<Intrinsic>& table);
void add_order_functions(std::vector<Intrinsic>& table);
void add_object_functions(std::vector<Intrinsic>& table);
void add_json_functions(std::vector<Intrinsic>& table);
void add_time_functions(std::vector<Intrinsic>& table);
void add_hash_functions(std::vector<Intrinsic>& table);
void add_encode_functions(std::vector<Intrinsic>& table);
void add_random_functions(std::vector<Intrinsic>& table);
void add_sign_functions(std::vector<Intrinsic>& table);
void add_auth_functions(std::vector<Intrinsic>& table);
void add_format_functions(std::vector<Intrinsic>& table);

}  // namespace fconn::eval
