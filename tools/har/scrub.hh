// Takes secrets and personal values out of an archive before anything is written. Secrets become
// "***"; a personal value becomes a stand-in of its shape, the same wherever it stands, so that
// what refers to each other still does.
//
// Two passes over one walk: the first learns which values are personal, the second writes. URLs,
// forms, JSON (also within JSON), base64, hexadecimal and percent-encoding are undone and made
// again, so that a value is found in each of them; digests that a connector made of a value become
// digests of its stand-in.
//
// Personal is: every identity and external value; what stands in a member that a connector declares
// with a category at or below `user`; what stands in a member whose name says so
// (member_names.hh); every email address, and telephone numbers in international form.
// Secret is what the run's redactor knows, what stands under a name that says so, and what has the
// form of a JWT or a private key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "interpreter/http/redact.hh"
#include "tools/har/declared.hh"
#include "tools/har/har.hh"
#include "tools/har/pseudonyms.hh"

namespace fconn::har {

class Scrubber {
 public:
  /// Both must outlive this.
  Scrubber(const Declared& declared, const Keyed& keyed)
      : declared_(declared), names_(keyed, declared.kept) {}

  /// First pass. A personal value of another place, such as an identity; a JSON text such as a row;
  /// all of an archive.
  void learn_value(std::string_view text) { names_.add(text); }
  void learn_json(std::string_view given);
  void learn(const Archive& archive);

  /// Second pass. `redactor` knows the secrets of the run. `archive.notes` says what had to be left
  /// out.
  void scrub(Archive& archive, const http::Redactor& redactor);
  /// The same for one JSON text (a parameter, a list of identities).
  std::string scrub_json(std::string_view given, const http::Redactor& redactor);

  /// Personal values that have a stand-in.
  std::size_t values() const { return names_.size(); }

 private:
  /// How a value is judged by where it stands.
  enum class Kind : std::uint8_t { plain, personal, secret };

  void message(Message& message, bool request);
  std::string body(std::string_view bytes, const std::string& type);
  std::optional<std::string> guarded_json(std::string_view bytes);
  static bool is_lines(std::string_view bytes);
  std::string lines(std::string_view bytes);
  std::string markup(std::string_view bytes);
  std::string parts(std::string_view bytes);
  std::string url(std::string_view whole);
  std::string url_parts(std::string_view whole);
  std::string authority(std::string_view head, std::size_t begin);
  std::string query(std::string_view pairs);
  std::string header(const http::HeaderField& field);
  std::string cell(std::string_view value, Kind kind, std::string_view name, int depth);
  std::string text(std::string_view given, int depth);
  std::string percent_words(std::string_view given, int depth);
  std::string tokens(std::string_view given, int depth);
  std::string token(std::string_view given, int depth);
  std::string urls_in(std::string_view given);
  std::string pairs_in(std::string_view given);
  std::string known_in(std::string_view given);
  void json(const value::Value& value, Kind kind, std::string_view name, int depth,
            std::string& out);
  std::optional<std::string> json_text(std::string_view given, int depth);
  Kind kind_of(std::string_view name, Kind around) const;
  Kind kind_by_label(const value::Value& object, Kind around) const;
  void learn_formats(std::string_view given);
  void learn_secret(std::string_view value);
  void share(std::string_view value);

  const Declared& declared_;
  const http::Redactor* redactor_ = nullptr;
  Pseudonyms names_;
  bool learning_ = false;
  bool of_request_ = false;                // what is looked at is sent, or a URL that may be
  bool sent_ = false;                      // it is sent
  std::unordered_set<std::string> hosts_;  // of requests, folded
  // Secrets that nobody declared, as answers and requests had them first, and what stands for those
  // that came with an answer and were sent ("***#1").
  std::unordered_set<std::string> answered_, asked_;
  std::unordered_map<std::string, std::string> shared_;
};

/// gzip, zip, PDF or a picture.
bool file_start(std::string_view bytes);

}  // namespace fconn::har
