#include "tools/lsp/server.hh"

#include <algorithm>
#include <unordered_map>

#include "tools/lsp/highlight.hh"
#include "tools/lsp/session.hh"

namespace fconn::lsp {

Server::Server(Host& host, std::string version)
    : session_(std::make_unique<Session>(host, std::move(version))) {}
Server::~Server() = default;
void Server::receive(std::string_view message) { session_->receive(message); }
bool Server::work(std::vector<std::string>& out) { return session_->work(out); }
std::optional<int> Server::exit_code() const { return session_->exit_code(); }
std::optional<std::int64_t> Server::parent() const { return session_->parent(); }

void Server::Session::receive(std::string_view text) {
  Message message;
  auto root = value::parse_json(text, message.arena);
  if (!root) {
    message.error = rpc::parse_error;
    message.problem = root.error().text;
    message.id = "null";
    waiting_.push_back(std::move(message));
    return;
  }
  message.root = *root;
  const value::Value* id = member(message.root, {"id"});
  const bool good_id =
      id != nullptr && (id->kind == value::Kind::integer || id->kind == value::Kind::string);
  if (good_id) message.id = value::to_json(*id);
  const auto method = string_at(message.root, {"method"});
  if (!method) {
    // An answer to a request of ours is no request.
    const bool answer =
        member(message.root, {"result"}) != nullptr || member(message.root, {"error"}) != nullptr;
    if (answer && good_id) return;
    message.error = rpc::invalid_request;
    message.problem = "this is no JSON-RPC request: it has no method";
    if (message.id.empty()) message.id = "null";
  } else {
    message.method = *method;
  }
  if (id != nullptr && !good_id && id->kind != value::Kind::null_value && message.error == 0) {
    message.error = rpc::invalid_request;
    message.problem = "an id is a whole number or a text";
    message.id = "null";
  }
  if (message.method == "$/cancelRequest") {
    const value::Value* which = member(message.root, {"params", "id"});
    if (which == nullptr) return;
    const std::string wanted = value::to_json(*which);
    const bool waits = std::any_of(waiting_.begin(), waiting_.end(),
                                   [&](const Message& one) { return one.id == wanted; });
    if (waits) cancelled_.insert(wanted);
    return;
  }
  waiting_.push_back(std::move(message));
}

bool Server::Session::work(std::vector<std::string>& out) {
  if (waiting_.empty() || exit_code_) return false;
  const Message message = std::move(waiting_.front());
  waiting_.pop_front();
  out_ = &out;
  dispatch(message);
  out_ = nullptr;
  return true;
}

void Server::Session::dispatch(const Message& message) {
  if (message.error != 0) return respond(message.id, refuse(message.error, message.problem));
  const value::Value nothing = value::Value::null();
  const value::Value* given = member(message.root, {"params"});
  const value::Value& params = given == nullptr ? nothing : *given;
  if (message.id.empty()) return notification(message.method, params);
  if (cancelled_.erase(message.id) > 0) {
    return respond(message.id, refuse(rpc::request_cancelled, "the request was cancelled"));
  }
  if (state_ == State::fresh && message.method != "initialize") {
    return respond(message.id, refuse(rpc::not_initialized, "`initialize` comes first"));
  }
  if (shut_down_) {
    return respond(message.id, refuse(rpc::invalid_request, "the server was shut down"));
  }
  respond(message.id, request(message.method, params));
}

Answer Server::Session::request(const std::string& method, const Params& params) {
  using Handler = Answer (Session::*)(const Params&);
  static const std::unordered_map<std::string_view, Handler> handlers{
      {"initialize", &Session::initialize},
      {"textDocument/completion", &Session::completion},
      {"textDocument/hover", &Session::hover_at},
      {"textDocument/signatureHelp", &Session::signature_help},
      {"textDocument/definition", &Session::definition_at},
      {"textDocument/references", &Session::references_at},
      {"textDocument/documentHighlight", &Session::highlights_at},
      {"textDocument/prepareRename", &Session::prepare_rename},
      {"textDocument/rename", &Session::rename_at},
      {"textDocument/documentSymbol", &Session::document_symbols},
      {"textDocument/semanticTokens/full", &Session::semantic_tokens},
      {"textDocument/semanticTokens/full/delta", &Session::semantic_tokens_delta},
      {"textDocument/semanticTokens/range", &Session::semantic_tokens_range},
      {"textDocument/inlayHint", &Session::inlay_hints},
      {"textDocument/foldingRange", &Session::folding_ranges},
      {"textDocument/formatting", &Session::formatting},
      {"textDocument/rangeFormatting", &Session::formatting},
      {"textDocument/codeAction", &Session::code_actions},
      {"textDocument/codeLens", &Session::code_lenses},
      {"workspace/symbol", &Session::workspace_symbols},
      {"workspace/executeCommand", &Session::execute_command},
  };
  if (method == "shutdown") return end();
  const auto found = handlers.find(method);
  if (found == handlers.end()) {
    return refuse(rpc::method_not_found, "this server has no method '" + method + "'");
  }
  return (this->*found->second)(params);
}

void Server::Session::notification(const std::string& method, const Params& params) {
  if (method == "exit") return exit();
  if (state_ != State::running || shut_down_) return;
  if (method == "initialized") return initialized();
  if (method == "textDocument/didOpen") return did_open(params);
  if (method == "textDocument/didChange") return did_change(params);
  if (method == "textDocument/didClose") return did_close(params);
  if (method == "textDocument/didSave") return refresh_all();
  if (method == "workspace/didChangeWatchedFiles") return refresh_all();
  if (method == "workspace/didChangeWorkspaceFolders") return did_change_folders(params);
}

void Server::Session::send(const JsonMembers& members) {
  out_->push_back(json_object(members).text);
}

void Server::Session::respond(const std::string& id, const Answer& answer) {
  if (answer.error == 0) {
    return send({{"jsonrpc", json_string("2.0")}, {"id", Json{id}}, {"result", answer.result}});
  }
  send({{"jsonrpc", json_string("2.0")},
        {"id", Json{id}},
        {"error", json_object({{"code", json_number(answer.error)},
                               {"message", json_string(answer.message)}})}});
}

void Server::Session::notify(std::string_view method, Json params) {
  send({{"jsonrpc", json_string("2.0")},
        {"method", json_string(method)},
        {"params", std::move(params)}});
}

Answer Server::Session::initialize(const Params& params) {
  if (state_ != State::fresh) return refuse(rpc::invalid_request, "`initialize` came already");
  state_ = State::running;
  parent_ = integer_at(params, {"processId"});
  for (const value::Value& one :
       list_at(params, {"capabilities", "general", "positionEncodings"})) {
    if (one.kind == value::Kind::string && one.view() == "utf-8") encoding_ = Encoding::utf8;
  }
  nested_symbols_ = true_at(params, {"capabilities", "textDocument", "documentSymbol",
                                     "hierarchicalDocumentSymbolSupport"});
  watches_files_ = true_at(
      params, {"capabilities", "workspace", "didChangeWatchedFiles", "dynamicRegistration"});
  prepares_rename_ = true_at(params, {"capabilities", "textDocument", "rename", "prepareSupport"});
  versioned_edits_ =
      true_at(params, {"capabilities", "workspace", "workspaceEdit", "documentChanges"});
  for (const value::Value& folder : list_at(params, {"workspaceFolders"})) {
    if (const auto uri = string_at(folder, {"uri"})) folders_.push_back(path_of_uri(*uri));
  }
  if (folders_.empty()) {
    if (const auto uri = string_at(params, {"rootUri"})) folders_.push_back(path_of_uri(*uri));
  }
  return {json_object({{"capabilities", capabilities()},
                       {"serverInfo", json_object({{"name", json_string("fconn")},
                                                   {"version", json_string(version_)}})}}),
          0,
          {}};
}

Json Server::Session::capabilities() const {
  const auto strings = [](auto list) {
    std::vector<Json> out;
    for (const std::string_view one : list) out.push_back(json_string(one));
    return json_list(out);
  };
  using List = std::initializer_list<std::string_view>;
  const Json yes = json_bool(true);
  const Json sync = json_object({{"openClose", yes},
                                 {"change", json_number(2)},
                                 {"save", json_object({{"includeText", json_bool(false)}})}});
  const Json legend = json_object({{"tokenTypes", strings(highlight_types())},
                                   {"tokenModifiers", strings(highlight_modifiers())}});
  const Json folders = json_object(
      {{"workspaceFolders", json_object({{"supported", yes}, {"changeNotifications", yes}})}});
  return json_object({
      {"positionEncoding", json_string(encoding_ == Encoding::utf8 ? "utf-8" : "utf-16")},
      {"textDocumentSync", sync},
      {"completionProvider",
       json_object({{"triggerCharacters", strings(List{".", "@", "|", "(", "{"})}})},
      {"hoverProvider", yes},
      {"signatureHelpProvider", json_object({{"triggerCharacters", strings(List{"(", ","})}})},
      {"definitionProvider", yes},
      {"referencesProvider", yes},
      {"documentHighlightProvider", yes},
      {"documentSymbolProvider", yes},
      {"workspaceSymbolProvider", yes},
      {"codeActionProvider", json_object({{"codeActionKinds", strings(List{"quickfix"})}})},
      {"codeLensProvider", json_object({{"resolveProvider", json_bool(false)}})},
      {"documentFormattingProvider", yes},
      {"documentRangeFormattingProvider", yes},
      {"renameProvider", prepares_rename_ ? json_object({{"prepareProvider", yes}}) : yes},
      {"foldingRangeProvider", yes},
      {"inlayHintProvider", yes},
      {"semanticTokensProvider",
       json_object({{"legend", legend}, {"full", json_object({{"delta", yes}})}, {"range", yes}})},
      {"executeCommandProvider",
       json_object({{"commands", strings(List{"fconn.test", "fconn.run", "fconn.step"})}})},
      {"workspace", folders},
  });
}

void Server::Session::initialized() {
  if (!watches_files_) return;
  const auto watcher = [](std::string_view pattern) {
    return json_object({{"globPattern", json_string(pattern)}});
  };
  const Json options =
      json_object({{"watchers", json_list({watcher("**/*.fconn"), watcher("**/fconn.toml")})}});
  const Json registration = json_object({{"id", json_string("files")},
                                         {"method", json_string("workspace/didChangeWatchedFiles")},
                                         {"registerOptions", options}});
  send({{"jsonrpc", json_string("2.0")},
        {"id", json_string("fconn-files")},
        {"method", json_string("client/registerCapability")},
        {"params", json_object({{"registrations", json_list({registration})}})}});
}

Answer Server::Session::end() {
  shut_down_ = true;
  return {};
}

void Server::Session::exit() { exit_code_ = shut_down_ ? 0 : 1; }

}  // namespace fconn::lsp
