#include <doctest/doctest.h>

#include <algorithm>

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

TEST_CASE("what was recorded to the letter comes before ***") {
  mock::Replay replay = replay_of({exchange("GET", "https://a.example/x/***", "any"),
                                   exchange("GET", "https://a.example/x/abc", "abc")});
  CHECK(body_of(replay.answer({"GET", "https://a.example/x/abc", "", ""})) == "abc");
  CHECK(body_of(replay.answer({"GET", "https://a.example/x/abc", "", ""})) == "abc");
  CHECK(body_of(replay.answer({"GET", "https://a.example/x/q", "", ""})) == "any");
}

TEST_CASE("headers that a connector sets count in what fconn recorded, and choose elsewhere") {
  std::vector<har::Exchange> exchanges = {exchange("GET", "https://a.example/x", "one"),
                                          exchange("GET", "https://a.example/x", "two")};
  exchanges[0].request.headers = {{"X-Tenant", "1", false},
                                  {"Authorization", "***", false},
                                  {"Accept-Encoding", "gzip", false},
                                  {"X-Sum", "***", false}};
  exchanges[1].request.headers = {{"x-tenant", "2", false}};
  const auto ask = [](mock::Replay& replay, const char* tenant) {
    return body_of(replay.answer({"GET",
                                  "https://a.example/x",
                                  "",
                                  "",
                                  {{"X-Tenant", tenant, false}, {"Authorization", "s", true}}}));
  };
  mock::Replay other = replay_of(exchanges);
  CHECK(ask(other, "2") == "two");
  CHECK(ask(other, "2") == "two");
  CHECK(other.other_headers().empty());
  CHECK(ask(other, "3") == "one");
  CHECK(other.other_headers() ==
        std::vector<std::string>{
            "GET https://a.example/x\n  - header X-Tenant: 1\n  + header X-Tenant: 3"});

  har::Archive archive;
  archive.exchanges = exchanges;
  archive.provenance.emplace();
  mock::Replay own(std::move(archive));
  CHECK(ask(own, "1") == "one");
  CHECK(ask(own, "3") == "(none)");
  CHECK(own.unanswered().back() ==
        "GET https://a.example/x\n  nearest: entry 1, GET https://a.example/x\n"
        "  - header x-tenant: 1\n  + header x-tenant: 3");
}

TEST_CASE("of many requests that were not recorded the first are explained, as that takes time") {
  std::vector<har::Exchange> exchanges;
  std::string many = "[";
  for (int i = 0; i < 300; ++i) many += std::to_string(i) + ",";
  constexpr int all = 500;
  for (int i = 0; i < all; ++i) {
    exchanges.push_back(
        exchange("POST", "https://a.example/x", "", many + std::to_string(i) + "]"));
  }
  mock::Replay replay = replay_of(exchanges);
  for (int i = 0; i < all; ++i) {
    CHECK(replay.answer({"POST", "https://a.example/x", many + std::to_string(i) + "]",
                         "application/json"}) != nullptr);
  }
  for (int i = 0; i < all; ++i) {
    CHECK(replay.answer({"POST", "https://a.example/y", many + std::to_string(i) + "]",
                         "application/json"}) == nullptr);
  }
  const auto& unanswered = replay.unanswered();
  CHECK(unanswered.size() == all);
  const auto explained = std::count_if(
      unanswered.begin(), unanswered.end(),
      [](const std::string& one) { return one.find("nearest:") != std::string::npos; });
  CHECK(explained == 20);
}

TEST_CASE("what is named as a secret isn't shown") {
  mock::Replay replay = replay_of({exchange("POST", "https://a.example/x?access_token=t1&page=1",
                                            "1", R"({"who":{"password":"hunter2","name":"a"}})")});
  CHECK(replay.answer({"POST", "https://a.example/x?access_token=t2&page=2",
                       R"({"who":{"password":"hunter3","name":"b"}})", "application/json"}) ==
        nullptr);
  CHECK(replay.unanswered().back() ==
        "POST https://a.example/x?access_token=***&page=2\n"
        "  nearest: entry 1, POST https://a.example/x?access_token=***&page=1\n"
        "  - query access_token=***\n  - query page=1\n"
        "  - body .who.password = ***\n  - body .who.name = \"a\"\n"
        "  + query access_token=***\n  + query page=2\n"
        "  + body .who.password = ***\n  + body .who.name = \"b\"");
  CHECK(replay.never_asked().front() == "POST https://a.example/x?access_token=***&page=1");
}
