#!/usr/bin/env python3
"""Records a run over real HTTP in which secrets and personal values are planted, searches the recording for them in every
spelling, and replays it: the same rows, but for stand-ins.

usage: run.py --fconn BIN [--only TEXT]
"""
import argparse
import base64
import hashlib
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

HERE = pathlib.Path(__file__).resolve().parent
KEY, SIGNING = "sk-live-8fQz71", "sign-93ab-Kd"
EMAIL, NAME, BORN, PERSON, PHONE = "Ada.Lovelace@Analytical.example", "Ada Lovelace", "1975-12-10", 70314, "+447700900123"
STREET, TEXT, AUTHOR, OTHER = "12 St James's Square", "met Ada on Tuesday; mail ada.lovelace@analytical.example", "Zoë Öztürk", "babbage@engines.example"
PLANTED = {"secret": KEY, "signing key": SIGNING, "address": EMAIL, "name": NAME, "birth": BORN, "id": str(PERSON), "phone": PHONE,
           "street": STREET, "author": AUTHOR, "someone else": OTHER, "account": "ops@service.example",
           "session": "s3ss10n-value", "csrf": "tok-from-answer-77"}
PEOPLE = [{"id": PERSON, "email": EMAIL, "name": NAME, "born": BORN, "age": 36, "plan": "gold"}]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        self.server.seen.append((self.command, self.path, body))
        digest = hashlib.md5(EMAIL.lower().encode()).hexdigest()
        if path == f"/people/{digest}":
            good = self.headers["X-Person-Hash"] == hashlib.sha256(EMAIL.lower().encode()).hexdigest()
            reply = {"people": PEOPLE if good else [], "csrf_token": PLANTED["csrf"],
                     "self": f"http://x.example/people?who={urllib.parse.quote(EMAIL)}&api_key={KEY}"}
        elif path == f"/people/{PERSON}/orders":
            page = int(query["page"])
            reply = [] if page > 2 else [
                {"id": 9000 + page, "person_id": PERSON, "address": {"street": STREET}, "total": 12.50, "cc": OTHER}]
        elif path == "/notes/search":
            asked = json.loads(body)
            good = asked == {"who": NAME, "blob": base64.b64encode(f"{NAME}/{EMAIL}".encode()).decode(), "hex": EMAIL.encode().hex()}
            reply = {"n": [{"i": "n1", "t": TEXT, "a": AUTHOR}] if good else []}
        elif path == "/subscriptions":
            good = dict(urllib.parse.parse_qsl(body)) == {"email": EMAIL, "born at": BORN}
            reply = {"rows": [{"list": "weekly", "phone": PHONE, "inner": json.dumps({"email": EMAIL})}] if good else []}
        elif path == "/paged":
            page = {None: 1, "pg": 2, "ph": 3}[query.get("token")]
            reply = {"rows": [{"id": f"r{page}"}], "token": {1: "pg", 2: "ph"}.get(page)}
        elif path == "/contacts":
            reply = {"id": "c-70314"}
        elif path == "/suppressions":
            reply = {} if json.loads(body) == {"contact": "c-70314", "mail": EMAIL} else None
        elif path == "/export":
            reply = "id,nick\r\n1,Bo\r\n2,\"Li\"\r\n"
        elif path == "/soap":
            reply = ("<E><Person><Id>p1</Id><FirstName>Bo</FirstName><SessionToken>tok-xml-1</SessionToken></Person>"
                     "<Person><Id>p2</Id><FirstName>Li</FirstName></Person></E>")
        else:
            reply = None
        text = isinstance(reply, str)
        data = (reply if text else json.dumps(reply)).encode()
        self.send_response(404 if reply is None else 200)
        self.send_header("Content-Type", "application/json" if not text else "text/xml" if reply[0] == "<" else "application/octet-stream")
        self.send_header("Set-Cookie", "sid=" + PLANTED["session"])
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer


def spellings(text):
    """A text in every encoding that it may stand in."""
    for one in {text, text.lower(), text.upper()}:
        raw = one.encode()
        yield one
        yield json.dumps(one)[1:-1]
        yield urllib.parse.quote(one, safe="")
        yield urllib.parse.quote_plus(one)
        yield urllib.parse.quote(urllib.parse.quote(one, safe=""), safe="")
        yield raw.hex()
        for digest in ("md5", "sha1", "sha256", "sha512"):
            made = hashlib.new(digest, raw)
            yield made.hexdigest()
            yield base64.b64encode(made.digest()).decode()
        for shift in range(3):  # whatever stands before it
            coded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
            middle = coded[4 if shift else 0:-2]
            if len(middle) > 7:
                yield middle
                yield middle.replace("+", "-").replace("/", "_")


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class World:
    def __init__(self, fconn):
        self.fconn = fconn
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.seen = []
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.temporary = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.temporary.name)
        (self.path / "secrets.json").write_text(json.dumps({"api_key": KEY, "signing_key": SIGNING}))

    def run(self, *words):
        environment = {**os.environ, "HOME": str(self.path), "XDG_STATE_HOME": str(self.path / "state")}
        return subprocess.run([self.fconn, *map(str, words)], capture_output=True, text=True, timeout=120, cwd=self.path,
                              env=environment)

    def record(self, *words, name="run.har"):
        done = self.run("record", HERE / "service.fconn", "--identity", f"email={EMAIL}", "--param",
                        f"domain=127.0.0.1:{self.server.server_address[1]}", "--secrets", "secrets.json", "-o", name, *words)
        expect(done.returncode == 0, f"record: exit {done.returncode}\n{done.stderr}")
        return json.loads((self.path / name).read_text())

    def rows(self, done):
        out = {}
        for line in done.stdout.splitlines():
            row = json.loads(line)
            out.setdefault(row["collection"], []).append(row["row"])
        return out


CASES = []


def case(function):
    CASES.append(function)
    return function


@case
def nothing_planted_is_in_a_recording(world):
    world.record()
    text = (world.path / "run.har").read_text()
    plain = json.dumps(json.loads(text), ensure_ascii=False)
    for what, planted in PLANTED.items():
        for spelling in spellings(planted):
            expect(spelling not in text and spelling not in plain, f"{what} is in the recording as {spelling}")
    for word in ("Ada", "Lovelace", "Analytical"):
        expect(not re.search(rf"\b{word}\b", plain, re.I), f"{word} is in the recording")
    expect(os.stat(world.path / "run.har").st_mode & 0o777 == 0o600, "a recording is for its owner")
    expect("gold" in plain and "weekly" in plain and "12.5" in plain, "what isn't personal stays")


@case
def it_is_replayed_without_secrets_and_network(world):
    live = world.rows(world.run("access", HERE / "service.fconn", "--identity", f"email={EMAIL}", "--param",
                                f"domain=127.0.0.1:{world.server.server_address[1]}", "--secrets", "secrets.json"))
    world.record()
    sent = len(world.server.seen)
    done = world.run("replay", "run.har", HERE / "service.fconn")
    expect(done.returncode == 0 and "warning" not in done.stderr, f"exit {done.returncode}\n{done.stderr}")
    expect(len(world.server.seen) == sent, "nothing is sent")
    rows = world.rows(done)
    expect({c: len(r) for c, r in rows.items()} == {c: len(r) for c, r in live.items()}, (rows, live))
    person, orders = rows["person"][0], rows["orders"]
    expect(re.fullmatch(r"[a-z]+@example\.com", person["email"].lower()), person)
    expect(person["id"] != PERSON and isinstance(person["id"], int) and len(str(person["id"])) == 5, person)
    expect(all(o["person_id"] == person["id"] for o in orders), "references still match")
    expect(re.fullmatch(r"\d{4}-\d\d-\d\d", person["born"]) and person["plan"] == "gold", person)
    expect(re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{7}", person["name"]), person)
    expect(re.fullmatch(r"\+\d{12}", rows["subscriptions"][0]["phone"]), rows["subscriptions"])
    expect(json.loads(rows["subscriptions"][0]["inner"])["email"] == person["email"], "also within a text")


@case
def two_recordings_have_other_stand_ins(world):
    first, second = world.record(), world.record()
    identity = [h["log"]["_fconn"]["targets"][0]["identities"]["email"][0] for h in (first, second)]
    expect(identity[0] != identity[1], "a stand-in can't be looked up")
    seeded = [world.record("--seed", "7", "--now", "2026-01-02T03:04:05Z", name="seeded.har")["log"]["_fconn"] for _ in (1, 2)]
    expect(seeded[0] == seeded[1], "but for --seed")


@case
def what_was_not_recorded_is_refused_and_shown(world):
    world.record()
    text = (HERE / "service.fconn").read_text()
    (world.path / "changed.fconn").write_text(text.replace('"born at": p.born', '"born at": p.born, extra: "1"'))
    done = world.run("replay", "run.har", "changed.fconn")
    expect(done.returncode == 3, f"exit {done.returncode}")
    expect("not recorded: POST http" in done.stderr and "+ form extra=1" in done.stderr, done.stderr)
    expect("has changed since it was recorded" in done.stderr, done.stderr)
    expect("1 recorded request was never asked for:\n  POST http" in done.stderr, done.stderr)


@case
def a_stale_recording_is_said(world):
    world.record()
    done = world.run("replay", "run.har", HERE / "service.fconn", "--collection", "person", "--max-age", "1ms")
    expect(done.returncode == 0 and "the recording is 0 days old" in done.stderr, done.stderr)
    expect("recorded requests were never asked for" in done.stderr, done.stderr)
    done = world.run("replay", "run.har", HERE / "service.fconn", "--collection", "person", "--strict")
    expect(done.returncode == 1, f"exit {done.returncode}")


@case
def the_simulator_serves_a_recording(world):
    har = world.record()
    mock = subprocess.Popen([world.fconn, "mock", "run.har"], cwd=world.path, stdout=subprocess.PIPE, text=True)
    try:
        url = mock.stdout.readline().strip().removeprefix("listening on ")
        own = har["log"]["_fconn"]
        done = world.run("access", HERE / "service.fconn", "--identity", "email=" + own["targets"][0]["identities"]["email"][0],
                         "--param", "domain=" + own["targets"][0]["params"]["domain"], "--secrets", "secrets.json",
                         "--send-to", url, "--now", own["recorded"], "--param", "account=" + own["targets"][0]["params"]["account"])
        expect(done.returncode == 0 and len(world.rows(done)) == 4, done.stderr)
    finally:
        mock.terminate()
        mock.wait(30)


@case
def tokens_of_pages_csv_and_xml_are_replayed(world):
    values = ("--identity", f"email={EMAIL}", "--param", f"domain=127.0.0.1:{world.server.server_address[1]}")
    live = world.rows(world.run("access", HERE / "formats.fconn", *values))
    expect([r["id"] for r in live["paged"]] == ["r1", "r2", "r3"], live)
    recorded = world.run("record", HERE / "formats.fconn", *values, "-o", "formats.har")
    expect(recorded.returncode == 0, recorded.stderr)
    text = (world.path / "formats.har").read_text()
    for gone in ("tok-xml-1", ",Bo", "Li<", '"pg"', "=ph"):
        expect(gone not in text, f"{gone} is in the recording")
    done = world.run("replay", "formats.har", HERE / "formats.fconn", "--strict")
    expect(done.returncode == 0 and "warning" not in done.stderr, done.stderr)
    rows = world.rows(done)
    expect([r["id"] for r in rows["paged"]] == ["r1", "r2", "r3"], rows)
    expect([r["id"] for r in rows["exported"]] == ["1", "2"] and [r["Id"] for r in rows["soap"]] == ["p1", "p2"], rows)
    expect(all(len(r["nick"]) == 2 and r["nick"] not in ("Bo", "Li") for r in rows["exported"]), rows)


CHOICES = """connector choices "Choices" {
  version "1.0.0"
  param domain: host
  identity email
  client { base "http://{domain}" }
  consent opt_out {
    let contact = GET /contacts { query { email: email } }
    POST /suppressions {
      body json { contact: contact.id, mail: email }
    }
  }
}
"""


@case
def a_choice_is_recorded_and_never_sent_again(world):
    (world.path / "choices.fconn").write_text(CHOICES)
    done = world.run("record", "choices.fconn", "--consent", "opt_out", "--identity", f"email={EMAIL}", "--param",
                     f"domain=127.0.0.1:{world.server.server_address[1]}", "-o", "choice.har")
    expect(done.returncode == 0 and "recorded 2 exchanges" in done.stderr, done.stderr)
    sent = [one[0] for one in world.server.seen]
    expect(sent == ["GET", "POST"], sent)
    text = (world.path / "choice.har").read_text()
    expect("nalytical" not in text and '"consent": "opt_out"' in text, text)
    done = world.run("replay", "choice.har", "choices.fconn", "--strict")
    expect(done.returncode == 0 and "warning" not in done.stderr, done.stderr)
    expect(len(world.server.seen) == 2, "a replay sends nothing")
    (world.path / "changed.fconn").write_text(CHOICES.replace(", mail:", ", address:"))
    done = world.run("replay", "choice.har", "changed.fconn")
    expect(done.returncode != 0 and "+ body .address" in done.stderr and len(world.server.seen) == 2, done.stderr)
    done = world.run("learn", "choice.har", "choices.fconn")
    expect(done.returncode == 2 and "has no rows" in done.stderr, done.stderr)
    done = world.run("record", "choices.fconn", "--purpose", "calls", "-o", "x.har")
    expect(done.returncode == 2 and "goes with --consent" in done.stderr, done.stderr)


@case
def a_header_of_the_connector_is_part_of_the_request(world):
    recorded = world.run("record", HERE / "formats.fconn", "--identity", f"email={EMAIL}", "--param",
                         f"domain=127.0.0.1:{world.server.server_address[1]}", "--collection", "paged", "-o", "formats.har")
    expect(recorded.returncode == 0, recorded.stderr)
    (world.path / "changed.fconn").write_text((HERE / "formats.fconn").read_text().replace('"blue"', '"red"'))
    done = world.run("replay", "formats.har", "changed.fconn", "--collection", "paged")
    expect(done.returncode != 0 and "- header x-tenant: blue\n  + header x-tenant: red" in done.stderr, done.stderr)
    har = json.loads((world.path / "formats.har").read_text())
    own = har["log"].pop("_fconn")["targets"][0]
    (world.path / "other.har").write_text(json.dumps(har))
    values = ("--identity", "email=" + own["identities"]["email"][0], "--param", "domain=" + own["params"]["domain"])
    done = world.run("replay", "other.har", "changed.fconn", "--collection", "paged", *values)
    expect(done.returncode == 0 and len(world.rows(done)["paged"]) == 3, done.stderr)
    expect("3 requests have other headers than recorded" in done.stderr, done.stderr)
    done = world.run("replay", "other.har", "changed.fconn", "--collection", "paged", "--strict", *values)
    expect(done.returncode == 1, f"exit {done.returncode}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    failed = 0
    for one in CASES:
        if args.only not in one.__name__:
            continue
        try:
            one(World(os.path.abspath(args.fconn)))
            print("ok    " + one.__name__)
        except (AssertionError, subprocess.TimeoutExpired, KeyError, IndexError) as problem:
            failed += 1
            print(f"FAIL  {one.__name__}: {problem}")
    sys.exit(1 if failed else 0)


main()
