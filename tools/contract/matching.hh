// Requests and rows against what a test says of them.
#pragma once

#include <string>

#include "tools/contract/offline.hh"
#include "tools/contract/test_file.hh"

namespace fconn::contract {

/// Of many missing or extra things, so many are named.
constexpr std::size_t shown_of_many = 3;

bool matches(const RequestPattern& pattern, const SentRequest& sent);
/// The text, or its beginning: whole characters (UTF-8) of at most 400 bytes.
std::string shortened(std::string_view text);
/// "GET /users?page=2  body {…}".
std::string describe(const mock::RecordedRequest& request);
/// Whether `row` holds everything that `wanted` names.
bool holds(const value::Value& wanted, const value::Value& row, value::Arena& arena);

/// From the text of a request as it is planned: "METHOD URL", headers, an empty line, the body.
SentRequest planned_request(const std::string& exact);

}  // namespace fconn::contract
