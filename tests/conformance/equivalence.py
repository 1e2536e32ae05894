#!/usr/bin/env python3
"""Holds each bundled connector against what `fconn import fides` makes of the same connector's YAML, which lies beside the
repository: over the same recorded exchange both send the same distinct requests, print the same rows and fail for the
same collections; an erasure changes the same things.

usage: equivalence.py --fconn BIN [--only TEXT] [--verbose]. Ends with 77 (skipped) where ../shared is missing.

Each recorded case counts, and each demo: read, and erased with all that is a person's targeted; and each of these once more
with some values of the answers gone, empty or zero. Where the bundled one is meant to differ, WANTED says so, and it is an
error if it no longer does.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import erasures
import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANSWERS = json.loads(erasures.WANTED.read_text())

# What differs on purpose with a connector's demo, and why. `requests`, `rows` and `failed` (collections) are of reading,
# `changes` is what erasing sends. A recorded case never differs.
PAGES = "asks for the pages that the API says there are; the YAML reads the first"
LAST = "the last page says that it is the last; the YAML asks for one more"
WANTED = {
    "adobe_sign": ({"requests", "rows"}, PAGES),
    "aircall": ({"requests", "rows", "changes"}, PAGES),
    "checkr": ({"requests", "rows", "changes"}, PAGES),
    "delighted": ({"requests", "rows"}, PAGES),
    "google_analytics": ({"changes"}, "an erasure asks for the deletion that the YAML asks for when somebody opts out"),
    "salesforce": ({"changes"}, "a campaign's member is written by way of the lead or contact, whose its personal fields are"),
    "shipstation": ({"requests", "failed"}, LAST),
    "square": ({"requests", "rows"}, PAGES),
    "stripe": ({"requests", "failed"}, LAST),
    "surveymonkey": ({"requests", "failed", "rows"}, LAST),
    "unbounce": ({"failed", "rows", "changes"}, "a form gives lists of addresses; the dataset says that it is one"),
}

DECLARED = re.compile(r"^ *(?:param|secret) +(\w+)(.*)", re.MULTILINE)
TOKEN = ("access_token", "refresh_token", "expires_at")
RANDOM = re.compile(r"(?<!pri_)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=[a-z]*[0-9])[a-z0-9]{30}\b")
USUAL = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}  # of every request


class Handler(erasures.Handler):
    """The case's answers; what else is asked gets 404 while something is read, and an empty object while it is erased."""

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "content-type" in headers:
            headers["content-type"] = run.media_type(headers)
        key = run.request_key(self.command, self.path, headers, body)
        found = self.server.answers.get(key)
        for one in self.server.besides:
            if found is None and (one["method"], one["path"]) == (self.command, self.path.partition("?")[0]):
                found = one
        response = {"status": 200 if self.server.erasing else 404, "headers": {}, "body": {}, **(found or {})}
        sent = json.dumps({name: value for name, value in sorted(headers.items()) if name not in USUAL})
        with self.server.lock:
            self.server.seen.append(RANDOM.sub("<random>", f"{key} {sent}".replace(self.server.address, "HOST")))
        text = response["body"] if isinstance(response["body"], str) else json.dumps(response["body"])
        self.send_response(response["status"])
        for name, value in response["headers"].items():
            if name.lower() not in ("content-length", "content-type", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Type", run.media_type(response["headers"]) or "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


Done = collections.namedtuple("Done", "requests rows changes failed")


def values_of(case, target, server, folder):
    """Options that give the connector what the case gives: the parameters that it declares, identities, values from
    outside, a token."""
    declared = {name: " = " in rest for name, rest in DECLARED.findall(target.read_text())}
    given = {name: case["secrets"].get(name, "nothing.example.com") for name, default in declared.items()
             if name in case["secrets"] or not default}
    (folder / "params.json").write_text(json.dumps(given))
    options = ["--params", "params.json"]
    token = case.get("token") or {n: case["secrets"][n] for n in TOKEN if n in case["secrets"] and n not in declared}
    if token:
        (folder / "token.json").write_text(json.dumps(token))
        options += ["--token", "token.json"]
    for name, value in case["identities"].items():
        options += ["--identity", f"{name}={value['value'] if isinstance(value, dict) else value}"]
    for name, reference in case["secrets"].items():
        if isinstance(reference, dict) and case["external"]:
            field = reference["field"].rpartition(".")[2]
            lines = [json.dumps(row[field]) for row in case["external"]["rows"] if row.get(field) is not None]
            (folder / f"{name}.ndjson").write_text("\n".join(lines) + "\n")
            options += ["--external", f"{name}=@{name}.ndjson"]
    return [*options, "--send-to", f"http://{server.address}", "--retries", "0", "--request-id",
            case["constants"]["privacy_request_id"], "--now", case["constants"]["iso_8601_datetime"]]


def follow(fconn, target, text, erasing, besides):
    """What the connector does with the case."""
    server = run.Server(text)
    server.RequestHandlerClass = Handler
    server.erasing, server.besides = erasing, besides
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            values = values_of(server.case, target, server, folder)
            if not erasing:
                done = run.call([fconn, "access", target, *values, "--summary", "summary.json"], folder)
                if not (folder / "summary.json").exists():
                    raise RuntimeError(done.stderr[-300:])
                rows = collections.defaultdict(set)
                for line in done.stdout.splitlines():
                    row = json.loads(line)
                    rows[row["collection"]].add(run.by_value(row["row"]).replace(server.address, "HOST"))
                summary = json.loads((folder / "summary.json").read_text())["collections"]
                failed = {n.rpartition(":")[2] for n, entry in summary.items() if entry["state"] == "failed"}
                return Done(set(server.seen), dict(rows), set(), failed)
            policy = (run.policy_of(server.case) if "policy" in server.case
                      else ["--target", "user", "--mask", "string:MASKED", "--scope", "all"])
            planned = run.call([fconn, "erase", target, *values, *policy, "--plan", "plan.json"], folder)
            if not (folder / "plan.json").exists():
                raise RuntimeError(planned.stderr[-300:])
            read = set(server.seen)
            server.seen.clear()
            applied = run.call([fconn, "erase", "--apply", "plan.json", "--journal", "j.db", *values], folder)
            failed = {f"{verb}: exit code {done.returncode}" for verb, done in (("plan", planned), ("apply", applied))}
            return Done(read, {}, set(server.seen) - read, failed)
    finally:
        server.close()


def differences(imported, bundled):
    """What of the two differs, with up to two examples of each."""
    found = {}
    for kind in ("requests", "changes", "failed"):
        one, other = getattr(imported, kind), getattr(bundled, kind)
        if one != other:
            found[kind] = [f"only imported: {x}" for x in sorted(one - other)[:2]]
            found[kind] += [f"only bundled: {x}" for x in sorted(other - one)[:2]]
    for name in sorted(imported.rows.keys() | bundled.rows.keys()):
        one, other = imported.rows.get(name, set()) - {"{}"}, bundled.rows.get(name, set()) - {"{}"}
        if one != other:
            found.setdefault("rows", []).extend([f"only imported, {name}: {x}" for x in sorted(one - other)[:1]]
                                                + [f"only bundled, {name}: {x}" for x in sorted(other - one)[:1]])
    return found


def spoiled(value, chance, less=(None, "", 0)):
    """The JSON value with some of its texts and numbers null, empty or zero; IDs null, so that no two are the same."""
    if isinstance(value, dict):
        return {name: spoiled(member, chance, (None,) if name.lower() == "id" else less)
                for name, member in value.items()}
    if isinstance(value, list):
        return [spoiled(element, chance) for element in value]
    return chance.choice(less) if not isinstance(value, bool) and chance.random() < 0.1 else value


def with_spoiled(case):
    """The case, and the same with answers that hold less."""
    name, text, *rest = case
    yield case
    parsed, chance = json.loads(text), random.Random(name)
    for exchange in parsed["exchanges"]:
        if exchange["kind"] == "read":
            exchange["response"]["body"] = spoiled(exchange["response"]["body"], chance)
    yield (f"{name}_spoiled", json.dumps(parsed), *rest)


def cases_of(name, shared):
    """The connector's cases: what they are called, their text, and whether something is erased."""
    for path in sorted((shared / "fides" / "cases").glob(f"{name}__*.json")):
        text = path.read_text()
        case = json.loads(text)
        if not case["omit"]:
            yield path.stem, text, case["action"] == "erasure", []
    demo = (run.CONNECTORS / name / "demo.json").read_text()
    besides = ANSWERS.get(name, {}).get("answers", [])
    yield f"{name}__demo", demo, False, besides
    yield f"{name}__demo_erased", demo, True, besides


def compare(fconn, imported, case, wanted=None):
    """What the connector in a file and the bundled one do differently with a case, without what is `wanted`, and what of that is so."""
    connector, _, kind = case[0].partition("__")
    bundled = run.CONNECTORS / connector / f"{connector}.fconn"
    try:
        found = differences(*(follow(fconn, target, *case[1:]) for target in (imported, bundled)))
    except (OSError, ValueError, KeyError, RuntimeError, subprocess.SubprocessError) as error:
        return case[0], {"run": [f"{type(error).__name__}: {error}"]}, set()
    if wanted is None: wanted = WANTED[connector][0] if connector in WANTED and kind.startswith("demo") else set()
    return case[0], {k: lines for k, lines in found.items() if k not in wanted}, wanted & found.keys()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", default="", help="connectors whose name holds this text")
    parser.add_argument("--verbose", action="store_true", help="show every difference whole")
    arguments = parser.parse_args()
    shared = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance"
    if not (shared / "fides").exists():
        print(f"SKIPPED: there is no {shared}/fides; set FCONN_SHARED to the folder that holds it")
        sys.exit(77)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "imported"
        subprocess.run([arguments.fconn, "import", "fides", "--all", shared / "fides", "-o", out], capture_output=True)
        names = sorted(path.name for path in run.CONNECTORS.iterdir() if path.is_dir() and arguments.only in path.name)
        code = [name for name in names if not (out / f"{name}.fconn").exists()]
        jobs = [(name, one) for name in names if name not in code for case in cases_of(name, shared)
                for one in with_spoiled(case)]
        met = collections.defaultdict(set)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda job: compare(arguments.fconn, out / f"{job[0]}.fconn", job[1]), jobs))
    for name, found, as_wanted in done:
        met[name.partition("__")[0]] |= as_wanted
        passed += not found
        failed += bool(found)
        for kind, lines in found.items():
            print(f"FAIL {name}: {kind}")
            for line in lines:
                print(f"  {line if arguments.verbose else line[:400]}")
    for name in met.keys() & WANTED.keys():
        for kind in WANTED[name][0] - met[name]:
            failed += 1
            print(f"FAIL {name}: {kind}: no longer differs, so WANTED needn't say: {WANTED[name][1]}")
    print(f"{passed} passed, {failed} failed; code in the YAML, so nothing to compare with: {', '.join(code) or 'none'}")
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
