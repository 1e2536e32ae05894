#!/usr/bin/env python3
"""Replays the recorded cases of the bundled connectors against the program (see README.md).

usage: run.py --fconn BIN [--mock | --ir] [--only TEXT] [--verbose]
"""
import argparse
import collections
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "cases"
CONNECTORS = HERE.parents[1] / "connectors"  # with a demo each, which is a case too
PATIENCE = 120  # seconds for one run of the program


def by_value(value):
    """JSON text that is the same for equal values, whatever the key order and number spelling."""
    def plain(v):
        if isinstance(v, float) and v.is_integer():
            return int(v)
        if isinstance(v, list):
            return [plain(x) for x in v]
        if isinstance(v, dict):
            return {k: plain(x) for k, x in v.items()}
        return v
    return json.dumps(plain(value), sort_keys=True, ensure_ascii=False)


def media_type(headers):
    for name, value in headers.items():
        if name.lower() == "content-type":
            return value.split(";")[0].strip().lower()
    return ""


RANDOM = re.compile(r"[a-z0-9]{30}(?=(?:\+|%2B)masked)")  # what a connector makes up in place of an address


def request_key(method, target, headers, body):
    """What makes two requests the same, as one text."""
    path, _, query = target.partition("?")
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    if not body:
        content = ""
    elif media_type(headers).endswith("xml"):
        content = xml.etree.ElementTree.canonicalize(body, strip_text=True)
    elif media_type(headers) == "application/x-www-form-urlencoded":
        content = sorted(urllib.parse.parse_qsl(body, keep_blank_values=True))
    else:
        try:
            content = by_value(json.loads(body))
        except ValueError:
            content = body
    key = json.dumps([method, urllib.parse.unquote(path), pairs, content], ensure_ascii=False)
    return RANDOM.sub("<random>", key)


def key_of(exchange):
    request = exchange["request"]
    return request_key(request["method"], request["target"], request["headers"], request["body"])


Seen = collections.namedtuple("Seen", "key headers")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, text):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        self.case = json.loads(text.replace("{{host}}", self.address))
        self.answers = {key_of(e): e["response"] for e in self.case["exchanges"]}
        self.seen = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def requests(self):
        return self.seen

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        headers = dict(self.headers.items())
        key = request_key(self.command, self.path, headers, body)
        with self.server.lock:
            self.server.seen.append(Seen(key, headers))
        response = self.server.answers.get(key)
        if response is None:
            response = {"status": 404, "headers": {}, "body": {"unexpected": key}}
        kind = media_type(response["headers"]) or "application/json"
        text = response["body"] if isinstance(response["body"], str) and not kind.endswith("json") else None
        data = (json.dumps(response["body"]) if text is None else text).encode()
        self.send_response(response["status"])
        for name, value in response["headers"].items():
            if name.lower() not in ("content-length", "content-type", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


class MockedServer:
    """The same through `fconn mock`."""

    def __init__(self, fconn, path, folder):
        self.log = folder / "mock.ndjson"
        self.process = subprocess.Popen(
            [fconn, "mock", str(path), "--port", "0", "--log", str(self.log)],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        prefix = "listening on http://"
        if not line.startswith(prefix):
            self.close()
            raise RuntimeError(f"fconn mock printed {line!r}")
        self.address = line[len(prefix):].strip()
        self.case = json.loads(path.read_text().replace("{{host}}", self.address))

    def requests(self):
        seen = []
        for line in self.log.read_text().splitlines():
            o = json.loads(line)
            seen.append(Seen(request_key(o["method"], o["target"], o["headers"], o["body"]),
                             o["headers"]))
        return seen

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def environment(folder):
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    return dict(os.environ, HOME=str(folder), **{n: str(folder / "xdg") for n in names})


def call(command, folder):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=folder,
                          env=environment(folder))


def secrets_of(connector):
    """The names that a bundled connector declares as secrets."""
    text = (CONNECTORS / connector / f"{connector}.fconn").read_text()
    return set(re.findall(r"^ *secret +(\w+)", text, re.MULTILINE))


def values_of(case, address, folder):
    # A value from outside is a reference to the one collection of the case's external dataset.
    outside = {k: v for k, v in case["secrets"].items() if isinstance(v, dict)}
    hidden = secrets_of(case["connector"])
    params = {k: v for k, v in case["secrets"].items() if k not in hidden and k not in outside}
    secrets = {k: v for k, v in case["secrets"].items() if k in hidden}
    (folder / "params.json").write_text(json.dumps(params))
    (folder / "secrets.json").write_text(json.dumps(secrets))
    command = ["--params", "params.json", "--secrets", "secrets.json"]
    for name, value in case["identities"].items():
        command += ["--identity", f"{name}={value['value'] if isinstance(value, dict) else value}"]
    for name, reference in outside.items():
        field = reference["field"].split(".", 1)[1]
        values = [str(row[field]) for row in case["external"]["rows"]]
        (folder / f"{name}.txt").write_text("\n".join(values) + "\n")
        command += ["--external", f"{name}=@{name}.txt"]
    if "token" in case:  # what a person would have signed in for
        (folder / "token.json").write_text(json.dumps(case["token"]))
        command += ["--token", "token.json"]
    constants = case["constants"]
    return command + ["--send-to", f"http://{address}", "--retries", "0", "--summary",
                      "summary.json", "--request-id", constants["privacy_request_id"],
                      "--now", constants["iso_8601_datetime"]]


def access_command(fconn, target, case, address, folder):
    return [fconn, "access", target, *values_of(case, address, folder)]


MASKS = {"null_rewrite": lambda _: "null", "string_rewrite": lambda c: f"string:{c['rewrite_value']}",
         "random_string_rewrite": lambda c: f"random:{c.get('length', 30)}"}


def policy_of(case):
    rule = next(r for r in case["policy"]["rules"] if r["action"] == "erasure")
    mask = MASKS[rule["masking"]["strategy"]](rule["masking"].get("configuration") or {})
    return [*(w for t in rule["targets"] for w in ("--target", t)), "--mask", mask, "--scope", "all"]


def run_erasure(fconn, target, case, server, folder, problems):
    """Plans and applies; the plan sends the case's reads, the apply what masks, each once."""
    values = values_of(case, server.address, folder)
    reads = {key_of(e) for e in case["exchanges"] if e["kind"] == "read"}
    masks = collections.defaultdict(list)
    for exchange in case["exchanges"]:
        if exchange["kind"] == "mask":
            masks[key_of(exchange)].append(exchange["request"]["headers"])
    planned = call([fconn, "erase", target, *values, *policy_of(case), "--plan", "plan.json"], folder)
    if planned.returncode != 0:
        problems.append(f"plan: exit code {planned.returncode}: {planned.stderr[-400:]}")
        return planned
    before = list(server.requests())
    problems += [f"sent by --plan: {s.key}" for s in before if s.key in masks and s.key not in reads]
    done = call([fconn, "erase", "--apply", "plan.json", "--journal", "j.db", *values], folder)
    if done.returncode != 0:
        problems.append(f"apply: exit code {done.returncode}")
    seen = [s for s in list(server.requests())[len(before):] if s.key in masks or s.key not in reads]
    sent = collections.Counter(s.key for s in seen)
    problems += [f"not sent: {key}" for key in sorted(masks.keys() - sent.keys())]
    problems += [f"not in the case: {key}" for key in sorted(sent.keys() - masks.keys())]
    problems += [f"sent {n} times, in the case {len(masks[k])}: {k}" for k, n in sent.items()
                 if k in masks and n > len(masks[k])]
    for request in seen:
        for headers in masks.get(request.key, [])[:1]:
            compare_headers(headers, request, problems)
    return done


def compare_requests(case, seen, problems):
    wanted = collections.defaultdict(list)
    for exchange in case["exchanges"]:
        wanted[key_of(exchange)].append(exchange["request"]["headers"])
    forgiven = set()
    if case["errors"]:
        sibling = json.loads((CASES / f"{case['connector']}__access.json").read_text())
        forgiven = {key_of(e) for e in sibling["exchanges"]}
    sent = collections.Counter(s.key for s in seen)
    for key in sorted(wanted.keys() - sent.keys()):
        problems.append(f"not sent: {key}")
    for key in sorted(sent.keys() - wanted.keys() - forgiven):
        problems.append(f"not in the case: {key}")
    for key, times in sent.items():
        if key in wanted and times > len(wanted[key]):
            problems.append(f"sent {times} times, in the case {len(wanted[key])}: {key}")
    for request in seen:
        for headers in wanted.get(request.key, [])[:1]:
            compare_headers(headers, request, problems)


def compare_headers(wanted, request, problems):
    got = {name.lower(): value for name, value in request.headers.items()}
    for name, value in wanted.items():
        have = got.get(name.lower())
        if name.lower() == "content-type":
            have, value = media_type(request.headers), value.split(";")[0].strip().lower()
        if have != value:
            problems.append(f"header {name} of {request.key}: {have!r}, in the case {value!r}")


def compare_rows(case, output, problems):
    printed = collections.defaultdict(collections.Counter)
    for line in output.splitlines():
        row = json.loads(line)
        printed[row["collection"]][by_value(row["row"])] += 1
    for name in printed.keys() - case["rows"].keys():
        problems.append(f"rows of {name}, of which the case has none")
    for name, rows in case["rows"].items():
        wanted = collections.Counter(by_value(r) for r in rows)
        got = printed[name]
        for row in sorted(wanted.keys() - got.keys())[:2]:
            problems.append(f"missing in {name}: {row}")
        for row in sorted(got.keys() - wanted.keys())[:2]:
            problems.append(f"not in the case, in {name}: {row}")
        problems += [f"printed too often, in {name}: {row}" for row in got
                     if row in wanted and got[row] > wanted[row]]


def compare_states(case, summary, code, problems):
    states = {name.split(":")[-1]: entry["state"] for name, entry in summary["collections"].items()}
    for name in case["errors"]:
        if states.get(name) != "failed":
            problems.append(f"{name} is {states.get(name)}, in the case it failed")
    for name in case["rows"]:
        # A collection whose input gave nothing is skipped here; the reference calls that complete.
        fine = ("complete", "skipped") if not case["rows"][name] else ("complete",)
        if states.get(name) not in fine:
            problems.append(f"{name} is {states.get(name)}, in the case it is complete")
    if case["errors"]:
        wanted = "partial" if case["rows"] else "failed"
        if summary["state"] != wanted:
            problems.append(f"the run is {summary['state']} instead of {wanted}")
        if code == 0:
            problems.append("exit code 0 although a collection failed")
    elif code != 0 or summary["state"] != "complete":
        problems.append(f"exit code {code}, state {summary['state']}")


def target_for(arguments, connector, folder):
    if not arguments.ir:
        return connector
    compiled = call([arguments.fconn, "compile", connector, "-o", f"{connector}.json"], folder)
    if compiled.returncode != 0:
        raise RuntimeError(f"compile: {compiled.stderr[-300:]}")
    return str(folder / f"{connector}.json")


def run_case(path, arguments):
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = (MockedServer(arguments.fconn, path, folder) if arguments.mock
                  else Server(path.read_text()))
        try:
            case = server.case
            target = target_for(arguments, case["connector"], folder)
            if case["action"] == "erasure":
                done = run_erasure(arguments.fconn, target, case, server, folder, problems)
                if problems:
                    problems.append(f"stderr: {done.stderr[-400:]}")
                return problems
            done = call(access_command(arguments.fconn, target, case, server.address, folder), folder)
            if not (folder / "summary.json").exists():
                return [f"no summary; exit code {done.returncode}: {done.stderr[-400:]}"]
            summary = json.loads((folder / "summary.json").read_text())
            compare_requests(case, server.requests(), problems)
            compare_rows(case, done.stdout, problems)
            compare_states(case, summary, done.returncode, problems)
            for secret in (v for k, v in case["secrets"].items() if k in secrets_of(case["connector"])):
                if secret in done.stdout or secret in done.stderr:
                    problems.append("a secret was printed")
            if problems and done.stderr:
                problems.append(f"stderr: {done.stderr[-400:]}")
        finally:
            server.close()
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--mock", action="store_true", help="serve the cases with `fconn mock`")
    mode.add_argument("--ir", action="store_true", help="compile to IR first and run that")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--verbose", action="store_true", help="show every difference")
    arguments = parser.parse_args()
    passed = failed = 0
    for path in [*sorted(CASES.glob("*.json")), *sorted(CONNECTORS.glob("*/demo.json"))]:
        name = path.stem if path.parent == CASES else f"{path.parent.name}__demo"
        if arguments.only not in name:
            continue
        # The simulator compares bodies exactly, and these hold random texts.
        if arguments.mock and "__erasure" in name and name.startswith(("hubspot", "stripe")):
            continue
        try:
            problems = run_case(path, arguments)
        except (OSError, ValueError, KeyError, RuntimeError, subprocess.SubprocessError) as error:
            problems = [f"{type(error).__name__}: {error}"]
        if not problems:
            passed += 1
            continue
        failed += 1
        print(f"FAIL {name}")
        for problem in problems[:None if arguments.verbose else 4]:
            print(f"  {problem if arguments.verbose else problem[:400]}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
