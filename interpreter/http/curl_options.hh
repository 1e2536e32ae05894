// The libcurl options that are the same for every request, in one place, each with its reason.
#pragma once

#include "interpreter/http/curl_transport.hh"

namespace fconn::http {

class CurlHandle;

/// Sets them on a fresh handle. `error_text` has room for libcurl's last words.
void set_common_options(const CurlHandle& easy, const CurlOptions& options, char* error_text);

}  // namespace fconn::http
