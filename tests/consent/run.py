#!/usr/bin/env python3
"""Consent over real HTTP: what is sent, what is said and counted, and that nothing that may have been
carried out is sent twice. Each case is a person's choice and how the server behaves.

usage: run.py --fconn BIN [--only TEXT]
"""
import argparse
import collections
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
TOKEN = "tok-Zq81-secret"
MAIL, PHONE = "ada@example.com", "+15550000000"

Reply = collections.namedtuple("Reply", "status body drop hold", defaults=({}, False, False))
CUT = Reply(0, drop=True)  # reads the request and closes the connection without an answer
HELD = Reply(0, hold=True)  # reads the request and never answers
FOUND = Reply(200, {"id": "c7"})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, replies):
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies = {key: list(value) for key, value in replies.items()}
        self.seen, self.lock = [], threading.Lock()
        self.holds, self.over = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        key = f"{self.command} {self.path.split('?')[0]}"
        with self.server.lock:
            self.server.seen.append((key, body))
            queue = self.server.replies.get(key, [Reply(404, {"no": key})])
            reply = queue.pop(0) if len(queue) > 1 else queue[0]
        if reply.hold:
            self.server.holds.set()
            self.server.over.wait(60)
        if reply.drop or reply.hold:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        data = b"" if reply.body is None else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer


Case = collections.namedtuple(
    "Case", "about words replies seen exit actions said states", defaults=((), {}))

ALL = ["--identity", f"email={MAIL}", "--identity", f"phone_number={PHONE}"]
GOOD = {"GET /contacts": [FOUND], "POST /suppressions": [Reply(201, {"ok": True})],
        f"PUT /preferences/{MAIL.replace('@', '%40')}": [Reply(204, None)],
        "POST /calls/blocked": [Reply(200, None)]}
PREFERENCES = f"PUT /preferences/{MAIL.replace('@', '%40')}"
SUPPRESS = ["GET /contacts", "POST /suppressions"]

CASES = [
    Case("several requests, every purpose", ["opt_out", *ALL], GOOD,
         SUPPRESS + [PREFERENCES, "POST /calls/blocked"], 0, (3, 0, 0), ("3 sent, 0 skipped, 0 failed",)),
    Case("one purpose", ["opt_out", *ALL, "--purpose", "marketing"], GOOD, [PREFERENCES], 0, (1, 0, 0)),
    Case("opt in, where there is one", ["opt_in", *ALL], GOOD, [PREFERENCES], 0, (1, 0, 0)),
    Case("the words may stand anywhere", ["--identity", f"email={MAIL}", "opt_in"], GOOD, [PREFERENCES], 0,
         (1, 0, 0)),
    Case("a missing identity is skipped, and said", ["opt_out", "--identity", f"email={MAIL}"], GOOD,
         SUPPRESS + [PREFERENCES], 0, (2, 1, 0),
         ('consent opt_out for purpose "calls" skipped: no identity: needs phone_number (given: email)',),
         {'consent opt_out for purpose "calls"': "skipped"}),
    Case("no identity at all", ["opt_out"], GOOD, [], 0, (0, 3, 0), ("(given: none)",)),
    Case("skipped counts as failed when that is asked for", ["opt_out", "--strict"], GOOD, [], 1, (0, 3, 0)),
    Case("a `skip` of the connector", ["opt_out", "--identity", f"email={MAIL}"],
         {**GOOD, "GET /contacts": [Reply(200, {})]}, ["GET /contacts", PREFERENCES], 0, (1, 2, 0),
         ("no such contact",)),
    Case("two values of one identity, each of them once",
         ["opt_in", "--identity", "email=a@example.com", "--identity", "email=b@example.com"],
         {"PUT /preferences/a%40example.com": [Reply(204, None)],
          "PUT /preferences/b%40example.com": [Reply(204, None)]},
         ["PUT /preferences/a%40example.com", "PUT /preferences/b%40example.com"], 0, (2, 0, 0)),
    Case("a refusal", ["opt_out", *ALL], {**GOOD, "POST /suppressions": [Reply(422, {"e": 1})]},
         SUPPRESS + [PREFERENCES, "POST /calls/blocked"], 3, (2, 0, 1), ("the server answered 422",),
         {"consent opt_out": "failed"}),
    Case("a `fail` of the connector", ["opt_out", *ALL],
         {**GOOD, "POST /suppressions": [Reply(200, {"error": "locked"})]},
         SUPPRESS + [PREFERENCES, "POST /calls/blocked"], 3, (2, 0, 1), ("locked",)),
    Case("a POST without an answer isn't sent again", ["opt_out", *ALL],
         {**GOOD, "POST /suppressions": [CUT]},
         SUPPRESS + [PREFERENCES, "POST /calls/blocked"], 3, (2, 0, 1),
         ("Whether it was carried out isn't known",)),
    Case("nor is one that was answered with 503", ["opt_out", *ALL],
         {**GOOD, "POST /suppressions": [Reply(503)]},
         SUPPRESS + [PREFERENCES, "POST /calls/blocked"], 3, (2, 0, 1),
         ("the server answered 503; whether it was carried out isn't known",)),
    Case("nor is one that a redirect may have followed", ["opt_out", *ALL],
         {**GOOD, "POST /suppressions": [Reply(303)]},
         SUPPRESS + [PREFERENCES, "POST /calls/blocked"], 3, (2, 0, 1),
         ("the server answered 303; whether it was carried out isn't known",)),
    Case("one that was refused for its rate is", ["opt_out", *ALL],
         {**GOOD, "POST /suppressions": [Reply(429), Reply(201, {})]},
         SUPPRESS + ["POST /suppressions", PREFERENCES, "POST /calls/blocked"], 0, (3, 0, 0)),
    Case("a PUT without an answer is sent again", ["opt_in", *ALL],
         {PREFERENCES: [CUT, Reply(204, None)]}, [PREFERENCES, PREFERENCES], 0, (1, 0, 0)),
    Case("credentials refused", ["opt_in", *ALL], {PREFERENCES: [Reply(401)]}, [PREFERENCES], 4, (0, 0, 1)),
    Case("a purpose that nobody knows", ["opt_out", *ALL, "--purpose", "marketting"], GOOD, [], 2, None,
         ("did you mean 'marketing'?",)),
    Case("neither word", [*ALL], GOOD, [], 2, None, ("opt_in or opt_out",)),
    Case("both words", ["opt_in", "opt_out", *ALL], GOOD, [], 2, None, ("not both",)),
]


def command_of(fconn, folder, url, target, words):
    (folder / "token").write_text(TOKEN)
    command = [fconn, "consent", target, *words, "--secret-file", "token=token", "--send-to", url,
               "--summary", "summary.json", "--request-id", "pri_1", "--timeout", "20s"]
    if target.endswith(".fconn"):
        command += ["--param", "domain=api.choices.example"]
    return command


def run(*arguments):
    return subprocess.run(command_of(*arguments), cwd=arguments[1], capture_output=True, text=True, timeout=120)


def judge(case, done, seen, folder):
    problems = []
    if done.returncode != case.exit:
        problems.append(f"exit code {done.returncode} instead of {case.exit}")
    got = collections.Counter(key for key, _ in seen)
    if got != collections.Counter(case.seen):
        problems.append(f"the server saw {dict(got)}")
    problems += [f"not said: {text}" for text in case.said if text not in done.stderr]
    if TOKEN in done.stdout + done.stderr:
        problems.append("the secret was printed")
    summary = folder / "summary.json"
    if case.actions is None:
        return problems + (["there is a summary"] if summary.exists() else [])
    if not summary.exists():
        return problems + ["there is no summary"]
    told = json.loads(summary.read_text())
    if tuple(told["actions"][key] for key in ("sent", "skipped", "failed")) != case.actions:
        problems.append(f"counted {told['actions']}")
    if told["action"] != "consent":
        problems.append(f"the action is {told['action']}")
    for name, state in case.states.items():
        entry = told["collections"].get(f"choices:{name}", {})
        if entry.get("state") != state:
            problems.append(f"{name} is {entry.get('state')}")
    for key, body in seen:
        if key == "POST /suppressions" and json.loads(body) != {"contact": "c7", "request": "pri_1"}:
            problems.append(f"suppressed {body}")
    return problems


def run_case(case, fconn):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Server(case.replies)
        try:
            done = run(fconn, folder, server.url, str(HERE / "choices.fconn"), case.words)
        finally:
            server.shutdown()
            server.server_close()
        problems = judge(case, done, server.seen, folder)
        return problems + [done.stderr] if problems else []


def run_without(fconn):
    """A connector that knows no such choice: alone an error, beside others skipped and said."""
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        done = subprocess.run([fconn, "consent", str(HERE / "silent.fconn"), "opt_out"], cwd=folder,
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 2 or "declares no `consent opt_out`" not in done.stderr:
            problems.append(f"alone: exit code {done.returncode}: {done.stderr}")
        server = Server(GOOD)
        try:
            done = run(fconn, folder, server.url, str(HERE / "choices.fconn"),
                       [str(HERE / "silent.fconn"), "opt_out", *ALL])
        finally:
            server.shutdown()
            server.server_close()
        if done.returncode != 0 or "silent:consent opt_out skipped: silent declares no" not in done.stderr:
            problems.append(f"beside others: exit code {done.returncode}: {done.stderr}")
        if json.loads((folder / "summary.json").read_text())["actions"] != {"sent": 3, "skipped": 1, "failed": 0}:
            problems.append("counted wrong")
    return problems


def run_unreachable(fconn):
    """Nobody listens: not a byte left, so a POST may be tried again, and there is no doubt."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        done = run(fconn, folder, f"http://127.0.0.1:{port}", str(HERE / "choices.fconn"),
                   ["opt_out", *ALL, "--purpose", "calls", "--retries", "1"])
        told = json.loads((folder / "summary.json").read_text())
        entry = told["collections"]['choices:consent opt_out for purpose "calls"']
        if done.returncode != 5 or entry["retries"] != 1 or "isn't known" in done.stderr:
            return [f"exit code {done.returncode}, {entry}: {done.stderr}"]
    return []


def run_marked(fconn):
    """What the connector calls idempotent is sent again, cut off or answered with 503."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Server({"POST /suppressions": [CUT, Reply(503), Reply(201, {})]})
        try:
            done = run(fconn, folder, server.url, str(HERE / "marked.fconn"), ["opt_out", "--identity", f"email={MAIL}"])
        finally:
            server.shutdown()
            server.server_close()
        told = json.loads((folder / "summary.json").read_text())
        if done.returncode != 0 or len(server.seen) != 3 or told["actions"] != {"sent": 1, "skipped": 0, "failed": 0}:
            return [f"exit code {done.returncode}, {told['actions']}, saw {server.seen}: {done.stderr}"]
    return []


def run_interrupted(fconn, sent=signal.SIGINT):
    """^C, or a terminal that goes away, while a POST waits for its answer: nobody knows, and that is said."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Server({"POST /calls/blocked": [HELD]})
        command = command_of(fconn, folder, server.url, str(HERE / "choices.fconn"),
                             ["opt_out", *ALL, "--purpose", "calls"])
        process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
        try:
            held = server.holds.wait(60)
            process.send_signal(sent)
            stderr = process.communicate(timeout=60)[1]
        finally:
            process.kill()
            server.over.set()
            server.shutdown()
            server.server_close()
        told = json.loads((folder / "summary.json").read_text())
        if not held or process.returncode != 130 or "carried out isn't known" not in stderr:
            return [f"exit code {process.returncode}: {stderr}"]
        if told["actions"] != {"sent": 0, "skipped": 0, "failed": 1} or len(server.seen) != 1:
            return [f"counted {told['actions']}, saw {server.seen}"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    arguments = parser.parse_args()
    results = {case.about: (lambda c=case: run_case(c, arguments.fconn)) for case in CASES}
    results["a connector without that consent"] = lambda: run_without(arguments.fconn)
    results["nobody listens"] = lambda: run_unreachable(arguments.fconn)
    results["a POST that is marked as idempotent"] = lambda: run_marked(arguments.fconn)
    results["interrupted while it waits for an answer"] = lambda: run_interrupted(arguments.fconn)
    results["its terminal goes away"] = lambda: run_interrupted(arguments.fconn, signal.SIGHUP)
    passed = failed = 0
    for about, case in results.items():
        if arguments.only not in about:
            continue
        problems = case()
        passed += not problems
        failed += bool(problems)
        if problems:
            print(f"FAIL {about}", *(f"  {p}" for p in problems), sep="\n")
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
