#include "tools/contract/test_file.hh"

#include <algorithm>
#include <set>

#include "interpreter/compile/compile.hh"
#include "interpreter/eval/eval.hh"
#include "interpreter/run/body.hh"

namespace fconn::contract {

namespace g = grammar;
using value::Kind;
using value::Value;

namespace {

/// Evaluates constants; a mistake becomes a diagnostic and gives null.
class Constants {
 public:
  explicit Constants(g::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Value of(const g::Expr& expr) {
    compile::CompiledExpr lowered = compile::lower_constant(expr);
    for (g::Diagnostic& diagnostic : lowered.diagnostics) {
      diagnostics_.push_back(std::move(diagnostic));
    }
    if (!lowered.expr) return Value::null();
    const auto folded = eval::constant(*lowered.expr, arena_);
    if (!folded) {
      wrong(expr.span, "this is no constant", "a test holds only constants and pure functions");
      return Value::null();
    }
    return value::decoded(*folded, arena_);
  }

  std::string text(const g::Expr& expr) {
    const Value found = of(expr);
    auto text = eval::text_of(found, arena_);
    if (text) return std::string(*text);
    wrong(expr.span, "a text is needed here, and this is " + std::string(value::name(found.kind)),
          "");
    return {};
  }

  std::optional<std::int64_t> number(const g::Expr& expr) {
    const Value found = of(expr);
    if (found.kind == Kind::integer) return found.integer;
    wrong(expr.span, "a whole number is needed here", "");
    return std::nullopt;
  }

  NamedValues object(const g::Expr& expr) {
    NamedValues values;
    const Value found = of(expr);
    if (found.kind != Kind::object) {
      wrong(expr.span, "an object is needed here", "write { name: value }");
      return values;
    }
    for (const value::Member& member : found.object_view()) {
      values.emplace_back(std::string(member.key), value::OwnedValue(member.value));
    }
    return values;
  }

  void wrong(g::Span where, std::string text, std::string help) {
    diagnostics_.push_back(
        g::diagnostic(g::DiagnosticId::test_value, where, std::move(text), std::move(help)));
  }

  value::Arena& arena() { return arena_; }

 private:
  g::Diagnostics& diagnostics_;
  value::Arena arena_{16 * 1024};
};

ir::BodyKind other_kind(g::BodyKind kind) {
  switch (kind) {
    case g::BodyKind::xml:
      return ir::BodyKind::xml;
    case g::BodyKind::multipart:
      return ir::BodyKind::multipart;
    case g::BodyKind::csv:
      return ir::BodyKind::csv;
    case g::BodyKind::ndjson:
      return ir::BodyKind::ndjson;
    default:
      return ir::BodyKind::text;
  }
}

class Reader {
 public:
  explicit Reader(TestFile& file) : file_(file), constants_(file.diagnostics) {}

  void read(const g::Decl& decl, const g::TestDecl& declared) {
    Test test;
    test.where = decl.keyword;
    if (!declared.title.empty()) test.title = constants_.text(declared.title[0]);
    std::set<std::string> once;
    for (const g::Decl& item : declared.items) {
      refuse_second(item, once);
      std::visit(
          g::Overloaded{
              [&](const g::TestTextDecl& text) { take_text(test, text); },
              [&](const g::TestValuesDecl& values) { take_values(test, values); },
              [&](const g::TestReplyDecl& reply) { take_reply(test, reply, item.span); },
              [&](const g::TestExpectRequestDecl& expect) {
                take_request(test, expect, item.span);
              },
              [&](const g::TestExpectRowsDecl& expect) {
                test.rows.push_back({expect.collection.text, expect.exact,
                                     value::OwnedValue(constants_.of(expect.value[0])), item.span});
              },
              [&](const g::TestExpectOutcomeDecl& expect) {
                ExpectOutcome outcome{expect.collection.text, expect.outcome.text, std::nullopt,
                                      item.span};
                if (!expect.reason.empty()) outcome.reason = constants_.text(expect.reason[0]);
                test.outcomes.push_back(std::move(outcome));
              },
              [&](const g::TestExpectExitDecl& expect) {
                test.exit = constants_.number(expect.code[0]);
                test.exit_where = item.keyword;
              },
              [&](const g::TestExpectActionDecl& expect) { take_action(test, expect, item.span); },
              [](const auto&) {}},
          item.node);
    }
    if (test.connector.empty()) {
      constants_.wrong(decl.keyword, "this test names no connector",
                       "write connector \"name-or-path\"");
    }
    check_erasure(test);
    if (!test.collections.empty() && (!test.erase.empty() || !test.consent.empty())) {
      constants_.wrong(test.collections.front().second, "only a test that reads names collections",
                       "an erasure's are those with targets of its policy");
    }
    file_.tests.push_back(std::move(test));
  }

 private:
  /// Of two the last would count, and the first be a line that says something wrong.
  void refuse_second(const g::Decl& item, std::set<std::string>& once) {
    std::string word;
    if (const auto* text = std::get_if<g::TestTextDecl>(&item.node)) word = text->word.text;
    if (const auto* values = std::get_if<g::TestValuesDecl>(&item.node)) word = values->word.text;
    if (std::holds_alternative<g::TestExpectExitDecl>(item.node)) word = "expect exit";
    for (const char* one : {"connector", "consent", "erase", "token", "policy", "expect exit"}) {
      if (word != one || once.insert(word).second) continue;
      constants_.wrong(item.keyword, "`" + word + "` stands in this test twice",
                       "leave one of them");
    }
  }

  void take_text(Test& test, const g::TestTextDecl& declared) {
    const std::string text = constants_.text(declared.value[0]);
    if (declared.word.text == "case") {
      test.cases.push_back(text);
    } else if (declared.word.text == "consent") {
      test.consent = text;
      if (text != "opt_in" && text != "opt_out") {
        constants_.wrong(declared.value[0].span, "there is no choice \"" + text + "\"",
                         "a person's choice is \"opt_in\" or \"opt_out\"");
      }
    } else if (declared.word.text == "erase") {
      test.erase = text;
      if (text != "plan" && text != "apply" && text != "verify") {
        constants_.wrong(declared.value[0].span, "an erasure has no step \"" + text + "\"",
                         "write erase \"plan\", erase \"apply\" or erase \"verify\"");
      }
    } else if (declared.word.text == "collection") {
      test.collections.emplace_back(text, declared.value[0].span);
    } else if (declared.word.text == "purpose") {
      test.purposes.push_back(text);
    } else {
      test.connector = text;
    }
  }

  void take_values(Test& test, const g::TestValuesDecl& declared) {
    if (declared.word.text == "token") {
      const Value token = constants_.of(declared.value[0]);
      test.token = value::OwnedValue(token.as_secret());
      return;
    }
    NamedValues values = constants_.object(declared.value[0]);
    if (declared.word.text == "policy") {
      test.policy =
          test_policy(values, declared.value[0].span, [&](std::string text, std::string help) {
            constants_.wrong(declared.value[0].span, std::move(text), std::move(help));
          });
      return;
    }
    NamedValues& target = declared.word.text == "params"     ? test.params
                          : declared.word.text == "secrets"  ? test.secrets
                          : declared.word.text == "external" ? test.externals
                                                             : test.identities;
    target.insert(target.end(), values.begin(), values.end());
  }

  void take_reply(Test& test, const g::TestReplyDecl& declared, g::Span where) {
    Reply reply;
    reply.where = where;
    reply.pattern = pattern(declared.request);
    if (!declared.status.empty()) {
      const std::int64_t status = constants_.number(declared.status[0]).value_or(200);
      if (status < 100 || status > 599) {
        constants_.wrong(declared.status[0].span, "there is no such status",
                         "it is a number from 100 to 599");
      }
      reply.reply.status = static_cast<int>(status);
    }
    for (const g::Clause& clause : declared.response) {
      if (const auto* headers = std::get_if<g::HeadersClause>(&clause.node)) {
        for (const auto& [name, text] : texts(headers->value[0])) {
          reply.reply.headers.push_back({name, text, false});
        }
      } else if (const auto* body = std::get_if<g::BodyClause>(&clause.node)) {
        reply.reply.body = body_text(*body, reply.reply.headers);
      }
    }
    test.replies.push_back(std::move(reply));
  }

  void take_request(Test& test, const g::TestExpectRequestDecl& declared, g::Span where) {
    ExpectRequest expect{pattern(declared.request), std::nullopt, where};
    if (declared.none) expect.count = 0;
    if (!declared.count.empty()) expect.count = constants_.number(declared.count[0]);
    test.requests.push_back(std::move(expect));
  }

  void take_action(Test& test, const g::TestExpectActionDecl& declared, g::Span where) {
    std::optional<std::string> reason;
    if (!declared.reason.empty()) reason = constants_.text(declared.reason[0]);
    if (declared.kind.text == "leaves") {
      ExpectLeft left{declared.collection.text, std::nullopt, std::move(reason), where};
      if (!declared.row.empty()) left.row = value::OwnedValue(constants_.of(declared.row[0]));
      test.left.push_back(std::move(left));
      if (declared.stage.text == "apply") {
        constants_.wrong(declared.stage.span, "what is left alone stands in the plan",
                         "write expect plan leaves");
      }
      return;
    }
    ExpectAction expect;
    expect.applied = declared.stage.text == "apply";
    if (declared.none) expect.count = 0;
    if (!declared.count.empty()) expect.count = constants_.number(declared.count[0]);
    if (declared.kind.text == "delete") expect.kind = erase::ActionKind::removal;
    expect.collection = declared.collection.text;
    if (!declared.request.empty()) expect.request = pattern(declared.request[0]);
    if (declared.outcome) expect.outcome = declared.outcome->text;
    expect.reason = std::move(reason);
    expect.where = where;
    if (expect.outcome && !expect.applied) {
      constants_.wrong(declared.outcome->span, "a plan's actions have no outcome",
                       "write expect apply, in a test with erase \"apply\"");
    }
    test.actions.push_back(std::move(expect));
  }

  /// What is expected of an erasure needs one, and an erasure a policy.
  void check_erasure(const Test& test) {
    if (!test.erase.empty() && !test.consent.empty()) {
      constants_.wrong(test.where, "a test sends a consent or makes an erasure, not both", "");
    }
    if (!test.erase.empty() && !test.policy) {
      constants_.wrong(test.where, "an erasure needs a policy",
                       "write policy { targets: [\"user\"], mask: \"null\" }");
    }
    if (test.erase.empty() && test.policy) {
      constants_.wrong(test.where, "this test has a policy and no erasure",
                       "write erase \"plan\" or erase \"apply\"");
    }
    for (const ExpectAction& expect : test.actions) {
      if (!test.erase.empty() && (test.erase != "plan" || !expect.applied)) continue;
      constants_.wrong(expect.where, "this test makes no such erasure",
                       expect.applied ? "write erase \"apply\"" : "write erase \"plan\"");
    }
    for (const ExpectLeft& expect : test.left) {
      if (!test.erase.empty()) continue;
      constants_.wrong(expect.where, "this test makes no erasure", "write erase \"plan\"");
    }
  }

  RequestPattern pattern(const g::Request& request) {
    RequestPattern made;
    made.method = request.method.text;
    std::string target;
    for (const g::PathPart& part : request.target) {
      target += part.hole.empty() ? http::decode_percent(part.text) : constants_.text(part.hole[0]);
    }
    const std::size_t scheme = target.find("://");
    const std::size_t slash = scheme == std::string::npos ? 0 : target.find('/', scheme + 3);
    made.path = slash == std::string::npos ? "/" : target.substr(slash);
    if (scheme != std::string::npos) made.origin = target.substr(0, slash);
    for (const g::Clause& clause : request.clauses) {
      if (const auto* query = std::get_if<g::QueryClause>(&clause.node)) {
        made.query = texts(query->value[0]);
        std::sort(made.query->begin(), made.query->end());
      } else if (const auto* headers = std::get_if<g::HeadersClause>(&clause.node)) {
        for (const auto& [name, owned] : constants_.object(headers->value[0])) {
          std::optional<std::string> text;
          if (!owned.get().is_null()) text = texts_of(name, owned, headers->value[0]);
          made.headers.emplace_back(name, std::move(text));
        }
      } else if (const auto* body = std::get_if<g::BodyClause>(&clause.node)) {
        http::Headers type;
        made.body = mock::RecordedRequest{};
        made.body->body = body_text(*body, type);
        if (const std::string* found = http::find(type, "Content-Type")) {
          made.body->content_type = *found;
        }
      }
    }
    made.text = made.method + ' ' + made.origin + made.path;
    if (made.query) made.text += '?' + http::build_query(*made.query);
    for (const auto& [name, text] : made.headers) {
      made.text += text ? '\n' + name + ':' + *text : "\nno " + name;
    }
    if (made.body) made.text += "\n\n" + made.body->body;
    return made;
  }

  std::string texts_of(const std::string& name, const value::OwnedValue& owned,
                       const g::Expr& expr) {
    auto text = eval::text_of(value::decoded(owned.get(), constants_.arena()), constants_.arena());
    if (text) return std::string(*text);
    constants_.wrong(expr.span, "`" + name + "` must be a text or a number", "");
    return {};
  }

  /// An object's members as texts; a list repeats the name.
  http::QueryPairs texts(const g::Expr& expr) {
    http::QueryPairs pairs;
    for (const auto& [name, owned] : constants_.object(expr)) {
      const Value entry = value::decoded(owned.get(), constants_.arena());
      const Value single[] = {entry};
      const auto items =
          entry.kind == Kind::list ? entry.list_view() : std::span<const Value>(single, 1);
      for (const Value& item : items) {
        auto text = eval::text_of(item, constants_.arena());
        if (text) {
          pairs.emplace_back(name, std::string(*text));
        } else {
          constants_.wrong(expr.span, "`" + name + "` must be a text or a number", "");
        }
      }
    }
    return pairs;
  }

  std::string body_text(const g::BodyClause& body, http::Headers& headers) {
    std::string type = "text/plain", text;
    if (body.kind == g::BodyKind::json) {
      type = "application/json";
      text = value::to_json(constants_.of(body.value[0]));
    } else if (body.kind == g::BodyKind::form) {
      type = "application/x-www-form-urlencoded";
      for (const auto& [name, value] : texts(body.value[0])) {
        if (!text.empty()) text += '&';
        text += http::encode_form(name) + "=" + http::encode_form(value);
      }
    } else {
      auto encoded =
          run::encode_body(other_kind(body.kind), constants_.of(body.value[0]), constants_.arena());
      if (encoded) {
        type = std::move(encoded->type);
        text = std::move(encoded->text);
      } else {
        constants_.wrong(body.value[0].span, encoded.error().text, "");
      }
    }
    if (!body.media_type.empty()) type = constants_.text(body.media_type[0]);
    if (http::find(headers, "Content-Type") == nullptr) {
      headers.push_back({"Content-Type", type, false});
    }
    return text;
  }

  TestFile& file_;
  Constants constants_;
};

}  // namespace

TestFile read_test_file(const grammar::SourceMap& /*sources*/, const grammar::Ast& ast) {
  TestFile file;
  Reader reader(file);
  for (const g::Decl& decl : ast.items) {
    if (const auto* test = std::get_if<g::TestDecl>(&decl.node)) {
      reader.read(decl, *test);
    } else {
      file.diagnostics.push_back(g::diagnostic(g::DiagnosticId::test_value, decl.keyword,
                                               "a test file holds tests only",
                                               "move other declarations to the connector's file"));
    }
  }
  return file;
}

}  // namespace fconn::contract
