// The grammar of fconn as PEGTL rules, and nothing else: what a rule builds is in actions.hh, what
// a missing piece is called in messages.hh. Included by two translation units only (it is slow to
// compile). After a rule has committed (its keyword or opening bracket was read) everything that
// follows is a `must`, so nothing is parsed twice: of `{` and `[` the first entry is read once, and
// what follows it decides between literal and comprehension.
//
// Layout (language.md, "What a line means"): `hs` is blanks on one line, `ws` any white space and
// comments. An argument follows its clause's word after `hs`.
#pragma once

#include "grammar/rules_expr.hh"

namespace fconn::grammar::rule {

#define FCONN_WORD(name, text) \
  struct name : TAO_PEGTL_KEYWORD(text) {}

// ---- types and fields --------------------------------------------------------------------------

struct type;
struct expected_type : p::seq<type> {};
struct field_name_word : p::seq<dashed> {};
struct field_name_quoted : p::seq<odd_text> {};
struct field_name : p::sor<field_name_word, field_name_quoted> {};
struct field_colon : p::one<':'> {};
struct field_type : p::seq<type> {};

struct category_text : p::seq<p::identifier, p::star<p::one<'.'>, p::identifier>> {};
struct category : p::seq<p::one<'@'>, p::must<category_text>> {};

FCONN_WORD(key_mark, "key");
FCONN_WORD(readonly_mark, "readonly");
FCONN_WORD(length_word, "length");
FCONN_WORD(format_word, "format");
FCONN_WORD(mask_word, "mask");
struct length_value : p::seq<p::plus<p::digit>, word_end> {};
struct length_mark : p::seq<length_word, hs, p::must<length_value>> {};
struct format_value : p::seq<identifier> {};
struct format_mark : p::seq<format_word, hs, p::must<format_value>> {};
struct mask_value : p::seq<expr> {};
struct mask_mark : p::seq<mask_word, hs, p::must<mask_value>> {};
struct field_category : p::seq<category> {};
struct known_mark : p::failure {};
struct mark : p::sor<field_category, key_mark, readonly_mark, length_mark, format_mark, mask_mark,
                     p::seq<p::at<p::identifier_first>, p::must<known_mark>>> {};
struct field_end
    : p::seq<hs, p::sor<p::one<','>, p::at<p::sor<p::one<'}', '#'>, p::eol, p::eof>>>> {};
struct field_head
    : p::seq<field_name, hs, p::must<field_colon>, hs, p::must<field_type>, p::star<hs, mark>> {};
struct expected_field : p::failure {};
struct field : p::sor<p::seq<field_head, p::must<field_end>>, p::must<expected_field>> {};

struct type_name : p::seq<identifier> {};
struct type_list_open : p::one<'['> {};
struct type_list : p::seq<type_list_open, ws, p::must<expected_type>, ws, p::must<close_bracket>> {
};
struct type_object : block<Level::fields, field> {};
struct choice : p::sor<string, number> {};
struct expected_choice : p::seq<choice> {};
struct choice_mark : p::success {};
struct type_choices
    : p::seq<p::at<p::one<'"', '\'', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'>>,
             choice_mark, choice, p::star<ws, p::one<'|'>, ws, p::must<expected_choice>>> {};
struct type : p::sor<type_list, type_object, type_choices, type_name> {};

// ---- requests ----------------------------------------------------------------------------------

struct clause;
struct method
    : p::seq<
          p::sor<p::string<'G', 'E', 'T'>, p::string<'P', 'O', 'S', 'T'>, p::string<'P', 'U', 'T'>,
                 p::string<'P', 'A', 'T', 'C', 'H'>, p::string<'D', 'E', 'L', 'E', 'T', 'E'>,
                 p::string<'H', 'E', 'A', 'D'>, p::string<'O', 'P', 'T', 'I', 'O', 'N', 'S'>>,
          word_end> {};
struct path_text : p::plus<p::not_one<' ', '\t', '\n', '\r', '{', '}', '?', '#'>> {};
struct path_bad : p::one<'?', '#'> {};
struct path_hole_open : p::seq<p::one<'{'>, p::opt<p::one<'+'>>> {};
struct path_hole : p::seq<path_hole_open, ws, p::must<expected_expr>, ws, p::must<hole_close>> {};
struct target : p::seq<p::at<p::sor<p::one<'/', '{'>, p::string<'h', 't', 't', 'p'>>>,
                       p::plus<p::sor<path_text, path_hole, path_bad>>> {};
struct via_name : p::seq<identifier> {};
struct via : p::seq<TAO_PEGTL_KEYWORD("via"), hs, p::must<via_name>> {};
template <Level L>
struct clause_block : block<L, clause> {};
template <Level L>
struct request_rest : p::seq<hs, p::must<target>, p::opt<hs, via>, p::opt<hs, clause_block<L>>> {};
struct request : p::seq<method, request_rest<Level::request>> {};
struct token_request : p::seq<method, request_rest<Level::token>> {};
struct message_request : p::seq<method, request_rest<Level::message>> {};
struct expected_message : p::seq<message_request> {};
struct expected_token_request : p::seq<token_request> {};

// ---- clauses -----------------------------------------------------------------------------------

struct declared_name : p::seq<identifier> {};
struct equals : p::seq<p::one<'='>, p::not_at<p::one<'='>>> {};
/// The expression of a clause; starts on the clause's line.
struct clause_value : p::seq<hs, expr> {};

FCONN_WORD(query_word, "query");
FCONN_WORD(headers_word, "headers");
FCONN_WORD(rows_word, "rows");
FCONN_WORD(keep_word, "keep");
FCONN_WORD(map_word, "map");
FCONN_WORD(take_word, "take");
FCONN_WORD(base_word, "base");
FCONN_WORD(parallel_word, "parallel");
FCONN_WORD(value_word, "value");
FCONN_WORD(show_word, "show");
struct value_clause : p::seq<p::sor<query_word, headers_word, rows_word, keep_word, map_word,
                                    take_word, base_word, parallel_word, value_word, show_word>,
                             p::must<clause_value>> {};

FCONN_WORD(body_word, "body");
struct body_kind
    : p::sor<TAO_PEGTL_KEYWORD("json"), TAO_PEGTL_KEYWORD("form"), TAO_PEGTL_KEYWORD("text"),
             TAO_PEGTL_KEYWORD("xml"), TAO_PEGTL_KEYWORD("multipart"), TAO_PEGTL_KEYWORD("csv"),
             TAO_PEGTL_KEYWORD("ndjson")> {};
struct media_type : p::seq<TAO_PEGTL_KEYWORD("as"), hs, p::must<expected_string>> {};
struct body_clause
    : p::seq<body_word, hs, p::must<body_kind>, p::must<clause_value>, p::opt<hs, media_type>> {};

FCONN_WORD(as_word, "as");
struct as_format
    : p::sor<TAO_PEGTL_KEYWORD("json"), TAO_PEGTL_KEYWORD("csv"), TAO_PEGTL_KEYWORD("xml"),
             TAO_PEGTL_KEYWORD("ndjson"), TAO_PEGTL_KEYWORD("text"), TAO_PEGTL_KEYWORD("bytes")> {};
struct as_clause : p::seq<as_word, hs, p::must<as_format>> {};

struct three_digits : p::seq<p::rep<3, p::digit>> {};
struct status_range
    : p::sor<p::seq<p::digit, p::string<'x', 'x'>, word_end>,
             p::seq<three_digits, p::opt<p::string<'.', '.'>, three_digits>, word_end>> {};
struct statuses
    : p::seq<p::must<status_range>, p::star<hs, p::one<','>, ws, p::must<status_range>>> {};
struct on_part : p::seq<TAO_PEGTL_KEYWORD("on"), hs, statuses> {};
struct when_part : p::seq<TAO_PEGTL_KEYWORD("when"), hs, p::must<expected_expr>> {};
struct condition : p::sor<on_part, when_part> {};
struct reason : p::seq<string> {};
FCONN_WORD(skip_word, "skip");
FCONN_WORD(fail_word, "fail");
struct skip_clause
    : p::seq<p::sor<skip_word, fail_word>, hs, p::must<condition>, p::opt<ws, reason>> {};

FCONN_WORD(until_word, "until");
struct every_part : p::seq<TAO_PEGTL_KEYWORD("every"), hs, p::must<expected_expr>> {};
struct until_limit : p::seq<TAO_PEGTL_KEYWORD("for"), hs, p::must<expected_expr>> {};
struct until_clause
    : p::seq<until_word, p::must<clause_value>, p::opt<ws, every_part>, p::opt<hs, until_limit>> {};

FCONN_WORD(paginate_word, "paginate");
FCONN_WORD(use_auth_word, "auth");
struct strategy_name : p::seq<identifier> {};
struct strategy_arguments : argument_list {};
struct paginate_clause
    : p::seq<paginate_word, hs, p::must<strategy_name>, p::opt<strategy_arguments>> {};
struct auth_clause : p::seq<use_auth_word, hs, p::must<strategy_name>, p::opt<strategy_arguments>,
                            p::opt<ws, when_part>> {};

struct clause_name : p::seq<declared_name> {};
FCONN_WORD(let_word, "let");
struct let_request : p::seq<request> {};
struct let_value : p::seq<expr> {};
struct let_clause : p::seq<let_word, hs, p::must<clause_name>, hs, p::must<equals>, ws,
                           p::sor<let_request, p::must<let_value>>> {};

FCONN_WORD(retry_word, "retry");
struct times_part : p::seq<TAO_PEGTL_KEYWORD("times"), hs, p::must<expected_expr>> {};
struct backoff_dots : p::string<'.', '.'> {};
struct backoff_part : p::seq<TAO_PEGTL_KEYWORD("backoff"), hs, p::must<expected_expr>, hs,
                             p::must<backoff_dots>, hs, p::must<expected_expr>> {};
struct retry_part : p::sor<on_part, when_part, times_part, backoff_part, every_part> {};
struct retry_clause : p::seq<retry_word, hs, p::must<retry_part>, p::star<ws, retry_part>> {};

FCONN_WORD(timeout_word, "timeout");
struct connect_word : p::seq<TAO_PEGTL_KEYWORD("connect")> {};
struct connect_part : p::seq<p::one<','>, ws, p::must<connect_word>, hs, p::must<expected_expr>> {};
struct timeout_clause : p::seq<timeout_word, p::must<clause_value>, p::opt<hs, connect_part>> {};

FCONN_WORD(rate_word, "rate");
struct rate_slash : p::one<'/'> {};
struct rate_unit : p::seq<p::one<'s', 'm', 'h', 'd'>, word_end> {};
struct rate_limit : p::seq<postfixed, hs, p::must<rate_slash>, hs, p::must<rate_unit>> {};
struct rate_clause : p::seq<rate_word, hs, p::must<rate_limit>,
                            p::star<hs, p::one<','>, ws, p::must<rate_limit>>> {};

/// A mark: the word alone.
FCONN_WORD(idempotent_word, "idempotent");

FCONN_WORD(each_word, "for");
struct in_word : p::seq<TAO_PEGTL_KEYWORD("in")> {};
struct each_clause
    : p::seq<each_word, hs, p::must<clause_name>, ws, p::must<in_word>, p::must<clause_value>> {};

FCONN_WORD(hosts_word, "hosts");
struct host : p::seq<expr> {};
struct hosts_clause
    : p::seq<hosts_word, hs, p::must<host>, p::star<hs, p::one<','>, ws, p::must<host>>> {};

FCONN_WORD(stop_word, "stop");
struct stop_when : p::seq<when_part> {};
struct stop_clause : p::seq<stop_word, hs, p::must<stop_when>, p::opt<ws, reason>> {};
FCONN_WORD(next_word, "next");
struct next_part : p::sor<TAO_PEGTL_KEYWORD("url"), TAO_PEGTL_KEYWORD("query"),
                          TAO_PEGTL_KEYWORD("headers"), TAO_PEGTL_KEYWORD("body")> {};
struct next_clause : p::seq<next_word, hs, p::must<next_part>, p::must<clause_value>> {};

FCONN_WORD(token_word, "token");
FCONN_WORD(login_word, "login");
FCONN_WORD(refresh_word, "refresh");
struct token_clause
    : p::seq<p::sor<token_word, login_word, refresh_word>, hs, p::must<clause_name>,
             p::opt<hs, when_part>, hs, p::must<equals>, ws, p::must<expected_token_request>> {};
FCONN_WORD(challenge_word, "challenge");
struct challenge_clause : p::seq<challenge_word, hs, p::must<clause_name>, hs, p::must<equals>, ws,
                                 p::must<let_value>> {};
FCONN_WORD(expires_word, "expires");
struct expires_how : p::sor<TAO_PEGTL_KEYWORD("in"), TAO_PEGTL_KEYWORD("at")> {};
struct margin_part : p::seq<TAO_PEGTL_KEYWORD("margin"), hs, p::must<expected_expr>> {};
struct expires_clause : p::seq<expires_word, hs, p::must<expires_how>, p::must<clause_value>,
                               p::opt<hs, margin_part>> {};

struct known_clause : p::failure {};
struct clause
    : p::sor<value_clause, let_clause, skip_clause, body_clause, paginate_clause, retry_clause,
             until_clause, as_clause, timeout_clause, rate_clause, auth_clause, hosts_clause,
             stop_clause, next_clause, token_clause, challenge_clause, expires_clause, each_clause,
             idempotent_word, p::must<known_clause>> {};

// ---- chains ------------------------------------------------------------------------------------

struct chain_start : p::success {};
struct identity_name : p::seq<identifier> {};
struct needs_or : p::seq<TAO_PEGTL_KEYWORD("or")> {};
struct needs_and : p::seq<TAO_PEGTL_KEYWORD("and")> {};
struct needs : p::seq<TAO_PEGTL_KEYWORD("needs"), hs, p::must<identity_name>,
                      p::star<hs, p::sor<needs_or, needs_and>, hs, p::must<identity_name>>> {};
struct chain_step : p::sor<request, clause> {};
struct chain_block : block<Level::chain, chain_step> {};
struct chain_request : p::seq<request> {};
struct chain_body : p::sor<chain_request, chain_block> {};
struct chain : p::seq<chain_start, p::opt<hs, needs>, hs, p::must<chain_body>> {};

// ---- declarations ------------------------------------------------------------------------------

struct declaration;
struct subject : p::seq<declared_name> {};
/// A name that may be written "odd name".
struct any_name_word : p::seq<identifier> {};
struct any_name_quoted : p::seq<odd_text> {};
struct any_name : p::sor<any_name_word, any_name_quoted> {};
struct collection_name_word : p::seq<declared_name> {};
struct collection_name_quoted : p::seq<odd_text> {};
struct collection_name : p::sor<collection_name_word, collection_name_quoted> {};
struct label : p::seq<string> {};
struct decl_value : p::seq<hs, expr> {};
struct decl_text : p::seq<hs, string> {};
template <Level L>
struct decl_block : block<L, declaration> {};

FCONN_WORD(version_word, "version");
FCONN_WORD(docs_word, "docs");
FCONN_WORD(use_word, "use");
struct text_decl : p::seq<p::sor<version_word, docs_word, use_word>, p::must<decl_text>> {};
FCONN_WORD(category_word, "category");
struct category_name : p::seq<identifier> {};
struct category_decl : p::seq<category_word, hs, p::must<category_name>> {};

FCONN_WORD(param_word, "param");
FCONN_WORD(secret_word, "secret");
FCONN_WORD(identity_word, "identity");
FCONN_WORD(external_word, "external");
struct param_type : p::seq<p::one<':'>, ws, p::must<expected_type>> {};
struct param_default : p::seq<equals, ws, p::must<expected_expr>> {};
struct param_decl : p::seq<p::sor<param_word, secret_word>, hs, p::must<subject>, p::opt<hs, label>,
                           p::opt<hs, param_type>, p::opt<hs, param_default>> {};
struct identity_decl : p::seq<identity_word, hs, p::must<subject>, p::opt<hs, label>> {};
struct external_decl
    : p::seq<external_word, hs, p::must<subject>, p::opt<hs, label>, p::opt<hs, param_type>> {};

struct fn_param_name : p::seq<declared_name> {};
struct fn_param_default : p::seq<equals, ws, p::must<expected_expr>> {};
struct fn_param : p::seq<fn_param_name, p::opt<ws, fn_param_default>> {};
struct expected_fn_param : p::seq<fn_param> {};
struct fn_open : p::one<'('> {};
struct fn_params
    : p::seq<fn_open, ws,
             p::sor<close_paren, p::seq<p::must<expected_fn_param>, ws,
                                        p::star<p::one<','>, ws, p::not_at<p::one<')'>>,
                                                p::must<expected_fn_param>, ws>,
                                        p::opt<p::one<','>, ws>, p::must<close_paren>>>> {};
struct expected_fn_params : p::seq<fn_params> {};
FCONN_WORD(fn_word, "fn");
struct fn_body : p::seq<expr> {};
struct fn_decl : p::seq<fn_word, hs, p::must<subject>, hs, p::must<expected_fn_params>, ws,
                        p::must<equals>, ws, p::must<fn_body>> {};

FCONN_WORD(client_word, "client");
template <Level L>
struct expected_block : p::seq<clause_block<L>> {};
template <Level L>
struct expected_decl_block : p::seq<decl_block<L>> {};
struct client_decl
    : p::seq<client_word, ws, p::opt<subject, ws>, p::must<expected_block<Level::client>>> {};
FCONN_WORD(auth_word, "auth");
FCONN_WORD(pagination_word, "pagination");
struct auth_decl : p::seq<auth_word, hs, p::must<subject>, p::opt<hs, fn_params>, ws,
                          p::must<expected_block<Level::auth>>> {};
struct pagination_decl : p::seq<pagination_word, hs, p::must<subject>, p::opt<hs, fn_params>, ws,
                                p::must<expected_block<Level::pagination>>> {};

FCONN_WORD(check_word, "check");
FCONN_WORD(read_word, "read");
FCONN_WORD(update_word, "update");
FCONN_WORD(delete_word, "delete");
FCONN_WORD(consent_word, "consent");
struct action_decl : p::seq<p::sor<check_word, read_word, update_word, delete_word>, hs, chain> {};
struct direction : p::sor<TAO_PEGTL_KEYWORD("opt_in"), TAO_PEGTL_KEYWORD("opt_out")> {};
struct purpose_word : p::seq<TAO_PEGTL_KEYWORD("purpose")> {};
struct purpose : p::seq<TAO_PEGTL_KEYWORD("for"), hs, p::must<purpose_word>, p::must<decl_text>> {};
struct consent_decl : p::seq<consent_word, hs, p::must<direction>, p::opt<hs, purpose>, hs, chain> {
};

FCONN_WORD(without_word, "without");
struct without_kind : p::seq<identifier> {};
struct without_name : p::seq<any_name> {};
struct without_decl : p::seq<without_word, hs, p::must<without_kind>, hs, p::must<without_name>> {};

FCONN_WORD(collection_word, "collection");
struct collection_decl : p::seq<collection_word, hs, p::must<collection_name>, ws,
                                p::must<expected_decl_block<Level::collection>>> {};
FCONN_WORD(for_word, "for");
struct source_name : p::seq<declared_name> {};
struct source_where : p::seq<TAO_PEGTL_KEYWORD("where"), hs, p::must<expected_expr>> {};
struct for_source : p::seq<source_name, ws, p::must<in_word>, ws, p::must<expected_expr>,
                           p::opt<ws, source_where>> {};
struct for_decl
    : p::seq<for_word, hs, p::must<for_source>, p::star<hs, p::one<','>, ws, p::must<for_source>>> {
};
FCONN_WORD(emit_word, "emit");
struct emit_decl : p::seq<emit_word, p::must<decl_value>> {};
FCONN_WORD(fields_word, "fields");
struct default_category : p::seq<category> {};
struct expected_category : p::seq<default_category> {};
struct fields_default : p::seq<TAO_PEGTL_KEYWORD("default"), hs, p::must<expected_category>,
                               p::star<hs, default_category>> {};
struct fields_block : block<Level::fields, field> {};
struct fields_decl : p::seq<fields_word, hs, p::opt<fields_default>, ws, p::must<fields_block>> {};
FCONN_WORD(erase_after_word, "erase_after");
struct erased_name : p::seq<any_name> {};
struct erase_after_decl : p::seq<erase_after_word, hs, p::must<erased_name>,
                                 p::star<hs, p::one<','>, ws, p::must<erased_name>>> {};
FCONN_WORD(prefer_word, "prefer");
struct preferred : p::sor<TAO_PEGTL_KEYWORD("delete"), TAO_PEGTL_KEYWORD("update")> {};
struct prefer_decl : p::seq<prefer_word, hs, p::must<preferred>> {};

FCONN_WORD(connector_word, "connector");
struct base_name : p::seq<identifier> {};
struct base_version : p::seq<string> {};
struct extends : p::seq<TAO_PEGTL_KEYWORD("extends"), hs, p::must<base_name>,
                        p::opt<hs, TAO_PEGTL_KEYWORD("at"), hs, p::must<base_version>>> {};
struct connector_decl
    : p::seq<connector_word, hs, p::must<subject>, p::star<hs, p::sor<extends, label>>, ws,
             p::must<expected_decl_block<Level::connector>>> {};

// ---- test files --------------------------------------------------------------------------------

FCONN_WORD(case_word, "case");
FCONN_WORD(test_connector_word, "connector");
FCONN_WORD(params_word, "params");
FCONN_WORD(secrets_word, "secrets");
FCONN_WORD(test_identity_word, "identity");
FCONN_WORD(test_external_word, "external");
FCONN_WORD(test_token_word, "token");
FCONN_WORD(test_consent_word, "consent");
FCONN_WORD(test_purpose_word, "purpose");
FCONN_WORD(test_policy_word, "policy");
FCONN_WORD(test_erase_word, "erase");
FCONN_WORD(test_collection_word, "collection");
struct test_text : p::seq<p::sor<test_connector_word, case_word, test_consent_word,
                                 test_purpose_word, test_erase_word, test_collection_word>,
                          p::must<decl_text>> {};
struct test_object : p::seq<object> {};
struct test_values : p::seq<p::sor<params_word, secrets_word, test_identity_word,
                                   test_external_word, test_token_word, test_policy_word>,
                            ws, p::must<test_object>> {};
FCONN_WORD(reply_word, "reply");
struct with_word : p::seq<TAO_PEGTL_KEYWORD("with")> {};
struct reply_status : p::seq<postfixed> {};
struct response_block : clause_block<Level::response> {};
struct reply_decl : p::seq<reply_word, hs, p::must<expected_message>, ws, p::must<with_word>, hs,
                           p::must<reply_status>, p::opt<ws, response_block>> {};
FCONN_WORD(expect_word, "expect");
struct outcome : p::sor<TAO_PEGTL_KEYWORD("complete"), TAO_PEGTL_KEYWORD("skipped"),
                        TAO_PEGTL_KEYWORD("capped"), TAO_PEGTL_KEYWORD("failed")> {};
/// `rows`, `exit` … unless a collection of that name is meant.
template <class Word>
struct expect_what : p::seq<Word, p::not_at<hs, outcome>> {};
struct expect_rows_word : expect_what<p::sor<TAO_PEGTL_KEYWORD("rows"), TAO_PEGTL_KEYWORD("row")>> {
};
struct expected_collection : p::seq<any_name> {};
struct expect_rows_value : p::seq<hs, expr> {};
struct expect_rows
    : p::seq<expect_rows_word, hs, p::must<expected_collection>, p::must<expect_rows_value>> {};
struct expect_exit_word : expect_what<TAO_PEGTL_KEYWORD("exit")> {};
struct expect_exit : p::seq<expect_exit_word, hs, p::must<expected_operand>> {};
struct expect_no_word : expect_what<TAO_PEGTL_KEYWORD("no")> {};
struct expect_request_word : expect_what<TAO_PEGTL_KEYWORD("request")> {};
struct request_word : p::sor<TAO_PEGTL_KEYWORD("requests"), TAO_PEGTL_KEYWORD("request")> {};
struct expect_count : p::seq<number> {};
struct expect_request
    : p::seq<p::sor<expect_request_word, p::seq<expect_no_word, hs, p::must<request_word>>,
                    p::seq<expect_count, hs, p::must<request_word>>>,
             hs, p::must<expected_message>> {};
struct expect_reason : p::seq<string> {};
struct expected_outcome : p::seq<outcome> {};
struct expect_outcome : p::seq<any_name, hs, p::must<expected_outcome>, p::opt<hs, expect_reason>> {
};
/// `plan` and `apply`: what is done to rows; `leaves` says which of them nothing is done to.
struct expect_stage : expect_what<p::sor<TAO_PEGTL_KEYWORD("plan"), TAO_PEGTL_KEYWORD("apply")>> {};
struct action_none : p::seq<TAO_PEGTL_KEYWORD("no")> {};
struct action_count : p::seq<number> {};
struct leaves_word : p::seq<TAO_PEGTL_KEYWORD("leaves")> {};
struct action_word : p::sor<TAO_PEGTL_KEYWORD("updates"), TAO_PEGTL_KEYWORD("update"),
                            TAO_PEGTL_KEYWORD("deletes"), TAO_PEGTL_KEYWORD("delete")> {};
struct action_request : p::seq<p::at<method>, p::must<expected_message>> {};
struct action_outcome : p::sor<TAO_PEGTL_KEYWORD("done"), TAO_PEGTL_KEYWORD("skipped"),
                               TAO_PEGTL_KEYWORD("pending"), TAO_PEGTL_KEYWORD("failed")> {};
struct action_row : p::seq<object> {};
struct expect_leaves : p::seq<leaves_word, hs, p::must<expected_collection>, p::opt<hs, action_row>,
                              p::opt<hs, expect_reason>> {};
struct expect_action : p::seq<p::opt<p::sor<action_none, action_count>, hs>, p::must<action_word>,
                              hs, p::must<expected_collection>, p::opt<hs, action_request>,
                              p::opt<hs, action_outcome, p::opt<hs, expect_reason>>> {};
struct expect_stage_of : p::seq<expect_stage, hs, p::sor<expect_leaves, expect_action>> {};
struct expectation
    : p::sor<expect_rows, expect_exit, expect_request, expect_stage_of, expect_outcome> {};
struct expect_decl : p::seq<expect_word, hs, p::must<expectation>> {};
struct known_test_item : p::failure {};
struct test_item
    : p::sor<test_text, test_values, reply_decl, expect_decl, p::must<known_test_item>> {};
struct test_decl_item : p::seq<test_item> {};
struct test_block : block<Level::test, test_decl_item> {};
FCONN_WORD(test_word, "test");
struct test_title : p::seq<string> {};
struct test_decl : p::seq<test_word, hs, p::must<test_title>, ws, p::must<test_block>> {};

// ---- files -------------------------------------------------------------------------------------

struct known_declaration : p::failure {};
struct declaration
    : p::sor<param_decl, identity_decl, collection_decl, action_decl, for_decl, fields_decl,
             client_decl, text_decl, category_decl, fn_decl, auth_decl, pagination_decl,
             external_decl, emit_decl, erase_after_decl, prefer_decl, consent_decl, without_decl,
             connector_decl, test_decl, p::must<known_declaration>> {};
FCONN_WORD(edition_word, "fconn");
struct edition_number : p::seq<p::plus<p::digit>, word_end> {};
struct edition : p::seq<edition_word, hs, p::must<edition_number>> {};
struct byte_order_mark : p::string<'\xEF', '\xBB', '\xBF'> {};
struct file : p::seq<p::opt<byte_order_mark>, ws, p::opt<p::at<edition_word>, guarded<edition>>, ws,
                     p::star<p::not_at<p::eof>, guarded<declaration>, ws>, p::eof> {};
struct end_of_expression : p::eof {};
struct expression_file : p::seq<ws, p::must<expected_expr>, ws, p::must<end_of_expression>> {};
struct guarded_expression : p::sor<attempt<expression_file>, p::star<p::any>> {};

#undef FCONN_WORD

}  // namespace fconn::grammar::rule
