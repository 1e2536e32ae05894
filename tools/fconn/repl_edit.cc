// Requests that are changed by hand, and sent again outside of a run.
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "interpreter/http/curl_transport.hh"
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

}  // namespace

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
  made->names = focus_->names;
  made->request = draft_ ? *draft_ : focus_->request;
  made->edited = draft_.has_value();
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
  made->judged = true;
  out(show_answer(*made, show_options()));
  resent_ = std::move(made);
  focus_ = resent_.get();
  row_.reset();
  return true;
}

}  // namespace fconn::cli
