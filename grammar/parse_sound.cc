// Apart from parse.cc because the analysis instantiates every rule once more.
#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/parse_internal.hh"
#include "grammar/rules.hh"

namespace fconn::grammar {

bool grammar_is_sound() {
  return tao::pegtl::analyze<rule::file>(-1) == 0 &&
         tao::pegtl::analyze<rule::guarded_expression>(-1) == 0;
}

}  // namespace fconn::grammar
