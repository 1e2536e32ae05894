#!/usr/bin/env python3
"""No source file over 600 lines unless its first lines say why ("a table"). Usage: sizes.py ROOT"""
import os, sys

ROOT = sys.argv[1]
problems, count = [], 0
for base in ("grammar", "interpreter", "tools", "tests"):
    for folder, _, files in os.walk(f"{ROOT}/{base}"):
        for f in files:
            if not f.endswith((".cc", ".hh", ".py")): continue
            path = os.path.join(folder, f); lines = open(path, encoding="utf-8").read().split("\n"); count += 1
            if len(lines) > 601: problems.append(f"{os.path.relpath(path, ROOT)}: {len(lines)} lines")
print("\n".join(problems)); print(f"{count} files, {len(problems)} over 600 lines")
sys.exit(1 if problems else 0)
