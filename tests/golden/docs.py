#!/usr/bin/env python3
"""The generated files under docs/ are what the program prints now, and there is a page for each bundled connector and
for nothing else. usage: docs.py FCONN ROOT [--write]"""
import os, subprocess, sys

fconn, root, write = os.path.abspath(sys.argv[1]), sys.argv[2], "--write" in sys.argv


def printed(args): return subprocess.run([fconn] + args, capture_output=True, text=True, check=True).stdout


names = printed(["connectors", "--names"]).split()
pages = {"docs/cli.md": ["help", "--markdown"], "docs/fconn.schema.json": ["compile", "--emit", "config-schema"],
         "docs/connectors/README.md": ["connectors", "--markdown"]}
pages.update({f"docs/connectors/{name}.md": ["compile", f"bundled:{name}", "--emit", "docs"] for name in names})
stale = []
os.makedirs(os.path.join(root, "docs/connectors"), exist_ok=True)
for path, args in pages.items():
    now, full = printed(args), os.path.join(root, path)
    if os.path.exists(full) and open(full, encoding="utf-8").read() == now: continue
    if write: open(full, "w", encoding="utf-8").write(now)
    else: stale.append(f"{path} is stale: fconn {' '.join(args)} > {path}")
for file in sorted(os.listdir(os.path.join(root, "docs/connectors"))):
    if f"docs/connectors/{file}" in pages: continue
    if write: os.remove(os.path.join(root, "docs/connectors", file))
    else: stale.append(f"docs/connectors/{file} is of no connector")
print("\n".join(stale) or f"{len(pages)} pages are current")
sys.exit(1 if stale else 0)
