// The loop of the REPL: lines in, commands out.
#include "tools/fconn/repl.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "interpreter/store/memory_store.hh"
#include "tools/fconn/connector_text.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/ports.hh"
#include "tools/fconn/signals.hh"
#include "tools/repl/edit.hh"

namespace fconn::cli {

using repl::LineEnd;
using repl::LineKind;

namespace {

constexpr std::string_view welcome = "`:help` lists the commands, ^D leaves.\n";

/// FNV-1a: tells projects of one name apart in the name of a file.
std::string short_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(hash));
  return std::string(out, 8);
}

}  // namespace

Repl::Repl(Terminal& terminal, RunArgs args, std::string target, bool interactive)
    : terminal_(terminal),
      args_(std::move(args)),
      target_(std::move(target)),
      interactive_(interactive),
      colour_(terminal.error_style().colour && ::isatty(1) == 1),
      passing_tokens_(store::make_memory_store()) {}

Repl::~Repl() = default;

void Repl::out(std::string_view text) {
  // What shows values masks them before it cuts them; this is for all the rest.
  terminal_.print(run_ && !reveal_ ? run_->redactor.redact(text) : std::string(text));
  if (terminal_.finish(exit_code::complete) != exit_code::complete) leaving_ = failed_ = true;
}

bool Repl::wrong(std::string text, std::string help) {
  if (run_ && !reveal_) text = run_->redactor.redact(text);
  terminal_.report({std::move(text), std::move(help), ""});
  return false;
}

int Repl::run() {
  file_ = open_project(args_.config);
  if (file_->problem) terminal_.report(*file_->problem);
  if (grammar::has_errors(file_->diagnostics)) {
    terminal_.report(file_->sources, file_->diagnostics);
  }
  if (file_->problem || grammar::has_errors(file_->diagnostics)) return exit_code::usage;
  Problems problems;
  const RunSettings settings = read_settings(args_, project(), problems);
  terminal_.report(problems);
  if (!problems.empty()) return exit_code::usage;
  clock_ = make_clock(settings.now);
  if (const int code = load_target(target_); code != exit_code::complete) return code;
  if (args_.trace) {
    auto output = sink::Output::create(*args_.trace);
    if (!output) return wrong(output.error().text), exit_code::usage;
    trace_ = std::make_unique<FileTrace>(*std::move(output));
  }
  if (!open_reader()) return exit_code::findings;
  if (interactive_) {
    ignore_interrupts();
    const std::size_t count = connector().collections.size();
    out(connector().name + ": " + std::to_string(count) +
        (count == 1 ? " collection. " : " collections. ") + std::string(welcome));
  }
  while (!leaving_) {
    if (pending_) {
      const std::string text = *std::exchange(pending_, std::nullopt);
      obey(text);
      continue;
    }
    const auto text = next_text();
    if (text) obey(*text);
  }
  if (trace_) {
    if (auto closed = trace_->close(); !closed) failed_ = wrong(closed.error().text) || true;
  }
  return failed_ && !interactive_ ? exit_code::findings : exit_code::complete;
}

/// The connector; without one there is nothing to debug.
int Repl::load_target(const std::string& name) {
  Problem problem;
  const auto target = resolve_target(name, project(), problem);
  if (!target) {
    terminal_.report(problem);
    return exit_code::usage;
  }
  Loaded loaded = load(*target, {args_.strict});
  if (loaded.problem) terminal_.report(*loaded.problem);
  terminal_.report(*loaded.sources, loaded.diagnostics);
  if (!loaded.connector) return loaded.problem ? exit_code::usage : exit_code::findings;
  loaded_ = std::move(loaded);
  target_ = name;
  note_files();
  return exit_code::complete;
}

bool Repl::open_reader() {
  if (!interactive_) {
    reader_ = repl::make_pipe_reader(STDIN_FILENO);
    return true;
  }
  auto editing = repl::make_editing_reader(history_file());
  if (!editing)
    return wrong(editing.error().text, "a pipe needs no line editing: fconn repl < FILE");
  reader_ = *std::move(editing);
  return true;
}

/// One for each project: the folder of its fconn.toml, else of the connector's file.
std::string Repl::history_file() const {
  std::string folder = "bundled";
  const bool bundled = loaded_->target.kind == TargetKind::bundled;
  if (project() != nullptr || !bundled) {
    const std::string place =
        directory_of(project() != nullptr ? project()->path : loaded_->target.source);
    folder = absolute_path(place.empty() ? "." : place);
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  }
  std::string state;
  const char* given = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (given != nullptr && *given == '/') {
    state = given;
  } else if (home != nullptr && *home == '/') {
    state = std::string(home) + "/.local/state";
  } else {
    return "";
  }
  state += "/fconn/repl";
  if (!make_folder(state + "/")) return "";
  return state + "/" + base_name(folder) + "-" + short_hash(folder) + ".history";
}

std::string Repl::prompt() const {
  std::string out = loaded_->key;
  if (waiting() && focus_ != nullptr) out += " " + focus_->name + (at_request_ ? "" : " ←");
  return out + "> ";
}

/// A whole entry, perhaps of several lines. None: nothing was entered.
std::optional<std::string> Repl::next_text() {
  watch_files();
  std::string text;
  bool more = false;
  // A line that goes on is completed as what it is the rest of; a tab before it is a margin.
  const auto completer = [&](std::string_view line, std::size_t cursor) -> repl::Completion {
    if (!more) return repl::complete(line, cursor, names());
    if (line.substr(0, cursor).find_first_not_of(" \t") == std::string_view::npos) {
      return {cursor, {" "}};
    }
    const std::string whole = text + "\n" + std::string(line);
    const std::size_t before = text.size() + 1;
    repl::Completion found = repl::complete(whole, before + cursor, names());
    found.begin = found.begin < before ? cursor : found.begin - before;
    return found;
  };
  do {
    const repl::Typed typed = reader_->read(more ? "... " : prompt(), completer);
    if (typed.end == LineEnd::interrupted) return std::nullopt;
    if (typed.end == LineEnd::ended) {
      if (text.empty()) leaving_ = true;
      break;
    }
    // An empty line ends what would go on for ever.
    if (more && typed.text.find_first_not_of(" \t") == std::string::npos) break;
    if (more) text += '\n';
    text += typed.text;
    more = repl::needs_more(text);
  } while (more);
  if (text.find_first_not_of(" \t\n") == std::string::npos) {
    const bool again = interactive_ && waiting() && !leaving_ && !last_resume_.empty();
    return again ? std::optional(last_resume_) : std::nullopt;
  }
  watch_files();  // what was saved meanwhile is what the line is about
  if (!tells_secret(text)) reader_->remember(text);
  return text;
}

/// What holds a secret is used and forgotten.
bool Repl::tells_secret(const std::string& text) {
  const bool sets =
      text.find("secret.") != std::string::npos && text.find('=') != std::string::npos;
  if (sets && text.find("=env:") == std::string::npos && text.find("=file:") == std::string::npos) {
    return true;
  }
  if (run_ && run_->redactor.redact(text) != text) return true;
  // A credential that is tried out by hand.
  const repl::Line line = repl::parse_line(text);
  const repl::CommandInfo* info =
      line.kind == LineKind::command ? repl::find_command(line.name) : nullptr;
  if (info != nullptr && info->name == "edit" &&
      repl::sets_credential(line.rest, focus_ != nullptr ? &focus_->request : nullptr)) {
    return true;
  }
  if (run_) return false;
  // A secret that a program gives out isn't asked for because somebody typed a line.
  const config::Instance* declared = loaded_->target.instance;
  const bool asks =
      declared != nullptr &&
      std::any_of(declared->secrets.begin(), declared->secrets.end(),
                  [](const auto& one) { return one.second.kind == config::SecretKind::command; });
  const run::Instance* known = known_ ? &*known_ : asks ? nullptr : known_instance();
  if (known == nullptr) return false;
  http::Redactor redactor;
  for (const ir::Param& param : known->connector->params) {
    const auto given = known->params.find(param.name);
    if (!param.secret || given == known->params.end()) continue;
    if (given->second.get().kind == value::Kind::string) redactor.add(given->second.get().view());
  }
  return redactor.redact(text) != text;
}

void Repl::obey(const std::string& text) {
  const repl::Line line = repl::parse_line(text);
  bool good = true;
  switch (line.kind) {
    case LineKind::nothing:
      return;
    case LineKind::question:
      good = question(line.name);
      break;
    case LineKind::expression:
      good = expression(line.rest);
      break;
    case LineKind::command:
      good = command(line);
      break;
  }
  failed_ = failed_ || !good;
}

/// While a run waits: until a line says how it goes on.
Repl::Then Repl::ask() {
  then_ = Then::ask;
  while (then_ == Then::ask) {
    const auto text = next_text();
    if (leaving_) return Then::stop;
    if (text) obey(*text);
    if (leaving_) return Then::stop;
  }
  return then_;
}

bool Repl::unknown(std::string_view name) {
  repl::Unknown said = repl::unknown_command(name);
  return wrong(std::move(said.text), std::move(said.help));
}

bool Repl::command(const repl::Line& line) {
  const repl::CommandInfo* info = repl::find_command(line.name);
  if (info == nullptr) return unknown(line.name);
  const std::string_view name = info->name;
  if (info->most != repl::CommandInfo::any && repl::words_of(line.rest).size() > info->most) {
    return wrong(":" + std::string(name) + " takes " +
                     (info->most == 0 ? "nothing" : std::string(info->usage)),
                 "`:help " + std::string(name) + "` says more");
  }
  const bool repeats = name == "step" || name == "continue" || name == "next";
  last_resume_ = repeats ? ":" + std::string(name) : last_resume_;
  // A new run, or another connector, ends the one that waits; not what can't begin.
  const bool restarts = name == "run" || name == "load" || (name == "step" && !line.rest.empty());
  if (waiting() && restarts) {
    if (!can_begin(name, line.rest)) return false;
    pending_ = ":" + std::string(name) + " " + line.rest;
    then_ = Then::stop;
    return true;
  }
  return obey_command(name, line.rest);
}

/// Whether a :run, :step or :load with these words would begin.
bool Repl::can_begin(std::string_view name, const std::string& rest) {
  if (name != "load") return knows_collections(repl::words_of(rest));
  if (rest.empty()) return wrong(":load needs a target", "an instance, a file or a bundled name");
  Problem problem;
  if (resolve_target(rest, project(), problem)) return true;
  terminal_.report(problem);
  return false;
}

/// What begins a run, or says how it goes on.
bool Repl::moves(std::string_view name, const std::string& rest) {
  if (name == "run") return pace_ = Pace::freely, start(repl::words_of(rest));
  if (name == "step" || name == "next") {
    const Pace pace = name == "step" ? Pace::step : Pace::next;
    if (waiting()) return resume(pace);
    // The first one stops before the first request.
    return pace_ = Pace::step, start(repl::words_of(rest));
  }
  if (name == "continue") return resume(Pace::freely);
  if (name == "until") return until(rest);
  if (!waiting()) return wrong("no run waits");
  then_ = Then::stop;
  return true;
}

bool Repl::obey_command(std::string_view name, const std::string& rest) {
  for (const std::string_view moving : {"run", "step", "next", "continue", "until", "stop"}) {
    if (name == moving) return moves(name, rest);
  }
  if (name == "help") {
    if (rest.empty()) return out(repl::commands_text()), true;
    return question(rest.starts_with(':') ? rest : ":" + rest);
  }
  if (name == "where") return where();
  if (name == "list") return list(rest);
  if (name == "break") return add_break(rest);
  if (name == "delete") return drop_break(rest);
  if (name == "set") return set(rest);
  if (name == "unset") return unset(rest);
  if (name == "requests") return list_requests();
  if (name == "show") return show(rest);
  if (name == "rows") return list_rows(rest);
  if (name == "row") return choose_row(rest);
  if (name == "why") return why(rest);
  if (name == "explain") return explain(rest);
  if (name == "edit") return edit(rest);
  if (name == "resend") return resend();
  if (name == "curl") return curl(rest);
  if (name == "save") return save(rest);
  if (name == "plan") return plan();
  if (name == "graph") return out(graph_text(connector())), true;
  if (name == "ir") return ir(rest);
  if (name == "load") return load_other(rest);
  if (name == "reload") return reload(true);
  if (name == "reveal") {
    if (!rest.empty() && rest != "on" && rest != "off") return wrong(":reveal is on or off");
    reveal_ = rest.empty() ? !reveal_ : rest == "on";
    out(reveal_ ? "secrets are shown as they are\n" : "secrets are masked\n");
    return true;
  }
  leaving_ = true;  // quit
  return true;
}

bool Repl::load_other(const std::string& name) {
  if (!can_begin("load", name) || load_target(name) != exit_code::complete) return false;
  run_.reset();
  focus_ = last_answer_ = nullptr;
  resent_.reset();
  draft_.reset();
  row_.reset();
  out(connector().name + " loaded\n");
  return true;
}

// ---- files that change -------------------------------------------------------------------------

Repl::Stamp Repl::stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {path, -1, 0, false};
  constexpr std::int64_t nanoseconds = 1'000'000'000;
  return {path, found.st_mtim.tv_sec * nanoseconds + found.st_mtim.tv_nsec, found.st_size, false};
}

void Repl::note_files() {
  stamps_.clear();
  std::vector<std::string> paths;
  for (std::uint32_t i = 0; i < loaded_->sources->size(); ++i) {
    paths.emplace_back(loaded_->sources->name(grammar::FileId{i}));
  }
  if (paths.empty()) paths.push_back(loaded_->target.source);  // compiled IR
  for (const std::string& path : paths) {
    if (!path.starts_with('<')) stamps_.push_back(stamp_of(path));
  }
}

/// Saving a file compiles it again.
void Repl::watch_files() {
  for (Stamp& old : stamps_) {
    const Stamp now = stamp_of(old.path);
    if (now.changed == old.changed && now.size == old.size) continue;
    if (now.changed < 0 && !old.said_gone) {
      old.said_gone = true;
      out(old.path + " is gone; the text from before stays in use\n");
    }
    if (now.changed < 0 || now.size == 0) continue;  // an editor is just writing it
    out(old.path + " has changed\n");
    reload(false);
    return;
  }
}

/// Settings, breakpoints and the last run stay; so does the old text when the new one is wrong.
bool Repl::reload(bool asked) {
  Problem problem;
  const auto target = resolve_target(target_, project(), problem);
  if (!target) {
    terminal_.report(problem);
    return false;
  }
  Loaded loaded = load(*target, {args_.strict});
  if (loaded.problem) terminal_.report(*loaded.problem);
  terminal_.report(*loaded.sources, loaded.diagnostics);
  if (!loaded.connector) {
    for (Stamp& stamp : stamps_) stamp = stamp_of(stamp.path);
    if (!asked) failed_ = true;
    out("the text from before stays in use\n");
    return false;
  }
  loaded_ = std::move(loaded);
  note_files();
  out("reloaded" +
      std::string(waiting() ? "; the run that waits goes on with the old text\n" : "\n"));
  return true;
}

}  // namespace fconn::cli
