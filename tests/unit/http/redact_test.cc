#include "interpreter/http/redact.hh"

#include <doctest/doctest.h>

#include "interpreter/http/url.hh"

using namespace fconn::http;

TEST_CASE("a secret is hidden in every spelling") {
  Redactor redactor;
  redactor.add("p\xC3\xA4 s/\"w+1");
  struct Case {
    const char* name;
    const char* text;
  };
  const Case cases[] = {
      {"as written", "<p\xC3\xA4 s/\"w+1>"},
      {"percent, upper case", "<p%C3%A4%20s%2F%22w%2B1>"},
      {"percent, lower case", "<p%c3%a4%20s%2f%22w%2b1>"},
      {"form", "<p%C3%A4+s%2F%22w%2B1>"},
      {"every byte escaped", "<%70%C3%A4%20%73%2F%22%77%2B%31>"},
      {"partly escaped", "<p%C3%A4%20s/%22w+1>"},
      {"twice escaped", "<p%25C3%25A4%2520s%252F%2522w%252B1>"},
      {"JSON", "<p\xC3\xA4 s/\\\"w+1>"},
      {"JSON with slash", "<p\xC3\xA4 s\\/\\\"w+1>"},
      {"JSON in ASCII", "<p\\u00e4 s/\\u0022w\\u002B1>"},
      {"JSON in JSON", "<p\xC3\xA4 s/\\\\\\\"w+1>"},
      {"JSON, escaped in a URL", "<p%5Cu00e4%20s%2F%5C%22w%2B1>"},
      {"HTML", "<p\xC3\xA4 s/&quot;w+1>"},
      {"HTML, by numbers", "<p&#228; s&#x2F;&#34;w&#43;1>"},
      {"HTML in JSON", "<p\\u00e4 s/&quot;w&#43;1>"},
      {"JSON in HTML", "<p\\u00e4 s/\\&quot;w+1>"},
      {"hex", "<70c3a420732f22772b31>"},
      {"hex, upper case", "<70C3A420732F22772B31>"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(redactor.redact(c.text) == "<***>");
  }
}

TEST_CASE("a secret is hidden in base64, whatever stands around it") {
  const auto base64 = [](std::string_view text, std::string_view alphabet, bool pad) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
      unsigned group = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        group = group << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
      }
      for (std::size_t k = 0; k < 4; ++k) {
        if (i + k <= text.size()) {
          out += alphabet[group >> (18 - 6 * k) & 63U];
        } else if (pad) {
          out += '=';
        }
      }
    }
    return out;
  };
  const std::string common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  Redactor redactor;
  const std::string secret = "s3cr\xFFt?\xFE~tok";
  redactor.add(secret);
  for (const char* before : {"", "a", "ab", "abc", "user:"}) {
    for (const char* after : {"", "z", "zy", "zyx"}) {
      for (const bool url : {false, true}) {
        const std::string encoded =
            base64(before + secret + after, common + (url ? "-_" : "+/"), !url);
        const std::string shown = redactor.redact("Basic " + encoded);
        CAPTURE(encoded);
        CAPTURE(shown);
        CHECK(shown.find("***") != std::string::npos);
        // Nothing is left but what the texts around it need: at most 2 groups before and after.
        CHECK(shown.size() <= std::string("Basic ***").size() + 8 + 8);
        for (std::size_t i = 0; i + 5 <= encoded.size(); ++i) {
          const std::string piece = encoded.substr(i, 5);
          if (i >= 8 && i + 9 <= encoded.size()) CHECK(shown.find(piece) == std::string::npos);
        }
        CHECK(redactor.redact(encode_query(encoded)).find("***") != std::string::npos);
      }
    }
  }
}

TEST_CASE("what is no secret stays") {
  Redactor redactor;
  CHECK(redactor.redact("100% a+b \\n \"x\"") == "100% a+b \\n \"x\"");
  redactor.add("abc");  // too short to look for
  redactor.add("");
  CHECK(redactor.redact("abcdef abc") == "abcdef abc");
  redactor.add("longer-secret");
  redactor.add("secret-two");
  CHECK(redactor.redact("100% a+b \\n") == "100% a+b \\n");
  CHECK(redactor.redact("longer-secret-two!") == "***!");  // overlapping
  CHECK(redactor.redact("longer-secretlonger-secret") == "******");
  CHECK(redactor.redact("") == "");
}

TEST_CASE("a request is described without its query") {
  Redactor redactor;
  redactor.add("to/ken");
  Request request;
  request.method = "GET";
  request.url = "https://api.example.com/v1/to%2Fken/users?email=ada%40example.com";
  CHECK(redactor.describe(request) == "GET https://api.example.com/v1/***/users?…");
  request.url = "https://api.example.com/v1#x";
  CHECK(redactor.describe(request) == "GET https://api.example.com/v1");
}

TEST_CASE("the start of a body is short, printable and without secrets") {
  Redactor redactor;
  redactor.add("sesame-open");
  CHECK(redactor.body_start("  {\n\t\"a\":\r\n 1 }\n") == "{ \"a\": 1 }");
  CHECK(redactor.body_start("a\x1b[31mb\x7f\xff\xC3\xA9\xC2\x9B") == "a�[31mb��é�");
  CHECK(redactor.body_start("a\xE2\x80\xAE"
                            "b") == "a�b");
  CHECK(redactor.body_start("") == "");
  CHECK(redactor.body_start("abcdef", 6) == "abcdef");
  CHECK(redactor.body_start("abcdef", 5) == "abcde…");
  CHECK(redactor.body_start("abc\xC3\xA9", 4) == "abc…");  // no half characters
  for (std::size_t limit = 0; limit < 16; ++limit) {       // a secret across the limit
    CAPTURE(limit);
    const std::string shown = redactor.body_start("1234sesame-open56789", limit);
    CHECK(shown.find('s') == std::string::npos);
    CHECK(shown.find("open") == std::string::npos);
  }
  CHECK(redactor.body_start("1234sesame-open56789", 6) == "1234***…");
}

TEST_CASE("queries of URLs in a body, and a URL that is a credential, aren't shown") {
  Redactor redactor;
  struct Case {
    std::string_view body, shown;
  };
  for (const Case c : {
           Case{R"({"url":"https://f.test/a?sig=1&e=2","n":1})",
                R"({"url":"https://f.test/a?…","n":1})"},
           Case{R"({"url":"https:\/\/f.test\/a?sig=1"})", R"({"url":"https:\/\/f.test\/a?…"})"},
           Case{"see http://f.test/a?b and http://g.test/c?d now",
                "see http://f.test/a?… and http://g.test/c?… now"},
           Case{"https://f.test/a", "https://f.test/a"},
           Case{"what? http is it? https://", "what? http is it? https://"},
           Case{"<a href='https://f.test/?x'>y?</a>", "<a href='https://f.test/?…'>y?</a>"},
       }) {
    CAPTURE(c.body);
    CHECK(redactor.body_start(c.body) == c.shown);
  }
  Request request;
  request.method = "GET";
  request.url = "https://f.test:8443/secret/path?sig=1";
  CHECK(redactor.url(request) == request.url);
  CHECK(redactor.describe(request) == "GET https://f.test:8443/secret/path?…");
  request.private_url = true;
  CHECK(redactor.url(request) == "https://f.test:8443/***");
  CHECK(redactor.describe(request) == "GET https://f.test:8443/***");
}
