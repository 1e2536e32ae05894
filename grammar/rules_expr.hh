// The grammar's lower half: white space, strings, literals, expressions, and the blocks that
// recover from mistakes. Included by rules.hh, where the whole is explained.
#pragma once

#include <tao/pegtl.hpp>

#include "grammar/words.hh"

namespace fconn::grammar {
struct Mistake;
}

namespace fconn::grammar::rule {

namespace p = tao::pegtl;

// ---- white space -------------------------------------------------------------------------------

struct comment : p::seq<p::one<'#'>, p::star<p::not_one<'\n'>>> {};
struct hs : p::star<p::one<' ', '\t'>> {};
struct ws : p::star<p::sor<p::plus<p::one<' ', '\t', '\n', '\r'>>, comment>> {};
struct line_break : p::seq<hs, p::sor<p::eol, p::seq<comment, p::eol>>, ws> {};

struct identifier : p::identifier {};
struct dashed : p::seq<p::identifier_first, p::star<p::sor<p::identifier_other, p::one<'-'>>>> {};
/// An operator word before `:` is a key and no operator.
template <class Word>
struct operator_word : p::seq<Word, p::not_at<ws, p::one<':'>>> {};

// ---- strings -----------------------------------------------------------------------------------

struct expr;

struct escape
    : p::seq<p::one<'\\'>, p::sor<p::seq<p::string<'u', '{'>, p::star<p::xdigit>, p::one<'}'>>,
                                  p::not_one<'\n', '\r'>>> {};
/// An expression that has to be there.
struct expected_expr : p::seq<expr> {};

struct hole_open : p::one<'{'> {};
struct hole_close : p::one<'}'> {};
struct hole : p::seq<hole_open, ws, p::must<expected_expr>, ws, p::must<hole_close>> {};

struct block_quote : p::string<'"', '"', '"'> {};
struct raw_block_quote : p::string<'\'', '\'', '\''> {};

struct quoted_open : p::one<'"'> {};
struct quoted_close : p::one<'"'> {};
struct quoted_text : p::plus<p::sor<p::not_one<'"', '\\', '{', '\n', '\r'>, escape>> {};
struct quoted : p::seq<quoted_open, p::star<p::sor<quoted_text, hole>>, p::must<quoted_close>> {};

struct text_block_open : block_quote {};
struct text_block_close : block_quote {};
struct text_block_text
    : p::plus<
          p::sor<p::not_one<'"', '\\', '{'>, escape, p::seq<p::not_at<block_quote>, p::one<'"'>>>> {
};
struct text_block
    : p::seq<text_block_open, p::star<p::sor<text_block_text, hole>>, p::must<text_block_close>> {};

struct raw_open : p::one<'\''> {};
struct raw_close : p::one<'\''> {};
struct raw_text : p::plus<p::not_one<'\'', '\n', '\r'>> {};
struct raw : p::seq<raw_open, p::opt<raw_text>, p::must<raw_close>> {};

struct raw_block_open : raw_block_quote {};
struct raw_block_close : raw_block_quote {};
struct raw_block_text
    : p::plus<p::sor<p::not_one<'\''>, p::seq<p::not_at<raw_block_quote>, p::one<'\''>>>> {};
struct raw_block : p::seq<raw_block_open, p::opt<raw_block_text>, p::must<raw_block_close>> {};

struct xml_prefix : p::string<'x', 'm', 'l'> {};
struct string : p::sor<p::seq<p::at<p::one<'"'>>, p::sor<text_block, quoted>>,
                       p::seq<p::at<p::one<'\''>>, p::sor<raw_block, raw>>,
                       p::seq<xml_prefix, p::at<p::one<'"'>>, p::sor<text_block, quoted>>> {};
struct expected_string : p::seq<string> {};

/// `"odd name"`: a constant string where a name may stand.
struct odd_text
    : p::seq<p::one<'"'>, p::star<p::sor<p::not_one<'"', '\\', '{', '\n', '\r'>, escape>>,
             p::one<'"'>> {};

// ---- literals ----------------------------------------------------------------------------------

struct word_end : p::not_at<p::identifier_other> {};
struct exponent : p::seq<p::one<'e', 'E'>, p::opt<p::one<'+', '-'>>, p::plus<p::digit>> {};
struct duration : p::seq<p::sor<p::string<'m', 's'>, p::one<'s', 'm', 'h', 'd'>>, word_end> {};
struct size : p::seq<p::sor<p::string<'K', 'i', 'B'>, p::string<'M', 'i', 'B'>,
                            p::string<'G', 'i', 'B'>, p::one<'B'>>,
                     word_end> {};
struct decimal
    : p::seq<p::sor<p::seq<p::one<'.'>, p::plus<p::digit>, p::opt<exponent>>, exponent>, word_end> {
};
struct integer : p::seq<word_end> {};
struct number_rest : p::sor<decimal, integer, duration, size> {};
struct number_digits : p::plus<p::digit> {};
struct number : p::seq<number_digits, p::must<number_rest>> {};

// ---- expressions -------------------------------------------------------------------------------

struct close_paren : p::one<')'> {};
struct close_bracket : p::one<']'> {};
struct close_brace : p::one<'}'> {};

struct argument_name : p::seq<identifier, ws, p::one<':'>> {};
struct argument : p::seq<p::opt<argument_name, ws>, expr> {};
struct expected_argument : p::seq<argument> {};
struct call_open : p::one<'('> {};
struct argument_list
    : p::seq<call_open, ws,
             p::sor<close_paren, p::seq<p::must<expected_argument>, ws,
                                        p::star<p::one<','>, ws, p::not_at<p::one<')'>>,
                                                p::must<expected_argument>, ws>,
                                        p::opt<p::one<','>, ws>, p::must<close_paren>>>> {};
struct call_tail : argument_list {};

struct comprehension_name : p::seq<identifier> {};
struct comprehension_in : p::seq<TAO_PEGTL_KEYWORD("in")> {};
struct comprehension_if : operator_word<TAO_PEGTL_KEYWORD("if")> {};
struct comprehension_condition : p::seq<comprehension_if, ws, p::must<expected_expr>, ws> {};
struct comprehension
    : p::seq<operator_word<TAO_PEGTL_KEYWORD("for")>, ws, p::must<comprehension_name>, ws,
             p::opt<p::one<','>, ws, p::must<comprehension_name>, ws>, p::must<comprehension_in>,
             ws, p::must<expected_expr>, ws, p::opt<comprehension_condition>> {};

struct spread_sign : p::string<'.', '.', '.'> {};
struct spread_item : p::seq<spread_sign, ws, p::must<expected_expr>> {};
struct plain_item : p::seq<expr> {};
struct list_item : p::sor<spread_item, plain_item> {};
struct list_open : p::one<'['> {};
struct list_more : p::seq<p::star<p::one<','>, ws, p::not_at<p::one<']'>>, p::must<list_item>, ws>,
                          p::opt<p::one<','>, ws>> {};
struct list
    : p::seq<list_open, ws,
             p::sor<close_bracket, p::seq<p::must<list_item>, ws, p::sor<comprehension, list_more>,
                                          p::must<close_bracket>>>> {};

struct key_word : p::seq<dashed> {};
struct key_quoted : p::seq<odd_text> {};
struct entry_colon : p::one<':'> {};
struct named_entry
    : p::seq<p::sor<key_word, key_quoted>, ws, p::must<entry_colon>, ws, p::must<expected_expr>> {};
struct computed_open : p::one<'['> {};
struct computed_key
    : p::seq<computed_open, ws, p::must<expected_expr>, ws, p::must<close_bracket>> {};
struct computed_entry : p::seq<computed_key, ws, p::must<entry_colon>, ws, p::must<expected_expr>> {
};
struct spread_entry : p::seq<spread_sign, ws, p::must<expected_expr>> {};
struct entry : p::sor<named_entry, spread_entry, computed_entry> {};
struct entry_separator : p::sor<p::seq<ws, p::one<','>, ws>, line_break> {};
struct object_open : p::one<'{'> {};
struct object_more
    : p::seq<p::star<entry_separator, p::not_at<p::sor<p::one<'}'>, p::eof>>, p::must<entry>>,
             p::opt<entry_separator>, ws> {};
struct object
    : p::seq<
          object_open, ws,
          p::sor<close_brace, p::seq<p::must<entry>, p::sor<p::seq<ws, comprehension>, object_more>,
                                     p::must<close_brace>>>> {};

struct paren_open : p::one<'('> {};
struct paren : p::seq<paren_open, ws, p::must<expected_expr>, ws, p::must<close_paren>> {};

struct word_operand : p::seq<identifier> {};
struct call : p::seq<word_operand, p::opt<call_tail>> {};

struct member_word : p::seq<identifier> {};
struct member_odd : p::seq<p::one<'['>, odd_text, p::one<']'>> {};
struct member_name : p::sor<member_word, member_odd> {};
struct dot_sign : p::seq<p::one<'.'>, p::not_at<p::one<'.'>>> {};
struct dot_path : p::seq<dot_sign, p::opt<member_name>> {};

struct member : p::seq<p::one<'.'>, p::not_at<p::one<'.'>>, p::must<member_name>> {};
struct each : p::seq<p::one<'['>, ws, p::one<']'>> {};
struct index_open : p::one<'['> {};
struct index : p::seq<index_open, ws, p::must<expected_expr>, ws, p::must<close_bracket>> {};
/// Only a name can be called: `x.f(a)` is no call.
struct callable : p::failure {};
struct postfix : p::sor<member, each, index, p::seq<p::at<p::one<'('>>, p::must<callable>>> {};

struct primary : p::sor<dot_path, string, number, call, list, object, paren> {};
struct postfixed : p::seq<primary, p::star<postfix>> {};
struct expected_operand : p::seq<postfixed> {};

struct not_sign : operator_word<TAO_PEGTL_KEYWORD("not")> {};
struct minus_sign : p::one<'-'> {};
struct prefix : p::sor<not_sign, minus_sign> {};
struct operand
    : p::sor<p::seq<prefix, ws, p::star<prefix, ws>, p::must<expected_operand>>, postfixed> {};
struct right_operand : p::seq<operand> {};

struct binary_word : operator_word<p::sor<TAO_PEGTL_KEYWORD("or"), TAO_PEGTL_KEYWORD("and"),
                                          TAO_PEGTL_KEYWORD("in"), TAO_PEGTL_KEYWORD("matches")>> {
};
struct binary_sign
    : p::sor<p::string<'=', '='>, p::string<'!', '='>, p::string<'<', '='>, p::string<'>', '='>,
             p::one<'<', '>', '+', '-', '*', '/', '%'>, p::string<'?', '?'>> {};
struct binary_operator
    : p::sor<p::seq<p::at<p::one<'o', 'a', 'i', 'm'>>, binary_word>, binary_sign> {};
struct pipe_sign : p::seq<p::one<'|'>, p::not_at<p::one<'|'>>> {};
struct pipe_name : p::seq<identifier> {};
struct pipe_call : p::seq<pipe_name, p::opt<call_tail>> {};
struct pipe : p::seq<pipe_sign, ws, p::must<pipe_call>> {};
/// Operands and operators in a row; the builder applies the precedences.
struct chain_of_operators
    : p::seq<operand,
             p::star<ws, p::sor<pipe, p::seq<binary_operator, ws, p::must<right_operand>>>>> {};

struct if_word : operator_word<TAO_PEGTL_KEYWORD("if")> {};
struct then_word : operator_word<TAO_PEGTL_KEYWORD("then")> {};
struct else_word : operator_word<TAO_PEGTL_KEYWORD("else")> {};
struct if_expr
    : p::seq<if_word, ws, p::must<expected_expr>, ws, p::must<then_word>, ws,
             p::must<expected_expr>, ws, p::must<else_word>, ws, p::must<expected_expr>> {};
struct expr : p::sor<if_expr, chain_of_operators> {};

// ---- blocks that recover -----------------------------------------------------------------------

/// The control throws Mistake after it has reported; the nearest `attempt` catches it.
template <class Item>
struct attempt : p::try_catch_type<Mistake, Item> {};
/// Moves behind an item that failed. Its match is the one hand-written rule (see actions.hh).
struct skip_item : p::any {};
template <class Item>
struct guarded : p::sor<attempt<Item>, skip_item> {};

/// Holds unless `}`, the end, or a word that belongs to an outer block comes (the builder knows).
struct inside : p::success {};
/// A block that never closes is reported and taken as closed.
struct unclosed : p::success {};
struct block_end : p::sor<p::one<'}'>, unclosed> {};
template <Level L>
struct block_open : p::one<'{'> {};
template <Level L, class Item>
struct block : p::seq<block_open<L>, ws, p::star<inside, guarded<Item>, ws>, block_end> {};

}  // namespace fconn::grammar::rule
