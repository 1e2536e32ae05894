#!/usr/bin/env python3
"""Every .fconn file of the tree is a fixed point of the formatter and passes the checker without a warning.
Usage: fconn_files.py FCONN ROOT"""
import glob, os, subprocess, sys, tempfile

fconn, root = os.path.abspath(sys.argv[1]), sys.argv[2]
files = sorted(f for d in ("stdlib", "connectors/*", "tests/engine", "tests/hostile", "tests/realworld", "tools/bench") for f in glob.glob(f"{root}/{d}/*.fconn"))
plain = [f for f in files if not f.endswith(".test.fconn")]
bad = 0
for args in (["fmt", "--check", *files], ["check", "--strict", *plain]):
    p = subprocess.run([fconn, *args], capture_output=True, text=True)
    if p.returncode: bad += 1; print(args[0], p.stdout + p.stderr)
with tempfile.TemporaryDirectory() as folder:  # what `fconn new` starts with
    for args in (["new", "shop"], ["fmt", "--check", "shop.fconn", "shop.test.fconn"], ["check", "--strict", "shop.fconn"], ["test", "shop.test.fconn"]):
        p = subprocess.run([fconn, *args], capture_output=True, text=True, cwd=folder)
        if p.returncode: bad += 1; print(args[0], p.stdout + p.stderr)
print(f"{len(files)} files, {bad} checks failed")
sys.exit(1 if bad or not files else 0)
