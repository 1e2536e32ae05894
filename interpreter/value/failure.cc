#include "interpreter/value/ports.hh"
#include "interpreter/value/result.hh"

namespace fconn::value {

std::string_view name(FailureKind kind) {
  switch (kind) {
    case FailureKind::network:
      return "network";
    case FailureKind::timeout:
      return "timeout";
    case FailureKind::status:
      return "status";
    case FailureKind::authentication:
      return "authentication";
    case FailureKind::guard:
      return "guard";
    case FailureKind::shape:
      return "shape";
    case FailureKind::protocol:
      return "protocol";
    case FailureKind::limit:
      return "limit";
    case FailureKind::rule:
      return "rule";
    case FailureKind::loop:
      return "loop";
    case FailureKind::unsupported:
      return "unsupported";
    case FailureKind::cancelled:
      return "cancelled";
    case FailureKind::output:
      return "output";
    case FailureKind::configuration:
      return "configuration";
  }
  return "unknown";
}

std::string_view name(CollectionState state) {
  switch (state) {
    case CollectionState::complete:
      return "complete";
    case CollectionState::skipped:
      return "skipped";
    case CollectionState::capped:
      return "capped";
    case CollectionState::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace fconn::value
