// The expression of a hold, compiled.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "interpreter/privacy/hold.hh"

namespace fconn::policy {

struct ConditionMistake {
  std::string text, help;
  std::size_t at = 0;  // offset in Hold::where
};
/// Of a `rows` hold. `.` is the row; parameters and identities aren't visible.
tl::expected<std::shared_ptr<const privacy::RowCondition>, ConditionMistake> compile_condition(
    const privacy::Hold& hold);

}  // namespace fconn::policy
