#include "tests/unit/auth/world.hh"

#include <doctest/doctest.h>

#include <algorithm>

#include "grammar/render.hh"
#include "interpreter/compile/compile.hh"
#include "tools/fconn/resolver.hh"

namespace fconn::test {

namespace {

class CountingSink final : public value::Sink {
 public:
  value::Result<void> write(std::string_view, std::string_view,
                            const value::RowBatch& batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) rows += batch.dropped(i) ? 0 : 1;
    return {};
  }
  value::Result<void> finish(std::string_view, std::string_view, const value::Outcome&) override {
    return {};
  }
  value::Result<void> close() override { return {}; }
  std::size_t rows = 0;
};

std::shared_ptr<const ir::Connector> compiled(const std::string& text) {
  grammar::SourceMap sources;
  const grammar::FileId root = sources.add("world.fconn", text);
  cli::Resolver resolver;
  auto result = compile::compile(root, sources, resolver);
  std::string said;
  for (const grammar::Diagnostic& d : result.diagnostics) said += d.text + "\n";
  REQUIRE_MESSAGE(result.ir, said);
  return result.ir;
}

}  // namespace

std::string Asked::header(std::string_view name) const {
  const std::string* found = http::find(headers, name);
  return found == nullptr ? "" : *found;
}

World::World(const std::string& client, std::map<std::string, std::string> secrets, int items,
             const std::string& request)
    : secrets_(std::move(secrets)), items_(items) {
  std::string text = "connector world \"World\" {\n  version \"1.0.0\"\n";
  for (const auto& [name, value] : secrets_) text += "  secret " + name + "\n";
  text += "  external number: int\n  client {\n" + client +
          "\n  }\n  collection item {\n    for n in number\n    read " + request +
          "\n    fields { id: int key @system.operations }\n  }\n}\n";
  connector_ = compiled(text);
}

std::size_t World::count(std::string_view path) const {
  return static_cast<std::size_t>(std::count_if(
      asked.begin(), asked.end(), [path](const Asked& one) { return one.path == path; }));
}

run::RunSummary World::run(const Script& script) {
  asked.clear();
  std::deque<mock::RecordedReply> replies;
  contract::OfflineTransport transport(clock, [&](const contract::SentRequest& sent) {
    Asked one{sent.request.method, sent.request.path, sent.request.body, sent.request.query,
              sent.headers};
    asked.push_back(one);
    Answer answer = script(one);
    if (http::find(answer.headers, "Content-Type") == nullptr) {
      http::set(answer.headers, "Content-Type", "application/json");
    }
    replies.push_back({answer.status, answer.headers, answer.body});
    return &replies.back();
  });
  contract::FixedRandom random;
  CountingSink sink;
  http::HostsGuard guard;
  http::Redactor redactor;
  run::Ports ports{transport, guard, redactor, clock, random, sink, nullptr, {}, tokens, login};
  options.action = plan::Action::read;
  run::Engine engine(options, ports);
  run::Instance instance;
  instance.key = "world";
  instance.connector = connector_;
  for (const auto& [name, value] : secrets_) {
    instance.params[name] = value::OwnedValue::string(value, true);
  }
  for (int i = 1; i <= items_; ++i) {
    instance.externals["number"].emplace_back(value::Value::of(i));
  }
  if (given) {
    value::Arena arena;
    instance.token = value::OwnedValue(value::parse_json(*given, arena).value());
  }
  engine.add(std::move(instance));
  run::RunSummary summary = engine.run();
  rows = sink.rows;
  return summary;
}

}  // namespace fconn::test
