// The libcurl options that are the same for every request, in one place, each with its reason.
#pragma once

#include "interpreter/http/curl_transport.hh"

namespace fconn::http {

/// Sets them on a fresh easy handle (a CURL*). `error_text` has room for libcurl's last words.
void set_common_options(void* handle, const CurlOptions& options, char* error_text);

}  // namespace fconn::http
