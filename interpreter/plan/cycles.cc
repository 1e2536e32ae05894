#include <algorithm>
#include <map>

#include "interpreter/plan/plan.hh"

namespace fconn::plan {
namespace {

using Edges = std::vector<std::vector<std::size_t>>;
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// The shortest cycle through `start`, which is its first element; empty if there is none. With
// `reached`, what can be reached from `start` is marked.
std::vector<std::size_t> shortest_from(const Edges& edges, std::size_t start,
                                       std::vector<bool>* reached = nullptr) {
  std::vector<std::size_t> came_from(edges.size(), nowhere);
  std::vector<std::size_t> queue = {start};
  std::vector<std::size_t> cycle;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const std::size_t next : edges[queue[i]]) {
      if (next == start) {
        if (!cycle.empty()) continue;
        for (std::size_t at = queue[i]; at != start; at = came_from[at]) cycle.push_back(at);
        cycle.push_back(start);
        std::reverse(cycle.begin(), cycle.end());
        if (reached == nullptr) return cycle;
      } else if (came_from[next] == nowhere) {
        came_from[next] = queue[i];
        queue.push_back(next);
      }
    }
  }
  if (reached != nullptr) {
    for (const std::size_t node : queue) (*reached)[node] = true;
  }
  return cycle;
}

Edges numbered(const std::vector<std::pair<std::string, std::vector<std::string>>>& graph) {
  std::map<std::string, std::size_t> numbers;
  for (std::size_t i = 0; i < graph.size(); ++i) numbers.emplace(graph[i].first, i);
  Edges edges(graph.size());
  for (std::size_t i = 0; i < graph.size(); ++i) {
    for (const std::string& name : graph[i].second) {
      const auto found = numbers.find(name);
      if (found != numbers.end()) edges[i].push_back(found->second);
    }
  }
  return edges;
}

Edges reversed(const Edges& edges) {
  Edges back(edges.size());
  for (std::size_t i = 0; i < edges.size(); ++i) {
    for (const std::size_t to : edges[i]) back[to].push_back(i);
  }
  return back;
}

}  // namespace

std::vector<std::vector<std::string>> cycles(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& graph) {
  const Edges edges = numbered(graph);
  const Edges back = reversed(edges);
  std::vector<bool> done(edges.size(), false);
  std::vector<std::vector<std::string>> found;
  for (std::size_t start = 0; start < edges.size(); ++start) {
    if (done[start]) continue;
    std::vector<bool> forward(edges.size(), false);
    std::vector<bool> backward(edges.size(), false);
    std::vector<std::size_t> best = shortest_from(edges, start, &forward);
    if (best.empty()) continue;
    shortest_from(back, start, &backward);
    for (std::size_t node = start; node < edges.size(); ++node) {
      if (!forward[node] || !backward[node]) continue;  // another part
      done[node] = true;
      std::vector<std::size_t> other = shortest_from(edges, node);
      if (other.size() < best.size()) best = std::move(other);
    }
    std::rotate(best.begin(), std::min_element(best.begin(), best.end()), best.end());
    std::vector<std::string>& names = found.emplace_back();
    for (const std::size_t node : best) names.push_back(graph[node].first);
  }
  return found;
}

}  // namespace fconn::plan
