#!/usr/bin/env python3
"""Runs the examples of docs/*.md and README.md: every fenced ```fconn block must pass `fconn check` and be laid
out as `fconn fmt` does. A block that is no whole file says what it is part of on its fence:
```fconn collection (inside a connector), ```fconn request (a read's block), ```fconn expr (one expression a line),
```fconn wrong F0203 (must give that code). Usage: docs_examples.py FCONN ROOT"""
import os, re, subprocess, sys, tempfile

FCONN, ROOT = sys.argv[1:3]
HEAD = '''connector example "Example" {
  version "1.0.0"
  param domain: host = "api.example.com"
  secret token "Token"
  identity email
  client {
    base "https://{domain}"
    auth bearer(token)
  }
'''


def whole(kind, text):
    if kind == "declarations": return HEAD.split("  param")[0] + "  " + text.replace("\n", "\n  ") + "\n}\n"
    if kind == "collection": return HEAD + text + "\n}\n"
    if kind == "request": return HEAD + "collection thing {\n read needs email GET /things {\n" + text + "\n}\n}\n}\n"
    if kind == "expr": return "".join(f"fn example_{i}() = {line}\n" for i, line in enumerate(l for l in text.split("\n") if l.strip()))
    return text


passed, failed = 0, []
files = [f"{ROOT}/README.md"] + sorted(f"{ROOT}/docs/{f}" for f in os.listdir(f"{ROOT}/docs") if f.endswith(".md"))
for path in files:
    for m in re.finditer(r"^```fconn([^\n]*)\n(.*?)^```$", open(path, encoding="utf-8").read(), re.M | re.S):
        words = m.group(1).split(); kind = words[0] if words else "file"; line = open(path, encoding="utf-8").read()[: m.start()].count("\n") + 1
        with tempfile.TemporaryDirectory() as tmp:
            name = f"{tmp}/example.test.fconn" if kind == "test" else f"{tmp}/example.fconn"
            open(name, "w", encoding="utf-8").write(whole(kind, m.group(2).rstrip("\n")) if kind not in ("file", "test", "wrong") else m.group(2))
            verb = ["fmt", "--check"] if kind == "test" else ["check"]
            p = subprocess.run([FCONN, *verb, name], capture_output=True, text=True)
        out = p.stdout + p.stderr
        good = (p.returncode == 1 and words[1] in out) if kind == "wrong" else ("error[" not in out and p.returncode in (0, 1 if kind == "test" else 0))
        if good: passed += 1
        else: failed.append(f"{os.path.relpath(path, ROOT)}:{line} ({kind}):\n{out}")
print("\n".join(failed)); print(f"{passed} examples passed, {len(failed)} failed")
sys.exit(1 if failed or not passed else 0)
