// What the names of a text turned out to mean, for editors: filled by compile() when it is asked
// to. Spans are those of the compiler's SourceMap. With mistakes in the text it holds what was
// found.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grammar/source.hh"
#include "interpreter/eval/intrinsics.hh"

namespace fconn::compile {

enum class NameKind : std::uint8_t {
  param,
  secret,
  identity,
  external,
  client,
  collection,
  field,
  binding,    // of a `for`
  let,        // `let`, or the `for` of a chain
  local,      // of a comprehension, and arguments where they are declared and used
  token,      // token, login or challenge
  function,   // fn
  intrinsic,  // a library function: declared nowhere
  auth,
  pagination,
  connector,
  module,   // the path of a `use`: declared at the begin of that file
  builtin,  // `status`, `row`, a part of `request`: declared nowhere
  type,
  format,
  argument,  // offered alone: `name:` of a call
};

/// `where` names what is declared at `declared`; the two are equal for a declaration itself, and
/// for intrinsic and builtin. One name may be noted more than once: a strategy is read at each use,
/// and a declaration that replaces one of an overlay's base names that, too.
struct NameUse {
  grammar::Span where;
  grammar::Span declared;
  NameKind kind{};
  friend bool operator==(const NameUse&, const NameUse&) = default;
};

/// What is known of a declared value that doesn't say its type itself.
struct NameType {
  grammar::Span declared;
  eval::Type type = eval::Type::any;
  std::string rows_of;  // a binding to rows of this collection
};

/// What may stand at a place.
struct Offer {
  std::string name;
  NameKind kind{};
  grammar::Span declared;  // empty where the name is declared nowhere
};

struct NameIndex {
  std::vector<NameUse> uses;
  std::vector<NameType> types;
  /// A name that nothing declares and that stands once in the text: `offers` then holds what might
  /// stand there instead, for completion. Offers may repeat.
  std::string wanted;
  std::vector<Offer> offers;
};

}  // namespace fconn::compile
