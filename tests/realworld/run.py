#!/usr/bin/env python3
"""Reads real servers with the program and compares every row with what was seeded.

usage: run.py --fconn BIN --server NAME [--state DIR]
Installs the server where that is possible (npm, apt); ends with 77 (skipped) where it isn't.
"""
import argparse
import collections
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

import auth_servers

HERE = pathlib.Path(__file__).resolve().parent
BLUE = "team/blue one"  # a virtual host's name that needs encoding


class Checks:
    def __init__(self):
        self.passed = 0
        self.failures = []

    def that(self, holds, text):
        if holds:
            self.passed += 1
        else:
            self.failures.append(text)
            print(f"FAIL {text}")

    def rows(self, title, got, wanted):
        """Equal as multisets of values."""
        g, w = (collections.Counter(json.dumps(r, sort_keys=True) for r in rows)
                for rows in (got, wanted))
        self.that(g == w, f"{title}: {len(got)} rows, seeded {len(wanted)}; missing "
                  f"{list(w - g)[:1]}, unexpected {list(g - w)[:1]}")


class Program:
    def __init__(self, fconn, connector, options, folder, port):
        self.fconn, self.connector, self.options, self.folder = fconn, connector, options, folder
        self.port = port

    def run(self, verb, *options):
        """Exit code, collection -> rows, collection -> state, the trace as text."""
        names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        env = dict(os.environ, HOME=str(self.folder),
                   **{n: str(self.folder / "xdg") for n in names})
        done = subprocess.run(
            [self.fconn, verb, str(HERE / f"{self.connector}.fconn"), *self.options, *options,
             "--summary", "summary.json", "--trace", "trace.ndjson"],
            capture_output=True, text=True, timeout=180, cwd=self.folder, env=env)
        if done.returncode != 0:
            print(f"{self.connector} {verb}: exit code {done.returncode}\n{done.stderr[-2000:]}")
        rows = collections.defaultdict(list)
        for line in done.stdout.splitlines():
            row = json.loads(line)
            rows[row["collection"]].append(row["row"])
        summary = json.loads((self.folder / "summary.json").read_text())
        states = {k.split(":")[-1]: v["state"] for k, v in summary["collections"].items()}
        return done.returncode, rows, states, (self.folder / "trace.ndjson").read_text()


def json_server(program, checks, seed):
    code, rows, states, trace = program.run("read")
    checks.that(code == 0, "json_server read: exit code 0")
    for name in ("users", "orders", "items", "tickets"):
        checks.rows(f"json_server {name}", rows[name], seed[name])
        checks.that(states[name] == "complete", f"json_server {name} is complete")
    checks.that(states["person"] == "skipped", "without an identity nobody is looked up")
    checks.that("_page=2" in trace, "further pages were asked for")
    for number in (8, 33):
        person = seed["users"][number - 1]
        orders = [o for o in seed["orders"] if o["userId"] == number]
        ids = {o["id"] for o in orders}
        code, rows, states, trace = program.run(
            "access", "--identity", f"email={person['email']}", "--collection", "person_items",
            "--collection", "person_tickets")
        title = f"json_server access of {person['email']}"
        checks.that(code == 0, f"{title}: exit code 0")
        if "person" in rows:
            checks.rows(f"{title}, person", rows["person"], [person])
        if "person_orders" in rows:
            checks.rows(f"{title}, orders", rows["person_orders"], orders)
        checks.rows(f"{title}, items", rows["person_items"],
                    [i for i in seed["items"] if i["orderId"] in ids])
        checks.rows(f"{title}, tickets", rows["person_tickets"],
                    [t for t in seed["tickets"] if t["requester_email"] == person["email"]])
        checks.that("/tickets?requester_email=person" in trace, f"{title}: tickets by address")
    code, rows, states, _ = program.run("access", "--identity", "email=nobody+x@example.test",
                                        "--collection", "person_items")
    checks.that(code == 0 and not rows["person"], "an address that nobody has gives no row")


def rabbitmq_seed():
    queues = [{"name": f"queue.{i:02}", "vhost": "/", "durable": True, "auto_delete": False,
               "arguments": {"x-max-length": i * 10}} for i in range(1, 48)]
    queues += [{"name": f"jobs/{i}", "vhost": BLUE, "durable": True, "auto_delete": False,
                "arguments": {}} for i in range(1, 6)]
    bindings = [{"source": "", "vhost": q["vhost"], "destination": q["name"],
                 "destination_type": "queue", "routing_key": q["name"], "arguments": {},
                 "properties_key": q["name"]} for q in queues]
    users = [{"name": "admin", "tags": ["administrator"]}]
    users += [{"name": f"person{i:02}@example.test", "tags": ["monitoring"] if i % 5 == 0 else []}
              for i in range(1, 34)]
    permissions = [{"user": u["name"], "vhost": "/", "configure": "^$", "write": ".*",
                    "read": ".*"} for u in users[1:]]
    permissions += [{"user": "admin", "vhost": v, "configure": ".*", "write": ".*", "read": ".*"}
                    for v in ("/", BLUE)]
    return {"queues": queues, "bindings": bindings, "users": users, "permissions": permissions}


def without(rows, *names):
    """Rows without what the server makes up itself."""
    return [{k: v for k, v in row.items() if k not in names} for row in rows]


def rabbitmq(program, checks, _):
    seed = rabbitmq_seed()
    code, rows, states, trace = program.run("read")
    checks.that(code == 0, "rabbitmq read: exit code 0")
    checks.that(sorted(v["name"] for v in rows["vhosts"]) == ["/", BLUE], "both virtual hosts")
    checks.rows("rabbitmq queues", rows["queues"], seed["queues"])
    # A name with a slash has it escaped in properties_key (%2F); compared by the other fields.
    checks.rows("rabbitmq bindings", without(rows["bindings"], "properties_key"),
                without(seed["bindings"], "properties_key"))
    made = ("password_hash", "hashing_algorithm", "limits")
    checks.rows("rabbitmq users", without(rows["users"], *made), seed["users"])
    checks.rows("rabbitmq permissions", rows["permissions"], seed["permissions"])
    for name in ("vhosts", "queues", "bindings", "users", "permissions"):
        checks.that(states[name] == "complete", f"rabbitmq {name} is complete")
    checks.that("/api/queues/team%2Fblue%20one/jobs%2F3/bindings" in trace,
                "slashes and spaces of names are encoded in the path")
    checks.that("/api/queues/%2F/queue.07/bindings" in trace, "the virtual host / is encoded")
    checks.that("admin-fconn-1" not in trace, "the password isn't in the trace")
    for address in ("person07@example.test", "person15@example.test"):
        code, rows, states, _ = program.run("access", "--identity", f"email={address}",
                                            "--collection", "person",
                                            "--collection", "person_permissions")
        checks.that(code == 0, f"rabbitmq access of {address}: exit code 0")
        checks.rows(f"rabbitmq access of {address}", without(rows["person"], *made),
                    [u for u in seed["users"] if u["name"] == address])
        checks.rows(f"rabbitmq permissions of {address}", rows["person_permissions"],
                    [p for p in seed["permissions"] if p["user"] == address])
    code, rows, states, _ = program.run("access", "--identity", "email=a/b c@example.test",
                                        "--collection", "person")
    checks.that(code == 0 and not rows["person"], "an unknown user is skipped, whatever its name")


def free_port(count):
    """The first of `count` free neighbouring ports."""
    for port in range(18200, 18900, count):
        held = []
        try:
            for i in range(count):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", port + i))
            return port
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise RuntimeError("no free port")


SERVERS = {"json_server": (json_server, 1, {}),
           "rabbitmq": (rabbitmq, 3, {"password": "admin-fconn-1"}),
           "oidc_provider": (auth_servers.oidc_provider, 2, None),
           "apache": (auth_servers.apache, 1, None),
           "directus": (auth_servers.directus, 1, None)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--server", required=True, choices=sorted(SERVERS))
    parser.add_argument("--state", default=os.path.join(tempfile.gettempdir(), "fconn-realworld"))
    arguments = parser.parse_args()
    test, ports, secrets = SERVERS[arguments.server]
    scripts = HERE / arguments.server
    state = pathlib.Path(arguments.state).resolve() / arguments.server
    state.mkdir(parents=True, exist_ok=True)
    port = free_port(ports)
    started = subprocess.run([scripts / "start", str(port), str(state)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if started.returncode != 0:
        print(f"{'SKIPPED: ' if started.returncode == 77 else ''}{started.stdout[-2000:]}")
        sys.exit(started.returncode)
    checks = Checks()
    try:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "secrets.json").write_text(json.dumps(secrets))
            options = ["--param", f"port={port}", "--secrets", "secrets.json"]
            seed = state / "seed.json"
            program = Program(arguments.fconn, arguments.server, options, folder, port)
            if secrets is None:  # signs in by a project of its own
                test(program, checks, state)
            else:
                test(program, checks, json.loads(seed.read_text()) if seed.exists() else None)
    finally:
        subprocess.run([scripts / "stop", str(state)])
    print(f"{checks.passed} passed, {len(checks.failures)} failed")
    sys.exit(1 if checks.failures or not checks.passed else 0)


if __name__ == "__main__":
    main()
