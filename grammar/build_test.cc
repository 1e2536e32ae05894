// Test files: what a `test "…" { … }` block holds.
#include "grammar/build_ast.hh"

namespace fconn::grammar {

void Builder::begin_test_text(Span word) {
  begin_decl<TestTextDecl>(word);
  decl_as<TestTextDecl>().word = name(word);
}

void Builder::begin_test_values(Span word) {
  begin_decl<TestValuesDecl>(word);
  decl_as<TestValuesDecl>().word = name(word);
}

void Builder::reply_status(Span) { decl_as<TestReplyDecl>().status = take_one(); }

void Builder::response_block(Span) { decl_as<TestReplyDecl>().response = take_clauses(); }

void Builder::reply_end(Span) { decl_as<TestReplyDecl>().request = take_request(); }

// What an `expect` is shows with its second word; until then the declaration is an outcome.

void Builder::expect_rows_word(Span span) {
  decl().node = TestExpectRowsDecl{view(at(span.begin, span.end)) == "rows", {}, {}};
}

void Builder::expect_rows(Span) {
  auto& expected = decl_as<TestExpectRowsDecl>();
  expected.value = take_one();
  expected.collection = std::move(names_.back());
  names_.pop_back();
}

void Builder::expect_exit(Span) { decl().node = TestExpectExitDecl{take_one()}; }

void Builder::expect_no(Span) {
  decl().node = TestExpectRequestDecl{};
  decl_as<TestExpectRequestDecl>().none = true;
}

void Builder::expect_count(Span) {
  TestExpectRequestDecl expected;
  expected.count = take_one();
  decl().node = std::move(expected);
}

void Builder::expect_one(Span) { decl().node = TestExpectRequestDecl{}; }

void Builder::expect_request(Span) { decl_as<TestExpectRequestDecl>().request = take_request(); }

void Builder::outcome(Span span) { decl_as<TestExpectOutcomeDecl>().outcome = name(span); }

void Builder::expect_reason(Span) {
  if (auto* action = std::get_if<TestExpectActionDecl>(&decl().node)) {
    action->reason = take_one();
  } else {
    decl_as<TestExpectOutcomeDecl>().reason = take_one();
  }
}

void Builder::expect_stage(Span span) {
  TestExpectActionDecl expected;
  expected.stage = name(span);
  decl().node = std::move(expected);
}

void Builder::action_none(Span) { decl_as<TestExpectActionDecl>().none = true; }

void Builder::action_count(Span) { decl_as<TestExpectActionDecl>().count = take_one(); }

void Builder::action_word(Span span) {
  Name kind = name(span);
  if (kind.text == "updates" || kind.text == "deletes") kind.text.pop_back();
  decl_as<TestExpectActionDecl>().kind = std::move(kind);
}

void Builder::action_request(Span) {
  decl_as<TestExpectActionDecl>().request.push_back(take_request());
}

void Builder::action_outcome(Span span) { decl_as<TestExpectActionDecl>().outcome = name(span); }

void Builder::action_row(Span) { decl_as<TestExpectActionDecl>().row = take_one(); }

void Builder::expect_action(Span) {
  decl_as<TestExpectActionDecl>().collection = std::move(names_.back());
  names_.pop_back();
}

void Builder::expect_outcome(Span) {
  decl_as<TestExpectOutcomeDecl>().collection = std::move(names_.back());
  names_.pop_back();
}

}  // namespace fconn::grammar
