#!/usr/bin/env python3
"""Runs the harness that lies beside the repository, if it is there, over the bundled connectors.

usage: shared.py --fconn BIN. Ends with 77 (skipped) where ../shared or PyYAML is missing.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONNECTORS = ROOT / "connectors"


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def whole(path):
    """Whether a recorded case is of the connector as it is: some leave out what is code in the reference."""
    return not json.loads(path.read_text())["omit"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    arguments = parser.parse_args()
    shared = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance"
    if not (shared / "harness.py").exists():
        skip(f"there is no {shared}/harness.py; set FCONN_SHARED to the folder that holds it")
    try:
        import yaml  # noqa: F401 - the harness needs it
    except ImportError:
        skip("the harness needs PyYAML (apt install python3-yaml)")
    cases = {path.name for path in (shared / "fides" / "cases").glob("*.json") if whole(path)}
    names = sorted(path.name for path in CONNECTORS.iterdir()
                   if any(case.startswith(f"{path.name}__") for case in cases))
    failed = 0
    for name in names:
        done = subprocess.run([sys.executable, shared / "harness.py", "--fconn", arguments.fconn, "--mode", "bundled",
                               "--only", f"{name}__", shared / "fides"], capture_output=True, text=True, timeout=600)
        failed += done.returncode != 0
        print(name, done.stdout.strip())
    print(f"{len(names) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
