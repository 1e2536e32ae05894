// A person signs in: the address is shown and opened in a browser, which comes back to a port of
// this machine (RFC 8252); where it can't, the address it ended on is pasted.
#pragma once

#include <cstdint>
#include <optional>

#include "interpreter/run/login.hh"
#include "tools/fconn/terminal.hh"

namespace fconn::cli {

struct LoginOptions {
  std::uint16_t port = 0;    // to listen on; 0: any that is free
  bool open_browser = true;  // else the address is only shown
  int wait_seconds = 600;
};

class LoopbackLogin final : public run::Login {
 public:
  LoopbackLogin(Terminal& terminal, LoginOptions options)
      : terminal_(terminal), options_(options) {}
  ~LoopbackLogin() override;

  value::Result<std::string> redirect_uri() override;
  value::Result<http::QueryPairs> authorize(const std::string& url,
                                            const std::string& redirect_uri) override;
  void show(std::string_view text) override;

 private:
  value::Result<void> listen(std::uint16_t port);
  value::Result<http::QueryPairs> wait(const std::string& path);
  std::optional<http::QueryPairs> visited(const std::string& path) const;
  std::optional<http::QueryPairs> pasted();

  Terminal& terminal_;
  LoginOptions options_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  bool input_ended_ = false;
};

/// The parameters of an address (or of its query alone) that somebody pasted; none when it has
/// none.
std::optional<http::QueryPairs> pasted_parameters(std::string_view text);

}  // namespace fconn::cli
