#!/usr/bin/env python3
"""Every diagnostic has an explain page, a sentence, a test and a use in the code; numbers are used once.
Usage: registry.py ROOT"""
import os, re, subprocess, sys

ROOT = sys.argv[1]
entries = re.findall(r'FCONN_DIAGNOSTIC\("(F\d{4})",\s*(\w+),\s*(\w+),\s*"([^"]+)"\)', open(f"{ROOT}/grammar/diagnostics.def").read())
pages = "".join(open(f"{ROOT}/grammar/explanations/{f}").read() for f in sorted(os.listdir(f"{ROOT}/grammar/explanations")) if f.endswith(".md"))
code = ""
for base in ("grammar", "interpreter", "tools"):
    for folder, _, files in os.walk(f"{ROOT}/{base}"):
        for f in files:
            if f.endswith((".cc", ".hh")): code += open(os.path.join(folder, f), encoding="utf-8").read()
tests = ""
for base in ("golden/cli", "unit", "import", "erasure"):
    for folder, _, files in os.walk(f"{ROOT}/tests/{base}"):
        for f in files:
            if f.endswith((".case", ".cc", ".py")): tests += open(os.path.join(folder, f), encoding="utf-8", errors="replace").read()
problems = []
seen = {}
for number, name, severity, summary in entries:
    if number in seen: problems.append(f"{number} is used twice: {seen[number]}, {name}")
    seen[number] = name
    if number not in pages: problems.append(f"{number} ({name}) has no page in grammar/explanations")
    if not summary.endswith("."): problems.append(f"{number}: the summary is no sentence")
    if number not in tests: problems.append(f"{number} ({name}) is shown by no test")
    if not re.search(rf"\b{name}\b", code) and f'"{number}"' not in code: problems.append(f"{number} ({name}) is never reported")
print("\n".join(problems)); print(f"{len(entries)} diagnostics, {len(problems)} problems")
sys.exit(1 if problems or not entries else 0)
