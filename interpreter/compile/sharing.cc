// Which reads may send a request that another one sends too. The engine keeps the answers of those
// and of no others, so the decision leans to "may".
#include <algorithm>
#include <memory>
#include <unordered_map>

#include "interpreter/compile/lower_collection.hh"

namespace fconn::compile {

using ir::Op;

namespace {

/// Inputs that stand in what is sent as they are: different inputs make different requests.
struct Shown {
  std::vector<std::uint32_t> slots;
  std::vector<ir::IdentityId> identities;
};

void collect(const ir::Expr& expr, Shown& shown) {
  switch (expr.op) {
    case Op::bound:
      shown.slots.push_back(static_cast<std::uint32_t>(expr.number));
      return;
    case Op::identity:
      shown.identities.push_back({static_cast<std::uint32_t>(expr.number)});
      return;
    case Op::text: {
      // "{a}{b}" doesn't say where a ends.
      const auto holes = std::count_if(expr.kids.begin(), expr.kids.end(),
                                       [](const ir::Expr& kid) { return kid.op != Op::string; });
      if (holes != 1) return;
      break;
    }
    case Op::object:
    case Op::list:
    case Op::entry:
      break;
    default:
      return;
  }
  for (const ir::Expr& kid : expr.kids) collect(kid, shown);
}

void collect(const std::optional<ir::Expr>& expr, Shown& shown) {
  if (expr) collect(*expr, shown);
}

template <class T>
bool all_in(const std::vector<T>& wanted, const std::vector<T>& set) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const T& one) {
    return std::find(set.begin(), set.end(), one) != set.end();
  });
}

/// Surely different whatever their inputs are.
bool distinct(const ir::Expr& a, const ir::Expr& b);

bool plain_object(const ir::Expr& expr) {
  return expr.op == Op::object && std::all_of(expr.kids.begin(), expr.kids.end(),
                                              [](const auto& e) { return e.op == Op::entry; });
}

bool distinct_objects(const ir::Expr& a, const ir::Expr& b) {
  const auto differs = [](const ir::Expr& from, const ir::Expr& to) {
    return std::any_of(from.kids.begin(), from.kids.end(), [&](const ir::Expr& entry) {
      const auto twin = std::find_if(to.kids.begin(), to.kids.end(), [&](const ir::Expr& other) {
        return other.text == entry.text;
      });
      if (twin != to.kids.end()) return distinct(entry.kids[0], twin->kids[0]);
      return is_constant(entry.kids[0]) && entry.kids[0].op != Op::null_value;
    });
  };
  return differs(a, b) || differs(b, a);
}

bool distinct(const ir::Expr& a, const ir::Expr& b) {
  if (is_constant(a) && is_constant(b)) return !same(a, b);
  if (plain_object(a) && plain_object(b)) return distinct_objects(a, b);
  return false;
}

bool distinct(const std::optional<ir::Expr>& a, const std::optional<ir::Expr>& b) {
  if (a && b) return distinct(*a, *b);
  const std::optional<ir::Expr>& one = a ? a : b;
  return one && is_constant(*one) && one->op != Op::null_value && !one->kids.empty();
}

/// A target as segments; a hole is a wild card. None where a raw hole may hold anything.
constexpr char wild = '\x01';

struct Sent {
  const ir::Request* request = nullptr;
  std::string target;
  bool raw = false;
};

Sent sent(const ir::Request& request) {
  Sent result;
  result.request = &request;
  for (const ir::TargetPart& part : request.target) {
    if (part.kind == ir::TargetPartKind::raw) result.raw = true;
    if (part.value) {
      result.target += wild;
    } else {
      result.target += part.text;
    }
  }
  return result;
}

bool segments_match(std::string_view a, std::string_view b) {
  while (true) {
    const std::size_t end_a = a.find('/');
    const std::size_t end_b = b.find('/');
    const std::string_view one = a.substr(0, end_a);
    const std::string_view two = b.substr(0, end_b);
    const bool open =
        one.find(wild) != std::string_view::npos || two.find(wild) != std::string_view::npos;
    if (!open && one != two) return false;
    if (end_a == std::string_view::npos || end_b == std::string_view::npos) return end_a == end_b;
    a.remove_prefix(end_a + 1);
    b.remove_prefix(end_b + 1);
  }
}

/// Finds the requests before one whose targets could be the same as its own, without looking at all
/// of them: a tree of segments, in which those with a hole share one edge. It has a bounded depth,
/// so what is found beyond that is looked at in whole.
class EarlierTargets {
 public:
  /// Calls `visit(i, number)` for the requests i that could, and takes this one in.
  template <class Visit>
  void add(const Sent& request, std::size_t number, Visit visit) {
    const auto call = [&](std::size_t earlier) { visit(earlier, number); };
    if (request.raw || request.request->absolute) {
      for (std::size_t i = 0; i < number; ++i) call(i);
      anywhere_.push_back(number);
      return;
    }
    std::for_each(anywhere_.begin(), anywhere_.end(), call);
    const std::string_view target = beginning(request.target);
    find(root_, target, call);
    Node* node = &root_;
    for_segments(target, [&](std::string_view segment) {
      std::unique_ptr<Node>& next = open(segment) ? node->open : node->named[segment];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
    });
    node->ends.push_back(number);
  }

 private:
  struct Node {
    std::unordered_map<std::string_view, std::unique_ptr<Node>> named;
    std::unique_ptr<Node> open;
    std::vector<std::size_t> ends;
  };

  static std::string_view beginning(std::string_view target) {
    constexpr int deepest = 32;
    std::size_t end = 0;
    for (int i = 0; i < deepest; ++i) {
      end = target.find('/', end);
      if (end == std::string_view::npos) return target;
      ++end;
    }
    return target.substr(0, end - 1);
  }

  static bool open(std::string_view segment) {
    return segment.find(wild) != std::string_view::npos;
  }

  template <class Each>
  static void for_segments(std::string_view target, Each each) {
    while (true) {
      const std::size_t end = target.find('/');
      each(target.substr(0, end));
      if (end == std::string_view::npos) return;
      target.remove_prefix(end + 1);
    }
  }

  template <class Call>
  static void find(const Node& node, std::string_view target, Call call) {
    const std::size_t end = target.find('/');
    const std::string_view segment = target.substr(0, end);
    const auto follow = [&](const Node& next) {
      if (end != std::string_view::npos) return find(next, target.substr(end + 1), call);
      std::for_each(next.ends.begin(), next.ends.end(), call);
    };
    if (node.open) follow(*node.open);
    if (open(segment)) {
      for (const auto& [name, next] : node.named) follow(*next);
    } else if (const auto named = node.named.find(segment); named != node.named.end()) {
      follow(*named->second);
    }
  }

  Node root_;
  std::vector<std::size_t> anywhere_;  // whose targets could be any
};

bool may_be_identical(const Sent& a, const Sent& b) {
  const ir::Request& one = *a.request;
  const ir::Request& two = *b.request;
  if (one.method != two.method || one.body_kind != two.body_kind) return false;
  if (one.absolute == two.absolute && !a.raw && !b.raw) {
    if (!one.absolute && one.client != two.client) return false;
    if (!segments_match(a.target, b.target)) return false;
  }
  return !distinct(one.query, two.query) && !distinct(one.body, two.body) &&
         !distinct(one.headers, two.headers);
}

bool same(const std::optional<ir::Expr>& a, const std::optional<ir::Expr>& b) {
  return a.has_value() == b.has_value() && (!a || compile::same(*a, *b));
}

bool same_request(const ir::Request& a, const ir::Request& b) {
  const bool targets =
      std::equal(a.target.begin(), a.target.end(), b.target.begin(), b.target.end(),
                 [](const ir::TargetPart& x, const ir::TargetPart& y) {
                   return x.kind == y.kind && x.text == y.text && same(x.value, y.value);
                 });
  const bool ops = std::equal(a.row_ops.begin(), a.row_ops.end(), b.row_ops.begin(),
                              b.row_ops.end(), [](const ir::RowOp& x, const ir::RowOp& y) {
                                return x.kind == y.kind && compile::same(x.value, y.value);
                              });
  return targets && ops && a.client == b.client && a.method == b.method && same(a.query, b.query) &&
         same(a.headers, b.headers) && a.body_kind == b.body_kind && same(a.body, b.body) &&
         a.rows_path == b.rows_path && same(a.rows, b.rows) && a.body_cells == b.body_cells &&
         a.row_cells == b.row_cells;
}

}  // namespace

bool inputs_show(const ChainEnv& env) {
  const ir::Chain& chain = *env.ir;
  if (!chain.steps.empty() || !chain.request) return false;
  Shown shown;
  for (const ir::TargetPart& part : chain.request->target) collect(part.value, shown);
  collect(chain.request->query, shown);
  collect(chain.request->headers, shown);
  collect(chain.request->body, shown);
  return all_in(chain.uses, shown.slots) && all_in(chain.request_identities, shown.identities) &&
         all_in(chain.keep_identities, shown.identities);
}

void decide_sharing(Unit& unit, const std::vector<ReadFacts>& facts) {
  std::vector<Sent> all;
  std::vector<std::size_t> owner;  // of each request, among the facts
  std::vector<ir::Chain*> chains;
  for (const ReadFacts& fact : facts) {
    ir::Chain& chain = unit.out.collections[fact.collection.value].reads[fact.read].chain;
    chain.shareable = fact.shares && !fact.until;
    for (const ir::Step& step : chain.steps) {
      if (!step.request) continue;
      all.push_back(sent(*step.request));
      owner.push_back(chains.size());
    }
    if (chain.request) {
      all.push_back(sent(*chain.request));
      owner.push_back(chains.size());
    }
    chains.push_back(&chain);
  }
  EarlierTargets targets;
  for (std::size_t number = 0; number < all.size(); ++number) {
    targets.add(all[number], number, [&](std::size_t i, std::size_t j) {
      const std::size_t one = owner[i], two = owner[j];
      if (one == two || (chains[one]->shareable && chains[two]->shareable)) return;
      if (!may_be_identical(all[i], all[j])) return;
      chains[one]->shareable = !facts[one].until;
      chains[two]->shareable = !facts[two].until;
    });
  }
}

void check_same_reads(Unit& unit, const CollectionSymbol& symbol,
                      const std::vector<Span>& read_spans) {
  const std::vector<ir::Read>& reads = unit.out.collections[symbol.id.value].reads;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const ir::Chain& a = reads[i].chain;
      const ir::Chain& b = reads[j].chain;
      if (!a.request || !b.request || !a.steps.empty() || !b.steps.empty()) continue;
      if (a.needs != b.needs || !same_request(*a.request, *b.request)) continue;
      unit.report(DiagnosticId::same_reads, read_spans[i],
                  "this read sends and gives the same as an earlier one", "remove one of them",
                  read_spans[j], "the earlier one");
      break;
    }
  }
}

}  // namespace fconn::compile
