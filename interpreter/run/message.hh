// What a clause of the connector says to a person.
#pragma once

#include <string>

#include "interpreter/eval/eval.hh"

namespace fconn::run {

/// The value as a text. One that is made of a secret isn't shown at all: whatever a function made
/// of the secret, no redactor would know it.
inline value::Result<std::string> message_text(const value::Value& said, value::Arena& arena) {
  if (said.secret) return std::string("*** (what it says is made of a secret)");
  auto text = eval::text_of(said, arena);
  if (!text) return value::fail(text.error());
  return std::string(*text);
}

}  // namespace fconn::run
