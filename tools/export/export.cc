#include "tools/export/export.hh"

#include <algorithm>
#include <array>

#include "tools/export/context.hh"

namespace fconn::exporter {

void Context::error(Span where, std::string text, std::string help) {
  diagnostics.push_back(
      grammar::diagnostic(DiagnosticId::not_in_fides, where, std::move(text), std::move(help)));
}

void Context::warn(Span where, std::string text, std::string help) {
  diagnostics.push_back(
      grammar::diagnostic(DiagnosticId::export_differs, where, std::move(text), std::move(help)));
}

const grammar::FieldsDecl* Context::fields_of(std::string_view collection) const {
  const auto found = collections.find(collection);
  if (found == collections.end()) return nullptr;
  for (const grammar::Decl& item : found->second->items) {
    if (const auto* fields = std::get_if<grammar::FieldsDecl>(&item.node)) return fields;
  }
  return nullptr;
}

const grammar::Field* Context::field_at(std::string_view collection,
                                        const std::vector<Step>& path) const {
  const grammar::FieldsDecl* fields = fields_of(collection);
  const std::vector<grammar::Field>* level = fields == nullptr ? nullptr : &fields->fields;
  const grammar::Field* out = nullptr;
  for (const Step& step : path) {
    if (step.each || step.index) continue;
    if (level == nullptr) return nullptr;
    const auto found = std::find_if(level->begin(), level->end(), [&](const grammar::Field& one) {
      return one.name.text == step.text;
    });
    if (found == level->end()) return nullptr;
    out = &*found;
    const grammar::TypeExpr* type = &found->type;
    if (type->kind == grammar::TypeKind::list) type = &type->element.front();
    level = &type->fields;
  }
  return out;
}

bool Context::holds_text(const std::string& collection, const std::vector<Step>& path) const {
  if (const grammar::Field* field = field_at(collection, path)) return is_text(field->type);
  const auto known = made_texts.find(collection);
  return known != made_texts.end() && known->second.count(fides_path(path)) != 0;
}

bool Context::knows(const std::string& collection, const std::vector<Step>& path) const {
  const grammar::Field* field = field_at(collection, path);
  if (field == nullptr) return holds_text(collection, path);
  return field->type.kind != grammar::TypeKind::named || field->type.name.text != "any";
}

bool Context::holds_bool(const std::string& collection, const std::vector<Step>& path) const {
  const grammar::Field* field = field_at(collection, path);
  return field != nullptr && field->type.kind == grammar::TypeKind::named &&
         field->type.name.text == "bool";
}

bool Context::is_text_outside(std::string_view external) const {
  const auto found = externals.find(external);
  return found != externals.end() && found->second->type && is_text(*found->second->type);
}

const grammar::FnDecl* Context::function_of(const grammar::CallExpr& call) const {
  const auto found = functions.find(call.callee.text);
  if (found == functions.end() || imported(call) != nullptr) return nullptr;
  const std::vector<const grammar::FnDecl*>& all = found->second;
  const auto near = std::find_if(all.begin(), all.end(), [&](const grammar::FnDecl* one) {
    return one->name.span.file == call.callee.span.file;
  });
  return near == all.end() ? all.front() : *near;
}

namespace {

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

class Exporter {
 public:
  Exporter(const grammar::SourceMap& sources, const compile::Extended& whole,
           grammar::Diagnostics& diagnostics)
      : whole_(whole),
        decl_(whole.connector),
        connector_(std::get<grammar::ConnectorDecl>(decl_.node)),
        context_{sources, diagnostics, connector_, {}, {}, {}, {}, {}, {},
                 {},      {},          {},         {}, {}, {}, {}, {}} {}

  void write(Exported& out) {
    out.name = connector_.name.text;
    declare(connector_.items);
    for (const grammar::Ast& file : whole_.files) declare(file.items);
    Yaml config, dataset;
    config.add("saas_config", saas_config());
    dataset.add("dataset", Yaml::list()).push(dataset_yaml());
    if (grammar::has_errors(context_.diagnostics)) return;
    out.config = print(config);
    out.dataset = print(dataset);
  }

 private:
  void declare(const std::vector<grammar::Decl>& items) {
    for (const grammar::Decl& item : items) {
      std::visit(
          grammar::Overloaded{
              [&](const grammar::ParamDecl& one) { context_.params[one.name.text] = &one; },
              [&](const grammar::IdentityDecl& one) { context_.identities.insert(one.name.text); },
              [&](const grammar::ExternalDecl& one) { context_.externals[one.name.text] = &one; },
              [&](const grammar::CollectionDecl& one) {
                context_.collections[one.name.text] = &one;
                note_links(one);
              },
              [&](const grammar::AuthDecl& one) { context_.auths.emplace(one.name.text, &one); },
              [&](const grammar::PaginationDecl& one) {
                context_.paginations.emplace(one.name.text, &one);
              },
              [&](const grammar::FnDecl& one) {
                context_.functions[one.name.text].push_back(&one);
              },
              [&](const grammar::ClientDecl& one) {
                context_.clients[one.name ? one.name->text : ""] = &one;
              },
              [](const auto&) {}},
          item.node);
    }
  }

  void note_links(const grammar::CollectionDecl& decl) {
    static constexpr std::array<std::string_view, 5> others = {"offset", "page", "after_last",
                                                               "cursor", "fides_link"};
    for (const grammar::Decl& item : decl.items) {
      const auto* read = std::get_if<grammar::ReadDecl>(&item.node);
      if (read == nullptr || read->chain.request.empty()) continue;
      const grammar::Request& request = read->chain.request.front();
      for (const grammar::Clause& clause : request.clauses) {
        const auto* paginate = std::get_if<grammar::PaginateClause>(&clause.node);
        if (paginate == nullptr ||
            std::find(others.begin(), others.end(), paginate->strategy.text) != others.end()) {
          continue;
        }
        context_.followed_clients.insert(request.via ? request.via->text : "");
      }
    }
  }

  std::string constant_of(const std::vector<Expr>& value) const {
    return value.empty() ? std::string() : constant(value.front()).value_or("");
  }

  std::string title() const {
    const std::string given = constant_of(connector_.title);
    return given.empty() ? connector_.name.text : given;
  }

  std::string description() const {
    return decl_.doc.empty()
               ? "A sample schema representing the " + title() + " connector for Fides"
               : one_line(decl_.doc);
  }

  // ---- the config ----

  Yaml saas_config() {
    Yaml out;
    out.add("fides_key", Yaml::text(std::string(instance_key)));
    out.add("name", Yaml::text(title()));
    out.add("type", Yaml::text(connector_.name.text));
    out.add("description", Yaml::text(description()));
    std::string version = "0.0.1";
    for (const grammar::Decl& item : connector_.items) {
      if (const auto* one = std::get_if<grammar::VersionDecl>(&item.node))
        version = constant_of(one->value);
    }
    out.add("version", Yaml::text(version));
    for (const grammar::Decl& item : connector_.items) header(item, out);
    params(out);
    externals(out);
    client(out);
    test(out);
    consents(out);
    endpoints(out);
    return out;
  }

  void header(const grammar::Decl& item, Yaml& out) {
    if (const auto* docs = std::get_if<grammar::DocsDecl>(&item.node))
      out.add("user_guide", Yaml::text(constant_of(docs->value)));
    if (const auto* category = std::get_if<grammar::CategoryDecl>(&item.node)) {
      Yaml info;
      info.add("category", Yaml::text(category_of(category->name)));
      out.add("display_info", std::move(info));
    }
  }

  /// Fides refuses a config with a category that it doesn't know.
  std::string category_of(const grammar::Name& name) {
    static constexpr std::array<std::string_view, 13> known = {
        "ANALYTICS",     "CLOUD_INFRASTRUCTURE",
        "COMMUNICATION", "CRM",
        "CUSTOM",        "DATABASE",
        "DATA_CATALOG",  "DATA_WAREHOUSE",
        "ECOMMERCE",     "IDENTITY_PROVIDER",
        "MANUAL",        "MARKETING",
        "WEBSITE"};
    std::string upper = upper_case(name.text);
    if (upper == "COMMUNICATIONS") return "COMMUNICATION";
    if (upper == "IDENTITY") return "IDENTITY_PROVIDER";
    if (std::find(known.begin(), known.end(), upper) != known.end()) return upper;
    context_.warn(name.span, "Fides has no category `" + name.text + "`: it becomes CUSTOM");
    return "CUSTOM";
  }

  void params(Yaml& out) {
    Yaml& list = out.add("connector_params", Yaml::list());
    for (const grammar::Decl& item : connector_.items) {
      if (const auto* one = std::get_if<grammar::ParamDecl>(&item.node))
        list.push(param(*one, item));
    }
  }

  Yaml param(const grammar::ParamDecl& decl, const grammar::Decl& whole) {
    Yaml out;
    out.add("name", Yaml::text(decl.name.text));
    if (!decl.label.empty()) out.add("label", Yaml::text(constant_of(decl.label)));
    if (!whole.doc.empty()) out.add("description", Yaml::text(one_line(whole.doc)));
    type(decl, out);
    if (!decl.default_value.empty()) default_value(decl.default_value.front(), out);
    if (decl.secret) out.add("sensitive", Yaml::word("true"));
    return out;
  }

  void type(const grammar::ParamDecl& decl, Yaml& out) {
    if (!decl.type) return;
    const grammar::TypeExpr& type = *decl.type;
    if (type.kind == grammar::TypeKind::choices) {
      Yaml options = Yaml::list();
      for (const Expr& choice : type.choices) {
        const auto text = constant(choice);
        if (!text) context_.error(choice.span, "Fides' options are texts");
        options.push(Yaml::text(text.value_or("")));
      }
      out.add("options", std::move(options));
    } else if (type.kind == grammar::TypeKind::list) {
      multiselect(decl, out);
    } else if (!is_text(type) && decl.default_value.empty()) {
      context_.warn(type.span, "Fides takes a text here, whatever it holds");
    }
  }

  /// Fides wants to know what can be chosen: what is chosen by default is all that the file says.
  void multiselect(const grammar::ParamDecl& decl, Yaml& out) {
    const auto* list =
        decl.default_value.empty() ? nullptr : node<grammar::ListExpr>(decl.default_value.front());
    if (list == nullptr || list->items.empty()) {
      context_.error(decl.type->span,
                     "Fides' lists are chosen from options, which the file doesn't say",
                     "give it the options as its default");
      return;
    }
    Yaml options = Yaml::list();
    for (const grammar::ListItem& item : list->items)
      options.push(Yaml::text(constant(item.value.front()).value_or("")));
    out.add("options", std::move(options));
    out.add("multiselect", Yaml::word("true"));
  }

  void default_value(const Expr& value, Yaml& out) {
    if (const auto number = whole_number(value)) {
      out.add("default_value", Yaml::word(*number));
    } else if (const auto text = constant(value)) {
      out.add("default_value", Yaml::text(*text));
    } else if (const auto* list = node<grammar::ListExpr>(value)) {
      Yaml& items = out.add("default_value", Yaml::list());
      for (const grammar::ListItem& item : list->items)
        items.push(Yaml::text(constant(item.value.front()).value_or("")));
    } else if (!is_null(value)) {
      context_.error(value.span,
                     "a default is in Fides a text, a whole number, or a list of texts");
    }
  }

  void externals(Yaml& out) const {
    Yaml list = Yaml::list();
    for (const grammar::Decl& item : connector_.items) {
      const auto* one = std::get_if<grammar::ExternalDecl>(&item.node);
      if (one == nullptr) continue;
      Yaml& external = list.push({});
      external.add("name", Yaml::text(one->name.text));
      if (!one->label.empty()) external.add("label", Yaml::text(constant_of(one->label)));
      if (!item.doc.empty()) external.add("description", Yaml::text(one_line(item.doc)));
    }
    if (!list.empty()) out.add("external_references", std::move(list));
  }

  void client(Yaml& out) {
    const Client* found = client_of(context_, "", connector_.name.span);
    if (found == nullptr) return;
    out.add("client_config", found->config);
    if (!found->rates.empty()) out.add("rate_limit_config", found->rates);
  }

  void test(Yaml& out) {
    for (const grammar::Decl& item : connector_.items) {
      const auto* check = std::get_if<grammar::CheckDecl>(&item.node);
      if (check == nullptr) continue;
      if (auto yaml = check_yaml(context_, check->chain)) out.add("test_request", std::move(*yaml));
      return;
    }
    context_.error(connector_.name.span, "Fides needs a request that tests the connection",
                   "write a `check`");
  }

  void consents(Yaml& out) {
    Yaml all;
    for (const grammar::Decl& item : connector_.items) {
      const auto* consent = std::get_if<grammar::ConsentDecl>(&item.node);
      if (consent == nullptr) continue;
      if (auto yaml = consent_yaml(context_, *consent, item.keyword))
        all.add(consent->direction.text, std::move(*yaml));
    }
    if (!all.members.empty()) out.add("consent_requests", std::move(all));
  }

  void endpoints(Yaml& out) {
    Yaml& list = out.add("endpoints", Yaml::list());
    for (const grammar::Decl& item : connector_.items) {
      const auto* one = std::get_if<grammar::CollectionDecl>(&item.node);
      if (one == nullptr) continue;
      if (auto yaml = endpoint_yaml(context_, one->name.text, *one)) list.push(std::move(*yaml));
    }
  }

  // ---- the dataset ----

  Yaml dataset_yaml() {
    Yaml out;
    out.add("fides_key", Yaml::text(std::string(instance_key)));
    out.add("name", Yaml::text(title() + " Dataset"));
    out.add("description", Yaml::text(description()));
    Yaml& list = out.add("collections", Yaml::list());
    for (const grammar::Decl& item : connector_.items) {
      const auto* one = std::get_if<grammar::CollectionDecl>(&item.node);
      if (one == nullptr) continue;
      if (auto yaml = collection_yaml(context_, one->name.text, item)) list.push(std::move(*yaml));
    }
    return out;
  }

  const compile::Extended& whole_;
  const grammar::Decl& decl_;
  const grammar::ConnectorDecl& connector_;
  Context context_;
};

}  // namespace

Exported export_fides(const grammar::SourceMap& sources, const compile::Extended& whole) {
  Exported out;
  Exporter(sources, whole, out.diagnostics).write(out);
  return out;
}

}  // namespace fconn::exporter
