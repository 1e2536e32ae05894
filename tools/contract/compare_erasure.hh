// What a test expects of an erasure, against what became of it.
#pragma once

#include <functional>
#include <string>

#include "tools/contract/erasure_run.hh"

namespace fconn::contract {

using Differ = std::function<void(grammar::Span, std::string)>;

void compare_action(const ExpectAction& expect, const Erased& erased, const Differ& differ);
void compare_left(const ExpectLeft& expect, const Erased& erased, const Differ& differ);

/// A line for each row that couldn't be erased and each action that isn't over.
/// A line for each action that didn't end well and each row that can't be erased; with a test those
/// that it doesn't expect.
std::string erasure_failures(const Erased& erased, const Test* test = nullptr);

}  // namespace fconn::contract
