#!/usr/bin/env python3
"""Holds each bundled connector against what comes back of it by way of Fides: `compile --emit fides`, then `import fides --exact`.
Over the same recorded exchange both send the same distinct requests, print the same rows and fail for the same collections, and
an erasure changes the same things.

usage: exported.py --fconn BIN [--only TEXT] [--verbose]. Each connector's demo counts and, where ../shared is there, each recorded
case. REFUSED says which connectors no config can say and why; one that it needn't name is a failure, too.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import equivalence
import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = "pages end by what the API says of their number, not at an empty one"
FIRST = "the first request doesn't say which page it wants"
SIGNED = "what signs a request, or asks for the token, is none of Fides' strategies"
MASK = "a field's own mask holds the request's ID"
VALUE = "a request holds what a function makes of a value"
WORDS = "rows are picked by the words of a field"
REFUSED = {
    "adobe_campaign": SIGNED, "adobe_sign": VALUE, "alchemer": PAGES, "braze": MASK, "delighted": FIRST, "domo": MASK,
    "doordash": SIGNED, "firebase_auth": VALUE, "friendbuy_nextgen": SIGNED, "gong": "a delete for each row, of which it holds nothing",
    "marigold_engage": VALUE, "microsoft_advertising": "XML, files and chains", "oracle_responsys": VALUE, "outreach": WORDS,
    "salesforce": MASK, "sentry": PAGES, "shipstation": PAGES, "snap": VALUE, "square": "the cursor goes into the body",
    "statsig_enterprise": "a delete for each value, without a row for it", "stripe": "an update with some of the row's fields",
    "surveymonkey": PAGES, "twilio_conversations": VALUE, "unbounce": WORDS, "yotpo_loyalty": SIGNED, "yotpo_reviews": SIGNED,
}


def emitted(fconn, name, folder):
    """The file that comes back, or the reasons why there is none."""
    source = run.CONNECTORS / name / f"{name}.fconn"
    done = subprocess.run([fconn, "compile", source, "--emit", "fides", "-o", folder], capture_output=True, text=True)
    if done.returncode:
        found = re.findall(r"^[^ ].*/(.*?:\d+:\d+): error\[F1101\]: (.*)", done.stderr, re.M)
        return None, [" ".join(one) for one in found] or [done.stderr[-300:]]
    target = folder / f"{name}.fconn"
    done = subprocess.run([fconn, "import", "fides", folder / f"{name}_config.yml", folder / f"{name}_dataset.yml", "--exact",
                           "-o", target], capture_output=True, text=True)
    if done.returncode:
        return None, [f"not imported again: {done.stderr[-400:]}"]
    return target, []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", default="", help="connectors whose name holds this text")
    parser.add_argument("--verbose", action="store_true", help="show every difference whole")
    arguments = parser.parse_args()
    shared = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance"
    if not (shared / "fides").exists():
        print(f"there is no {shared}/fides: the demos alone")
    problems, reasons = [], collections.Counter()
    names = sorted(path.name for path in run.CONNECTORS.iterdir() if path.is_dir() and arguments.only in path.name)
    with tempfile.TemporaryDirectory() as text, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(text)
        targets = dict(zip(names, pool.map(lambda name: emitted(arguments.fconn, name, folder), names)))
        for name, (target, why) in targets.items():
            reasons.update({one.partition(" ")[2] for one in why})
            if bool(why) != (name in REFUSED): problems.append(f"{name}: {why or 'can be exported, so REFUSED need not say'}")
            if arguments.verbose: print(f"{name}: OK" if target else f"{name}:", *why, sep="\n  ")
        jobs = [case for name in names if targets[name][0] for case in equivalence.cases_of(name, shared)]
        done = list(pool.map(lambda case: equivalence.compare(arguments.fconn, targets[case[0].partition("__")[0]][0], case, set()), jobs))
    for name, found, _ in done:
        for kind, lines in found.items():
            problems.append("\n  ".join([f"{name}: {kind}", *(line if arguments.verbose else line[:400] for line in lines)]))
    print("\n".join(problems))
    for reason, count in reasons.most_common(): print(f"{count:3} {reason}")
    exported = sum(1 for target, _ in targets.values() if target)
    print(f"{exported} of {len(names)} connectors exported, {len(done)} exchanges compared, {len(problems)} problems")
    sys.exit(1 if problems or not done else 0)


if __name__ == "__main__":
    main()
