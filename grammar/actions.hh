// Joins rules and builder: which member each rule calls, and what a failed must does. PEGTL only;
// included by parse.cc alone.
#pragma once

#include "grammar/build_ast.hh"
#include "grammar/messages.hh"
#include "grammar/rules.hh"

namespace fconn::grammar {

template <class Rule>
struct action : tao::pegtl::nothing<Rule> {};

/// Calls a member of the builder with the span of what matched; a member that returns bool can
/// refuse the match.
template <auto Member>
struct calls {
  template <class ActionInput>
  static auto apply(const ActionInput& in, Builder& builder)
      -> decltype((builder.*Member)(Span{})) {
    return (builder.*Member)(builder.span(in.begin(), in.end()));
  }
};

#define FCONN_ACTION(rule_name, ...) \
  template <>                        \
  struct action<rule::rule_name> : calls<&Builder::__VA_ARGS__> {}

FCONN_ACTION(comment, comment);
// expressions
FCONN_ACTION(quoted_open, open);
FCONN_ACTION(text_block_open, open);
FCONN_ACTION(raw_open, open);
FCONN_ACTION(raw_block_open, open);
FCONN_ACTION(hole_open, open);
FCONN_ACTION(quoted_text, quoted_text);
FCONN_ACTION(text_block_text, verbatim_text);
FCONN_ACTION(raw_text, verbatim_text);
FCONN_ACTION(raw_block_text, verbatim_text);
FCONN_ACTION(hole, hole);
FCONN_ACTION(string, string);
FCONN_ACTION(number, number);
FCONN_ACTION(word_operand, word_operand);
FCONN_ACTION(call_open, open);
FCONN_ACTION(call_tail, call_tail);
FCONN_ACTION(argument_name, argument_name);
FCONN_ACTION(argument, argument);
FCONN_ACTION(dot_sign, dot);
FCONN_ACTION(member_word, member_word);
FCONN_ACTION(member_odd, member_odd);
FCONN_ACTION(each, each);
FCONN_ACTION(index_open, open);
FCONN_ACTION(index, index);
FCONN_ACTION(list_open, open);
FCONN_ACTION(plain_item, list_item);
FCONN_ACTION(spread_item, list_spread);
FCONN_ACTION(list, list);
FCONN_ACTION(object_open, open);
FCONN_ACTION(key_word, key_word);
FCONN_ACTION(key_quoted, key_quoted);
FCONN_ACTION(named_entry, named_entry);
FCONN_ACTION(computed_open, open);
FCONN_ACTION(computed_entry, computed_entry);
FCONN_ACTION(spread_entry, spread_entry);
FCONN_ACTION(object, object);
FCONN_ACTION(comprehension_name, comprehension_name);
FCONN_ACTION(comprehension_condition, comprehension_condition);
FCONN_ACTION(comprehension, comprehension);
FCONN_ACTION(paren_open, open);
FCONN_ACTION(paren, paren);
FCONN_ACTION(prefix, prefix);
FCONN_ACTION(binary_operator, binary_operator);
FCONN_ACTION(pipe_sign, pipe_sign);
FCONN_ACTION(pipe_name, pipe_name);
FCONN_ACTION(pipe_call, pipe_call);
FCONN_ACTION(if_expr, if_expr);
// types and fields
FCONN_ACTION(type_name, type_name);
FCONN_ACTION(type_list_open, open);
FCONN_ACTION(type_list, type_list);
FCONN_ACTION(type_object, type_object);
FCONN_ACTION(choice_mark, choice_mark);
FCONN_ACTION(type_choices, type_choices);
FCONN_ACTION(field_name_word, field_name_word);
FCONN_ACTION(field_name_quoted, field_name_quoted);
FCONN_ACTION(field_type, field_type);
FCONN_ACTION(category_text, category_text);
FCONN_ACTION(field_category, field_category);
FCONN_ACTION(key_mark, key_mark);
FCONN_ACTION(readonly_mark, readonly_mark);
FCONN_ACTION(length_value, length_value);
FCONN_ACTION(format_value, format_value);
FCONN_ACTION(mask_value, mask_value);
FCONN_ACTION(field_head, field_head);
// requests
FCONN_ACTION(method, method);
FCONN_ACTION(path_text, path_text);
FCONN_ACTION(path_bad, path_bad);
FCONN_ACTION(path_hole_open, open);
FCONN_ACTION(path_hole, path_hole);
FCONN_ACTION(target, target);
FCONN_ACTION(via_name, via);
template <Level L>
struct action<rule::block_open<L>> : calls<&Builder::open_block<L>> {};
FCONN_ACTION(block_end, block_closed);
FCONN_ACTION(inside, inside);
FCONN_ACTION(unclosed, unclosed);
FCONN_ACTION(clause_block<Level::request>, request_block);
FCONN_ACTION(clause_block<Level::token>, request_block);
FCONN_ACTION(clause_block<Level::message>, request_block);
FCONN_ACTION(message_request, request);
// clauses
FCONN_ACTION(query_word, begin_clause<QueryClause>);
FCONN_ACTION(headers_word, begin_clause<HeadersClause>);
FCONN_ACTION(rows_word, begin_clause<RowsClause>);
FCONN_ACTION(keep_word, begin_clause<KeepClause>);
FCONN_ACTION(map_word, begin_clause<MapClause>);
FCONN_ACTION(take_word, begin_clause<TakeClause>);
FCONN_ACTION(base_word, begin_clause<BaseClause>);
FCONN_ACTION(parallel_word, begin_clause<ParallelClause>);
FCONN_ACTION(value_word, begin_clause<ValueClause>);
FCONN_ACTION(body_word, begin_clause<BodyClause>);
FCONN_ACTION(as_word, begin_clause<AsClause>);
FCONN_ACTION(skip_word, begin_clause<SkipClause>);
FCONN_ACTION(fail_word, begin_clause<FailClause>);
FCONN_ACTION(until_word, begin_clause<UntilClause>);
FCONN_ACTION(paginate_word, begin_clause<PaginateClause>);
FCONN_ACTION(use_auth_word, begin_clause<AuthClause>);
FCONN_ACTION(let_word, begin_clause<LetClause>);
FCONN_ACTION(retry_word, begin_clause<RetryClause>);
FCONN_ACTION(timeout_word, begin_clause<TimeoutClause>);
FCONN_ACTION(rate_word, begin_clause<RateClause>);
FCONN_ACTION(idempotent_word, begin_clause<IdempotentClause>);
FCONN_ACTION(each_word, begin_clause<ForEachClause>);
FCONN_ACTION(hosts_word, begin_clause<HostsClause>);
FCONN_ACTION(stop_word, begin_clause<StopClause>);
FCONN_ACTION(next_word, begin_clause<NextClause>);
FCONN_ACTION(token_word, begin_token);
FCONN_ACTION(login_word, begin_login);
FCONN_ACTION(refresh_word, begin_refresh);
FCONN_ACTION(challenge_word, begin_clause<ChallengeClause>);
FCONN_ACTION(show_word, begin_clause<ShowClause>);
FCONN_ACTION(expires_word, begin_clause<ExpiresClause>);
FCONN_ACTION(clause, end_clause);
FCONN_ACTION(clause_value, clause_value);
FCONN_ACTION(clause_name, clause_name);
FCONN_ACTION(body_kind, body_kind);
FCONN_ACTION(media_type, media_type);
FCONN_ACTION(as_format, as_format);
FCONN_ACTION(status_range, status);
FCONN_ACTION(on_part, on_part);
FCONN_ACTION(when_part, when_part);
FCONN_ACTION(reason, reason);
FCONN_ACTION(every_part, every_part);
FCONN_ACTION(until_limit, until_limit);
FCONN_ACTION(times_part, times_part);
FCONN_ACTION(backoff_part, backoff_part);
FCONN_ACTION(strategy_name, strategy_name);
FCONN_ACTION(strategy_arguments, strategy_arguments);
FCONN_ACTION(let_request, inner_request);
FCONN_ACTION(expected_token_request, inner_request);
FCONN_ACTION(let_value, clause_value);
FCONN_ACTION(connect_part, connect_part);
FCONN_ACTION(rate_unit, rate_unit);
FCONN_ACTION(rate_limit, rate_limit);
FCONN_ACTION(host, host);
FCONN_ACTION(next_part, next_part);
FCONN_ACTION(expires_how, expires_how);
FCONN_ACTION(margin_part, margin_part);
// chains
FCONN_ACTION(chain_start, chain_start);
FCONN_ACTION(identity_name, identity_name);
FCONN_ACTION(needs_or, needs_or);
FCONN_ACTION(needs, needs);
FCONN_ACTION(chain_request, chain_request);
FCONN_ACTION(chain_block, chain_block);
FCONN_ACTION(chain, chain);
// declarations
FCONN_ACTION(version_word, begin_decl<VersionDecl>);
FCONN_ACTION(docs_word, begin_decl<DocsDecl>);
FCONN_ACTION(use_word, begin_decl<UseDecl>);
FCONN_ACTION(category_word, begin_decl<CategoryDecl>);
FCONN_ACTION(param_word, begin_param);
FCONN_ACTION(secret_word, begin_secret);
FCONN_ACTION(identity_word, begin_decl<IdentityDecl>);
FCONN_ACTION(external_word, begin_decl<ExternalDecl>);
FCONN_ACTION(fn_word, begin_decl<FnDecl>);
FCONN_ACTION(client_word, begin_decl<ClientDecl>);
FCONN_ACTION(auth_word, begin_decl<AuthDecl>);
FCONN_ACTION(pagination_word, begin_decl<PaginationDecl>);
FCONN_ACTION(check_word, begin_decl<CheckDecl>);
FCONN_ACTION(read_word, begin_decl<ReadDecl>);
FCONN_ACTION(update_word, begin_decl<UpdateDecl>);
FCONN_ACTION(delete_word, begin_decl<DeleteDecl>);
FCONN_ACTION(consent_word, begin_decl<ConsentDecl>);
FCONN_ACTION(without_word, begin_decl<WithoutDecl>);
FCONN_ACTION(collection_word, begin_decl<CollectionDecl>);
FCONN_ACTION(for_word, begin_decl<ForDecl>);
FCONN_ACTION(emit_word, begin_decl<EmitDecl>);
FCONN_ACTION(fields_word, begin_decl<FieldsDecl>);
FCONN_ACTION(erase_after_word, begin_decl<EraseAfterDecl>);
FCONN_ACTION(prefer_word, begin_decl<PreferDecl>);
FCONN_ACTION(connector_word, begin_decl<ConnectorDecl>);
FCONN_ACTION(test_word, begin_decl<TestDecl>);
FCONN_ACTION(declaration, end_decl);
FCONN_ACTION(test_decl_item, end_decl);
FCONN_ACTION(subject, subject);
FCONN_ACTION(collection_name_word, subject);
FCONN_ACTION(collection_name_quoted, quoted_subject);
FCONN_ACTION(any_name_word, any_word);
FCONN_ACTION(any_name_quoted, any_quoted);
FCONN_ACTION(label, label);
FCONN_ACTION(test_title, label);
FCONN_ACTION(decl_value, decl_value);
FCONN_ACTION(decl_text, decl_value);
FCONN_ACTION(category_name, category_name);
FCONN_ACTION(param_type, param_type);
FCONN_ACTION(param_default, param_default);
FCONN_ACTION(fn_open, open);
FCONN_ACTION(fn_param_name, fn_param_name);
FCONN_ACTION(fn_param_default, fn_param_default);
FCONN_ACTION(fn_param, fn_param);
FCONN_ACTION(fn_params, fn_params);
FCONN_ACTION(fn_body, fn_body);
FCONN_ACTION(expected_block<Level::client>, decl_clauses);
FCONN_ACTION(expected_block<Level::auth>, decl_clauses);
FCONN_ACTION(expected_block<Level::pagination>, decl_clauses);
FCONN_ACTION(expected_decl_block<Level::collection>, decl_items);
FCONN_ACTION(expected_decl_block<Level::connector>, decl_items);
FCONN_ACTION(test_block, decl_items);
FCONN_ACTION(direction, direction);
FCONN_ACTION(without_kind, without_kind);
FCONN_ACTION(without_name, without_name);
FCONN_ACTION(source_name, source_name);
FCONN_ACTION(source_where, source_where);
FCONN_ACTION(for_source, for_source);
FCONN_ACTION(default_category, default_category);
FCONN_ACTION(fields_block, fields_block);
FCONN_ACTION(erased_name, erased_name);
FCONN_ACTION(preferred, preferred);
FCONN_ACTION(base_name, base_name);
FCONN_ACTION(base_version, base_version);
// test files
FCONN_ACTION(test_connector_word, begin_test_text);
FCONN_ACTION(case_word, begin_test_text);
FCONN_ACTION(test_consent_word, begin_test_text);
FCONN_ACTION(test_purpose_word, begin_test_text);
FCONN_ACTION(test_erase_word, begin_test_text);
FCONN_ACTION(test_collection_word, begin_test_text);
FCONN_ACTION(params_word, begin_test_values);
FCONN_ACTION(secrets_word, begin_test_values);
FCONN_ACTION(test_identity_word, begin_test_values);
FCONN_ACTION(test_external_word, begin_test_values);
FCONN_ACTION(test_token_word, begin_test_values);
FCONN_ACTION(test_policy_word, begin_test_values);
FCONN_ACTION(test_object, decl_value);
FCONN_ACTION(reply_word, begin_decl<TestReplyDecl>);
FCONN_ACTION(reply_status, reply_status);
FCONN_ACTION(response_block, response_block);
FCONN_ACTION(reply_decl, reply_end);
FCONN_ACTION(expect_word, begin_decl<TestExpectOutcomeDecl>);
FCONN_ACTION(expect_rows_word, expect_rows_word);
FCONN_ACTION(expect_rows, expect_rows);
FCONN_ACTION(expect_exit, expect_exit);
FCONN_ACTION(expect_no_word, expect_no);
FCONN_ACTION(expect_count, expect_count);
FCONN_ACTION(expect_request_word, expect_one);
FCONN_ACTION(expect_request, expect_request);
FCONN_ACTION(expected_outcome, outcome);
FCONN_ACTION(expect_reason, expect_reason);
FCONN_ACTION(expect_outcome, expect_outcome);
FCONN_ACTION(expect_stage, expect_stage);
FCONN_ACTION(action_none, action_none);
FCONN_ACTION(action_count, action_count);
FCONN_ACTION(leaves_word, action_word);
FCONN_ACTION(action_word, action_word);
FCONN_ACTION(action_request, action_request);
FCONN_ACTION(action_outcome, action_outcome);
FCONN_ACTION(action_row, action_row);
FCONN_ACTION(expect_leaves, expect_action);
FCONN_ACTION(expect_action, expect_action);
FCONN_ACTION(edition_number, edition);

#undef FCONN_ACTION

/// Matches `Rule` itself, with its actions, from inside its own action.
template <class Rule, tao::pegtl::apply_mode A, tao::pegtl::rewind_mode M,
          template <class...> class Action, template <class...> class Control, class ParseInput>
bool match_plain(ParseInput& in, Builder& builder) {
  return tao::pegtl::match<Rule, A, M, Action, Control>(in, builder);
}

/// Counts nesting around a rule.
struct nests : tao::pegtl::maybe_nothing {
  template <class Rule, tao::pegtl::apply_mode A, tao::pegtl::rewind_mode M,
            template <class...> class Action, template <class...> class Control, class ParseInput>
  static bool match(ParseInput& in, Builder& builder) {
    const Builder::Nested nested(builder, in.current());
    return match_plain<Rule, A, M, Action, Control>(in, builder);
  }
};
template <>
struct action<rule::expr> : nests {};
template <>
struct action<rule::type> : nests {};

template <>
struct action<rule::request> : nests {
  template <class ActionInput>
  static void apply(const ActionInput& in, Builder& builder) {
    builder.request(builder.span(in.begin(), in.end()));
  }
};
template <>
struct action<rule::token_request> : action<rule::request> {};

template <>
struct action<rule::chain_of_operators> : tao::pegtl::maybe_nothing {
  template <class Rule, tao::pegtl::apply_mode A, tao::pegtl::rewind_mode M,
            template <class...> class Action, template <class...> class Control, class ParseInput>
  static bool match(ParseInput& in, Builder& builder) {
    const Builder::OperatorBase outer = builder.begin_operators();
    const bool matched = match_plain<Rule, A, M, Action, Control>(in, builder);
    builder.end_operators(outer, matched);
    return matched;
  }
};

/// A failed item leaves nothing behind.
template <class Item>
struct action<rule::attempt<Item>> : tao::pegtl::maybe_nothing {
  template <class Rule, tao::pegtl::apply_mode A, tao::pegtl::rewind_mode M,
            template <class...> class Action, template <class...> class Control, class ParseInput>
  static bool match(ParseInput& in, Builder& builder) {
    const Builder::Mark mark = builder.mark();
    try {
      const bool matched =
          match_plain<Rule, A, tao::pegtl::rewind_mode::required, Action, Control>(in, builder);
      if (!matched) builder.rollback(mark);
      return matched;
    } catch (const TooMany&) {
      builder.rollback(mark);
      throw;
    }
  }
};

template <>
struct action<rule::skip_item> : tao::pegtl::maybe_nothing {
  template <class Rule, tao::pegtl::apply_mode A, tao::pegtl::rewind_mode M,
            template <class...> class Action, template <class...> class Control, class ParseInput>
  static bool match(ParseInput& in, Builder& builder) {
    if (in.empty()) return false;
    in.bump(static_cast<std::size_t>(builder.resume(in.current()) - in.current()));
    return true;
  }
};

// ---- control: what a failed must reports -------------------------------------------------------

template <class Rule>
struct raises {
  [[noreturn]] static void at(Builder& builder, const char* where) {
    static_assert(!message<Rule>.expected.empty(), "add a message for this rule to messages.hh");
    builder.fail(message<Rule>, where);
  }
};

#define FCONN_RAISES(rule_name, call)                                                  \
  template <>                                                                          \
  struct raises<rule::rule_name> {                                                     \
    [[noreturn]] static void at(Builder& builder, const char* where) { builder.call; } \
  }
FCONN_RAISES(close_paren, fail_close(')', where));
FCONN_RAISES(close_bracket, fail_close(']', where));
FCONN_RAISES(close_brace, fail_close('}', where));
FCONN_RAISES(hole_close, fail_close('}', where));
FCONN_RAISES(quoted_close, fail_string(where));
FCONN_RAISES(raw_close, fail_string(where));
FCONN_RAISES(text_block_close, fail_string(where));
FCONN_RAISES(raw_block_close, fail_string(where));
FCONN_RAISES(number_rest, fail_number(where));
FCONN_RAISES(entry_colon, fail_colon(where));
FCONN_RAISES(known_clause, fail_item(where));
FCONN_RAISES(known_declaration, fail_item(where));
FCONN_RAISES(known_test_item, fail_item(where));
#undef FCONN_RAISES

template <class Rule>
struct control : tao::pegtl::normal<Rule> {
  template <class ParseInput>
  [[noreturn]] static void raise(const ParseInput& in, Builder& builder) {
    raises<Rule>::at(builder, in.current());
  }
};

}  // namespace fconn::grammar
