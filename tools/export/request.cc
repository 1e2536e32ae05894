// One request: method, path, client, headers, query, body, and the inputs that it names.
#include <algorithm>
#include <array>
#include <cctype>

#include "tools/export/context.hh"

namespace fconn::exporter {
namespace {

using grammar::Clause;
using grammar::Request;

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() < 16 && (text.front() != '0' || text.size() == 1) &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

class RequestWriter : Writer {
 public:
  RequestWriter(Scope& scope, const Request& request, const RequestKind& kind)
      : Writer(scope.context()), scope_(scope), request_(request), kind_(kind) {}

  std::optional<Yaml> write(const std::string& data_path) {
    target();
    for (const Clause& clause : request_.clauses) take(clause);
    RowParts rows;
    rows.data_path = data_path;
    const std::string collection =
        scope_.inputs() == nullptr ? std::string() : scope_.inputs()->collection();
    if (kind_.read) {
      add_rows(scope_, request_, collection, rows);
    } else {
      actions(rows);
    }
    check_body();
    missing();
    if (kind_.consent && !ignored_.empty())
      context_.warn(request_.span, "left out: Fides' choices fail on every status from 400 up");
    if (failed_) return std::nullopt;
    return assembled(std::move(rows));
  }

 private:
  // ---- where it goes ----

  void target() {
    const std::string text = taken(target_text(scope_, request_));
    if (failed_) return;
    if (text.find("://") != std::string::npos || !text.starts_with('/')) return absolute(text);
    path_ = text;
    client(request_.via ? request_.via->text : "");
    path_ = prefix_ + path_;
  }

  void client(const std::string& name) {
    const Client* found =
        client_of(context_, name, request_.via ? request_.via->span : request_.span);
    failed_ = failed_ || found == nullptr;
    if (found == nullptr) return;
    if (!name.empty()) client_config_ = found->config;
    prefix_ = found->prefix;
    key_in_body_ = found->key_in_body;
    for (const std::string& setting : found->settings) scope_.add_setting(setting);
    for (const auto& [key, value] : found->headers) headers_.push(named(key, Yaml::text(value)));
    for (const auto& [key, value] : found->query) query_.push(named(key, Yaml::text(value)));
    if (!name.empty() && !found->rates.empty()) rates_ = found->rates;
  }

  /// To another host: without credentials, unless a client says otherwise.
  void absolute(const std::string& url) {
    const auto where = split_url(url);
    if (!where || url.front() == '<') {
      refuse(request_.target_span, "Fides' requests go to a host that the config names");
      return;
    }
    if (request_.via) {
      client(request_.via->text);
      client_config_.members.erase(
          std::remove_if(client_config_.members.begin(), client_config_.members.end(),
                         [](const Member& one) { return one.key != "authentication"; }),
          client_config_.members.end());
    }
    Yaml config;
    config.add("protocol", Yaml::text(where->protocol));
    config.add("host", Yaml::text(where->host));
    for (auto& [key, value] : client_config_.members) config.add(key, std::move(value));
    client_config_ = std::move(config);
    path_ = where->path.empty() ? "/" : where->path;
  }

  // ---- clauses ----

  void take(const Clause& clause) {
    std::visit(
        grammar::Overloaded{
            [&](const grammar::QueryClause& one) { entries(one.value.front(), query_, true); },
            [&](const grammar::HeadersClause& one) { entries(one.value.front(), headers_, false); },
            [&](const grammar::BodyClause& one) { body(one, clause.span); },
            [&](const grammar::AsClause& one) {
              if (one.format.text != "json")
                refuse(clause.span, "Fides reads JSON alone, not " + one.format.text);
            },
            [&](const grammar::SkipClause& one) { skip(one, clause.span); },
            [&](const grammar::FailClause& one) {
              if (!one.when.empty()) judged(scope_.simple(one.when.front()), clause.span, true);
            },
            [&](const grammar::RateClause& one) {
              auto limits = rate_limits(context_, one);
              failed_ = failed_ || !limits;
              if (limits) rates_ = std::move(*limits);
            },
            [&](const grammar::RetryClause&) { lesser(clause.span, "Fides has its own retries"); },
            [&](const grammar::TimeoutClause&) {
              lesser(clause.span, "Fides has its own timeouts");
            },
            [&](const grammar::IdempotentClause&) {},
            [&](const grammar::UntilClause&) {
              refuse(clause.span,
                     "Fides asks again only in `async_config`, which has no counterpart for every "
                     "`until`");
            },
            [&](const grammar::RowsClause&) {}, [&](const grammar::KeepClause&) {},
            [&](const grammar::MapClause&) {}, [&](const grammar::TakeClause&) {},
            [&](const grammar::PaginateClause&) {},
            [&](const auto&) { refuse(clause.span, "Fides' requests have no such clause"); }},
        clause.node);
  }

  void lesser(Span span, const std::string& text) { context_.warn(span, "left out: " + text); }

  void entries(const Expr& expr, Yaml& list, bool numbers) {
    const auto all = entries_of(scope_, expr);
    failed_ = failed_ || !all;
    if (!all) return;
    for (const auto& [name, given] : *all) {
      const Expr* other = unless_null(given);
      const Expr& value = other == nullptr ? given : *other;
      if (is_null(value)) continue;
      const bool alone = node<grammar::StringExpr>(value) == nullptr;
      const auto text = plain_text(scope_, value, alone ? Use::entry : Use::strict);
      failed_ = failed_ || !text;
      if (!text) continue;
      list.push(named(name, numbers && is_digits(*text) ? Yaml::word(*text) : Yaml::text(*text)));
    }
  }

  void body(const grammar::BodyClause& clause, Span span) {
    const Expr& value = clause.value.front();
    has_body_ = true;
    if (clause.kind == grammar::BodyKind::text) {
      const auto type = clause.media_type.empty() ? std::optional<std::string>("text/plain")
                                                  : constant(clause.media_type.front());
      if (type != "text/plain" && type != "application/json")
        return refuse(span, "Fides sends texts as text/plain or application/json");
      const auto text = text_template(scope_, value, Use::body);
      failed_ = failed_ || !text;
      body_ = text.value_or("");
      if (type == "text/plain") headers_.push(named("Content-Type", Yaml::text(*type)));
      return;
    }
    if (clause.kind != grammar::BodyKind::json && clause.kind != grammar::BodyKind::form)
      return refuse(span, "Fides sends JSON, forms and plain texts");
    const bool form = clause.kind == grammar::BodyKind::form;
    if (form) headers_.push(named("Content-Type", Yaml::text(std::string(form_type))));
    body_ = taken(json_template(scope_, value, form));
  }

  /// `skip when`, `fail when` of an answer. Fides finds no rows in one that holds none; nothing
  /// else would become of it here.
  void judged(const Expr& condition, Span span, bool fails) {
    if (!is_of_answer(condition)) {
      return refuse(span, "Fides sends a request whatever its inputs hold",
                    kind_.read ? "" : "`skip when not (…)` picks the rows that an action is for");
    }
    if (kind_.read && !finds_rows()) {
      return refuse(span,
                    "Fides judges an answer by its status alone: it would take this one for a row",
                    "`rows` with a path that such an answer doesn't have");
    }
    if (!fails) {
      return lesser(span, kind_.read ? "Fides takes whatever rows such an answer holds"
                                     : "Fides takes such an answer for a success");
    }
    lesser(span, kind_.read
                     ? "Fides judges an answer by its status alone: it takes this failure for "
                       "an answer without rows"
                     : "Fides judges an answer by its status alone: it takes this failure for "
                       "a success");
  }

  /// Whether rows are looked for at a path of the answer.
  bool finds_rows() const {
    return std::any_of(request_.clauses.begin(), request_.clauses.end(), [](const Clause& clause) {
      const auto* rows = std::get_if<grammar::RowsClause>(&clause.node);
      return rows != nullptr && !std::holds_alternative<grammar::DotExpr>(rows->value.front().node);
    });
  }

  void skip(const grammar::SkipClause& clause, Span span) {
    if (!clause.when.empty()) {
      const Expr condition = scope_.simple(clause.when.front());
      const bool filter = !kind_.read && negated(condition) != nullptr && !is_of_answer(condition);
      const Expr* value = is_of_answer(condition) ? nullptr : tested_for_null(condition);
      if (value != nullptr) {
        tested_.emplace_back(*value, span);
      } else if (!filter) {
        judged(condition, span, false);
      }
      return;
    }
    for (const grammar::StatusRange& range : clause.on) {
      // `4xx` leaves out what is rarely "nothing here".
      const bool whole = range.low % 100 == 0 && range.high == range.low + 99;
      for (int status = range.low; status <= range.high; ++status) {
        const bool named = !whole || (status != 401 && status != 403 && status != 429);
        if (named && status >= 400) ignored_.insert(status);
        if (!whole && status < 400 && status != 204)
          refuse(range.span,
                 "Fides ignores failures alone: " + std::to_string(status) + " is none");
      }
    }
  }

  /// `skip when row.id == null` of what the path or the body holds: Fides can leave such a request
  /// out.
  void missing() {
    for (const auto& [value, span] : tested_) {
      const auto hole = scope_.hole(value, Use::strict);
      if (!hole) continue;
      const std::string name = "<" + hole->name + ">";
      scope_.may_miss = true;
      if (path_.find(name) == std::string::npos && body_.find(name) == std::string::npos)
        refuse(span, "Fides sends a request whatever its inputs hold",
               "it can leave one out where a value of the path or the body is missing");
    }
  }

  /// `skip when not (…)`: the rows that an action is for.
  void actions(RowParts& rows) {
    for (const Clause& clause : request_.clauses) {
      const auto* skip = std::get_if<grammar::SkipClause>(&clause.node);
      if (skip == nullptr || skip->when.empty()) continue;
      const Expr whole = scope_.simple(skip->when.front());
      const Expr* condition = is_of_answer(whole) ? nullptr : negated(whole);
      if (condition != nullptr && !add_filters(scope_, *condition, true, rows.steps))
        failed_ = true;
    }
  }

  // ---- the whole ----

  Yaml statuses() const {
    bool all = true;
    for (int status = 400; status < 600; ++status) all = all && ignored_.count(status) != 0;
    if (all) return Yaml::word("true");
    Yaml out = Yaml::list();
    for (const int status : ignored_) out.push(Yaml::word(std::to_string(status)));
    return out;
  }

  /// Fides encodes a body by its type, and puts a key into one of JSON alone.
  void check_body() {
    std::string type = "application/json";
    for (const Yaml& header : headers_.items) {
      std::string name = header.members[0].value.scalar;
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (name == "content-type") type = header.members[1].value.scalar;
    }
    static constexpr std::array<std::string_view, 3> known = {"application/json", form_type,
                                                              "text/plain"};
    const bool has_type = std::find(known.begin(), known.end(), type) != known.end();
    if (!body_.empty() && !has_type)
      refuse(request_.span, "Fides sends no body as `" + type + "`",
             "it knows application/json, application/x-www-form-urlencoded and text/plain");
    if (key_in_body_ && has_type && type != "application/json")
      refuse(request_.span, "Fides puts a key into a body of JSON alone");
  }

  Yaml assembled(RowParts rows) {
    Yaml out;
    out.add("method", Yaml::text(request_.method.text));
    out.add("path", Yaml::text(path_));
    if (!client_config_.empty()) out.add("client_config", std::move(client_config_));
    if (!headers_.empty()) out.add("headers", std::move(headers_));
    if (!query_.empty()) out.add("query_params", std::move(query_));
    if (has_body_) out.add("body", Yaml::text(body_));
    if (!ignored_.empty()) out.add("ignore_errors", statuses());
    if (!rates_.empty()) out.add("rate_limit_config", std::move(rates_));
    if (!rows.data_path.empty()) out.add("data_path", Yaml::text(rows.data_path));
    if (!rows.steps.empty()) out.add("postprocessors", std::move(rows.steps));
    if (!rows.output.empty()) out.add("output", Yaml::text(rows.output));
    if (!rows.pagination.empty()) out.add("pagination", std::move(rows.pagination));
    return out;
  }

  Scope& scope_;
  const Request& request_;
  const RequestKind& kind_;
  std::string path_, prefix_, body_;
  Yaml client_config_, rates_;
  Yaml headers_ = Yaml::list(), query_ = Yaml::list();
  std::set<int> ignored_;
  std::vector<std::pair<Expr, Span>> tested_;  // by a `skip`, for null
  bool has_body_ = false;                      // an empty text is one
  bool key_in_body_ = false;
};

Yaml reference(const ParamValue& param) {
  if (param.from == ParamValue::From::external) return Yaml::text(param.value);
  Yaml one;
  one.add("dataset", Yaml::text(std::string(instance_key)));
  one.add("field", Yaml::text(param.value));
  one.add("direction", Yaml::text("from"));
  return one;
}

Yaml param_yaml(const ParamValue& param) {
  Yaml out;
  out.add("name", Yaml::text(param.name));
  switch (param.from) {
    case ParamValue::From::identity:
      out.add("identity", Yaml::text(param.value));
      break;
    case ParamValue::From::setting:
      out.add("connector_param", Yaml::text(param.value));
      break;
    case ParamValue::From::external:
    case ParamValue::From::reference: {
      Yaml all = Yaml::list();
      all.push(reference(param));
      for (const ParamValue& other : param.others) all.push(reference(other));
      out.add("references", std::move(all));
      break;
    }
  }
  return out;
}

}  // namespace

std::optional<Yaml> request_yaml(Scope& scope, const Request& request, const RequestKind& kind,
                                 const std::string& data_path) {
  return RequestWriter(scope, request, kind).write(data_path);
}

void add_params(Yaml& request, Scope& scope, const RequestKind& kind, Span where) {
  const auto identity = [](const ParamValue& one) {
    return one.from == ParamValue::From::identity;
  };
  std::vector<ParamValue> params = scope.params;
  std::stable_sort(params.begin(), params.end(), [&](const ParamValue& a, const ParamValue& b) {
    return std::pair(!identity(a), a.place) < std::pair(!identity(b), b.place);
  });
  const auto identities = std::count_if(params.begin(), params.end(), identity);
  const bool others = std::any_of(params.begin(), params.end(), [](const ParamValue& one) {
    return one.from == ParamValue::From::reference || one.from == ParamValue::From::external;
  });
  for (const std::string& name : scope.dropped) {
    const bool needed = scope.optional.count(name) == 0;
    if (kind.read && needed && (identities > 1 || others)) {
      scope.context().warn(
          where,
          "without `" + name + "` Fides sends this request all the same, and leaves out the entry");
    }
  }
  Yaml list = Yaml::list(), grouped = Yaml::list();
  for (const ParamValue& param : params) {
    list.push(param_yaml(param));
    if (param.grouped) grouped.push(Yaml::text(param.name));
  }
  const auto end =
      std::find_if(request.members.begin(), request.members.end(), [](const auto& one) {
        static constexpr std::array<std::string_view, 7> first = {
            "method", "path", "client_config", "headers", "query_params", "body", "output"};
        return std::find(first.begin(), first.end(), one.key) == first.end();
      });
  std::vector<Member> added;
  if (!list.empty()) added.push_back({"param_values", std::move(list)});
  if (!grouped.empty() && kind.read) added.push_back({"grouped_inputs", std::move(grouped)});
  const bool may_miss = kind.read ? identities > 1 : identities > 0 && !kind.identities_known;
  if (may_miss || scope.may_miss)
    added.push_back({"skip_missing_param_values", Yaml::word("true")});
  request.members.insert(end, std::make_move_iterator(added.begin()),
                         std::make_move_iterator(added.end()));
}

}  // namespace fconn::exporter
