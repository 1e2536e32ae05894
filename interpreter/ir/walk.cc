#include "interpreter/ir/walk.hh"

#include "interpreter/ir/fields.hh"

namespace fconn::ir {

namespace {

using Visit = std::function<void(const Expr&)>;

void walk(const Expr& expr, const Visit& visit) {
  visit(expr);
  for (const Expr& kid : expr.kids) walk(kid, visit);
}

template <class T>
void walk(const T& value, const Visit& visit);

template <class T>
void walk(const std::optional<T>& value, const Visit& visit) {
  if (value) walk(*value, visit);
}
template <class T>
void walk(const std::vector<T>& values, const Visit& visit) {
  for (const T& value : values) walk(value, visit);
}
template <class T>
void walk(const T& value, const Visit& visit) {
  if constexpr (Record<T>) {
    Fields<T>::visit([&](std::string_view, auto member, Presence) { walk(value.*member, visit); });
  }
}

}  // namespace

void each_expr(const Chain& chain, const std::function<void(const Expr&)>& visit) {
  walk<Chain>(chain, visit);
}

}  // namespace fconn::ir
