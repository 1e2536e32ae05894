#!/usr/bin/env python3
"""Runs contract tests once more with every connector compiled: the IR must give the same.

usage: compiled.py --fconn BIN TEST_FILE…

Each file is copied into a folder of its own, with `connector "x.fconn"` naming the JSON that `fconn compile` made of it.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

CONNECTOR = re.compile(r'^(\s*connector\s+)"([^"]+)\.fconn"', re.MULTILINE)
FILE = re.compile(r'^(\s*case\s+)"([^"]+)"', re.MULTILINE)


def compiled(fconn, path, folder):
    """The test file with compiled connectors, and how many it names."""
    names = set()

    def connector(found):
        name = found[2]
        if name not in names:
            names.add(name)
            out = folder / f"{len(names)}.json"
            subprocess.run([fconn, "compile", path.parent / f"{name}.fconn", "-o", out], check=True)
            places[name] = out
        return f'{found[1]}"{places[name]}"'

    places = {}
    text = CONNECTOR.sub(connector, path.read_text())
    text = FILE.sub(lambda found: f'{found[1]}"{(path.parent / found[2]).resolve()}"', text)
    copy = folder / path.name
    copy.write_text(text)
    return copy, len(names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    failed = 0
    for path in arguments.files:
        with tempfile.TemporaryDirectory() as folder:
            copy, connectors = compiled(arguments.fconn, path, pathlib.Path(folder))
            done = subprocess.run([arguments.fconn, "test", copy], capture_output=True, text=True)
        if done.returncode == 0 and connectors > 0:
            continue
        failed += 1
        print(f"{path}: exit {done.returncode}, {connectors} connectors compiled\n{done.stdout}{done.stderr}")
    print(f"{len(arguments.files) - failed} of {len(arguments.files)} test files give the same from IR")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
