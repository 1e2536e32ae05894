// Where the pages of an unfinished response wait. Up to a threshold in memory; beyond it in an
// unnamed temporary file, encrypted (AES-256-CTR) with a key that exists in this process only, as
// rows are personal data. The end of the response releases or drops them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "interpreter/run/page.hh"
#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"

namespace fconn::run {

class Staging {
 public:
  /// `memory_limit`: bytes of pages kept in memory by this response.
  explicit Staging(std::size_t memory_limit = std::size_t{2} << 20U);
  ~Staging();
  Staging(Staging&&) noexcept;
  Staging& operator=(Staging&&) noexcept;

  /// Takes the page's content and leaves it empty, its memory kept.
  value::Result<void> add(Page& page);
  /// Hands the pages over in order; the staging is empty afterwards.
  value::Result<void> release(const std::function<value::Result<void>(Page&)>& take);
  bool spilled() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fconn::run
