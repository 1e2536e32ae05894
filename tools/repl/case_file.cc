#include "tools/repl/case_file.hh"

#include <algorithm>

#include "grammar/format.hh"
#include "grammar/parse.hh"
#include "tools/contract/collecting_sink.hh"
#include "tools/contract/offline.hh"
#include "tools/contract/run_test.hh"
#include "tools/contract/test_file.hh"
#include "tools/har/stand_in.hh"
#include "tools/import/text.hh"
#include "tools/repl/rewrite.hh"
#include "tools/repl/scrub.hh"
#include "tools/repl/show.hh"

namespace fconn::repl {

using importer::object_key;
using importer::quoted;
using value::fail;
using value::FailureKind;
using value::Kind;
using value::Result;
using value::Value;

namespace {

constexpr std::size_t largest = std::size_t{2} << 20U;  // of a test
constexpr std::size_t listed_rows = 200;                // more are a few of them
constexpr std::size_t few_rows = 5;

tl::unexpected<value::Failure> no(std::string text) {
  return fail(FailureKind::configuration, std::move(text));
}

/// A value in the language.
void append_literal(const Value& any, value::Arena& arena, std::string& out) {
  const Value value = value::decoded(any, arena);
  switch (value.kind) {
    case Kind::string:
      out += quoted(value.view());
      return;
    case Kind::list:
      out += '[';
      for (std::size_t i = 0; i < value.count; ++i) {
        if (i > 0) out += ", ";
        append_literal(value.list_view()[i], arena, out);
      }
      out += ']';
      return;
    case Kind::object:
      out += value.count == 0 ? "{" : "{ ";
      for (std::size_t i = 0; i < value.count; ++i) {
        const value::Member& member = value.object_view()[i];
        out += (i > 0 ? ", " : "") + object_key(member.key) + ": ";
        append_literal(member.value, arena, out);
      }
      out += value.count == 0 ? "}" : " }";
      return;
    default:
      value::append_json(value, out);
  }
}

std::string literal(const Value& value) {
  value::Arena arena;
  std::string out;
  append_literal(value, arena, out);
  return out;
}

std::string literal_json(std::string_view json) {
  value::Arena arena;
  const auto parsed = value::parse_json(json, arena);
  return parsed ? literal(*parsed) : "null";
}

std::string texts_literal(const http::QueryPairs& pairs) {
  std::string out = "{ ";
  std::set<std::string> done;
  for (const auto& [name, text] : pairs) {
    if (!done.insert(name).second) continue;
    std::vector<std::string> all;
    for (const auto& [other, given] : pairs) {
      if (other == name) all.push_back(quoted(given));
    }
    if (done.size() > 1) out += ", ";
    out += object_key(name) + ": ";
    if (all.size() > 1) out += "[";
    for (std::size_t i = 0; i < all.size(); ++i) out += (i > 0 ? ", " : "") + all[i];
    if (all.size() > 1) out += "]";
  }
  return out + " }";
}

class CaseMaker {
 public:
  CaseMaker(const CaseFacts& facts, const Recorder& recorder, const http::Redactor& redactor)
      : facts_(facts), redactor_(redactor), connector_(*facts.instance.connector) {
    for (const auto& one : recorder.all()) {
      all_.push_back(one.get());
      if (!one->shared) exchanges_.push_back(one.get());
    }
    cut_ = recorder.cut();
  }

  Result<MadeCase> make() {
    if (auto fit = check(); !fit) return fail(fit.error());
    std::string differs;
    for (const ScrubDepth depth : {ScrubDepth::undeclared, ScrubDepth::unread}) {
      auto made = attempt(depth, differs);
      if (made) return made;
    }
    return no("with stand-ins for what is personal the connector does something else: " + differs);
  }

 private:
  Result<void> check() const {
    if (cut_) return no("more was sent than is kept");
    if (exchanges_.empty()) return no("nothing was sent");
    for (const Exchanged* one : exchanges_) {
      if (one->edited) return no(one->name + " was edited, so the connector didn't send it so");
      if (!one->arrived) return no(one->name + " has no answer that a test could give");
      if (one->streamed || one->forgotten)
        return no("the answer of " + one->name + " is too large");
    }
    return {};
  }

  Result<MadeCase> attempt(ScrubDepth depth, std::string& differs) {
    std::set<std::string> origins;
    for (const Exchanged* one : exchanges_) {
      if (const auto url = http::parse_url(one->request.url)) origins.insert(http::origin(*url));
    }
    Scrubber scrubber(connector_, depth, origins);
    const run::Instance instance = scrubbed(scrubber);
    // What the last answer shows to be personal may stand in the first one.
    for (const Exchanged* one : exchanges_) (void)reply_of(*one, scrubber);
    replies_.clear();
    for (const Exchanged* one : exchanges_) {
      auto reply = reply_of(*one, scrubber);
      if (!reply) {
        differs = "the answer of " + one->name + " can't be told otherwise: " + reply.error().text;
        return no(differs);
      }
      replies_.push_back(*std::move(reply));
    }

    contract::JumpingClock clock;
    contract::FixedRandom random;
    order_.clear();
    std::vector<mock::RecordedRequest> asked;
    Scrubber probe = scrubber;  // what it makes up here stands nowhere
    for (const Exchanged* one : exchanges_) {
      const auto url = http::parse_url(probe.url(one->request.url));
      const std::string target = url ? url->path + (url->query ? "?" + *url->query : "") : "/";
      asked.push_back(mock::make_request(one->request.method, target, "", ""));
    }
    contract::OfflineTransport transport(
        clock, [&](const contract::SentRequest& sent) -> const mock::RecordedReply* {
          const auto turn = turn_of(sent.request, asked);
          if (!turn) return nullptr;
          order_.push_back(*turn);
          return &replies_[*turn];
        });
    http::HostsGuard guard;
    http::Redactor redactor;
    contract::CollectingSink sink;
    run::Options options;
    options.action = instance.identities.empty() ? plan::Action::read : plan::Action::access;
    options.collections = facts_.collections;
    options.max_parallel = 1;
    options.request_id = "00000000-0000-4000-8000-000000000001";
    run::Engine engine(options, {transport, guard, redactor, clock, random, sink, nullptr, {}});
    engine.add(instance);
    const run::RunSummary summary = engine.run();
    const auto& sent = transport.sent();
    if (sent.size() != replies_.size() || order_.size() != replies_.size()) {
      differs = "it sends " + std::to_string(sent.size()) + " requests instead of " +
                std::to_string(replies_.size());
      return no(differs);
    }
    if (auto same = same_rows(sink, differs); !same) return fail(same.error());
    MadeCase made;
    made.replies = sent.size();
    made.stand_ins = scrubber.count();
    return written(std::move(made), instance, sent, sink, summary, differs);
  }

  /// The answer that a request gets: of those that none has had, the first one to the same request;
  /// where stand-ins made it another one, as hashes of values are, the first of its path or method.
  std::optional<std::size_t> turn_of(const mock::RecordedRequest& sent,
                                     const std::vector<mock::RecordedRequest>& asked) const {
    const auto first = [&](const auto& fits) -> std::optional<std::size_t> {
      for (std::size_t i = 0; i < asked.size(); ++i) {
        const bool had = std::find(order_.begin(), order_.end(), i) != order_.end();
        if (!had && asked[i].method == sent.method && fits(asked[i])) return i;
      }
      return std::nullopt;
    };
    const auto same_path = [&](const auto& one) { return one.path == sent.path; };
    const auto same = [&](const auto& one) { return same_path(one) && one.query == sent.query; };
    if (const auto found = first(same)) return found;
    if (const auto found = first(same_path)) return found;
    return first([](const auto&) { return true; });
  }

  /// Stand-ins must not change which rows count.
  Result<void> same_rows(const contract::CollectingSink& sink, std::string& differs) const {
    for (const ir::Collection& collection : connector_.collections) {
      std::uint64_t came = 0;
      for (const auto& one : all_) {
        const bool counts = one->collection == collection.name && one->step.empty();
        if (counts && one->had(run::Event::accepted)) came += one->kept - one->repeated;
      }
      const auto found = sink.rows.find(collection.name);
      const std::size_t gives = found == sink.rows.end() ? 0 : found->second.size();
      if (collection.emit || came == gives) continue;
      differs = collection.name + " gives " + std::to_string(gives) + " rows instead of " +
                std::to_string(came);
      return no(differs);
    }
    return {};
  }

  run::Instance scrubbed(Scrubber& scrubber) {
    run::Instance out = facts_.instance;
    for (const ir::Param& param : connector_.params) {
      const auto given = out.params.find(param.name);
      if (!param.secret || given == out.params.end()) continue;
      const Value value = given->second.get();
      if (value.kind == Kind::string && !value.view().empty())
        scrubber.add(value.view(), "test-" + param.name);
      given->second = value::OwnedValue::string("test-" + param.name, true);
    }
    for (auto& [name, values] : out.identities) {
      for (value::OwnedValue& value : values) {
        value = value::OwnedValue::string(scrubber.add(value.get().view()));
      }
    }
    for (auto& [name, value] : out.params) {
      if (value.get().kind != Kind::string || value.get().secret) continue;
      value = value::OwnedValue::string(scrubber.text(value.get().view()));
    }
    for (auto& [name, values] : out.externals) {
      for (value::OwnedValue& value : values) {
        if (value.get().kind != Kind::string) continue;
        value = value::OwnedValue::string(scrubber.add(value.get().view()));
      }
    }
    const bool fetched = std::any_of(exchanges_.begin(), exchanges_.end(),
                                     [](const Exchanged* one) { return one->of_token(); });
    const bool tokens = std::any_of(
        connector_.clients.begin(), connector_.clients.end(), [](const ir::Client& client) {
          return std::any_of(client.auths.begin(), client.auths.end(),
                             [](const ir::Auth& auth) { return !auth.tokens.empty(); });
        });
    out.token.reset();
    if (tokens && !fetched) {
      const value::Member members[] = {{"access_token", Value::string("test-token")}};
      out.token = value::OwnedValue(Value::object(members).as_secret());
    }
    return out;
  }

  /// Headers that the connector may look at; others say more than they are worth.
  bool keeps(const std::string& name) const {
    const std::string low = har::folded(name);
    if (low == "link" || low == "location" || low == "retry-after" || low == "www-authenticate") {
      return true;
    }
    return std::any_of(connector_.files.begin(), connector_.files.end(), [&](const auto& file) {
      return !file.name.starts_with('<') && har::folded(file.text).find(low) != std::string::npos;
    });
  }

  /// What the simulator calls itself in links is the API again.
  std::string at_home(std::string text, const Exchanged& one) const {
    const auto url = http::parse_url(one.request.url);
    if (facts_.send_to.empty() || !url) return text;
    const std::string origin = http::origin(*url);
    for (std::size_t at = 0; (at = text.find(facts_.send_to, at)) != std::string::npos;
         at += origin.size()) {
      text.replace(at, facts_.send_to.size(), origin);
    }
    return text;
  }

  /// The answer with stand-ins. What the connector couldn't read either is a text in its place.
  Result<mock::RecordedReply> reply_of(const Exchanged& one, Scrubber& scrubber) const {
    mock::RecordedReply reply;
    reply.status = one.status;
    const std::string* field = http::find(one.headers, "Content-Type");
    std::string type = field == nullptr ? "" : har::folded(http::parse_media_type(*field).type);
    const std::string body = at_home(one.body, one);
    value::Arena arena;
    const bool json = !body.empty() && value::parse_json(body, arena);
    if (json) {
      reply.body = scrubber.json(body, one.declared_in, one.declared);
      if (type.find("json") == std::string::npos) reply.headers.push_back({"Content-Type", type});
    } else if (!one.json.empty()) {
      const std::string view = at_home(one.json, one);
      const std::string scrubbed = scrubber.json(view, one.declared_in, one.declared);
      auto text = rewritten({body, view, scrubbed, type});
      if (!text) return fail(text.error());
      reply.body = *std::move(text);
      reply.headers.push_back({"Content-Type", type.empty() ? "text/plain" : type});
    } else if (!body.empty()) {
      reply.body = "an answer that can't be read";
      reply.headers.push_back({"Content-Type", "text/plain"});
    }
    for (const http::HeaderField& header : one.headers) {
      if (!keeps(header.name) || har::folded(header.name) == "content-type") continue;
      reply.headers.push_back(
          {header.name, redactor_.redact(scrubber.text(at_home(header.value, one)))});
    }
    return reply;
  }

  static std::string pattern_of(const contract::SentRequest& sent, bool with_body) {
    const auto url = http::parse_url(sent.url);
    const std::string out =
        sent.request.method + " " + (url && !url->path.empty() ? url->path : "/");
    std::string clauses;
    if (!sent.request.query.empty()) {
      clauses += "query " + texts_literal(sent.request.query) + "\n";
    }
    if (with_body && !sent.request.body.empty()) {
      if (sent.request.content_type.find("json") != std::string::npos) {
        clauses += "body json " + literal_json(sent.request.body) + "\n";
      } else if (sent.request.content_type.find("urlencoded") != std::string::npos) {
        clauses += "body form " + texts_literal(http::parse_query(sent.request.body)) + "\n";
      }
    }
    return clauses.empty() ? out : out + " {\n" + clauses + "}";
  }

  static std::string reply_text(const mock::RecordedReply& reply) {
    std::string out = "with " + std::to_string(reply.status) + " {\n";
    value::Arena arena;
    const bool json = value::parse_json(reply.body, arena).has_value();
    std::string headers;
    for (const http::HeaderField& header : reply.headers) {
      if (har::folded(header.name) == "content-type") continue;
      headers +=
          (headers.empty() ? "" : ", ") + object_key(header.name) + ": " + quoted(header.value);
    }
    if (!headers.empty()) out += "headers { " + headers + " }\n";
    if (reply.body.empty()) return out + "}";
    const std::string* type = http::find(reply.headers, "Content-Type");
    out += json ? "body json " + literal_json(reply.body) : "body text " + quoted(reply.body);
    if (type != nullptr && !type->empty()) out += " as " + quoted(*type);
    return out + "\n}";
  }

  Result<MadeCase> written(MadeCase made, const run::Instance& instance,
                           const std::vector<contract::SentRequest>& sent,
                           const contract::CollectingSink& sink, const run::RunSummary& summary,
                           std::string& differs) {
    std::string text =
        "test " + quoted(facts_.title) + " {\nconnector " + quoted(facts_.connector_name) + "\n";
    for (const std::string& name : facts_.collections) text += "collection " + quoted(name) + "\n";
    text += values_text(instance);
    std::vector<std::pair<std::string, std::size_t>> patterns;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const std::string pattern = pattern_of(sent[i], !exchanges_[order_[i]]->of_token());
      text += "\nreply " + pattern + " " + reply_text(replies_[order_[i]]) + "\n";
      const auto known = std::find_if(patterns.begin(), patterns.end(),
                                      [&](const auto& one) { return one.first == pattern; });
      if (known == patterns.end()) {
        patterns.emplace_back(pattern, 1);
      } else {
        ++known->second;
      }
    }
    text += "\n";
    for (const auto& [pattern, count] : patterns) {
      text += "expect " + std::to_string(count) + " requests " + pattern + "\n";
    }
    for (const run::CollectionSummary& one : summary.collections) {
      text += rows_text(one.collection, sink);
    }
    for (const run::CollectionSummary& one : summary.collections) {
      text += "expect " + one.collection + " " + std::string(value::name(one.outcome.state)) + "\n";
    }
    text += "expect exit " + std::to_string(summary.exit_code) + "\n}\n";
    if (text.size() > largest)
      return no("it would be larger than 2 MiB; a smaller run makes a better test");
    auto laid_out = proved(text, differs);
    if (!laid_out) return fail(laid_out.error());
    made.text = *std::move(laid_out);
    if (auto clean = safe(made.text); !clean) {
      differs = clean.error().text;
      return fail(clean.error());
    }
    return made;
  }

  static std::string values_text(const run::Instance& instance) {
    std::string params, secrets, identities, externals;
    for (const ir::Param& param : instance.connector->params) {
      const auto given = instance.params.find(param.name);
      if (given == instance.params.end()) continue;
      std::string& out = param.secret ? secrets : params;
      out +=
          (out.empty() ? "" : ", ") + object_key(param.name) + ": " + literal(given->second.get());
    }
    const auto list = [](const auto& all, std::string& out) {
      for (const auto& [name, values] : all) {
        out += (out.empty() ? "" : ", ") + object_key(name) + ": ";
        if (values.size() != 1) out += "[";
        for (std::size_t i = 0; i < values.size(); ++i) {
          out += (i > 0 ? ", " : "") + literal(values[i].get());
        }
        if (values.size() != 1) out += "]";
      }
    };
    list(instance.identities, identities);
    list(instance.externals, externals);
    std::string text;
    if (!params.empty()) text += "params { " + params + " }\n";
    if (!secrets.empty()) text += "secrets { " + secrets + " }\n";
    if (!identities.empty()) text += "identity { " + identities + " }\n";
    if (!externals.empty()) text += "external { " + externals + " }\n";
    if (instance.token) text += "token { access_token: \"test-token\" }\n";
    return text;
  }

  static std::string rows_text(const std::string& collection,
                               const contract::CollectingSink& sink) {
    const auto found = sink.rows.find(collection);
    if (found == sink.rows.end()) return "expect rows " + collection + " []\n";
    const std::vector<std::string>& rows = found->second;
    std::string text;
    if (rows.size() > listed_rows) {
      for (std::size_t i = 0; i < few_rows; ++i) {
        text += "expect row " + collection + " " + literal_json(rows[i]) + "\n";
      }
      return text;
    }
    text = "expect rows " + collection + " [";
    for (std::size_t i = 0; i < rows.size(); ++i)
      text += (i > 0 ? ", " : "") + literal_json(rows[i]);
    return text + "]\n";
  }

  /// The text in its one layout, after it was run and passed.
  Result<std::string> proved(const std::string& raw, std::string& differs) const {
    grammar::SourceMap sources;
    const grammar::FileId file = sources.add("case", raw);
    const grammar::Parsed parsed = grammar::parse(sources, file);
    if (grammar::has_errors(parsed.diagnostics)) {
      differs = "the test can't be written down: " + parsed.diagnostics.front().text;
      return no(differs);
    }
    const std::string text = grammar::format(sources, parsed.ast);
    const contract::TestFile tests = contract::read_test_file(sources, parsed.ast);
    if (grammar::has_errors(tests.diagnostics) || tests.tests.size() != 1) {
      differs = "the test can't be written down";
      return no(differs);
    }
    const auto found =
        contract::run_test(tests.tests.front(), facts_.instance.connector, {}).differences;
    if (found.empty()) return text;
    differs = found.front().text;
    return no(differs);
  }

  /// A last look: nothing that must not be in a file is in it.
  Result<void> safe(const std::string& text) const {
    if (redactor_.redact(text) != text) return no("a secret would stand in it");
    const std::string low = har::folded(text);
    for (const auto& [name, values] : facts_.instance.identities) {
      for (const value::OwnedValue& value : values) {
        const std::string given = har::folded(std::string(value.get().view()));
        if (given.size() >= 4 && low.find(given) != std::string::npos) {
          return no("the identity " + name + " would stand in it");
        }
      }
    }
    return {};
  }

  const CaseFacts& facts_;
  const http::Redactor& redactor_;
  const ir::Connector& connector_;
  std::vector<const Exchanged*> all_, exchanges_;  // with answers that served again; without
  std::vector<mock::RecordedReply> replies_;       // by exchange
  std::vector<std::size_t> order_;                 // exchanges, as they were asked for again
  bool cut_ = false;
};

}  // namespace

Result<MadeCase> make_case(const CaseFacts& facts, const Recorder& recorder,
                           const http::Redactor& redactor) {
  return CaseMaker(facts, recorder, redactor).make();
}

}  // namespace fconn::repl
