#include <doctest/doctest.h>

#include <cmath>

#include "interpreter/value/shared_library.hh"

using namespace fconn;

namespace {

#define FCONN_MATH_FUNCTIONS(F) F(cbrt) F(hypotf)
struct Mathematics {
  FCONN_LIBRARY_FUNCTIONS(FCONN_MATH_FUNCTIONS)
};

struct Impossible {
  value::Result<void> find_in(const value::SharedLibrary& library) {
    if (library.symbol("cbrt") == nullptr) return library.lacks("cbrt");
    return library.lacks("no_library_has_this");
  }
};

}  // namespace

TEST_CASE("functions of a library are found by name, with their types") {
  const auto math = value::load_library<Mathematics>("libm.so.6", "libc6");
  REQUIRE(math.has_value());
  CHECK(math->cbrt(27.0) == doctest::Approx(3.0));
  CHECK(math->hypotf(3.0F, 4.0F) == doctest::Approx(5.0F));
}

TEST_CASE("what can't be loaded is said with the package that has it") {
  const auto missing = value::load_library<Mathematics>("libnowhere.so.1", "libnowhere1");
  REQUIRE(!missing.has_value());
  CHECK(missing.error().kind == value::FailureKind::configuration);
  CHECK(missing.error().text.find("libnowhere.so.1") != std::string::npos);
  CHECK(missing.error().text.find("libnowhere1") != std::string::npos);

  const auto older = value::load_library<Impossible>("libm.so.6", "libc6");
  REQUIRE(!older.has_value());
  CHECK(older.error().text.find("no_library_has_this") != std::string::npos);
  CHECK(older.error().text.find("libc6") != std::string::npos);
}
