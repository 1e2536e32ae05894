// What each rule that has to match is called in "expected …, found …". The control demands one for
// every rule under a must (a missing one does not compile). Rules whose mistake needs more than a
// sentence are handled in `raise` of actions.hh.
#pragma once

#include "grammar/build_ast.hh"
#include "grammar/rules.hh"

namespace fconn::grammar {

template <class Rule>
inline constexpr Message message{};

#define FCONN_MESSAGE(rule_name, ...)                 \
  template <>                                         \
  inline constexpr Message message<rule::rule_name> { \
    __VA_ARGS__                                       \
  }

FCONN_MESSAGE(expected_expr, DiagnosticId::expected_expression, "an expression");
FCONN_MESSAGE(expected_operand, DiagnosticId::expected_expression, "an expression");
FCONN_MESSAGE(right_operand, DiagnosticId::expected_expression, "an expression after the operator");
FCONN_MESSAGE(clause_value, DiagnosticId::expected_expression, "an expression",
              "An argument starts on its clause's line.");
FCONN_MESSAGE(let_value, DiagnosticId::expected_expression, "an expression or a request");
FCONN_MESSAGE(fn_body, DiagnosticId::expected_expression, "the function's expression");
FCONN_MESSAGE(mask_value, DiagnosticId::expected_expression, "the mask's expression");
FCONN_MESSAGE(host, DiagnosticId::expected_expression, "a host in quotes");
FCONN_MESSAGE(rate_limit, DiagnosticId::expected_expression, "a rate such as 10/s");
FCONN_MESSAGE(decl_value, DiagnosticId::expected_expression, "an expression",
              "An argument starts on its declaration's line.");
FCONN_MESSAGE(expect_rows_value, DiagnosticId::expected_expression, "the expected rows");
FCONN_MESSAGE(reply_status, DiagnosticId::expected_expression, "a status such as 200");
FCONN_MESSAGE(test_object, DiagnosticId::expected_expression, "an object `{ … }`");
FCONN_MESSAGE(expected_argument, DiagnosticId::expected_expression, "an argument");
FCONN_MESSAGE(list_item, DiagnosticId::expected_expression, "an element");
FCONN_MESSAGE(pipe_call, DiagnosticId::expected_expression, "a function's name after `|`");
FCONN_MESSAGE(expected_string, DiagnosticId::syntax, "a string");
FCONN_MESSAGE(decl_text, DiagnosticId::syntax, "a string");
FCONN_MESSAGE(test_title, DiagnosticId::syntax, "the test's title in quotes");
FCONN_MESSAGE(callable, DiagnosticId::syntax, "an operator",
              "Only a function's name can be called.");
FCONN_MESSAGE(entry, DiagnosticId::syntax, "a key",
              "A key is a word, a string or an expression in brackets, followed by `:`.");
FCONN_MESSAGE(member_name, DiagnosticId::syntax, "a member's name after `.`",
              "A name that isn't a word is written .[\"odd name\"].");
FCONN_MESSAGE(comprehension_name, DiagnosticId::syntax, "a name after `for`");
FCONN_MESSAGE(comprehension_in, DiagnosticId::syntax, "`in`");
FCONN_MESSAGE(in_word, DiagnosticId::syntax, "`in`");
FCONN_MESSAGE(then_word, DiagnosticId::syntax, "`then`", "Write if … then … else ….");
FCONN_MESSAGE(else_word, DiagnosticId::syntax, "`else`", "An `if` always has an `else`.");
FCONN_MESSAGE(expected_type, DiagnosticId::syntax, "a type",
              "A type is a word such as string, [T], { … } or literal choices.");
FCONN_MESSAGE(field_type, DiagnosticId::syntax, "a type on the field's line",
              "A type is a word such as string, [T] or { … }.");
FCONN_MESSAGE(expected_choice, DiagnosticId::syntax, "a literal choice");
FCONN_MESSAGE(field_colon, DiagnosticId::syntax, "`:` after the field's name",
              "A field is written name: type.");
FCONN_MESSAGE(field_end, DiagnosticId::syntax, "`,`, `}` or the end of the line after a field");
FCONN_MESSAGE(expected_field, DiagnosticId::syntax, "a field", "A field is written name: type.");
FCONN_MESSAGE(known_mark, DiagnosticId::syntax, "a mark", "", "key readonly length format mask");
FCONN_MESSAGE(category_text, DiagnosticId::syntax, "a category after `@`");
FCONN_MESSAGE(expected_category, DiagnosticId::syntax, "a category such as @system.operations");
FCONN_MESSAGE(length_value, DiagnosticId::syntax, "a number after `length`");
FCONN_MESSAGE(format_value, DiagnosticId::syntax, "a format's name such as email");
FCONN_MESSAGE(target, DiagnosticId::syntax, "a path or a URL after the method",
              "A path starts with `/`, a URL with https:// or a hole {+url}.");
FCONN_MESSAGE(via_name, DiagnosticId::syntax, "a client's name after `via`");
FCONN_MESSAGE(clause_name, DiagnosticId::syntax, "a name");
FCONN_MESSAGE(source_name, DiagnosticId::syntax, "a name");
FCONN_MESSAGE(for_source, DiagnosticId::syntax, "a name after `for`", "Write for NAME in SOURCE.");
FCONN_MESSAGE(subject, DiagnosticId::syntax, "a name");
FCONN_MESSAGE(collection_name, DiagnosticId::syntax, "the collection's name");
FCONN_MESSAGE(equals, DiagnosticId::syntax, "`=`");
FCONN_MESSAGE(body_kind, DiagnosticId::syntax, "the kind of body",
              "Write body json, form, text, xml, multipart, csv or ndjson.",
              "json form text xml multipart csv ndjson");
FCONN_MESSAGE(as_format, DiagnosticId::syntax, "a format",
              "Write as json, csv, xml, ndjson, text or bytes.", "json csv xml ndjson text bytes");
FCONN_MESSAGE(status_range, DiagnosticId::bad_literal, "a status",
              "Write 404, 4xx or 502..504, separated by commas.");
FCONN_MESSAGE(condition, DiagnosticId::syntax, "`on` or `when`", "", "on when");
FCONN_MESSAGE(stop_when, DiagnosticId::syntax, "`when`", "", "when");
FCONN_MESSAGE(retry_part, DiagnosticId::syntax, "`on` or `when`", "",
              "on when times backoff every");
FCONN_MESSAGE(backoff_dots, DiagnosticId::syntax, "`..`", "Write backoff 1s..60s.");
FCONN_MESSAGE(strategy_name, DiagnosticId::syntax, "a strategy's name");
FCONN_MESSAGE(connect_word, DiagnosticId::syntax, "`connect`", "", "connect");
FCONN_MESSAGE(rate_slash, DiagnosticId::syntax, "`/` and a unit", "Write a rate as 10/s.");
FCONN_MESSAGE(rate_unit, DiagnosticId::syntax, "s, m, h or d", "Write a rate as 10/s.");
FCONN_MESSAGE(next_part, DiagnosticId::syntax, "what comes next",
              "Write next url, query, headers or body.", "url query headers body");
FCONN_MESSAGE(expected_token_request, DiagnosticId::syntax, "a request such as POST /token");
FCONN_MESSAGE(expires_how, DiagnosticId::syntax, "`in` or `at`", "", "in at");
FCONN_MESSAGE(identity_name, DiagnosticId::syntax, "an identity's name");
FCONN_MESSAGE(chain_body, DiagnosticId::syntax, "a request or a block of requests",
              "Write METHOD PATH, or a block { … METHOD PATH }.",
              "GET POST PUT PATCH DELETE HEAD OPTIONS needs");
FCONN_MESSAGE(category_name, DiagnosticId::syntax, "the category's name");
FCONN_MESSAGE(fn_param_name, DiagnosticId::syntax, "a parameter's name");
FCONN_MESSAGE(expected_fn_param, DiagnosticId::syntax, "a parameter's name");
FCONN_MESSAGE(expected_fn_params, DiagnosticId::syntax, "parameters in parentheses");
FCONN_MESSAGE(expected_block<Level::client>, DiagnosticId::syntax, "`{`");
FCONN_MESSAGE(expected_block<Level::auth>, DiagnosticId::syntax, "`{`");
FCONN_MESSAGE(expected_block<Level::pagination>, DiagnosticId::syntax, "`{`");
FCONN_MESSAGE(expected_decl_block<Level::collection>, DiagnosticId::syntax, "`{`");
FCONN_MESSAGE(expected_decl_block<Level::connector>, DiagnosticId::syntax, "`{`");
FCONN_MESSAGE(fields_block, DiagnosticId::syntax, "`{`");
FCONN_MESSAGE(test_block, DiagnosticId::syntax, "`{`");
FCONN_MESSAGE(direction, DiagnosticId::syntax, "opt_in or opt_out", "", "opt_in opt_out");
FCONN_MESSAGE(purpose_word, DiagnosticId::syntax, "`purpose`", "", "purpose");
FCONN_MESSAGE(without_kind, DiagnosticId::syntax, "what to leave out",
              "Write without collection NAME.");
FCONN_MESSAGE(without_name, DiagnosticId::syntax, "a name");
FCONN_MESSAGE(erased_name, DiagnosticId::syntax, "a collection's name");
FCONN_MESSAGE(preferred, DiagnosticId::syntax, "delete or update", "", "delete update");
FCONN_MESSAGE(base_name, DiagnosticId::syntax, "a connector's name after `extends`");
FCONN_MESSAGE(base_version, DiagnosticId::syntax, "the base's version as text",
              "Write extends NAME at \"1.0.0\".");
FCONN_MESSAGE(expected_message, DiagnosticId::syntax, "a request such as GET /users");
FCONN_MESSAGE(with_word, DiagnosticId::syntax, "`with` and a status",
              "Write reply METHOD PATH with STATUS { … }.");
FCONN_MESSAGE(expected_collection, DiagnosticId::syntax, "a collection's name");
FCONN_MESSAGE(request_word, DiagnosticId::syntax, "`request`", "", "request requests");
FCONN_MESSAGE(expected_outcome, DiagnosticId::syntax, "an outcome",
              "Write complete, skipped, capped or failed.", "complete skipped capped failed");
FCONN_MESSAGE(expectation, DiagnosticId::syntax, "what is expected",
              "Write request, no request, rows, row, exit, plan, apply or a collection's name.");
FCONN_MESSAGE(action_word, DiagnosticId::syntax, "what is done to rows",
              "Write update, delete or leaves, and a collection's name.",
              "update delete updates deletes leaves");
FCONN_MESSAGE(edition_number, DiagnosticId::bad_edition, "the edition's number", "Write fconn 1.");
FCONN_MESSAGE(end_of_expression, DiagnosticId::syntax, "an operator or the end of the expression");

#undef FCONN_MESSAGE

}  // namespace fconn::grammar
