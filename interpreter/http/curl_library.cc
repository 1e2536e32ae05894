#include "interpreter/http/curl_library.hh"

namespace fconn::http {
namespace {

// 7.85, the first with CURLOPT_PROTOCOLS_STR, without which a URL could name a file.
constexpr unsigned oldest_version = 0x075500;

}  // namespace

value::Result<CurlLibrary> CurlLibrary::load() {
  auto loaded = value::load_library<CurlLibrary>("libcurl.so.4", "libcurl4");
  if (!loaded) return loaded;
  const curl_version_info_data* version = loaded->curl_version_info(CURLVERSION_NOW);
  if (version->version_num < oldest_version) {
    return value::fail(value::FailureKind::configuration,
                       std::string("libcurl ") + version->version +
                           " of this system is too old; 7.85 or later is needed");
  }
  // libcurl counts these calls; it is never undone, as other code may use libcurl, too.
  if (loaded->curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
    return value::fail(value::FailureKind::configuration, "libcurl can't be initialised");
  }
  return loaded;
}

}  // namespace fconn::http
