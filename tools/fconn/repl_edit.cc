// Requests that are changed by hand, and sent again outside of a run.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "interpreter/http/curl_transport.hh"
#include "interpreter/http/redirect.hh"
#include "interpreter/run/judge_alone.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/process.hh"
#include "tools/fconn/repl.hh"
#include "tools/repl/edit.hh"

namespace fconn::cli {

using repl::Exchanged;

bool Repl::edit(const std::string& rest) {
  if (focus_ == nullptr) return wrong("there is no request to edit", "`:step` stops before one");
  http::Request request = draft_ && !at_request_ ? *draft_ : focus_->request;
  if (rest.empty()) {
    if (!edit_in_editor(request)) return false;
  } else if (auto edited = repl::edit(request, rest); !edited) {
    return wrong(edited.error().text);
  }
  const auto url = http::parse_url(request.url);
  if (!url) return wrong("'" + request.url + "' can't be read as a URL");
  if (auto allowed = run_->guard.permit(*url); !allowed) return wrong(allowed.error().text);
  if (at_request_) {
    focus_->request = std::move(request);
    focus_->edited = true;
    out(show_request(*focus_, show_options()));
    return true;
  }
  draft_ = std::move(request);
  Exchanged shown;
  shown.name = "draft";
  shown.collection = focus_->collection;
  shown.declared_in = focus_->declared_in;
  shown.request = *draft_;
  shown.edited = true;
  out(show_request(shown, show_options()));
  return true;
}

bool Repl::edit_in_editor(http::Request& request) {
  const char* editor = std::getenv("VISUAL");
  if (editor == nullptr || *editor == '\0') editor = std::getenv("EDITOR");
  if (editor == nullptr || *editor == '\0') {
    return wrong("neither VISUAL nor EDITOR says which editor to use",
                 ":edit header X: y does without");
  }
  const char* folder = std::getenv("TMPDIR");
  std::string path =
      std::string(folder != nullptr && *folder == '/' ? folder : "/tmp") + "/fconn-XXXXXX";
  const int descriptor = ::mkstemp(path.data());  // mode 0600
  if (descriptor < 0) return wrong("a file for the editor can't be made in " + directory_of(path));
  ::close(descriptor);
  const auto written = write_file(path, repl::to_text(request, run_->redactor), Mode::personal);
  const auto ended =
      written ? run_editor(editor, path) : value::Result<void>(value::fail(written.error()));
  auto text = ended ? read_file(path) : value::Result<std::string>(value::fail(ended.error()));
  ::unlink(path.c_str());
  if (!text) return wrong(text.error().text);
  if (auto read = repl::from_text(request, run_->redactor, *text); !read) {
    return wrong(read.error().text);
  }
  return true;
}

namespace {

constexpr std::size_t largest = std::size_t{64} << 20U;

/// One answer, kept whole.
class OneAnswer final : public http::ResponseHandler {
 public:
  explicit OneAnswer(Exchanged& seen) : seen_(seen) {}
  value::Result<void> head(int status, const http::Headers& headers) override {
    seen_.status = status;
    seen_.headers = headers;
    return {};
  }
  value::Result<void> bytes(std::string_view chunk) override {
    seen_.received += chunk.size();
    if (seen_.body.size() + chunk.size() > largest) {
      return value::fail(value::FailureKind::limit, "the answer is larger than 64 MiB");
    }
    seen_.body.append(chunk);
    return {};
  }
  void done(value::Result<http::Timings> result) override {
    ended = true;
    if (result) {
      seen_.timing = *result;
      seen_.arrived = true;
    } else {
      failure = result.error();
    }
  }
  bool ended = false;
  std::optional<value::Failure> failure;

 private:
  Exchanged& seen_;
};

/// The chain that the request is of; null: none of a read.
const ir::Chain* chain_of(const Exchanged& seen) {
  if (seen.declared_in == nullptr || seen.declared == nullptr) return nullptr;
  for (const ir::Read& read : seen.declared_in->reads) {
    if (read.chain.request && &*read.chain.request == seen.declared) return &read.chain;
    for (const ir::Step& step : read.chain.steps) {
      if (step.request && &*step.request == seen.declared) return &read.chain;
    }
  }
  return nullptr;
}

using Names = std::vector<std::pair<std::string, value::OwnedValue>>;

/// The value of "c.id" where `c` is known; null otherwise.
value::Value named(const Names& names, std::string_view path, value::Arena& arena) {
  const std::string_view first = path.substr(0, path.find('.'));
  const auto found = std::find_if(names.begin(), names.end(),
                                  [first](const auto& one) { return one.first == first; });
  if (found == names.end()) return value::Value::null();
  value::Value value = found->second.get();
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos;) {
    const std::size_t end = path.find('.', dot + 1);
    const value::Value object = value::decoded(value, arena);
    const value::Value* member =
        object.kind == value::Kind::object
            ? value::find_member(object, path.substr(dot + 1, end - dot - 1))
            : nullptr;
    if (member == nullptr) return value::Value::null();
    value = *member;
    dot = end;
  }
  return value;
}

/// Each combination of what a `keep` alone asks for, of which the request knows nothing.
void add_alternatives(run::LoneAnswer& lone, const run::Instance& instance) {
  std::vector<std::vector<value::Value>> all{lone.identities};
  for (const ir::IdentityId id : lone.seen.chain->keep_identities) {
    const auto given = instance.identities.find(lone.seen.connector->identities[id.value].name);
    if (!lone.identities[id.value].is_null() || given == instance.identities.end()) continue;
    std::vector<std::vector<value::Value>> more;
    for (const std::vector<value::Value>& one : all) {
      for (const value::OwnedValue& value : given->second) {
        more.push_back(one);
        more.back()[id.value] = value.get();
      }
    }
    if (!more.empty()) all = std::move(more);
  }
  if (all.size() == 1) {
    lone.identities = std::move(all.front());
  } else {
    lone.keep_identities = std::move(all);
  }
}

}  // namespace

/// What the connector makes of an answer that no run asked for.
void Repl::judge(Exchanged& made) {
  const ir::Chain* chain = chain_of(made);
  if (chain == nullptr) return;
  value::Arena arena;
  run::LoneAnswer lone{{made.instance, made.collection, made.step, made.name, 0,
                        made.connector.get(), made.declared_in, chain, made.declared},
                       &made.request,
                       {made.status, made.headers, made.body}};
  lone.arrived.received = made.received;
  lone.arrived.timing = made.timing;
  for (const ir::Param& param : made.connector->params) {
    const auto given = run_->instance.params.find(param.name);
    lone.params.push_back(given == run_->instance.params.end()
                              ? value::Value::null()
                              : given->second.get().as_secret(param.secret));
  }
  for (const ir::Identity& identity : made.connector->identities) {
    lone.identities.push_back(named(made.names, identity.name, arena));
  }
  for (const ir::Slot& slot : made.declared_in->slots) {
    lone.bound.push_back(named(made.names, slot.text, arena));
  }
  for (const ir::Step& step : chain->steps) {
    if (step.name.empty()) continue;
    const value::Value value = named(made.names, step.name, arena);
    if (step.kind == ir::StepKind::for_each) {
      lone.loop_value = value;
      continue;
    }
    if (step.slot >= lone.lets.size()) lone.lets.resize(step.slot + 1);
    lone.lets[step.slot] = value;
  }
  add_alternatives(lone, run_->instance);
  lone.request_id = run_->options.request_id;

  repl::Recorder recorder({{made.instance, made.connector}}, {});
  http::Request request = made.request;
  (void)recorder.sending(lone.seen, request, nullptr);
  const auto random = make_random({});
  run::judge_alone(lone, recorder, run_->guard, run_->redactor, *clock_, *random);
  Exchanged judged = *recorder.all().back();
  judged.names = made.names;
  judged.edited = made.edited;
  judged.alone = true;
  made = std::move(judged);
}

bool Repl::resend() {
  if (at_request_) return wrong("the request waits to be sent", "`:step` and `:continue` send it");
  if (focus_ == nullptr) return wrong("there is no request to send again");
  auto made = std::make_unique<Exchanged>();
  made->name = focus_->name + "'";
  made->instance = focus_->instance;
  made->collection = focus_->collection;
  made->connector = focus_->connector;
  made->declared_in = focus_->declared_in;
  made->declared = focus_->declared;
  made->step = focus_->step;
  made->names = focus_->names;
  made->request = draft_ ? *draft_ : focus_->request;
  made->edited = draft_ || focus_->edited;
  out(show_request(*made, show_options()));
  const auto transport = http::make_curl_transport(curl_options(), run_->guard);
  OneAnswer answer(*made);
  http::Request request = made->request;
  request.id = 1;
  transport->start(std::move(request), answer);
  {
    const InterruptFlag interrupted;
    constexpr value::Milliseconds turn{100};
    for (bool cancelled = false; !answer.ended; transport->wait(clock_->now() + turn)) {
      if (interrupted.set() && !std::exchange(cancelled, true)) transport->cancel(1);
    }
  }
  if (answer.failure) return wrong(answer.failure->text);
  made->redirects = http::is_redirect(made->status, made->headers);
  if (!made->redirects) judge(*made);
  made->judged = true;
  out(show_answer(*made, show_options()) + show_judgement(*made, show_options()));
  if (made->redirects) out("  a run would ask there\n");
  resent_ = std::move(made);
  focus_ = resent_.get();
  row_.reset();
  return true;
}

}  // namespace fconn::cli
