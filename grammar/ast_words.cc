#include "grammar/ast_words.hh"

namespace fconn::grammar {

namespace {

// One overload a node kind; a kind that is forgotten doesn't compile.
struct ClauseWord {
  std::string_view operator()(const QueryClause&) const { return "query"; }
  std::string_view operator()(const HeadersClause&) const { return "headers"; }
  std::string_view operator()(const BodyClause&) const { return "body"; }
  std::string_view operator()(const AsClause&) const { return "as"; }
  std::string_view operator()(const SkipClause&) const { return "skip"; }
  std::string_view operator()(const FailClause&) const { return "fail"; }
  std::string_view operator()(const UntilClause&) const { return "until"; }
  std::string_view operator()(const RowsClause&) const { return "rows"; }
  std::string_view operator()(const KeepClause&) const { return "keep"; }
  std::string_view operator()(const MapClause&) const { return "map"; }
  std::string_view operator()(const TakeClause&) const { return "take"; }
  std::string_view operator()(const PaginateClause&) const { return "paginate"; }
  std::string_view operator()(const LetClause&) const { return "let"; }
  std::string_view operator()(const RetryClause&) const { return "retry"; }
  std::string_view operator()(const TimeoutClause&) const { return "timeout"; }
  std::string_view operator()(const RateClause&) const { return "rate"; }
  std::string_view operator()(const IdempotentClause&) const { return "idempotent"; }
  std::string_view operator()(const ForEachClause&) const { return "for"; }
  std::string_view operator()(const BaseClause&) const { return "base"; }
  std::string_view operator()(const HostsClause&) const { return "hosts"; }
  std::string_view operator()(const AuthClause&) const { return "auth"; }
  std::string_view operator()(const ParallelClause&) const { return "parallel"; }
  std::string_view operator()(const StopClause&) const { return "stop"; }
  std::string_view operator()(const NextClause&) const { return "next"; }
  std::string_view operator()(const TokenClause& c) const {
    return c.kind == TokenKind::token ? "token" : c.kind == TokenKind::login ? "login" : "refresh";
  }
  std::string_view operator()(const ValueClause&) const { return "value"; }
  std::string_view operator()(const ExpiresClause&) const { return "expires"; }
  std::string_view operator()(const ChallengeClause&) const { return "challenge"; }
  std::string_view operator()(const ShowClause&) const { return "show"; }
};

struct DeclWord {
  std::string_view operator()(const VersionDecl&) const { return "version"; }
  std::string_view operator()(const DocsDecl&) const { return "docs"; }
  std::string_view operator()(const CategoryDecl&) const { return "category"; }
  std::string_view operator()(const ParamDecl& d) const { return d.secret ? "secret" : "param"; }
  std::string_view operator()(const IdentityDecl&) const { return "identity"; }
  std::string_view operator()(const ExternalDecl&) const { return "external"; }
  std::string_view operator()(const FnDecl&) const { return "fn"; }
  std::string_view operator()(const ClientDecl&) const { return "client"; }
  std::string_view operator()(const CheckDecl&) const { return "check"; }
  std::string_view operator()(const CollectionDecl&) const { return "collection"; }
  std::string_view operator()(const AuthDecl&) const { return "auth"; }
  std::string_view operator()(const PaginationDecl&) const { return "pagination"; }
  std::string_view operator()(const ConsentDecl&) const { return "consent"; }
  std::string_view operator()(const UseDecl&) const { return "use"; }
  std::string_view operator()(const WithoutDecl&) const { return "without"; }
  std::string_view operator()(const ConnectorDecl&) const { return "connector"; }
  std::string_view operator()(const ForDecl&) const { return "for"; }
  std::string_view operator()(const ReadDecl&) const { return "read"; }
  std::string_view operator()(const EmitDecl&) const { return "emit"; }
  std::string_view operator()(const UpdateDecl&) const { return "update"; }
  std::string_view operator()(const DeleteDecl&) const { return "delete"; }
  std::string_view operator()(const FieldsDecl&) const { return "fields"; }
  std::string_view operator()(const EraseAfterDecl&) const { return "erase_after"; }
  std::string_view operator()(const PreferDecl&) const { return "prefer"; }
  std::string_view operator()(const TestDecl&) const { return "test"; }
  std::string_view operator()(const TestValuesDecl& d) const { return d.word.text; }
  std::string_view operator()(const TestTextDecl& d) const { return d.word.text; }
  std::string_view operator()(const TestReplyDecl&) const { return "reply"; }
  std::string_view operator()(const TestExpectRequestDecl&) const { return "expect"; }
  std::string_view operator()(const TestExpectRowsDecl&) const { return "expect"; }
  std::string_view operator()(const TestExpectOutcomeDecl&) const { return "expect"; }
  std::string_view operator()(const TestExpectExitDecl&) const { return "expect"; }
  std::string_view operator()(const TestExpectActionDecl&) const { return "expect"; }
};

}  // namespace

std::string_view clause_word(const Clause& clause) { return std::visit(ClauseWord{}, clause.node); }

std::string_view decl_word(const Decl& decl) { return std::visit(DeclWord{}, decl.node); }

std::string_view spelling(BinaryOp op) {
  switch (op) {
    case BinaryOp::or_:
      return "or";
    case BinaryOp::and_:
      return "and";
    case BinaryOp::equal:
      return "==";
    case BinaryOp::not_equal:
      return "!=";
    case BinaryOp::less:
      return "<";
    case BinaryOp::less_equal:
      return "<=";
    case BinaryOp::greater:
      return ">";
    case BinaryOp::greater_equal:
      return ">=";
    case BinaryOp::in:
      return "in";
    case BinaryOp::matches:
      return "matches";
    case BinaryOp::coalesce:
      return "??";
    case BinaryOp::add:
      return "+";
    case BinaryOp::subtract:
      return "-";
    case BinaryOp::multiply:
      return "*";
    case BinaryOp::divide:
      return "/";
    case BinaryOp::modulo:
      return "%";
  }
  return "";
}

std::string_view body_word(BodyKind kind) {
  switch (kind) {
    case BodyKind::json:
      return "json";
    case BodyKind::form:
      return "form";
    case BodyKind::text:
      return "text";
    case BodyKind::xml:
      return "xml";
    case BodyKind::multipart:
      return "multipart";
    case BodyKind::csv:
      return "csv";
    case BodyKind::ndjson:
      return "ndjson";
  }
  return "";
}

std::string_view next_word(NextPart part) {
  switch (part) {
    case NextPart::url:
      return "url";
    case NextPart::query:
      return "query";
    case NextPart::headers:
      return "headers";
    case NextPart::body:
      return "body";
  }
  return "";
}

}  // namespace fconn::grammar
