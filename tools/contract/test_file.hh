// A *.test.fconn file as data: what each test gives a connector, what the world answers, and what
// must come out (docs/testing.md). Values are constants; nothing is run here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grammar/ast.hh"
#include "grammar/diagnostics.hh"
#include "interpreter/erase/plan.hh"
#include "interpreter/value/value.hh"
#include "tools/contract/test_policy.hh"
#include "tools/mock/recording.hh"

namespace fconn::contract {

/// A request as a test writes it down. Without `query` or `body` these are free.
struct RequestPattern {
  std::string method;
  std::string origin;  // "https://host", when the test names one; else any
  std::string path;    // decoded
  std::optional<http::QueryPairs> query;
  /// Without a value: such a header must not be there.
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<mock::RecordedRequest> body;  // its body and content type
  std::string text;                           // all of it, to tell patterns apart
};
struct ExpectRequest {
  RequestPattern pattern;
  std::optional<std::int64_t> count;  // 0: none; absent: at least one
  grammar::Span where;
};
struct ExpectRows {
  std::string collection;
  bool exact = false;
  value::OwnedValue value;  // exact: a list of rows; else one row, whose other members are free
  grammar::Span where;
};
struct ExpectOutcome {
  std::string collection, outcome;
  std::optional<std::string> reason;  // must occur in it
  grammar::Span where;
};
/// What an erasure does to rows of a collection, as it is planned or when it is applied.
struct ExpectAction {
  bool applied = false;
  std::optional<std::int64_t> count;  // 0: none; absent: at least one
  erase::ActionKind kind = erase::ActionKind::update;
  std::string collection;
  std::optional<RequestPattern> request;  // one of those that it sends
  std::optional<std::string> outcome;     // applied: done, skipped, pending, failed
  std::optional<std::string> reason;      // must occur in it, or in what reading again shows
  grammar::Span where;
};
/// A row that a plan leaves alone, or a whole collection.
struct ExpectLeft {
  std::string collection;
  std::optional<value::OwnedValue> row;  // its other members are free
  std::optional<std::string> reason;     // must occur in it
  grammar::Span where;
};
/// Several for the same pattern answer in turn, the last one again and again.
struct Reply {
  RequestPattern pattern;
  mock::RecordedReply reply;
  grammar::Span where;
};

struct Test {
  std::string title;
  grammar::Span where;
  std::string connector;
  NamedValues params, secrets, identities, externals;
  /// What a person has signed in for: an object with access_token, as `--token` takes it.
  std::optional<value::OwnedValue> token;
  std::vector<std::string> cases;
  /// Only these are read, with what they need; empty: all.
  std::vector<std::pair<std::string, grammar::Span>> collections;
  std::string consent;  // opt_in or opt_out: these requests are sent instead of reads
  std::vector<std::string> purposes;
  std::string erase;  // plan: only made; apply: carried out, too; verify: and the rows read again
  std::optional<TestPolicy> policy;
  std::vector<Reply> replies;
  std::vector<ExpectRequest> requests;
  std::vector<ExpectRows> rows;
  std::vector<ExpectOutcome> outcomes;
  std::vector<ExpectAction> actions;
  std::vector<ExpectLeft> left;
  std::optional<std::int64_t> exit;
  grammar::Span exit_where;
};

struct TestFile {
  std::vector<Test> tests;
  grammar::Diagnostics diagnostics;
};

TestFile read_test_file(const grammar::SourceMap& sources, const grammar::Ast& ast);

}  // namespace fconn::contract
