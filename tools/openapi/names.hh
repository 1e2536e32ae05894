// Names of APIs: how they compare, and what they say about the values behind them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/openapi/shape.hh"

namespace fconn::openapi {

/// "accountSid", "account-sid", "Account SID" -> "account_sid".
std::string snake(std::string_view text);
/// The same without `_`: for comparing.
std::string bare(std::string_view text);
/// "companies" -> "company", "boxes" -> "box", "users" -> "user", "status" stays.
std::string singular(std::string_view text);

/// Whether a collection of that name holds people: then a `name` is a person's.
bool is_people(std::string_view collection);

/// The identity that a parameter of that name takes: email, phone_number, user_id; empty: none.
std::string identity_of(std::string_view parameter);

/// Whether a parameter of that name is what somebody signs in with.
bool is_credential(std::string_view parameter);

/// Where a field stands.
struct FieldPlace {
  bool people = false;                // in a collection of people
  std::vector<std::string> parents;   // names of the objects around it
  std::vector<std::string> siblings;  // names beside it, bare
};
/// The data category that a field's name and format suggest; empty: none.
std::string category_of(std::string_view name, const Shape& shape, const FieldPlace& place);

}  // namespace fconn::openapi
