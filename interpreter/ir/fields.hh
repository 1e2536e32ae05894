// The one table of the IR's fields: which members a struct has, under which keys, in which order.
// json_out, json_in and dump walk it, so none of them can forget a field. Private to ir/; add a
// member to ir.hh and here.
//
// Fields<T>::visit calls `visitor(key, &T::member, presence)` for each member. A field that equals
// what a default-constructed T holds is left out, unless it is `always`.
#pragma once

#include <string_view>

#include "interpreter/ir/ir.hh"

namespace fconn::ir {

enum class Presence : std::uint8_t { optional, always };

template <class T>
struct Fields;

/// A struct that is written as a JSON object.
template <class T>
concept Record = requires {
  sizeof(Fields<T>);
};

#define FCONN_FIELDS(Type, Noun)                    \
  template <>                                       \
  struct Fields<Type> {                             \
    using T = Type;                                 \
    static constexpr std::string_view noun = Noun;  \
    template <class V>                              \
    static void visit(V&& v) {                      \
      constexpr auto optional = Presence::optional; \
      constexpr auto always = Presence::always;     \
      (void)optional, (void)always;
#define FCONN_FIELDS_END \
  }                      \
  }                      \
  ;

// clang-format off
FCONN_FIELDS(Expr, "expr")
  v("op", &T::op, always);
  v("text", &T::text, optional);
  v("number", &T::number, optional);
  v("kids", &T::kids, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Param, "param")
  v("name", &T::name, always);
  v("label", &T::label, optional);
  v("doc", &T::doc, optional);
  v("type", &T::type, always);
  v("element", &T::element, optional);
  v("choices", &T::choices, optional);
  v("default", &T::default_value, optional);
  v("secret", &T::secret, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Identity, "identity")
  v("name", &T::name, always);
  v("label", &T::label, optional);
  v("doc", &T::doc, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(External, "external")
  v("name", &T::name, always);
  v("label", &T::label, optional);
  v("doc", &T::doc, optional);
  v("type", &T::type, always);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Function, "fn")
  v("name", &T::name, always);
  v("doc", &T::doc, optional);
  v("params", &T::params, optional);
  v("locals", &T::locals, optional);
  v("body", &T::body, always);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Condition, "condition")
  v("on", &T::on, optional);
  v("when", &T::when, optional);
FCONN_FIELDS_END

FCONN_FIELDS(RetryRule, "retry")
  v("condition", &T::condition, always);
  v("times", &T::times, optional);
  v("backoff_min_ms", &T::backoff_min_ms, optional);
  v("backoff_max_ms", &T::backoff_max_ms, optional);
  v("every_ms", &T::every_ms, optional);
  v("every", &T::every, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Judgement, "judgement")
  v("condition", &T::condition, always);
  v("reason", &T::reason, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Until, "until")
  v("condition", &T::condition, always);
  v("every_ms", &T::every_ms, optional);
  v("limit_ms", &T::limit_ms, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(RateWindow, "rate")
  v("amount", &T::amount, always);
  v("window_ms", &T::window_ms, always);
FCONN_FIELDS_END

FCONN_FIELDS(TargetPart, "part")
  v("kind", &T::kind, always);
  v("text", &T::text, optional);
  v("value", &T::value, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(RowOp, "row_op")
  v("kind", &T::kind, always);
  v("value", &T::value, always);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(PageStep, "step")
  v("kind", &T::kind, always);
  v("value", &T::value, always);
  v("reason", &T::reason, optional);
  v("slot", &T::slot, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Pagination, "paginate")
  v("strategy", &T::strategy, always);
  v("steps", &T::steps, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Request, "request")
  v("client", &T::client, optional);
  v("method", &T::method, always);
  v("idempotent", &T::idempotent, optional);
  v("absolute", &T::absolute, optional);
  v("target", &T::target, optional);
  v("query", &T::query, optional);
  v("headers", &T::headers, optional);
  v("body_kind", &T::body_kind, optional);
  v("body", &T::body, optional);
  v("body_type", &T::body_type, optional);
  v("accept", &T::accept, optional);
  v("retries", &T::retries, optional);
  v("skips", &T::skips, optional);
  v("fails", &T::fails, optional);
  v("until", &T::until, optional);
  v("timeout_ms", &T::timeout_ms, optional);
  v("connect_timeout_ms", &T::connect_timeout_ms, optional);
  v("rates", &T::rates, optional);
  v("rows_path", &T::rows_path, optional);
  v("rows", &T::rows, optional);
  v("row_ops", &T::row_ops, optional);
  v("pagination", &T::pagination, optional);
  v("body_cells", &T::body_cells, optional);
  v("row_cells", &T::row_cells, optional);
  v("locals", &T::locals, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Step, "step")
  v("kind", &T::kind, always);
  v("name", &T::name, optional);
  v("slot", &T::slot, optional);
  v("value", &T::value, optional);
  v("request", &T::request, optional);
  v("judgement", &T::judgement, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Chain, "chain")
  v("steps", &T::steps, optional);
  v("request", &T::request, optional);
  v("lets", &T::lets, optional);
  v("needs", &T::needs, optional);
  v("request_identities", &T::request_identities, optional);
  v("keep_identities", &T::keep_identities, optional);
  v("uses", &T::uses, optional);
  v("locals", &T::locals, optional);
  v("shareable", &T::shareable, optional);
  v("uses_masked", &T::uses_masked, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Read, "read")
  v("chain", &T::chain, always);
  v("cells", &T::cells, optional);
  v("key", &T::key, optional);
  v("reparse", &T::reparse, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Source, "source")
  v("name", &T::name, always);
  v("collection", &T::collection, optional);
  v("values", &T::values, optional);
  v("where", &T::where, optional);
  v("batch", &T::batch, optional);
  v("depends", &T::depends, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Slot, "slot")
  v("source", &T::source, always);
  v("cell", &T::cell, optional);
  v("text", &T::text, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Cell, "cell")
  v("path", &T::path, always);
  v("type", &T::type, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Field, "field")
  v("name", &T::name, always);
  v("type", &T::type, optional);
  v("list", &T::list, optional);
  v("fields", &T::fields, optional);
  v("choices", &T::choices, optional);
  v("key", &T::key, optional);
  v("readonly", &T::readonly, optional);
  v("length", &T::length, optional);
  v("format", &T::format, optional);
  v("categories", &T::categories, optional);
  v("mask", &T::mask, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Collection, "collection")
  v("name", &T::name, always);
  v("doc", &T::doc, optional);
  v("sources", &T::sources, optional);
  v("slots", &T::slots, optional);
  v("reads", &T::reads, optional);
  v("emit", &T::emit, optional);
  v("emit_uses", &T::emit_uses, optional);
  v("emit_cells", &T::emit_cells, optional);
  v("emit_key", &T::emit_key, optional);
  v("update", &T::update, optional);
  v("delete", &T::erase, optional);
  v("fields", &T::fields, optional);
  v("has_fields", &T::has_fields, optional);
  v("key", &T::key, optional);
  v("cells", &T::cells, optional);
  v("erase_after", &T::erase_after, optional);
  v("prefer_delete", &T::prefer_delete, optional);
  v("locals", &T::locals, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Refresh, "refresh")
  v("when", &T::when, optional);
  v("request", &T::request, always);
  v("value", &T::value, always);
  v("expires_in", &T::expires_in, optional);
  v("expires_at", &T::expires_at, optional);
  v("margin_ms", &T::margin_ms, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Token, "token")
  v("name", &T::name, always);
  v("login", &T::login, optional);
  v("show", &T::show, optional);
  v("request", &T::request, always);
  v("value", &T::value, always);
  v("expires_in", &T::expires_in, optional);
  v("expires_at", &T::expires_at, optional);
  v("margin_ms", &T::margin_ms, optional);
  v("refresh", &T::refresh, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(AuthLet, "let")
  v("slot", &T::slot, always);
  v("value", &T::value, always);
FCONN_FIELDS_END

FCONN_FIELDS(Auth, "auth")
  v("strategy", &T::strategy, always);
  v("when", &T::when, optional);
  v("lets", &T::lets, optional);
  v("tokens", &T::tokens, optional);
  v("challenge", &T::challenge, optional);
  v("headers", &T::headers, optional);
  v("query", &T::query, optional);
  v("body", &T::body, optional);
  v("locals", &T::locals, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Client, "client")
  v("name", &T::name, optional);
  v("base", &T::base, optional);
  v("auths", &T::auths, optional);
  v("headers", &T::headers, optional);
  v("query", &T::query, optional);
  v("rates", &T::rates, optional);
  v("parallel", &T::parallel, optional);
  v("timeout_ms", &T::timeout_ms, optional);
  v("connect_timeout_ms", &T::connect_timeout_ms, optional);
  v("locals", &T::locals, optional);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Consent, "consent")
  v("direction", &T::direction, always);
  v("purpose", &T::purpose, optional);
  v("chain", &T::chain, always);
FCONN_FIELDS_END

FCONN_FIELDS(SourceFile, "file")
  v("name", &T::name, always);
  v("text", &T::text, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Pattern, "pattern")
  v("text", &T::text, always);
  v("at", &T::span, optional);
FCONN_FIELDS_END

FCONN_FIELDS(Connector, "connector")
  v("name", &T::name, always);
  v("title", &T::title, optional);
  v("version", &T::version, optional);
  v("docs", &T::docs, optional);
  v("category", &T::category, optional);
  v("doc", &T::doc, optional);
  v("extends", &T::extends, optional);
  v("edition", &T::edition, optional);
  v("files", &T::files, optional);
  v("params", &T::params, optional);
  v("identities", &T::identities, optional);
  v("externals", &T::externals, optional);
  v("functions", &T::functions, optional);
  v("patterns", &T::patterns, optional);
  v("clients", &T::clients, optional);
  v("hosts", &T::hosts, optional);
  v("dynamic_hosts", &T::dynamic_hosts, optional);
  v("check", &T::check, optional);
  v("collections", &T::collections, optional);
  v("consents", &T::consents, optional);
FCONN_FIELDS_END
// clang-format on

#undef FCONN_FIELDS
#undef FCONN_FIELDS_END

}  // namespace fconn::ir
