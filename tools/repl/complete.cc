#include "tools/repl/complete.hh"

#include <algorithm>
#include <utility>

#include "tools/repl/command.hh"

namespace fconn::repl {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Completer {
 public:
  Completer(std::string_view text, const Names& names) : text_(text), names_(names) {}

  Completion run() {
    const std::size_t begin = text_.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
      word_at(text_.size());
      for (const CommandInfo& info : commands()) offer(":" + std::string(info.name));
      return done();
    }
    if (text_[begin] == '?') {
      word_at(begin + 1);
      for (const CommandInfo& info : commands()) offer(std::string(info.name));
      for (const auto* all :
           {&names_.functions, &names_.strategies, &names_.clauses, &names_.collections,
            &names_.params, &names_.secrets, &names_.identities, &names_.externals}) {
        offer(*all);
      }
      return done();
    }
    if (text_[begin] != ':') {
      expression();
      return done();
    }
    const std::size_t blank = text_.find_first_of(" \t", begin);
    if (blank == std::string_view::npos) {
      word_at(begin);
      for (const CommandInfo& info : commands()) offer(":" + std::string(info.name));
      return done();
    }
    const CommandInfo* info = find_command(text_.substr(begin + 1, blank - begin - 1));
    last_word();
    if (info != nullptr) arguments(info->name, text_.substr(blank, out_.begin - blank));
    return done();
  }

 private:
  void word_at(std::size_t begin) {
    out_.begin = begin;
    word_ = text_.substr(begin);
  }
  void last_word() {
    const std::size_t blank = text_.find_last_of(" \t");
    word_at(blank == std::string_view::npos ? 0 : blank + 1);
  }
  void offer(const std::string& word) {
    if (word.starts_with(word_)) out_.words.push_back(word);
  }
  void offer(const std::vector<std::string>& words) {
    for (const std::string& word : words) offer(word);
  }
  Completion done() {
    std::sort(out_.words.begin(), out_.words.end());
    out_.words.erase(std::unique(out_.words.begin(), out_.words.end()), out_.words.end());
    return std::move(out_);
  }

  void arguments(std::string_view command, std::string_view before) {
    const std::vector<std::string> words = words_of(before);
    if (command == "run" || command == "step" || command == "rows" || command == "ir" ||
        command == "list") {
      if (command == "list") offer(names_.requests);
      offer(names_.collections);
    } else if (command == "why" || command == "explain") {
      if (words.empty()) offer(names_.collections);
    } else if (command == "show" || command == "curl") {
      offer(names_.requests);
    } else if (command == "help") {
      for (const CommandInfo& info : commands()) offer(std::string(info.name));
    } else if (command == "set" || command == "unset") {
      settings(command == "set" ? "=" : "");
    } else if (command == "break" || command == "until") {
      if (words.empty() || (words.size() == 1 && words[0] == "on")) {
        offer(names_.collections);
        if (words.empty() && command == "break") offer("on");
        if (word_.empty()) return;
      }
      const Completion named = std::exchange(out_, {});
      expression();
      if (out_.begin == named.begin) offer(named.words);
    } else if (command == "edit") {
      if (words.empty()) return offer({"header", "query", "body", "method", "url"});
      if (words.size() == 1 && words[0] == "header") offer(names_.headers);
      if (words.size() == 1 && words[0] == "query") offer(names_.query);
    } else if (command == "save") {
      if (words.empty()) offer("case");
    } else if (command == "reveal") {
      offer("on");
      offer("off");
    }
  }

  void settings(const std::string& end) {
    const auto all = [&](std::string_view kind, const std::vector<std::string>& names) {
      for (const std::string& name : names) offer(std::string(kind) + "." + name + end);
    };
    if (word_.find('=') == std::string_view::npos) {
      all("identity", names_.identities);
      all("param", names_.params);
      all("external", names_.externals);
      all("secret", names_.secrets);
    } else if (word_.starts_with("secret.")) {
      const std::string start(word_.substr(0, word_.find('=') + 1));
      offer(start + "env:");
      offer(start + "file:");
    }
  }

  /// The name or path that ends where the text does.
  void expression() {
    std::size_t begin = text_.size();
    while (begin > 0 && is_name(text_[begin - 1])) --begin;
    if (begin == 0 || text_[begin - 1] != '.') {
      word_at(begin);
      offer(names_.values);
      offer(names_.params);
      offer(names_.secrets);
      offer(names_.identities);
      for (const std::string& function : names_.functions) offer(function + "(");
      return;
    }
    word_at(begin);
    if (!names_.members) return;
    offer(names_.members(path_before(begin - 1)));
  }

  /// The path that ends at `end`: ".items[0]" of ".items[0].na".
  std::string_view path_before(std::size_t end) const {
    std::size_t begin = end;
    while (begin > 0) {
      const char c = text_[begin - 1];
      if (is_name(c) || c == '.') {
        --begin;
      } else if (c == ']') {
        const std::size_t open = text_.rfind('[', begin - 1);
        if (open == std::string_view::npos) break;
        begin = open;
      } else {
        break;
      }
    }
    const std::string_view path = text_.substr(begin, end - begin);
    return path.empty() ? std::string_view(".") : path;
  }

  std::string_view text_;
  const Names& names_;
  std::string_view word_;
  Completion out_;
};

}  // namespace

Completion complete(std::string_view line, std::size_t cursor, const Names& names) {
  return Completer(line.substr(0, std::min(cursor, line.size())), names).run();
}

}  // namespace fconn::repl
