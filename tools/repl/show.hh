// Exchanges for a person: requests, answers, clauses, rows. Secrets are masked unless revealed.
#pragma once

#include <string>

#include "interpreter/http/redact.hh"
#include "tools/repl/fold.hh"
#include "tools/repl/recorder.hh"

namespace fconn::repl {

struct ShowOptions {
  const http::Redactor* redactor = nullptr;
  bool reveal = false;
  bool colour = false;
  bool all = false;         // every header, every row, nothing folded
  std::size_t width = 100;  // columns of the terminal
};

/// Masked, and without control characters that a terminal would obey.
std::string masked(std::string_view text, const ShowOptions& options);

std::string show_request(const Exchanged& seen, const ShowOptions& options);
/// Status, size, time and the body.
std::string show_answer(const Exchanged& seen, const ShowOptions& options);
/// Clauses with their values, rows, and what came of it all.
std::string show_judgement(const Exchanged& seen, const ShowOptions& options);
/// What came of a collection outside of any answer: steps of a chain, and how it ended.
std::string show_stray(const std::string& collection, const std::vector<ClauseSeen>& steps,
                       const EventSeen& event, const ShowOptions& options);
/// A clause's text on one line, with single blanks.
std::string on_one_line(std::string_view text);
/// One line: "r3  GET https://… 200  3 rows of 10".
std::string show_line(const Exchanged& seen, const ShowOptions& options);
/// One row with its reason; `number` from 1.
std::string show_row(const Exchanged& seen, std::size_t number, const ShowOptions& options);
/// ".email = \"bob\", email = \"ada\""
std::string show_looks(const std::vector<run::Look>& looks, const ShowOptions& options);

/// "200 OK" without the words: "200 application/json, 1.2 KiB, 12 ms".
std::string answer_head(const Exchanged& seen);

/// The answer's body as its clauses see it, as JSON text; empty when there is none.
std::string_view json_of(const Exchanged& seen);

}  // namespace fconn::repl
