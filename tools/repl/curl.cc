#include "tools/repl/curl.hh"

#include <algorithm>
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
  const auto steers = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F;
  };
  // What a terminal would obey is spelt: $'…' of bash, zsh and POSIX 2024.
  const bool spelt = std::any_of(text.begin(), text.end(), steers);
  std::string out = spelt ? "$'" : "'";
  for (const char c : text) {
    if (spelt && steers(c)) {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else if (spelt && (c == '\'' || c == '\\')) {
      out += '\\';
      out += c;
    } else if (c == '\'') {
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
  // To curl, brackets and braces in a URL are lists to go through.
  if (url.find_first_of("[]{}") != std::string::npos) out += " -g";
  if (request.method == "HEAD" && !request.has_body) {
    out += " -I";  // with -X it would wait for a body
  } else if (request.method != "GET" || request.has_body) {
    out += " -X " + shell_quoted(request.method);
  }
  out += " " + argument(url);
  for (const http::HeaderField& field : request.headers) {
    bool plain = reveal || !field.credential;
    if (!plain) {
      for (const Piece& piece : split(field.value, secrets)) plain = plain || piece.variable;
    }
    computed = computed || !plain;
    // "Name:" would take a header out; "Name;" sends it empty.
    const std::string line = field.name + (field.value.empty() ? ";" : ": " + field.value);
    out += " \\\n  -H " +
           (plain ? argument(line) : shell_quoted(field.name + ": ") + "\"$CREDENTIAL\"");
  }
  // Not --data-binary, which reads a file where a body begins with "@".
  if (request.has_body) out += " \\\n  --data-raw " + argument(request.body);
  out += "\n";
  if (computed) out = "# $CREDENTIAL is computed from secrets; `:reveal on` shows it\n" + out;
  if (hidden) out = "# *** stands for a secret in another spelling; `:reveal on` shows it\n" + out;
  return out;
}

}  // namespace fconn::repl
