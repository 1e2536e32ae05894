// What there is to look at: exchanges, rows and reasons, the connector in its forms, documentation.
#include <algorithm>

#include "grammar/display_text.hh"
#include "grammar/word_docs.hh"
#include "interpreter/eval/intrinsics.hh"
#include "interpreter/plan/plan.hh"
#include "tools/fconn/connector_facts.hh"
#include "tools/fconn/connector_text.hh"
#include "tools/fconn/files.hh"
#include "tools/fconn/help_text.hh"
#include "tools/fconn/repl.hh"
#include "tools/repl/case_file.hh"
#include "tools/repl/curl.hh"

namespace fconn::cli {

using repl::Exchanged;

namespace {

constexpr std::size_t shown_rows = 10;

/// 0: it is no number of a row.
std::size_t number_of(const std::string& text) {
  const bool digits =
      !text.empty() && text.size() < 9 && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? static_cast<std::size_t>(std::stoul(text)) : 0;
}

/// Whether some text or number in a JSON value is this one.
bool holds(const value::Value& any, std::string_view wanted, value::Arena& arena) {
  const value::Value value = value::decoded(any, arena);
  if (value.kind == value::Kind::list) {
    return std::any_of(value.list_view().begin(), value.list_view().end(),
                       [&](const value::Value& one) { return holds(one, wanted, arena); });
  }
  if (value.kind == value::Kind::object) {
    return std::any_of(value.object_view().begin(), value.object_view().end(),
                       [&](const value::Member& one) { return holds(one.value, wanted, arena); });
  }
  if (value.kind == value::Kind::string) return value.view() == wanted;
  return value::to_json(value) == wanted;
}

bool holds(const std::string& json, std::string_view wanted) {
  value::Arena arena;
  const auto parsed = value::parse_json(json, arena);
  return parsed && holds(*parsed, wanted, arena);
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string indented(std::string_view text) {
  std::string out = "  ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out + "\n";
}

}  // namespace

repl::ShowOptions Repl::show_options(bool all) const {
  static const http::Redactor nothing;
  repl::ShowOptions options;
  options.redactor = run_ ? &run_->redactor : &nothing;
  options.reveal = reveal_;
  options.colour = colour_;
  options.all = all;
  options.width = Terminal::width();
  return options;
}

repl::FoldLimits Repl::fold_limits(repl::FoldLimits limits) const {
  limits.reveal = reveal_;
  if (!reveal_) limits.redactor = show_options().redactor;
  return limits;
}

/// The one that is looked at, without a name.
Exchanged* Repl::named_exchange(const std::string& name) {
  if (name.empty()) {
    if (focus_ == nullptr) wrong("there is no request yet", "`:run` and `:step` send some");
    return focus_;
  }
  Exchanged* found = run_ && run_->recorder ? run_->recorder->find(name) : nullptr;
  if (resent_ && resent_->name == name) found = resent_.get();
  if (found == nullptr) wrong("there is no request " + name, "`:requests` lists them");
  return found;
}

bool Repl::show(const std::string& name) {
  Exchanged* found = named_exchange(name);
  if (found == nullptr) return false;
  if (found != focus_ && !at_request_) {
    focus_ = found;
    row_.reset();
    draft_.reset();
  }
  const repl::ShowOptions all = show_options(true);
  out(show_request(*found, all) + show_answer(*found, all) + show_judgement(*found, all));
  return true;
}

bool Repl::list_requests() {
  if (!run_ || !run_->recorder) return wrong("nothing was sent yet");
  std::string text = run_->recorder->cut() ? "(the first ones are no longer kept)\n" : "";
  for (const auto& one : run_->recorder->all()) text += show_line(*one, show_options());
  if (const auto more = run_->recorder->unkept_rows(); more > 0) {
    text += "(" + std::to_string(more) + " rows were too many to be kept with their reasons)\n";
  }
  out(text.empty() ? "nothing was sent\n" : text);
  return true;
}

bool Repl::list_rows(const std::string& rest) {
  if (!run_) return wrong("no run has given rows yet");
  const std::vector<std::string> words = repl::words_of(rest);
  const std::size_t number = words.empty() ? 0 : number_of(words.back());
  const std::string only = words.empty() || (number > 0 && words.size() == 1) ? "" : words.front();
  if (words.size() == 2 && number == 0) {
    return wrong("'" + words[1] + "' is no number of a row", ":rows member 3");
  }
  if (!only.empty()) {
    const auto& all = connector().collections;
    if (std::none_of(all.begin(), all.end(), [&](const auto& one) { return one.name == only; })) {
      return knows_collections({only});
    }
  }
  std::string text;
  for (const auto& [name, rows] : run_->rows.rows()) {
    if (!only.empty() && name != only) continue;
    if (number > 0) {
      if (number > rows.size()) continue;
      text += name + " " + std::to_string(number) + "\n  " +
              repl::masked(repl::fold_json(rows[number - 1], 2, fold_limits(repl::unfolded())),
                           show_options()) +
              "\n";
      continue;
    }
    text += name + ": " + std::to_string(rows.size()) + (rows.size() == 1 ? " row\n" : " rows\n");
    const std::size_t most = only.empty() ? shown_rows : rows.size();
    for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) {
      value::Arena arena;
      const auto row = value::parse_json(rows[i], arena);
      text += "  " + std::to_string(i + 1) + "  " +
              repl::masked(row ? repl::fold_line(*row, std::max<std::size_t>(Terminal::width(), 20),
                                                 fold_limits())
                               : rows[i],
                           show_options()) +
              "\n";
    }
    if (most < rows.size()) text += "  … " + std::to_string(rows.size() - most) + " more\n";
  }
  if (waiting()) text += "(so far)\n";
  if (const auto more = run_->rows.not_held(); more > 0) {
    text += "(" + std::to_string(more) + " more rows were too many to be kept)\n";
  }
  if (text.empty())
    return wrong(number > 0
                     ? "there is no such row"
                     : "the run gave no rows" + std::string(only.empty() ? "" : " of " + only),
                 "`:why` says why");
  out(text);
  return true;
}

bool Repl::choose_row(const std::string& rest) {
  const Exchanged* answered = answer();
  if (answered == nullptr) return wrong("there is no answer yet");
  if (rest.empty()) {
    row_.reset();
    out("`.` is the answer of " + answered->name + "\n");
    return true;
  }
  const std::size_t number = number_of(rest);
  if (number == 0 || number > answered->rows.size()) {
    return wrong("the answer of " + answered->name + " has no row " + rest,
                 "it has " + std::to_string(answered->rows.size()));
  }
  row_ = number - 1;
  out(show_row(*answered, number, show_options(true)));
  return true;
}

// ---- reasons -----------------------------------------------------------------------------------

bool Repl::why(const std::string& rest) {
  const std::vector<std::string> words = repl::words_of(rest);
  if (words.empty())
    return wrong(":why needs a collection, or what a row holds", ":why member, :why member 3");
  const auto& all = connector().collections;
  const bool collection = std::any_of(
      all.begin(), all.end(), [&](const ir::Collection& one) { return one.name == words[0]; });
  if (!collection) return why_text(rest);
  if (words.size() == 1) return why_collection(words[0]);
  const std::size_t number = number_of(words[1]);
  if (words.size() > 2 || number == 0)
    return wrong(":why " + words[0] + " N needs the number of a row");
  return why_row(words[0], number);
}

bool Repl::why_collection(const std::string& name) {
  plan::Goal goal;
  const run::Instance* instance = run_ ? &run_->instance : known_instance();
  if (instance != nullptr) {
    for (const auto& [identity, values] : instance->identities) goal.identities.insert(identity);
    for (const auto& [external, values] : instance->externals) goal.externals.insert(external);
  }
  if (goal.identities.empty()) goal.action = plan::Action::read;
  if (run_) goal.collections = run_->collections;
  const ir::Connector& shown = run_ ? *run_->instance.connector : connector();
  std::string text = name + ": ";
  std::string reason = "not part of this plan";
  for (const plan::Reason& one : plan::plan(shown, goal).reasons) {
    if (one.collection == name) reason = one.text;
  }
  text += reason + "\n";
  if (!run_) return out(text + "  nothing has run yet\n"), true;
  if (run_->summary) {
    for (const run::CollectionSummary& one : run_->summary->collections) {
      if (one.collection != name) continue;
      text += "  " + std::string(value::name(one.outcome.state));
      if (!one.outcome.reason.empty()) text += ": " + grammar::safe_text(one.outcome.reason);
      text += ", " + counted(one.outcome.rows, "row") + " of " +
              counted(one.outcome.requests, "request") + "\n";
      for (const auto& [skip, count] : one.outcome.skips) {
        text += "  " + std::to_string(count) + " × skipped: " + grammar::safe_text(skip) + "\n";
      }
    }
  } else {
    text += "  the run waits\n";
  }
  std::map<std::string, std::uint64_t> dropped;
  std::uint64_t requests = 0, repeated = 0;
  std::string lines;
  for (const auto& one : run_->recorder->all()) {
    if (one->collection != name) continue;
    if (++requests <= shown_rows) lines += "  " + show_line(*one, show_options());
    if (!one->step.empty()) continue;
    repeated += one->repeated;
    for (std::size_t i = 0; i < one->dropped_at.size(); ++i) {
      if (one->dropped_at[i] == 0) continue;
      const ir::RowOp& op = one->declared->row_ops.at(i);
      dropped[repl::on_one_line(run::source_text(*one->connector, op.span))] += one->dropped_at[i];
    }
  }
  if (requests > shown_rows)
    lines += "  … " + std::to_string(requests - shown_rows) + " more requests\n";
  text += lines;
  for (const auto& [clause, count] : dropped) {
    text += "  " + std::to_string(count) + (count == 1 ? " row" : " rows") + " dropped by `" +
            repl::masked(clause, show_options()) + "`\n";
  }
  if (repeated > 0) text += "  " + std::to_string(repeated) + " repeated rows count once\n";
  for (const auto& [collection, event] : run_->recorder->strays()) {
    if (collection != name) continue;
    text += "  " + repl::masked(repl::on_one_line(event.text), show_options()) + "\n";
  }
  out(text);
  return true;
}

bool Repl::why_row(const std::string& collection, std::size_t number) {
  std::size_t seen_rows = 0;
  if (run_) {
    for (const auto& one : run_->recorder->all()) {
      if (one->collection != collection || !one->step.empty()) continue;
      if (number > seen_rows + one->rows.size()) {
        seen_rows += one->rows.size();
        continue;
      }
      out(show_line(*one, show_options()) + show_row(*one, number - seen_rows, show_options(true)));
      if (!one->had(run::Event::accepted))
        out("    the answer was not accepted, so no row of it counts\n");
      return true;
    }
  }
  return wrong("no row " + std::to_string(number) + " of " + collection + " has come",
               std::to_string(seen_rows) + " have; `:why " + collection + "` says more");
}

bool Repl::why_text(const std::string& text) {
  std::string wanted = text;
  if (wanted.size() >= 2 && (wanted[0] == '"' || wanted[0] == '\'') && wanted.back() == wanted[0]) {
    wanted = wanted.substr(1, wanted.size() - 2);
  }
  std::string found;
  std::size_t count = 0;
  if (run_) {
    for (const auto& one : run_->recorder->all()) {
      for (std::size_t i = 0; i < one->rows.size(); ++i) {
        if (!holds(one->rows[i].text, wanted) && !holds(one->rows[i].result, wanted)) continue;
        if (++count > shown_rows) continue;
        found += show_line(*one, show_options()) + show_row(*one, i + 1, show_options());
      }
    }
  }
  if (count == 0) {
    return wrong("there is no collection '" + wanted + "', and no row that came holds it",
                 "the whole value of a field is compared; `:requests` lists what was sent");
  }
  if (count > shown_rows) found += "… " + std::to_string(count - shown_rows) + " more\n";
  out(found);
  return true;
}

// ---- forms -------------------------------------------------------------------------------------

bool Repl::curl(const std::string& name) {
  Exchanged* found = named_exchange(name);
  if (found == nullptr) return false;
  const bool drafted = name.empty() && draft_ && !at_request_;
  std::map<std::string, std::string> secrets;
  for (const ir::Param& param : run_->instance.connector->params) {
    const auto given = run_->instance.params.find(param.name);
    if (!param.secret || given == run_->instance.params.end()) continue;
    if (given->second.get().kind != value::Kind::string) continue;
    std::string variable;
    for (const std::string& one : args_.values.secret_env) {
      const std::size_t equals = one.find('=');
      const std::string_view named(one.data(), equals);
      if (named == param.name || named == loaded_->key + "." + param.name)
        variable = one.substr(equals + 1);
    }
    if (variable.empty()) {
      for (const char c : param.name)
        variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    secrets[variable] = given->second.get().view();
  }
  const auto& other = run_->guard.send_to();
  out(repl::curl_command(drafted ? *draft_ : found->request, secrets, run_->redactor, reveal_,
                         other ? http::origin(*other) : ""));
  return true;
}

bool Repl::plan() {
  plan::Goal goal;
  const run::Instance* instance = known_instance();
  if (instance != nullptr) {
    for (const auto& [name, values] : instance->identities) {
      if (!values.empty()) goal.identities.insert(name);
    }
    for (const auto& [name, values] : instance->externals) goal.externals.insert(name);
  }
  if (goal.identities.empty()) goal.action = plan::Action::read;
  out(plan::dump(connector(), plan::plan(connector(), goal)));
  return true;
}

bool Repl::ir(const std::string& name) {
  const std::string all = ir::dump(connector());
  if (name.empty()) return out(all), true;
  const std::string begin = "\n  collection " + name + "\n";
  const std::size_t at = all.find(begin);
  if (at == std::string::npos) return knows_collections({name});
  std::size_t end = at + begin.size();
  while (end < all.size() && all.substr(end, 4) == "    ") end = all.find('\n', end) + 1;
  out(all.substr(at + 1, end - at - 1));
  return true;
}

bool Repl::explain(const std::string& rest) {
  const grammar::DiagnosticInfo* found = grammar::find_diagnostic(rest);
  if (found == nullptr) return why(rest);
  std::string page(grammar::explanation(found->id));
  if (!page.ends_with('\n')) page += '\n';
  out(page);
  return true;
}

namespace {

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : ", ") + one;
  return out;
}

std::string with_doc(const std::string& head, const std::string& doc) {
  return head + "\n" + (doc.empty() ? "" : indented(doc));
}

/// What the connector declares by a name. `known` gets all names that it has.
std::string declared_text(const ir::Connector& connector, const std::string& name,
                          std::vector<std::string>& known) {
  std::string text;
  const ConnectorFacts facts = facts_of(connector);
  for (const CollectionFacts& one : facts.collections) {
    known.push_back(one.name);
    if (one.name != name) continue;
    text += with_doc("collection " + one.name, one.doc) +
            "  from: " + (one.from.empty() ? "nothing" : joined(one.from)) +
            "; can: " + joined(one.actions) + "\n";
  }
  for (const ParamFacts& one : facts.params) {
    known.push_back(one.name);
    if (one.name != name) continue;
    text += with_doc(std::string(one.secret ? "secret " : "param ") + one.name + ": " + one.type +
                         (one.default_json.empty() ? "" : " = " + one.default_json) +
                         (one.label.empty() ? "" : "  " + one.label),
                     one.doc);
  }
  for (const ir::Identity& one : connector.identities) {
    known.push_back(one.name);
    if (one.name == name) text += with_doc("identity " + one.name, one.doc);
  }
  for (const ir::External& one : connector.externals) {
    known.push_back(one.name);
    if (one.name == name) text += with_doc("external " + one.name, one.doc);
  }
  return text;
}

}  // namespace

bool Repl::question(const std::string& name) {
  std::string text;
  const bool command_only = name.starts_with(':');
  if (name.empty()) return out(repl::commands_text()), true;
  if (const repl::CommandInfo* info = repl::find_command(command_only ? name.substr(1) : name);
      info != nullptr && (command_only || info->name == name)) {
    text += command_text(*info);
  }
  if (command_only) return text.empty() ? unknown(name.substr(1)) : (out(text), true);
  text += functions_text(name);
  const auto described = [&](const repl::Documented& one) {
    if (one.name == name) text += with_doc(one.head, one.doc);
  };
  for (const repl::Documented& one : library()) described(one);
  if (loaded_->sources->size() > 0) {
    for (const repl::Documented& one :
         repl::documented(std::string(loaded_->sources->text(grammar::FileId{})))) {
      described(one);
    }
  }
  for (const grammar::WordDoc& word : grammar::word_docs(name)) {
    text += std::string(word.form) + "\n" + indented(word.text);
  }
  std::vector<std::string> known;
  text += declared_text(connector(), name, known);
  if (!text.empty()) return out(text), true;
  for (const eval::Intrinsic& one : eval::intrinsics()) known.emplace_back(one.name);
  for (const repl::Documented& one : library()) known.push_back(one.name);
  for (const std::string_view word : grammar::documented_words()) known.emplace_back(word);
  const auto near = grammar::did_you_mean(name, known);
  return wrong("nothing is known of '" + name + "'", near ? "did you mean '?" + *near + "'?" : "");
}

bool Repl::save(const std::string& rest) {
  const std::vector<std::string> words = repl::words_of(rest);
  if (words.size() != 2 || words[0] != "case") return wrong(":save needs `case NAME`");
  const std::string& name = words[1];
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
      std::string::npos) {
    return wrong("a case's name has letters, digits, _ and -");
  }
  if (!run_ || !run_->summary)
    return wrong("a run must have ended", "`:run` begins one, `:continue` ends it");
  if (ended_early(*run_->summary)) return wrong("the last run was ended before it was complete");
  const bool bundled = loaded_->target.source.find('/') == std::string::npos &&
                       !loaded_->target.source.ends_with(".fconn") &&
                       !loaded_->target.source.ends_with(".json");
  // Where the test says which connector it is for, from its own folder.
  const std::string folder = bundled ? "" : directory_of(loaded_->target.source);
  const std::string named = bundled ? loaded_->target.source : base_name(loaded_->target.source);
  const std::string path = join(folder, name + ".test.fconn");
  if (file_exists(path)) return wrong(path + " is there already", "choose another name");
  repl::CaseFacts facts;
  facts.title = name;
  facts.connector_name = bundled || named.find('/') != std::string::npos ? named : "./" + named;
  facts.instance = run_->instance;
  facts.collections = run_->collections;
  if (run_->guard.send_to()) facts.send_to = http::origin(*run_->guard.send_to());
  auto made = repl::make_case(facts, *run_->recorder, run_->redactor);
  if (!made) return wrong("the case isn't saved: " + made.error().text);
  if (auto written = write_file(path, made->text, Mode::shared); !written) {
    return wrong(written.error().text);
  }
  out("wrote " + path + ": " +
      (made->replies == 1 ? "1 reply" : std::to_string(made->replies) + " replies") + ", " +
      counted(made->stand_ins, "value") + " replaced by stand-ins; `fconn test " + path +
      "` passes\n");
  return true;
}

}  // namespace fconn::cli
