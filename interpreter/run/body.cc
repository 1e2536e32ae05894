#include "interpreter/run/body.hh"

#include <algorithm>

#include "interpreter/eval/intrinsics.hh"
#include "interpreter/formats/csv.hh"
#include "interpreter/run/multipart.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

/// The object that a query, headers or auth body clause gives; null is an empty one.
Result<Value> object_of(const ir::Expr& expr, eval::Evaluator& evaluator, eval::Environment& env,
                        value::Arena& arena, const char* what) {
  auto result = evaluator.evaluate(expr, env, arena);
  if (!result) return fail(result.error());
  const Value decoded = value::decoded(*result, arena);
  if (decoded.kind == Kind::object) return decoded;
  if (decoded.is_null()) return Value::object({});
  return fail(FailureKind::shape,
              std::string(what) + " must be an object, and this is " +
                  std::string(value::name(decoded.kind)),
              expr.span);
}

Result<std::string> member_text(const value::Member& member, const Value& item,
                                const ir::Expr& expr, value::Arena& arena, const char* what) {
  auto text = eval::text_of(item, arena);
  if (text) return std::string(*text);
  value::Failure failure = text.error();
  failure.text = "the value of " + std::string(what) + " `" + std::string(member.key) +
                 "` can't be a text: " + failure.text;
  failure.where = expr.span;
  return fail(std::move(failure));
}

void replace(http::QueryPairs& query, std::string_view key, std::vector<std::string> values) {
  const auto same = [key](const auto& pair) { return pair.first == key; };
  auto place = std::find_if(query.begin(), query.end(), same);
  const auto offset = place - query.begin();
  query.erase(std::remove_if(query.begin(), query.end(), same), query.end());
  auto at =
      query.begin() + std::min<std::ptrdiff_t>(offset, std::distance(query.begin(), query.end()));
  for (std::string& text : values) {
    at = query.insert(at, {std::string(key), std::move(text)}) + 1;
  }
}

}  // namespace

value::Result<void> merge_query(const ir::Expr& expr, eval::Evaluator& evaluator,
                                eval::Environment& env, value::Arena& arena,
                                http::QueryPairs& query) {
  auto object = object_of(expr, evaluator, env, arena, "query");
  if (!object) return fail(object.error());
  for (const value::Member& member : object->object_view()) {
    const Value entry = value::decoded(member.value, arena);
    std::vector<std::string> texts;
    if (entry.kind == Kind::list) {
      for (const Value& item : entry.list_view()) {
        auto text = member_text(member, item, expr, arena, "query parameter");
        if (!text) return fail(text.error());
        texts.push_back(*std::move(text));
      }
    } else if (!entry.is_null()) {
      auto text = member_text(member, entry, expr, arena, "query parameter");
      if (!text) return fail(text.error());
      texts.push_back(*std::move(text));
    }
    replace(query, member.key, std::move(texts));
  }
  return {};
}

value::Result<void> merge_headers(const ir::Expr& expr, eval::Evaluator& evaluator,
                                  eval::Environment& env, value::Arena& arena, bool credential,
                                  http::Headers& headers) {
  auto object = object_of(expr, evaluator, env, arena, "headers");
  if (!object) return fail(object.error());
  for (const value::Member& member : object->object_view()) {
    if (!http::valid_name(member.key)) {
      return fail(FailureKind::shape, "`" + std::string(member.key) + "` can't be a header's name",
                  expr.span);
    }
    const Value entry = value::decoded(member.value, arena);
    if (entry.is_null()) {
      const auto same = [&member](const http::HeaderField& field) {
        const http::Headers one{field};
        return http::find(one, member.key) != nullptr;
      };
      headers.erase(std::remove_if(headers.begin(), headers.end(), same), headers.end());
      continue;
    }
    auto text = member_text(member, entry, expr, arena, "header");
    if (!text) return fail(text.error());
    if (!http::valid_value(*text)) {
      return fail(FailureKind::shape,
                  "the value of header `" + std::string(member.key) +
                      "` holds a line break or a NUL, which would start another header",
                  expr.span);
    }
    http::set(headers, std::string(member.key), *std::move(text), credential || entry.secret);
  }
  return {};
}

namespace {

value::Failure placed(value::Failure failure, grammar::Span where) {
  if (failure.where == grammar::Span{}) failure.where = where;
  return failure;
}

Result<std::string> form_text(const Value& value, value::Arena& arena) {
  struct NoClock final : value::Clock {
    value::TimePoint now() override { return {}; }
    value::WallTime wall() override { return {}; }
  } clock;
  struct NoRandom final : value::Random {
    std::uint64_t next() override { return 0; }
  } random;
  const eval::Intrinsic* encode = eval::find_intrinsic("form_encode");
  FCONN_ASSERT(encode != nullptr && encode->function != nullptr,
               "form_encode is part of the table");
  eval::Crypto crypto;
  eval::CallContext context{arena, clock, random, crypto, std::size_t{64} << 20U};
  const Value arguments[] = {value};
  auto encoded = encode->function(std::span<const Value>(arguments, 1), context);
  if (!encoded) return fail(std::move(encoded.error()));
  return std::string(encoded->view());
}

/// The rows of a body; null has none.
Result<Value> list_of(const Value& content, value::Arena& arena, const char* what) {
  const Value list = value::decoded(content, arena);
  if (list.is_null()) return Value::list({});
  if (list.kind == Kind::list) return list;
  return fail(FailureKind::shape, std::string(what) + " body must be a list");
}

Result<EncodedBody> encode_ndjson(const Value& content, value::Arena& arena) {
  auto list = list_of(content, arena, "an ndjson");
  if (!list) return fail(std::move(list.error()));
  EncodedBody made{{}, "application/x-ndjson"};
  for (const Value& item : list->list_view()) {
    value::append_json(item, made.text);
    made.text += '\n';
  }
  return made;
}

Result<EncodedBody> encode_csv(const Value& content, value::Arena& arena) {
  auto list = list_of(content, arena, "a csv");
  if (!list) return fail(std::move(list.error()));
  EncodedBody made{{}, "text/csv"};
  auto done = formats::append_csv(*list, ',', std::nullopt, arena, made.text);
  if (!done) return fail(std::move(done.error()));
  return made;
}

Result<EncodedBody> encode_multipart(const Value& content, value::Arena& arena) {
  const Value parts = value::decoded(content, arena);
  if (parts.kind != Kind::object) {
    return fail(FailureKind::shape, "a multipart body must be an object");
  }
  auto made = multipart_of(parts, arena);
  if (!made) return fail(std::move(made.error()));
  return EncodedBody{std::move(made->body), std::move(made->type)};
}

Result<EncodedBody> encode_text(ir::BodyKind kind, const Value& content, value::Arena& arena) {
  const bool ready = content.kind == Kind::xml || content.kind == Kind::bytes;
  auto text = ready ? Result<std::string_view>(content.view()) : eval::text_of(content, arena);
  if (!text) return fail(std::move(text.error()));
  return EncodedBody{std::string(*text),
                     kind == ir::BodyKind::xml ? "application/xml" : "text/plain"};
}

}  // namespace

Result<EncodedBody> encode_body(ir::BodyKind kind, const Value& content, value::Arena& arena) {
  switch (kind) {
    case ir::BodyKind::none:
      return EncodedBody{};
    case ir::BodyKind::json:
      return EncodedBody{value::to_json(content), "application/json"};
    case ir::BodyKind::form: {
      auto text = form_text(content, arena);
      if (!text) return fail(std::move(text.error()));
      return EncodedBody{*std::move(text), "application/x-www-form-urlencoded"};
    }
    case ir::BodyKind::text:
    case ir::BodyKind::xml:
      return encode_text(kind, content, arena);
    case ir::BodyKind::ndjson:
      return encode_ndjson(content, arena);
    case ir::BodyKind::multipart:
      return encode_multipart(content, arena);
    case ir::BodyKind::csv:
      return encode_csv(content, arena);
  }
  return EncodedBody{};
}

value::Result<void> render_body(const ir::Request& request, eval::Evaluator& evaluator,
                                eval::Environment& env, value::Arena& arena, Draft& draft) {
  draft.body_kind = request.body_kind;
  if (request.body_kind == ir::BodyKind::none || !request.body) return {};
  auto content = evaluator.evaluate(*request.body, env, arena);
  if (!content) return fail(content.error());
  auto encoded = encode_body(request.body_kind, *content, arena);
  if (!encoded) return fail(placed(std::move(encoded.error()), request.body->span));
  draft.body = std::move(encoded->text);
  std::string type = std::move(encoded->type);
  draft.has_body = true;
  draft.body_value = value::OwnedValue(*content);
  if (request.body_type) {
    auto declared = evaluator.evaluate(*request.body_type, env, arena);
    if (!declared) return fail(declared.error());
    auto text = eval::text_of(*declared, arena);
    if (!text) return fail(text.error());
    type = std::string(*text);
  }
  // Only this version of the body knows its boundary.
  const bool own = request.body_kind == ir::BodyKind::multipart;
  if (own || http::find(draft.headers, "Content-Type") == nullptr) {
    http::set(draft.headers, "Content-Type", type);
  }
  return {};
}

value::Result<void> merge_body(const ir::Expr& expr, eval::Evaluator& evaluator,
                               eval::Environment& env, value::Arena& arena, Draft& draft) {
  auto object = object_of(expr, evaluator, env, arena, "body");
  if (!object) return fail(object.error());
  if (object->count == 0) return {};
  const bool mergeable = draft.body_kind == ir::BodyKind::json ||
                         draft.body_kind == ir::BodyKind::form ||
                         draft.body_kind == ir::BodyKind::none;
  const Value base =
      draft.has_body ? value::decoded(draft.body_value.get(), arena) : Value::object({});
  if (!mergeable || base.kind != Kind::object) {
    return fail(FailureKind::shape, "only a json or form body that is an object can be added to",
                expr.span);
  }
  std::vector<value::Member> members(base.object_view().begin(), base.object_view().end());
  for (const value::Member& added : object->object_view()) {
    const auto same = [&added](const value::Member& m) { return m.key == added.key; };
    const auto found = std::find_if(members.begin(), members.end(), same);
    if (found == members.end()) {
      members.push_back(added);
    } else {
      found->value = added.value;
    }
  }
  const Value merged = Value::object(members);
  if (draft.body_kind == ir::BodyKind::form) {
    auto text = form_text(merged, arena);
    if (!text) return fail(placed(std::move(text.error()), expr.span));
    draft.body = *std::move(text);
  } else {
    draft.body = value::to_json(merged);
    if (draft.body_kind == ir::BodyKind::none) {
      draft.body_kind = ir::BodyKind::json;
      http::set(draft.headers, "Content-Type", "application/json");
    }
  }
  draft.has_body = true;
  draft.body_value = value::OwnedValue(merged);
  return {};
}

}  // namespace fconn::run
