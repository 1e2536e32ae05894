#include "tools/har/body_walk.hh"

#include <algorithm>
#include <charconv>

#include "interpreter/http/url.hh"
#include "interpreter/value/markup.hh"
#include "interpreter/value/utf8.hh"
#include "interpreter/value/value.hh"

namespace fconn::har {
namespace {

constexpr std::size_t max_open = 128;  // elements whose names are kept
constexpr std::string_view spaces = " \t\r\n";

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string without_entities(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    if (text.front() != '&' || end == std::string_view::npos || end > 10) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::string_view name = text.substr(1, end - 1);
    unsigned code = 0;
    if (name.starts_with('#')) {
      const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      const char* const first = name.data() + (hex ? 2 : 1);
      const char* const last = name.data() + name.size();
      if (std::from_chars(first, last, code, hex ? 16 : 10).ptr != last) code = 0;
    } else {
      constexpr std::pair<std::string_view, unsigned> known[] = {
          {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xA0}};
      for (const auto& [spelling, meant] : known) code = spelling == name ? meant : code;
    }
    if (code == 0) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    value::append_utf8(out, code);
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string with_entities(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (const std::string_view reference = value::markup_reference(c); !reference.empty()) {
      out += reference;
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += c;
    }
  }
  return out;
}

class Markup {
 public:
  Markup(std::string_view text, const RewriteAt& rewrite) : text_(text), rewrite_(rewrite) {}

  std::string walk() {
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        escaped(upto(std::min(text_.find('<', at_), text_.size())));
      } else if (starts("<!--")) {
        within(4, "-->", {});
      } else if (starts("<![CDATA[")) {
        within(9, "]]>", open_);
      } else if (starts("<?") || starts("<!")) {
        out_ += upto(behind('>'));
      } else {
        tag();
      }
    }
    return std::move(out_);
  }

 private:
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }
  std::size_t behind(char c) const {
    const std::size_t found = text_.find(c, at_);
    return found == std::string_view::npos ? text_.size() : found + 1;
  }
  std::string_view upto(std::size_t end) {
    const std::string_view out = text_.substr(at_, end - at_);
    at_ = end;
    return out;
  }

  void escaped(std::string_view raw) {
    const std::size_t begin = raw.find_first_not_of(spaces);
    if (begin == std::string_view::npos) {
      out_ += raw;
      return;
    }
    const std::size_t end = raw.find_last_not_of(spaces) + 1;
    const std::string plain = without_entities(raw.substr(begin, end - begin));
    const std::string written = rewrite_(open_, plain);
    out_ += raw.substr(0, begin);
    out_ += written == plain ? std::string(raw.substr(begin, end - begin)) : with_entities(written);
    out_ += raw.substr(end);
  }

  void within(std::size_t head, std::string_view tail, const std::vector<std::string>& names) {
    out_ += upto(at_ + head);
    out_ += rewrite_(names, upto(std::min(text_.find(tail, at_), text_.size())));
  }

  void tag() {
    out_ += upto(at_ + 1);
    const bool closing = starts("/");
    if (closing) out_ += upto(at_ + 1);
    const std::string_view name =
        upto(std::min(text_.find_first_of(" \t\r\n/>", at_), text_.size()));
    out_ += name;
    const std::string local(local_name(name));
    if (closing) {
      const auto found = std::find(open_.rbegin(), open_.rend(), local);
      if (found != open_.rend()) open_.erase(std::prev(found.base()), open_.end());
      out_ += upto(behind('>'));
      return;
    }
    if (open_.size() < max_open) open_.push_back(local);
    while (at_ < text_.size() && text_[at_] != '>') attribute();
    const bool empty = !out_.empty() && out_.back() == '/';
    if (empty && !open_.empty() && open_.back() == local) open_.pop_back();
    if (at_ < text_.size()) out_ += upto(at_ + 1);
  }

  /// One attribute, or what else stands in a tag.
  void attribute() {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n=>/", at_), text_.size());
    const std::string_view name = upto(end);
    out_ += name;
    if (at_ == text_.size() || text_[at_] == '>') return;
    const bool equals = text_[at_] == '=';
    out_ += upto(at_ + 1);
    if (!equals || at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return;
    const char quote = text_[at_];
    out_ += upto(at_ + 1);
    std::vector<std::string> names = open_;
    names.emplace_back(local_name(name));
    names.swap(open_);
    escaped(upto(std::min(text_.find(quote, at_), text_.size())));
    names.swap(open_);
  }

  std::string_view text_;
  const RewriteAt& rewrite_;
  std::vector<std::string> open_;
  std::string out_;
  std::size_t at_ = 0;
};

/// The value of `name="…"` in a header line; empty when it isn't there.
std::string_view parameter(std::string_view line, std::string_view name) {
  const std::string wanted = std::string(name) + "=\"";
  for (std::size_t at = line.find(wanted); at != std::string_view::npos;
       at = line.find(wanted, at + 1)) {
    if (at > 0 && line[at - 1] != ' ' && line[at - 1] != ';') continue;  // "filename" has a "name"
    const std::size_t begin = at + wanted.size();
    return line.substr(begin, std::min(line.find('"', begin), line.size()) - begin);
  }
  return {};
}

std::string rewrite_part(std::string_view part, const PartRewrite& rewrite) {
  const bool crlf = part.find("\r\n\r\n") != std::string_view::npos;
  const std::size_t gap = part.find(crlf ? "\r\n\r\n" : "\n\n");
  if (gap == std::string_view::npos) return rewrite.text(part);
  const std::size_t begin = gap + (crlf ? 4 : 2);
  std::string head(part.substr(0, begin));
  const std::string name(parameter(head, "name"));
  const std::string file(parameter(head, "filename"));
  std::string_view content = part.substr(begin);
  const std::size_t tail = content.ends_with("\r\n") ? 2 : content.ends_with('\n') ? 1 : 0;
  const std::string_view line_end = content.substr(content.size() - tail);
  content.remove_suffix(tail);
  if (head.find("filename=") == std::string::npos) {
    return head + rewrite.field(name, content) + std::string(line_end);
  }
  std::string type;
  for (const char* spelling : {"Content-Type:", "content-type:", "Content-type:"}) {
    const std::size_t at = head.find(spelling);
    if (at == std::string::npos) continue;
    const std::size_t value = head.find_first_not_of(' ', at + 13);
    type = head.substr(value, head.find_first_of("\r\n", value) - value);
  }
  if (!file.empty()) head.replace(head.find(file), file.size(), rewrite.text(file));
  return head + rewrite.file(type, content) + std::string(line_end);
}

}  // namespace

std::string rewrite_markup(std::string_view text, const RewriteAt& rewrite) {
  return Markup(text, rewrite).walk();
}

char delimiter_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  char best = ',';
  for (const char c : {';', '\t'}) {
    if (std::count(line.begin(), line.end(), c) > std::count(line.begin(), line.end(), best)) {
      best = c;
    }
  }
  return best;
}

std::string rewrite_csv(std::string_view text, char delimiter, const Rewrite& rewrite) {
  const std::string ends = std::string("\r\n") + delimiter;
  std::vector<std::string> columns;
  std::size_t column = 0;
  bool head = true;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool quoted = text[at] == '"';
    std::string plain;
    const std::size_t begin = at;
    if (quoted) {
      for (++at; at < text.size(); ++at) {
        if (text[at] == '"' && (at + 1 >= text.size() || text[at + 1] != '"')) break;
        if (text[at] == '"') ++at;
        plain += text[at];
      }
      at = std::min(at + 1, text.size());
    }
    const std::size_t end = std::min(text.find_first_of(ends, at), text.size());
    plain += text.substr(at, end - at);
    at = end;
    const std::string name = head || column >= columns.size() ? std::string() : columns[column];
    const std::string written = rewrite(name, plain);
    if (head) columns.push_back(plain);
    if (written == plain) {
      out += text.substr(begin, end - begin);
    } else if (quoted || written.find_first_of(ends + '"') != std::string::npos) {
      out += '"';
      for (const char c : written) out += c == '"' ? std::string("\"\"") : std::string(1, c);
      out += '"';
    } else {
      out += written;
    }
    ++column;
    if (at == text.size()) break;
    if (text[at] != delimiter) {
      head = false;
      column = 0;
    }
    out += text[at++];
    // The second half of CR LF begins no field.
    if (column == 0 && at < text.size() && out.back() == '\r' && text[at] == '\n')
      out += text[at++];
  }
  return out;
}

std::string rewrite_multipart(std::string_view body, const PartRewrite& rewrite) {
  const std::string boundary(body.substr(0, body.find_first_of("\r\n")));
  std::string out;
  while (!body.empty()) {
    const std::size_t next = std::min(body.find(boundary, 1), body.size());
    std::string_view part = body.substr(0, next);
    body.remove_prefix(next);
    const std::size_t line = part.find('\n');
    if (line == std::string_view::npos) {
      out += part;
      continue;
    }
    out += part.substr(0, line + 1);
    part.remove_prefix(line + 1);
    if (!part.empty()) out += rewrite_part(part, rewrite);
  }
  return out;
}

std::string rewrite_members(std::string_view text, const Rewrite& rewrite) {
  std::string out;
  const auto string_end = [text](std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\') ++at;
    }
    return std::min(at + 1, text.size());
  };
  const auto meaning = [](std::string_view written) {
    value::Arena arena;
    const auto parsed = value::parse_json(written, arena);
    const bool string = parsed && parsed->kind == value::Kind::string;
    return string ? std::string(parsed->view()) : std::string(written);
  };
  std::string name;  // of the member whose value comes next
  bool expected = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (text[at] == '"') {
      at = string_end(at);
      const std::string_view written = text.substr(begin, at - begin);
      const std::size_t after = text.find_first_not_of(spaces, at);
      if (!expected && after != std::string_view::npos && text[after] == ':') {
        name = meaning(written);
        out += text.substr(begin, after + 1 - begin);
        at = after + 1;
        expected = true;
        continue;
      }
      const std::string plain = meaning(written);
      const std::string changed = rewrite(expected ? name : std::string_view(), plain);
      if (changed == plain) {
        out += written;
      } else {
        value::append_json_string(changed, out);
      }
      expected = false;
    } else if (expected &&
               std::string_view("-0123456789").find(text[at]) != std::string_view::npos) {
      at = std::min(text.find_first_not_of("-+.eE0123456789", at), text.size());
      const std::string_view number = text.substr(begin, at - begin);
      const std::string changed = rewrite(name, number);
      out += changed.find_first_not_of("-+.eE0123456789") == std::string::npos ? changed : "0";
      expected = false;
    } else {
      if (spaces.find(text[at]) == std::string_view::npos) expected = false;
      out += text[at++];
    }
  }
  return out;
}

}  // namespace fconn::har
