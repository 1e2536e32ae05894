#!/usr/bin/env python3
"""Templates, for every bundled connector that has a demo: `fconn instantiate` makes an instance in a file
that passes `fconn check` and keeps its other bytes; the IR of `fconn compile --instance` runs by itself, sends
what the instance sends and gives its rows, byte for byte; no secret's value is in either.

usage: run.py --fconn BIN [--only NAME]
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

CONNECTORS = pathlib.Path(__file__).resolve().parents[2] / "connectors"
SECRET = "s3cr3t-Qz71"
BEFORE = "# our connectors\r\n[run]\r\nparallel = 4 # few\r\n\r\n[instances.'other one']\r\nconnector = \"mailchimp\"\r\nparams = { domain = \"us1.api.mailchimp.com\", username = \"ops\" }"


def value_for(schema, given):
    """A value that fits a parameter: the demo's where it has one, else one made up from the type."""
    if "enum" in schema: return str(schema["enum"][0])
    if isinstance(given, str) and given and "{{" not in given: return given
    return {"integer": "7", "number": "7.5", "boolean": "true", "array": "[]", "object": "{}"}.get(schema.get("type"), "demo.example.com")


class Case:
    def __init__(self, fconn, name, folder):
        self.fconn, self.name, self.folder = fconn, name, pathlib.Path(folder)
        self.env = {**os.environ, "FCONN_TEST_SECRET": SECRET}
        self.demo = json.loads((CONNECTORS / name / "demo.json").read_text())
        schema = json.loads(self.run("compile", name, "--emit", "json-schema").stdout)
        shown = json.loads(self.run("show", name, "--json").stdout)
        self.identities = [one for one in self.demo["identities"] if one in shown["identities"]]
        secrets = {param["name"] for param in shown["params"] if param["secret"]}
        demo = self.demo.get("secrets") or {}
        self.params = {name: value_for(schema["properties"][name], demo.get(name)) for name in schema["required"] if name not in secrets}
        self.secrets = [name for name in schema["required"] if name in secrets]

    def run(self, *args, exit=0):
        done = subprocess.run([self.fconn, *args], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60)
        if exit is not None and done.returncode != exit: raise AssertionError(f"fconn {' '.join(args)}: exit {done.returncode}\n{done.stderr}")
        return done

    def access(self, target, url, *more):
        args = ["access", target, "--send-to", url, "--ordered", "--provenance", "--seed", "1", "--now", "2026-03-02T09:00:00Z", "--request-id", "pri_1", "--retries", "0", *more]
        for one in self.identities: args += ["--identity", f"{one}={self.demo['identities'][one]}"]
        log = self.folder / "log.ndjson"
        before = len(log.read_text().splitlines()) if log.exists() else 0
        done = self.run(*args, exit=None)
        sent = [json.loads(line) for line in log.read_text().splitlines()[before:]] if log.exists() else []
        return done.returncode, done.stdout, sorted(json.dumps([one.get("method"), one.get("target"), one.get("body")], sort_keys=True) for one in sent)

    def test(self):
        project = self.folder / "fconn.toml"
        project.write_bytes(BEFORE.encode())
        values = [part for name, value in self.params.items() for part in ("--param", f"{name}={value}")]
        secrets = [part for name in self.secrets for part in ("--secret-env", f"{name}=FCONN_TEST_SECRET")]
        self.run("instantiate", self.name, "inst-1", *values, *secrets)
        after = project.read_bytes()
        assert after.startswith(BEFORE.encode()), "the file's other text changed"
        assert b"\n" not in after.replace(b"\r\n", b""), "line ends are mixed"
        self.run("check", "--strict", "fconn.toml")
        self.run("instantiate", self.name, "inst-1", *values, *secrets, exit=1)
        assert project.read_bytes() == after, "a refused instance changed the file"
        self.run("compile", self.name, "--instance", "inst-1", "-o", "alone.json")
        alone = (self.folder / "alone.json").read_text()
        for text in (alone, after.decode()): assert SECRET not in text, "a secret's value was written"
        assert "FCONN_TEST_SECRET" not in alone, "a secret's place was written into the IR"
        mock = subprocess.Popen([self.fconn, "mock", self.name, "--log", "log.ndjson"], cwd=self.folder, stdout=subprocess.PIPE, text=True)
        try:
            url = mock.stdout.readline().strip().removeprefix("listening on ")
            with_project = self.access("inst-1", url)
            project.unlink()
            without = self.access("alone.json", url, *secrets)
        finally:
            mock.terminate()
            mock.wait(10)
        assert with_project == without, f"the IR differs from the instance:\n{with_project}\n{without}"
        return len(without[1].splitlines()), len(without[2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    fconn = os.path.abspath(args.fconn)
    names = subprocess.run([fconn, "connectors", "--names"], capture_output=True, text=True, check=True).stdout.split()
    failed, rows, requests = 0, 0, 0
    for name in names:
        if args.only not in name or not (CONNECTORS / name / "demo.json").exists(): continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                got = Case(fconn, name, folder).test()
                rows, requests = rows + got[0], requests + got[1]
            except AssertionError as problem:
                failed += 1
                print(f"FAILED {name}: {problem}")
    print(f"{len(names)} connectors, {rows} rows and {requests} requests the same; {failed} failed")
    return 1 if failed or not rows else 0


if __name__ == "__main__": raise SystemExit(main())
