#include "interpreter/http/curl_options.hh"

#include "interpreter/http/curl_library.hh"

namespace fconn::http {
namespace {

// Read buffer of one running transfer. Larger ones save system calls on large answers, but every
// parallel transfer holds one.
constexpr long buffer_bytes = 128L * 1024;

void set_proxy(const CurlHandle& easy, const CurlOptions& options) {
  // The environment (http_proxy and its kin) never decides where credentials go; --proxy does.
  if (options.proxy.empty()) {
    easy.set(CURLOPT_PROXY, "");
    easy.set(CURLOPT_NOPROXY, "*");
    return;
  }
  easy.set(CURLOPT_PROXY, options.proxy.c_str());
  // A loopback host is this machine's, not the proxy's.
  easy.set(CURLOPT_NOPROXY, "localhost,127.0.0.0/8,::1");
  // The proxy's own answer to CONNECT is not the response.
  easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void set_tls(const CurlHandle& easy, const CurlOptions& options) {
  // Both checks are libcurl's defaults; written here because no option of ours may change them.
  easy.set(CURLOPT_SSL_VERIFYPEER, 1L);
  easy.set(CURLOPT_SSL_VERIFYHOST, 2L);
  // RFC 8996 retired what is older.
  easy.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // libcurl keeps the authorities that it parsed for the next connection only where they come from
  // one file; reading Debian's bundle takes 30 ms of every new connection otherwise.
  const curl_version_info_data* built = easy.library().curl_version_info(CURLVERSION_NOW);
  if (!options.ca_file.empty() || (built->age >= CURLVERSION_SEVENTH && built->cainfo != nullptr)) {
    easy.set(CURLOPT_CAPATH, nullptr);
  }
  if (!options.ca_file.empty()) {
    easy.set(CURLOPT_CAINFO, options.ca_file.c_str());
    easy.set(CURLOPT_PROXY_CAINFO, options.ca_file.c_str());
  }
  if (!options.client_cert_file.empty()) {
    // One PEM file holds both.
    easy.set(CURLOPT_SSLCERT, options.client_cert_file.c_str());
    easy.set(CURLOPT_SSLKEY, options.client_cert_file.c_str());
  }
}

}  // namespace

void set_common_options(const CurlHandle& easy, const CurlOptions& options, char* error_text) {
  // Nothing but HTTP, whatever a URL says (file:, gopher:, ...).
  easy.set(CURLOPT_PROTOCOLS_STR, "http,https");
  // redirect.hh decides about redirects.
  easy.set(CURLOPT_FOLLOWLOCATION, 0L);
  // Path segments were encoded on purpose; libcurl would fold "/../" and ask for something else.
  easy.set(CURLOPT_PATH_AS_IS, 1L);
  // No signals and no alarm(): resolving and timeouts work without, and signals are the program's.
  easy.set(CURLOPT_NOSIGNAL, 1L);
  // HTTP/2 where TLS negotiates it; plain http stays at 1.1.
  easy.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Encodings are undone here: libcurl takes a compressed body that ends early for a whole one.
  easy.set(CURLOPT_ACCEPT_ENCODING, nullptr);
  // Requests are small and sent whole; waiting to fill a packet only delays them.
  easy.set(CURLOPT_TCP_NODELAY, 1L);
  easy.set(CURLOPT_BUFFERSIZE, buffer_bytes);
  // Replaced by a User-Agent header of the request, where there is one.
  easy.set(CURLOPT_USERAGENT, options.user_agent.c_str());
  // For what only libcurl knows, such as why a certificate was refused.
  easy.set(CURLOPT_ERRORBUFFER, error_text);
  set_proxy(easy, options);
  set_tls(easy, options);
}

}  // namespace fconn::http
