#include "interpreter/run/body.hh"

#include <algorithm>

#include "interpreter/eval/intrinsics.hh"

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

value::Failure unsupported_body(const ir::Request& request, const char* what) {
  value::Failure failure;
  failure.kind = FailureKind::unsupported;
  failure.code = "F0901";
  failure.text = std::string("a ") + what + " body is checked but not sent by this version";
  failure.where = request.span;
  return failure;
}

Result<std::string> form_text(const Value& value, value::Arena& arena, grammar::Span where) {
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
  if (!encoded) {
    value::Failure failure = encoded.error();
    if (failure.where == grammar::Span{}) failure.where = where;
    return fail(std::move(failure));
  }
  return std::string(encoded->view());
}

Result<void> encode(const ir::Request& request, const Value& content, value::Arena& arena,
                    std::string& out, std::string& type) {
  switch (request.body_kind) {
    case ir::BodyKind::none:
      return {};
    case ir::BodyKind::json:
      value::append_json(content, out);
      type = "application/json";
      return {};
    case ir::BodyKind::form: {
      auto text = form_text(content, arena, request.body->span);
      if (!text) return fail(text.error());
      out = *std::move(text);
      type = "application/x-www-form-urlencoded";
      return {};
    }
    case ir::BodyKind::text:
    case ir::BodyKind::xml: {
      auto text = content.kind == Kind::xml ? Result<std::string_view>(content.view())
                                            : eval::text_of(content, arena);
      if (!text) return fail(text.error());
      out = std::string(*text);
      type = request.body_kind == ir::BodyKind::xml ? "application/xml" : "text/plain";
      return {};
    }
    case ir::BodyKind::ndjson: {
      const Value list = value::decoded(content, arena);
      if (list.kind != Kind::list) {
        return fail(FailureKind::shape, "an ndjson body must be a list", request.body->span);
      }
      for (const Value& item : list.list_view()) {
        value::append_json(item, out);
        out += '\n';
      }
      type = "application/x-ndjson";
      return {};
    }
    case ir::BodyKind::multipart:
      return fail(unsupported_body(request, "multipart"));
    case ir::BodyKind::csv:
      return fail(unsupported_body(request, "csv"));
  }
  return {};
}

}  // namespace

value::Result<void> render_body(const ir::Request& request, eval::Evaluator& evaluator,
                                eval::Environment& env, value::Arena& arena, Draft& draft) {
  draft.body_kind = request.body_kind;
  if (request.body_kind == ir::BodyKind::none || !request.body) return {};
  auto content = evaluator.evaluate(*request.body, env, arena);
  if (!content) return fail(content.error());
  std::string type;
  if (auto encoded = encode(request, *content, arena, draft.body, type); !encoded) {
    return fail(encoded.error());
  }
  draft.has_body = true;
  draft.body_value = value::OwnedValue(*content);
  if (request.body_type) {
    auto declared = evaluator.evaluate(*request.body_type, env, arena);
    if (!declared) return fail(declared.error());
    auto text = eval::text_of(*declared, arena);
    if (!text) return fail(text.error());
    type = std::string(*text);
  }
  if (http::find(draft.headers, "Content-Type") == nullptr) {
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
    auto text = form_text(merged, arena, expr.span);
    if (!text) return fail(text.error());
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
