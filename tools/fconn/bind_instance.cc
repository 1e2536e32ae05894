#include "tools/fconn/bind_instance.hh"

#include "tools/fconn/convert.hh"
#include "tools/fconn/values.hh"

namespace fconn::cli {
namespace {

ir::Expr scalar(ir::Op op, std::string text, std::int64_t number) {
  ir::Expr out;
  out.op = op;
  out.text = std::move(text);
  out.number = number;
  return out;
}

void bind_param(ir::Param& param, const config::Instance& instance, BoundInstance& out) {
  const auto given = instance.params.find(param.name);
  if (given == instance.params.end()) return;
  if (param.secret) {
    out.problems.push_back(
        {"the value of secret '" + param.name + "' of " + instance.key +
             " stands in the project file",
         "say where it is found: secrets = { " + param.name + " = { env = \"…\" } }", "F0806"});
    return;
  }
  auto value = param_from_json(param, given->second.json);
  if (value) {
    param.default_value = constant_expr(value->get());
  } else {
    out.problems.push_back(
        {"'" + param.name + "' of " + instance.key + " " + value.error().text, param.label, ""});
  }
}

}  // namespace

ir::Expr constant_expr(const value::Value& value) {
  switch (value.kind) {
    case value::Kind::boolean:
      return scalar(ir::Op::boolean, "", value.integer);
    case value::Kind::integer:
      return scalar(ir::Op::integer, "", value.integer);
    case value::Kind::decimal:
      return scalar(ir::Op::decimal, std::string(value.view()), 0);
    case value::Kind::string:
      return scalar(ir::Op::string, std::string(value.view()), 0);
    case value::Kind::list: {
      ir::Expr out = scalar(ir::Op::list, "", 0);
      for (const value::Value& element : value.list_view()) {
        out.kids.push_back(constant_expr(element));
      }
      return out;
    }
    case value::Kind::object: {
      ir::Expr out = scalar(ir::Op::object, "", 0);
      for (const value::Member& member : value.object_view()) {
        ir::Expr entry = scalar(ir::Op::entry, std::string(member.key), 0);
        entry.kids.push_back(constant_expr(member.value));
        out.kids.push_back(std::move(entry));
      }
      return out;
    }
    default:
      return scalar(ir::Op::null_value, "", 0);
  }
}

BoundInstance bind_instance(const ir::Connector& connector, const config::Instance& instance) {
  BoundInstance out{connector, {}, {}};
  out.connector.name = instance.key;
  MissingParams missing;
  for (ir::Param& param : out.connector.params) {
    bind_param(param, instance, out);
    const bool elsewhere = instance.params.find(param.name) != instance.params.end() ||
                           instance.secrets.find(param.name) != instance.secrets.end();
    if (!param.secret && !param.default_value && !elsewhere) {
      missing.emplace_back(param.name, &param);
    }
    if (!param.secret && instance.secrets.find(param.name) != instance.secrets.end()) {
      out.warnings.push_back({"the value of '" + param.name + "' isn't in the IR, as " +
                                  instance.key + " reads it like a secret",
                              "--param or --secret-env gives it to a run", ""});
    }
  }
  for (const auto& [name, source] : instance.externals) {
    out.warnings.push_back({"the values of external '" + name + "' aren't in the IR",
                            "--external " + name + "=@FILE gives them to a run", ""});
  }
  if (auto problem = missing_problem(missing, "add them to the instance's `params`")) {
    out.problems.push_back(std::move(*problem));
  }
  return out;
}

}  // namespace fconn::cli
