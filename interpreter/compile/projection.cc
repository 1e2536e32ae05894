// The values of a row that others need, as expressions over what is read of it anyway. Without a
// map that is a cell of the row; a map that is an object literal is looked through.
#include <algorithm>

#include "interpreter/compile/lower_collection.hh"

namespace fconn::compile {

using ir::Op;

namespace {

ir::Expr row_cell(ir::Request& request, const ir::KeyPath& path, Span span) {
  std::vector<ir::KeyPath>& cells = request.row_cells;
  const auto found = std::find(cells.begin(), cells.end(), path);
  const auto index = found - cells.begin();
  if (found == cells.end()) cells.push_back(path);
  return make(Op::row_cell, span, {}, {}, index);
}

bool mentions(const ir::Expr& expr, Op op) {
  return expr.op == op || std::any_of(expr.kids.begin(), expr.kids.end(),
                                      [&](const ir::Expr& kid) { return mentions(kid, op); });
}

using Path = std::span<const std::string>;

/// What `expr` holds at `path`; none when its text doesn't tell.
std::optional<ir::Expr> look_through(const ir::Expr& expr, Path path, ir::Request& request) {
  if (path.empty()) return expr;
  if (expr.op == Op::row_cell) {
    ir::KeyPath whole = request.row_cells[static_cast<std::size_t>(expr.number)];
    whole.insert(whole.end(), path.begin(), path.end());
    return row_cell(request, whole, expr.span);
  }
  if (expr.op != Op::object) {
    // Picking a member of something computed would compute all of it for each cell.
    return std::nullopt;
  }
  for (auto entry = expr.kids.rbegin(); entry != expr.kids.rend(); ++entry) {
    if (entry->op == Op::entry) {
      if (entry->text == path[0]) return look_through(entry->kids[0], path.subspan(1), request);
      continue;
    }
    if (entry->op != Op::spread || entry->kids[0].op != Op::row_cell) return std::nullopt;
    // `{ id: a, ...x }`: x may or may not have the key.
    const bool earlier = std::any_of(std::next(entry), expr.kids.rend(), [&](const ir::Expr& e) {
      return e.op != Op::entry || e.text == path[0];
    });
    if (earlier) return std::nullopt;
    return look_through(entry->kids[0], path, request);
  }
  return make(Op::null_value, expr.span);
}

ir::Expr cast_to(ir::Expr expr, ir::ScalarType type) {
  if (type == ir::ScalarType::any || type == ir::ScalarType::object ||
      type == ir::ScalarType::list) {
    return expr;
  }
  const Span span = expr.span;
  return make(Op::cast, span, kids(std::move(expr)), {}, static_cast<std::int64_t>(type));
}

/// The exports of one read; false when a map hides a value.
class Exports {
 public:
  explicit Exports(ir::Read& read) : read_(read), request_(*read.chain.request) {
    for (const ir::RowOp& op : request_.row_ops) {
      if (op.kind == ir::RowOpKind::map) map_ = &op.value;
    }
  }

  std::optional<ir::Expr> at(const ir::KeyPath& path) {
    if (map_ == nullptr) return row_cell(request_, path, read_.span);
    auto seen = look_through(*map_, path, request_);
    // Whole objects are cheaper from the row's text; an earlier map isn't looked through.
    if (!seen || seen->op == Op::object || mentions(*seen, Op::current_row)) return std::nullopt;
    return seen;
  }

 private:
  ir::Read& read_;
  ir::Request& request_;
  const ir::Expr* map_ = nullptr;
};

bool project(const ir::Collection& collection, ir::Read& read) {
  Exports exports(read);
  for (const ir::Cell& cell : collection.cells) {
    auto value = exports.at(cell.path);
    if (!value) return false;
    read.cells.push_back(cast_to(std::move(*value), cell.type));
  }
  for (const ir::KeyPath& path : collection.key) {
    auto value = exports.at(path);
    if (!value) return false;
    read.key.push_back(cast_to(std::move(*value), declared_type(collection.fields, path)));
  }
  return true;
}

ir::Expr of_current_row(const ir::KeyPath& path, Span span) {
  ir::Expr value = make(Op::current_row, span);
  for (const std::string& key : path) value = make(Op::member, span, kids(std::move(value)), key);
  return value;
}

}  // namespace

void project_cells(ir::Collection& collection) {
  for (ir::Read& read : collection.reads) {
    if (!read.chain.request) continue;
    if (project(collection, read)) continue;
    read.reparse = true;
    read.cells.clear();
    read.key.clear();
  }
  if (!collection.emit) return;
  const Span span = collection.emit->span;
  for (const ir::Cell& cell : collection.cells) {
    collection.emit_cells.push_back(cast_to(of_current_row(cell.path, span), cell.type));
  }
  for (const ir::KeyPath& path : collection.key) {
    collection.emit_key.push_back(
        cast_to(of_current_row(path, span), declared_type(collection.fields, path)));
  }
}

}  // namespace fconn::compile
