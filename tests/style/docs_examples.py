#!/usr/bin/env python3
"""Runs the examples of docs/*.md and README.md: every fenced ```fconn block must pass `fconn check`, and a whole file
be laid out as `fconn fmt` does. A block that is no whole file says what it is part of on its fence: ```fconn
declarations (of a connector), ```fconn collection, ```fconn request (a read's block), ```fconn expr (one expression a
line), ```fconn wrong F0203 (must give that code). ```fconn test is run with the connectors that stand before it on the
page, each in a file of its name. Usage: docs_examples.py FCONN ROOT"""
import os, re, subprocess, sys, tempfile

FCONN, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]
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


def ran(*args, cwd=None):
    p = subprocess.run([FCONN, *args], capture_output=True, text=True, cwd=cwd)
    return p.returncode, p.stdout + p.stderr


passed, failed = 0, []
files = [f"{ROOT}/README.md"] + sorted(f"{ROOT}/docs/{f}" for f in os.listdir(f"{ROOT}/docs") if f.endswith(".md"))
for path in files:
    page, connectors = open(path, encoding="utf-8").read(), {}
    for m in re.finditer(r"^```fconn([^\n]*)\n(.*?)^```$", page, re.M | re.S):
        words = m.group(1).split(); kind = words[0] if words else "file"; line = page[: m.start()].count("\n") + 1
        with tempfile.TemporaryDirectory() as tmp:
            name = f"{tmp}/example.test.fconn" if kind == "test" else f"{tmp}/example.fconn"
            open(name, "w", encoding="utf-8").write(whole(kind, m.group(2).rstrip("\n")) if kind not in ("file", "test", "wrong") else m.group(2))
            if kind == "test":
                for known, text in connectors.items(): open(f"{tmp}/{known}.fconn", "w", encoding="utf-8").write(text)
                code, out = ran("fmt", "--check", name)
                if code == 0: code, out = ran("test", name, cwd=tmp)
            else:
                code, out = ran("check", name)
            if kind == "file" and code == 0:
                declared = re.search(r"^connector (\w+)", m.group(2), re.M)
                if declared: connectors[declared[1]] = m.group(2)
                code, out = ran("fmt", "--check", name)
        good = (code == 1 and words[1] in out) if kind == "wrong" else (code == 0 and "error[" not in out)
        if good: passed += 1
        else: failed.append(f"{os.path.relpath(path, ROOT)}:{line} ({kind}):\n{out}")
print("\n".join(failed)); print(f"{passed} examples passed, {len(failed)} failed")
sys.exit(1 if failed or not passed else 0)
