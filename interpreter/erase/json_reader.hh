// Reads an object of a known shape from JSON: what is missing, of another type or not known is a
// failure that names its place. Private to erase/.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/value/value.hh"

namespace fconn::erase {

class ObjectReader {
 public:
  /// `failure` collects the first mistake; it outlives the reader.
  ObjectReader(const value::Value& object, std::string place, std::optional<std::string>& failure)
      : object_(object), place_(std::move(place)), failure_(failure) {
    if (object.kind != value::Kind::object) wrong("must be an object");
  }
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;
  /// What was never asked for isn't known.
  ~ObjectReader() {
    if (failure_ || object_.kind != value::Kind::object) return;
    for (const value::Member& member : object_.object_view()) {
      if (!seen_.contains(std::string(member.key))) wrong("has an unknown member", member.key);
    }
  }

  std::string text(std::string_view key, bool required = true) {
    const value::Value* found = member(key, required);
    if (found == nullptr) return {};
    if (found->kind != value::Kind::string) return wrong("must be a text", key), std::string();
    return std::string(found->view());
  }
  std::optional<std::string> optional_text(std::string_view key) {
    if (member(key, false) == nullptr) return std::nullopt;
    return text(key);
  }
  std::int64_t number(std::string_view key, bool required = true) {
    const value::Value* found = member(key, required);
    if (found == nullptr) return 0;
    if (found->kind != value::Kind::integer) return wrong("must be a whole number", key), 0;
    return found->integer;
  }
  bool flag(std::string_view key) {
    const value::Value* found = member(key, false);
    if (found == nullptr) return false;
    if (found->kind != value::Kind::boolean) return wrong("must be true or false", key), false;
    return found->integer != 0;
  }
  /// Any value, as JSON text; empty when it isn't there.
  std::string json(std::string_view key, bool required = true) {
    const value::Value* found = member(key, required);
    return found == nullptr ? std::string() : value::to_json(*found);
  }
  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> all;
    each(key, [&](const value::Value& element, const std::string& place) {
      if (element.kind == value::Kind::string) {
        all.emplace_back(element.view());
      } else if (!failure_) {
        failure_ = place + " must be a text";
      }
    });
    return all;
  }
  /// Elements of a list that may be missing.
  void each(std::string_view key,
            const std::function<void(const value::Value&, const std::string&)>& visit) {
    const value::Value* found = member(key, false);
    if (found == nullptr) return;
    if (found->kind != value::Kind::list) return wrong("must be a list", key);
    std::size_t index = 0;
    for (const value::Value& element : found->list_view()) {
      visit(element, at(key) + "[" + std::to_string(index++) + "]");
    }
  }

 private:
  const value::Value* member(std::string_view key, bool required) {
    if (object_.kind != value::Kind::object) return nullptr;
    seen_.insert(std::string(key));
    const value::Value* found = value::find_member(object_, key);
    if (found == nullptr && required) wrong("is missing", key);
    return found;
  }
  std::string at(std::string_view key) const {
    return place_.empty() ? std::string(key) : place_ + "." + std::string(key);
  }
  void wrong(std::string_view what, std::string_view key = {}) {
    if (failure_) return;
    const std::string place = key.empty() ? place_ : at(key);
    failure_ = (place.empty() ? "the text" : place) + " " + std::string(what);
  }

  const value::Value& object_;
  std::string place_;
  std::optional<std::string>& failure_;
  std::set<std::string> seen_;
};

}  // namespace fconn::erase
