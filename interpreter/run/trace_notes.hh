// An observer that writes what clauses and rows came to into the trace (docs/trace.md), beside the
// engine's own events. What an answer holds isn't written: of a text its length, of a number that
// may be somebody's that it is one; a field that the connector declares as nobody's, and what the
// connector itself spells, stand as they are. Internal to run/.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/http/redact.hh"
#include "interpreter/run/observer.hh"

namespace fconn::run {

class TraceNotes final : public Observer {
 public:
  /// `members` begin with a comma.
  using Emit = std::function<void(std::string_view event, std::string_view members)>;

  /// `values`: what expressions saw is written as above; else not at all (traces of erasures).
  TraceNotes(const http::Redactor& redactor, bool values, Emit emit)
      : redactor_(redactor), values_(values), emit_(std::move(emit)) {}

  bool sending(const Seen&, http::Request&, const Sight*) override { return true; }
  void arrived(const Seen&, const Arrived&, const Sight*) override {}
  void clause(const Seen& seen, const Clause& clause, const Sight& sight) override;
  void row(const Seen& seen, const SeenRow& row, const Sight& sight) override;
  void repeated(const Seen& seen, std::string_view row) override;
  void event(const Seen& seen, Event event, std::string_view text) override;
  void judged(std::string_view request) override;

 private:
  /// What came of an answer so far.
  struct Answer {
    std::string who;  // members that name it
    const ir::Connector* connector = nullptr;
    const ir::Request* declared = nullptr;
    std::uint64_t kept = 0, dropped = 0, repeated = 0;
    std::vector<std::uint64_t> dropped_at;  // by index into Request::row_ops; perhaps shorter
    std::string listed;                     // JSON objects, with commas between
    std::size_t count = 0;                  // of listed
    std::string then, why;
  };
  Answer& answer(const Seen& seen);
  std::string text_of(const ir::Connector& connector, grammar::Span span,
                      std::string_view word) const;
  std::string text_of(const ir::Connector& connector, const ir::RowOp& op) const;
  std::string saw(const Seen& seen, const ir::Expr& expr, const Sight& sight) const;

  const http::Redactor& redactor_;
  bool values_;
  Emit emit_;
  std::map<std::string, Answer, std::less<>> answers_;  // by request, until they are judged
};

}  // namespace fconn::run
