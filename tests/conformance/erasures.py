#!/usr/bin/env python3
"""What the erasures of bundled connectors send. A plan is made and applied against the connector's demo with every
category of a person targeted and masks of a fixed text; erasures.json says what must be sent then, and no more, and
what is answered besides the demo.

usage: erasures.py --fconn BIN [--only TEXT]. Ends with 77 (skipped) where the program has no `erase`.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import run

WANTED = run.HERE / "erasures.json"
UUID = re.compile(r"(?<!pri_)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")  # made up for each request
GIVEN = ("--params", "--secrets", "--identity", "--external", "--token", "--send-to", "--request-id", "--now")


class Handler(run.Handler):
    """The demo's answers, those of erasures.json by method and path, else an empty object, which is noted."""

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        headers = dict(self.headers.items())
        key = run.request_key(self.command, self.path, headers, body)
        found = self.server.answers.get(key)
        for one in self.server.besides:
            if found is None and (one["method"], one["path"]) == (self.command, self.path.partition("?")[0]):
                found = one
        response = {"status": 200, "headers": {}, "body": {}, **(found or {})}
        read = key in self.server.reads
        if not read and ((self.command, self.path.partition("?")[0]) in self.server.noted or found is None):
            with self.server.lock:
                self.server.seen.append({"method": self.command, "target": self.path, "headers": headers,
                                         "body": body})
        text = response["body"] if isinstance(response["body"], str) else json.dumps(response["body"])
        self.send_response(response["status"])
        for name, value in {"Content-Type": "application/json", **response["headers"]}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


def key_of(request):
    headers, body = request["headers"], request["body"]
    if body is None or not isinstance(body, str):
        body = "" if body is None else json.dumps(body)
    body = re.sub(r"--fconn-[0-9a-f]{32}", "--BOUNDARY", body)  # made of the content
    body = UUID.sub("UUID", body)
    return run.request_key(request["method"], request["target"], headers, body)


def commands(fconn, name, server, folder):
    """The command that makes the plan, and the one that applies it."""
    target = str(run.CONNECTORS / name / f"{name}.fconn")
    access = run.access_command(fconn, target, server.case, server.address, folder)
    given = [part for flag, value in zip(access, access[1:]) if flag in GIVEN for part in (flag, value)]
    plan = [fconn, "erase", target, *given, "--target", "user", "--mask", "string:MASKED", "--plan", "plan.json"]
    return plan, [fconn, "erase", "--apply", "plan.json", *given]


def compare(wanted, seen):
    """Requests that are missing or too many, and headers that differ."""
    problems, left = [], list(seen)
    for request in wanted:
        found = next((one for one in left if key_of(one) == key_of(request)), None)
        if found is None:
            problems.append(f"not sent: {key_of(request)}")
            continue
        left.remove(found)
        got = {name.lower(): value for name, value in found["headers"].items()}
        for name, value in request["headers"].items():
            have = got.get(name.lower())
            if name == "Content-Type" and have is not None:
                have = run.media_type(found["headers"])
            if have != value:
                problems.append(f"header {name} of {key_of(request)}: {have!r}, not {value!r}")
    return problems + [f"sent besides: {key_of(one)}" for one in left]


def erase(fconn, name, wanted):
    server = run.Server((run.CONNECTORS / name / "demo.json").read_text())
    server.RequestHandlerClass = Handler
    server.besides = wanted["answers"]
    server.reads = server.answers.keys() - {key_of(one) for one in wanted["sent"]}
    server.noted = {(one["method"], one["target"].partition("?")[0]) for one in wanted["sent"]}
    try:
        with tempfile.TemporaryDirectory() as text:
            folder = pathlib.Path(text)
            (folder / "fconn.toml").write_text("")
            environment = {**run.environment(folder), "FCONN_STORE_KEY": "0" * 64}
            for command in commands(fconn, name, server, folder):
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True,
                                      timeout=run.PATIENCE)
                if done.returncode != 0:
                    return [f"exit code {done.returncode}: {done.stderr[-600:]}"]
        return compare(wanted["sent"], server.seen)
    finally:
        server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", default="", help="connectors whose name holds this text")
    arguments = parser.parse_args()
    if subprocess.run([arguments.fconn, "help", "erase"], capture_output=True).returncode != 0:
        print("SKIPPED: this program has no `erase`")
        sys.exit(77)
    failed = passed = 0
    for name, wanted in json.loads(WANTED.read_text()).items():
        if arguments.only not in name:
            continue
        problems = erase(arguments.fconn, name, wanted)
        passed += not problems
        failed += bool(problems)
        for problem in problems[:4]:
            print(f"{name}: {problem[:600]}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
