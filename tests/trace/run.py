#!/usr/bin/env python3
"""Traces over real HTTP: what a run writes, how it is shown on the terminal, and the page.

usage: run.py FCONN [--browser]

--browser opens the page in headless Chromium, too; without Chromium it says so and ends with 77 (skipped)."""
import html.parser, http.server, json, os, re, shutil, subprocess, sys, tempfile, threading

HERE = os.path.dirname(os.path.abspath(__file__))
FCONN = os.path.abspath(sys.argv[1])
checks = 0


def expect(condition, what):
    global checks
    checks += 1
    if not condition: raise SystemExit(f"not so: {what}")


# What a terminal would obey: colours, its title, the direction of text, and a line that looks like ours.
EVIL = "x\x1b[31mred\x1b]0;title\x07\u202eevil\r\nfconn: all is well\x00"


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = {}

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def any(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        times = self.asked[path] = self.asked.get(path, 0) + 1
        if path == "/token": return self.answer(200, {"token": "tok-7f3a9c"})
        if path == "/customers": return self.answer(200, {"customers": [
            {"id": 7, "name": "Ada", "email": "ada@example.com", "state": "open"}, {"id": 8, "name": "Eve", "email": "eve@example.com", "state": "open"},
            {"id": 9, "name": "Ada", "email": "ada@example.com", "state": "closed"}]})
        if path == "/customers/7/orders": return self.answer(503 if times == 1 else 200, {"orders": [{"id": 1}, {"id": 2}]})
        if path == "/exports": return self.answer(201, {"id": "e1"})
        if path == "/exports/e1": return self.answer(200, {"id": "e1", "ready": times > 2})
        if path == "/exports/e1/rows": return self.answer(200, {"rows": [{"id": 5}]})
        if path.startswith("/evil"):
            return self.answer(500 if "DELETE" == self.command else 200, {"bad": EVIL, "rows": [{"id": 1}]})
        if path == "/many": return self.answer(200, [{"id": n, "kept": n < 80} for n in range(140)])
        self.answer(403, {"error": "no"})

    do_GET = do_POST = do_PATCH = do_DELETE = any
    def log_message(self, *_): pass


def fconn(folder, *args, code=0):
    done = subprocess.run([FCONN, *args], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "SHOP_PASSWORD": "pa55-w0rd", "XDG_STATE_HOME": folder, "NO_COLOR": "1"})
    expect(done.returncode == code, f"{' '.join(args)}: exit code {done.returncode}, expected {code}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Page(html.parser.HTMLParser):
    """Ids, links and everything that would be loaded."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.loads, self.labels, self.open, self.tags = [], [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        if "id" in given: self.ids.append(given["id"])
        if "href" in given: self.links.append(given["href"])
        if tag == "a" and given.get("aria-label"): self.labels.append(given["aria-label"])
        for name in ("src", "data", "action", "srcset", "poster"):
            if name in given: self.loads.append(given[name])
        if tag in ("link", "iframe", "img", "object", "embed"): self.loads.append(tag)
        if tag not in ("meta", "input", "br"): self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if self.open and self.open[-1] == tag: self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open[-1] != tag: raise SystemExit(f"not so: <{self.open[-1]}> is closed by </{tag}>")
        if self.open: self.open.pop()


def events(folder, name):
    return [json.loads(line) for line in open(os.path.join(folder, name), encoding="utf-8")]


def check_events(folder):
    all_ = events(folder, "run.trace")
    start = all_[0]
    expect(start["event"] == "start" and start["started_ms"] > 1.6e12, "the first event says when the run began")
    needs = {one["collection"]: one["needs"] for one in start["collections"]}
    expect(needs == {"customer": [], "order": ["customer"], "export": [], "secret_note": ["customer"]}, needs)
    expect(start["files"][0]["text"] == open(os.path.join(HERE, "shop.fconn"), encoding="utf-8").read(), "the connector's text is there")
    requests = {e["request"]: e for e in all_ if e["event"] == "request"}
    lines = start["files"][0]["text"].split("\n")
    for request in requests.values():
        line = lines[request["at"]["line"] - 1]
        expect(request["method"] in line, f"{request['at']} is where {request['method']} stands: {line}")
    responses = [e for e in all_ if e["event"] == "response"]
    expect(len(responses) == len(requests) and all(e["took_ms"] >= 0 and e["ms"] >= 0 for e in responses), "each has an answer")
    for event in all_:
        expect(len(json.dumps(event)) > 0 and isinstance(event["ms"], int), "ms is the time of the event")
    retry = next(e for e in all_ if e["event"] == "retry")
    again = [r for r in requests.values() if r["task"] == requests[retry["request"]]["task"]]
    expect(len(again) == 2 and retry["wait_ms"] == 20, "a repetition has the task of what it repeats")
    expect(sum(e["event"] == "poll" for e in all_) == 2, "each wait of an until")
    text = open(os.path.join(folder, "run.trace"), encoding="utf-8").read()
    expect("pa55-w0rd" not in text and "tok-7f3a9c" not in text, "no secret is in it")
    expect(oct(os.stat(os.path.join(folder, "run.trace")).st_mode & 0o777) == "0o600", "mode 0600")
    check_reasons(all_, lines)
    expect("eve@example.com" not in text and "Eve" not in text, "what answers hold is not in it")


def check_reasons(all_, lines):
    """What clauses gave, and what became of rows."""
    asked = next(e["request"] for e in all_ if e["event"] == "request" and e.get("collection") == "customer")
    clauses = [e for e in all_ if e["event"] == "clause" and e.get("request") == asked]
    expect([(c["clause"], c.get("holds"), c.get("rows")) for c in clauses] ==
           [("retry on 503 times 2 every 20ms", False, None), ('skip on 404 "nobody"', False, None), ("rows .customers", None, 3)], clauses)
    expect([lines[c["at"]["line"] - 1].split()[0] for c in clauses] == ["retry", "skip", "read"], "each says its line, rows that of the request")
    judged = next(e for e in all_ if e["event"] == "judged" and e["request"] == asked)
    expect((judged["then"], judged["came"], judged["kept"], judged["repeated"]) == ("accepted", 3, 1, 0), judged)
    expect([(d["by"], d["rows"]) for d in judged["dropped"]] == [("keep .email == email", 1), ('keep .state == "open"', 1)], judged)
    expect(judged["listed"] == [
        {"row": 2, "is": "dropped", "by": "keep .email == email",
         "saw": [[".email", "a text of 15 characters"], ["email", "a text of 15 characters"]]},
        {"row": 3, "is": "dropped", "by": 'keep .state == "open"', "saw": [[".state", '"closed"']]}], judged["listed"])
    ends = [e["then"] for e in all_ if e["event"] == "judged" and e.get("collection") in ("order", "secret_note", "export")]
    expect(sorted(ends) == ["accepted", "accepted", "asked again", "asked again", "failed", "sent again"], ends)
    until = [e["saw"] for e in all_ if e["event"] == "clause" and e["clause"].startswith("until")]
    expect(until == [[[".ready", "false"]], [[".ready", "false"]], [[".ready", "true"]]], until)


def check_text(folder):
    shown = fconn(folder, "trace", "show", "run.trace")
    for wanted in (r"^\d{4}-\d\d-\d\dT\S+Z  .* 10 requests, 4 rows, .* 1 retry, 60 ms of pauses$",
                   r"^shop:customer  complete  1 request, 1 row, .*  http://127.0.0.1:\d+  \(.*shop.fconn:16\)$",
                   r"^shop:order  complete  2 requests, 2 rows, .*, after customer ",
                   r"^  r\d+ +GET +503 .*/customers/7/orders$", r"^ +again after 20 ms: status 503",
                   r"^ +asks again after 20 ms$", r"^shop:secret_note  failed  1 request, 0 rows",
                   r"^  .*403", r"^tokens  1 request$|^tokens  1 request, ", r"│ job: /exports$"):
        expect(re.search(wanted, shown, re.M), f"{wanted} in\n{shown}")
    expect("  1 of 3 rows that came counted, 1 dropped by `keep .email == email`, 1 dropped by `keep .state == \"open\"`\n" in shown, shown)
    expect("row 2" not in shown, "clauses and rows are shown where they are asked for")
    all_ = fconn(folder, "trace", "show", "run.trace", "--clauses")
    for wanted in (r"^      skip on 404 \"nobody\" +no$", r"^      rows .customers +3 rows$", r"^      keep .email == email +1 dropped$",
                   r"^        row 2 +dropped +keep .email == email  .email = a text of 15 characters, email = a text of 15 characters$",
                   r'^        row 3 +dropped +keep .state == "open"  .state = "closed"$', r"^        1 of 3 rows counted$",
                   r"^      until .ready every 20ms for 10s +no  .ready = false$", r"^      → failed: "):
        expect(re.search(wanted, all_, re.M), f"{wanted} in\n{all_}")
    asked = next(e["request"] for e in events(folder, "run.trace") if e["event"] == "request" and e.get("collection") == "customer")
    one = fconn(folder, "trace", "show", "run.trace", "--request", asked)
    expect("1 of 10 requests shown" in one and "row 3" in one and "until" not in one, one)
    expect("no request 'r99'" in fconn(folder, "trace", "show", "run.trace", "--request", "r99", code=2), "requests that aren't there")
    only = fconn(folder, "trace", "show", "run.trace", "--collection", "order")
    expect("shop:order" in only and "shop:customer" not in only and "2 of 10 requests shown" in only, only)
    bad = fconn(folder, "trace", "show", "run.trace", "--status", "5xx", "--status", "403")
    expect("2 of 10 requests shown" in bad and " 200 " not in bad, bad)
    expect("2 of 10 requests shown" in fconn(folder, "trace", "show", "run.trace", "--status", "failed"), "failed")
    expect("0 of 10 requests shown" in fconn(folder, "trace", "show", "run.trace", "--slow", "1h"), "slow")
    expect("did you mean 'order'?" in fconn(folder, "trace", "show", "run.trace", "--collection", "ordr", code=2), "names")
    expect("--status can't be '20'" in fconn(folder, "trace", "show", "run.trace", "--status", "20", code=2), "statuses")
    expect("--slow can't be" in fconn(folder, "trace", "show", "run.trace", "--slow", "x", code=2), "durations")
    fconn(folder, "trace", "view", "run.trace", code=2)
    fconn(folder, "trace", "show", "nowhere.trace", code=2)


def check_cut(folder):
    """A trace of a run that was stopped, one that is no trace, and one of an erasure."""
    text = open(os.path.join(folder, "run.trace"), encoding="utf-8").read()
    with open(os.path.join(folder, "cut.trace"), "w", encoding="utf-8") as out: out.write(text[: len(text) // 2])
    shown = fconn(folder, "trace", "show", "cut.trace")
    expect("the trace has no end" in shown, shown)
    with open(os.path.join(folder, "bad.trace"), "w", encoding="utf-8") as out: out.write('{"ms":0,"event":"start"}\nnot json\n{}\n')
    expect("line 2 is no event" in fconn(folder, "trace", "show", "bad.trace", code=2), "which line")
    with open(os.path.join(folder, "empty.trace"), "w", encoding="utf-8") as out: out.write("")
    fconn(folder, "trace", "show", "empty.trace", code=2)


def check_page(folder):
    fconn(folder, "trace", "html", "run.trace", "-o", "run.html")
    text = open(os.path.join(folder, "run.html"), encoding="utf-8").read()
    page = Page(); page.feed(text); page.close()
    expect(not page.loads, f"nothing is loaded: {page.loads}")
    expect(not [link for link in page.links if not link.startswith("#")], "links stay on the page")
    expect(len(page.ids) == len(set(page.ids)), "ids are there once")
    missing = [link for link in page.links if link[1:] not in page.ids]
    expect(not missing, f"each link leads somewhere: {missing}")
    expect(len(page.labels) == 10 and all("http" in label for label in page.labels), "each bar says what it is")
    expect(text.count('class="arrow"') == 2 and text.count('class="wait"') == 3, "arrows and pauses")
    expect("&lt;b&gt; &amp; " in text and "<b> &" not in text, "what came from outside is text")
    expect('lang="en"' in text and "<main>" in text and "Content-Security-Policy" in text, "a proper page")
    expect("pa55-w0rd" not in text and "tok-7f3a9c" not in text, "no secret is in it")
    expect("<code>keep .email == email</code>" in text and "1 of 3 rows counted" in text and
           ".state = &quot;closed&quot;" in text, "clauses and rows with their reasons")
    lines = open(os.path.join(HERE, "shop.fconn"), encoding="utf-8").read().split("\n")
    led = re.search(r'<code>skip on 404 &quot;nobody&quot;</code></td><td>no</td><td><code></code></td><td><a href="#s0-(\d+)"', text)
    expect(led and lines[int(led[1]) - 1].strip() == 'skip  on 404 "nobody"', "a clause leads to its line")
    expect(oct(os.stat(os.path.join(folder, "run.html")).st_mode & 0o777) == "0o600", "mode 0600")
    few = fconn(folder, "trace", "html", "run.trace", "--status", "503")
    text = open(os.path.join(folder, "run.trace.html"), encoding="utf-8").read()
    expect("This page shows 1 of them." in text and not few, "a filtered page says so")


def check_old(folder):
    """A trace of before clauses and rows were in it."""
    with open(os.path.join(folder, "old.trace"), "w", encoding="utf-8") as out:
        for event in events(folder, "run.trace"):
            if event["event"] not in ("clause", "judged"): out.write(json.dumps(event) + "\n")
    shown = fconn(folder, "trace", "show", "old.trace", "--clauses")
    expect("shop:customer  complete  1 request, 1 row" in shown and "counted" not in shown, shown)
    fconn(folder, "trace", "html", "old.trace")


def check_many(folder):
    """Rows that are dropped behind many that are kept; collections that have no part in the run."""
    with open(os.path.join(folder, "many.fconn"), "w", encoding="utf-8") as out: out.write('''connector many "Many" {
  version "1.0.0"
  param origin: url
  client { base "{origin}" }
  collection one {
    read GET /many { keep .kept }
    fields { id: int key @system.operations }
  }
  collection other { read GET /many }
}
''')
    origin = next(v for v in VALUES if v.startswith("origin="))
    fconn(folder, "read", "many.fconn", "one", "--param", origin, "--trace", "many.trace")
    all_ = events(folder, "many.trace")
    expect([e["collection"] for e in all_ if e["event"] == "finish"] == ["one"], "what nobody asked for has no end")
    judged = next(e for e in all_ if e["event"] == "judged")
    expect([row["row"] for row in judged["listed"]] == list(range(81, 131)), [row["row"] for row in judged["listed"]])
    shown = fconn(folder, "trace", "show", "many.trace", "--clauses")
    expect("\n        of 60 dropped rows the trace has the first 50 with their reasons\n        80 of 140 rows counted\n" in shown, shown)
    expect("other" not in shown, shown)
    fconn(folder, "trace", "html", "many.trace")
    expect("of 60 dropped rows the trace has the first 50" in open(os.path.join(folder, "many.trace.html"), encoding="utf-8").read(), "the page")


def check_hostile(folder):
    """What an API says of its failures is shown as text."""
    with open(os.path.join(folder, "evil.fconn"), "w", encoding="utf-8") as out: out.write('''connector evil "Evil" {
  version "1.0.0"
  param origin: url
  identity email
  client { base "{origin}" }
  collection failing { read GET /evil { fail when .bad != null "the API says: {.bad}" } }
  collection passing { read GET /evil/2 { skip when .bad != null "the API says: {.bad}" } }
  collection chained {
    read {
      let a = GET /evil/3
      fail when a.bad != null "the API says: {a.bad}"
      GET /evil/4
    }
  }
  collection row {
    read GET /evil/5 { rows .rows }
    delete DELETE /evil/6 { skip on 500 "the API says: {.bad}" }
    fields { id: int key @user.unique_id }
  }
}
''')
    origin = next(v for v in VALUES if v.startswith("origin="))
    with open(os.path.join(folder, "evil.test.fconn"), "w", encoding="utf-8") as out: out.write('''test "evil" {
  connector "evil.fconn"
  params { origin: "https://api.evil.example" }
  collection "failing"
  reply GET /evil with 200 { body json { bad: "%s" } }
  expect failing complete
}
''' % EVIL.encode("unicode_escape").decode().replace("\\x", "\\u00"))
    seen = fconn(folder, "read", "evil.fconn", "--param", origin, "--trace", "evil.trace", code=3)
    seen += fconn(folder, "trace", "show", "evil.trace", "--clauses")
    seen += fconn(folder, "test", "evil.test.fconn", code=1)
    seen += fconn(folder, "erase", "evil.fconn", "--param", origin, "--identity", "email=ada@example.com", "--collection", "row", "--target", "user",
                  "--mask", "null", "--plan", "evil.json")
    seen += fconn(folder, "erase", "--apply", "evil.json", "--journal", "evil.db")
    done = subprocess.run([FCONN, "repl", "evil.fconn", "--param", origin], cwd=folder, capture_output=True, text=True,
                          input=":run\n:requests\n:why failing\n:why passing\n:show r1\n", env={**os.environ, "XDG_STATE_HOME": folder})
    seen += done.stdout + done.stderr
    expect(seen.count("the API says") > 15, seen)
    for one in ("\x1b", "\x07", "\x00", "\r", "\u202e", "\nfconn: all is well"):
        expect(one not in seen, f"{one!r} reaches the terminal:\n" + "\n".join(repr(line) for line in seen.split("\n") if one.strip("\n") in line))


def check_erasure(folder):
    fconn(folder, "erase", "shop.fconn", *VALUES, "--collection", "customer", "--target", "user.name", "--mask", "null", "--plan",
          "plan.json", "--trace", "plan.trace")
    text = open(os.path.join(folder, "plan.trace"), encoding="utf-8").read()
    expect("ada@example.com" not in text and "/customers" in text, "an erasure's trace has no values")
    expect('"clause":"keep .email == email"' not in text and '"saw"' not in text and '"came":3' in text, "nor what clauses saw")
    expect("shop:customer  complete" in fconn(folder, "trace", "show", "plan.trace"), "and is shown all the same")


def browse(folder):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        print("SKIPPED: there is no Chromium, so the page was not opened")
        sys.exit(77)
    url = "file://" + os.path.join(folder, "run.html") + "#q3"
    common = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
    done = subprocess.run([*common, "--dump-dom", url], capture_output=True, text=True, timeout=120)
    dom = done.stdout
    expect(re.search(r'<details class="request" id="q3"[^>]* open=""', dom), f"the request that is asked for is open\n{dom[:600]}")
    expect(len(re.findall(r'<details class="request"[^>]* open=""', dom)) == 1, "the others are closed")
    expect('<p class="find">' in dom, "the script offers a search")
    picture = os.path.join(folder, "page.png")
    subprocess.run([*common, "--window-size=1300,1500", f"--screenshot={picture}", url], capture_output=True, timeout=120)
    expect(os.path.getsize(picture) > 20_000, "it can be drawn")


with tempfile.TemporaryDirectory() as folder:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shutil.copy(os.path.join(HERE, "shop.fconn"), folder)
    VALUES = ("--identity", "email=ada@example.com", "--param", f"origin=http://127.0.0.1:{server.server_port}",
              "--secret-env", "password=SHOP_PASSWORD")
    fconn(folder, "access", "shop.fconn", *VALUES, "--trace", "run.trace", code=3)
    check_page(folder)
    if "--browser" in sys.argv:
        browse(folder)
    else:
        check_events(folder)
        check_text(folder)
        check_cut(folder)
        check_old(folder)
        check_many(folder)
        check_hostile(folder)
        check_erasure(folder)
    server.shutdown()
print(f"{checks} checks")
