// Expressions against the last answer, and what there is to complete.
#include <algorithm>

#include "grammar/word_docs.hh"
#include "interpreter/eval/eval.hh"
#include "interpreter/eval/intrinsics.hh"
#include "tools/fconn/repl.hh"
#include "tools/fconn/report.hh"
#include "tools/fconn/resolver.hh"

namespace fconn::cli {

using repl::Exchanged;
using value::OwnedValue;
using value::Value;

namespace {

/// Random numbers of expressions that a person types: a run's own aren't disturbed.
class OwnRandom final : public value::Random {
 public:
  explicit OwnRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    return state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
  }

 private:
  std::uint64_t state_;
};

Value text_object(const std::vector<std::pair<std::string, std::string>>& pairs,
                  value::Arena& arena) {
  auto members = arena.make<value::Member>(pairs.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i] = {arena.copy(pairs[i].first), Value::string(arena.copy(pairs[i].second))};
  }
  return Value::object(value::distinct(members));
}

OwnedValue headers_of(const Exchanged& seen) {
  value::Arena arena;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const http::HeaderField& field : seen.headers) {
    std::string name = field.name;
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    pairs.emplace_back(std::move(name), field.value);
  }
  // A session's cookie is what a token's answer brings.
  return OwnedValue(text_object(pairs, arena).as_secret(seen.of_token()));
}

/// Credentials stay secrets.
OwnedValue request_of(const Exchanged& seen) {
  value::Arena arena;
  const http::Request& request = seen.request;
  const auto url = http::parse_url(request.url);
  auto headers = arena.make<value::Member>(request.headers.size());
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const http::HeaderField& field = request.headers[i];
    headers[i] = {arena.copy(field.name),
                  Value::string(arena.copy(field.value)).as_secret(field.credential)};
  }
  const Value query =
      text_object(url && url->query ? http::parse_query(*url->query) : http::QueryPairs(), arena);
  const value::Member members[] = {
      {"method", Value::string(request.method)},
      {"url", Value::string(request.url).as_secret(request.private_url)},
      {"path", Value::string(url ? std::string_view(url->path) : std::string_view())},
      {"query", query.as_secret(request.private_url)},
      {"headers", Value::object(value::distinct(headers))},
      {"text", Value::string(request.body).as_secret(seen.of_token())}};
  return OwnedValue(Value::object(members));
}

OwnedValue parsed(std::string_view json) {
  value::Arena arena;
  const auto value = value::parse_json(json, arena);
  return value ? OwnedValue(*value) : OwnedValue();
}

/// The answer as a value; none when it isn't kept or is no JSON.
std::optional<OwnedValue> body_of(const Exchanged& seen) {
  if (seen.streamed || seen.forgotten) return std::nullopt;
  const std::string_view json = repl::json_of(seen);
  if (json.empty()) return OwnedValue();
  value::Arena arena;
  const auto value = value::parse_json(json, arena);
  if (!value) return std::nullopt;
  return OwnedValue(value->as_secret(seen.of_token()));
}

OwnedValue rows_of(const Exchanged& seen) {
  value::Arena arena;
  auto rows = arena.make<Value>(seen.rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = Value::raw(seen.rows[i].text);
  return OwnedValue(Value::list(rows));
}

void put(std::vector<std::pair<std::string, OwnedValue>>& all, std::string name, OwnedValue value) {
  const auto same =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == name; });
  if (same == all.end()) {
    all.emplace_back(std::move(name), std::move(value));
  } else {
    same->second = std::move(value);
  }
}

}  // namespace

/// Values as far as they are known: of the last run, or what is set. Kept, as a secret may come out
/// of a program; a run asks anew.
const run::Instance* Repl::known_instance() {
  if (run_ && run_->instance.connector == loaded_->connector && !changed_) return &run_->instance;
  if (!known_ || changed_ || known_->connector != loaded_->connector) {
    known_ = instance_now(true);
    changed_ = false;
  }
  return known_ ? &*known_ : nullptr;
}

/// Everything that goes by a name, with its value; the nearest declaration of a name counts.
std::vector<std::pair<std::string, OwnedValue>> Repl::visible(const Exchanged* seen) {
  std::vector<std::pair<std::string, OwnedValue>> all;
  const run::Instance* instance = known_instance();
  if (instance) {
    for (const ir::Param& param : connector().params) {
      const auto found = instance->params.find(param.name);
      if (found == instance->params.end()) continue;
      put(all, param.name, OwnedValue(found->second.get().as_secret(param.secret)));
    }
    for (const ir::Identity& identity : connector().identities) {
      const auto found = instance->identities.find(identity.name);
      const bool given = found != instance->identities.end() && !found->second.empty();
      put(all, identity.name, given ? found->second.front() : OwnedValue());
    }
  }
  if (seen == nullptr) return all;
  for (const auto& [name, value] : seen->names) put(all, name, value);
  put(all, "request", request_of(*seen));
  const Exchanged* answered = seen->arrived ? seen : last_answer_;
  if (answered == nullptr) return all;
  put(all, "status", OwnedValue(Value::of(answered->status)));
  put(all, "headers", headers_of(*answered));
  // What isn't kept whole isn't shown as if it were: such names are missing, and not_kept() says
  // why.
  if (answered->rows.size() == answered->kept + answered->dropped) {
    put(all, "rows", rows_of(*answered));
  }
  const bool row = answered == answer() && row_ && *row_ < answered->rows.size();
  if (row) {
    const OwnedValue chosen = parsed(answered->rows[*row_].text);
    put(all, "row", chosen);
    put(all, ".", chosen);
  } else if (const auto body = body_of(*answered)) {
    put(all, ".", *body);
  }
  return all;
}

/// Why `.` or `rows` of the last answer are missing, where the expression names them.
void Repl::say_not_kept(const std::string& text) {
  const Exchanged* answered = answer();
  const auto names = [&text](std::string_view word) {
    return text.find(word) != std::string::npos;
  };
  const bool whole = names("."), rows = names("rows");
  if (answered == nullptr) {
    if (whole || names("row") || names("status") || names("headers")) {
      terminal_.say("help: no answer has come yet; `:run` and `:step` bring one\n");
    }
    return;
  }
  if (rows && answered->rows.size() != answered->kept + answered->dropped) {
    terminal_.say("help: `rows` isn't there, as only " + std::to_string(answered->rows.size()) +
                  " rows of " + answered->name + " are kept\n");
  }
  if (!whole || body_of(*answered)) return;
  terminal_.say("help: `.` isn't there, as the answer of " + answered->name +
                (answered->streamed    ? " was read row by row; `:row 1` makes `.` a row\n"
                 : answered->forgotten ? " is no longer kept\n"
                                       : " isn't JSON\n"));
}

Repl::Evaluated Repl::evaluate(const std::string& text, const Exchanged* seen, bool quiet) {
  Evaluated result;
  const auto all = visible(seen);
  std::vector<std::string> locals;
  locals.reserve(all.size());
  for (const auto& [name, value] : all) locals.push_back(name);
  grammar::SourceMap sources;
  Resolver resolver;
  const bool has_text = loaded_->sources->size() > 0;
  grammar::FileId root{};
  if (has_text) {
    root = sources.add(std::string(loaded_->sources->name(root)),
                       std::string(loaded_->sources->text(root)));
  }
  const grammar::FileId file = sources.add("input", text);
  const compile::CompiledExpr compiled =
      has_text ? compile::compile_expression(file, sources, locals, root, resolver)
               : compile::compile_expression(file, sources, locals);
  if (!quiet) terminal_.report(sources, compiled.diagnostics);
  result.said = !quiet && !compiled.diagnostics.empty();
  if (!compiled.expr) {
    if (!quiet) say_not_kept(text);
    // ":" forgotten.
    const std::string word = text.substr(0, text.find_first_of(" \t("));
    const repl::CommandInfo* meant = repl::find_command(word);
    const bool value = word == "row" || word == "rows";
    if (!quiet && meant != nullptr && word == meant->name && !value) {
      terminal_.say("help: a command begins with a colon: `:" + word + "`\n");
    }
    return result;
  }

  OwnRandom random(static_cast<std::uint64_t>(clock_->now().time_since_epoch().count()));
  eval::Evaluator evaluator(*compiled.scope, *clock_, random);
  value::Arena arena;
  std::vector<Value> frame(std::max<std::size_t>(compiled.locals, all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) frame[i] = all[i].second.get();
  std::vector<Value> params;
  for (const ir::Param& param : compiled.scope->params) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& one) { return one.first == param.name; });
    params.push_back(found == all.end() ? Value::null() : found->second.get());
  }
  eval::Environment env;
  env.locals = frame;
  env.params = params;
  if (run_) env.request_id = run_->options.request_id;
  auto value = evaluator.evaluate(*compiled.expr, env, arena);
  if (value) {
    result.value = OwnedValue(*value);
    return result;
  }
  if (!quiet) {
    terminal_.complain(
        render_failure(compiled.scope.get(), value.error(), "", terminal_.error_style()));
    result.said = true;
  }
  return result;
}

bool Repl::expression(const std::string& text) {
  const Evaluated found = evaluate(text, focus_, false);
  if (!found.value) return false;
  repl::FoldLimits limits;
  limits.depth = 5;
  limits.elements = 10;
  limits.members = 40;
  limits.text = 2000;
  out(repl::masked(repl::fold(found.value->get(), 0, fold_limits(limits)), show_options()) + "\n");
  return true;
}

// ---- names -------------------------------------------------------------------------------------

const std::vector<repl::Documented>& Repl::library() {
  if (library_.empty()) {
    for (const auto& module : Resolver().standard_library()) {
      for (repl::Documented& one : repl::documented(module.text))
        library_.push_back(std::move(one));
    }
  }
  return library_;
}

repl::Names Repl::names() {
  repl::Names names;
  if (!interactive_) return names;
  const ir::Connector& shown = connector();
  for (const ir::Collection& one : shown.collections) names.collections.push_back(one.name);
  for (const ir::Identity& one : shown.identities) names.identities.push_back(one.name);
  for (const ir::External& one : shown.externals) names.externals.push_back(one.name);
  for (const ir::Param& one : shown.params) {
    (one.secret ? names.secrets : names.params).push_back(one.name);
  }
  for (const eval::Intrinsic& one : eval::intrinsics()) names.functions.emplace_back(one.name);
  for (const ir::Function& one : shown.functions) names.functions.push_back(one.name);
  for (const repl::Documented& one : library()) {
    (one.head.starts_with("fn ") ? names.functions : names.strategies).push_back(one.name);
  }
  for (const std::string_view word : grammar::documented_words()) names.clauses.emplace_back(word);
  for (const auto& [name, value] : visible(focus_)) {
    if (name != ".") names.values.push_back(name);
  }
  if (run_ && run_->recorder) {
    for (const auto& one : run_->recorder->all()) names.requests.push_back(one->name);
  }
  if (focus_ != nullptr) {
    for (const auto& field : focus_->request.headers) names.headers.push_back(field.name + ":");
    const auto url = http::parse_url(focus_->request.url);
    if (url && url->query) {
      for (const auto& [name, text] : http::parse_query(*url->query))
        names.query.push_back(name + "=");
    }
  }
  names.members = [this](std::string_view path) { return members(path); };
  return names;
}

std::vector<std::string> Repl::members(std::string_view path) {
  std::vector<std::string> out;
  std::string text(path);
  const Evaluated found = evaluate(text, focus_, true);
  if (!found.value) return out;
  value::Arena arena;
  Value value = value::decoded(found.value->get(), arena);
  // What the elements of a list have is reached by `[0]` and `[]`.
  if (value.kind == value::Kind::list && value.count > 0) return out;
  if (value.kind != value::Kind::object) return out;
  for (const value::Member& member : value.object_view()) out.emplace_back(member.key);
  return out;
}

}  // namespace fconn::cli
