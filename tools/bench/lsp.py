#!/usr/bin/env python3
"""What a keystroke costs: from didChange to publishDiagnostics, over the server's pipes, as an editor sees it. Every
keystroke is analysed; nothing waits for a pause. Usage: lsp.py --fconn BIN [--lines 2000] [--keys 200] [--json FILE]

Types a clause into the middle of a connector of so many lines, letter by letter (most of these texts are wrong), and
takes it away again; once alone, once in a library file that the open connector uses. Also asks for completion at
every letter. Beside the time by the clock, which other programs lengthen, stands what the server computed itself. Prints,
judges nothing; docs/lsp.md says what is held.
"""
import argparse, json, os, statistics, sys, tempfile, time
import gen_connectors
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "lsp"))
from client import Client, position, uri

CLAUSE = 'fail when .error != null "the API says: {.error.message ?? "nothing"}"'


def connector(lines):
    text, number = gen_connectors.HEAD, 0
    while text.count("\n") < lines:
        text += gen_connectors.usual(number, True)
        number += 1
    return text + "}\n"


def computed(client):
    """Milliseconds that the server was on a processor."""
    with open(f"/proc/{client.process.pid}/schedstat") as stat: return int(stat.read().split()[0]) / 1e6


def type_in(client, path, text, at, typed, ask):
    """Milliseconds of each keystroke, by the clock and computed, and of each completion."""
    keys, cpu, completions, version = [], [], [], 2
    steps = [(i, typed[i], 0) for i in range(len(typed))] + [(i, "", 1) for i in reversed(range(len(typed)))]
    for i, letter, removed in steps:
        start, end = position(text, at + i), position(text, at + i + removed)
        text = text[:at + i] + letter + text[at + i + removed:]
        client.texts[path] = text
        change = {"textDocument": {"uri": uri(path), "version": version},
                  "contentChanges": [{"range": {"start": start, "end": end}, "text": letter}]}
        version += 1
        begin, before = time.perf_counter(), computed(client)
        client.tell("textDocument/didChange", change)
        client.diagnostics(path)
        keys.append((time.perf_counter() - begin) * 1000)
        cpu.append(computed(client) - before)
        client.notes.clear()
        if ask and not removed:
            begin = time.perf_counter()
            client.request("textDocument/completion", client.at(path, at + i + 1))
            completions.append((time.perf_counter() - begin) * 1000)
            client.notes.clear()
    return keys, cpu, completions


def line(title, taken):
    taken = sorted(taken)
    result = {"median_ms": statistics.median(taken), "p99_ms": taken[int(len(taken) * 0.99)], "max_ms": taken[-1], "n": len(taken)}
    print(f"{title:<44} median {result['median_ms']:6.2f} ms   99 % {result['p99_ms']:6.2f} ms   most {result['max_ms']:6.2f} ms   ({len(taken)})")
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--json")
    args = parser.parse_args()
    result = {}
    with tempfile.TemporaryDirectory() as root:
        client = Client(os.path.abspath(args.fconn), cwd=root, env={"XDG_CACHE_HOME": root})
        client.start(root)
        path, library = os.path.join(root, "made.fconn"), os.path.join(root, "lib.fconn")
        text = 'use "lib.fconn"\n\n' + connector(args.lines)
        lib = "fn tidy(text) = text | trim | lower\n"
        client.open(library, lib)
        client.open(path, text)
        middle = text.index("      rows     .items", len(text) // 2)
        text = text[:middle] + "      \n" + text[middle:]
        client.retype(path, text)
        print(f"{text.count(chr(10))} lines, {len(text)} bytes")
        keys, cpu, completions = [], [], []
        while len(keys) < args.keys:
            more = type_in(client, path, text, middle + 6, CLAUSE, ask=not completions)
            for taken, part in zip((keys, cpu, completions), more): taken += part
        result["keystroke"] = line("a keystroke in the connector", keys)
        result["keystroke_cpu"] = line("  of it computed", cpu)
        result["completion"] = line("completion at each letter", completions)
        keys, cpu, _ = type_in(client, library, lib, len(lib), "fn more(x) = x | trim", False)
        result["library"] = line("a keystroke in a file that it uses", keys)
        result["library_cpu"] = line("  of it computed", cpu)
        client.end()
    if args.json:
        with open(args.json, "w") as out: json.dump(result, out, indent=1)


if __name__ == "__main__": main()
