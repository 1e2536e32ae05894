// Access with a policy, on the way to the format: each row is narrowed before a sink sees it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "interpreter/privacy/narrow_row.hh"
#include "interpreter/value/ports.hh"

namespace fconn::privacy {

/// By instance and collection.
using Narrowers = std::map<std::string, std::map<std::string, Narrower, std::less<>>, std::less<>>;

/// Passes on batches with their rows narrowed; how many there are, their hashes and their
/// provenance stay. Rows of a collection that has no Narrower don't get through: a `rule` failure,
/// as they would be all of a row. Both must outlive it.
std::unique_ptr<value::Sink> make_narrowing(value::Sink& inner, const Narrowers& narrowers);

}  // namespace fconn::privacy
