#include "grammar/ast_words.hh"
#include "grammar/dumper.hh"

namespace fconn::grammar {

namespace {

/// The names that stand on a clause's own line.
std::string clause_head(const Clause& c) {
  const std::string word(clause_word(c));
  const auto named = [&word](const Name& name) { return word + " " + dumped_name(name); };
  return std::visit(
      Overloaded{
          [&](const BodyClause& x) { return word + " " + std::string(body_word(x.kind)); },
          [&](const NextClause& x) { return word + " " + std::string(next_word(x.part)); },
          [&](const ExpiresClause& x) { return word + (x.at ? " at" : " in"); },
          [&](const AsClause& x) { return named(x.format); },
          [&](const LetClause& x) { return named(x.name); },
          [&](const TokenClause& x) { return named(x.name); },
          [&](const ChallengeClause& x) { return named(x.name); },
          [&](const ForEachClause& x) { return named(x.name); },
          [&](const PaginateClause& x) { return named(x.strategy) + (x.bare ? " bare" : ""); },
          [&](const AuthClause& x) { return named(x.strategy) + (x.bare ? " bare" : ""); },
          [&](const auto&) { return std::string(word); },
      },
      c.node);
}

/// Blanks at the end of a line are no part of what a comment says.
std::string trimmed_lines(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      while (out.ends_with(' ') || out.ends_with('\t') || out.ends_with('\r')) out.pop_back();
    }
    out += c;
  }
  while (out.ends_with(' ') || out.ends_with('\t') || out.ends_with('\r')) out.pop_back();
  return out;
}

std::string decl_head(const Decl& d) {
  const std::string word(decl_word(d));
  const auto named = [&word](const Name& name) { return word + " " + dumped_name(name); };
  return std::visit(
      Overloaded{
          [&](const CategoryDecl& x) { return named(x.name); },
          [&](const ParamDecl& x) { return named(x.name); },
          [&](const IdentityDecl& x) { return named(x.name); },
          [&](const ExternalDecl& x) { return named(x.name); },
          [&](const FnDecl& x) { return named(x.name); },
          [&](const ClientDecl& x) { return x.name ? named(*x.name) : word; },
          [&](const CollectionDecl& x) { return named(x.name); },
          [&](const AuthDecl& x) { return named(x.name); },
          [&](const PaginationDecl& x) { return named(x.name); },
          [&](const ConsentDecl& x) { return named(x.direction); },
          [&](const WithoutDecl& x) { return named(x.kind) + " " + dumped_name(x.name); },
          [&](const ConnectorDecl& x) {
            return named(x.name) + (x.extends ? " extends " + dumped_name(*x.extends) : "");
          },
          [&](const PreferDecl& x) { return named(x.action); },
          [&](const EraseAfterDecl& x) {
            std::string head = word;
            for (const Name& name : x.collections) head += " " + dumped_name(name);
            return head;
          },
          [&](const FieldsDecl& x) {
            std::string head = word;
            for (const CategoryRef& category : x.defaults) head += " @" + category.text;
            return head;
          },
          [&](const TestExpectRequestDecl& x) {
            return word + (x.none ? " no request" : " request");
          },
          [&](const TestExpectRowsDecl& x) {
            return word + (x.exact ? " rows " : " row ") + dumped_name(x.collection);
          },
          [&](const TestExpectOutcomeDecl& x) {
            return named(x.collection) + " " + dumped_name(x.outcome);
          },
          [&](const TestExpectExitDecl&) { return word + " exit"; },
          [&](const TestExpectActionDecl& x) {
            return word + " " + x.stage.text + (x.none ? " no " : " ") + x.kind.text + " " +
                   dumped_name(x.collection) + (x.outcome ? " " + x.outcome->text : "");
          },
          [&](const auto&) { return std::string(word); },
      },
      d.node);
}

}  // namespace

void Dumper::file(const Ast& ast) {
  if (ast.edition) line("edition " + std::to_string(*ast.edition));
  decls(ast.items);
}

// ---- requests ----------------------------------------------------------------------------------

void Dumper::statuses(const std::vector<StatusRange>& on) {
  for (const StatusRange& range : on) {
    line("on " + std::to_string(range.low) + ".." + std::to_string(range.high));
  }
}

void Dumper::clauses(const std::vector<Clause>& all) {
  for (const Clause& c : all) clause(c);
}

void Dumper::clause(const Clause& c) {
  const Node node(*this, clause_head(c));
  parts(c);
}

void Dumper::parts(const Clause& c) {
  std::visit(Overloaded{
                 [&](const BodyClause& x) {
                   exprs(x.value);
                   child("as", x.media_type);
                 },
                 [&](const AsClause&) {},
                 [&](const IdempotentClause&) {},
                 [&](const SkipClause& x) {
                   statuses(x.on);
                   child("when", x.when);
                   child("reason", x.reason);
                 },
                 [&](const FailClause& x) {
                   statuses(x.on);
                   child("when", x.when);
                   child("message", x.message);
                 },
                 [&](const UntilClause& x) {
                   exprs(x.condition);
                   child("every", x.every);
                   child("for", x.limit);
                 },
                 [&](const PaginateClause& x) { arguments(x.arguments); },
                 [&](const LetClause& x) {
                   exprs(x.value);
                   for (const Request& r : x.request) request(r);
                 },
                 [&](const RetryClause& x) {
                   statuses(x.on);
                   child("when", x.when);
                   child("times", x.times);
                   child("backoff", x.backoff);
                   child("every", x.every);
                 },
                 [&](const TimeoutClause& x) {
                   exprs(x.total);
                   child("connect", x.connect);
                 },
                 [&](const RateClause& x) {
                   for (const RateLimit& limit : x.limits) {
                     child("per " + limit.unit.text, limit.amount);
                   }
                 },
                 [&](const ForEachClause& x) { exprs(x.source); },
                 [&](const BaseClause& x) { exprs(x.url); },
                 [&](const HostsClause& x) { exprs(x.hosts); },
                 [&](const AuthClause& x) {
                   arguments(x.arguments);
                   child("when", x.when);
                 },
                 [&](const StopClause& x) {
                   exprs(x.when);
                   child("reason", x.reason);
                 },
                 [&](const TokenClause& x) {
                   child("when", x.when);
                   for (const Request& r : x.request) request(r);
                 },
                 [&](const ExpiresClause& x) {
                   exprs(x.value);
                   child("margin", x.margin);
                 },
                 [&](const auto& x) { exprs(x.value); },
             },
             c.node);
}

void Dumper::request(const Request& r) {
  const Node node(
      *this, "request " + r.method.text + (r.via ? " via " + dumped_name(*r.via) : std::string()));
  for (const PathPart& part : r.target) {
    if (part.hole.empty()) {
      line("path " + dumped_text(part.text));
    } else {
      child(part.raw ? "raw hole" : "hole", part.hole);
    }
  }
  clauses(r.clauses);
}

void Dumper::chain(const Chain& c) {
  if (c.needs.present) {
    std::string text = "needs";
    for (std::size_t i = 0; i < c.needs.alternatives.size(); ++i) {
      if (i > 0) text += " or";
      for (std::size_t j = 0; j < c.needs.alternatives[i].size(); ++j) {
        text += (j > 0 ? " and " : " ") + dumped_name(c.needs.alternatives[i][j]);
      }
    }
    line(text);
  }
  clauses(c.steps);
  for (const Request& r : c.request) request(r);
}

// ---- declarations ------------------------------------------------------------------------------

void Dumper::decls(const std::vector<Decl>& all) {
  for (const Decl& d : all) decl(d);
}

void Dumper::decl(const Decl& d) {
  const Node node(*this, decl_head(d));
  if (!d.doc.empty()) line("doc " + dumped_text(trimmed_lines(d.doc)));
  parts(d);
}

void Dumper::params(const std::vector<FnParam>& all) {
  for (const FnParam& param : all) {
    const Node node(*this, "parameter " + dumped_name(param.name));
    exprs(param.default_value);
  }
}

void Dumper::parts(const Decl& d) {
  std::visit(Overloaded{
                 [&](const VersionDecl& x) { exprs(x.value); },
                 [&](const DocsDecl& x) { exprs(x.value); },
                 [&](const ParamDecl& x) {
                   child("label", x.label);
                   type(x.type);
                   child("default", x.default_value);
                 },
                 [&](const IdentityDecl& x) { child("label", x.label); },
                 [&](const ExternalDecl& x) {
                   child("label", x.label);
                   type(x.type);
                 },
                 [&](const FnDecl& x) {
                   params(x.params);
                   exprs(x.body);
                 },
                 [&](const ClientDecl& x) { clauses(x.clauses); },
                 [&](const CheckDecl& x) { chain(x.chain); },
                 [&](const CollectionDecl& x) { decls(x.items); },
                 [&](const AuthDecl& x) {
                   params(x.params);
                   clauses(x.clauses);
                 },
                 [&](const PaginationDecl& x) {
                   params(x.params);
                   clauses(x.clauses);
                 },
                 [&](const ConsentDecl& x) {
                   child("purpose", x.purpose);
                   chain(x.chain);
                 },
                 [&](const UseDecl& x) { exprs(x.path); },
                 [&](const ConnectorDecl& x) {
                   child("title", x.title);
                   child("base version", x.base_version);
                   decls(x.items);
                 },
                 [&](const ForDecl& x) {
                   for (const ForSource& source : x.sources) {
                     const Node node(*this, "source " + dumped_name(source.name));
                     exprs(source.source);
                     child("where", source.where);
                   }
                 },
                 [&](const ReadDecl& x) { chain(x.chain); },
                 [&](const EmitDecl& x) { exprs(x.value); },
                 [&](const UpdateDecl& x) { chain(x.chain); },
                 [&](const DeleteDecl& x) { chain(x.chain); },
                 [&](const FieldsDecl& x) {
                   for (const Field& f : x.fields) field(f);
                 },
                 [&](const auto&) { test_parts(d); },
             },
             d.node);
}

void Dumper::test_parts(const Decl& d) {
  std::visit(Overloaded{
                 [&](const TestDecl& x) {
                   child("title", x.title);
                   decls(x.items);
                 },
                 [&](const TestValuesDecl& x) { exprs(x.value); },
                 [&](const TestTextDecl& x) { exprs(x.value); },
                 [&](const TestReplyDecl& x) {
                   request(x.request);
                   child("with", x.status);
                   clauses(x.response);
                 },
                 [&](const TestExpectRequestDecl& x) {
                   child("count", x.count);
                   request(x.request);
                 },
                 [&](const TestExpectRowsDecl& x) { exprs(x.value); },
                 [&](const TestExpectOutcomeDecl& x) { child("reason", x.reason); },
                 [&](const TestExpectExitDecl& x) { exprs(x.code); },
                 [&](const TestExpectActionDecl& x) {
                   child("count", x.count);
                   for (const Request& one : x.request) request(one);
                   exprs(x.row);
                   child("reason", x.reason);
                 },
                 [&](const auto&) {},
             },
             d.node);
}

}  // namespace fconn::grammar
