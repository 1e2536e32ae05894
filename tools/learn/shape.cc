#include "tools/learn/shape.hh"

#include <algorithm>
#include <span>
#include <utility>

#include "interpreter/privacy/formats.hh"
#include "tools/har/member_names.hh"

namespace fconn::learn {

using value::Kind;
using value::Value;

namespace {

constexpr std::size_t longest_value = 200;  // bytes of JSON; a longer one refers to nothing

bool meets(std::string_view format, std::string_view text) {
  return privacy::meets_format(format, text).value_or(false);
}

void add_text(Shape& shape, std::string_view text) {
  ++shape.texts;
  if (text.empty()) return;
  ++shape.spelt;
  if (meets("email", text)) ++shape.emails;
  if (meets("phone", text)) ++shape.phones;
  if (meets("datetime", text)) ++shape.datetimes;
  if (meets("ipv4", text) || meets("ipv6", text)) ++shape.addresses;
}

void add_value(Shape& shape, const Value& value) {
  if (shape.too_many) return;
  std::string json = value::to_json(value);
  if (json.size() > longest_value || shape.values.size() == max_values) {
    shape.too_many = true;
    return;
  }
  if (!shape.values.insert(std::move(json)).second) shape.repeats = true;
}

Shape& named(std::vector<Shape>& members, std::string_view name) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Shape& one) { return one.name == name; });
  if (found != members.end()) return *found;
  members.emplace_back();
  members.back().name = name;
  return members.back();
}

bool scalar(const Shape& shape) { return shape.objects == 0 && shape.lists == 0; }
bool all(std::uint64_t some, std::uint64_t of) { return of > 0 && some == of; }

/// Whether rows are about a person, which an `id` beside it then stands for. A `requester_email` is
/// somebody's, too, but of a ticket.
bool about_a_person(const Shape& rows) {
  return std::any_of(rows.members.begin(), rows.members.end(), [](const Shape& one) {
    const std::string plain = har::plain_name(one.name);
    return plain == "email" || plain == "emailaddress" || plain == "mail" ||
           plain == "primaryemail" || plain == "firstname" || plain == "lastname" ||
           plain == "fullname" || plain == "emails" || plain == "username" ||
           plain == "phonenumber" || plain == "birthday" || plain == "dateofbirth";
  });
}

/// Whether rows are an address, of which a `state` is a part.
bool about_a_place(const Shape& rows) {
  return std::any_of(rows.members.begin(), rows.members.end(), [](const Shape& one) {
    return har::category_of_name(one.name).starts_with("user.contact.address.");
  });
}

/// What a name means beside others that say whose it is. Alone, `state` is a status and `title` a
/// headline.
std::string_view category_beside(const std::string& plain, bool person, bool place) {
  using Category = std::pair<std::string_view, std::string_view>;
  static constexpr Category of_both[] = {{"country", "user.contact.address.country"},
                                         {"countrycode", "user.contact.address.country"},
                                         {"countryname", "user.contact.address.country"},
                                         {"region", "user.contact.address.state"},
                                         {"province", "user.contact.address.state"},
                                         {"company", "user.workplace"}};
  static constexpr Category of_places[] = {{"state", "user.contact.address.state"},
                                           {"county", "user.contact.address.state"},
                                           {"statecode", "user.contact.address.state"},
                                           {"name", "user.name"}};
  static constexpr Category of_people[] = {
      {"timezone", "user.location"},
      {"ianatimezone", "user.location"},
      {"tz", "user.location"},
      {"location", "user.location"},
      {"age", "user.demographic"},
      {"photourl", "user.content"},
      {"avatar", "user.content"},
      {"avatarurl", "user.content"},
      {"imageurl", "user.content"},
      {"jobtitle", "user.job_title"},
      {"title", "user.job_title"},
      {"userid", "user.unique_id"},
      {"customerid", "user.unique_id"},
      {"contactid", "user.unique_id"},
      {"subscriberid", "user.unique_id"},
      {"externalid", "user.unique_id"},
      {"middleinitial", "user.name"},
      {"salutation", "user.name"},
  };
  const auto in = [&plain](std::span<const Category> table) -> std::string_view {
    for (const auto& [name, category] : table) {
      if (name == plain) return category;
    }
    return {};
  };
  std::string_view found;
  if (place) found = in(of_places);
  if (found.empty() && person) found = in(of_people);
  return found.empty() && (person || place) ? in(of_both) : found;
}

bool word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

void Shape::add(const Value& value) {
  ++seen;
  switch (value.kind) {
    case Kind::null_value:
      ++nulls;
      return;
    case Kind::boolean:
      ++booleans;
      return;
    case Kind::integer:
      ++integers;
      return add_value(*this, value);
    case Kind::decimal:
      ++decimals;
      return;
    case Kind::string:
      add_text(*this, value.view());
      return add_value(*this, value);
    case Kind::list:
      ++lists;
      for (const Value& one : value.list_view()) {
        if (element.empty()) element.emplace_back();
        element.front().add(one);
      }
      return;
    case Kind::object:
      ++objects;
      for (const value::Member& member : value.object_view()) {
        named(members, member.key).add(member.value);
      }
      return;
    default:
      return;
  }
}

const Shape* Shape::member(std::string_view wanted) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Shape& one) { return one.name == wanted; });
  return found == members.end() ? nullptr : &*found;
}

std::string written_name(const std::string& name) {
  const bool plain = !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
                     std::all_of(name.begin(), name.end(), word);
  if (plain) return name;
  std::string out;
  value::append_json_string(name, out);
  // A brace opens a hole in the language's texts.
  std::string escaped;
  for (const char c : out) {
    if (c == '{' || c == '}') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string type_of(const Shape& shape) {
  const std::uint64_t given = shape.seen - shape.nulls;
  if (given == 0) return "any";
  if (all(shape.booleans, given)) return "bool";
  if (all(shape.integers, given)) return "int";
  if (shape.integers + shape.decimals == given) return "number";
  if (all(shape.texts, given)) {
    return all(shape.datetimes, shape.spelt) ? "datetime" : "string";
  }
  if (all(shape.lists, given)) {
    return shape.element.empty() ? "[any]" : "[" + type_of(shape.element.front()) + "]";
  }
  if (all(shape.objects, given)) {
    if (shape.members.empty()) return "object";
    std::string out = "{ ";
    for (const std::string& line : field_lines(shape, {}, "", "")) {
      out += (out.size() > 2 ? ", " : "") + line;
    }
    return out + " }";
  }
  return "any";
}

std::string category_of(const Shape& shape, const Shape& around) {
  if (shape.objects > 0) return {};  // its members have their own
  if (all(shape.emails, shape.spelt)) return "user.contact.email";
  const std::string_view category = har::category_of_name(shape.name);
  const std::string type = type_of(shape);
  // "active: true" says nothing of a person, whatever it is called.
  if (!category.empty() && type != "bool") return std::string(category);
  if (all(shape.phones, shape.spelt) && shape.integers == 0) return "user.contact.phone_number";
  if (all(shape.addresses, shape.spelt)) return "user.device.ip_address";
  const std::string plain = har::plain_name(shape.name);
  const bool person = about_a_person(around);
  if (scalar(shape) && type != "bool") {
    const std::string_view beside = category_beside(plain, person, about_a_place(around));
    if (!beside.empty()) return std::string(beside);
  }
  if (!person) return {};
  if (plain == "name" && shape.texts > 0) return "user.name";
  if (plain == "id" && scalar(shape)) return "user.unique_id";
  return {};
}

std::vector<std::string> field_lines(const Shape& rows, const std::set<std::string>& declared,
                                     const std::string& key, const std::string& impersonal) {
  std::vector<std::string> out;
  for (const Shape& one : rows.members) {
    if (declared.count(one.name) > 0) continue;
    const std::string category = category_of(one, rows);
    std::string line = written_name(one.name) + ": " + type_of(one);
    if (!key.empty() && one.name == key) line += " key";
    out.push_back(line + (category.empty() ? impersonal : " @" + category));
  }
  return out;
}

std::string key_of(const Shape& rows) {
  const Shape* best = nullptr;
  int best_rank = 0;
  for (const Shape& one : rows.members) {
    const bool distinct = scalar(one) && one.nulls == 0 && one.seen == rows.objects &&
                          one.integers + one.texts == one.seen && !one.repeats && !one.too_many;
    if (!distinct) continue;
    const std::string plain = har::plain_name(one.name);
    const int rank = plain == "id"                                          ? 4
                     : plain == "uuid" || plain == "guid" || plain == "key" ? 3
                     : plain == "pkey" || plain == "primarykey"             ? 3
                     : plain.ends_with("id")                                ? 2
                     : plain == "name" && rows.objects > 1                  ? 1
                                                                            : 0;
    if (rank > best_rank) {
      best = &one;
      best_rank = rank;
    }
  }
  return best == nullptr ? std::string() : best->name;
}

}  // namespace fconn::learn
