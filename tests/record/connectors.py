#!/usr/bin/env python3
"""Every bundled connector against the cases of tests/conformance: recorded from `fconn mock`, the recording holds no secret and no
identity, and a replay without either gives as many rows of each collection.

usage: connectors.py --fconn BIN [--only TEXT]
"""
import argparse
import collections
import json
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))
import run as conformance  # noqa: E402


def counts(text):
    return collections.Counter(json.loads(line)["collection"] for line in text.splitlines())


def try_case(fconn, path, target, folder):
    server = conformance.MockedServer(fconn, path, folder)
    try:
        case = server.case
        values = conformance.values_of(case, server.address, folder)
        live = conformance.call([fconn, "access", target, *values], folder)
        recorded = conformance.call([fconn, "record", target, *values, "-o", "run.har"], folder)
    finally:
        server.close()
    if recorded.returncode != live.returncode:
        return f"record: exit {recorded.returncode}, live {live.returncode}\n{recorded.stderr[-800:]}"
    text = (folder / "run.har").read_text()
    secrets = conformance.secrets_of(case["connector"])
    hidden = [str(v) for k, v in case["secrets"].items() if k in secrets]
    hidden += [str(v["value"] if isinstance(v, dict) else v) for v in case["identities"].values()]
    for one in hidden:
        if len(one) > 5 and one in text:
            return f"{one} is in the recording"
    replayed = conformance.call([fconn, "replay", "run.har", target], folder)
    if replayed.returncode != live.returncode:
        return f"replay: exit {replayed.returncode}, live {live.returncode}\n{replayed.stderr[-1500:]}"
    if counts(replayed.stdout) != counts(live.stdout):
        return f"rows: {dict(counts(replayed.stdout))}, live {dict(counts(live.stdout))}\n{replayed.stderr[-800:]}"
    return "" if "never asked" not in replayed.stderr else replayed.stderr[-800:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    fconn = os.path.abspath(args.fconn)
    cases = [(p, p.name.split("__")[0]) for p in sorted(conformance.CASES.glob("*__access*.json"))]
    cases += [(p, p.parent.name) for p in sorted(conformance.CONNECTORS.glob("*/demo.json"))]
    failed = passed = 0
    for path, target in cases:
        name = f"{target}: {path.name}"
        if args.only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            problem = try_case(fconn, path, target, pathlib.Path(folder))
        failed, passed = failed + bool(problem), passed + (not problem)
        if problem:
            print(f"FAIL  {name}: {problem}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
