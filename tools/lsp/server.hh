// The server: messages in, messages out (LSP 3.17 over JSON-RPC 2.0). It sends and reads nothing
// itself: bytes go through framing.hh, files and checks through a Host.
//
// Messages are answered in the order in which they came. All that is there is read before the next
// one is answered, so a request that was cancelled meanwhile isn't worked on. A keystroke is
// analysed whole and at once; nothing waits for a pause.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/lsp/analysis.hh"
#include "tools/lsp/host.hh"
#include "tools/lsp/json.hh"
#include "tools/lsp/navigate.hh"

namespace fconn::lsp {

/// "file:///a%20b" to "/a b"; other schemes stay as they are.
std::string path_of_uri(std::string_view uri);
std::string uri_of_path(std::string_view path);

struct Document {
  std::string uri;
  Text text{""};
  std::int64_t version = 0;
};

class Documents : public OpenTexts {
 public:
  const std::string* find(const std::string& path) const override;
  Document* get(const std::string& path);
  const std::map<std::string, Document>& all() const { return documents_; }
  void open(const std::string& path, Document document) { documents_[path] = std::move(document); }
  void close(const std::string& path) { documents_.erase(path); }

 private:
  std::map<std::string, Document> documents_;  // by path
};

class Server {
 public:
  /// `version` is told to the client.
  Server(Host& host, std::string version);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes one message. Cancellations count at once.
  void receive(std::string_view message);
  /// Works on the oldest message that waits; false when there is none. What is to be sent is added
  /// to `out`, each text one message.
  bool work(std::vector<std::string>& out);
  /// Set by `exit`: 0 after `shutdown`, else 1.
  std::optional<int> exit_code() const;
  /// The process that started this one; none when it wasn't said.
  std::optional<std::int64_t> parent() const;

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace fconn::lsp
