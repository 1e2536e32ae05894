// The JSON form out: compact text by the field table, then, if asked for, laid out.
#include <type_traits>

#include "interpreter/ir/fields.hh"
#include "interpreter/ir/names.hh"
#include "interpreter/value/value.hh"

namespace fconn::ir {
namespace {

template <class T>
bool is_default(const T& value) {
  if constexpr (Record<T>) {
    return false;
  } else if constexpr (requires { value.empty(); }) {
    return value.empty();
  } else {
    return value == T{};
  }
}

class Writer {
 public:
  void document(const Connector& connector) {
    out_ += "{\"fconn_ir\":" + std::to_string(format_version);
    members(connector);
    out_ += '}';
  }
  std::string take() { return std::move(out_); }

 private:
  template <class T>
  void members(const T& object) {
    [[maybe_unused]] static const T defaults{};
    Fields<T>::visit([&](std::string_view key, auto member, Presence presence) {
      const auto& value = object.*member;
      if (presence == Presence::optional && left_out(value, defaults.*member)) return;
      if (out_.back() != '{') out_ += ',';
      value::append_json_string(key, out_);
      out_ += ':';
      write(value);
    });
  }

  template <class T>
  static bool left_out(const T& value, const T& standard) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      return value == standard;
    } else {
      (void)standard;
      return is_default(value);
    }
  }
  template <class T>
  static bool left_out(const std::optional<T>& value, const std::optional<T>&) {
    return !value.has_value();
  }

  void write(const std::string& text) { value::append_json_string(text, out_); }
  void write(bool value) { out_ += value ? "true" : "false"; }
  void write(const Span& span) {
    out_ += '[' + std::to_string(span.file.value) + ',' + std::to_string(span.begin) + ',' +
            std::to_string(span.end) + ']';
  }
  void write(const StatusRange& range) {
    out_ += '[' + std::to_string(range.low) + ',' + std::to_string(range.high) + ']';
  }
  template <class Tag>
  void write(Id<Tag> id) {
    out_ += std::to_string(id.value);
  }
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) void write(T value) {
    out_ += std::to_string(value);
  }
  template <class T>
  requires std::is_enum_v<T>
  void write(T value) {
    out_ += '"';
    out_ += enum_name(value);
    out_ += '"';
  }
  template <class T>
  void write(const std::optional<T>& value) {
    write(*value);
  }
  template <class T>
  void write(const std::vector<T>& values) {
    out_ += '[';
    for (const T& value : values) {
      if (&value != values.data()) out_ += ',';
      write(value);
    }
    out_ += ']';
  }
  template <Record T>
  void write(const T& object) {
    out_ += '{';
    members(object);
    out_ += '}';
  }

  std::string out_;
};

// Breaks every array and object that doesn't fit on a line.
class Layout {
 public:
  explicit Layout(std::string_view json) : json_(json) { find_ends(); }

  std::string take() {
    std::size_t position = 0;
    for (std::size_t next = 0; next < brackets_.size();) {
      const Bracket& open = brackets_[next];
      scalars(position, open.begin);
      if (indent_ > 0 && open.end - open.begin + 2 * indent_ < width) {
        inline_text(open.begin, open.end + 1);
        position = open.end + 1;
        while (next < brackets_.size() && brackets_[next].begin < position) ++next;
        continue;
      }
      out_ += json_[open.begin];
      ++indent_;
      new_line();
      position = open.begin + 1;
      ++next;
    }
    scalars(position, json_.size());
    out_ += '\n';
    return std::move(out_);
  }

 private:
  static constexpr std::size_t width = 100;
  struct Bracket {
    std::size_t begin, end;
  };

  void find_ends() {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < json_.size(); ++i) {
      const char c = json_[i];
      if (c == '"') {
        i = string_end(i);
      } else if (c == '{' || c == '[') {
        open.push_back(brackets_.size());
        brackets_.push_back({i, i});
      } else if (c == '}' || c == ']') {
        brackets_[open.back()].end = i;
        open.pop_back();
      }
    }
  }
  std::size_t string_end(std::size_t i) const {
    for (++i; json_[i] != '"'; ++i) {
      if (json_[i] == '\\') ++i;
    }
    return i;
  }
  void new_line() {
    out_ += '\n';
    out_.append(2 * indent_, ' ');
  }
  // Text between two opening brackets: scalars, separators and closing brackets of broken parents.
  void scalars(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const char c = json_[i];
      if (c == '"') {
        const std::size_t last = string_end(i);
        out_ += json_.substr(i, last - i + 1);
        i = last;
      } else if (c == ',') {
        out_ += c;
        new_line();
      } else if (c == '}' || c == ']') {
        --indent_;
        new_line();
        out_ += c;
      } else {
        out_ += c;
        if (c == ':') out_ += ' ';
      }
    }
  }
  void inline_text(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const char c = json_[i];
      if (c == '"') {
        const std::size_t last = string_end(i);
        out_ += json_.substr(i, last - i + 1);
        i = last;
        continue;
      }
      out_ += c;
      if (c == ',' || c == ':') out_ += ' ';
    }
  }

  std::string_view json_;
  std::vector<Bracket> brackets_;
  std::size_t indent_ = 0;
  std::string out_;
};

}  // namespace

std::string to_json(const Connector& connector, bool pretty) {
  Writer writer;
  writer.document(connector);
  std::string compact = writer.take();
  return pretty ? Layout(compact).take() : compact;
}

}  // namespace fconn::ir
