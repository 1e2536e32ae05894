// What a person or a pipe types into the REPL: lines, half lines to complete, edited requests.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tools/repl/command.hh"
#include "tools/repl/complete.hh"
#include "tools/repl/edit.hh"
#include "tools/repl/fold.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fconn;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const repl::Line line = repl::parse_line(text);
  if (line.kind == repl::LineKind::expression && line.rest.empty()) std::abort();
  (void)repl::needs_more(text);
  (void)repl::words_of(text);
  repl::Names names;
  names.values = {"status"};
  names.members = [](std::string_view) { return std::vector<std::string>{"member"}; };
  const repl::Completion found = repl::complete(text, text.size() / 2, names);
  if (found.begin > text.size() / 2) std::abort();
  for (const std::string& word : found.words) {
    if (!word.starts_with(text.substr(found.begin, text.size() / 2 - found.begin))) std::abort();
  }
  http::Request request;
  request.method = "GET";
  request.url = "https://api.test/a?b=c";
  request.headers = {{"Authorization", "Bearer s3cret-text", true}};
  http::Redactor redactor;
  redactor.add("s3cret-text");
  if (repl::edit(request, text)) {
    for (const auto& field : request.headers) {
      if (!http::valid_value(field.value)) std::abort();
    }
  }
  // A request that was written down is read again.
  http::Request again = request;
  if (!repl::from_text(again, redactor, repl::to_text(request, redactor)) &&
      request.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos) {
    std::abort();
  }
  (void)repl::from_text(again, redactor, text);
  (void)repl::fold_json(text, 0, {});
  return 0;
}
