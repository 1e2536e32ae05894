#!/usr/bin/env python3
"""Measures start-up and compile speed. Usage: startup.py --fconn BIN [--compile-bench BIN] [--rounds 40] [--json FILE]

Start-up: verbs that send nothing, against an empty program that is linked with the same libraries; runs alternate,
medians. Compile speed: compile_bench over the bundled connectors and over generated ones. Prints, judges nothing.
"""
import argparse, json, os, re, statistics, subprocess, sys, tempfile, time
import gen_connectors

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CHECKED = os.path.join(ROOT, "connectors", "mailchimp", "mailchimp.fconn")
COMMANDS = [["--version"], ["help"], ["check", CHECKED], ["fmt", "--check", CHECKED], ["show", "mailchimp"],
            ["compile", "mailchimp"], ["compile", "stripe"], ["explain", "F0203"]]


def needed(program):
    """The libraries that a program names itself."""
    out = subprocess.run(["readelf", "-d", program], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", out)


def empty_program(folder, fconn):
    source, program = os.path.join(folder, "empty.cc"), os.path.join(folder, "empty")
    with open(source, "w") as out: out.write("int main() {}\n")
    libraries = [f"-l:{name}" for name in needed(fconn) if not name.startswith("ld-linux")]
    subprocess.run(["g++", "-O2", source, "-o", program, "-Wl,--no-as-needed", *libraries], check=True)
    return program


def once(command, null):
    begin = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ,
                         file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status): sys.exit(f"{' '.join(command)}: status {os.waitstatus_to_exitcode(status)}")
    return (time.perf_counter() - begin) * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def start_up(fconn, rounds):
    with tempfile.TemporaryDirectory() as folder:
        commands = [[empty_program(folder, fconn)]] + [[fconn, *rest] for rest in COMMANDS]
        null = os.open(os.devnull, os.O_RDWR)
        times = [[] for _ in commands]
        for _ in range(rounds):
            for command, taken in zip(commands, times): taken.append(once(command, null))
    walls = [statistics.median(wall for wall, _ in taken) for taken in times]
    cpus = [statistics.median(cpu for _, cpu in taken) for taken in times]
    print(f"{'ms':>8} {'above empty':>12} {'CPU ms':>8}")
    result = {}
    for command, wall, cpu in zip(commands, walls, cpus):
        words = ["empty program"] if len(command) == 1 else ["fconn", *command[1:]]
        label = " ".join(os.path.relpath(word, ROOT) if word == CHECKED else word for word in words)
        print(f"{wall:8.2f} {wall - walls[0]:12.2f} {cpu:8.2f}  {label}")
        result[label] = {"ms": wall, "above_empty_ms": wall - walls[0], "cpu_ms": cpu}
    return result


def compile_speed(bench, rounds):
    connectors = sorted(os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(ROOT, "connectors"))
                        for name in names if name.endswith(".fconn") and not name.endswith(".test.fconn"))
    with tempfile.TemporaryDirectory() as folder:
        result = {}
        for title, files in (("bundled", connectors), ("generated", gen_connectors.write(folder))):
            print(f"\n{title} connectors: parse, check and compile")
            out = subprocess.run([bench, "--rounds", str(rounds), *files], check=True, capture_output=True, text=True).stdout
            out = out.replace(ROOT + os.sep, "").replace(folder + os.sep, "")
            print(out, end="")
            for time_, lines, name in re.findall(r"([\d.]+) ms +(\d+) lines .* (\S+)\n", out):
                result[f"{title}/{name}"] = {"ms": float(time_), "lines": int(lines)}
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--compile-bench")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json")
    args = parser.parse_args()
    result = {"startup": start_up(os.path.abspath(args.fconn), args.rounds)}
    if args.compile_bench: result["compile"] = compile_speed(os.path.abspath(args.compile_bench), max(args.rounds // 4, 5))
    if args.json:
        with open(args.json, "w") as out: json.dump(result, out, indent=1)


if __name__ == "__main__": main()
