#include "interpreter/ir/names.hh"

#include <array>

namespace fconn::ir {
namespace {

// `or_`, `and_` and `not_` are C++ words; their names are plain.
constexpr std::string_view plain(std::string_view spelling) {
  return spelling.back() == '_' ? spelling.substr(0, spelling.size() - 1) : spelling;
}

constexpr std::array op_names = {
#define FCONN_OP(name, kids, meaning) plain(#name),
#include "interpreter/ir/ops.def"
#undef FCONN_OP
};

constexpr int n = -1;
constexpr std::array op_kids = {
#define FCONN_OP(name, kids, meaning) kids,
#include "interpreter/ir/ops.def"
#undef FCONN_OP
};

using std::string_view;
constexpr std::array<string_view, 10> type_names = {"any",      "string", "int",  "number", "bool",
                                                    "datetime", "object", "list", "host",   "url"};
constexpr std::array<string_view, 3> target_names = {"literal", "segment", "raw"};
constexpr std::array<string_view, 8> body_names = {"none", "json",      "form", "text",
                                                   "xml",  "multipart", "csv",  "ndjson"};
constexpr std::array<string_view, 7> accept_names = {"automatic", "json", "csv",  "xml",
                                                     "ndjson",    "text", "bytes"};
constexpr std::array<string_view, 3> row_op_names = {"keep", "map", "take"};
constexpr std::array<string_view, 6> page_names = {"stop",       "let",          "next_url",
                                                   "next_query", "next_headers", "next_body"};
constexpr std::array<string_view, 5> step_names = {"let_value", "let_request", "skip", "fail",
                                                   "for_each"};

}  // namespace

std::span<const string_view> names_of(Op) { return op_names; }
std::span<const string_view> names_of(ScalarType) { return type_names; }
std::span<const string_view> names_of(TargetPartKind) { return target_names; }
std::span<const string_view> names_of(BodyKind) { return body_names; }
std::span<const string_view> names_of(Accept) { return accept_names; }
std::span<const string_view> names_of(RowOpKind) { return row_op_names; }
std::span<const string_view> names_of(PageStepKind) { return page_names; }
std::span<const string_view> names_of(StepKind) { return step_names; }

std::string_view name(Op op) { return enum_name(op); }
std::string_view name(ScalarType type) { return enum_name(type); }
std::optional<Op> op_named(std::string_view name) { return enum_named<Op>(name); }

std::optional<std::size_t> arity(Op op) {
  const auto index = static_cast<std::size_t>(op);
  if (index >= op_kids.size() || op_kids[index] < 0) return std::nullopt;
  return static_cast<std::size_t>(op_kids[index]);
}

}  // namespace fconn::ir
