#include "tools/repl/command.hh"

#include <algorithm>

#include "grammar/diagnostics.hh"

namespace fconn::repl {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

constexpr std::size_t any = CommandInfo::any;

constexpr CommandInfo table[] = {
    {"help", "h", 1, "[COMMAND]", "Lists the commands, or explains one.", ""},
    {"run", "r", any, "[COLLECTION…]",
     "Runs collections, with what they need, up to the next breakpoint.",
     "With an identity set it is an access request, without one plain reading. Requests go out one "
     "at a time, so that a run can be followed. ^C ends it."},
    {"step", "s", any, "[COLLECTION…]", "Sends one request and shows all that comes of it.",
     "The first :step begins a run and stops before its first request. Each further one sends the "
     "request, shows the answer, every clause with its value and why each row was kept or dropped, "
     "and stops before the next request. An empty line does it again."},
    {"next", "n", 0, "", "Goes on to the next request of another collection.",
     "Further pages, steps of the chain and repetitions are sent with a line each. An empty line "
     "does it again."},
    {"until", "u", any, "COLLECTION | rN | STATUS | EXPRESSION",
     "Goes on until a breakpoint that counts this once.",
     "`:until order` stops before its first request, `:until r40` before that one, `:until 4xx` "
     "and "
     "`:until .next == null` after an answer for which it holds."},
    {"continue", "c", 0, "", "Goes on to the next breakpoint, or to the end.", ""},
    {"stop", "", 0, "", "Ends the run that waits at a breakpoint.", ""},
    {"where", "w", 0, "", "Says what waits, and what the run has done so far.", ""},
    {"list", "l", 1, "[COLLECTION | rN]", "Shows the connector's text around a request.",
     "The arrow is at the request that waits, or came last."},
    {"break", "b", any, "[on] [COLLECTION | STATUS | EXPRESSION]",
     "Sets a breakpoint, or lists them.",
     "on member: before each request of that collection. on 404, on 4xx: after an answer with such "
     "a status. on .items == []: after an answer for which the expression holds."},
    {"delete", "d", 1, "[N]", "Removes a breakpoint, or all.", ""},
    {"set", "", any,
     "[identity.NAME=VALUE | param.NAME=VALUE | external.NAME=VALUE | "
     "secret.NAME=env:VAR | secret.NAME=file:PATH]",
     "Sets a value for the next run, or lists all.",
     "+= adds a further value of an identity or external. A secret is always named by where it is "
     "found, so that no history holds it."},
    {"unset", "", 1, "identity.NAME | param.NAME | …", "Takes a value back.", ""},
    {"requests", "", 0, "", "Lists the requests of the last run.", ""},
    {"show", "", 1, "[rN]", "Shows a request and its answer again, in full.",
     "It becomes the one that expressions, :row, :curl, :list and :edit look at."},
    {"rows", "", 2, "[COLLECTION] [N]", "Shows rows that the last run gave.", ""},
    {"row", "", 1, "[N]",
     "Makes row N of the answer what `.` is; without N, the whole answer again.", ""},
    {"why", "", any, "COLLECTION | COLLECTION N | TEXT",
     "Why a collection ended as it did, or a row was kept or dropped.",
     "`:why member` says how it ended, `:why member 3` follows the third row that came, and "
     "`:why ada@example.com` every row that holds this value."},
    {"explain", "", any, "COLLECTION | CODE", "As :why; with a code such as F0203, what it means.",
     ""},
    {"edit", "e", any, "[header X: y | query a=b | body JSON | method M | url U]",
     "Changes the request that waits, or the last one.",
     "Alone it opens the request in $VISUAL or $EDITOR. `header X` and `query a` without a value "
     "take one out. A waiting request is sent by :step or :continue, another one by :resend. A "
     "signature that it bears isn't made anew."},
    {"resend", "", 0, "", "Sends the edited request and shows the answer, outside of any run.",
     "^C gives it up."},
    {"curl", "", 1, "[rN]", "Prints the request as a curl command.",
     "Secrets are written as $NAME unless :reveal is on."},
    {"save", "", 2, "case NAME",
     "Writes what was exchanged as a contract test beside the connector.",
     "Secrets and personal values are replaced by stand-ins, the same value by the same one, and "
     "the test is run before it counts. NAME.test.fconn is never overwritten."},
    {"plan", "", 0, "", "Which collections would run, in what order, and why.", ""},
    {"graph", "", 0, "", "Which collection feeds which.", ""},
    {"ir", "", 1, "[COLLECTION]", "The compiled form.", ""},
    {"load", "", 1, "TARGET", "Looks at another connector; breakpoints and settings stay.", ""},
    {"reload", "", 0, "", "Compiles the files again; saving one does it, too.", ""},
    {"reveal", "", 1, "[on | off]", "Shows secrets as they are, or masks them again.", ""},
    {"quit", "q", 0, "", "Leaves; ^D does, too.", ""},
};

/// Follows strings of the language through a text: what is open at its end.
class Nesting {
 public:
  explicit Nesting(std::string_view text) : text_(text) {}

  bool open() {
    code(0, '\0');
    return open_;
  }

 private:
  bool at(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }

  /// Code up to `end`, the bracket that closes it.
  void code(int depth, char end) {
    constexpr int deepest = 256;
    if (depth > deepest) return;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == end && end != '\0') {
        ++at_;
        return;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"' || c == '\'') {
        string(depth);
      } else if (c == '(' || c == '[' || c == '{') {
        ++at_;
        code(depth + 1, c == '(' ? ')' : c == '[' ? ']' : '}');
      } else {
        ++at_;
      }
    }
    open_ = open_ || end != '\0';
  }

  void string(int depth) {
    const char quote = text_[at_];
    const std::string three(3, quote);
    const std::string mark = at(three) ? three : std::string(1, quote);
    at_ += mark.size();
    while (at_ < text_.size()) {
      if (at(mark)) {
        at_ += mark.size();
        return;
      }
      if (quote == '"' && text_[at_] == '\\') {
        at_ = std::min(at_ + 2, text_.size());
      } else if (quote == '"' && text_[at_] == '{') {
        ++at_;
        code(depth + 1, '}');
      } else {
        ++at_;
      }
    }
    open_ = true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool open_ = false;
};

}  // namespace

Line parse_line(std::string_view text) {
  text = trimmed(text);
  Line line;
  if (text.empty() || text[0] == '#') return line;
  if (text[0] == '?') {
    line.kind = LineKind::question;
    line.name = trimmed(text.substr(1));
    return line;
  }
  if (text[0] != ':') {
    line.kind = LineKind::expression;
    line.rest = text;
    return line;
  }
  line.kind = LineKind::command;
  std::size_t end = 1;
  while (end < text.size() && is_word(text[end])) ++end;
  line.name = text.substr(1, end - 1);
  line.rest = trimmed(text.substr(end));
  return line;
}

bool needs_more(std::string_view text) {
  const Line line = parse_line(text);
  if (line.kind == LineKind::expression) return Nesting(text).open();
  // What such commands take may be an expression or a JSON text.
  const CommandInfo* info = line.kind == LineKind::command ? find_command(line.name) : nullptr;
  if (info == nullptr) return false;
  if (info->name != "edit" && info->name != "break" && info->name != "until") return false;
  if (info->name == "edit" && !line.rest.starts_with("body")) return false;
  return Nesting(line.rest).open();
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (const char c : text) {
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (blanks.find(c) != std::string_view::npos) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

std::span<const CommandInfo> commands() { return table; }

const CommandInfo* find_command(std::string_view name) {
  if (name.empty()) return nullptr;
  for (const CommandInfo& info : table) {
    if (info.name == name || info.letter == name) return &info;
  }
  const CommandInfo* found = nullptr;
  for (const CommandInfo& info : table) {
    if (!info.name.starts_with(name)) continue;
    if (found != nullptr) return nullptr;
    found = &info;
  }
  return found;
}

Unknown unknown_command(std::string_view name) {
  const std::string shown = "':" + std::string(name) + "'";
  std::vector<std::string> all;
  std::string beginnings;
  for (const CommandInfo& one : table) {
    all.emplace_back(one.name);
    if (!name.empty() && one.name.starts_with(name)) {
      beginnings += (beginnings.empty() ? ":" : ", :") + std::string(one.name);
    }
  }
  if (!beginnings.empty()) return {shown + " could be " + beginnings, ""};
  const auto near = grammar::did_you_mean(name, all);
  return {"there is no command " + shown,
          near ? "did you mean ':" + *near + "'?" : "`:help` lists them"};
}

std::string commands_text() {
  constexpr std::size_t column = 14;
  std::string out;
  for (const CommandInfo& info : table) {
    std::string line = "  :" + std::string(info.name);
    if (!info.letter.empty()) line += " :" + std::string(info.letter);
    line.resize(std::max(line.size() + 1, column + 2), ' ');
    out += line + std::string(info.summary) + "\n";
  }
  out +=
      "  ?NAME         Explains a function, strategy, clause, collection, parameter or command.\n"
      "Anything else is an expression: `.` is the last answer (or a row of it), `status`, "
      "`headers`,\n"
      "`rows`, parameters, identities and what a `for` or `let` binds go by their names.\n";
  return out;
}

std::string command_text(const CommandInfo& info) {
  std::string out = ":" + std::string(info.name);
  if (!info.usage.empty()) out += " " + std::string(info.usage);
  if (!info.letter.empty()) out += "    short: :" + std::string(info.letter);
  out += "\n" + std::string(info.summary) + "\n";
  if (!info.detail.empty()) out += std::string(info.detail) + "\n";
  return out;
}

}  // namespace fconn::repl
