#include "interpreter/privacy/narrow_row.hh"

#include <algorithm>

#include "interpreter/value/json_scan.hh"

namespace fconn::privacy {
namespace {

/// Whether {} or [] occurs outside strings.
bool has_empty(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      i = value::skip_string(text, i) - 1;
    } else if (text[i] == '{' || text[i] == '[') {
      const std::size_t next = value::skip_space(text, i + 1);
      if (next < text.size() && (text[next] == '}' || text[next] == ']')) return true;
    }
  }
  return false;
}

/// Writes lists and objects member by member; one that ends up empty isn't written at all.
class Container {
 public:
  Container(std::string& out, char open, char close)
      : out_(out), begin_(out.size()), close_(close) {
    out_ += open;
  }
  /// `write` appends a value and says whether it did; `key` is a member's, as spelt.
  template <class Write>
  void add(const std::string_view* key, Write write) {
    const std::size_t before = out_.size();
    if (any_) out_ += ',';
    if (key != nullptr) {
      out_ += '"';
      out_ += *key;
      out_ += "\":";
    }
    if (write()) {
      any_ = true;
    } else {
      out_.resize(before);
    }
  }
  bool end() {
    if (any_) {
      out_ += close_;
    } else {
      out_.resize(begin_);
    }
    return any_;
  }

 private:
  std::string& out_;
  std::size_t begin_;
  char close_;
  bool any_ = false;
};

/// The value without empty lists and objects; false, and nothing written, if it is one in the end.
bool write_whole(std::string_view text, std::string& out) {
  if ((text.front() != '{' && text.front() != '[') || !has_empty(text)) {
    out += text;
    return true;
  }
  if (text.front() == '[') {
    Container list(out, '[', ']');
    value::each_element(text, [&](std::string_view element) {
      list.add(nullptr, [&] { return write_whole(element, out); });
    });
    return list.end();
  }
  Container object(out, '{', '}');
  value::each_member(text, [&](std::string_view key, std::string_view member) {
    object.add(&key, [&] { return write_whole(member, out); });
  });
  return object.end();
}

}  // namespace

Narrower::Narrower(const ir::Collection& collection, const Policy& policy) {
  std::string path;
  select(collection.fields, policy, path, selection_, fields_);
}

void Narrower::select(const std::vector<ir::Field>& fields, const Policy& policy, std::string& path,
                      std::vector<Selection>& out, std::vector<TargetedField>& list) {
  for (const ir::Field& field : fields) {
    const std::size_t before = path.size();
    if (before > 0) path += '.';
    path += field.name;
    Selection selection{field.name, false, {}};
    if (const auto targeted = targeted_by(policy, field.categories)) {
      selection.whole = true;
      list.push_back({path, std::string(targeted->category)});
    } else {
      select(field.fields, policy, path, selection.below, list);
    }
    path.resize(before);
    if (selection.whole || !selection.below.empty()) out.push_back(std::move(selection));
  }
}

bool Narrower::write(const std::vector<Selection>& wanted, std::string_view text,
                     std::string& out) {
  if (text.front() == '[') {
    Container list(out, '[', ']');
    value::each_element(text, [&](std::string_view element) {
      list.add(nullptr, [&] { return write(wanted, element, out); });
    });
    return list.end();
  }
  if (text.front() != '{') {
    out += text;
    return true;
  }
  value::Arena arena;
  Container object(out, '{', '}');
  value::each_member(text, [&](std::string_view key, std::string_view member) {
    const std::string_view plain = value::unescape(key, arena);
    const auto found = std::find_if(wanted.begin(), wanted.end(),
                                    [plain](const Selection& one) { return one.key == plain; });
    if (found == wanted.end()) return;
    object.add(&key, [&] {
      return found->whole ? write_whole(member, out) : write(found->below, member, out);
    });
  });
  return object.end();
}

void Narrower::narrow(std::string_view row, std::string& out) const {
  const std::string_view object = row.substr(std::min(value::skip_space(row, 0), row.size()));
  // A row that is no object has no fields that a policy could mean.
  const bool kept = !object.empty() && object.front() == '{' && write(selection_, object, out);
  if (!kept) out += "{}";
}

}  // namespace fconn::privacy
