#include "tools/openapi/names.hh"

#include <algorithm>
#include <array>

namespace fconn::openapi {
namespace {

using Kind = Shape::Kind;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lowered(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Whether `word` is one of the words of a snake-case name.
bool has_word(std::string_view name, std::string_view word) {
  const std::string padded = "_" + std::string(name) + "_";
  return contains(padded, "_" + std::string(word) + "_");
}

/// A place's street, city and so on are told from other streets by what stands around them.
bool is_address(const FieldPlace& place) {
  for (const std::string& parent : place.parents) {
    const std::string name = bare(parent);
    if (contains(name, "address") || contains(name, "location") || contains(name, "shipping") ||
        contains(name, "billing")) {
      return true;
    }
  }
  constexpr std::array<std::string_view, 8> signs = {
      "zip", "zipcode", "postalcode", "postcode", "street", "address1", "addressline1", "line1"};
  return std::any_of(place.siblings.begin(), place.siblings.end(),
                     [&signs](const std::string& name) { return one_of(name, signs); });
}

std::string address_part(const std::string& name, const FieldPlace& place) {
  constexpr std::array<std::string_view, 12> streets = {
      "street",  "address", "address1", "address2",     "line1",        "line2",
      "street1", "street2", "addr1",    "addressline1", "addressline2", "streetaddress"};
  constexpr std::array<std::string_view, 5> codes = {"zip", "zipcode", "postalcode", "postcode",
                                                     "addresszip"};
  constexpr std::array<std::string_view, 4> states = {"state", "province", "region", "county"};
  if (one_of(name, codes)) return "user.contact.address.postal_code";
  if (name == "streetaddress" || contains(name, "addressline") || name == "addr1") {
    return "user.contact.address.street";
  }
  if (!is_address(place)) return name == "address" ? "user.contact.address" : "";
  if (one_of(name, streets)) return "user.contact.address.street";
  if (name == "city" || name == "town" || name == "addresscity") {
    return "user.contact.address.city";
  }
  if (one_of(name, states)) return "user.contact.address.state";
  if (name == "country" || name == "countrycode") return "user.contact.address.country";
  return "";
}

std::string person_name(const std::string& words, const std::string& name,
                        const FieldPlace& place) {
  constexpr std::array<std::string_view, 14> names = {
      "firstname",   "lastname", "fullname", "givenname",  "familyname", "surname", "middlename",
      "displayname", "nickname", "realname", "screenname", "fname",      "lname",   "maidenname"};
  if (one_of(name, names)) return "user.name";
  for (const std::string_view part : {"first_name", "last_name", "full_name"}) {
    if (contains(words, part)) return "user.name";
  }
  const bool persons =
      place.parents.empty() ? place.people : is_people(singular(place.parents.back()));
  return name == "name" && persons ? "user.name" : "";
}

}  // namespace

std::string snake(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_upper(c) && !is_lower(c) && !is_digit(c)) {
      if (!out.empty() && out.back() != '_') out += '_';
      continue;
    }
    const bool starts = is_upper(c) && i > 0 &&
                        (is_lower(text[i - 1]) || is_digit(text[i - 1]) ||
                         (is_upper(text[i - 1]) && i + 1 < text.size() && is_lower(text[i + 1])));
    if (starts && !out.empty() && out.back() != '_') out += '_';
    out += lowered(c);
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

std::string bare(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_upper(c) || is_lower(c) || is_digit(c)) out += lowered(c);
  }
  return out;
}

std::string singular(std::string_view text) {
  std::string out(text);
  if (out.size() > 4 && out.ends_with("ies")) return out.substr(0, out.size() - 3) + "y";
  for (const std::string_view end : {"sses", "xes", "ches", "shes"}) {
    if (out.ends_with(end)) return out.substr(0, out.size() - 2);
  }
  const bool plural = out.size() > 3 && out.ends_with('s') && !out.ends_with("ss") &&
                      !out.ends_with("us") && !out.ends_with("is");
  if (plural) out.pop_back();
  return out;
}

bool is_people(std::string_view collection) {
  constexpr std::array<std::string_view, 22> people = {
      "user",   "customer",  "contact",    "member",   "person",      "people",
      "me",     "employee",  "subscriber", "lead",     "profile",     "patient",
      "author", "recipient", "candidate",  "guest",    "participant", "owner",
      "admin",  "attendee",  "student",    "applicant"};
  const std::string name = snake(collection);
  return std::any_of(people.begin(), people.end(), [&name](std::string_view word) {
    return has_word(name, word) || has_word(name, std::string(word) + "s");
  });
}

std::string identity_of(std::string_view parameter) {
  constexpr std::array<std::string_view, 6> emails = {"email",         "emailaddress", "useremail",
                                                      "customeremail", "contactemail", "emails"};
  constexpr std::array<std::string_view, 6> phones = {
      "phone", "phonenumber", "mobile", "phonenumbers", "msisdn", "mobilenumber"};
  constexpr std::array<std::string_view, 8> ids = {"userid",   "customerid", "contactid",
                                                   "memberid", "personid",   "subscriberid",
                                                   "user",     "customer"};
  const std::string name = bare(parameter);
  if (one_of(name, emails)) return "email";
  if (one_of(name, phones)) return "phone_number";
  return one_of(name, ids) ? "user_id" : "";
}

bool is_credential(std::string_view parameter) {
  constexpr std::array<std::string_view, 14> words = {
      "token",    "accesstoken",  "apitoken",  "authtoken",   "apikey",
      "xapikey",  "appkey",       "apisecret", "secret",      "secretkey",
      "password", "clientsecret", "authkey",   "sessiontoken"};
  return one_of(bare(parameter), words);
}

std::string category_of(std::string_view name, const Shape& shape, const FieldPlace& place) {
  const bool text = shape.is(Kind::string) || shape.is(Kind::any) || shape.is(Kind::datetime);
  const std::string words = snake(name);
  const std::string plain = bare(name);
  if (plain == "latitude" || plain == "longitude" || plain == "lat" || plain == "lng") {
    return "user.location";
  }
  if (plain == "id" && place.people && place.parents.empty()) return "user.unique_id";
  if (!text) return "";
  const bool flag = has_word(words, "id") || has_word(words, "type") || has_word(words, "status") ||
                    has_word(words, "verified") || has_word(words, "enabled") ||
                    has_word(words, "template") || has_word(words, "count") ||
                    has_word(words, "check") || has_word(words, "url");
  if (shape.format == "email") return "user.contact.email";
  if (shape.format == "ipv4" || shape.format == "ipv6") return "user.device.ip_address";
  if (flag) return "";
  if (has_word(words, "email") || contains(plain, "emailaddress")) return "user.contact.email";
  if (has_word(words, "phone") || contains(plain, "phonenumber") || has_word(words, "mobile") ||
      has_word(words, "telephone") || has_word(words, "fax")) {
    return "user.contact.phone_number";
  }
  if (plain == "ip" || contains(plain, "ipaddress") || has_word(words, "ip")) {
    return "user.device.ip_address";
  }
  if (has_word(words, "birth") || contains(plain, "birthday") || contains(plain, "birthdate") ||
      plain == "dob" || contains(plain, "dateofbirth")) {
    return "user.demographic.date_of_birth";
  }
  if (plain == "gender" || plain == "sex") return "user.demographic.gender";
  if (plain == "jobtitle") return "user.job_title";
  if (plain == "iban") return "user.financial.bank_account";
  if (plain == "username" || plain == "login") return "user.account.username";
  const std::string address = address_part(plain, place);
  return address.empty() ? person_name(words, plain, place) : address;
}

}  // namespace fconn::openapi
