#!/usr/bin/env python3
"""Verbs that send nothing load only what they need: the dynamic loader is asked for what it loaded. One verb that does send
shows that the question finds libraries that are loaded later, and what
is said when one is missing. Usage: libraries.py FCONN ROOT"""
import os, re, subprocess, sys, tempfile

FCONN, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]
ALLOWED = re.compile(r"(ld-linux.*|lib(c|m|gcc_s|stdc\+\+|re2|simdjson|asan|ubsan|lsan|tsan|dl|pthread|rt))\.so")
FILE = os.path.join(ROOT, "connectors/mailchimp/mailchimp.fconn")
OFFLINE = [["--version"], ["help"], ["help", "access"], ["check", FILE], ["fmt", "--check", FILE], ["compile", "stripe"],
           ["compile", "mailchimp", "--emit", "plan"], ["show", "mailchimp"], ["connectors"], ["graph", "stripe"],
           ["explain", "F0203"], ["completion", "bash"], ["new", "shop"], ["repl", "mailchimp"],
           ["import", "fides", os.path.join(ROOT, "tests/import/acme_config.yml"), "-o", "acme.fconn"]]
SENDING = ["access", "mailchimp", "--identity", "email=a@example.com", "--param", "domain=us1.api.mailchimp.com", "--param",
           "username=a", "--secret-env", "api_key=KEY", "--send-to", "http://127.0.0.1:1"]


def loaded(arguments, **more):
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": os.path.join(folder, "loader"), "KEY": "k", **more}
        os.mkdir(os.path.join(folder, "empty"))
        run = subprocess.run([FCONN, *arguments], cwd=os.path.join(folder, "empty"), env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        text = "".join(open(os.path.join(folder, name), errors="replace").read() for name in os.listdir(folder) if name.startswith("loader"))
    return run, {os.path.basename(path) for path in re.findall(r"calling init: (\S+)", text)}


problems = []
for arguments in OFFLINE:
    run, libraries = loaded(arguments)
    if run.returncode: problems.append(f"fconn {' '.join(arguments)}: status {run.returncode}: {run.stderr}")
    extra = sorted(name for name in libraries if not ALLOWED.match(name))
    if extra: problems.append(f"fconn {' '.join(arguments)} loads {', '.join(extra)}")
    if not any(name.startswith("libc.so") for name in libraries): problems.append(f"fconn {' '.join(arguments)}: the loader said nothing")
run, libraries = loaded(SENDING)
if not any(name.startswith("libcurl.so") for name in libraries): problems.append(f"a run that sends loads no libcurl: {run.stderr}")
with tempfile.TemporaryDirectory() as folder:
    open(os.path.join(folder, "libcurl.so.4"), "w").close()  # found first, and no library
    run, _ = loaded(SENDING, LD_LIBRARY_PATH=folder)
    if run.returncode == 0 or "libcurl4" not in run.stderr: problems.append(f"a run without libcurl doesn't say so: {run.stderr}")
print("\n".join(problems))
print(f"{len(OFFLINE)} commands, {len(problems)} problems")
sys.exit(1 if problems else 0)
