#include "grammar/format_writer.hh"

#include <algorithm>

namespace fconn::grammar {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Writer::Writer(const SourceMap& sources, const Ast& ast)
    : source_(sources.text(ast.file)), comments_(&ast.comments) {}

Writer Writer::flat(const Writer& outer, std::size_t room) {
  Writer writer;
  writer.source_ = outer.source_;
  writer.comments_ = outer.comments_;
  writer.next_comment_ = outer.comments_->size();
  writer.flat_ = true;
  writer.room_ = room;
  return writer;
}

void Writer::put(std::string_view text) {
  if (overflowed_) return;
  out_ += text;
  if (flat_ && code_points(out_) > room_) overflowed_ = true;
}

void Writer::flush_break() {
  if (!pending_) return;
  pending_ = false;
  while (!out_.empty() && is_space(out_.back())) out_.pop_back();
  if (!out_.empty()) out_ += pending_blank_ ? "\n\n" : "\n";
  line_start_ = out_.size();
  out_.append(pending_indent_, ' ');
}

void Writer::text(std::string_view text) {
  if (pending_) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (text.empty()) return;
    flush_break();
  }
  put(text);
}

void Writer::lines(std::string_view text) {
  flush_break();
  put(text);
  const std::size_t last = text.rfind('\n');
  if (last == std::string_view::npos) return;
  if (flat_) overflowed_ = true;
  line_start_ = out_.size() - (text.size() - last - 1);
}

void Writer::line_break(std::uint32_t indent, bool blank) {
  if (flat_) return;
  pending_ = true;
  pending_blank_ = blank;
  pending_indent_ = indent;
}

void Writer::start_item(std::uint32_t offset, std::uint32_t indent, bool first) {
  if (flat_) return;
  while (has_comment_before(offset)) {
    const Comment& comment = (*comments_)[next_comment_++];
    line_break(indent, !first && blank_line_before(comment.span.begin));
    text(without_trailing_space(comment.text));
    first = false;
  }
  line_break(indent, !first && blank_line_before(offset));
}

void Writer::finish_item(std::uint32_t end, std::uint32_t next) {
  while (!flat_ && next_comment_ < comments_->size()) {
    const Comment& comment = (*comments_)[next_comment_];
    if (comment.span.begin >= next) return;
    const bool inside = comment.span.begin < end;
    if (!inside && (comment.own_line || newline_between(end, comment.span.begin))) return;
    comments_before(comment.span.begin + 1);
  }
}

void Writer::comments_before(std::uint32_t offset) {
  while (has_comment_before(offset)) {
    const Comment& comment = (*comments_)[next_comment_++];
    const std::uint32_t indent = pending_ ? pending_indent_ : continuation_;
    if (comment.own_line && !pending_) line_break(indent);
    if (!pending_) {
      while (!out_.empty() && is_space(out_.back())) out_.pop_back();
      put("  ");
    }
    text(without_trailing_space(comment.text));
    line_break(indent);
  }
}

bool Writer::has_comment_before(std::uint32_t offset) const {
  return next_comment_ < comments_->size() && (*comments_)[next_comment_].span.begin < offset;
}

void Writer::skip_comments_before(std::uint32_t offset) {
  while (has_comment_before(offset)) ++next_comment_;
}

std::size_t Writer::mark() {
  while (!out_.empty() && is_space(out_.back())) out_.pop_back();
  return out_.size();
}

std::string_view Writer::written_since(std::size_t mark) const {
  return std::string_view(out_).substr(mark);
}

void Writer::insert_blank_line(std::size_t mark) {
  out_.insert(mark, 1, '\n');
  ++line_start_;
}

std::uint32_t Writer::column() const {
  if (pending_) return pending_indent_;
  return code_points(std::string_view(out_).substr(line_start_));
}

std::uint32_t Writer::line_indent() const {
  if (pending_) return pending_indent_;
  const std::size_t first = out_.find_first_not_of(' ', line_start_);
  const std::size_t stop = first == std::string::npos ? out_.size() : first;
  return static_cast<std::uint32_t>(stop - line_start_);
}

std::string_view Writer::slice(std::uint32_t begin, std::uint32_t end) const {
  const std::size_t from = std::min<std::size_t>(begin, source_.size());
  const std::size_t to = std::clamp<std::size_t>(end, from, source_.size());
  return source_.substr(from, to - from);
}

bool Writer::newline_between(std::uint32_t begin, std::uint32_t end) const {
  return slice(begin, end).find('\n') != std::string_view::npos;
}

bool Writer::starts_line(std::uint32_t offset) const {
  std::size_t at = std::min<std::size_t>(offset, source_.size());
  while (at > 0 && is_space(source_[at - 1])) --at;
  return at == 0 || source_[at - 1] == '\n';
}

bool Writer::blank_line_before(std::uint32_t offset) const {
  std::size_t at = std::min<std::size_t>(offset, source_.size());
  int line_ends = 0;
  while (at > 0 && (is_space(source_[at - 1]) || source_[at - 1] == '\n')) {
    if (source_[--at] == '\n') ++line_ends;
  }
  return line_ends > 1;
}

bool Writer::blank_line_between(std::uint32_t begin, std::uint32_t end) const {
  int line_ends = 0;
  for (const char c : slice(begin, end)) {
    if (c == '\n') {
      if (++line_ends > 1) return true;
    } else if (!is_space(c)) {
      line_ends = 0;
    }
  }
  return false;
}

std::uint32_t Writer::find(std::string_view wanted, std::uint32_t begin, std::uint32_t end) const {
  end = std::min(end, static_cast<std::uint32_t>(source_.size()));
  for (std::uint32_t at = begin; at < end; ++at) {
    if (source_[at] == '#') {
      while (at < end && source_[at] != '\n') ++at;
    } else if (source_.substr(at).starts_with(wanted)) {
      return at;
    }
  }
  return end;
}

std::string Writer::take() {
  pending_ = false;
  while (!out_.empty() && (is_space(out_.back()) || out_.back() == '\n')) out_.pop_back();
  if (!out_.empty()) out_ += '\n';
  return std::move(out_);
}

}  // namespace fconn::grammar
