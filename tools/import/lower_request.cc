#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

/// Literal text of a path: what may not stand in one bare is percent-encoded.
std::string path_literal(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F ||
        std::string_view("{}\"<>\\^`|#?").find(c) != std::string_view::npos) {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return at < text.size() ? std::string_view("0123456789abcdef0123456789ABCDEF").find(text[at])
                              : std::string_view::npos;
    };
    if (text[i] == '%' && digit(i + 1) < 22 && digit(i + 2) < 22) {
      out += static_cast<char>((digit(i + 1) % 16) * 16 + digit(i + 2) % 16);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

/// Digits that are written the same as a number and as a text.
bool is_plain_number(std::string_view text) {
  return !text.empty() && text.size() < 16 && (text.front() != '0' || text.size() == 1) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class RequestLowerer {
 public:
  RequestLowerer(Context& context, const Request& request, const Scope& scope)
      : context_(context), request_(request), scope_(scope) {}

  std::optional<Lowered> lower(const std::string& hint) {
    split_path();
    std::string target = path();
    if (!target.starts_with('/')) target.insert(target.begin(), '/');
    out_.head = request_.method.text + " " + target;
    if (const std::string client = via(context_, request_, hint); !client.empty()) {
      out_.head += " via " + client;
    }
    query();
    headers();
    body();
    if (!request_.rates.empty()) out_.clauses.emplace_back("rate " + rate_text(request_.rates));
    if (secret_path_) out_.comments.emplace_back("# allow F0603: the API has it in its paths");
    if (!failed_) return std::move(out_);
    return std::nullopt;
  }

 private:
  /// A placeholder's value, with the identities that it needs.
  Lookup noting(bool optional) {
    return [this, optional](const std::string& name) {
      const auto identity = scope_.identities.find(name);
      if (identity != scope_.identities.end()) {
        (optional ? out_.optional : out_.required).insert(identity->second);
      }
      auto found = scope_.lookup(name);
      if (found && found->whole) out_.masks = true;
      if (found && !optional && may_be_null(name, *found)) out_.may_miss.insert(found->expr);
      return found;
    };
  }

  static bool may_be_null(const std::string& name, const Value& value) {
    const bool member = value.whole && name.find('.') != std::string::npos;
    return value.may_be_null || member;
  }

  /// The path without its query and fragment. What stands in a placeholder's name separates
  /// nothing:
  /// `<id?>` is an optional one.
  void split_path() {
    path_ = request_.path.text;
    std::string shape;
    for (const Piece& piece : split_template(path_)) {
      const std::size_t around = piece.hole ? (piece.optional ? 3 : 2) : 0;
      shape += piece.hole ? std::string(piece.text.size() + around, 'x') : piece.text;
    }
    const std::size_t fragment = shape.find('#');
    if (fragment != std::string::npos) path_.resize(fragment);
    shape.resize(path_.size());
    const std::size_t mark = shape.find('?');
    if (mark == std::string::npos) return;
    std::size_t at = mark + 1;
    while (at < path_.size()) {
      const std::size_t end = std::min(shape.find('&', at), path_.size());
      const std::string_view pair = std::string_view(path_).substr(at, end - at);
      const std::size_t equals = std::string_view(shape).substr(at, end - at).find('=');
      at = end + 1;
      NamedText entry;
      entry.name.text = percent_decoded(pair.substr(0, equals));
      entry.value = {
          equals == std::string_view::npos ? "" : percent_decoded(pair.substr(equals + 1)),
          request_.path.span, true, false};
      in_path_.push_back(std::move(entry));
    }
    path_.resize(mark);
    context_.report.say(request_.path.span, "what follows the `?` became `query`");
  }

  std::string path() {
    const Lookup lookup = noting(false);
    std::string out;
    std::vector<std::string> missing;
    for (const Piece& piece : split_template(path_)) {
      if (!piece.hole) {
        out += path_literal(piece.text);
        continue;
      }
      const auto value = lookup(piece.text);
      if (!value) {
        missing.push_back(piece.text);
        continue;
      }
      secret_path_ = secret_path_ || value->secret;
      out += "{" + value->expr + "}";
    }
    resolve(missing, request_.path.span);
    return out;
  }

  void resolve(const std::vector<std::string>& missing, Span where) {
    if (missing.empty()) return;
    context_.unresolved(missing, where, &request_.params);
    failed_ = true;
  }

  /// Entries of an object; one whose placeholder never has a value is left out, as there.
  std::vector<std::string> entries(const std::vector<NamedText>& list, bool query) {
    std::vector<std::string> out;
    const auto may_miss = out_.may_miss;
    for (const NamedText& entry : list) {
      const Template pieces = split_template(entry.value.text);
      if (query && entry.value.text.empty() && signs_query(context_, request_)) {
        context_.report.say(entry.value.span,
                            "left out: Fides loses a blank parameter beside a key in the query");
        continue;
      }
      std::string value;
      if (is_plain_number(entry.value.text)) {
        value = entry.value.text;
      } else {
        std::vector<std::string> missing;
        const bool alone = pieces.size() == 1;
        const auto expr = text_expr(pieces, noting(alone), false, missing);
        if (!expr) {
          context_.report.say(entry.value.span, "left out, as in every request of Fides: `<" +
                                                    missing.front() + ">` has no value");
          context_.warn(entry.value.span,
                        "`<" + missing.front() + ">` has no value, so this is never sent");
          continue;
        }
        value = entry_expr(context_, pieces, scope_.lookup, *expr);
      }
      out.push_back(object_key(entry.name.text) + ": " + value);
    }
    out_.may_miss = may_miss;  // an entry is left out alone
    return out;
  }

  void add_object(const char* word, const std::vector<std::string>& entries) {
    if (entries.empty()) return;
    std::size_t size = 0;
    for (const std::string& entry : entries) size += entry.size() + 2;
    std::string text = std::string(word) + (size > 84 ? " {\n" : " { ");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      text += entries[i] + (i + 1 == entries.size() ? "" : size > 84 ? "\n" : ", ");
    }
    out_.clauses.emplace_back(text + (size > 84 ? "\n}" : " }"));
  }

  void query() {
    std::vector<NamedText> all = in_path_;
    all.insert(all.end(), request_.query.begin(), request_.query.end());
    add_object("query", entries(all, true));
  }

  void headers() {
    std::vector<NamedText> rest;
    for (const NamedText& header : request_.headers) {
      if (same_name(header.name.text, "Content-Type") && request_.body.given) {
        type_ = &header.value;
      } else {
        rest.push_back(header);
      }
    }
    add_object("headers", entries(rest, false));
  }

  void body() {
    if (!request_.body.given) return;
    const std::string type = type_ == nullptr ? "application/json" : type_->text;
    if (type == "text/plain") return text_body("text/plain");
    const bool form = type == "application/x-www-form-urlencoded";
    if (!form && type != "application/json") {
      context_.error(DiagnosticId::not_importable, type_->span,
                     "Fides refuses a body of the type `" + type + "`, so this request never works",
                     "it takes application/json, application/x-www-form-urlencoded and text/plain");
      failed_ = true;
      return;
    }
    if (type_ != nullptr) {
      context_.report.say(type_->span, form ? "`body form` sets it" : "`body json` sets it");
    }
    // Identities inside a body: an optional one may be missing.
    const Template pieces = split_template(request_.body.text);
    std::set<std::string> optional_names;
    for (const Piece& piece : pieces) {
      if (piece.hole && piece.optional) optional_names.insert(piece.text);
    }
    const Lookup lookup = [&](const std::string& name) {
      return noting(optional_names.count(name) != 0)(name);
    };
    auto parsed = body_expr(request_.body.text, lookup);
    const bool as_text = !parsed || (context_.exact && !form && !parsed->repaired.empty());
    if (!as_text) parsed = body_expr(request_.body.text, lookup, unquoted(context_));
    if (as_text) {
      if (form) {
        context_.error(DiagnosticId::not_importable, request_.body.span,
                       "the body isn't JSON, so Fides can't make a form of it");
        failed_ = true;
        return;
      }
      context_.report.say(request_.body.span, "kept as text: it is no JSON");
      return text_body("application/json");
    }
    for (const std::string& name : parsed->missing) {
      if (optional_names.count(name) == 0) resolve({name}, request_.body.span);
    }
    for (const std::string& what : parsed->repaired) {
      context_.report.differ(request_.body.span, "mended in the body: " + what);
    }
    if (form) in_fides_spelling(*parsed);
    out_.clauses.emplace_back(std::string(form ? "body form " : "body json ") + parsed->expr);
  }

  void in_fides_spelling(Body& body) {
    const bool masked = body.masks && form_differs(context_, scope_.collection);
    if (!body.odd_list && !masked && !(context_.exact && body.any_shape)) return;
    if (context_.exact) {
      body.expr = fides_form(context_, body.expr);
    } else {
      context_.report.differ(
          request_.body.span,
          "what is inside a list is `a[][b]=c`, and true is `true`; Fides spells "
          "both as Python does");
    }
  }

  /// The template as it is: what Fides sends, byte for byte.
  void text_body(const std::string& type) {
    std::vector<std::string> missing;
    Template pieces = split_template(request_.body.text);
    std::string text;
    bool around = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const bool quoted_hole = pieces[i].hole && i > 0 && i + 1 < pieces.size() &&
                               !pieces[i - 1].hole && pieces[i - 1].text.ends_with('"') &&
                               pieces[i + 1].text.starts_with('"') && !pieces[i + 1].hole;
      // Quotes around holes are wanted here: the text is sent as it stands.
      around = around || quoted_hole;
      if (quoted_hole && pieces[i].optional) {
        // Null takes the quotes away. The literal before has been written, with its quote.
        const auto value = noting(true)(pieces[i].text);
        if (!value) missing.push_back(pieces[i].text);
        text.resize(text.size() - std::string_view("\\\"").size());
        pieces[i + 1].text.erase(0, 1);
        if (value) {
          text += "{if " + value->expr + " == null then \"null\" else \"\\\"{" + value->expr +
                  "}\\\"\"}";
        }
        continue;
      }
      const Lookup lookup = [&](const std::string& name) -> std::optional<Value> {
        auto found = noting(false)(name);
        if (found && found->whole) found->expr = "slice(json(" + found->expr + "), 1, -1)";
        return found;
      };
      text += hole_text({pieces[i]}, lookup, missing).value_or("");
    }
    resolve(missing, request_.body.span);
    Block clause("body text \"" + text + "\" as " + quoted(type));
    if (around) clause.comments.emplace_back("# allow F0310: the text is sent as it stands");
    out_.clauses.push_back(std::move(clause));
  }

  Context& context_;
  const Request& request_;
  const Scope& scope_;
  Lowered out_;
  std::string path_;
  std::vector<NamedText> in_path_;
  const Text* type_ = nullptr;
  bool secret_path_ = false;
  bool failed_ = false;
};

/// A line that is YAML put aside, and no explanation.
bool is_code(std::string_view text) {
  if (text.starts_with("- ")) return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const bool key =
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
      });
  return key && (colon + 1 == text.size() || text[colon + 1] == ' ');
}

}  // namespace

std::optional<Lowered> request_text(Context& context, const Request& request, const Scope& scope,
                                    const std::string& hint) {
  return RequestLowerer(context, request, scope).lower(hint);
}

std::string skip_clause(const Context& context, const Request& request) {
  if (!request.ignore_all && request.ignored.empty()) return "";
  if (request.ignore_all) {
    context.report.say(request.ignore_errors.span, "every failure is skipped and counted");
    return "skip on 4xx, 401, 403, 429, 5xx";
  }
  std::string out = "skip on ";
  for (std::size_t i = 0; i < request.ignored.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(request.ignored[i]);
  }
  return out;
}

void add_missing_skips(const Request& request, Lowered& out) {
  if (!request.skip_missing.given) return;
  for (const std::string& expr : out.may_miss)
    out.clauses.emplace_back("skip when " + expr + " == null " + quoted("there is no " + expr));
}

std::string retry_clause(const Context& context, const Request& request) {
  if (!context.exact) return "";
  std::vector<int> again;
  for (const int status : {429, 502, 503, 504}) {
    const auto ignored = std::find(request.ignored.begin(), request.ignored.end(), status);
    if (!request.ignore_all && ignored == request.ignored.end()) again.push_back(status);
  }
  if (again.size() == 4) return "";
  if (again.empty()) return "retry on 429, 502..504 times 0";
  std::string out = "retry on ";
  for (std::size_t i = 0; i < again.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(again[i]);
  }
  return out + " times 3 backoff 1s..60s";
}

std::uint32_t line_of(const Context& context, Span span) {
  return context.documents.sources.position(span.file, span.begin).line - 1;
}

std::vector<std::string> comments_at(Context& context, std::uint32_t first, std::uint32_t last) {
  std::vector<std::string> out;
  std::string text;
  for (const Comment& comment : context.documents.config_comments) {
    if (comment.line < first || comment.line > last) continue;
    if (!context.said.insert(comment.span.begin).second) continue;
    if (is_code(comment.text)) {
      context.report.read(comment.span, "a comment");
      context.report.say(comment.span, "left out: YAML that was put aside");
      continue;
    }
    text += (text.empty() ? "" : " ") + comment.text;
  }
  for (std::string& line : doc_lines(text, "# ")) out.push_back(std::move(line));
  return out;
}

}  // namespace fconn::importer
