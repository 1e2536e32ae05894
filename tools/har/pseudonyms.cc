#include "tools/har/pseudonyms.hh"

#include <algorithm>
#include <functional>

#include "interpreter/eval/encoding.hh"

namespace fconn::har {
namespace {

constexpr std::size_t start_bytes = 3;
constexpr std::size_t long_enough = 12;  // needs no border
constexpr int algorithms = 5;

bool digits_only(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Letters, digits, and what belongs to letters beyond ASCII.
bool wordy(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool digest_size(std::size_t bytes) {
  return bytes == 16 || bytes == 20 || bytes == 32 || bytes == 48 || bytes == 64;
}

}  // namespace

bool Pseudonyms::telling(std::string_view text) {
  if (text.starts_with('-') && digits_only(text.substr(1))) text.remove_prefix(1);
  if (digits_only(text)) return text.size() >= 5;
  return text.size() >= start_bytes && std::any_of(text.begin(), text.end(), wordy);
}

void Pseudonyms::add(std::string_view text) {
  std::string value = folded(text);
  if (!telling(value) || kept_.count(value) > 0) return;
  if (spelt_.insert(std::string(text)).second) spellings_.emplace_back(text);
  know(std::move(value));
}

void Pseudonyms::hide(std::string_view text, std::string instead) {
  std::string value = folded(text);
  if (value.size() < start_bytes || kept_.count(value) > 0) return;
  stand_ins_[value] = std::move(instead);
  know(std::move(value));
}

void Pseudonyms::know(std::string value) {
  const bool is_long = value.size() >= long_enough;
  auto& sizes = is_long ? by_long_start_[value.substr(0, long_enough)]
                        : by_start_[value.substr(0, start_bytes)];
  const auto place =
      std::lower_bound(sizes.begin(), sizes.end(), value.size(), std::greater<std::size_t>());
  if (place == sizes.end() || *place != value.size()) sizes.insert(place, value.size());
  known_.insert(std::move(value));
}

std::string Pseudonyms::of(std::string_view text) {
  std::string value = folded(text);
  if (kept_.count(value) > 0 || (digits_only(value) && value.size() < 2)) return std::string(text);
  auto found = stand_ins_.find(value);
  if (found == stand_ins_.end()) {
    std::string made;
    for (unsigned attempt = 0;; ++attempt) {
      made = stand_in(value, keyed_, attempt);
      // Short shapes run out: then one more character tells them apart.
      const bool number = value.back() >= '0' && value.back() <= '9';
      if (attempt >= 64) made += stand_in(number ? "1" : "a", keyed_, attempt);
      const bool free = made != value && known_.count(made) == 0 && kept_.count(made) == 0;
      // What has no letter and no digit ("-") is no value of a person, and has no other shape.
      if (std::none_of(value.begin(), value.end(), wordy)) break;
      if (free && taken_.insert(made).second) break;
    }
    found = stand_ins_.emplace(std::move(value), std::move(made)).first;
  }
  return with_case_of(text, found->second);
}

std::optional<std::string> Pseudonyms::find(std::string_view text) {
  if (known_.count(folded(text)) > 0) return of(text);
  return find_digest(text);
}

std::optional<std::string> Pseudonyms::find_digest(std::string_view text) {
  if (text.size() < 22 || text.size() > 128) return std::nullopt;
  const auto lookup = [this](const std::optional<std::string>& bytes) -> const std::string* {
    if (!bytes || !digest_size(bytes->size())) return nullptr;
    add_digests();
    const auto found = digests_.find(*bytes);
    return found == digests_.end() ? nullptr : &found->second;
  };
  if (const std::string* bytes = lookup(eval::hex_bytes(text))) {
    std::string out = eval::hex_text(*bytes);
    const bool large =
        std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
    if (large) {
      for (char& c : out) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
    }
    return out;
  }
  if (const std::string* bytes = lookup(eval::base64_bytes(text, "+/"))) {
    std::string out = eval::base64_text(*bytes);
    if (text.back() != '=') out.erase(std::min(out.find('='), out.size()));
    return out;
  }
  if (const std::string* bytes = lookup(eval::base64_bytes(text, "-_"))) {
    return eval::base64url_text(*bytes);
  }
  return std::nullopt;
}

void Pseudonyms::add_digests() {
  const auto pair = [this](const std::string& spelling) {
    const std::string other = of(spelling);
    for (int i = 0; i < algorithms; ++i) {
      digests_.emplace(keyed_.digest(i, spelling), keyed_.digest(i, other));
    }
  };
  for (; digested_ < spellings_.size(); ++digested_) {
    pair(spellings_[digested_]);
    pair(folded(spellings_[digested_]));
  }
}

std::size_t Pseudonyms::match(const std::string& text, std::size_t at) const {
  if (const auto starts = by_long_start_.find(text.substr(at, long_enough));
      starts != by_long_start_.end()) {
    for (const std::size_t size : starts->second) {
      if (at + size <= text.size() && known_.count(text.substr(at, size)) > 0) return size;
    }
  }
  const auto starts = by_start_.find(text.substr(at, start_bytes));
  if (starts == by_start_.end()) return 0;
  for (const std::size_t size : starts->second) {
    const std::size_t end = at + size;
    if (end > text.size()) continue;
    const std::string value = text.substr(at, size);
    if (known_.count(value) == 0) continue;
    const bool open_before = at == 0 || !wordy(value.front()) || !wordy(text[at - 1]);
    const bool open_after = end == text.size() || !wordy(value.back()) || !wordy(text[end]);
    if (value.find('@') != std::string::npos || (open_before && open_after)) return size;
  }
  return 0;
}

std::string Pseudonyms::replace(std::string_view text, const Ranges& fixed) {
  if (known_.empty() || text.size() < start_bytes) return std::string(text);
  const std::string plain = folded(text);
  std::string out;
  auto range = fixed.begin();
  for (std::size_t at = 0; at < text.size();) {
    while (range != fixed.end() && range->second <= at) ++range;
    std::size_t size = match(plain, at);
    if (range != fixed.end() && range->first <= at && at + size <= range->second) size = 0;
    if (size == 0) {
      out += text[at++];
    } else {
      out += of(text.substr(at, size));
      at += size;
    }
  }
  return out;
}

}  // namespace fconn::har
