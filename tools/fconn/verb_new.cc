// fconn new NAME
#include <sys/stat.h>

#include "grammar/words.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/make_verbs.hh"

namespace fconn::cli {
namespace {

constexpr std::string_view skeleton = R"(## What this API is, in one sentence.
connector NAME "NAME" {
  version  "0.1.0"
  docs     "https://example.com/docs"
  category other

  ## The API's host.
  param  domain: host = "api.example.com"
  secret api_key "API key"

  ## Who a privacy request is about.
  identity email

  client {
    base "https://{domain}"
    auth bearer(api_key)
  }

  ## Proves that the parameters work: fconn check --live
  check GET /v1/me

  ## The person's account.
  collection user {
    read GET /v1/users {
      query { email: email }
      rows  .users
    }
    fields default @system.operations {
      id: string key @user.unique_id
      email: string @user.contact.email
      name: string @user.name
    }
  }

  ## What the person ordered: one read for each user found.
  collection order {
    for u in user
    read GET /v1/users/{u.id}/orders {
      query    { limit: 100 }
      rows     .orders
      paginate cursor(.next_cursor, "cursor")
    }
    fields default @system.operations {
      id: string key
      address: string @user.contact.address
    }
  }
}
)";

constexpr std::string_view contract = R"(test "a person with one order" {
  connector "NAME.fconn"
  secrets   { api_key: "test-key" }
  identity  { email: "ada@example.com" }

  reply GET /v1/users { query { email: "ada@example.com" } } with 200 {
    body json { users: [{ id: "u1", email: "ada@example.com", name: "Ada" }] }
  }

  reply GET /v1/users/u1/orders { query { limit: 100 } } with 200 {
    body json { orders: [{ id: "o1", address: "1 Main St" }], next_cursor: "c2" }
  }

  reply GET /v1/users/u1/orders { query { limit: 100, cursor: "c2" } } with 200 {
    body json { orders: [], next_cursor: null }
  }

  expect 2 requests GET /v1/users/u1/orders
  expect request GET /v1/users { headers { Authorization: "Bearer test-key" } }
  expect rows user [{ id: "u1", email: "ada@example.com", name: "Ada" }]
  expect rows order [{ id: "o1", address: "1 Main St" }]
  expect order complete
}
)";

std::string named(std::string_view text, const std::string& name) {
  std::string out(text);
  for (std::size_t at = 0; (at = out.find("NAME", at)) != std::string::npos; at += name.size()) {
    out.replace(at, 4, name);
  }
  return out;
}

class New : public Verb {
 public:
  void declare(OptionSet& options) override {
    options.positional("NAME", name_, "The connector's name: letters, digits and _.",
                       Complete::nothing, true);
  }

  int run(Terminal& terminal, const Common& /*common*/) override {
    const bool good =
        !grammar::is_reserved(*name_) &&
        name_->find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
        !name_->empty() && (*name_)[0] >= 'a';
    if (!good) {
      terminal.report({"'" + *name_ + "' can't be a connector's name",
                       "use lower-case letters, digits and _, a letter first, and no reserved word",
                       ""});
      return exit_code::usage;
    }
    const std::string file = *name_ + ".fconn", test = *name_ + ".test.fconn";
    for (const std::string& path : {file, test}) {
      if (!file_exists(path)) continue;
      terminal.report({path + " is there already", "`fconn new` never overwrites", ""});
      return exit_code::usage;
    }
    for (const auto& [path, text] : {std::pair(file, skeleton), std::pair(test, contract)}) {
      if (auto written = write_file(path, named(text, *name_), Mode::shared); !written) {
        terminal.report({written.error().text, "", ""});
        return exit_code::findings;
      }
    }
    terminal.print("wrote " + file + " and " + test + "; next: fconn check " + file +
                   ", fconn test " + test + "\n");
    return exit_code::complete;
  }

 private:
  std::optional<std::string> name_;
};

}  // namespace

std::unique_ptr<Verb> make_new() { return std::make_unique<New>(); }

}  // namespace fconn::cli
