// What a line of the REPL is. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fconn::repl {

enum class LineKind : std::uint8_t { nothing, command, question, expression };

struct Line {
  LineKind kind = LineKind::nothing;
  std::string name;  // of a command, as typed: "run"; what a question asks for
  std::string rest;  // of a command, trimmed; the whole expression
};

/// ":run user" is a command, "?name" a question, "# …" and blanks nothing; all else an expression.
Line parse_line(std::string_view text);

/// Whether brackets, quotes or holes of a text are open, so that more lines belong to it.
bool needs_more(std::string_view text);

/// Words between blanks; "…" and '…' keep blanks (and lose their quotes).
std::vector<std::string> words_of(std::string_view text);

struct CommandInfo {
  static constexpr std::size_t any = ~std::size_t{0};
  std::string_view name;
  std::string_view letter;   // a short form that is its own: "s"; may be empty
  std::size_t most;          // words that it takes; any: what it takes is a text
  std::string_view usage;    // "[COLLECTION]"
  std::string_view summary;  // one sentence
  std::string_view detail;   // more, for ?name; may be empty
};
/// All commands, in the order of :help.
std::span<const CommandInfo> commands();
/// By its name, its letter, or a beginning that no other command has; null when there is none.
const CommandInfo* find_command(std::string_view name);
/// What to say of a name that find_command doesn't know.
struct Unknown {
  std::string text, help;
};
Unknown unknown_command(std::string_view name);
/// The overview of :help.
std::string commands_text();
/// One command's page.
std::string command_text(const CommandInfo& info);

}  // namespace fconn::repl
