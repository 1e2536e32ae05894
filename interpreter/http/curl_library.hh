// libcurl, loaded when the first request is sent: it and the thirty libraries that it needs take
// longer to load than everything else a run without requests does. Private to the transport.
#pragma once

#include <curl/curl.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::http {

/// The functions of libcurl that the transport calls.
// clang-format off
#define FCONN_CURL_FUNCTIONS(F) \
  F(curl_easy_cleanup) F(curl_easy_getinfo) F(curl_easy_init) F(curl_easy_setopt) \
  F(curl_easy_strerror) F(curl_global_init) F(curl_multi_add_handle) F(curl_multi_cleanup) \
  F(curl_multi_info_read) F(curl_multi_init) F(curl_multi_perform) F(curl_multi_poll) \
  F(curl_multi_remove_handle) F(curl_multi_setopt) F(curl_version_info)
// clang-format on
struct CurlLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_CURL_FUNCTIONS)

  /// Loads and initialises it. A `configuration` failure says what to install when it isn't there
  /// or is older than the options that keep requests safe.
  static value::Result<CurlLibrary> load();
};

/// An easy handle: one exchange's options and state. The library must outlive it.
class CurlHandle {
 public:
  explicit CurlHandle(const CurlLibrary& library)
      : library_(library), easy_(library.curl_easy_init()) {
    FCONN_ASSERT(easy_ != nullptr, "libcurl has no memory for a handle");
  }
  ~CurlHandle() { library_.curl_easy_cleanup(easy_); }
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  /// `value` must have exactly the type that libcurl documents for the option.
  template <class Value>
  void set(CURLoption option, Value value) const {
    library_.curl_easy_setopt(easy_, option, value);
  }
  /// What libcurl knows; `otherwise` when it doesn't.
  template <class Value>
  Value info(CURLINFO what, Value otherwise) const {
    Value out = otherwise;
    return library_.curl_easy_getinfo(easy_, what, &out) == CURLE_OK ? out : otherwise;
  }
  CURL* easy() const { return easy_; }
  const CurlLibrary& library() const { return library_; }

 private:
  const CurlLibrary& library_;
  CURL* easy_;
};

}  // namespace fconn::http
