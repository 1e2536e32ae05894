#include "tools/lsp/describe.hh"

#include <algorithm>
#include <array>

#include "tools/lsp/tokens.hh"
#include "tools/lsp/word_docs.hh"

namespace fconn::lsp {

using compile::NameKind;

namespace {

struct Builtin {
  std::string_view name, signature, doc;
};
constexpr std::array builtins{
    Builtin{"status", "status: int", "The answer's HTTP status."},
    Builtin{"headers", "headers: object",
            "The answer's headers; `headers.Link`, whatever the case."},
    Builtin{"links", "links: object", "The answer's Link header, by relation: `links.next`."},
    Builtin{"request", "request: object",
            "The request: method, url, target, host, path, query, headers, body and text."},
    Builtin{"rows", "rows: list", "The rows of this page."},
    Builtin{"row", "row: object", "The row that is erased."},
    Builtin{"masked", "masked: object", "The masked fields of the row that is erased."},
    Builtin{"masked_row", "masked_row: object",
            "The whole row that is erased, with its masked fields."},
    Builtin{"auth", "auth.token: string", "The token that the request's client holds."},
    Builtin{"token", "auth.token: string", "The token that the request's client holds."},
    Builtin{"request_id", "request_id: string", "The privacy request's id."},
};

Described describe_intrinsic(std::string_view name) {
  const eval::Intrinsic* found = eval::find_intrinsic(name);
  if (found == nullptr) {
    if (name == "union")
      return {"union(values, …)", "In a `for`: each value of any of these sources, once."};
    if (name != "batch") return {};
    return {"batch(values, most)", "In a `for`: up to so many distinct values at once."};
  }
  Described out{signature(*found), std::string(found->summary)};
  if (!found->errors.empty()) out.doc += "\n\nFails: " + std::string(found->errors);
  if (found->on_null == eval::OnNull::error) out.doc += "\n\nNull is an error.";
  if (found->on_null == eval::OnNull::gives_null) out.doc += "\n\nNull gives null.";
  if (!found->examples.empty()) {
    out.doc += "\n\n```fconn";
    for (const std::string_view example : found->examples) out.doc += "\n" + std::string(example);
    out.doc += "\n```";
  }
  return out;
}

std::string markdown(const Described& described) {
  std::string out = "```fconn\n" + described.signature + "\n```";
  if (!described.doc.empty()) out += "\n\n" + described.doc;
  return out;
}

}  // namespace

std::string signature(const eval::Intrinsic& function) {
  std::string out = std::string(function.name) + "(";
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const eval::Parameter& parameter = function.parameters[i];
    if (i > 0) out += ", ";
    out += std::string(parameter.name) + ": " + eval::describe(parameter.type);
    if (parameter.optional && !parameter.default_text.empty()) {
      out += " = " + std::string(parameter.default_text);
    }
  }
  if (function.variadic) out += ", …";
  return out + "): " + eval::describe(function.result);
}

std::string_view noun(NameKind kind) {
  switch (kind) {
    case NameKind::param:
      return "a parameter";
    case NameKind::secret:
      return "a secret";
    case NameKind::identity:
      return "an identity";
    case NameKind::external:
      return "an external";
    case NameKind::client:
      return "a client";
    case NameKind::collection:
      return "a collection";
    case NameKind::field:
      return "a field";
    case NameKind::binding:
      return "a binding";
    case NameKind::let:
      return "a `let`";
    case NameKind::local:
      return "a variable";
    case NameKind::token:
      return "a token";
    case NameKind::function:
      return "a function";
    case NameKind::intrinsic:
      return "a library function";
    case NameKind::auth:
      return "an auth strategy";
    case NameKind::pagination:
      return "a pagination strategy";
    case NameKind::connector:
      return "a connector";
    case NameKind::module:
      return "a file";
    case NameKind::builtin:
      return "a value of the language";
    case NameKind::type:
      return "a type";
    case NameKind::format:
      return "a format";
    case NameKind::argument:
      return "an argument";
  }
  return "a name";
}

const std::vector<Symbol>& Describer::outline_of(FileId file) {
  const auto [place, fresh] = outlines_.try_emplace(file.value);
  if (fresh) place->second = outline(analysis_.sources, tree(analysis_, file));
  return place->second;
}

const Symbol* Describer::symbol(Span declared) {
  if (declared.file.value >= analysis_.sources.size()) return nullptr;
  return find_symbol(outline_of(declared.file), declared);
}

std::string Describer::inferred(Span declared) const {
  eval::Type all{};
  for (const compile::NameType& type : analysis_.names.types) {
    if (type.declared != declared) continue;
    if (!type.rows_of.empty()) return "a row of " + type.rows_of;
    all = all | type.type;
  }
  return all == eval::Type{} || all == eval::Type::any ? "" : eval::describe(all);
}

Described Describer::describe(std::string_view name, NameKind kind, Span declared) {
  const std::string text(name);
  if (kind == NameKind::intrinsic) return describe_intrinsic(name);
  if (kind == NameKind::builtin) {
    for (const Builtin& one : builtins) {
      if (one.name == name) return {std::string(one.signature), std::string(one.doc)};
    }
    return {text, "A part of the request."};
  }
  const Symbol* found = declared.end > declared.begin ? symbol(declared) : nullptr;
  Described out;
  if (found != nullptr) out.doc = found->doc;
  const std::string type = declared.end > declared.begin ? inferred(declared) : "";
  const std::string typed = type.empty() ? "" : ": " + type;
  const std::string detail = found == nullptr ? "" : found->detail;
  const bool marked = detail.starts_with(":") || detail.starts_with("(");
  const std::string shown = detail.empty() || marked ? detail : " " + detail;
  switch (kind) {
    case NameKind::function:
      out.signature = "fn " + text + detail + typed;
      break;
    case NameKind::auth:
      out.signature = "auth " + text + detail;
      break;
    case NameKind::pagination:
      out.signature = "pagination " + text + detail;
      break;
    case NameKind::param:
      out.signature = "param " + text + shown;
      break;
    case NameKind::secret:
      out.signature = "secret " + text + shown;
      break;
    case NameKind::identity:
      out.signature = "identity " + text + shown;
      break;
    case NameKind::external:
      out.signature = "external " + text + shown;
      break;
    case NameKind::client:
      out.signature = "client " + text;
      break;
    case NameKind::collection:
      out.signature = "collection " + text;
      break;
    case NameKind::connector:
      out.signature = "connector " + text + shown;
      break;
    case NameKind::field:
      out.signature = text + ": " + detail;
      break;
    case NameKind::let:
      out.signature = "let " + text + typed;
      break;
    case NameKind::binding:
      out.signature = "for " + text + typed;
      break;
    case NameKind::token:
      out.signature = "token " + text;
      break;
    default:
      out.signature = text + typed;
      break;
  }
  return out;
}

std::optional<Hover> hover(const Analysis& analysis, std::uint32_t offset) {
  const std::vector<compile::NameUse> uses = analysis.at(offset);
  if (!uses.empty()) {
    const compile::NameUse& use = uses.front();
    const Span where = use.where;
    if (use.kind == NameKind::module) {
      const std::string path(analysis.sources.name(use.declared.file));
      return Hover{"`" + path + "`", where.begin, where.end};
    }
    Describer describer(analysis);
    const Described described =
        describer.describe(analysis.sources.slice(use.declared == use.where ? where : use.declared),
                           use.kind, use.declared);
    return Hover{markdown(described), where.begin, where.end};
  }
  // A word that begins an item.
  const std::string_view text = analysis.text();
  const Word word = word_at(text, offset);
  if (word.begin == word.end) return std::nullopt;
  const Scan scanned = scan(text.substr(0, word.end));
  if (scanned.tokens.empty() || !scanned.open.back().clauses) return std::nullopt;
  const Token& last = scanned.tokens.back();
  if (!last.starts_item || last.begin != word.begin) return std::nullopt;
  const std::string_view written = text.substr(word.begin, word.end - word.begin);
  const WordDoc* doc = word_doc(written, scanned.open.back().level);
  if (doc == nullptr) return std::nullopt;
  return Hover{markdown({std::string(doc->form), std::string(doc->text)}), word.begin, word.end};
}

}  // namespace fconn::lsp
