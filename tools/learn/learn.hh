// Proposes what a connector doesn't say yet, from what its collections gave: fields, a key,
// pagination. Adds and never changes or removes, but for a key that was written out, which `for`
// replaces; what can't be written is a note.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "grammar/ast.hh"
#include "interpreter/ir/ir.hh"
#include "tools/har/har.hh"
#include "tools/learn/shape.hh"

namespace fconn::learn {

/// Rows of a collection that are looked at; those behind them are only counted.
constexpr std::uint64_t max_rows = 10'000;

struct Learnt {
  std::map<std::string, Shape> rows;  // by collection
  std::vector<har::Exchange> exchanges;
};

struct Proposal {
  std::string text;                // the connector with it, formatted; empty: nothing to propose
  std::vector<std::string> notes;  // one sentence each, without values of rows
  /// Collections whose pagination is a guess, and a text to try it by: the same, but that each such
  /// read takes only so many rows that a second page shows. Empty: nothing is guessed.
  std::set<std::string> guessed;
  std::string trial;
};

/// `ast` is the connector's file, parsed without errors from `sources`, and `connector` what it
/// compiles to. `only`: these collections; empty: all. `refuted`: collections of which no guess is
/// proposed, as it was tried.
Proposal propose(const grammar::SourceMap& sources, const grammar::Ast& ast,
                 const ir::Connector& connector, const Learnt& learnt,
                 const std::set<std::string>& only, const std::set<std::string>& refuted = {});

}  // namespace fconn::learn
