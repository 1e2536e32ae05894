// Declarations, types and fields. The declaration under construction is the last one.
#include <charconv>

#include "grammar/build_ast.hh"
#include "grammar/parse_text.hh"

namespace fconn::grammar {
namespace {

/// Declarations of which a connector or a collection has one.
bool is_single(const Decl& decl) {
  return std::visit(
      Overloaded{[](const VersionDecl&) { return true; }, [](const DocsDecl&) { return true; },
                 [](const CategoryDecl&) { return true; }, [](const CheckDecl&) { return true; },
                 [](const ForDecl&) { return true; }, [](const UpdateDecl&) { return true; },
                 [](const DeleteDecl&) { return true; }, [](const FieldsDecl&) { return true; },
                 [](const PreferDecl&) { return true; }, [](const EmitDecl&) { return true; },
                 [](const ClientDecl& client) { return !client.name.has_value(); },
                 [](const auto&) { return false; }},
      decl.node);
}

}  // namespace

void Builder::open_decl(Span word) { check_word(word, levels_.back().level); }

void Builder::begin_param(Span word) { begin_decl<ParamDecl>(word); }

void Builder::begin_secret(Span word) {
  begin_decl<ParamDecl>(word);
  decl_as<ParamDecl>().secret = true;
}

void Builder::end_decl(Span span) { decl().span = at(decl().span.begin, span.end); }

void Builder::subject(Span span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.name; }) node.name = declared(span);
      },
      decl().node);
}

void Builder::quoted_subject(Span span) { decl_as<CollectionDecl>().name = quoted_name(span); }

void Builder::label(Span) {
  std::visit(
      [&](auto& node) {
        const auto set = [&](std::vector<Expr>& into) {
          std::vector<Expr> text = take_one();
          if (!into.empty()) repeated("title", text[0].span, into[0].span);
          into = std::move(text);
        };
        if constexpr (requires { node.label; }) set(node.label);
        if constexpr (requires { node.title; }) set(node.title);
      },
      decl().node);
}

void Builder::decl_value(Span) {
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.path; }) {
          node.path = take_one();
        } else if constexpr (requires {
                               node.chain;
                               node.purpose;
                             }) {
          node.purpose = take_one();
        } else if constexpr (requires { node.value; }) {
          node.value = take_one();
        }
      },
      decl().node);
}

void Builder::category_name(Span span) { decl_as<CategoryDecl>().name = name(span); }

void Builder::param_type(Span) {
  TypeExpr type = std::move(types_.back());
  types_.pop_back();
  std::visit(
      [&](auto& node) {
        if constexpr (requires {
                        node.label;
                        node.type;
                      })
          node.type = std::move(type);
      },
      decl().node);
}

void Builder::param_default(Span) { decl_as<ParamDecl>().default_value = take_one(); }

void Builder::fn_param_name(Span span) {
  fn_params_.emplace_back();
  fn_params_.back().name = declared(span);
}

void Builder::fn_param_default(Span) { fn_params_.back().default_value = take_one(); }

void Builder::fn_param(Span span) { fn_params_.back().span = span; }

void Builder::fn_params(Span) {
  const auto from = fn_params_.begin() + static_cast<std::ptrdiff_t>(close_frame().requests);
  std::vector<FnParam> taken(std::make_move_iterator(from),
                             std::make_move_iterator(fn_params_.end()));
  fn_params_.erase(from, fn_params_.end());
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.params; }) node.params = std::move(taken);
      },
      decl().node);
}

void Builder::fn_body(Span) { decl_as<FnDecl>().body = take_one(); }

void Builder::decl_clauses(Span) {
  std::vector<Clause> taken = take_clauses();
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.clauses; }) node.clauses = std::move(taken);
      },
      decl().node);
}

void Builder::decl_items(Span) {
  const auto from = decls_.begin() + static_cast<std::ptrdiff_t>(closed_.base);
  std::vector<Decl> taken(std::make_move_iterator(from), std::make_move_iterator(decls_.end()));
  decls_.erase(from, decls_.end());
  if (braces_slipped_) adopt(text_, taken, Level::connector);
  check_once(taken);
  std::visit(
      [&](auto& node) {
        if constexpr (requires { node.items; }) node.items = std::move(taken);
      },
      decl().node);
}

// After a `}` too many, the rest of a connector or collection stands behind it: it goes back in, so
// that later stages see what was meant.
void Builder::adopt(std::string_view text, std::vector<Decl>& decls, Level level) {
  std::vector<Decl> kept;
  for (Decl& decl : decls) {
    const std::string_view word =
        text.substr(decl.keyword.begin, decl.keyword.end - decl.keyword.begin);
    std::vector<Decl>* home = &kept;
    for (std::size_t i = kept.size(); (levels_of(word) & bit(level)) == 0 && i-- > 0;) {
      if (auto* collection = std::get_if<CollectionDecl>(&kept[i].node)) home = &collection->items;
      if (auto* connector = std::get_if<ConnectorDecl>(&kept[i].node)) home = &connector->items;
      if (home != &kept) break;
    }
    home->push_back(std::move(decl));
  }
  decls = std::move(kept);
}

void Builder::check_once(const std::vector<Decl>& decls) {
  constexpr std::size_t kKinds = std::variant_size_v<decltype(Decl::node)>;
  std::array<const Decl*, kKinds> firsts{};
  for (const Decl& decl : decls) {
    if (!is_single(decl)) continue;
    const Decl*& first = firsts[decl.node.index()];
    if (first == nullptr) {
      first = &decl;
    } else {
      repeated(view(decl.keyword), decl.keyword, first->keyword);
    }
  }
}

void Builder::any_word(Span span) { names_.push_back(name(span)); }
void Builder::any_quoted(Span span) { names_.push_back(quoted_name(span)); }

void Builder::direction(Span span) { decl_as<ConsentDecl>().direction = name(span); }

void Builder::without_kind(Span span) { decl_as<WithoutDecl>().kind = name(span); }

void Builder::without_name(Span) {
  decl_as<WithoutDecl>().name = std::move(names_.back());
  names_.pop_back();
}

void Builder::source_name(Span span) {
  decl_as<ForDecl>().sources.emplace_back();
  decl_as<ForDecl>().sources.back().name = declared(span);
}

void Builder::source_where(Span) { decl_as<ForDecl>().sources.back().where = take_one(); }

void Builder::for_source(Span span) {
  ForSource& source = decl_as<ForDecl>().sources.back();
  source.source = take_one();
  source.span = span;
}

void Builder::erased_name(Span) {
  decl_as<EraseAfterDecl>().collections.push_back(std::move(names_.back()));
  names_.pop_back();
}

void Builder::preferred(Span span) { decl_as<PreferDecl>().action = name(span); }

void Builder::base_name(Span span) { decl_as<ConnectorDecl>().extends = name(span); }

void Builder::base_version(Span) { decl_as<ConnectorDecl>().base_version = take_one(); }

// ---- types and fields --------------------------------------------------------------------------

std::vector<Field> Builder::take_fields() {
  const auto from = fields_.begin() + static_cast<std::ptrdiff_t>(closed_.base);
  std::vector<Field> taken(std::make_move_iterator(from), std::make_move_iterator(fields_.end()));
  fields_.erase(from, fields_.end());
  return taken;
}

void Builder::default_category(Span) {
  decl_as<FieldsDecl>().defaults.push_back(std::move(categories_.back()));
  categories_.pop_back();
}

void Builder::fields_block(Span) { decl_as<FieldsDecl>().fields = take_fields(); }

void Builder::type_name(Span span) {
  TypeExpr type;
  type.kind = TypeKind::named;
  type.name = name(span);
  type.span = span;
  types_.push_back(std::move(type));
}

void Builder::type_list(Span span) {
  close_frame();
  TypeExpr type;
  type.kind = TypeKind::list;
  type.element.push_back(std::move(types_.back()));
  type.span = span;
  types_.back() = std::move(type);
}

void Builder::type_object(Span span) {
  TypeExpr type;
  type.kind = TypeKind::object;
  type.fields = take_fields();
  type.span = span;
  types_.push_back(std::move(type));
}

void Builder::choice_mark(Span span) {
  Frame frame;
  frame.open = span.begin;
  frame.base = exprs_.size();
  frame.names = names_.size();
  frames_.push_back(frame);
}

void Builder::type_choices(Span span) {
  const Frame frame = close_frame();
  TypeExpr type;
  type.kind = TypeKind::choices;
  for (std::size_t i = frame.base; i < exprs_.size(); ++i) {
    type.choices.push_back(std::move(exprs_[i].expr));
  }
  exprs_.erase(exprs_.begin() + static_cast<std::ptrdiff_t>(frame.base), exprs_.end());
  type.span = span;
  types_.push_back(std::move(type));
}

void Builder::field_name_word(Span span) {
  fields_.emplace_back();
  fields_.back().name = name(span);
}

void Builder::field_name_quoted(Span span) {
  fields_.emplace_back();
  fields_.back().name = quoted_name(span);
}

void Builder::field_type(Span) {
  fields_.back().type = std::move(types_.back());
  types_.pop_back();
}

void Builder::category_text(Span span) {
  categories_.push_back(CategoryRef{std::string(view(span)), at(span.begin - 1, span.end)});
}

void Builder::field_category(Span) {
  fields_.back().categories.push_back(std::move(categories_.back()));
  categories_.pop_back();
}

void Builder::mark_once(bool there, std::string_view word, Span span) {
  if (!there) return;
  report(DiagnosticId::duplicate_clause, span,
         "a field has one `" + std::string(word) + "`, and this is a second",
         "Remove one of the two.");
}

void Builder::key_mark(Span span) {
  mark_once(fields_.back().key, "key", span);
  fields_.back().key = true;
}

void Builder::readonly_mark(Span span) {
  mark_once(fields_.back().readonly, "readonly", span);
  fields_.back().readonly = true;
}

void Builder::length_value(Span span) {
  mark_once(fields_.back().length.has_value(), "length", span);
  std::int64_t length = 0;
  const std::string_view text = view(span);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), length);
  if (read.ec != std::errc()) {
    report(DiagnosticId::bad_literal, span, "`" + std::string(text) + "` doesn't fit in 64 bits");
  }
  fields_.back().length = length;
}

void Builder::format_value(Span span) {
  mark_once(fields_.back().format.has_value(), "format", span);
  fields_.back().format = name(span);
}

void Builder::mask_value(Span span) {
  mark_once(!fields_.back().mask.empty(), "mask", span);
  fields_.back().mask = take_one();
}

void Builder::field_head(Span span) { fields_.back().span = span; }

}  // namespace fconn::grammar
