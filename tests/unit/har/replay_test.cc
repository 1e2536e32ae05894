#include <doctest/doctest.h>

#include "tools/mock/replay.hh"

using namespace fconn;

namespace {

har::Exchange exchange(std::string method, std::string url, std::string answer,
                       std::string body = "", std::string type = "application/json") {
  har::Exchange out;
  out.method = std::move(method);
  out.url = std::move(url);
  out.request.body = std::move(body);
  out.request.type = std::move(type);
  out.status = 200;
  out.response.body = std::move(answer);
  return out;
}

mock::Replay replay_of(std::vector<har::Exchange> exchanges) {
  har::Archive archive;
  archive.exchanges = std::move(exchanges);
  return mock::Replay(std::move(archive));
}

std::string body_of(const mock::RecordedReply* reply) {
  return reply == nullptr ? "(none)" : reply->body;
}

}  // namespace

TEST_CASE("a request finds its answer by origin, method, path, query and body") {
  mock::Replay replay =
      replay_of({exchange("GET", "https://a.example:443/x?b=2&a=1", "1"),
                 exchange("POST", "https://a.example/x", "2", R"({"n":1,"m":[2]})")});
  CHECK(body_of(replay.answer({"GET", "https://a.example/x?a=1&b=2", "", ""})) == "1");
  CHECK(body_of(replay.answer({"POST", "https://a.example/x", R"({"m": [2], "n": 1.0})",
                               "application/json"})) == "2");
  CHECK(replay.answer({"GET", "https://b.example/x?a=1&b=2", "", ""}) == nullptr);
  CHECK(replay.answer({"PUT", "https://a.example/x?a=1&b=2", "", ""}) == nullptr);
  CHECK(replay.unanswered().size() == 2);
  CHECK(replay.never_asked().empty());
}

TEST_CASE("what was recorded several times is given in turn, the last again and again") {
  mock::Replay replay = replay_of({exchange("GET", "https://a.example/job", "waiting"),
                                   exchange("GET", "https://a.example/job", "done")});
  const mock::AskedRequest asked{"GET", "https://a.example/job", "", ""};
  CHECK(body_of(replay.answer(asked)) == "waiting");
  CHECK(replay.never_asked().size() == 1);
  CHECK(body_of(replay.answer(asked)) == "done");
  CHECK(replay.repeated() == 0);
  CHECK(body_of(replay.answer(asked)) == "done");
  CHECK(replay.repeated() == 1);
}

TEST_CASE("*** stands for any text") {
  mock::Replay replay =
      replay_of({exchange("GET", "https://a.example/bot***/x?key=***&k=a***c", "1"),
                 exchange("POST", "https://a.example/t", "2", R"({"key":"***","n":1})"),
                 exchange("POST", "https://a.example/f", "3", "a=1&key=***",
                          "application/x-www-form-urlencoded")});
  CHECK(body_of(replay.answer({"GET", "https://a.example/bot12:ab/x?key=s&k=abc", "", ""})) == "1");
  CHECK(replay.answer({"GET", "https://a.example/bot12:ab/x?key=s&k=ab", "", ""}) == nullptr);
  CHECK(body_of(replay.answer(
            {"POST", "https://a.example/t", R"({"n":1,"key":"s"})", "application/json"})) == "2");
  CHECK(replay.answer({"POST", "https://a.example/t", R"({"n":2,"key":"s"})",
                       "application/json"}) == nullptr);
  CHECK(body_of(replay.answer({"POST", "https://a.example/f", "key=s&a=1",
                               "application/x-www-form-urlencoded"})) == "3");
}

TEST_CASE("the nearest recorded request is shown with what differs") {
  mock::Replay replay = replay_of(
      {exchange("GET", "https://a.example/users?page=1", "1"),
       exchange("POST", "https://a.example/search", "2", R"({"who":{"mail":"a"},"n":[1,2]})")});
  CHECK(replay.answer({"GET", "https://a.example/users?page=2&new=1", "", ""}) == nullptr);
  CHECK(replay.unanswered().back() ==
        "GET https://a.example/users?page=2&new=1\n"
        "  nearest: entry 1, GET https://a.example/users?page=1\n"
        "  - query page=1\n"
        "  + query new=1\n"
        "  + query page=2");
  CHECK(replay.answer({"POST", "https://a.example/search", R"({"who":{"mail":"b"},"n":[1,2]})",
                       "application/json"}) == nullptr);
  CHECK(replay.unanswered().back() ==
        "POST https://a.example/search\n"
        "  nearest: entry 2, POST https://a.example/search\n"
        "  - body .who.mail = \"a\"\n"
        "  + body .who.mail = \"b\"");
  mock::Replay empty = replay_of({});
  CHECK(empty.answer({"GET", "https://a.example/", "", ""}) == nullptr);
  CHECK(empty.unanswered().back() == "GET https://a.example/\n  the recording is empty");
}

TEST_CASE("an answer whose body was left out is no empty answer") {
  har::Exchange one = exchange("GET", "https://a.example/x", "");
  one.body_missing = true;
  mock::Replay replay = replay_of({one});
  CHECK(replay.answer({"GET", "https://a.example/x", "", ""}) == nullptr);
  CHECK(replay.unanswered().back() ==
        "GET https://a.example/x\n  was recorded without the answer's body");
}
