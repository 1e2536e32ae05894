#include "tools/har/declared.hh"

#include <algorithm>

#include "interpreter/ir/walk.hh"
#include "interpreter/privacy/category.hh"
#include "tools/har/member_names.hh"
#include "tools/har/stand_in.hh"

namespace fconn::har {
namespace {

/// Which expressions of a connector have something of a secret in them.
class Taint {
 public:
  explicit Taint(const ir::Connector& connector) : connector_(connector) {}

  /// `lets`: those of the current chain; with `locals` every local counts, as in a strategy.
  bool touches(const ir::Expr& expr, const std::set<std::int64_t>& lets, bool locals) const {
    switch (expr.op) {
      case ir::Op::param:
        if (connector_.params[static_cast<std::size_t>(expr.number)].secret) return true;
        break;
      case ir::Op::auth_token:
      case ir::Op::token:
      case ir::Op::challenge:
        return true;
      case ir::Op::let_value:
        if (lets.count(expr.number) > 0) return true;
        break;
      case ir::Op::local:
        if (locals) return true;
        break;
      case ir::Op::call_fn:
        // A function comes behind those that it calls, so this ends.
        if (touches(connector_.functions[static_cast<std::size_t>(expr.number)].body, {}, false)) {
          return true;
        }
        break;
      default:
        break;
    }
    return std::any_of(expr.kids.begin(), expr.kids.end(),
                       [&](const ir::Expr& kid) { return touches(kid, lets, locals); });
  }

 private:
  const ir::Connector& connector_;
};

class Collector {
 public:
  Collector(const ir::Connector& connector, Declared& out) : taint_(connector), out_(out) {}

  void literal(const ir::Expr& expr) {
    if (!expr.text.empty()) out_.kept.insert(folded(expr.text));
    if (expr.op == ir::Op::integer) out_.kept.insert(std::to_string(expr.number));
  }

  void entry(const ir::Expr& expr, const std::set<std::int64_t>& lets, bool locals) {
    if (expr.op == ir::Op::entry && taint_.touches(expr.kids.front(), lets, locals)) {
      out_.secret.insert(plain_name(expr.text));
    }
    // `[name]: value` with a name that is written out, as strategies of the library have it.
    if (expr.op == ir::Op::computed_entry && !expr.kids.front().text.empty() &&
        taint_.touches(expr.kids[1], lets, locals)) {
      out_.secret.insert(plain_name(expr.kids.front().text));
    }
  }

  void whole(const ir::Expr& expr, bool locals) {
    literal(expr);
    entry(expr, {}, locals);
    for (const ir::Expr& kid : expr.kids) whole(kid, locals);
  }
  void whole(const std::optional<ir::Expr>& expr, bool locals) {
    if (expr) whole(*expr, locals);
  }

  void request(const ir::Request& request) {
    for (const ir::TargetPart& part : request.target) {
      std::string_view rest = part.text;
      while (!rest.empty()) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        if (slash > 0) out_.kept.insert(folded(rest.substr(0, slash)));
        rest.remove_prefix(std::min(slash + 1, rest.size()));
      }
    }
  }

  void chain(const ir::Chain& chain) {
    std::set<std::int64_t> lets;
    for (const ir::Step& step : chain.steps) {
      if (step.value && taint_.touches(*step.value, lets, false)) lets.insert(step.slot);
      if (step.request) request(*step.request);
    }
    if (chain.request) request(*chain.request);
    ir::each_expr(chain, [&](const ir::Expr& expr) {
      literal(expr);
      entry(expr, lets, false);
    });
  }

  void client(const ir::Client& client) {
    whole(client.base, false);
    whole(client.headers, false);
    whole(client.query, false);
    for (const ir::Auth& auth : client.auths) {
      whole(auth.query, true);
      whole(auth.body, true);
      for (const ir::Token& token : auth.tokens) {
        request(token.request);
        whole(token.request.body, true);
        whole(token.request.query, true);
      }
    }
  }

  void field(const ir::Field& field) {
    const std::string name = plain_name(field.name);
    const bool personal =
        std::any_of(field.categories.begin(), field.categories.end(),
                    [](const std::string& category) { return privacy::covers("user", category); });
    if (personal) {
      out_.personal.insert(name);
    } else if (field.fields.empty()) {
      out_.impersonal.insert(name);
    }
    if (field.key) out_.references.insert(name);
    for (const ir::Field& inner : field.fields) this->field(inner);
  }

  void collection(const ir::Collection& collection) {
    for (const ir::Read& read : collection.reads) chain(read.chain);
    if (collection.update) chain(*collection.update);
    if (collection.erase) chain(*collection.erase);
    for (const ir::Source& source : collection.sources) whole(source.where, false);
    for (const ir::Field& one : collection.fields) field(one);
    for (const ir::Cell& cell : collection.cells) {
      if (!cell.path.empty()) out_.references.insert(plain_name(cell.path.back()));
    }
    for (const ir::KeyPath& path : collection.key) {
      if (!path.empty()) out_.references.insert(plain_name(path.back()));
    }
  }

 private:
  Taint taint_;
  Declared& out_;
};

}  // namespace

void Declared::add(const ir::Connector& connector) {
  Collector collector(connector, *this);
  for (const ir::Function& function : connector.functions) collector.whole(function.body, false);
  for (const ir::Client& client : connector.clients) collector.client(client);
  for (const std::string& host : connector.hosts) kept.insert(folded(host));
  if (connector.check) collector.chain(*connector.check);
  for (const ir::Consent& consent : connector.consents) collector.chain(consent.chain);
  for (const ir::Collection& collection : connector.collections) collector.collection(collection);
}

}  // namespace fconn::har
