// Semantic tokens: all of a document's, those of a range, and what has changed since the last time.
#include <algorithm>

#include "tools/lsp/highlight.hh"
#include "tools/lsp/session.hh"

namespace fconn::lsp {
namespace {

constexpr std::size_t numbers_of_one = 5;

Json numbers(const std::vector<std::uint32_t>& data, std::size_t begin, std::size_t end) {
  std::vector<Json> out;
  out.reserve(end - begin);
  for (std::size_t i = begin; i < end; ++i) out.push_back(json_number(data[i]));
  return json_list(out);
}

}  // namespace

std::optional<std::vector<std::uint32_t>> Server::Session::tokens_of(const Params& params) {
  const auto analysis = analysis_of(path_at(params));
  if (!analysis || !is_fconn(analysis->kind)) return std::nullopt;
  const std::string_view text = analysis->text();
  const Lines lines(text);
  const auto [begin, end] = bytes_of(params, text);
  // Line and column are told as differences to the token before.
  std::vector<std::uint32_t> data;
  Place before;
  for (const Highlight& one : highlights(*analysis)) {
    if (one.end <= begin || one.begin >= end) continue;
    const Place place = lines.place(text, one.begin, encoding_);
    const std::uint32_t line = place.line - before.line;
    data.insert(data.end(), {line, line == 0 ? place.column - before.column : place.column,
                             length_in(text.substr(one.begin, one.end - one.begin), encoding_),
                             one.type, one.modifiers});
    before = place;
  }
  return data;
}

Json Server::Session::remember(const std::string& path, std::vector<std::uint32_t> data) {
  const std::string id = std::to_string(++colourings_);
  // Of a document that isn't open nobody would say when to forget them.
  if (documents_.get(path) != nullptr) colours_[path] = {id, std::move(data)};
  return json_string(id);
}

Answer Server::Session::semantic_tokens(const Params& params) {
  auto data = tokens_of(params);
  if (!data) return {};
  const Json list = numbers(*data, 0, data->size());
  const Json id = remember(path_at(params), *std::move(data));
  return {json_object({{"resultId", id}, {"data", list}}), 0, {}};
}

Answer Server::Session::semantic_tokens_range(const Params& params) {
  const auto data = tokens_of(params);
  if (!data) return {};
  return {json_object({{"data", numbers(*data, 0, data->size())}}), 0, {}};
}

Answer Server::Session::semantic_tokens_delta(const Params& params) {
  const std::string path = path_at(params);
  const auto known = colours_.find(path);
  const auto id = string_at(params, {"previousResultId"});
  if (known == colours_.end() || !id || *id != known->second.id) return semantic_tokens(params);
  auto data = tokens_of(params);
  if (!data) return {};
  // One edit: what lies between an equal begin and an equal end. Whole tokens, as some clients
  // expect.
  const std::vector<std::uint32_t>& before = known->second.data;
  const std::size_t most = std::min(before.size(), data->size());
  std::size_t same = 0;
  while (same < most && before[same] == (*data)[same]) ++same;
  same -= same % numbers_of_one;
  std::size_t tail = 0;
  while (tail < most - same &&
         before[before.size() - 1 - tail] == (*data)[data->size() - 1 - tail]) {
    ++tail;
  }
  tail -= tail % numbers_of_one;
  std::vector<Json> edits;
  const std::size_t gone = before.size() - same - tail;
  const std::size_t end = data->size() - tail;
  if (gone > 0 || end > same) {
    edits.push_back(json_object({{"start", json_number(static_cast<std::int64_t>(same))},
                                 {"deleteCount", json_number(static_cast<std::int64_t>(gone))},
                                 {"data", numbers(*data, same, end)}}));
  }
  const Json now = remember(path, *std::move(data));
  return {json_object({{"resultId", now}, {"edits", json_list(edits)}}), 0, {}};
}

}  // namespace fconn::lsp
