// An answer with a page of rows, as far as it says how to get others. Private to pages.hh.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/http/url.hh"
#include "tools/learn/pages.hh"

namespace fconn::learn {

/// A scalar of an answer's envelope (not of its rows), with the path that reads it.
struct Found {
  std::string path;   // ".meta.next_cursor"
  std::string plain;  // "nextcursor"
  std::string name;   // "next_cursor"
  value::Kind kind{};
  std::string text;
  bool truth = false;
};

struct Page {
  std::vector<Found> envelope;
  std::vector<std::string> holders;  // paths of the envelope's objects
  http::QueryPairs query;
  bool next_link = false;             // of a Link header
  std::optional<std::uint64_t> rows;  // how many came
  bool identified = false;            // each row has an `id`
};

/// Of the answers that are good.
std::vector<Page> pages_of(const Exchanges& exchanges, const ir::KeyPath* rows);

const std::string* find(const http::QueryPairs& query, std::string_view name);
bool one_of(std::string_view name, std::initializer_list<std::string_view> names);
std::optional<std::int64_t> number(const std::string* text);
/// A whole number of the envelope by one of these plain names.
const Found* number_named(const Page& page, std::initializer_list<std::string_view> names);
/// How many rows, or pages, there are in all.
const Found* total_of(const Page& page);
const Found* page_count_of(const Page& page);
/// Whether there are more pages, as a truth value.
const Found* more_of(const Page& page);
/// How many rows the request asks for at once: the parameter and its value.
std::optional<std::pair<std::string, std::int64_t>> size_asked(const Page& page);
/// Whether a parameter is the number of a page, or of the first row.
bool counts_pages(const std::string& parameter);
bool counts_rows(const std::string& parameter);
/// A URL beside a cursor, ".cursor.url".
bool of_cursor(const Found& one);
/// As a literal of the language.
std::string quoted(const std::string& text);
std::string guess_parameter(const Found& token);

/// What names suggest where no answer shows it; always a guess.
std::optional<Pages> guess_pages(const Page& page);

}  // namespace fconn::learn
