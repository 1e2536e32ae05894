#include "interpreter/run/row_pipeline.hh"

#include <xxhash.h>

#include <algorithm>

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

RowPipeline::RowPipeline(Site site, eval::Evaluator& evaluator, rows::RowHasher hasher)
    : site_(site), evaluator_(evaluator), hasher_(hasher), last_map_(site.request->row_ops.size()) {
  const auto& ops = site.request->row_ops;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].kind == ir::RowOpKind::map) last_map_ = i;
  }
  if (site.read != nullptr && site.read->reparse) {
    rows::Projection projection;
    projection.rows = rows::KeyPath{};
    for (const ir::Cell& cell : site.collection->cells) projection.row_cells.push_back(cell.path);
    for (const ir::KeyPath& path : site.collection->key) projection.row_cells.push_back(path);
    reparse_projection_ = std::make_unique<rows::CompiledProjection>(std::move(projection));
    reparse_reader_ = std::make_unique<rows::JsonReader>();
  }
}

void RowPipeline::begin(const eval::Environment& env,
                        const std::vector<std::vector<value::Value>>& keep_identities,
                        std::uint64_t& taken, Page& page, Full full, std::size_t full_bytes) {
  env_ = env;
  keep_identities_ = &keep_identities;
  taken_ = &taken;
  page_ = &page;
  full_ = std::move(full);
  full_bytes_ = full_bytes;
  kept_ = 0;
  dropped_ = 0;
  signature_ = 0;
  cut_ = false;
}

Result<bool> RowPipeline::keep(const ir::RowOp& op) {
  if (keep_identities_->empty()) return evaluator_.test(op.value, env_, arena_);
  const auto own = env_.identities;
  for (const std::vector<Value>& identities : *keep_identities_) {
    env_.identities = identities;
    auto holds = evaluator_.test(op.value, env_, arena_);
    env_.identities = own;
    if (!holds || *holds) return holds;
  }
  return false;
}

Result<RowPipeline::Verdict> RowPipeline::apply_ops(std::string_view text) {
  const auto& ops = site_.request->row_ops;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const ir::RowOp& op = ops[i];
    op_ = i;
    switch (op.kind) {
      case ir::RowOpKind::keep: {
        auto holds = keep(op);
        if (!holds) return fail(holds.error());
        if (!*holds) return Verdict::drop;
        break;
      }
      case ir::RowOpKind::take: {
        auto count = evaluator_.evaluate(op.value, env_, arena_);
        if (!count) return fail(count.error());
        const Value limit = value::decoded(*count, arena_);
        if (limit.kind != Kind::integer) {
          return fail(FailureKind::shape, "`take` needs a whole number", op.span);
        }
        if (*taken_ >= static_cast<std::uint64_t>(std::max<std::int64_t>(limit.integer, 0))) {
          cut_ = true;
          return Verdict::drop;
        }
        ++*taken_;
        break;
      }
      case ir::RowOpKind::map: {
        // The last map goes straight into the page unless a later clause looks at its value.
        if (i == last_map_ && i + 1 == ops.size()) {
          auto wrote = evaluator_.write_json(op.value, env_, arena_, page_->rows.text());
          if (!wrote) return fail(wrote.error());
          written_ = true;
          break;
        }
        auto mapped = evaluator_.evaluate(op.value, env_, arena_);
        if (!mapped) return fail(mapped.error());
        env_.current_row = *mapped;
        break;
      }
    }
  }
  if (!written_) {
    if (last_map_ < ops.size()) {
      value::append_json(env_.current_row, page_->rows.text());
    } else {
      page_->rows.text().append(text);
    }
  }
  return Verdict::keep;
}

Result<void> RowPipeline::row(std::string_view text, std::span<const std::string_view> cells) {
  if (site_.collection == nullptr && !site_.bound)
    return {};  // a check's answer is no row of anything
  if (full_) signature_ = XXH3_64bits_withSeed(text.data(), text.size(), signature_);
  arena_.reset();
  env_.row_cells = cells;
  env_.current_row = Value::null();
  written_ = false;
  const std::size_t begin = page_->rows.bytes();
  auto verdict = apply_ops(text);
  if (!verdict || *verdict == Verdict::drop) {
    page_->rows.abandon_row();
    if (watch_) {
      watch_({text, {}, op_, verdict ? nullptr : &verdict.error()}, env_);
    }
    if (!verdict) return fail(verdict.error());
    ++dropped_;
    return {};
  }
  if (watch_) watch_({text, std::string_view(page_->rows.text()).substr(begin), {}, nullptr}, env_);
  if (site_.bound) {
    page_->rows.end_row({});
    ++kept_;
    return {};
  }
  return finish_row(std::string_view(page_->rows.text()).substr(begin));
}

Result<void> RowPipeline::finish_row(std::string_view text) {
  if (text.empty() || text[0] != '{') {
    value::Failure failure;
    failure.kind = FailureKind::shape;
    failure.text = "a row must be an object, and this one begins with `" +
                   std::string(text.substr(0, 20)) + "`; use `map` to make one";
    failure.where = site_.request->span;
    page_->rows.abandon_row();
    return fail(std::move(failure));
  }
  if (reparse_projection_) {
    if (auto parsed = reparse(text); !parsed) {
      page_->rows.abandon_row();
      return fail(parsed.error());
    }
  }
  auto hash = hash_row(text);
  if (!hash) {
    page_->rows.abandon_row();
    return fail(hash.error());
  }
  if (site_.feeds) {
    if (auto wrote = write_cells(); !wrote) {
      page_->rows.abandon_row();
      return fail(wrote.error());
    }
  }
  page_->rows.end_row(*hash);
  ++kept_;
  if (full_ && page_->bytes() >= full_bytes_) return full_(*page_);
  return {};
}

Result<void> RowPipeline::write_cells() {
  std::string& out = page_->cells;
  out += '[';
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ',';
    first = false;
  };
  if (reparse_projection_) {
    for (std::size_t i = 0; i < site_.collection->cells.size(); ++i) {
      comma();
      out += reparsed_[i].empty() ? "null" : reparsed_[i];
    }
  } else if (site_.read != nullptr) {
    for (const ir::Expr& cell : site_.read->cells) {
      comma();
      if (auto wrote = evaluator_.write_json(cell, env_, arena_, out); !wrote) {
        return fail(wrote.error());
      }
    }
  }
  out += ']';
  page_->cell_ends.push_back(static_cast<std::uint32_t>(out.size()));
  return {};
}

Result<value::RowHash> RowPipeline::hash_row(std::string_view row_text) {
  const std::size_t keys = site_.collection->key.size();
  if (keys == 0) return hasher_.hash(row_text);
  key_text_.clear();
  for (std::size_t i = 0; i < keys; ++i) {
    if (reparse_projection_) {
      const std::string& text = reparsed_[site_.collection->cells.size() + i];
      if (text.empty() || text == "null") return hasher_.hash(row_text);
      key_text_ += text;
    } else {
      auto part = evaluator_.evaluate(site_.read->key[i], env_, arena_);
      if (!part) return fail(part.error());
      // A row whose key is missing is told apart by all it holds.
      if (part->is_null() || (part->kind == Kind::raw && part->view() == "null")) {
        return hasher_.hash(row_text);
      }
      const bool respell = part->kind == Kind::raw && part->length > 0 && part->text[0] == '"' &&
                           part->view().find('\\') != std::string_view::npos;
      value::append_json(respell ? value::decoded(*part, arena_) : *part, key_text_);
    }
    key_text_ += '\n';
  }
  value::RowHash hash = hasher_.hash(key_text_);
  hash.content = hasher_.hash(row_text).low;
  return hash;
}

Result<void> RowPipeline::reparse(std::string_view row_text) {
  struct Capture final : rows::RowHandler {
    std::vector<std::string>* out = nullptr;
    Result<void> row(std::string_view, std::span<const std::string_view> cells) override {
      out->clear();
      for (const std::string_view cell : cells) out->emplace_back(cell);
      return {};
    }
  } capture;
  capture.out = &reparsed_;
  scratch_.assign(row_text);
  scratch_.append(rows::padding, ' ');
  auto read = reparse_reader_->read(std::string_view(scratch_).substr(0, row_text.size()),
                                    *reparse_projection_, capture);
  if (!read) return fail(read.error());
  return {};
}

}  // namespace fconn::run
