// A person who signs in. Only `fconn auth INSTANCE login` has one: a run that needs a person fails
// with that said, it never waits for somebody who isn't there.
#pragma once

#include <string>
#include <string_view>

#include "interpreter/http/url.hh"
#include "interpreter/value/result.hh"

namespace fconn::run {

class Login {
 public:
  virtual ~Login() = default;
  /// Where the browser is to be sent back to; ready to listen there.
  virtual value::Result<std::string> redirect_uri() = 0;
  /// Has `url` opened in a browser and waits until the person comes back to `redirect_uri`, however
  /// that gets here. Gives the parameters that came along. Blocks, with a limit of its own.
  virtual value::Result<http::QueryPairs> authorize(const std::string& url,
                                                    const std::string& redirect_uri) = 0;
  /// Tells the person what to do; returns at once.
  virtual void show(std::string_view text) = 0;
};

}  // namespace fconn::run
