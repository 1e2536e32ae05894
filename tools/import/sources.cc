#include "tools/import/sources.hh"

#include <algorithm>

namespace fconn::importer {

bool Sources::is_free(const std::string& name) const {
  // What the conditions of filters bind.
  if (name == "found" || name == "wanted") return false;
  return !context_.taken(name) && std::none_of(sources_.begin(), sources_.end(),
                                               [&](const Source& s) { return s.name == name; });
}

std::string Sources::bind(const std::string& expr, std::vector<std::string> candidates) {
  for (const Source& source : sources_) {
    if (source.expr == expr) return source.name;
  }
  std::string name;
  for (const std::string& one : candidates) {
    if (name.empty() && is_free(identifier(one))) name = identifier(one);
  }
  for (int i = 2; name.empty(); ++i) {
    const std::string next = identifier(candidates.front()) + "_" + std::to_string(i);
    if (is_free(next)) name = next;
  }
  sources_.push_back({name, expr, ""});
  return name;
}

void Sources::require(const std::string& binding, const std::string& value, const FieldPath& field,
                      bool may_be_null) {
  std::string condition;
  if (may_be_null && !field.key) condition = value + " != null";
  if (context_.exact) {
    condition += (condition.empty() ? "" : " and ") + ("not (" + value + " in [\"\", 0, false])");
  }
  if (condition.empty()) return;
  for (Source& source : sources_) {
    if (source.name != binding || source.where.find(condition) != std::string::npos) continue;
    source.where += (source.where.empty() ? "" : " and ") + condition;
  }
}

std::string Sources::behind(const std::string& value) const {
  const std::size_t dot = std::min(value.find_first_of(".["), value.size());
  for (const Source& source : sources_) {
    if (source.name == value.substr(0, dot)) return behind(source.expr) + value.substr(dot);
  }
  return value;
}

std::string Sources::text() const {
  std::string out = "for ";
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    out += (i == 0 ? "" : ", ") + sources_[i].name + " in " + sources_[i].expr;
    if (!sources_[i].where.empty()) out += " where " + sources_[i].where;
  }
  return out;
}

}  // namespace fconn::importer
