#!/usr/bin/env python3
"""Runs golden cases against the program: what a user types and what comes back, to the letter.

usage: run.py FCONN [CASE_OR_FOLDER…]      (default: cli/ beside this file)

A case is one file, NAME.case:

    # about: one line for the reader
    # args: check shop.fconn --format json        split as a shell would, {mock} as below
    # exit: 1
    # env: NAME=VALUE                              may repeat; {key}s aren't expanded
    # mock: mailchimp                              `fconn mock` runs meanwhile; {mock} is its URL
    # replace: REGEX => TEXT                       applied to what came back; may repeat
    === file shop.fconn                            files made before the run; may repeat
    === stdin
    === stdout                                     what is expected; absent: nothing
    === stderr
    === out rows/shop.orders.csv                   a file that the run makes; may repeat

Every case runs in an empty folder. FCONN_ACCEPT=1 writes what came back into the cases and exits with
77, which meson reports as skipped: a recording is never a pass."""
import os, re, shlex, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SECTION = re.compile(r"^=== (file|stdin|stdout|stderr|out)(?: (.+))?$")


class Case:
    def __init__(self, path):
        self.path, self.headers, self.sections = path, [], []
        body = None
        for line in open(path, encoding="utf-8", newline=""):
            mark = SECTION.match(line.rstrip("\n"))
            if mark:
                body = []
                self.sections.append([mark.group(1), mark.group(2), body])
            elif body is not None:
                body.append(line)
            elif line.startswith("# ") and ": " in line:
                key, value = line[2:].rstrip("\n").split(": ", 1)
                self.headers.append((key, value))
            elif line.strip():
                raise SystemExit(f"{path}: '{line.strip()}' is neither a header nor in a section")

    def all(self, key): return [v for k, v in self.headers if k == key]

    def one(self, key, default=None): return (self.all(key) or [default])[0]

    def section(self, kind, name=None):
        return next(("".join(b) for k, n, b in self.sections if k == kind and n == name), None)

    def write(self, got):
        with open(self.path, "w", encoding="utf-8", newline="") as out:
            for key, value in self.headers:
                out.write(f"# {key}: {got['exit'] if key == 'exit' else value}\n")
            for kind, name, body in self.sections:
                if kind in ("file", "stdin"): out.write(f"=== {kind}{' ' + name if name else ''}\n{''.join(body)}")
            for kind in ("stdout", "stderr"):
                if got[kind]: out.write(f"=== {kind}\n{ended(got[kind])}")
            for name, text in got["out"].items(): out.write(f"=== out {name}\n{ended(text)}")


def ended(text): return text if text.endswith("\n") or not text else text + "\n"


def run(case, fconn, folder):
    for kind, name, body in case.sections:
        if kind == "file":
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w", encoding="utf-8", newline="").write("".join(body))
    env = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "TMPDIR": os.environ.get("TMPDIR", "/tmp"), "LC_ALL": "C.UTF-8"}
    env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
    env.update(item.split("=", 1) for item in case.all("env"))
    mock, url = None, ""
    if case.one("mock"):
        mock = subprocess.Popen([fconn, "mock"] + shlex.split(case.one("mock")), cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
        url = mock.stdout.readline().strip().removeprefix("listening on ")
    try:
        args = [a.replace("{mock}", url) for a in shlex.split(case.one("args", ""))]
        done = subprocess.run([fconn] + args, cwd=folder, env=env, input=case.section("stdin") or "", capture_output=True, text=True, timeout=60)
    finally:
        if mock: mock.terminate(); mock.wait(10)

    def tidy(text):
        if url: text = text.replace(url, "{mock}").replace(url.split("://")[1], "{mock-host}")
        for rule in case.all("replace"):
            pattern, new = rule.split(" => ", 1)
            text = re.sub(pattern, new, text)
        return text
    got = {"exit": done.returncode, "stdout": tidy(done.stdout), "stderr": tidy(done.stderr), "out": {}}
    for kind, name, _ in case.sections:
        if kind != "out": continue
        path = os.path.join(folder, name)
        got["out"][name] = tidy(open(path, encoding="utf-8", newline="").read()) if os.path.exists(path) else "(no such file)\n"
    return got


def differences(case, got):
    found = []
    if str(got["exit"]) != case.one("exit", "0"): found.append(f"exit {got['exit']} instead of {case.one('exit', '0')}")
    wanted = [(k, None, got[k]) for k in ("stdout", "stderr")] + [("out", n, t) for n, t in got["out"].items()]
    for kind, name, text in wanted:
        expected = case.section(kind, name) or ""
        if ended(text) == expected: continue
        found.append(f"{kind} {name or ''}: expected\n{expected}--- but got\n{ended(text)}---")
    return found


def main():
    fconn = os.path.abspath(sys.argv[1])
    paths = []
    for place in sys.argv[2:] or [os.path.join(HERE, "cli")]:
        if os.path.isdir(place): paths += [os.path.join(place, n) for n in sorted(os.listdir(place)) if n.endswith(".case")]
        else: paths.append(place)
    accept, failed = os.environ.get("FCONN_ACCEPT") == "1", 0
    for path in paths:
        case = Case(path)
        with tempfile.TemporaryDirectory() as folder: got = run(case, fconn, folder)
        problems = differences(case, got)
        if accept and problems: case.write(got); print(f"recorded {os.path.basename(path)}")
        elif problems:
            failed += 1
            print(f"FAILED {os.path.basename(path)} ({case.one('about', '')})\n  " + "\n  ".join(problems))
    if accept: sys.exit(77)
    print(f"{len(paths) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not paths else 0)


if __name__ == "__main__": main()
