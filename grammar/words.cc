#include "grammar/words.hh"

#include <algorithm>
#include <array>

namespace fconn::grammar {
namespace {

struct Word {
  std::string_view text;
  std::uint32_t levels;
};

constexpr std::uint32_t kTop = bit(Level::top);
constexpr std::uint32_t kConnector = bit(Level::connector);
constexpr std::uint32_t kCollection = bit(Level::collection);
constexpr std::uint32_t kClient = bit(Level::client);
constexpr std::uint32_t kRequest = bit(Level::request);
constexpr std::uint32_t kChain = bit(Level::chain);
constexpr std::uint32_t kToken = bit(Level::token);
constexpr std::uint32_t kAuth = bit(Level::auth);
constexpr std::uint32_t kPagination = bit(Level::pagination);
constexpr std::uint32_t kTest = bit(Level::test);
constexpr std::uint32_t kMessage = bit(Level::message);
constexpr std::uint32_t kResponse = bit(Level::response);
constexpr std::uint32_t kAnyRequest = kRequest | kToken;

// Sorted by text (byte order) for the binary search.
constexpr std::array kWords{
    Word{"DELETE", kChain},
    Word{"GET", kChain},
    Word{"HEAD", kChain},
    Word{"OPTIONS", kChain},
    Word{"PATCH", kChain},
    Word{"POST", kChain},
    Word{"PUT", kChain},
    Word{"as", kAnyRequest},
    Word{"auth", kTop | kConnector | kClient},
    Word{"base", kClient},
    Word{"body", kAnyRequest | kAuth | kMessage | kResponse},
    Word{"case", kTest},
    Word{"category", kConnector},
    Word{"challenge", kAuth},
    Word{"check", kConnector},
    Word{"client", kConnector},
    Word{"collection", kConnector | kTest},
    Word{"connector", kTop | kTest},
    Word{"consent", kConnector | kTest},
    Word{"delete", kCollection},
    Word{"docs", kConnector},
    Word{"emit", kCollection},
    Word{"erase", kTest},
    Word{"erase_after", kCollection},
    Word{"expect", kTest},
    Word{"expires", kToken},
    Word{"external", kConnector | kTest},
    Word{"fail", kAnyRequest | kChain},
    Word{"fields", kCollection},
    Word{"fn", kTop | kConnector},
    Word{"for", kCollection | kChain},
    Word{"headers", kAnyRequest | kClient | kAuth | kMessage | kResponse},
    Word{"hosts", kClient},
    Word{"idempotent", kAnyRequest},
    Word{"identity", kConnector | kTest},
    Word{"keep", kAnyRequest},
    Word{"let", kAnyRequest | kChain | kAuth | kPagination},
    Word{"login", kAuth},
    Word{"map", kAnyRequest},
    Word{"next", kPagination},
    Word{"paginate", kAnyRequest},
    Word{"pagination", kTop | kConnector},
    Word{"parallel", kClient},
    Word{"param", kConnector},
    Word{"params", kTest},
    Word{"policy", kTest},
    Word{"prefer", kCollection},
    Word{"purpose", kTest},
    Word{"query", kAnyRequest | kClient | kAuth | kMessage},
    Word{"rate", kAnyRequest | kClient},
    Word{"read", kCollection},
    Word{"refresh", kAuth},
    Word{"reply", kTest},
    Word{"retry", kAnyRequest | kClient},
    Word{"rows", kAnyRequest},
    Word{"secret", kConnector},
    Word{"secrets", kTest},
    Word{"show", kToken},
    Word{"skip", kAnyRequest | kChain},
    Word{"stop", kPagination},
    Word{"take", kAnyRequest},
    Word{"test", kTop},
    Word{"timeout", kAnyRequest | kClient},
    Word{"token", kAuth | kTest},
    Word{"until", kAnyRequest},
    Word{"update", kCollection},
    Word{"use", kTop},
    Word{"value", kToken},
    Word{"version", kConnector},
    Word{"without", kConnector},
};
constexpr bool sorted_by_text() {
  for (std::size_t i = 1; i < kWords.size(); ++i) {
    if (!(kWords[i - 1].text < kWords[i].text)) return false;
  }
  return true;
}
static_assert(sorted_by_text());

// Where the words of each letter begin: this is asked for every line of a file.
constexpr auto kStarts = [] {
  std::array<std::size_t, 27> starts{};
  for (std::size_t letter = 0; letter < 27; ++letter) {
    const auto first = static_cast<char>('a' + letter);
    while (starts[letter] < kWords.size() && kWords[starts[letter]].text[0] < first)
      ++starts[letter];
  }
  return starts;
}();

constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};
constexpr std::array<std::string_view, 11> kReserved{"true", "false", "null", "if", "then", "else",
                                                     "for",  "in",    "and",  "or", "not"};

}  // namespace

std::string_view level_noun(Level level) {
  switch (level) {
    case Level::top:
      return "a file";
    case Level::connector:
      return "a connector";
    case Level::collection:
      return "a collection";
    case Level::client:
      return "a client block";
    case Level::request:
      return "a request block";
    case Level::chain:
      return "a chain of requests";
    case Level::token:
      return "a token's request";
    case Level::auth:
      return "an auth strategy";
    case Level::pagination:
      return "a pagination strategy";
    case Level::test:
      return "a test";
    case Level::message:
      return "a test's request";
    case Level::response:
      return "a test's response";
    case Level::fields:
      return "a fields block";
  }
  return "a block";
}

std::uint32_t levels_of(std::string_view word) {
  if (word.empty() || word[0] < 'a' || word[0] > 'z') return 0;
  const auto letter = static_cast<std::size_t>(word[0] - 'a');
  for (std::size_t i = kStarts[letter]; i < kStarts[letter + 1]; ++i) {
    if (kWords[i].text == word) return kWords[i].levels;
  }
  return 0;
}

std::vector<std::string> words_of(Level level) {
  std::vector<std::string> words;
  for (const Word& word : kWords) {
    if ((word.levels & bit(level)) != 0) words.emplace_back(word.text);
  }
  return words;
}

bool is_method(std::string_view word) {
  return word.size() >= 3 && word[0] >= 'A' && word[0] <= 'Z' &&
         std::find(kMethods.begin(), kMethods.end(), word) != kMethods.end();
}

bool is_reserved(std::string_view word) {
  if (word.size() < 2 || word.size() > 7) return false;
  return word == "matches" ||
         std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end() || is_method(word);
}

}  // namespace fconn::grammar
