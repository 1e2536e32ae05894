#!/usr/bin/env python3
"""Runs the program against server.py, once for each row of the table in docs/hostile.md.

usage: run.py --fconn BIN [--only TEXT] [--slack FACTOR] [--show]
--slack: for builds that are slower and larger than a release build; multiplies the bounds.
--show: prints what happened, as rows of the table.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parents[1] / "docs" / "hostile.md"
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
MIB = 1 << 20
COLUMNS = ("path", "does", "state", "exit", "message", "seconds", "mebibytes")


def expectations():
    rows = []
    for line in TABLE.read_text().splitlines():
        if line.startswith("| `/"):
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if len(cells) != len(COLUMNS):
                sys.exit(f"{TABLE}: this row has {len(cells)} cells: {line}")
            row = dict(zip(COLUMNS, cells))
            row["path"] = row["path"].strip("`/")
            row["message"] = row["message"].strip("`")
            rows.append(row)
    return rows


class Outcome:
    def __init__(self, code, lines, wrong, err, seconds, mebibytes, summary):
        self.code, self.lines, self.wrong, self.err = code, lines, wrong, err
        self.seconds, self.mebibytes = seconds, mebibytes
        self.summary = summary

    def state(self, collection):
        if self.summary is None:
            return "none"
        found = [v for k, v in self.summary["collections"].items()
                 if k.split(":")[-1] == collection]
        return found[0]["state"] if found else "none"


def checked_lines(out):
    """How many lines there are and what is no row: each must be one JSON object in UTF-8, and the
    last must end. Read line by line: a child's peak memory can't be less than this process's."""
    out.seek(0)
    count, wrong = 0, []
    for count, line in enumerate(out, 1):
        try:
            row = json.loads(line.decode("utf-8"), parse_int=str)
            if not isinstance(row, dict) or not line.endswith(b"\n"):
                wrong.append(f"line {count} of stdout is no whole object: {line[:80]!r}")
        except ValueError as error:
            wrong.append(f"line {count} of stdout: {error}: {line[:80]!r}")
    return count, wrong


def run(fconn, port, path, patience, folder):
    collection, scenario = path.split("/")
    summary = folder / "summary.json"
    summary.unlink(missing_ok=True)
    command = [fconn, "read", str(HERE / "hostile.fconn"), "--param", f"port={port}", "--param",
               f"scenario={scenario}", "--collection", collection, "--timeout", "2s", "--retries",
               "1", "--summary", str(summary)]
    env = dict(os.environ, HOME=str(folder), XDG_DATA_HOME=str(folder), XDG_STATE_HOME=str(folder),
               XDG_CONFIG_HOME=str(folder), XDG_CACHE_HOME=str(folder))
    env.pop("MALLOC_PERTURB_", None)  # meson's; it would touch, and so count, all that is allocated
    with open(folder / "out", "w+b") as out, open(folder / "err", "w+b") as err:
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                                 cwd=folder, env=env)
        killer = threading.Timer(patience, child.kill)
        killer.start()
        _, status, usage = os.wait4(child.pid, 0)
        killer.cancel()
        seconds = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        lines, wrong = checked_lines(out)
        err.seek(0)
        said = err.read(MIB).decode("utf-8", "backslashreplace")
    try:
        told = json.loads(summary.read_text())
    except (OSError, ValueError):
        told = None
    return Outcome(child.returncode, lines, wrong, said, seconds, usage.ru_maxrss / 1024, told)


def problems(wanted, got, slack):
    collection = wanted["path"].split("/")[0]
    state = got.state(collection)
    if state != wanted["state"]:
        yield f"state {state}, not {wanted['state']}"
    if got.code != int(wanted["exit"]):
        yield f"exit code {got.code}, not {wanted['exit']}"
    if wanted["message"] and wanted["message"] not in got.err:
        yield f"stderr doesn't say {wanted['message']!r}"
    if got.seconds > float(wanted["seconds"]) * slack:
        yield f"{got.seconds:.1f} s, at most {wanted['seconds']}"
    if got.mebibytes > float(wanted["mebibytes"]) * slack:
        yield f"{got.mebibytes:.0f} MiB, at most {wanted['mebibytes']}"
    if state == "failed" and collection in ("plain", "listed") and got.lines:
        yield "rows of an answer that went wrong were printed"
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", got.err):
        yield "stderr holds control characters"
    yield from got.wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", default="", help="paths that hold this text")
    parser.add_argument("--slack", type=float, default=1)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    table = expectations()
    import server  # the paths that it serves must be those of the table
    listed, served = {row["path"] for row in table}, set(server.CASES)
    passed = failed = 0
    if listed != served:
        failed += 1
        print(f"FAIL only in the table: {sorted(listed - served)}, only served: "
              f"{sorted(served - listed)}")
    process = subprocess.Popen([sys.executable, HERE / "server.py"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline().split()[-1])
        with tempfile.TemporaryDirectory() as folder:
            for row in table:
                if arguments.only not in row["path"]:
                    continue
                got = run(arguments.fconn, port, row["path"],
                          float(row["seconds"]) * arguments.slack + 5, pathlib.Path(folder))
                wrong = list(problems(row, got, arguments.slack))
                passed += not wrong
                failed += bool(wrong)
                if wrong:
                    print(f"FAIL /{row['path']}: {'; '.join(wrong[:6])}\n  {got.err[-600:]}")
                if arguments.show:
                    print(f"{row['path']}: {got.state(row['path'].split('/')[0])} {got.code} "
                          f"{got.seconds:.1f} s {got.mebibytes:.0f} MiB, "
                          f"{got.lines} lines\n  {got.err.strip()[:500]}")
    finally:
        process.stdin.close()
        process.wait(10)
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
