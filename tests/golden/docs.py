#!/usr/bin/env python3
"""The generated files under docs/ are what the program prints now. usage: docs.py FCONN ROOT [--write]"""
import os, subprocess, sys

PAGES = {"docs/cli.md": ["help", "--markdown"], "docs/fconn.schema.json": ["compile", "--emit", "config-schema"]}
fconn, root = os.path.abspath(sys.argv[1]), sys.argv[2]
stale = []
for path, args in PAGES.items():
    now = subprocess.run([fconn] + args, capture_output=True, text=True, check=True).stdout
    full = os.path.join(root, path)
    if os.path.exists(full) and open(full, encoding="utf-8").read() == now: continue
    if "--write" in sys.argv: open(full, "w", encoding="utf-8").write(now)
    else: stale.append(f"{path} is stale: fconn {' '.join(args)} > {path}")
print("\n".join(stale) or "current")
sys.exit(1 if stale else 0)
