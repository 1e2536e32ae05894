#include "tools/contract/coverage.hh"

#include <algorithm>
#include <map>
#include <tuple>

namespace fconn::contract {

namespace {

/// Names of the standard library's files, and of bundled connectors, begin with these.
constexpr std::string_view library = "<stdlib>/", bundled = "<connectors>/";

class Walk {
 public:
  Walk(const ir::Connector& connector, const Seen& seen) : connector_(connector), seen_(seen) {}

  Coverage run() {
    for (const ir::Function& function : connector_.functions) branches(function.body);
    for (const ir::Client& client : connector_.clients) walk(client);
    for (const ir::Collection& collection : connector_.collections) walk(collection);
    for (const ir::Consent& consent : connector_.consents) {
      walk(consent.chain, "consent " + consent.direction +
                              (consent.purpose.empty() ? "" : " for \"" + consent.purpose + "\""));
    }
    Coverage made;
    made.total = points_.size();
    for (const auto& [where, covered] : points_) {
      if (covered) {
        ++made.covered;
      } else {
        made.missed.push_back(missed(where));
      }
    }
    std::sort(made.missed.begin(), made.missed.end(), [](const Missed& a, const Missed& b) {
      return std::tie(a.file, a.line, a.column, a.text) <
             std::tie(b.file, b.line, b.column, b.text);
    });
    return made;
  }

 private:
  /// What an inlined strategy says several times is one point.
  struct Point {
    std::uint32_t file, begin;
    std::string text;
    bool operator<(const Point& other) const {
      return std::tie(file, begin, text) < std::tie(other.file, other.begin, other.text);
    }
  };

  void point(grammar::Span where, std::string text, bool covered) {
    const std::uint32_t file = where.file.value;
    if (where.end <= where.begin || file >= connector_.files.size()) return;  // nobody wrote it
    const std::string& name = connector_.files[file].name;
    if (name.starts_with(library)) return;
    if (!connector_.extends.empty() && name.starts_with(bundled)) return;  // its base's own tests
    bool& known = points_[{file, where.begin, std::move(text)}];
    known = known || covered;
  }

  Missed missed(const Point& point) const {
    const ir::SourceFile& file = connector_.files[point.file];
    Missed made{file.name, 1, 1, point.text};
    for (std::size_t i = 0; i < std::min<std::size_t>(point.begin, file.text.size()); ++i) {
      ++made.column;
      if (file.text[i] != '\n') continue;
      ++made.line;
      made.column = 1;
    }
    return made;
  }

  void branches(const ir::Expr& expr) {
    if (expr.op == ir::Op::if_else) {
      point(expr.span, "the `then` of this `if` was never taken",
            seen_.ever(expr.kids[1].span, true));
      point(expr.span, "the `else` of this `if` was never taken",
            seen_.ever(expr.kids[2].span, true));
    }
    for (const ir::Expr& kid : expr.kids) branches(kid);
  }
  void branches(const std::optional<ir::Expr>& expr) {
    if (expr) branches(*expr);
  }

  bool held(const ir::Condition& condition, grammar::Span clause) const {
    return seen_.ever(clause, true) || (condition.when && seen_.ever(condition.when->span, true));
  }

  void walk(const ir::Judgement& judgement, std::string_view clause) {
    point(judgement.span, "this `" + std::string(clause) + "` never held",
          held(judgement.condition, judgement.span));
    branches(judgement.condition.when);
    branches(judgement.reason);
  }

  void walk(const ir::Request& request, const std::string& what) {
    point(request.span, "this request of " + what + " was never made",
          seen_.ever(request.span, true));
    for (const ir::TargetPart& part : request.target) branches(part.value);
    branches(request.query);
    branches(request.headers);
    branches(request.body);
    for (const ir::RetryRule& rule : request.retries) {
      point(rule.span, "this `retry` never held", held(rule.condition, rule.span));
      branches(rule.condition.when);
    }
    for (const ir::Judgement& skip : request.skips) walk(skip, "skip");
    for (const ir::Judgement& fails : request.fails) walk(fails, "fail");
    if (request.until) {
      const ir::Expr& until = request.until->condition;
      point(request.until->span, "this `until` never held", seen_.ever(until.span, true));
      point(request.until->span, "this `until` never had to wait", seen_.ever(until.span, false));
      branches(until);
    }
    branches(request.rows);
    for (const ir::RowOp& op : request.row_ops) {
      if (op.kind == ir::RowOpKind::keep) {
        point(op.span, "this `keep` never kept a row", seen_.ever(op.value.span, true));
        point(op.span, "this `keep` never dropped a row", seen_.ever(op.value.span, false));
      }
      branches(op.value);
    }
    if (!request.pagination) return;
    for (const ir::PageStep& step : request.pagination->steps) {
      if (step.kind == ir::PageStepKind::stop) {
        point(step.span, "this `stop` never held", seen_.ever(step.value.span, true));
      }
      branches(step.value);
      branches(step.reason);
    }
  }

  void walk(const ir::Chain& chain, const std::string& what) {
    for (const ir::Step& step : chain.steps) {
      branches(step.value);
      if (step.request) walk(*step.request, what);
      if (step.judgement) {
        walk(*step.judgement, step.kind == ir::StepKind::skip ? "skip" : "fail");
      }
    }
    if (chain.request) walk(*chain.request, what);
  }

  void walk(const ir::Collection& collection) {
    for (const ir::Source& source : collection.sources) {
      branches(source.values);
      branches(source.where);
    }
    for (const ir::Read& read : collection.reads) {
      walk(read.chain, "the read of " + collection.name);
    }
    branches(collection.emit);
    if (collection.update) walk(*collection.update, "the update of " + collection.name);
    if (collection.erase) walk(*collection.erase, "the delete of " + collection.name);
    for (const ir::Field& field : collection.fields) walk(field);
  }

  void walk(const ir::Field& field) {
    branches(field.mask);
    for (const ir::Field& inner : field.fields) walk(inner);
  }

  void walk(const ir::Client& client) {
    branches(client.base);
    branches(client.headers);
    branches(client.query);
    for (const ir::Auth& auth : client.auths) {
      branches(auth.when);
      for (const ir::AuthLet& let : auth.lets) branches(let.value);
      for (const ir::Token& token : auth.tokens) {
        if (token.login) continue;  // a person signs in, and no test is one
        walk(token.request, "the token " + token.name);
        branches(token.value);
        if (token.refresh) walk(token.refresh->request, "the refresh of " + token.name);
      }
      branches(auth.headers);
      branches(auth.query);
      branches(auth.body);
    }
  }

  const ir::Connector& connector_;
  const Seen& seen_;
  std::map<Point, bool> points_;
};

}  // namespace

Coverage coverage(const ir::Connector& connector, const Seen& seen) {
  return Walk(connector, seen).run();
}

}  // namespace fconn::contract
