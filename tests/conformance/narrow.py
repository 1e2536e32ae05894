#!/usr/bin/env python3
"""Access with a policy: the recorded cases of the bundled connectors, narrowed to the categories that
packages/ names, give the rows that stand there (see README.md).

usage: narrow.py --fconn BIN [--only TEXT]
"""
import argparse
import collections
import json
import os
import pathlib
import sys
import tempfile

import run

PACKAGES = run.HERE / "packages"


def compare(package, output, summary, problems):
    printed = collections.defaultdict(collections.Counter)
    for line in output.splitlines():
        row = json.loads(line)
        printed[row["collection"]][run.by_value(row["row"])] += 1
    for name in printed.keys() - package.keys():
        problems.append(f"rows of {name}, of which the package has none")
    for name, rows in package.items():
        # The reference repeats rows that several requests found.
        wanted = collections.Counter(run.by_value(r) for r in rows)
        problems += [f"missing in {name}: {row}" for row in sorted(wanted.keys() - printed[name].keys())]
        problems += [f"not in the package, in {name}: {row}" for row in sorted(printed[name].keys() - wanted.keys())]
        problems += [f"printed too often, in {name}: {row}" for row, times in printed[name].items()
                     if times > wanted[row]]
    for name, entry in summary["collections"].items():
        if entry["state"] == "skipped" and not entry.get("reason"):
            problems.append(f"{name} is skipped without a reason")
        if entry["rows"] != sum(printed[name.split(":")[-1]].values()):
            problems.append(f"{name}: {entry['rows']} rows in the summary")


def run_case(path, targets, package, fconn):
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = run.Server((run.CASES / path.name).read_text())
        try:
            case = server.case
            command = run.access_command(fconn, case["connector"], case, server.address, folder)
            for target in targets.split(","):
                command += ["--target", target]
            done = run.call(command, folder)
            if done.returncode != 0:
                return [f"exit code {done.returncode}: {done.stderr[-400:]}"]
            compare(package, done.stdout, json.loads((folder / "summary.json").read_text()), problems)
        finally:
            server.close()
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    arguments = parser.parse_args()
    passed = failed = 0
    for path in sorted(PACKAGES.glob("*.json")):
        if arguments.only not in path.stem:
            continue
        for targets, package in json.loads(path.read_text()).items():
            problems = run_case(path, targets, package, arguments.fconn)
            passed += not problems
            failed += bool(problems)
            if problems:
                print(f"FAIL {path.stem} {targets}", *(f"  {p[:400]}" for p in problems[:4]), sep="\n")
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
