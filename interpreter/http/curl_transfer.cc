#include "interpreter/http/curl_transfer.hh"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "interpreter/http/address.hh"
#include "interpreter/http/curl_failure.hh"
#include "interpreter/http/curl_options.hh"
#include "interpreter/http/text.hh"

namespace fconn::http {
namespace {

using value::FailureKind;

// The C functions that libcurl calls. A short count makes it end the transfer.
extern "C" {

size_t fconn_curl_header(char* data, size_t size, size_t count, void* transfer) noexcept {
  const std::size_t bytes = size * count;
  return static_cast<Transfer*>(transfer)->on_header({data, bytes}) ? bytes : 0;
}

size_t fconn_curl_body(char* data, size_t size, size_t count, void* transfer) noexcept {
  const std::size_t bytes = size * count;
  // For no bytes, zero would mean success anyway.
  return static_cast<Transfer*>(transfer)->on_body({data, bytes}) ? bytes : 0;
}

size_t fconn_curl_read(char* buffer, size_t size, size_t count, void* transfer) noexcept {
  return static_cast<Transfer*>(transfer)->on_read(buffer, size * count);
}

// libcurl seeks when it wants to send a body again after the connection was lost. It must not.
int fconn_curl_seek(void*, curl_off_t, int) noexcept { return CURL_SEEKFUNC_FAIL; }

curl_socket_t fconn_curl_socket(void* transfer, curlsocktype, curl_sockaddr* address) noexcept {
  if (!static_cast<Transfer*>(transfer)->may_connect(&address->addr)) return CURL_SOCKET_BAD;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // extern "C"

// RFC 9110 9.2.2. Anything else may have taken effect though no answer came.
bool idempotent(std::string_view method) {
  constexpr std::string_view names[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  return std::find(std::begin(names), std::end(names), method) != std::end(names);
}

// A small piece may give a large one; what it gives is bounded piece by piece.
constexpr std::size_t encoded_piece = std::size_t{16} << 10U;

// Methods that mean something with an empty body: servers want "Content-Length: 0" (RFC 9110 8.6).
bool expects_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

value::Milliseconds microseconds(const CurlHandle& easy, CURLINFO what) {
  return value::Milliseconds(easy.info<curl_off_t>(what, 0) / 1000);
}

}  // namespace

Transfer::Transfer(const CurlLibrary& library, TransferContext& context)
    : context_(context), error_text_(CURL_ERROR_SIZE), easy_(library) {
  set_common_options(easy_, context.options, error_text_.data());
  easy_.set(CURLOPT_PRIVATE, this);
  easy_.set(CURLOPT_HEADERFUNCTION, fconn_curl_header);
  easy_.set(CURLOPT_HEADERDATA, this);
  easy_.set(CURLOPT_WRITEFUNCTION, fconn_curl_body);
  easy_.set(CURLOPT_WRITEDATA, this);
  easy_.set(CURLOPT_READFUNCTION, fconn_curl_read);
  easy_.set(CURLOPT_READDATA, this);
  easy_.set(CURLOPT_SEEKFUNCTION, fconn_curl_seek);
  easy_.set(CURLOPT_OPENSOCKETFUNCTION, fconn_curl_socket);
  easy_.set(CURLOPT_OPENSOCKETDATA, this);
}

void Transfer::clear() noexcept {
  request_ = Request();
  handler_ = nullptr;
  failure_.reset();
  refused_address_.reset();
  last_byte_.reset();
  header_bytes_ = decoded_ = 0;
  body_read_ = 0;
  head_delivered_ = false;
  decoder_.reset();
  undecoded_.reset();
  head_.clear();
  error_text_[0] = '\0';
}

value::Result<void> Transfer::prepare(Request request, ResponseHandler& handler) {
  request_ = std::move(request);
  handler_ = &handler;
  max_body_ = request_.max_body != 0 ? request_.max_body : context_.options.max_body;
  auto result = set_target();
  if (result) result = set_method();
  if (result) result = set_headers();
  if (result) {
    set_timeouts();
  } else {
    failure_ = result.error();
  }
  return result;
}

value::Result<void> Transfer::set_target() {
  const std::optional<Url> url = parse_url(request_.url);
  if (!url) {
    return value::fail(FailureKind::shape,
                       "The address of this request is no complete http or https URL.");
  }
  host_ = url->host;
  if (auto allowed = context_.guard.permit(*url); !allowed) return allowed;
  bool tls = url->scheme == "https";
  routed_ = context_.guard.send_to().has_value();
  if (routed_) {
    const Url target = context_.guard.route(*url);
    host_ = target.host;
    tls = target.scheme == "https";
    easy_.set(CURLOPT_URL, to_string(target).c_str());  // copied
  } else {
    easy_.set(CURLOPT_URL, request_.url.c_str());
  }
  proxied_ = !context_.options.proxy.empty() && !is_loopback_host(host_);
  // Waits for a connection that is being made rather than open another, as HTTP/2 will share it.
  // Plain http can't be shared, so waiting would only cost time.
  easy_.set(CURLOPT_PIPEWAIT, tls ? 1L : 0L);
  return {};
}

value::Result<void> Transfer::set_method() {
  const std::string& method = request_.method;
  if (!valid_name(method)) {
    return value::fail(FailureKind::shape, "The method of this request isn't a word.");
  }
  const bool repeatable = idempotent(method) && !request_.once;
  // libcurl silently repeats a request when a reused connection turns out dead. Where that could
  // do a thing twice it is kept from it: a body can't be read again (see fconn_curl_seek), and
  // without one a new connection is used, on which it never repeats.
  const bool fresh = !repeatable && request_.body.empty();
  easy_.set(CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
  easy_.set(CURLOPT_CUSTOMREQUEST, nullptr);
  if (method == "HEAD") {
    if (request_.has_body) {
      return value::fail(FailureKind::shape, "A HEAD request can't have a body.");
    }
    easy_.set(CURLOPT_NOBODY, 1L);
    return {};
  }
  if (request_.has_body || expects_body(method)) {
    easy_.set(CURLOPT_POST, 1L);
    set_body(repeatable);
    if (method != "POST") easy_.set(CURLOPT_CUSTOMREQUEST, method.c_str());
    return {};
  }
  easy_.set(CURLOPT_HTTPGET, 1L);
  if (method != "GET") easy_.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  return {};
}

void Transfer::set_body(bool repeatable) {
  const std::string& body = request_.body;
  const bool in_place = repeatable || body.empty();
  easy_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  easy_.set(CURLOPT_POSTFIELDS, in_place ? body.data() : nullptr);  // not copied
}

value::Result<void> Transfer::set_headers() {
  header_list_.clear();
  bool content_type = false;
  bool expect = false;
  bool encoding = false;
  for (const HeaderField& field : request_.headers) {
    if (!valid_name(field.name)) {
      return value::fail(FailureKind::shape,
                         "A header's name may hold letters, digits and dashes "
                         "only; one of this request holds something else.");
    }
    if (!valid_value(field.value)) {
      return value::fail(
          FailureKind::shape,
          "The header " + field.name + " holds a line break or a NUL, which can't be sent.");
    }
    const auto is = [&](std::string_view name) { return same_ignoring_case(field.name, name); };
    // How the body is framed is this transport's business; two opinions are how requests are
    // smuggled.
    const bool length = is("Content-Length");
    if (length && trim(field.value) == std::to_string(request_.body.size())) continue;
    if (length || is("Transfer-Encoding")) {
      return value::fail(FailureKind::shape,
                         "The header " + field.name + " can't be set: it follows from the body.");
    }
    if (routed_ && is("Host")) continue;
    content_type = content_type || is("Content-Type");
    expect = expect || is("Expect");
    encoding = encoding || is("Accept-Encoding");
    header_list_.add(field.name, field.value);
  }
  if (!encoding) header_list_.add("Accept-Encoding", formats::content_encodings);
  if (request_.has_body || expects_body(request_.method)) {
    // libcurl would call every body a form, and wait for "100 Continue" before large ones.
    if (!content_type) header_list_.suppress("Content-Type");
    if (!expect) header_list_.suppress("Expect");
  }
  easy_.set(CURLOPT_HTTPHEADER, header_list_.list());  // not copied
  return {};
}

void Transfer::set_timeouts() {
  // Zero would mean "for ever" to libcurl.
  const auto at_least_one = [](value::Milliseconds time) {
    return static_cast<long>(std::clamp<std::int64_t>(time.count(), 1, 2'000'000'000));
  };
  easy_.set(CURLOPT_TIMEOUT_MS, at_least_one(request_.timeout));
  easy_.set(CURLOPT_CONNECTTIMEOUT_MS, at_least_one(request_.connect_timeout));
}

void Transfer::stop(value::Failure failure) noexcept {
  if (!failure_) failure_ = std::move(failure);
}

bool Transfer::on_header(std::string_view line) noexcept {
  if (stopped()) return false;
  last_byte_ = context_.now;
  header_bytes_ += line.size();
  if (header_bytes_ > context_.options.max_header_bytes) {
    stop(make_failure(FailureKind::limit, "The headers of " + host_ + "'s answer are longer than " +
                                              std::to_string(context_.options.max_header_bytes) +
                                              " bytes."));
    return false;
  }
  // What comes after the head are trailers; nothing reads those.
  if (head_delivered_ || !head_.add(line)) return true;
  return deliver_head();
}

bool Transfer::deliver_head() {
  head_delivered_ = true;
  ++context_.calls;
  const Headers& fields = head_.fields();
  auto decoder = formats::content_decoder(trim(all(fields, "Content-Encoding")));
  if (decoder) {
    decoder_ = *std::move(decoder);
  } else {
    // Said when there is something to be decoded.
    const bool unknown = decoder.error().kind == FailureKind::protocol;
    undecoded_ = unknown ? undecodable(host_) : std::move(decoder.error());
  }
  auto result = handler_->head(head_.status(), fields);
  if (!result) stop(std::move(result.error()));
  return !stopped();
}

bool Transfer::on_body(std::string_view chunk) noexcept {
  if (stopped()) return false;
  last_byte_ = context_.now;
  if (undecoded_) {
    stop(std::move(*undecoded_));
    return false;
  }
  return decoder_ ? decode(chunk) : deliver(chunk);
}

bool Transfer::decode(std::string_view chunk) {
  std::string out;
  while (!chunk.empty()) {
    const std::string_view piece = chunk.substr(0, encoded_piece);
    chunk.remove_prefix(piece.size());
    out.clear();
    if (auto done = decoder_->feed(piece, out); !done) {
      stop(undecodable(host_));
      return false;
    }
    if (!out.empty() && !deliver(out)) return false;
  }
  return true;
}

bool Transfer::deliver(std::string_view chunk) {
  decoded_ += chunk.size();
  if (decoded_ > max_body_) {
    stop(make_failure(FailureKind::limit, "The answer of " + host_ + " is larger than " +
                                              std::to_string(max_body_) +
                                              " bytes (decoded), which is the limit."));
    return false;
  }
  ++context_.calls;
  auto result = handler_->bytes(chunk);
  if (!result) stop(std::move(result.error()));
  return !stopped();
}

std::size_t Transfer::on_read(char* buffer, std::size_t size) noexcept {
  const std::size_t count = std::min(size, request_.body.size() - body_read_);
  std::memcpy(buffer, request_.body.data() + body_read_, count);
  body_read_ += count;
  return count;
}

bool Transfer::may_connect(const sockaddr* address) noexcept {
  if (proxied_) return true;
  auto allowed = context_.guard.permit_address(host_, address);
  if (!allowed) refused_address_ = std::move(allowed.error());
  return allowed.has_value();
}

bool Transfer::nothing_sent() const {
  return !head_delivered_ && easy_.info<long>(CURLINFO_REQUEST_SIZE, 1) == 0 &&
         easy_.info<curl_off_t>(CURLINFO_PRETRANSFER_TIME_T, 1) == 0;
}

value::Result<Timings> Transfer::result(int code) const {
  if (failure_) return value::fail(*failure_);
  if (code == CURLE_COULDNT_CONNECT && refused_address_) return value::fail(*refused_address_);
  if (code == CURLE_OK && !head_delivered_) code = CURLE_GOT_NOTHING;
  if (code != CURLE_OK) {
    CurlEnd end;
    end.code = code;
    end.easy = &easy_;
    end.host = host_;
    end.method = request_.method;
    end.detail = error_text_.data();
    end.timeout = request_.timeout;
    end.connect_timeout = request_.connect_timeout;
    end.proxied = proxied_;
    end.head_delivered = head_delivered_;
    return value::fail(describe_end(end));
  }
  std::string rest;
  if (decoder_ && !decoder_->finish(rest)) {
    return value::fail(make_failure(
        FailureKind::protocol,
        "The answer of " + host_ + " was cut off: its compressed content ends early."));
  }
  Timings timings;
  timings.total = microseconds(easy_, CURLINFO_TOTAL_TIME_T);
  timings.first_byte = microseconds(easy_, CURLINFO_STARTTRANSFER_TIME_T);
  timings.decoded_bytes = decoded_;
  return timings;
}

}  // namespace fconn::http
