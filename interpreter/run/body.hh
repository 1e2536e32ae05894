// Parts of a request that come from objects: query, headers, body. Used by rendering, pagination
// and authentication alike, so that the same value is always encoded the same way.
#pragma once

#include "interpreter/run/draft.hh"

namespace fconn::run {

/// An object's members into the query: null drops the name, a list repeats it, a name that is
/// there already is replaced in its place.
value::Result<void> merge_query(const ir::Expr& expr, eval::Evaluator& evaluator,
                                eval::Environment& env, value::Arena& arena,
                                http::QueryPairs& query);

/// An object's members into the headers: null drops the name; CR, LF and bad names are refused.
value::Result<void> merge_headers(const ir::Expr& expr, eval::Evaluator& evaluator,
                                  eval::Environment& env, value::Arena& arena, bool credential,
                                  http::Headers& headers);

struct EncodedBody {
  std::string text;
  std::string type;  // its Content-Type
};
/// A body's bytes. JSON is compact, with numbers as spelt, keys in their order and null kept; a
/// form nests as `a[b]=c` and sends null as nothing after its `=`; multipart drops null parts; csv
/// and ndjson take null as no rows; text and xml refuse it. The same content gives the same bytes.
value::Result<EncodedBody> encode_body(ir::BodyKind kind, const value::Value& content,
                                       value::Arena& arena);

/// Encodes the body by its kind and sets Content-Type unless a header does.
value::Result<void> render_body(const ir::Request& request, eval::Evaluator& evaluator,
                                eval::Environment& env, value::Arena& arena, Draft& draft);

/// Members over the object that the body was made of (json, form), then encodes it anew.
value::Result<void> merge_body(const ir::Expr& expr, eval::Evaluator& evaluator,
                               eval::Environment& env, value::Arena& arena, Draft& draft);

}  // namespace fconn::run
