#include "interpreter/run/multipart.hh"

#include <xxhash.h>

#include <vector>

#include "interpreter/eval/eval.hh"

namespace fconn::run {

using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

struct Part {
  std::string head;
  std::string content;
};

/// A name inside the quotes of a Content-Disposition.
std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    switch (c) {
      case '"':
        out += "%22";
        break;
      case '\r':
        out += "%0D";
        break;
      case '\n':
        out += "%0A";
        break;
      default:
        out += c;
    }
  }
  return out + '"';
}

/// The members of what `file` gives, or null for any other object.
const Value* file_member(const Value& object, std::string_view key, value::Arena& arena) {
  const Value* found = value::find_member(object, key);
  if (object.count != 3 || found == nullptr) return nullptr;
  const Kind kind = value::decoded(*found, arena).kind;
  const bool text =
      kind == Kind::string || (key == "content" && (kind == Kind::bytes || kind == Kind::xml));
  return text ? found : nullptr;
}

Result<Part> part_of(std::string_view name, const Value& item, value::Arena& arena) {
  Part part;
  part.head = "Content-Disposition: form-data; name=" + quoted(name);
  const auto wrong = [&](std::string_view why) {
    return fail(FailureKind::shape,
                "the part `" + std::string(name) + "` of this body " + std::string(why));
  };
  if (item.kind == Kind::bytes || item.kind == Kind::xml) {
    part.content = item.view();
    return part;
  }
  if (item.kind != Kind::object) {
    auto text = eval::text_of(item, arena);
    if (!text) return wrong("can't be a text: " + text.error().text);
    part.content = *text;
    return part;
  }
  const Value* file_name = file_member(item, "name", arena);
  const Value* content = file_member(item, "content", arena);
  const Value* type = file_member(item, "type", arena);
  if (file_name == nullptr || content == nullptr || type == nullptr) {
    return wrong("is an object; write it as `json(…)`, or as a file with `file(…)`");
  }
  const std::string_view type_text = value::decoded(*type, arena).view();
  if (type_text.find_first_of("\r\n") != std::string_view::npos) {
    return wrong("has a type with a line break, which would start another header");
  }
  part.head += "; filename=" + quoted(value::decoded(*file_name, arena).view());
  part.head += "\r\nContent-Type: " + std::string(type_text);
  part.content = value::decoded(*content, arena).view();
  return part;
}

std::string hex(XXH128_hash_t hash) {
  char text[40];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

std::string boundary_of(const std::vector<Part>& parts) {
  for (std::uint64_t seed = 0;; ++seed) {
    XXH128_hash_t hash = XXH3_128bits_withSeed(nullptr, 0, seed);
    for (const Part& part : parts) {
      // Each hash is the next one's seed, so the order counts.
      hash = XXH3_128bits_withSeed(part.head.data(), part.head.size(), hash.low64 ^ hash.high64);
      hash =
          XXH3_128bits_withSeed(part.content.data(), part.content.size(), hash.low64 ^ hash.high64);
    }
    std::string boundary = "fconn-" + hex(hash);
    bool occurs = false;
    for (const Part& part : parts) {
      occurs = occurs || part.content.find(boundary) != std::string::npos ||
               part.head.find(boundary) != std::string::npos;
    }
    if (!occurs) return boundary;
  }
}

}  // namespace

Result<Multipart> multipart_of(const Value& content, value::Arena& arena) {
  std::vector<Part> parts;
  for (const value::Member& member : content.object_view()) {
    const Value entry = value::decoded(member.value, arena);
    if (entry.is_null()) continue;
    const bool many = entry.kind == Kind::list;
    for (const Value& element : many ? entry.list_view() : std::span(&entry, 1)) {
      auto part = part_of(member.key, value::decoded(element, arena), arena);
      if (!part) return fail(std::move(part.error()));
      parts.push_back(*std::move(part));
    }
  }
  if (parts.empty()) {
    return fail(FailureKind::shape, "a multipart body needs a part, and each of these is null");
  }
  const std::string boundary = boundary_of(parts);
  Multipart made;
  made.type = "multipart/form-data; boundary=" + boundary;
  for (const Part& part : parts) {
    made.body += "--" + boundary + "\r\n" + part.head + "\r\n\r\n" + part.content + "\r\n";
  }
  made.body += "--" + boundary + "--\r\n";
  return made;
}

}  // namespace fconn::run
