#!/usr/bin/env python3
"""Does what docs/tutorial.md says, in an empty folder: makes its files, runs its commands, compares what they print.

usage: tutorial.py FCONN PAGE

A block whose line above is `NAME`: is a file. ```sh blocks are run in order by bash, in one environment, and must succeed
(```sh exit N: must end so). A ```text block is what the commands before it print, standard output and standard error
together; a line … stands for any lines, … within a line for any text. The page's port is exchanged for a free one."""
import os, re, signal, socket, subprocess, sys, tempfile, time

FCONN, PAGE = os.path.abspath(sys.argv[1]), sys.argv[2]
WRITTEN_PORT = "8080"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


def pattern(text):
    """The expected text as a regular expression."""
    out = ""
    for line in text.splitlines():
        if line.strip() == "…": out += r"(?:.*\n)*?"
        else: out += ".*?".join(re.escape(part) for part in line.split("…")) + r"\n"
    return re.compile(out + r"\Z")


def wait_for(port):
    """Until somebody listens: what is begun with & has no other way to say so."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", int(port))) == 0: return
        time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def main():
    page, port = open(PAGE, encoding="utf-8").read(), free_port()
    blocks = [(m.group(2), m.group(3), page[: m.start(2)].count("\n") + 1, m.group(1))
              for m in re.finditer(r"(?:^`([^`\n]+)`:\n\n)?^```([^\n]*)\n(.*?)^```$", page, re.M | re.S)]
    printed, commands, files, groups = None, 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "bin")); os.symlink(FCONN, os.path.join(folder, "bin", "fconn"))
        work = os.path.join(folder, "work"); os.mkdir(work)
        environment = {"PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8",
                       "NO_COLOR": "1"}
        kept = os.path.join(folder, "environment")
        open(kept, "w").close()
        try:
            for info, text, line, name in blocks:
                text = text.replace(WRITTEN_PORT, port)
                where = f"{PAGE}:{line}"
                if name:
                    open(os.path.join(work, name), "w", encoding="utf-8").write(text); files += 1
                elif info.split()[:1] == ["sh"]:
                    want = int(info.split()[2]) if info.split()[1:2] == ["exit"] else 0
                    log = os.path.join(folder, "log")
                    script = f"set -e\n. {kept}\n{text}\nexport -p > {kept}\n"
                    with open(log, "wb") as out:
                        done = subprocess.Popen(["bash", "-c", script], cwd=work, env=environment, stdin=subprocess.DEVNULL,
                                                stdout=out, stderr=out, start_new_session=True)
                        groups.append(done.pid)
                        code = done.wait(timeout=120)
                    printed = open(log, encoding="utf-8").read(); commands += 1
                    if code != want: raise SystemExit(f"{where}: exit code {code}, expected {want}:\n{text}\n{printed}")
                    if text.rstrip().endswith("&"): wait_for(port)
                elif info == "text":
                    if printed is None: raise SystemExit(f"{where}: no command stands before this")
                    if not pattern(text).match(printed):
                        raise SystemExit(f"{where}: expected\n{text}\nand what came is\n{printed}")
        finally:
            for group in groups:
                try: os.killpg(group, signal.SIGKILL)
                except ProcessLookupError: pass
    print(f"{commands} blocks of commands, {files} files")
    return 0 if commands > 8 and files == 3 else 1


sys.exit(main())
