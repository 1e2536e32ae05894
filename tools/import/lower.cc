#include "tools/import/lower.hh"

#include <algorithm>

#include "grammar/parse.hh"

namespace fconn::importer {
namespace {

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// `API key` for `api_key`: a label that says no more than the name.
bool says_the_name(const std::string& label, const std::string& name) {
  std::string plain = lower_case(label);
  std::replace(plain.begin(), plain.end(), ' ', '_');
  return plain == lower_case(name);
}

bool boilerplate(const std::string& description) {
  return description.starts_with("A sample schema representing the ") ||
         description.starts_with("A schema representing the ");
}

class ConnectorLowerer {
 public:
  explicit ConnectorLowerer(Context& context) : context_(context), config_(context.config) {}

  std::vector<Block> lower() {
    context_.reachable = reached(context_);
    std::vector<Block> collections = lower_collections();
    if (!context_.exact && config_.data_protection) protection(collections);
    Block client = default_client(context_);
    client.gap = true;
    std::optional<Block> check = lower_check();
    std::vector<Block> consents = consent_blocks(context_);
    add_fields(collections);

    Block connector("connector " + connector_name(config_) + " " + quoted(config_.name.text));
    describe(connector);
    constexpr std::uint32_t last = ~std::uint32_t{0};
    std::vector<std::string> rest = comments_at(context_, 0, last);
    connector.comments.insert(connector.comments.begin(), rest.begin(), rest.end());
    parameters(connector);
    connector.items.push_back(std::move(client));
    for (Block& named : context_.clients) {
      named.gap = true;
      connector.items.push_back(std::move(named));
    }
    if (check) connector.items.push_back(std::move(*check));
    for (Block& collection : collections) connector.items.push_back(std::move(collection));
    for (Block& consent : consents) connector.items.push_back(std::move(consent));
    std::vector<Block> out;
    out.push_back(std::move(connector));
    for (Block& helper : context_.helpers) out.push_back(std::move(helper));
    return out;
  }

 private:
  void describe(Block& connector) {
    if (boilerplate(config_.description.text)) {
      context_.report.say(config_.description.span, "left out: it says no more than the name");
    } else {
      connector.comments = doc_lines(config_.description.text);
    }
    if (config_.data_protection && context_.exact) {
      context_.report.say(config_.data_protection->path.span,
                          "sent for each row of each collection without an update");
    }
    connector.add("version " + quoted(config_.version.text));
    if (config_.user_guide.given) connector.add("docs " + quoted(config_.user_guide.text));
    if (config_.category.given)
      connector.add("category " + identifier(lower_case(config_.category.text)));
    context_.report.say(config_.fides_key.span, "left out: an instance's key stands in fconn.toml");
  }

  std::string type_of(const ConnectorParam& param) const {
    if (!param.options.empty()) {
      std::string out;
      for (const std::string& option : param.options)
        out += (out.empty() ? "" : " | ") + quoted(option);
      return param.multiselect ? "[string]" : out;
    }
    if (context_.hosts.count(param.name.text) != 0) return "host";
    return param.default_value.number ? "int" : "";
  }

  void parameters(Block& connector) {
    bool first = true;
    const auto add = [&](Block block, bool documented) {
      block.gap = first || documented;
      first = false;
      connector.items.push_back(std::move(block));
    };
    for (const ConnectorParam& param : config_.params) {
      if (context_.used_params.count(param.name.text) == 0) {
        context_.report.say(param.name.span, "left out: nothing uses it");
        continue;
      }
      Block block(std::string(param.sensitive ? "secret " : "param ") +
                  identifier(param.name.text));
      if (param.label.given && !says_the_name(param.label.text, param.name.text)) {
        block.head += " " + quoted(param.label.text);
      }
      block.comments = doc_lines(param.description.text);
      if (const std::string type = type_of(param); !type.empty()) block.head += ": " + type;
      if (!param.sensitive) {
        block.head += default_of(param);
      } else if (param.default_value.given && !param.default_value.text.empty()) {
        context_.report.differ(param.name.span, "the default of a secret is left out");
      }
      add(std::move(block), false);
    }
    first = true;
    for (const std::string& identity : context_.used_identities)
      add(Block("identity " + identifier(identity)), false);
    if (context_.used_identities.empty() && !context_.used_externals.empty()) {
      Block identity("identity email");
      identity.comments = {"# allow F0220: the values from outside are looked up by it"};
      add(std::move(identity), false);
    }
    first = true;
    for (const std::string& name : context_.used_externals) add(external(name), false);
    for (const ExternalReference& one : config_.externals) {
      if (context_.used_externals.count(one.name.text) == 0) {
        context_.report.differ(one.name.span, "left out: no request refers to it");
      }
    }
  }

  static std::string default_of(const ConnectorParam& param) {
    if (!param.default_value.given) return "";
    if (!param.default_list.empty()) {
      std::string out;
      for (const std::string& value : param.default_list)
        out += (out.empty() ? "" : ", ") + quoted(value);
      return " = [" + out + "]";
    }
    return " = " + (param.default_value.number ? param.default_value.text
                                               : quoted(param.default_value.text));
  }

  Block external(const std::string& name) const {
    Block block("external " + identifier(name));
    for (const ExternalReference& one : config_.externals) {
      if (one.name.text != name) continue;
      block.comments = doc_lines(one.description.text);
      if (one.label.given && !says_the_name(one.label.text, name))
        block.head += " " + quoted(one.label.text);
    }
    block.head += ": any";
    return block;
  }

  std::vector<Block> lower_collections() {
    std::vector<Block> out;
    for (const Endpoint& endpoint : config_.endpoints) {
      if (context_.endpoint(endpoint.name.text) != &endpoint) {
        context_.report.differ(endpoint.name.span, "left out: a later endpoint has the same name");
        continue;
      }
      if (endpoint.skip_processing.given) {
        context_.report.say(endpoint.skip_processing.span,
                            "left out with its endpoint, as in Fides");
        context_.warn(endpoint.name.span,
                      "`" + endpoint.name.text + "` is left out: `skip_processing`");
        context_.report.leave_out("endpoints." + endpoint.name.text + ".");
        context_.report.leave_out("collections." + endpoint.name.text + ".");
        continue;
      }
      if (context_.reachable.count(endpoint.name.text) == 0) {
        const std::string text =
            "`" + endpoint.name.text + "` is left out: no identity leads to it";
        context_.report.differ(endpoint.name.span, text);
        context_.warn(endpoint.name.span,
                      text + ", so Fides never reads it and fconn would take everybody's rows",
                      "give a parameter of its reads an `identity` or `references`");
        mistakes_in(endpoint);
        context_.report.leave_out("endpoints." + endpoint.name.text + ".");
        context_.report.leave_out("collections." + endpoint.name.text + ".");
        continue;
      }
      if (auto block = collection_block(context_, endpoint)) {
        names_.push_back(endpoint.name.text);
        for (std::string& line : comments_at(context_, endpoint.first_line, endpoint.last_line)) {
          block->comments.push_back(std::move(line));
        }
        out.push_back(std::move(*block));
      }
    }
    lost_collections();
    return out;
  }

  /// What is wrong in an endpoint that is left out is said all the same.
  void mistakes_in(const Endpoint& endpoint) {
    grammar::Diagnostics found;
    Report unused;
    Context aside{context_.documents, config_, context_.exact, context_.bundled, found, unused};
    aside.reachable = context_.reachable;
    (void)collection_block(aside, endpoint);
    for (grammar::Diagnostic& one : found) {
      if (one.severity == grammar::Severity::error) context_.diagnostics.push_back(std::move(one));
    }
  }

  /// Collections of the dataset without an endpoint: Fides can't reach them.
  void lost_collections() {
    if (context_.documents.dataset == nullptr) return;
    for (const Collection& collection : context_.documents.dataset->collections) {
      if (context_.endpoint(collection.name.text) != nullptr) continue;
      const std::string text = "`" + collection.name.text + "` is left out: no endpoint reads it";
      context_.report.differ(collection.name.span, text);
      context_.warn(collection.name.span, text);
      context_.report.leave_out("collections." + collection.name.text + ".");
    }
  }

  /// The request for the whole connector: once for a person, not once for each row.
  void protection(std::vector<Block>& collections) {
    const Request& request = *config_.data_protection;
    std::string target;
    for (const ParamValue& param : request.params) {
      if (param.references.empty()) continue;
      const std::string& field = param.references.front().field.text;
      target = field.substr(0, field.find('.'));
    }
    if (request.override_name.given) {
      context_.error(DiagnosticId::request_override, request.override_name.span,
                     "`" + request.override_name.text +
                         "` is code of its own in Fides, not part of the config",
                     bundled_help(context_, "", "delete"));
      return;
    }
    const auto own = std::find(names_.begin(), names_.end(), target);
    const bool whole = target.empty();
    auto block = action_block(context_, request, "delete", whole ? "data_protection" : target, {});
    if (!block) return;
    if (whole) {
      context_.report.differ(
          request.path.span,
          "sent once for a person; Fides sends it again for each row of each collection "
          "without an update");
      std::string name = "data_protection";
      while (context_.endpoint(name) != nullptr) name += "_request";
      Block collection("collection " + name);
      collection.gap = true;
      collection.comments = {"## Erases the person in the whole account at once."};
      collection.items.push_back(std::move(*block));
      collections.push_back(std::move(collection));
      return;
    }
    if (own == names_.end()) return;
    context_.report.differ(request.path.span, "sent for the rows of `" + target +
                                                  "`, whose fields it needs; Fides tries it for "
                                                  "every collection without an update, and fails");
    collections[static_cast<std::size_t>(own - names_.begin())].items.push_back(std::move(*block));
  }

  void add_fields(std::vector<Block>& collections) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (auto fields = fields_block(context_, names_[i]))
        collections[i].items.push_back(std::move(*fields));
    }
  }

  std::optional<Block> lower_check() {
    const Request& test = config_.test;
    if (!context_.config.has_test) {
      context_.warn(config_.name.span,
                    "there is no `test_request`, so the connector has no `check`",
                    "write one: a request that proves that the parameters work");
      return std::nullopt;
    }
    if (test.override_name.given) {
      context_.error(
          DiagnosticId::request_override, test.override_name.span,
          "`" + test.override_name.text + "` is code of its own in Fides, not part of the config",
          bundled_help(context_, "", "check"));
      return std::nullopt;
    }
    Scope scope;
    scope.lookup = [&](const std::string& name) -> std::optional<Value> {
      if (auto found = secrets(context_)(name)) return found;
      for (const ParamValue& param : test.params) {
        if (param.name.text != name) continue;
        const ConnectorParam* setting = context_.param(param.connector_param.text);
        if (setting != nullptr) return param_value(context_, *setting);
      }
      return std::nullopt;
    };
    auto lowered = request_text(context_, test, scope, "check");
    if (!lowered) return std::nullopt;
    if (const std::string skip = skip_clause(context_, test); !skip.empty())
      lowered->clauses.emplace_back(skip);
    if (test.data_path.given)
      context_.report.say(test.data_path.span, "left out: nothing looks at the answer");
    Block block("check " + lowered->head);
    block.gap = true;
    block.comments = comments_at(context_, test.first_line, test.last_line);
    block.comments.insert(block.comments.end(), lowered->comments.begin(), lowered->comments.end());
    block.items = std::move(lowered->clauses);
    return block;
  }

  Context& context_;
  const Config& config_;
  std::vector<std::string> names_;  // of the collections that are written
};

/// The declaration of that word in a bundled connector's text.
std::string declaration(const std::string& text, const std::string& collection,
                        const std::string& word) {
  grammar::SourceMap sources;
  const grammar::FileId file = sources.add("bundled", text);
  const grammar::Parsed parsed = grammar::parse(sources, file);
  std::string found;
  const std::function<void(const grammar::Decl&, bool)> look = [&](const grammar::Decl& decl,
                                                                   bool inside) {
    if (found.empty() && inside && sources.slice(decl.keyword) == word)
      found = sources.slice(decl.span);
    if (const auto* connector = std::get_if<grammar::ConnectorDecl>(&decl.node)) {
      for (const grammar::Decl& item : connector->items) look(item, collection.empty());
    } else if (const auto* one = std::get_if<grammar::CollectionDecl>(&decl.node)) {
      for (const grammar::Decl& item : one->items) look(item, one->name.text == collection);
    } else if (const auto* client = std::get_if<grammar::ClientDecl>(&decl.node);
               client != nullptr && inside) {
      for (const grammar::Clause& clause : client->clauses) {
        const std::string_view slice = sources.slice(clause.span);
        if (found.empty() && word == "auth" && slice.starts_with("auth")) found = slice;
      }
    }
  };
  for (const grammar::Decl& item : parsed.ast.items) look(item, collection.empty());
  return found;
}

}  // namespace

namespace {

/// A help is one line; what is longer is for `fconn show`.
std::string on_one_line(std::string_view text) {
  constexpr std::size_t longest = 300;
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    if (space && (out.empty() || out.back() == ' ')) continue;
    out += space ? ' ' : c;
  }
  if (out.size() > longest) out = out.substr(0, out.rfind(' ', longest)) + " …";
  return out;
}

}  // namespace

std::string connector_name(const Config& config) {
  return identifier(lower_case(config.type.text));
}

std::string bundled_help(const Context& context, const std::string& collection,
                         const std::string& word) {
  const std::string name = connector_name(context.config);
  const auto text = context.bundled(name);
  if (!text) return "";
  std::string found = declaration(*text, collection, word);
  const std::string begin = "the bundled connector `" + name + "` ";
  if (found.empty()) return begin + "does this in its own way: `fconn show " + name + "`";
  return begin + "says instead: " + on_one_line(found);
}

std::vector<Block> lower(Context& context) { return ConnectorLowerer(context).lower(); }

}  // namespace fconn::importer
