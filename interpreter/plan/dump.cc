#include "interpreter/plan/plan.hh"

namespace fconn::plan {
namespace {

std::string_view name(Action action) {
  switch (action) {
    case Action::access:
      return "access";
    case Action::read:
      return "read";
    case Action::erase:
      return "erase";
    case Action::consent:
      return "consent";
  }
  return "?";
}

std::string collection_lines(const ir::Connector& connector, const PlannedCollection& planned) {
  const auto name_of = [&](ir::CollectionId id) { return connector.collections[id.value].name; };
  std::string out = "  " + name_of(planned.id);
  for (std::size_t i = 0; i < planned.parents.size(); ++i) {
    out += (i == 0 ? " from " : ", ") + name_of(planned.parents[i]);
  }
  if (!planned.output) out += " (no output)";
  if (!planned.runs) return out + " skipped: " + planned.skip_reason + '\n';
  out += '\n';
  for (const PlannedRead& read : planned.reads) {
    out += "    read " + std::to_string(read.read + 1);
    out += read.runs ? "\n" : " skipped: " + read.reason + '\n';
  }
  return out;
}

}  // namespace

std::string dump(const ir::Connector& connector, const Planned& planned) {
  std::string out = "plan " + std::string(name(planned.plan.action)) + '\n';
  for (const PlannedCollection& collection : planned.plan.collections) {
    out += collection_lines(connector, collection);
  }
  for (const PlannedConsent& planned_consent : planned.plan.consents) {
    const ir::Consent& consent = connector.consents[planned_consent.consent];
    out += "  consent " + consent.direction;
    if (!consent.purpose.empty()) out += " for " + consent.purpose;
    out += planned_consent.runs ? "\n" : " skipped: " + planned_consent.skip_reason + '\n';
  }
  out += "reasons\n";
  for (const Reason& reason : planned.reasons) {
    out += "  " + reason.collection + ": " + reason.text + '\n';
  }
  return out;
}

}  // namespace fconn::plan
