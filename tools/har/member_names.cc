#include "tools/har/member_names.hh"

#include <algorithm>
#include <array>
#include <utility>

namespace fconn::har {
namespace {

using Category = std::pair<std::string_view, std::string_view>;

// Categories as the bundled connectors use them.
constexpr std::array categories = {
    Category{"email", "user.contact.email"},
    Category{"emailaddress", "user.contact.email"},
    Category{"mail", "user.contact.email"},
    Category{"primaryemail", "user.contact.email"},
    Category{"useremail", "user.contact.email"},
    Category{"customeremail", "user.contact.email"},
    Category{"fromemail", "user.contact.email"},
    Category{"toemail", "user.contact.email"},
    Category{"requesteremail", "user.contact.email"},
    Category{"phone", "user.contact.phone_number"},
    Category{"phonenumber", "user.contact.phone_number"},
    Category{"mobile", "user.contact.phone_number"},
    Category{"mobilephone", "user.contact.phone_number"},
    Category{"mobilenumber", "user.contact.phone_number"},
    Category{"telephone", "user.contact.phone_number"},
    Category{"tel", "user.contact.phone_number"},
    Category{"fax", "user.contact.fax_number"},
    Category{"faxnumber", "user.contact.fax_number"},
    Category{"firstname", "user.name"},
    Category{"lastname", "user.name"},
    Category{"middlename", "user.name"},
    Category{"fullname", "user.name"},
    Category{"displayname", "user.name"},
    Category{"givenname", "user.name"},
    Category{"familyname", "user.name"},
    Category{"surname", "user.name"},
    Category{"nickname", "user.name"},
    Category{"realname", "user.name"},
    Category{"fname", "user.name"},
    Category{"lname", "user.name"},
    Category{"customername", "user.name"},
    Category{"contactname", "user.name"},
    Category{"recipientname", "user.name"},
    Category{"cardholdername", "user.name"},
    Category{"username", "user.name"},
    Category{"login", "user.name"},
    Category{"screenname", "user.name"},
    Category{"address", "user.contact.address"},
    Category{"address1", "user.contact.address.street"},
    Category{"address2", "user.contact.address.street"},
    Category{"addressline1", "user.contact.address.street"},
    Category{"addressline2", "user.contact.address.street"},
    Category{"addr1", "user.contact.address.street"},
    Category{"addr2", "user.contact.address.street"},
    Category{"street", "user.contact.address.street"},
    Category{"streetaddress", "user.contact.address.street"},
    Category{"line1", "user.contact.address.street"},
    Category{"line2", "user.contact.address.street"},
    Category{"city", "user.contact.address.city"},
    Category{"town", "user.contact.address.city"},
    Category{"postalcode", "user.contact.address.postal_code"},
    Category{"postcode", "user.contact.address.postal_code"},
    Category{"zip", "user.contact.address.postal_code"},
    Category{"zipcode", "user.contact.address.postal_code"},
    Category{"birthday", "user.demographic.date_of_birth"},
    Category{"birthdate", "user.demographic.date_of_birth"},
    Category{"dateofbirth", "user.demographic.date_of_birth"},
    Category{"dob", "user.demographic.date_of_birth"},
    Category{"gender", "user.demographic.gender"},
    Category{"ip", "user.device.ip_address"},
    Category{"ipaddress", "user.device.ip_address"},
    Category{"clientip", "user.device.ip_address"},
    Category{"remoteip", "user.device.ip_address"},
    Category{"iban", "user.financial.bank_account"},
    Category{"accountnumber", "user.financial.bank_account"},
    Category{"cardnumber", "user.financial"},
    Category{"last4", "user.financial"},
    Category{"ssn", "user.unique_id"},
    Category{"taxid", "user.unique_id"},
    Category{"passportnumber", "user.unique_id"},
    Category{"deviceid", "user.device"},
    Category{"useragent", "user.device"},
    Category{"latitude", "user.location"},
    Category{"longitude", "user.location"},
    Category{"emails", "user.contact.email"},
    Category{"phones", "user.contact.phone_number"},
    Category{"phonenumbers", "user.contact.phone_number"},
    Category{"mobilephones", "user.contact.phone_number"},
    Category{"ipaddresses", "user.device.ip_address"},
    Category{"lastip", "user.device.ip_address"},
    Category{"street1", "user.contact.address.street"},
    Category{"street2", "user.contact.address.street"},
    Category{"street3", "user.contact.address.street"},
    Category{"streetno", "user.contact.address.street"},
    Category{"cityname", "user.contact.address.city"},
    Category{"addresscity", "user.contact.address.city"},
    Category{"addressstreet", "user.contact.address.street"},
    Category{"addresszip", "user.contact.address.postal_code"},
    Category{"maidenname", "user.name"},
    Category{"driverlicensenumber", "user.government_id.drivers_license_number"},
};

// Of how a name ends: "billing_first_name", "dropoff_contact_given_name".
constexpr std::array ends = {
    Category{"firstname", "user.name"},
    Category{"lastname", "user.name"},
    Category{"givenname", "user.name"},
    Category{"familyname", "user.name"},
    Category{"maidenname", "user.name"},
    Category{"realname", "user.name"},
    Category{"customerusername", "user.name"},
    Category{"emailaddress", "user.contact.email"},
    Category{"phonenumber", "user.contact.phone_number"},
    Category{"ipaddress", "user.device.ip_address"},
    Category{"postalcode", "user.contact.address.postal_code"},
    Category{"streetaddress", "user.contact.address.street"},
    Category{"dateofbirth", "user.demographic.date_of_birth"},
};

// Of the whole name.
constexpr std::array<std::string_view, 31> secrets = {
    "accesskey",
    "accesskeyid",
    "awsaccesskeyid",
    "signingkey",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "passcode",
    "sessionid",
    "assertion",
    "codeverifier",
    "sig",
    "hmac",
    "jwt",
    "bearer",
    "authorization",
    "otp",
    "cookie",
    "xamzcredential",
    "xgoogcredential",
    "connectionstring",
    "cvv",
    "cvc",
    "cvv2",
    "pin",
    "securitycode",
    "totp",
    "recoverycode",
    "backupcode",
    "licensekey",
};
// Of how a name ends: "oauth_token_secret", "X-Amz-Signature".
constexpr std::array<std::string_view, 9> secret_ends = {
    "token",     "secret",    "password",  "apikey",          "privatekey",
    "secretkey", "accesskey", "signature", "clientassertion",
};
// Tokens that say where a list goes on.
constexpr std::array<std::string_view, 9> places = {
    "page", "next", "prev", "previous", "continuation", "cursor", "sync", "scroll", "delta",
};

constexpr std::array<std::string_view, 10> header_parts = {
    "authorization", "cookie",    "token",    "secret",  "apikey",
    "accesskey",     "signature", "password", "session", "credential",
};

}  // namespace

std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ' || c == '.') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

bool secret_name(std::string_view name) {
  std::string plain = plain_name(name);
  if (plain.ends_with('s') && !plain.ends_with("ss")) plain.pop_back();  // `tokens`
  if (std::find(secrets.begin(), secrets.end(), plain) != secrets.end()) return true;
  const bool at_end = std::any_of(secret_ends.begin(), secret_ends.end(),
                                  [&plain](std::string_view end) { return plain.ends_with(end); });
  return at_end && std::none_of(places.begin(), places.end(), [&plain](std::string_view place) {
           return plain.find(place) != std::string::npos;
         });
}

bool secret_header(std::string_view name) {
  const std::string plain = plain_name(name);
  return std::any_of(header_parts.begin(), header_parts.end(), [&plain](std::string_view part) {
    return plain.find(part) != std::string::npos;
  });
}

std::string_view category_of_name(std::string_view name) {
  const std::string plain = plain_name(name);
  const auto found = std::find_if(categories.begin(), categories.end(),
                                  [&](const Category& one) { return one.first == plain; });
  if (found != categories.end()) return found->second;
  const auto end = std::find_if(ends.begin(), ends.end(),
                                [&](const Category& one) { return plain.ends_with(one.first); });
  return end == ends.end() ? std::string_view() : end->second;
}

}  // namespace fconn::har
