// A run as a contract test: replies, and what must come of them, with stand-ins for what is secret
// or personal. The test is made by running the connector on scrubbed answers, so what it expects is
// what the connector does, hashes and signatures of stand-ins included; and it is run before it is
// given out.
#pragma once

#include <set>
#include <string>

#include "interpreter/http/redact.hh"
#include "interpreter/run/engine.hh"
#include "tools/repl/recorder.hh"

namespace fconn::repl {

struct CaseFacts {
  std::string title;
  std::string connector_name;  // as the test names it: "./shop.fconn", "mailchimp"
  run::Instance instance;
  std::set<std::string> collections;  // that ran; empty: all
  std::string send_to;                // origin that stood for the API's own; empty: none
};

struct MadeCase {
  std::string text;
  std::size_t replies = 0, stand_ins = 0;
};

/// The failure is one sentence: what can't be scrubbed or repeated, and what to do.
value::Result<MadeCase> make_case(const CaseFacts& facts, const Recorder& recorder,
                                  const http::Redactor& redactor);

}  // namespace fconn::repl
