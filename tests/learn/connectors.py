#!/usr/bin/env python3
"""How good proposals are: every bundled connector is learned from its own demo with its `fields` and `paginate` taken out, and
what comes out is compared with what its author wrote.

usage: connectors.py --fconn BIN [--only TEXT] [--show]
"""
import argparse
import collections
import json
import os
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))
import run as conformance  # noqa: E402

# What has to be reached, in percent: a change for the worse is a failure. Of pagination guesses count, too: most demos have one page,
# and half of them nothing that shows how a second would be had. What is proposed beyond what authors wrote are lists that do have
# pages, of which a search needs the first alone.
WANTED = {"types": 95, "personal precision": 83, "personal recall": 75, "same category": 90, "key": 75, "pages": 45, "pages precision": 85}


def without(text, word):
    """The text without blocks `word … { … }`, and their places."""
    out, at = "", 0
    for found in re.finditer(rf"^ *{word}\b[^\n]*", text, re.MULTILINE):
        if found.start() < at:
            continue
        depth, end = 0, found.start()
        while True:
            line = text.index("\n", end)
            depth += text.count("{", end, line) - text.count("}", end, line)
            end = line + 1
            if depth <= 0:
                break
        out += text[at:found.start()]
        at = end
    return out + text[at:]


def fields_of(ir):
    """(collection, path): (type, categories, key)"""
    out = {}

    def walk(collection, fields, path):
        for field in fields:
            name = path + (field["name"],)
            inner = field.get("fields", [])
            out[collection, name] = (field.get("type"), tuple(sorted(field.get("categories", []))), field.get("key", False), bool(inner))
            walk(collection, inner, name)

    for collection in ir["collections"]:
        walk(collection["name"], collection.get("fields", []), ())
    return out


def pages_of(text):
    """Which strategy each collection's read names, as written."""
    out, collection = {}, ""
    for line in text.splitlines():
        if found := re.match(r" *collection (\w+)", line):
            collection = found[1]
        if found := re.match(r" *paginate +(\w+)(.*)", line):
            out[collection] = found[1] + found[2]
    return out


def learn(fconn, path, folder):
    target = path.parent.name
    source = (path.parent / f"{target}.fconn").read_text()
    if "extends" in source.split("{")[0]:
        return None
    # Without fields, nothing that changes rows would check.
    bare = without(without(without(source, "fields"), "update"), "delete")
    bare = "".join(line for line in bare.splitlines(True) if not re.match(r" *paginate ", line))
    (folder / f"{target}.fconn").write_text(bare)
    server = conformance.MockedServer(fconn, path, folder)
    try:
        values = conformance.values_of(server.case, server.address, folder)
        values = [v for v in values if v not in ("--summary", "summary.json")]
        done = conformance.call([fconn, "learn", f"{target}.fconn", *values, "--write"], folder)
    finally:
        server.close()
    learned = (folder / f"{target}.fconn").read_text()
    if learned == bare:
        return f"{target}: {done.stderr.strip()[-300:]}{done.stdout.strip()[-200:]}"

    def ir(text):
        (folder / "x.fconn").write_text(text)
        made = conformance.call([fconn, "compile", "x.fconn"], folder)
        return json.loads(made.stdout)

    return fields_of(ir(source)), fields_of(ir(learned)), pages_of(source), pages_of(learned), done.stdout


def personal(categories):
    return any(c == "user" or c.startswith("user.") for c in categories)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    fconn = os.path.abspath(args.fconn)
    good, all_of = collections.Counter(), collections.Counter()
    said = []

    def count(what, holds, line):
        all_of[what] += 1
        good[what] += bool(holds)
        if not holds:
            said.append(f"{what}: {line}")

    connectors = 0
    for path in sorted(conformance.CONNECTORS.glob("*/demo.json")):
        if args.only not in path.parent.name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            got = learn(fconn, path, pathlib.Path(folder))
        if got is None:
            continue
        if isinstance(got, str):
            said.append("nothing learned: " + got)
            continue
        connectors += 1
        name = path.parent.name
        wanted, made, wanted_pages, made_pages, notes = got
        for place, (kind, categories, key, inner) in wanted.items():
            if place not in made:
                continue
            other = made[place]
            line = f"{name} {place[0]}.{'.'.join(place[1])}: {kind} {categories}, learned {other[0]} {other[1]}"
            # What its author left open, or wrote as a string, may be known better.
            same = other[0] == kind or "any" in (kind, other[0]) or None in (kind, other[0]) or (kind, other[0]) == ("string", "datetime")
            count("types", same, line)
            if not inner and categories:
                if personal(categories):
                    count("personal recall", personal(other[1]), line)
                    if personal(other[1]):
                        count("same category", other[1][0].startswith(categories[0]) or categories[0].startswith(other[1][0]), line)
                if personal(other[1]):
                    count("personal precision", personal(categories), line)
            if key:
                count("key", other[2], line)
        for collection, clause in wanted_pages.items():
            rows = [p for p in made if p[0] == collection]
            if not rows:
                continue
            count("pages", made_pages.get(collection, "").split("(")[0] == clause.split("(")[0],
                  f"{name} {collection}: {clause}, learned {made_pages.get(collection)}")
        for collection, clause in made_pages.items():
            count("pages precision", collection in wanted_pages, f"{name} {collection}: learned {clause}")
    if args.show:
        print("\n".join(said))
    failed = 0 if args.only else connectors < 55
    for what, total in sorted(all_of.items()):
        percent = 100 * good[what] // total
        bad = not args.only and percent < WANTED.get(what, 0)
        failed |= bad
        print(f"{'FAIL' if bad else 'ok  '}  {what}: {good[what]} of {total}, {percent} %")
    print(f"{connectors} connectors")
    sys.exit(1 if failed else 0)


main()
