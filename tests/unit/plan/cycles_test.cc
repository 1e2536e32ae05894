#include <doctest/doctest.h>

#include "interpreter/plan/plan.hh"

namespace fconn::plan {
namespace {

using Names = std::vector<std::string>;
using Graph = std::vector<std::pair<std::string, Names>>;

TEST_CASE("one shortest cycle for each part that goes round") {
  struct Case {
    std::string_view about;
    Graph graph;
    std::vector<Names> found;
  };
  const Case cases[] = {
      {"nothing", {}, {}},
      {"a tree, a diamond, an unknown name",
       {{"a", {}}, {"b", {"a"}}, {"c", {"a"}}, {"d", {"b", "c", "nobody"}}},
       {}},
      {"itself", {{"a", {"a"}}}, {{"a"}}},
      {"two, whoever is declared first leads", {{"b", {"a"}}, {"a", {"b"}}}, {{"b", "a"}}},
      {"three, in the order of dependence",
       {{"a", {"c"}}, {"b", {"a"}}, {"c", {"b"}}},
       {{"a", "c", "b"}}},
      {"what leads to or from a cycle isn't in it",
       {{"in", {"a"}}, {"a", {"b", "out"}}, {"b", {"a"}}, {"out", {}}},
       {{"a", "b"}}},
      {"two parts, one after the other",
       {{"a", {"b", "c"}}, {"b", {"a"}}, {"c", {"d"}}, {"d", {"c"}}},
       {{"a", "b"}, {"c", "d"}}},
      {"the shorter of two through one part",
       {{"a", {"b"}}, {"b", {"c"}}, {"c", {"a", "b"}}},
       {{"b", "c"}}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.about);
    CHECK(cycles(c.graph) == c.found);
  }
}

TEST_CASE("a long cycle doesn't exhaust anything") {
  Graph graph;
  constexpr std::size_t count = 1000;
  for (std::size_t i = 0; i < count; ++i) {
    graph.push_back({std::to_string(i), {std::to_string((i + 1) % count)}});
  }
  const auto found = cycles(graph);
  REQUIRE(found.size() == 1);
  CHECK(found[0].size() == count);
  CHECK(found[0][1] == "1");
}

}  // namespace
}  // namespace fconn::plan
