#!/usr/bin/env python3
"""Measures fconn against the floor (floor.cc): the same pages from nginx on loopback, runs alternate,
medians, ratios. Usage: bench.py --fconn BIN [--rounds 9] [--only NAME,…] [--run DIR] [--json FILE]

Needs Debian's nginx-light, libnginx-mod-http-lua (the delay), libsimdjson-dev, libcurl4-openssl-dev.
Data (400 MB) and servers live in DIR (default: under the temporary folder) and are made when missing.
CPU is user + system of the client with its children; RSS the client's peak. Outputs are compared as
sets of values before anything is timed.
"""
import argparse, json, os, signal, socket, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))


def sh(*args, **kw): subprocess.run(args, check=True, **kw)


def prepare(run, port):
    os.makedirs(f"{run}/tmp", exist_ok=True)
    if not os.path.exists(f"{run}/data/big/big.json"): sh("python3", f"{HERE}/gen_data.py", f"{run}/data")
    floor = f"{run}/floor"
    if not os.path.exists(floor) or os.path.getmtime(floor) < os.path.getmtime(f"{HERE}/floor.cc"):
        sh("g++", "-O3", "-march=native", "-std=c++17", "-o", floor, f"{HERE}/floor.cc", "-lsimdjson", "-lcurl")
    if not os.path.exists(f"{run}/cert.pem"):
        sh("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost", "-addext",
           "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", f"{run}/key.pem", "-out", f"{run}/cert.pem", stderr=subprocess.DEVNULL)
    conf = open(f"{HERE}/nginx.conf.in").read().replace("@RUN@", run).replace("@DELAY@", "20")
    for i in range(4): conf = conf.replace(f"@P{i}@", str(port + i))
    open(f"{run}/nginx.conf", "w").write(conf)
    try: socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError: sh("nginx", "-c", f"{run}/nginx.conf", "-p", run)


def stop(run):
    try: os.kill(int(open(f"{run}/nginx.pid").read()), signal.SIGTERM)
    except (OSError, ValueError): pass


def measure(cmd, env, out):
    """Runs once: wall s, CPU s, peak RSS MiB. Through a small process: a child's peak starts with its parent's."""
    p = subprocess.run([sys.executable, "-S", "-E", __file__, "--measure", out, *cmd], env=env, capture_output=True, text=True)
    if p.returncode: sys.exit(f"{' '.join(cmd)}: status {p.returncode}\n{p.stderr[-2000:]}")
    return json.loads(p.stdout.splitlines()[-1])


def measure_here(out, cmd):
    begin = time.monotonic()
    with open(out, "w") as stdout: pid = os.posix_spawn(cmd[0], cmd, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, stdout.fileno(), 1)])
    _, status, usage = os.wait4(pid, 0)
    print(json.dumps([time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
    sys.exit(os.waitstatus_to_exitcode(status) and 1)


def rows(path, wrapped):
    found = []
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        if wrapped:
            if row["collection"] == "customer" and "flat" not in path and "big" not in path: continue
            row = row["row"]
        found.append(json.dumps(row, sort_keys=True))
    return sorted(found)


def workloads(fconn, run, port):
    http, tls, slow = f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}", f"127.0.0.1:{port + 2}"
    def fc(name, host, *more, scheme="http"):
        return [fconn, "read", f"{HERE}/{name}.fconn", "--param", f"domain={host}", "--send-to", f"{scheme}://{host}", "-q", *more]
    def fl(*args): return [f"{run}/floor", *args]
    pages = ["--param", f"pages={json.dumps(list(range(1, 1001)))}"]
    ca = ["--ca", f"{run}/cert.pem"]
    b, o = f"http://{http}", f"{run}/floor.out"
    return {
        "flat-link": (fl("flat-link", b, o), fc("flat_link", http)),
        "flat-link raw": (fl("flat-link", b, o), fc("flat_link_raw", http)),
        "flat-page": (fl("flat-page", b, o, "16"), fc("flat_page", http, *pages)),
        "flat-page raw": (fl("flat-page", b, o, "16"), fc("flat_page_raw", http, *pages)),
        "tree": (fl("tree", b, o, "16"), fc("tree", http, "--collection", "charge")),
        "tree raw": (fl("tree", b, o, "16"), fc("tree_raw", http, "--collection", "charge")),
        "tree h2": ([f"{run}/floor", "-h2", "tree", f"https://{tls}", o, "16"], fc("tree", tls, "--collection", "charge", *ca, scheme="https")),
        "flat-page h2": ([f"{run}/floor", "-h2", "flat-page", f"https://{tls}", o, "16"], fc("flat_page", tls, *pages, *ca, scheme="https")),
        "latency 16": (fl("tree", f"http://{slow}", o, "16"), fc("tree", slow, "--collection", "charge")),
        "latency 200": (fl("tree", f"http://{slow}", o, "200"), fc("tree", slow, "--collection", "charge", "--max-parallel", "200")),
        "big": (fl("big-stream", b, o), fc("big", http)),
        "many": (None, fc("many", http)),  # ten million rows, for memory: the floor keeps no rows apart
    }


def main():
    p = argparse.ArgumentParser(); p.add_argument("--fconn", required=True); p.add_argument("--rounds", type=int, default=9)
    p.add_argument("--only", default=""); p.add_argument("--json"); p.add_argument("--port", type=int, default=18080)
    p.add_argument("--run", default=os.path.join(tempfile.gettempdir(), "fconn-perf")); a = p.parse_args()
    a.fconn = os.path.abspath(a.fconn); run = os.path.abspath(a.run); prepare(run, a.port); env = dict(os.environ, HOME=run); results = {}
    try:
        names = [n for n in workloads(a.fconn, run, a.port) if not a.only or n in a.only.split(",")]
        for name in names:
            floor, ours = workloads(a.fconn, run, a.port)[name]; out = f"{run}/fconn-{name.replace(' ', '-')}.ndjson"
            if floor is None:
                r = measure(ours, env, out)
                lines = int(subprocess.run(["wc", "-l", out], capture_output=True, text=True).stdout.split()[0])
                if lines != 10_000_000: sys.exit(f"{name}: {lines} rows")
                os.remove(out)
                results[name] = {"fconn": r}
                print(f"{name:14} wall {r[0]:.1f} s   CPU {r[1]:.1f} s   RSS {r[2]:.0f} MiB   10,000,000 rows", flush=True)
                continue
            measure(floor, env, os.devnull); measure(ours, env, out)
            if "raw" not in name and rows(f"{run}/floor.out", False) != rows(out, True): sys.exit(f"{name}: the rows differ from the floor's")
            f, o = [], []
            for i in range(a.rounds):
                for which in ((0, 1) if i % 2 else (1, 0)):
                    (f if which == 0 else o).append(measure(floor if which == 0 else ours, env, os.devnull if which == 0 else out))
            m = lambda rs, k: statistics.median(r[k] for r in rs)
            results[name] = {"floor": [m(f, k) for k in range(3)], "fconn": [m(o, k) for k in range(3)]}
            r = results[name]
            print(f"{name:14} wall {r['fconn'][0]:.3f} s = {r['fconn'][0] / r['floor'][0]:.2f} x   CPU {r['fconn'][1]:.3f} s = {r['fconn'][1] / r['floor'][1]:.2f} x   "
                  f"RSS {r['fconn'][2]:.0f} MiB (floor {r['floor'][2]:.0f})", flush=True)
        if {"latency 16", "latency 200"} <= set(results):
            print(f"latency at 200 as a share of at 16: {results['latency 200']['fconn'][0] / results['latency 16']['fconn'][0]:.2f}")
    finally: stop(run)
    if a.json: json.dump(results, open(a.json, "w"), indent=1)


if sys.argv[1:2] == ["--measure"]: measure_here(sys.argv[2], sys.argv[3:])
main()
