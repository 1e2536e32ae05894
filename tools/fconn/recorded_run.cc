#include "tools/fconn/recorded_run.hh"

#include "tools/fconn/files.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/targets.hh"

namespace fconn::cli {
namespace {

std::optional<value::WallTime> time_of(const har::Archive& archive) {
  if (archive.provenance) return parse_time(archive.provenance->recorded);
  if (archive.exchanges.empty()) return std::nullopt;
  return parse_time(archive.exchanges.front().started);
}

void take_over(const har::Provenance& own, RunArgs& args) {
  for (const har::RecordedTarget& target : own.targets) {
    args.values.recorded->push_back({target.key, target.token, target.secrets, target.params,
                                     target.identities, target.externals});
  }
  if (!args.seed) args.seed = std::to_string(own.seed);
  if (!args.request_id && !own.request_id.empty()) args.request_id = own.request_id;
  if (args.collections.empty()) args.collections = own.collections;
}

/// The recorded targets, by the names that they had: those of files aren't kept.
bool take_targets(const har::Provenance& own, const std::string& path, RunArgs& args,
                  Terminal& terminal) {
  const auto file = open_project(args.config);
  const config::Project* project = file->project ? &*file->project : nullptr;
  for (const har::RecordedTarget& target : own.targets) {
    Problem unknown;
    if (!resolve_target(target.key, project, unknown)) {
      terminal.report({"TARGET is missing: " + path + " records '" + target.key +
                           "', which is neither an instance here nor a bundled connector",
                       "name its file behind the recording, such as " + target.key + ".fconn", ""});
      return false;
    }
    args.targets.push_back(target.key);
  }
  return true;
}

}  // namespace

std::optional<RecordedRun> open_recording(Terminal& terminal, const std::string& path,
                                          RunArgs& args) {
  auto text = read_file(path);
  auto archive = text ? har::read_archive(*text, path)
                      : value::Result<har::Archive>(value::fail(text.error()));
  if (!archive) {
    terminal.report({archive.error().text, "", ""});
    return std::nullopt;
  }
  for (const std::string& note : archive->notes) terminal.warn({path + ": " + note, "", ""});
  args.values.recorded.emplace();
  if (archive->provenance) {
    const har::Provenance& own = *archive->provenance;
    if (args.targets.empty() && !take_targets(own, path, args, terminal)) return std::nullopt;
    take_over(own, args);
  } else if (args.targets.empty()) {
    terminal.report({"TARGET is missing: " + path + " doesn't say what was recorded", "", ""});
    return std::nullopt;
  }
  const bool access = archive->provenance ? archive->provenance->action == "access"
                                          : !args.values.identities.empty();
  RecordedRun out;
  const std::optional<value::WallTime> recorded = time_of(*archive);
  if (!recorded && !args.now) {
    terminal.warn({path + " doesn't say when it was recorded",
                   "the clock of this run says now; --now sets it", ""});
  }
  out.recorded = recorded.value_or(make_clock(std::nullopt)->wall());
  out.clock = args.now ? parse_time(*args.now).value_or(out.recorded) : out.recorded;
  out.action = access ? plan::Action::access : plan::Action::read;
  out.name = access ? "access" : "read";
  if (archive->provenance && archive->provenance->action == "consent") {
    const std::vector<std::string>& purposes = archive->provenance->purposes;
    out.action = plan::Action::consent;
    out.name = "consent";
    out.consent = ConsentKind{archive->provenance->consent, {purposes.begin(), purposes.end()}};
  }
  out.archive = *std::move(archive);
  return out;
}

std::unique_ptr<http::Transport> recorded_transport(mock::Replay& replay,
                                                    contract::JumpingClock& clock) {
  return std::make_unique<contract::OfflineTransport>(
      clock,
      [&replay](const contract::SentRequest& sent) {
        return replay.answer({sent.request.method, sent.url, sent.request.body,
                              sent.request.content_type, sent.headers});
      },
      [](const contract::SentRequest& sent) {
        value::Failure failure;
        failure.kind = value::FailureKind::protocol;
        failure.text = "the recording has no answer to " + sent.request.method + " " +
                       sent.url.substr(0, sent.url.find('?'));
        return failure;
      });
}

}  // namespace fconn::cli
