// What the server keeps between messages, and how each method is answered. Private to tools/lsp;
// server.hh is what others see. Methods of documents are in session_documents.cc, questions about
// them in session_answers.cc and session_names.cc.
#pragma once

#include "tools/lsp/complete.hh"
#include "tools/lsp/edits.hh"
#include "tools/lsp/outline.hh"
#include "tools/lsp/server.hh"

namespace fconn::lsp {

// Codes of JSON-RPC 2.0 and LSP 3.17.
namespace rpc {
constexpr int parse_error = -32700, invalid_request = -32600, method_not_found = -32601,
              invalid_params = -32602, not_initialized = -32002, request_cancelled = -32800,
              request_failed = -32803;
}

struct Answer {
  Json result;
  int error = 0;  // a code; 0: `result` counts
  std::string message;
};
inline Answer refuse(int code, std::string message) { return {{}, code, std::move(message)}; }

/// SymbolKind of the protocol.
int symbol_kind(const Symbol& symbol);

class Server::Session {
 public:
  Session(Host& host, std::string version) : host_(host), version_(std::move(version)) {}

  void receive(std::string_view text);
  bool work(std::vector<std::string>& out);
  std::optional<int> exit_code() const { return exit_code_; }
  std::optional<std::int64_t> parent() const { return parent_; }

 private:
  using Params = value::Value;
  enum class State : std::uint8_t { fresh, running, ended };

  /// A message that waits. What isn't one has an error.
  struct Message {
    value::Arena arena;
    value::Value root;
    std::string id;  // JSON text; empty for a notification
    std::string method;
    int error = 0;
    std::string problem;
  };

  // server.cc
  void dispatch(const Message& message);
  Answer request(const std::string& method, const Params& params);
  void notification(const std::string& method, const Params& params);
  void send(const JsonMembers& members);
  void respond(const std::string& id, const Answer& answer);
  void notify(std::string_view method, Json params);
  Answer initialize(const Params& params);
  void initialized();
  Answer end();
  void exit();
  Json capabilities() const;

  // session_documents.cc
  void did_open(const Params& params);
  void did_change(const Params& params);
  void did_close(const Params& params);
  void did_change_folders(const Params& params);
  void refresh_all();
  void refresh(const std::string& path);
  /// Those that lean on a file: connectors that use it, tests, project files.
  void refresh_readers(const std::string& path);
  void publish(const std::string& path);
  void publish_others(const std::string& path, std::map<std::string, std::vector<Json>> others);
  void send_diagnostics(const std::string& uri, std::optional<std::int64_t> version,
                        const std::vector<Json>& list);
  Json diagnostic(const Analysis& analysis, const grammar::Diagnostic& one);

  /// What is known of a document that is open or lies on disk; null when it can't be read.
  std::shared_ptr<const Analysis> analysis_of(const std::string& path);
  /// With the folder of `path` where no folder of the client holds it. A folder that is too large
  /// is told to the person, as answers may be incomplete.
  Workspace workspace(const std::string& path);
  /// The file's path as this server names it: a copy of an embedded text is that text.
  std::string path_at(const Params& params) const;
  std::string name_of_uri(std::string_view uri) const;
  /// Empty for a text inside the program of which no copy can be written.
  std::string uri_of(const std::string& path);

  /// Positions of the protocol in files of one answer.
  class Places {
   public:
    explicit Places(Session& session) : session_(session) {}
    Json range(const FileSpan& where);
    /// None for a text inside the program of which no copy can be written.
    std::optional<Json> location(const FileSpan& where);

   private:
    const Text& text(const std::string& path);
    Session& session_;
    std::map<std::string, Text> texts_;
  };
  Json range_json(const Range& range) const;
  Json range_in(std::string_view text, const Lines& lines, std::uint32_t begin,
                std::uint32_t end) const;

  /// A document and an offset in it, as most questions have them.
  struct Spot {
    std::shared_ptr<const Analysis> analysis;
    std::uint32_t offset = 0;
  };
  std::optional<Spot> spot(const Params& params);
  static std::optional<Place> place_at(const Params& params,
                                       std::initializer_list<std::string_view> keys);
  /// The bytes of `range` in a text; the whole text when there is none.
  std::pair<std::uint32_t, std::uint32_t> bytes_of(const Params& params, std::string_view text);
  std::vector<Json> text_edits(std::string_view text, const std::vector<TextEdit>& edits);

  // session_answers.cc
  Answer completion(const Params& params);
  Answer hover_at(const Params& params);
  Answer signature_help(const Params& params);
  Answer document_symbols(const Params& params);
  Answer semantic_tokens(const Params& params);
  Answer semantic_tokens_delta(const Params& params);
  Answer semantic_tokens_range(const Params& params);
  /// Five numbers for each token; none where the document can't be had.
  std::optional<std::vector<std::uint32_t>> tokens_of(const Params& params);
  Answer inlay_hints(const Params& params);
  Answer folding_ranges(const Params& params);
  Answer formatting(const Params& params);
  Answer code_actions(const Params& params);
  Answer code_lenses(const Params& params);
  Answer execute_command(const Params& params);

  // session_names.cc
  Answer definition_at(const Params& params);
  Answer references_at(const Params& params);
  Answer highlights_at(const Params& params);
  Answer prepare_rename(const Params& params);
  Answer rename_at(const Params& params);
  Answer workspace_symbols(const Params& params);
  Json workspace_edit(const std::vector<FileEdit>& edits, Places& places);

  Host& host_;
  std::string version_;
  State state_ = State::fresh;
  bool shut_down_ = false;
  std::optional<int> exit_code_;
  std::optional<std::int64_t> parent_;
  Encoding encoding_ = Encoding::utf16;
  bool nested_symbols_ = false, watches_files_ = false, prepares_rename_ = false;
  bool versioned_edits_ = false;

  std::deque<Message> waiting_;
  std::set<std::string> cancelled_;  // ids of waiting requests
  std::vector<std::string>* out_ = nullptr;

  Documents documents_;
  std::vector<std::string> folders_;
  std::map<std::string, std::shared_ptr<const Analysis>> analyses_;  // of open documents
  /// The semantic tokens that an open document was told to have.
  struct Colours {
    std::string id;
    std::vector<std::uint32_t> data;
  };
  std::map<std::string, Colours> colours_;
  std::int64_t colourings_ = 0;
  Json remember(const std::string& path, std::vector<std::uint32_t> data);
  /// What each open document says about files that aren't open.
  std::map<std::string, std::map<std::string, std::vector<Json>>> others_;
};

}  // namespace fconn::lsp
