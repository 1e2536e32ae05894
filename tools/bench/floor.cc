// The practical floor: hand-written libcurl + simdjson On-Demand for just these endpoints. What a
// general program is compared with (tools/bench/bench.py); not part of fconn.
//   floor [-h2] flat-link BASE OUT | flat-page BASE OUT N | tree BASE OUT N | big-stream BASE OUT
// -h2: HTTP/2 over TLS, multiplexed on one connection.
#include <curl/curl.h>
#include <fcntl.h>
#include <immintrin.h>
#include <simdjson.h>
#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <vector>
using namespace simdjson;
using sv = std::string_view;
static bool h2 = false;
static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
[[noreturn]] static void die(const char* m) {
  fprintf(stderr, "%s\n", m);
  exit(1);
}

struct Out {
  int fd = -1;
  std::string b;
  size_t total = 0;
  explicit Out(const char* p) {
    fd = p ? open(p, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    b.reserve(1 << 20);
  }
  void put(sv s) { b.append(s); }
  void row() {
    if (b.size() > (1 << 19)) flush();
  }
  void flush() {
    total += b.size();
    if (fd >= 0) {
      const char* p = b.data();
      size_t n = b.size();
      while (n) {
        ssize_t k = write(fd, p, n);
        if (k <= 0) die("write");
        p += k;
        n -= k;
      }
    }
    b.clear();
  }
};
static sv rtrim(sv s) {
  while (!s.empty() && (unsigned char)s.back() <= ' ') s.remove_suffix(1);
  return s;
}
static sv tok(ondemand::value v) { return rtrim(v.raw_json_token()); }
static sv unq(sv s) { return s.substr(1, s.size() - 2); }
static void put_customer(Out& o, sv id, sv email, sv name, sv city, sv country, sv tags, sv balance,
                         sv notes) {
  o.put("{\"id\":");
  o.put(id);
  o.put(",\"email\":");
  o.put(email);
  o.put(",\"name\":");
  o.put(name);
  o.put(",\"city\":");
  o.put(city);
  o.put(",\"country\":");
  o.put(country);
  o.put(",\"tags\":");
  o.put(tags);
  o.put(",\"balance\":");
  o.put(balance);
  o.put(",\"notes\":");
  o.put(notes);
  o.put("}\n");
  o.row();
}
static void put_charge(Out& o, sv id, sv cus, sv amount, sv cur, sv created, sv status, sv city,
                       sv last4) {
  o.put("{\"id\":");
  o.put(id);
  o.put(",\"customer\":");
  o.put(cus);
  o.put(",\"amount\":");
  o.put(amount);
  o.put(",\"currency\":");
  o.put(cur);
  o.put(",\"created\":");
  o.put(created);
  o.put(",\"status\":");
  o.put(status);
  o.put(",\"city\":");
  o.put(city);
  o.put(",\"last4\":");
  o.put(last4);
  o.put("}\n");
  o.row();
}
static void customer(ondemand::object r, Out& o) {
  sv id = tok(r["id"]), email = tok(r["email"]), name = tok(r["name"]), balance = tok(r["balance"]);
  ondemand::object a = r["address"];
  sv city = tok(a["city"]), country = tok(a["country"]);
  sv tags = rtrim(to_json_string(r["tags"].value()).value()), notes = tok(r["notes"]);
  put_customer(o, id, email, name, city, country, tags, balance, notes);
}
static sv charge(ondemand::object r, Out& o) {
  sv id = tok(r["id"]), amount = tok(r["amount"]);
  ondemand::object bd = r["billing_details"];
  ondemand::object a = bd["address"];
  sv city = tok(a["city"]);
  sv created = tok(r["created"]), cur = tok(r["currency"]), cus = tok(r["customer"]);
  ondemand::object pm = r["payment_method_details"];
  ondemand::object c = pm["card"];
  sv last4 = tok(c["last4"]);
  sv status = tok(r["status"]);
  put_charge(o, id, cus, amount, cur, created, status, city, last4);
  return id;
}
// pages: body holds SIMDJSON_PADDING spare bytes
static size_t flat_page(ondemand::parser& p, std::string& b, Out& o, std::string* next) {
  auto d = p.iterate(b.data(), b.size(), b.capacity());
  size_t n = 0;
  ondemand::object top = d.get_object();
  for (auto r : top["data"].get_array()) {
    customer(r.get_object(), o);
    n++;
  }
  if (next) {
    sv t = tok(top["next"]);
    next->assign(t == "null" ? sv() : unq(t));
  }
  return n;
}
static size_t tree_page(ondemand::parser& p, std::string& b, Out& o, std::string& last,
                        bool& more) {
  auto d = p.iterate(b.data(), b.size(), b.capacity());
  size_t n = 0;
  ondemand::object top = d.get_object();
  sv id;
  for (auto r : top["data"].get_array()) {
    id = charge(r.get_object(), o);
    n++;
  }
  if (n) last = unq(id);
  more = tok(top["has_more"]) == "true";
  return n;
}
// ---- http
static size_t grow(char* p, size_t a, size_t n, void* u) {
  auto& s = *(std::string*)u;
  n *= a;
  if (s.capacity() < s.size() + n + SIMDJSON_PADDING)
    s.reserve((s.size() + n) * 2 + SIMDJSON_PADDING);
  s.append(p, n);
  return n;
}
static CURL* handle() {
  CURL* c = curl_easy_init();
  curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 262144L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
  if (h2) {
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(c, CURLOPT_PIPEWAIT, 1L);
  } else
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  return c;
}
struct Job {
  CURL* c;
  std::string url, body;
  int key;
};
// next(job): sets job.url and returns true, or false when nothing can start now; done(job): the
// body is whole
static void drive(int conc, std::function<bool(Job&)> next, std::function<void(Job&)> done) {
  CURLM* m = curl_multi_init();
  curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, (long)conc + 4);
  if (!h2) curl_multi_setopt(m, CURLMOPT_PIPELINING, 0L);
  std::vector<Job> jobs(conc);
  std::vector<Job*> idle;
  for (auto& j : jobs) {
    j.c = handle();
    j.key = -1;
    curl_easy_setopt(j.c, CURLOPT_PRIVATE, &j);
    {
      curl_easy_setopt(j.c, CURLOPT_WRITEFUNCTION, grow);
      curl_easy_setopt(j.c, CURLOPT_WRITEDATA, &j.body);
    }
    idle.push_back(&j);
  }
  int running = 0;
  size_t live = 0;
  for (;;) {
    while (!idle.empty()) {
      Job* j = idle.back();
      if (!next(*j)) break;
      idle.pop_back();
      j->body.clear();
      curl_easy_setopt(j->c, CURLOPT_URL, j->url.c_str());
      curl_multi_add_handle(m, j->c);
      live++;
    }
    if (!live) break;
    curl_multi_perform(m, &running);
    int q;
    bool any = false;
    while (CURLMsg* g = curl_multi_info_read(m, &q)) {
      if (g->msg != CURLMSG_DONE) continue;
      if (g->data.result) die(curl_easy_strerror(g->data.result));
      Job* j;
      curl_easy_getinfo(g->easy_handle, CURLINFO_PRIVATE, &j);
      curl_multi_remove_handle(m, g->easy_handle);
      live--;
      any = true;
      done(*j);
      idle.push_back(j);
    }
    if (!any) curl_multi_poll(m, nullptr, 0, 1000, nullptr);
  }
  for (auto& j : jobs) curl_easy_cleanup(j.c);
  curl_multi_cleanup(m);
}
static void report(const char* w, size_t rows, size_t bytes, double t) {
  printf("%s rows=%zu bytes=%zu t=%.4f\n", w, rows, bytes, t);
}

// a scanner that cuts a stream of one JSON array into its element objects; scalar state over
// 32-byte AVX2 masks
struct Cutter {
  bool str = false, esc = false;
  int depth = 0;
  std::string part;
  template <class F>
  void feed(const char* p, size_t n, F row) {
    size_t start = 0;
    bool open = depth >= 2;
    auto step = [&](size_t i) {
      char c = p[i];
      if (str) {
        if (c == '"') str = false;
        return;
      }
      if (c == '"')
        str = true;
      else if (c == '{' || c == '[') {
        if (depth == 1) {
          start = i;
          open = true;
        }
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
        if (depth == 1) {
          part.append(p + start, i + 1 - start);
          row(part);
          part.clear();
          open = false;
        }
      }
    };
    size_t i = 0;
    uint64_t skip = 0;  // skip: the next character is escaped
    if (esc) {
      skip = 1;
      esc = false;
    }
    const __m256i q = _mm256_set1_epi8('"'), bs = _mm256_set1_epi8('\\'), o = _mm256_set1_epi8('{'),
                  c = _mm256_set1_epi8('}'), m20 = _mm256_set1_epi8(0x20);
    for (; i + 32 <= n; i += 32) {
      __m256i v = _mm256_loadu_si256((const __m256i*)(p + i)), w = _mm256_or_si256(v, m20);
      uint64_t m = (uint32_t)_mm256_movemask_epi8(
          _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(v, q), _mm256_cmpeq_epi8(v, bs)),
                          _mm256_or_si256(_mm256_cmpeq_epi8(w, o), _mm256_cmpeq_epi8(w, c))));
      m &= ~skip;
      skip = 0;
      while (m) {
        int k = __builtin_ctzll(m);
        m &= m - 1;
        if (p[i + k] == '\\') {
          if (str) {
            if (k == 31)
              skip = 1;
            else
              m &= ~(2ull << k);
          }
        } else
          step(i + k);
      }
    }
    for (; i < n; i++) {
      if (skip) {
        skip = 0;
        continue;
      }
      if (p[i] == '\\' && str) {
        skip = 1;
        continue;
      }
      step(i);
    }
    esc = skip;
    if (open) part.append(p + start, n - start);
  }
};

int main(int argc, char** argv) {
  if (argc > 1 && !strcmp(argv[1], "-h2")) {
    h2 = true;
    argv++;
    argc--;
  }
  if (argc < 3) die("usage: see the top of floor.cpp");
  sv m = argv[1];
  curl_global_init(CURL_GLOBAL_ALL);
  double t0 = now();
  {
    std::string base = argv[2];
    Out o(argv[3]);
    ondemand::parser p;
    size_t rows = 0, in = 0;
    if (m == "flat-link") {
      std::string next = "/flat?page=1";
      drive(
          1,
          [&](Job& j) {
            if (next.empty()) return false;
            j.url = base + next;
            return true;
          },
          [&](Job& j) {
            in += j.body.size();
            rows += flat_page(p, j.body, o, &next);
          });
    } else if (m == "flat-page") {
      int i = 1;
      drive(
          atoi(argv[4]),
          [&](Job& j) {
            if (i > 1000) return false;
            j.url = base + "/flat?page=" + std::to_string(i++);
            return true;
          },
          [&](Job& j) {
            in += j.body.size();
            rows += flat_page(p, j.body, o, nullptr);
          });
    } else if (m == "tree") {
      struct Next {
        std::string cus, after;
      };
      std::deque<Next> q;
      bool first = true;
      drive(
          atoi(argv[4]),
          [&](Job& j) {
            if (first) {
              first = false;
              j.key = 0;
              j.url = base + "/v1/customers?limit=200";
              return true;
            }
            if (q.empty()) return false;
            j.key = 1;
            j.url = base + "/v1/charges?customer=" + q.front().cus + "&limit=100";
            if (!q.front().after.empty()) j.url += "&starting_after=" + q.front().after;
            q.pop_front();
            return true;
          },
          [&](Job& j) {
            in += j.body.size();
            if (j.key == 0) {
              auto d = p.iterate(j.body.data(), j.body.size(), j.body.capacity());
              for (auto r : d["data"].get_array())
                q.push_back({std::string(unq(tok(r["id"]))), ""});
              return;
            }
            std::string last;
            bool more;
            rows += tree_page(p, j.body, o, last, more);
            if (more) {
              size_t a = j.url.find("customer=") + 9;
              q.push_back({j.url.substr(a, j.url.find('&', a) - a), last});
            }
          });
    } else if (m == "big-stream") {
      struct S {
        Cutter c;
        ondemand::parser p;
        Out* o;
        size_t rows = 0, in = 0;
      } s;
      s.o = &o;
      CURL* c = handle();
      curl_easy_setopt(c, CURLOPT_URL, (base + "/big").c_str());
      curl_easy_setopt(c, CURLOPT_WRITEDATA, &s);
      curl_easy_setopt(
          c, CURLOPT_WRITEFUNCTION, +[](char* b, size_t a, size_t n, void* u) -> size_t {
            auto& s = *(S*)u;
            s.in += a * n;
            s.c.feed(b, a * n, [&](std::string& r) {
              if (r.capacity() < r.size() + SIMDJSON_PADDING)
                r.reserve(r.size() * 2 + SIMDJSON_PADDING);
              auto d = s.p.iterate(r.data(), r.size(), r.capacity());
              customer(d.get_object(), *s.o);
              s.rows++;
            });
            return a * n;
          });
      if (auto r = curl_easy_perform(c)) die(curl_easy_strerror(r));
      rows = s.rows;
      in = s.in;
    } else
      die("mode");
    o.flush();
    report(argv[1], rows, in, now() - t0);
  }
}
