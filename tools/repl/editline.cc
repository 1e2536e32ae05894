// Line editing by libedit. ^C is a key like any other here (the terminal's signals are off while a
// line is typed), so no signal handler has to leave a library's function.
#include <fcntl.h>
#include <langinfo.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>

#include "tools/repl/editline_library.hh"
#include "tools/repl/line_reader.hh"

namespace fconn::repl {

using value::Result;

namespace {

constexpr int kept_entries = 2000;
constexpr const char* library_file = "libedit.so.2";
constexpr const char* library_package = "libedit2";

/// libedit reads bytes as the locale says, and knows no character beyond ASCII in "C".
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::string common_start(const std::vector<std::string>& words) {
  std::string common = words.front();
  for (const std::string& word : words) {
    const auto differ = std::mismatch(common.begin(), common.end(), word.begin(), word.end());
    common.erase(differ.first, common.end());
  }
  while (!common.empty() && (static_cast<unsigned char>(common.back()) & 0xC0U) == 0x80U) {
    common.pop_back();
  }
  return common;
}

class EditingReader final : public LineReader {
 public:
  EditingReader(const EditlineLibrary& library, std::string file)
      : library_(library), file_(std::move(file)) {
    use_utf8();
    history_ = library_.history_init();
    HistEvent event;
    library_.history(history_, &event, H_SETSIZE, kept_entries);
    library_.history(history_, &event, H_SETUNIQUE, 1);
    if (!file_.empty()) library_.history(history_, &event, H_LOAD, file_.c_str());
    edit_ = library_.el_init("fconn", stdin, stderr, stderr);
    library_.el_set(edit_, EL_CLIENTDATA, this);
    library_.el_set(edit_, EL_PROMPT, &EditingReader::prompt_of);
    library_.el_set(edit_, EL_EDITOR, "emacs");
    // Signals from outside put the terminal right before they do what they do.
    library_.el_set(edit_, EL_SIGNAL, 1);
    library_.el_set(edit_, EL_HIST, library_.history, history_);
    add_key("fconn-complete", "Completes the word", "\t", &EditingReader::on_tab);
    add_key("fconn-interrupt", "Gives the line up", "\x03", &EditingReader::on_interrupt);
    add_key("fconn-suspend", "Stops the program", "\x1a", &EditingReader::on_suspend);
    library_.el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    // Keys give characters, not signals.
    library_.el_set(edit_, EL_SETTY, "-d", "-isig", nullptr);
  }

  ~EditingReader() override {
    library_.el_end(edit_);
    library_.history_end(history_);
  }
  EditingReader(const EditingReader&) = delete;
  EditingReader& operator=(const EditingReader&) = delete;

  Typed read(const std::string& prompt, const Completer& completer) override {
    prompt_ = prompt;
    completer_ = &completer;
    interrupted_ = false;
    // Before the prompt is there: a ^C that comes with it is a key already.
    library_.el_set(edit_, EL_PREP_TERM, 1);
    int count = 0;
    const char* line = library_.el_gets(edit_, &count);
    completer_ = nullptr;
    if (interrupted_) return {LineEnd::interrupted, ""};
    if (line == nullptr || count <= 0) {
      std::fputc('\n', stderr);
      return {LineEnd::ended, ""};
    }
    Typed typed{LineEnd::line, std::string(line, static_cast<std::size_t>(count))};
    while (typed.text.ends_with('\n') || typed.text.ends_with('\r')) typed.text.pop_back();
    return typed;
  }

  void remember(const std::string& text) override {
    HistEvent event;
    if (text.empty()) return;
    library_.history(history_, &event, H_ENTER, text.c_str());
    if (file_.empty()) return;
    // Made here, so that nobody else could ever read it.
    const int made = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made < 0) return;
    ::fchmod(made, S_IRUSR | S_IWUSR);
    ::close(made);
    library_.history(history_, &event, H_SAVE, file_.c_str());
  }

 private:
  using Key = unsigned char (*)(EditLine*, int);
  void add_key(const char* name, const char* help, const char* key, Key function) {
    library_.el_set(edit_, EL_ADDFN, name, help, function);
    library_.el_set(edit_, EL_BIND, key, name, nullptr);
  }

  /// A key's function gets the EditLine alone, and the way to this object is in it.
  static const EditlineGetter& getter() {
    static const EditlineGetter loaded =
        *value::load_library<EditlineGetter>(library_file, library_package);
    return loaded;
  }

  static EditingReader& of(EditLine* edit) {
    void* data = nullptr;
    getter().el_get(edit, EL_CLIENTDATA, &data);
    return *static_cast<EditingReader*>(data);
  }

  static char* prompt_of(EditLine* edit) { return of(edit).prompt_.data(); }

  static unsigned char on_interrupt(EditLine* edit, int /*key*/) {
    of(edit).interrupted_ = true;
    std::fputs("^C\n", stderr);
    return CC_EOF;
  }

  static unsigned char on_suspend(EditLine* edit, int /*key*/) {
    const EditingReader& reader = of(edit);
    reader.library_.el_set(edit, EL_PREP_TERM, 0);
    std::raise(SIGTSTP);
    reader.library_.el_set(edit, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
  }

  static unsigned char on_tab(EditLine* edit, int /*key*/) { return of(edit).complete_word(); }

  unsigned char complete_word() {
    const LineInfo* line = library_.el_line(edit_);
    const std::string_view text(line->buffer,
                                static_cast<std::size_t>(line->lastchar - line->buffer));
    const auto cursor = static_cast<std::size_t>(line->cursor - line->buffer);
    const Completion found = (*completer_)(text, cursor);
    if (found.words.empty()) return CC_REFRESH_BEEP;
    const std::string word(text.substr(found.begin, cursor - found.begin));
    const std::string common = common_start(found.words);
    const bool only = found.words.size() == 1;
    const bool stays = only && (common.ends_with('(') || common.ends_with('=') ||
                                common.ends_with(':') || common.ends_with('.'));
    const std::string more = common.substr(word.size()) + (only && !stays ? " " : "");
    if (!more.empty()) {
      library_.el_insertstr(edit_, more.c_str());
      return CC_REFRESH;
    }
    list(found.words);
    return CC_REDISPLAY;
  }

  static void list(const std::vector<std::string>& words) {
    constexpr std::size_t screen = 80, most = 200;
    std::size_t width = 0;
    for (const std::string& word : words) width = std::max(width, word.size() + 2);
    const std::size_t columns = std::max<std::size_t>(1, screen / width);
    std::string out = "\n";
    for (std::size_t i = 0; i < std::min(most, words.size()); ++i) {
      std::string cell = words[i];
      const bool ends = (i + 1) % columns == 0 || i + 1 == std::min(most, words.size());
      if (!ends) cell.resize(width, ' ');
      out += cell + (ends ? "\n" : "");
    }
    if (words.size() > most) out += "… " + std::to_string(words.size() - most) + " more\n";
    std::fputs(out.c_str(), stderr);
  }

  EditlineLibrary library_;
  std::string file_;
  History* history_ = nullptr;
  EditLine* edit_ = nullptr;
  std::string prompt_;
  const Completer* completer_ = nullptr;
  bool interrupted_ = false;
};

}  // namespace

Result<std::unique_ptr<LineReader>> make_editing_reader(const std::string& history) {
  auto library = value::load_library<EditlineLibrary>(library_file, library_package);
  if (!library) return value::fail(std::move(library.error()));
  return std::unique_ptr<LineReader>(std::make_unique<EditingReader>(*library, history));
}

}  // namespace fconn::repl
