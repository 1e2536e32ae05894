// fconn erase --plan: reads, decides, and writes down every request that would be sent.
#include <algorithm>

#include "tools/erasure/make_plan.hh"
#include "tools/erasure/plan_values.hh"
#include "tools/fconn/erase_key.hh"
#include "tools/fconn/erase_report.hh"
#include "tools/fconn/erase_session.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/policy.hh"
#include "tools/fconn/program.hh"
#include "tools/fconn/signals.hh"

namespace fconn::cli {
namespace {

class Planning {
 public:
  Planning(EraseSession& session, const EraseArgs& args, const privacy::Policy& policy,
           const EraseKey& key)
      : session_(session),
        args_(args),
        policy_(policy),
        key_(key),
        secrets_(privacy::make_masking_secrets(*session.random)) {}

  int run() {
    run::Ports ports = session_.ports();
    const run::Options options = session_.options();
    run::Engine engine(options, ports);
    for (const run::Instance& instance : session_.facts.instances) engine.add(instance);
    const auto& send_to = session_.settings.send_to;
    const std::string sent_to = send_to ? http::origin(*send_to) : std::string();
    {
      const InterruptGuard interrupts(engine);
      summary_ = engine.run();
      if (!summary_.interrupted) {
        made_ = erasure::make_plan(
            {engine, summary_, session_.facts.instances, policy_, secrets_, key_, *session_.clock,
             *session_.random, session_.request_id, options.erasure_now, session_.args.collections,
             session_.args.strict, args_.reveal, sent_to},
            begun());
      }
    }
    session_.clear_progress();
    report_reading(session_.terminal, summary_, session_.facts);
    if (summary_.interrupted) {
      session_.terminal.complain("fconn: interrupted: no plan was written, and nothing was sent\n");
      return 130;
    }
    return finish();
  }

 private:
  erase::Plan begun() const {
    erase::Plan plan;
    plan.id = session_.facts.id;
    plan.created = session_.facts.started;
    plan.request_id = session_.request_id;
    plan.program = std::string("fconn ") + program_version;
    if (session_.project() != nullptr) plan.config = absolute_path(session_.project()->path);
    for (const Loaded& one : session_.loaded) {
      std::string source = one.target.source;
      if (one.target.kind == TargetKind::instance) source = "instance:" + one.target.name;
      if (one.target.kind == TargetKind::bundled) source = "bundled:" + one.target.name;
      const bool path =
          one.target.kind == TargetKind::file || one.target.kind == TargetKind::ir_file;
      plan.targets.push_back({one.key, path ? absolute_path(source) : source, one.connector->name,
                              one.connector->version,
                              erasure::connector_digest(*one.connector, key_)});
    }
    return plan;
  }

  int finish() {
    erase::Plan& plan = made_.plan;
    plan.seal = "-";
    auto spelt = erase::from_json(erase::to_json(plan));
    FCONN_ASSERT(spelt.has_value(), "a plan of our own can be read");
    plan = *std::move(spelt);
    plan.seal = erase::seal_of(plan, key_);
    const std::string& path = *args_.plan;
    if (auto written = write_file(path, erase::to_json(plan), Mode::personal); !written) {
      session_.terminal.report({written.error().text, "", ""});
      return exit_code::findings;
    }
    say_plan(session_.terminal, plan, path);
    int code = run::exit_code(summary_, session_.args.strict);
    if (code == 0 && made_.failed) code = 3;
    if (!write_erase_summary(session_, summary_, {}, code)) code = std::max(code, 1);
    return session_.close() ? code : std::max(code, 1);
  }

  EraseSession& session_;
  const EraseArgs& args_;
  const privacy::Policy& policy_;
  const EraseKey& key_;
  privacy::MaskingSecrets secrets_;
  run::RunSummary summary_;
  erasure::MadePlan made_;
};

}  // namespace

int plan_erasure(Terminal& terminal, const EraseArgs& args) {
  EraseSession session(terminal, args.run);
  int exit = exit_code::usage;
  if (!session.open_project(args.run.config)) return exit;
  if (!session.load(args.run.targets, args.run.values, true, exit)) return exit;
  PolicyRead read = read_policy(args.run, PolicyUse::erase, session.project(), session.loaded);
  for (const Problem& warning : read.warnings) terminal.warn(warning);
  terminal.report(read.problems);
  if (!read.policy || (args.run.strict && !read.warnings.empty())) return exit_code::usage;
  auto key = open_erase_key(session.project(), true);
  if (!key) {
    terminal.report({key.error().text, "", ""});
    return exit_code::usage;
  }
  if (!session.open_world()) return exit_code::usage;
  if (!session.feed(exit)) return exit;
  return Planning(session, args, *read.policy, **key).run();
}

}  // namespace fconn::cli
