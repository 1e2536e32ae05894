#!/usr/bin/env python3
"""Sessions of `fconn repl` over real HTTP: in a pipe, and at a terminal (a pty). Usage: run.py FCONN [NAME…]"""
import fcntl, http.server, json, os, pty, re, select, shutil, signal, stat, struct, subprocess, sys, tempfile, termios, threading, time
from urllib.parse import parse_qs, urlsplit

FCONN, HERE = os.path.abspath(sys.argv[1]), os.path.dirname(os.path.abspath(__file__))
SECRET, PERSON = "sekret-4711-key", "ada@example.com"
problems, seen, said = [], [], []
hang = threading.Event()  # set: answers that were held may go


class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mood = "well"

    def log_message(self, *_): pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        seen.append((self.command, self.path, dict(self.headers)))
        if url.path == "/accounts" and Shop.mood == "page":
            return self.answer(200, {"accounts": [{"id": n, "owner": PERSON, "pad": "x" * 600} for n in range(25000)], "next": None})
        if url.path == "/accounts" and Shop.mood == "hangs": hang.wait(30)
        if url.path == "/accounts" and Shop.mood == "error": return self.answer(200, {"error": "out of order"})
        if url.path == "/accounts" and Shop.mood == "moved":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if url.path == "/accounts" and Shop.mood == "nobody": return self.answer(404, {})
        if url.path == "/accounts" and "cursor" not in query:
            return self.answer(200, {"accounts": [
                {"id": 48213, "owner": "Ada@Example.com", "name": "Ada Lovelace", "note": "call +44 20 7946 0958"},
                {"id": 48999, "owner": "bob@example.com", "name": "Bob Hale"}], "next": "page-2-token"})
        if url.path == "/accounts": return self.answer(200, {"accounts": [], "next": None})
        return self.answer(200, {"orders": [{"id": "o-1", "address": "12 St James's Square", "esc": "\x1b[31m"}]})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen.append((self.command, self.path, dict(self.headers)))
        self.answer(201, {"id": "e1", "empty": Shop.mood == "empty"})


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_): pass  # a run that was ended hangs up


server = Quiet(("127.0.0.1", 0), Shop)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
HOST = f"127.0.0.1:{server.server_port}"


def command(*more):
    return [FCONN, "repl", "shop.fconn", "--param", f"domain={HOST}", "--secret-env", "api_key=KEY", *more]


def environment(folder, **more):
    env = {k: v for k, v in os.environ.items() if k in ("PATH", "TMPDIR") or k.endswith("SAN_OPTIONS")}
    return {**env, "HOME": folder, "XDG_STATE_HOME": os.path.join(folder, "state"), "KEY": SECRET, "LC_ALL": "C.UTF-8",
            "TERM": "xterm", "COLUMNS": "120", **more}


def project(folder):
    shutil.copy(os.path.join(HERE, "shop.fconn"), folder)
    return folder


def session(folder, lines, *more, **env):
    seen.clear()
    done = subprocess.run(command(*more), cwd=folder, env=environment(folder, **env), input="\n".join(lines) + "\n",
                          capture_output=True, text=True, timeout=60)
    said.append(done.stdout + done.stderr)
    return done


def check(name, good, shown=""):
    if not good: problems.append(f"{name}\n    {shown[-3000:]}")


def holds(name, text, *parts):
    for part in parts: check(f"{name}: no {part!r}", part in text, text)


def in_order(name, text, *parts):
    at = 0
    for part in parts:
        found = text.find(part, at)
        check(f"{name}: {part!r} isn't there, or out of order", found >= 0, text)
        at = max(at, found)


ME = f":set identity.email={PERSON}"


def test_step(folder):
    done = session(folder, [ME, ":step", "1 + 1", ":step", ".accounts[0].id", "rows[1].owner", ":row 1", ".name", ":row",
                            "email", "same(\"A\", \"a\")", "a.id", ":step", "job.id", ":step", ":step", ":rows order 1", "status"])
    check("step: exit code", done.returncode == 0, done.stderr)
    in_order("step", done.stdout, "r1  GET http://" + HOST + "/accounts?q=ada%40example.com  (account)", "Authorization: ***",
             "2\n", "← 200 application/json", "skip on 404 \"no such person\"", "no", "fail when .error != null",
             ".error = null", "rows .accounts", "2 rows", "1  kept     { id: 48213, owner: \"Ada@Example.com\", name: \"Ada Lovelace\" }",
             "2  dropped", "keep same(.owner, email)", ".owner = \"bob@example.com\"", "stop when", "next query",
             "→ next page", "48213\n", "\"bob@example.com\"\n", "\"Ada Lovelace\"\n", "\"ada@example.com\"\n",
             "true\n", "48213\n", "bound: { id: \"e1\", empty: false }", "let place", "\"/exports/e1\"",
             "skip when job.empty == true", "no", "r3  GET", "\"e1\"\n", "account complete, 1 row, 2 requests", "order complete, 1 row")
    check("step: requests", [s[1].split("?")[0] for s in seen].count("/accounts") == 2, str(seen))
    check("step: the terminal isn't obeyed", "\x1b" not in done.stdout, repr(done.stdout))


def test_reasons(folder):
    Shop.mood = "nobody"
    done = session(folder, [ME, ":run", ":why account", ":why order", ":requests"])
    holds("reasons", done.stdout, "skipped 1 answer: no such person", "1 × skipped: no such person", "reaches identity email")
    Shop.mood = "error"
    done = session(folder, [ME, ":run", ":why account"])
    check("reasons: a failed run is a failed line", done.returncode == 1)
    holds("reasons", done.stderr, "shop.fconn:", "account: the shop says out of order", "^^^")
    Shop.mood = "empty"
    done = session(folder, [ME, ":step", ":step", ":step", ":step", ":step", ":why account 2", ":why bob@example.com", ":why nowhere"])
    holds("reasons", done.stdout, "order, before a request", "skipped: nothing was ordered", "job.empty = true")
    holds("reasons", done.stdout, "2  dropped", "keep same(.owner, email)")
    holds("reasons", done.stderr, "no row that came holds it")
    Shop.mood = "well"


def test_breakpoints(folder):
    done = session(folder, [":break on order", ":break on .accounts == []", ":break on 4xx", ":break on ordr", ":break", ME, ":run",
                            ":delete 1", ":continue", "status", ":stop", ":continue"])
    in_order("breakpoints", done.stdout, "breakpoint 1: order", "1  on order\n2  on .accounts == []\n3  on 4xx", "breakpoint 1: order",
             "POST", "breakpoint 1: .accounts == []", "→ last page", "200\n", "account complete, 1 row, 2 requests")
    holds("breakpoints", done.stderr, "there is no collection 'ordr'", "did you mean 'order'?", "no run waits")


def test_moves(folder):
    """The shortest forms, and where one is."""
    done = session(folder, [ME, ":w", ":s", ":l", ":w", ":n", ":w", ":u r4", ":requests", ":until nothing", ":u .orders != null", ":w", ":c", ":w"])
    lines = open(os.path.join(folder, "shop.fconn")).read().split("\n")
    at = 1 + next(i for i, line in enumerate(lines) if "GET /accounts" in line)
    in_order("moves", done.stdout, "nothing has run yet", "r1  GET http", "shop.fconn\n", f"→{at:5}      read GET /accounts {{",
             f"waits before r1, account  (shop.fconn:{at})",
             "r1  account  GET http://" + HOST + "/accounts?q=ada%40example.com  200  1 row, 1 dropped", "POST",
             "waits before r2, order, let job  (shop.fconn:", "account  1 request, 1 row, 1 dropped", "until: r4\n", "r4  GET",
             "order complete, 1 row", "no run waits; the last one:\n", "account  2 requests, 1 row", "order  2 requests, 1 row")
    holds("moves", done.stderr, "there is no collection 'nothing'")
    done = session(folder, [ME, ":until 404", ":until account", ":stop", ":until .accounts == []", ":c", ":run", ":until", ":n", ":n", ":n"])
    in_order("moves", done.stdout, "the run never came to 404", "until: account", "until: .accounts == []", "← 200", "→ last page", "order complete")
    holds("moves", done.stderr, ":until needs what to stop at")


def test_slips(folder):
    """What is mistyped says what to do, and ends nothing."""
    done = session(folder, ["status", "rows"])
    check("slips: before an answer", done.stderr.count("no answer has come yet") == 2 and ":rows" not in done.stderr, done.stderr)
    done = session(folder, [ME, ":s", ":load", ":load nowhere", ":run acount", ":step acount", ":continue now", ":rows account x", ":rows account 1 2",
                            ":st", ":help st", "run", "status", "noname", ":break 4xx", ":break on", ":s", ":w", ":stop"])
    holds("slips", done.stderr, ":load needs a target", "there is no instance, file or bundled connector 'nowhere'", "did you mean 'account'?",
          ":continue takes nothing", "'x' is no number of a row", ":rows takes [COLLECTION] [N]", "':st' could be :step, :stop",
          "a command begins with a colon: `:run`", "on what?")
    check("slips: the run goes on", "breakpoint 1: 4xx" in done.stdout and "← 200" in done.stdout and "waits before r2" in done.stdout, done.stdout)
    check("slips: hints fit", "isn't there" not in done.stderr, done.stderr)
    in_order("slips", done.stdout, "account ended early, 1 row, 1 request", "not begun: order", "the run was ended before it was complete")
    check("slips: what was held back wasn't sent", len(seen) == 1, str(seen))


def test_large(folder):
    Shop.mood = "page"
    open(os.path.join(folder, "shop.fconn"), "w").write("""connector shop "Shop" {
  param  domain: host
  secret api_key
  client { base "http://{domain}" auth bearer(api_key) }
  collection account { read GET /accounts { rows .accounts } fields { id: int key @system.operations } }
}
""")
    done = session(folder, [":break on .next == 1", ":run", ".", "rows", ":row 1", ".id", ":rows account 25000", ":why account", ":requests"])
    Shop.mood = "well"
    holds("large", done.stdout, "25000 rows", "0\n", "account 25000", "5000 rows were too many to be kept with their reasons")
    holds("large", done.stderr, "was read row by row; `:row 1` makes `.` a row", "only 20000 rows of r1 are kept",
          "breakpoint 1 has no value for r1: .next == 1")
    check("large: nothing is shown as if it were all", "null" not in done.stdout and done.returncode == 1, done.stdout)


def test_edit(folder):
    done = session(folder, [ME, ":step", ":edit header X-Mine: 1", ":edit query q=bob@example.com", ":step", ":stop",
                            ":edit header X-Mine: 2", ":curl", ":resend", "status", ":edit url http://elsewhere.test/", ":edit nothing"])
    check("edit: what was sent", seen[0][2].get("X-Mine") == "1" and "bob%40" in seen[0][1], str(seen))
    check("edit: what was sent again", seen[-1][2].get("X-Mine") == "2" and seen[-1][2]["Authorization"] == f"Bearer {SECRET}", str(seen))
    holds("edit", done.stdout, "(account, edited)", "-H 'Authorization: Bearer '\"$KEY\"", "201\n")
    holds("edit", done.stderr, "elsewhere.test", "there is no `:edit nothing`")
    script = os.path.join(folder, "editor")
    open(script, "w").write("#!/bin/sh\nls -l \"$1\" | cut -c1-10 > seen; cp \"$1\" text; sed -i 's/^X-Mine.*/X-Mine: from editor/' \"$1\"\n")
    os.chmod(script, 0o755)
    done = session(folder, [ME, ":step", ":edit header X-Mine: 1", ":edit", ":step"], EDITOR="./editor")
    check("edit: an editor", seen[0][2].get("X-Mine") == "from editor" and seen[0][2]["Authorization"] == f"Bearer {SECRET}", str(seen))
    check("edit: mode of the file", open(os.path.join(folder, "seen")).read().strip() == "-rw-------")
    text = open(os.path.join(folder, "text")).read()
    check("edit: no secret in the file", SECRET not in text and "Authorization: ***" in text, text)


def test_resend(folder):
    """An answer outside of a run is judged as one of a run is."""
    done = session(folder, [ME, ":step", ":edit query cursor=page-2-token", ":step", ":edit query cursor=", ":resend"])
    in_order("resend", done.stdout, "(account, edited)", "rows .accounts", "0 rows", "account complete", "/accounts?q=", "(account, edited)",
             "skip on 404", "no", "fail when .error != null", "rows .accounts", "2 rows", "keep same(.owner, email)", "1 of 2 rows",
             "kept     { id: 48213", "dropped  { id: 48999", 'email = "ada@example.com"', "1 of 2 rows count, 1 dropped",
             "next query", '{ cursor: "page-2-token" }', "→ next page")
    check("resend: a run's rows are its own", done.stdout.count("account complete, 0 rows") == 1, done.stdout)
    # What a chain and `for` bind is known, and each clause fails as in a run.
    done = session(folder, [ME, ":run", ":show r3", ":resend", "a.id", ":show r2", ":resend"])
    in_order("resend: a chain", done.stdout, "r3'  GET", "(order)", "rows .orders", "1 row", "48213\n", "r2'  POST", "(order, let job)", "bound: {", 'id: "e1"')
    for mood, said in (("error", "failed: the shop says out of order"), ("nobody", "skipped: no such person"), ("moved", "Location: /elsewhere\n  a run would ask there\n")):
        Shop.mood = "well"
        shop = subprocess.Popen(command(), cwd=folder, env=environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        shop.stdin.write(f"{ME}\n:run account\n:show r1\n\"asked\"\n")
        shop.stdin.flush()
        for line in shop.stdout:
            if line == '"asked"\n': break
        Shop.mood = mood
        out, _ = shop.communicate(":resend\n")
        holds(f"resend: {mood}", out, said)
    Shop.mood = "well"


def test_save(folder):
    done = session(folder, [ME, ":run", ":save case ordered", ":save case ordered", ":save case ../x", ":save"])
    holds("save", done.stdout, "wrote ordered.test.fconn", "passes")
    holds("save", done.stderr, "ordered.test.fconn is there already", "a case's name has letters", ":save needs `case NAME`")
    if not os.path.exists(os.path.join(folder, "ordered.test.fconn")): return
    text = open(os.path.join(folder, "ordered.test.fconn")).read()
    for personal in ("ada@", "Ada", "Lovelace", "Bob", "7946", "48213", "James", SECRET):
        check(f"save: {personal} is in the case", personal not in text, text)
    passed = subprocess.run([FCONN, "test", "ordered.test.fconn"], cwd=folder, capture_output=True, text=True)
    check("save: the case passes", passed.returncode == 0, passed.stdout + passed.stderr)
    # And it fails where the connector does something else.
    path = os.path.join(folder, "shop.fconn")
    broken = open(path).read().replace("(a | lower) == (b | lower)", "a == b and a != \"x\"")
    open(path, "w").write(broken.replace("keep     same(.owner, email)", "keep     .owner != null"))
    failed = subprocess.run([FCONN, "test", "ordered.test.fconn"], cwd=folder, capture_output=True, text=True)
    check("save: the case sees a change", failed.returncode == 1, failed.stdout + failed.stderr)


def test_save_some(folder):
    """Of a run of some collections."""
    done = session(folder, [ME, ":run account", ":save case accounts"])
    holds("save some", done.stdout, "wrote accounts.test.fconn: 2 replies")
    text = open(os.path.join(folder, "accounts.test.fconn")).read()
    holds("save some", text, '  collection "account"\n')
    passed = subprocess.run([FCONN, "test", "accounts.test.fconn"], cwd=folder, capture_output=True, text=True)
    check("save some: the case passes", passed.returncode == 0, passed.stdout + passed.stderr)


def test_values(folder):
    done = session(folder, [":run", f":set secret.api_key={SECRET}", ":set secret.api_key=env:KEY", ":set param.domain=x.test", "domain",
                            ":set", ":set identity.mail=x", ":set colour.x=1", ":unset param.domain", "api_key", "\"Bearer {api_key}\"",
                            ":reveal", "api_key", ":reveal off", ".a.b +", "?same", "?cursor", "?keep", "?account", "?:step", "?nothing",
                            "[1,", "  2", "]", ":plan", ":graph", ":ir order", ":explain F0203"])
    holds("values", done.stdout, "\"x.test\"", "secret.api_key=env:KEY", "***\n", "fn same(a, b)", "Whether two addresses are one.",
          "pagination cursor", "keep E", "collection account", "[1, 2]", "plan read", "order ← account", "collection order", "# F0203")
    holds("values", done.stderr, "never typed", "shop has no identity 'mail'", "'colour' can't be set", "input:1:7: error[F0107]",
          "nothing is known of 'nothing'")
    check("values: exit code", done.returncode == 1)
    said[-1] = said[-1].replace(f'"{SECRET}"', "", 1)  # what :reveal was asked for
    quiet = session(folder, ["# nothing", "", ":help run"])
    check("values: exit code of good lines", quiet.returncode == 0 and quiet.stderr == "", quiet.stderr)


class Talk:
    """A process that is asked line by line."""

    def __init__(self, folder, *more, run=None):
        self.process = subprocess.Popen(run or command(*more), cwd=folder, env=environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.text = ""

    def line(self, text, *wanted):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        begin = len(self.text)
        deadline = time.monotonic() + 30
        while not all(part in self.text[begin:] for part in wanted):
            if not select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))[0]: break
            got = os.read(self.process.stdout.fileno(), 65536).decode()
            if not got: break
            self.text += got
        for part in wanted: check(f"talk: {text!r} gives no {part!r}", part in self.text[begin:], self.text[begin:])

    def end(self):
        self.process.stdin.close()
        self.text += self.process.stdout.read()
        said.append(self.text)
        return self.process.wait(30)


def test_reload(folder):
    path = os.path.join(folder, "shop.fconn")
    text = open(path).read()
    talk = Talk(folder)
    talk.line(ME)
    talk.line(":break on 404", "breakpoint 1")
    talk.line(":run account", "account complete, 1 row")
    open(path, "w").write(text.replace("keep     same(.owner, email)", "keep     same(.owner, emial)"))
    talk.line("1 + 1", "shop.fconn has changed", "error[F0201]", "emial", "the text from before stays in use", "2\n")
    open(path, "w").write(text.replace("keep     same(.owner, email)", "keep     true"))
    talk.line(":show r1", "shop.fconn has changed", "reloaded", "48999")
    talk.line(".accounts[1].id", "48999")
    talk.line(":break", "1  on 404")
    talk.line(":run account", "account complete, 2 rows")
    os.rename(path, path + ".away")
    talk.line("status", "shop.fconn is gone; the text from before stays in use", "200")
    talk.line("1 + 3", "4\n")
    check("reload: said once", talk.text.count("is gone") == 1, talk.text)
    os.rename(path + ".away", path)
    talk.line(":reload", "reloaded")
    talk.line(":load stripe", "stripe loaded")
    talk.line(":load nowhere.fconn", "there is no file")
    check("reload: exit code", talk.end() == 1)


def replay(folder, title, mock, files, options, mend):
    """A session of docs/repl.md is what comes. `mend`: file, what is wrong in it, and what is right, for the second `:run`."""
    page = open(os.path.join(HERE, "..", "..", "docs", "repl.md"), encoding="utf-8").read()
    part = page.split(f"## {title}\n")[1].split("\n## ")[0]
    steps, wanted = [], []  # what is typed, with the last line of what comes
    for line in "".join(re.findall(r"```text\n(.*?)```", part, re.S)).splitlines():
        typed = re.match(r"(?:\w+(?: r\d+)?> |\$ )(.*)", line)
        if typed: steps.append([typed.group(1), None])
        elif steps[-1][0].startswith("fconn "): continue  # at the shell
        else: wanted.append(line); steps[-1][1] = line
    for name, text in files.items(): open(os.path.join(folder, name), "w", encoding="utf-8").write(text)
    simulator = subprocess.Popen([FCONN, "mock", mock], cwd=folder, stdout=subprocess.PIPE, text=True)
    url = simulator.stdout.readline().strip().removeprefix("listening on ")
    talk = Talk(folder, run=[FCONN, "repl", next(iter(files)), "--send-to", url, *options, "--secret-env", "api_key=KEY"])
    runs = 0
    for text, last in steps:
        if text.startswith("fconn ") or text == "^D": continue
        runs += text in (":run", ":r")
        if runs == 2 and text in (":run", ":r"):
            path = os.path.join(folder, mend[0])
            mended = open(path).read().replace(mend[1], mend[2])
            open(path + ".new", "w").write(mended)
            os.replace(path + ".new", path)
        talk.line(text, *([re.sub(r"\d+ ms", "", last)] if last else []))
    code = talk.end()
    simulator.terminate(); simulator.wait(10)
    plain = lambda text: [line.rstrip() for line in re.sub(r", \d+ ms", ", N ms", text).strip().splitlines()]
    got = [line for line in plain(talk.text) if not line.startswith("fconn: warning: every request goes to")]
    check(f"docs: the session '{title}' of docs/repl.md is another one", got == plain("\n".join(wanted)), "\n".join(got))
    saved = steps[-1][0] if steps[-1][0].startswith(":save") else next(t for t, _ in steps if t.startswith(":save"))
    name = saved.split()[-1]
    passed = subprocess.run([FCONN, "test", f"{name}.test.fconn"], cwd=folder, capture_output=True, text=True)
    check("docs: the saved case", passed.stdout == f"ok    {name}.test.fconn: {name}\n1 passed, 0 failed\n", passed.stdout)
    return code


def test_docs(folder):
    """The sessions of docs/repl.md."""
    read = lambda *path: open(os.path.join(HERE, *path), encoding="utf-8").read()
    code = replay(folder, "A mistake, found and mended", "helpdesk.har",
                  {"helpdesk.fconn": read("helpdesk.fconn"), "helpdesk.har": read("helpdesk.har")}, ["--param", "domain=desk.example.com"],
                  ("helpdesk.fconn", "cursor(.next_cursor", "cursor(.meta.next_cursor"))
    check("docs: exit code", code == 0)
    wrong = read("..", "..", "connectors", "mailchimp", "mailchimp.fconn").replace("rows .conversation_messages", "rows .messages")
    code = replay(folder, "Another one, by letters", "mailchimp", {"mailchimp.fconn": wrong},
                  ["--param", "domain=us6.api.mailchimp.com", "--param", "username=demo"],
                  ("mailchimp.fconn", "rows .messages", "rows .conversation_messages"))
    check("docs: a run that was ended is a failed line", code == 1)


class Screen:
    """A person at a terminal."""

    def __init__(self, folder, *more, columns=120):
        self.folder, self.text, self.at = folder, "", 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            # libedit keeps wide copies of the lines of its history when it is unloaded.
            os.execve(FCONN, command(*more), environment(folder, NO_COLOR="1", ASAN_OPTIONS="detect_leaks=0"))

        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    def keys(self, text): os.write(self.terminal, text.encode())

    def sees(self, *parts):
        deadline = time.monotonic() + 30
        for part in parts:
            while True:
                plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.text).replace("\r", "")
                found = plain.find(part, self.at)
                if found >= 0:
                    self.at = found + len(part)
                    break
                if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                    return check(f"terminal, line {sys._getframe(1).f_lineno}: no {part!r}", False, plain[self.at - 200:])
                try: got = os.read(self.terminal, 65536)
                except OSError: got = b""
                if not got: return check(f"terminal, line {sys._getframe(1).f_lineno}: it ended without {part!r}", False, plain[self.at - 200:])
                self.text += got.decode(errors="replace")

    def end(self):
        while True:
            try:
                got = os.read(self.terminal, 65536)
            except OSError: break
            if not got: break
            self.text += got.decode(errors="replace")
        said.append(self.text)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_terminal(folder):
    screen = Screen(folder, "--identity", f"email={PERSON}")
    screen.sees("shop: 2 collections.", "shop> ")
    screen.keys(f"\"{SECRET}\"\r")            # a secret that somebody types isn't remembered
    screen.sees("shop> ")
    screen.keys(":ru\t")                       # completion of a command …
    screen.sees(":run ")
    screen.keys("acc\t\r")                     # … and of a collection
    screen.sees("account complete, 1 row", "shop> ")
    screen.keys("status\r")
    screen.sees("200", "shop> ")
    screen.keys(":row\r")
    screen.sees("shop> ")
    screen.keys(".n\t\r")                      # a field of the last answer
    screen.sees(".next", "null", "shop> ")
    screen.keys("half a line\x03")             # ^C gives the line up
    screen.sees("^C", "shop> ")
    screen.keys("[1,\r2]\r")                   # brackets go on
    screen.sees("... ", "[1, 2]", "shop> ")
    screen.keys(":bogus\r")
    screen.sees("there is no command", "shop> ")
    screen.keys("\"äö\"\r")
    screen.sees("\"äö\"", "\"äö\"", "shop> ")
    screen.keys("[status,\r\tstatus]\r")        # a tab before a line that goes on is a margin
    screen.sees("... ", "[200, 200]", "shop> ")
    screen.keys("[status,\rstat\t\r]\r")       # and such a line is completed
    screen.sees("... ", "status", "[200, 200]", "shop> ")
    screen.keys(":e header Authorization: Bearer typed-by-hand\r")
    screen.sees("Authorization: ***", "shop> ")
    Shop.mood = "hangs"
    seen.clear()
    screen.keys(":resend\r")
    while not seen: select.select([], [], [], 0.01)
    screen.keys("\x03")                        # ^C gives a request up
    screen.sees("cancelled", "shop> ")
    seen.clear()
    screen.keys(":run account\r")
    while not seen: select.select([], [], [], 0.01)
    screen.keys("\x03")                        # ^C ends a run …
    screen.sees("the run was ended before it was complete", "shop> ")
    Shop.mood = "well"
    hang.set()
    screen.keys("1 + 2\r")                     # … and not the program
    screen.sees("3", "shop> ")
    screen.keys(":step\r")
    screen.sees("(account)", "shop r1> ")
    screen.keys("\x03")
    screen.sees("shop r1> ")
    screen.keys("\r")                          # an empty line steps again
    screen.sees("← 200", "shop r2> ")
    screen.keys(":stop\r")
    screen.sees("shop> ")
    screen.keys(f"\"{SECRET}\"\r")             # nor later
    screen.sees("shop> ")
    screen.keys("\x04")                        # ^D leaves
    check("terminal: exit code", screen.end() == 0)
    said[-1] = said[-1].replace(SECRET, "")
    histories = [os.path.join(f, n) for f, _, names in os.walk(os.path.join(folder, "state")) for n in names]
    check("terminal: one history", len(histories) == 1, str(histories))
    text = open(histories[0]).read()
    check("terminal: mode of the history", stat.S_IMODE(os.stat(histories[0]).st_mode) == 0o600)
    check("terminal: the history", ":run" in text and SECRET not in text and "typed-by-hand" not in text, text)
    screen = Screen(folder)
    screen.sees("shop> ")
    screen.keys("\x1b[A")                      # what was typed in the last session
    screen.sees(":stop")
    screen.keys("\x03")
    screen.sees("^C", "shop> ")
    os.kill(screen.pid, signal.SIGTERM)
    check("terminal: SIGTERM ends it", screen.end() == -signal.SIGTERM)


def test_narrow(folder):
    """Forty columns: rows and clauses are cut to fit."""
    screen = Screen(folder, "--identity", f"email={PERSON}", columns=40)
    screen.sees("shop> ")
    screen.keys(":s account\r")
    screen.sees("shop r1> ")
    begin = screen.at
    screen.keys("\r")
    screen.sees("shop r2> ")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.text).replace("\r", "")[begin:]
    rows = [line for line in shown.split("\n") if re.match(r"    \d  (kept|dropped)", line)]
    check("narrow: rows", len(rows) == 2 and all(len(row) <= 40 for row in rows), shown)
    holds("narrow", shown, "  rows .accounts  2 rows", "          id: 48213\n")
    screen.keys(":stop\r\x04")
    check("narrow: exit code", screen.end() == 0)


for name, test in [(n, f) for n, f in list(globals().items()) if n.startswith("test_")]:
    if sys.argv[2:] and name[5:] not in sys.argv[2:]: continue
    with tempfile.TemporaryDirectory() as folder: test(project(folder))
for text in said: check("a secret was shown", SECRET not in text, text)
print("\n".join(problems))
print(f"{len(problems)} problems")
sys.exit(1 if problems else 0)
