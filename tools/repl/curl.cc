#include "tools/repl/curl.hh"

#include <vector>

#include "interpreter/http/url.hh"

namespace fconn::repl {
namespace {

constexpr std::size_t shortest = 4;  // of a secret that is looked for

/// A text in pieces: plain ones, and names of variables.
struct Piece {
  std::string text;
  bool variable = false;
};

std::vector<Piece> split(std::string_view text, const std::map<std::string, std::string>& secrets) {
  std::vector<Piece> pieces{{std::string(text), false}};
  for (const auto& [name, secret] : secrets) {
    if (secret.size() < shortest) continue;
    std::vector<Piece> next;
    for (Piece& piece : pieces) {
      if (piece.variable) {
        next.push_back(std::move(piece));
        continue;
      }
      std::size_t begin = 0;
      for (std::size_t at = 0; (at = piece.text.find(secret, begin)) != std::string::npos;
           begin = at + secret.size()) {
        if (at > begin) next.push_back({piece.text.substr(begin, at - begin), false});
        next.push_back({name, true});
      }
      if (begin < piece.text.size()) next.push_back({piece.text.substr(begin), false});
    }
    pieces = std::move(next);
  }
  return pieces;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string curl_command(const http::Request& request,
                         const std::map<std::string, std::string>& secrets,
                         const http::Redactor& redactor, bool reveal, const std::string& send_to) {
  bool computed = false, hidden = false;
  // Pieces stand side by side: 'Bearer '"$API_KEY".
  const auto argument = [&](std::string_view text) {
    if (reveal) return shell_quoted(text);
    std::string out;
    for (const Piece& piece : split(text, secrets)) {
      if (piece.variable) {
        out += "\"$" + piece.text + "\"";
      } else {
        const std::string shown = redactor.redact(piece.text);
        hidden = hidden || shown != piece.text;
        out += shell_quoted(shown);
      }
    }
    return out.empty() ? std::string("''") : out;
  };
  std::string url = reveal || !request.private_url ? request.url : redactor.url(request);
  hidden = !reveal && request.private_url;
  std::string host;
  if (const auto parsed = http::parse_url(url); parsed && !send_to.empty()) {
    host = http::origin(*parsed);
    if (url.starts_with(host)) url = send_to + url.substr(host.size());
  }
  std::string out = "curl";
  if (request.method != "GET" || request.has_body) out += " -X " + shell_quoted(request.method);
  out += " " + argument(url);
  for (const http::HeaderField& field : request.headers) {
    bool plain = reveal || !field.credential;
    if (!plain) {
      for (const Piece& piece : split(field.value, secrets)) plain = plain || piece.variable;
    }
    computed = computed || !plain;
    out += " \\\n  -H " + (plain ? argument(field.name + ": " + field.value)
                                 : shell_quoted(field.name + ": ") + "\"$CREDENTIAL\"");
  }
  if (request.has_body) out += " \\\n  --data-binary " + argument(request.body);
  out += "\n";
  if (computed) out = "# $CREDENTIAL is computed from secrets; `:reveal on` shows it\n" + out;
  if (hidden) out = "# *** stands for a secret in another spelling; `:reveal on` shows it\n" + out;
  return out;
}

}  // namespace fconn::repl
