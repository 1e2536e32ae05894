#include "grammar/word_docs.hh"

#include <algorithm>
#include <array>

namespace fconn::grammar {
namespace {

constexpr std::uint32_t anywhere = ~0U;

struct Entry {
  std::string_view word;
  std::uint32_t levels;
  WordDoc doc;
};

// clang-format off
constexpr std::array entries{
    Entry{"use", anywhere, {"use \"path.fconn\"", "Makes the functions and strategies of another file visible in this one."}},
    Entry{"connector", bit(Level::test), {"connector \"shop.fconn\"", "The connector that is tested: a path, or a bundled one's name."}},
    Entry{"connector", anywhere, {"connector NAME [extends NAME] \"Title\" { … }", "An API: where it lives, how to sign in, which collections it has."}},
    Entry{"test", anywhere, {"test \"title\" { … }", "A contract test: what the connector gets, what the API answers, what must come out."}},
    Entry{"fn", anywhere, {"fn NAME(a, b = 1) = EXPR", "A function. It can't be recursive."}},
    Entry{"auth", bit(Level::client), {"auth NAME(…) [when E]", "The strategy that signs the client's requests; the first whose `when` holds."}},
    Entry{"auth", anywhere, {"auth NAME(…) { … }", "A strategy of signing requests."}},
    Entry{"pagination", anywhere, {"pagination NAME(…) { … }", "A strategy of getting the next page."}},
    Entry{"version", anywhere, {"version \"1.0.0\"", "The connector's version."}},
    Entry{"docs", anywhere, {"docs \"https://…\"", "Where the API is documented."}},
    Entry{"category", anywhere, {"category NAME", "What kind of service it is; `fconn connectors` lists by it."}},
    Entry{"param", anywhere, {"param NAME [\"label\"] [: TYPE] [= default]", "A value that whoever uses the connector gives."}},
    Entry{"secret", anywhere, {"secret NAME [\"label\"]", "A parameter that is never printed, logged, recorded or put in a plan."}},
    Entry{"identity", bit(Level::test), {"identity { email: \"…\" }", "What the privacy request of the test brings."}},
    Entry{"identity", anywhere, {"identity NAME", "What a privacy request may bring."}},
    Entry{"external", bit(Level::test), {"external { name: [ … ] }", "Values that come from outside the connector."}},
    Entry{"external", anywhere, {"external NAME: TYPE", "Values from a file or the caller, for a `for`."}},
    Entry{"client", anywhere, {"client [NAME] { … }", "Base URL, sign-in, rates and retries of requests."}},
    Entry{"check", anywhere, {"check METHOD PATH", "The request that proves that the parameters work (`fconn check --live`)."}},
    Entry{"collection", bit(Level::test), {"collection \"name\"", "A collection that the test reads, with what it needs; all without one."}},
    Entry{"collection", anywhere, {"collection NAME { … }", "Rows of one kind: how they are read, changed and removed, and what their fields hold."}},
    Entry{"consent", bit(Level::test), {"consent \"opt_out\"", "Sends the requests of this choice instead of reads."}},
    Entry{"consent", anywhere, {"consent opt_in|opt_out [for purpose \"…\"] METHOD PATH", "The request that sends a person's choice."}},
    Entry{"without", anywhere, {"without KIND NAME", "Takes a declaration of the extended connector away."}},
    Entry{"for", bit(Level::chain), {"for NAME in LIST", "Runs the rest of the chain once for each element."}},
    Entry{"for", anywhere, {"for NAME in SOURCE [where E], …", "Reads once for each distinct set of values of the source that it uses."}},
    Entry{"read", anywhere, {"read [needs A or B] METHOD PATH { … }", "How rows are found. Identities that it mentions have to be given."}},
    Entry{"update", anywhere, {"update METHOD PATH { … }", "How a row is changed; `row`, `masked` and `masked_row` are what is erased."}},
    Entry{"delete", anywhere, {"delete METHOD PATH { … }", "How a row is removed."}},
    Entry{"emit", anywhere, {"emit EXPR", "Rows made of what is known, without a request."}},
    Entry{"fields", anywhere, {"fields [default @category] { name: TYPE marks @category }", "Types, keys and data categories of the rows."}},
    Entry{"erase_after", anywhere, {"erase_after NAME, …", "Collections whose rows are erased before these."}},
    Entry{"prefer", anywhere, {"prefer delete|update", "What an erasure does where both would do."}},
    Entry{"base", anywhere, {"base \"https://…\"", "What paths are relative to. Credentials go to its origin and nowhere else."}},
    Entry{"hosts", anywhere, {"hosts \"*.example.com\", …", "Further hosts that requests may go to."}},
    Entry{"parallel", anywhere, {"parallel N", "The most requests under way at once."}},
    Entry{"query", anywhere, {"query { name: value }", "Parameters of the URL; null drops one, a list repeats it."}},
    Entry{"headers", anywhere, {"headers { Name: value }", "Headers; null drops one."}},
    Entry{"body", bit(Level::auth), {"body json { … }", "Added to the request's body."}},
    Entry{"body", anywhere, {"body json|form|text|xml|multipart|csv|ndjson EXPR", "What is sent, and in which format; sets Content-Type."}},
    Entry{"as", anywhere, {"as json|csv|xml|ndjson|text|bytes", "How the answer is read; by its Content-Type otherwise."}},
    Entry{"skip", anywhere, {"skip on 404 \"reason\" · skip when E \"reason\"", "Nothing here: no rows, counted with its reason."}},
    Entry{"fail", anywhere, {"fail when E \"message\"", "A failure although the status was fine."}},
    Entry{"rows", anywhere, {"rows EXPR", "Where the rows are in the answer."}},
    Entry{"keep", anywhere, {"keep EXPR", "Which rows stay; `.` is one row."}},
    Entry{"map", anywhere, {"map { … }", "What becomes of each row; `.` is the row."}},
    Entry{"take", anywhere, {"take N", "At most so many rows."}},
    Entry{"paginate", anywhere, {"paginate NAME(…)", "How the next page is found."}},
    Entry{"let", bit(Level::chain) | bit(Level::request), {"let NAME = EXPR · let NAME = METHOD PATH { … }", "A value, or the body of an answer, for what follows."}},
    Entry{"let", anywhere, {"let NAME = EXPR", "A value for what follows."}},
    Entry{"until", anywhere, {"until E every 10s for 1h", "Asks the same again until it holds."}},
    Entry{"retry", anywhere, {"retry on 429, 502..504 times 3 backoff 1s..60s", "When the request is sent again, and how often. What stands here is the default."}},
    Entry{"timeout", anywhere, {"timeout 60s, connect 5s", "How long an answer, and a connection, may take."}},
    Entry{"rate", anywhere, {"rate 10/s, 1000/h", "The most requests in a span of time."}},
    Entry{"idempotent", anywhere, {"idempotent", "Sending it twice does what sending it once does."}},
    Entry{"token", bit(Level::test), {"token { access_token: \"…\" }", "What a person has signed in for."}},
    Entry{"token", anywhere, {"token NAME = METHOD URL { value … expires … }", "Fetches a token; the name is its `value`."}},
    Entry{"login", anywhere, {"login NAME = METHOD URL { … }", "A sign-in that needs a person."}},
    Entry{"refresh", anywhere, {"refresh NAME [when E] = METHOD URL { … }", "How an old token is renewed."}},
    Entry{"challenge", anywhere, {"challenge NAME = EXPR", "What a 401 asks for."}},
    Entry{"value", anywhere, {"value EXPR", "What is kept of the answer."}},
    Entry{"expires", anywhere, {"expires in 10m · expires at .expires margin 30s", "How long the token is good."}},
    Entry{"show", anywhere, {"show TEXT", "What the person who signs in is told."}},
    Entry{"stop", anywhere, {"stop when E [\"reason\"]", "This was the last page; with a reason, there may be more which can't be had."}},
    Entry{"next", anywhere, {"next url|query|headers|body EXPR", "What the request for the next page has otherwise."}},
    Entry{"params", anywhere, {"params { name: value }", "The connector's parameters."}},
    Entry{"secrets", anywhere, {"secrets { name: \"…\" }", "The connector's secrets."}},
    Entry{"case", anywhere, {"case \"file.json\"", "Recorded exchanges that answer."}},
    Entry{"purpose", anywhere, {"purpose \"name\"", "The purpose of the consent."}},
    Entry{"erase", anywhere, {"erase \"plan\" · erase \"apply\" · erase \"verify\"", "Plans an erasure by the test's policy; carries it out, too; and reads the rows again."}},
    Entry{"policy", anywhere, {"policy { targets: [ … ], mask: \"null\" }", "What an erasure targets, and how it masks."}},
    Entry{"via", anywhere, {"METHOD PATH via CLIENT", "Which client sends the request."}},
    Entry{"needs", anywhere, {"read needs email or phone …", "Which identities a request runs for."}},
    Entry{"reply", anywhere, {"reply METHOD PATH { … } with 200 { body json … }", "How the API answers a request."}},
    Entry{"expect", anywhere, {"expect rows NAME [ … ] · expect request GET /… · expect NAME complete · expect exit 0", "What must come out."}},
};
// clang-format on

}  // namespace

const WordDoc* word_doc(std::string_view word, Level level) {
  for (const Entry& entry : entries) {
    if (entry.word == word && (entry.levels & bit(level)) != 0) return &entry.doc;
  }
  return nullptr;
}

std::vector<WordDoc> word_docs(std::string_view word) {
  std::vector<WordDoc> found;
  for (const Entry& entry : entries) {
    if (entry.word == word) found.push_back(entry.doc);
  }
  return found;
}

std::vector<std::string_view> documented_words() {
  std::vector<std::string_view> words;
  for (const Entry& entry : entries) {
    if (words.empty() || words.back() != entry.word) words.push_back(entry.word);
  }
  return words;
}

}  // namespace fconn::grammar
