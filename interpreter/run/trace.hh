// Places in a connector's text, as a trace says them. Internal to run/.
#pragma once

#include <string>

#include "interpreter/http/transport.hh"
#include "interpreter/ir/ir.hh"

namespace fconn::run {

/// `,"at":{"file":"shop.fconn","line":18}`; empty where nobody wrote it.
std::string place_member(const ir::Connector& connector, grammar::Span span);

/// `,"first_byte_ms":80,"took_ms":120`: since the request was handed over.
std::string timing_members(const http::Timings& timing);

}  // namespace fconn::run
