#!/usr/bin/env python3
"""Externals that come from another instance, over real HTTP: which instance is read when and how often, whose rows come out,
and what becomes of who waits when the other one fails.

usage: feeds.py --fconn BIN"""
import argparse, http.server, json, os, pathlib, subprocess, sys, tempfile, threading

SHOP = """connector shop {
  identity email
  client { base "https://shop.example" }
  collection customer {
    read GET /customers {
      query { email: email }
    }
    fields { id: string key, email: string @user.contact.email }
  }
  collection order {
    for c in customer
    read GET /orders/{c.id}
    fields { id: int key, lines: [{ sku: string, gift: any }], note: string }
  }
  collection other {
    read GET /other
    fields { id: string key }
  }
}
"""
MAIL = """connector mail {
  external ids: int
  client { base "https://mail.example" }
  collection message {
    for id in ids
    read GET /messages/{id}
    delete DELETE /messages/{row.id}
    fields { id: int key, to: string @user.contact.email }
  }
  collection part {
    for m in message
    read GET /parts/{m.id}
    fields { id: string key @user.content }
  }
  collection folder {
    read GET /folders
    fields { id: string key @system.operations }
  }
}
"""
ARCHIVE = """connector archive {
  external part_ids
  client { base "https://archive.example" }
  collection copy {
    for id in part_ids
    read GET /copies/{id}
    fields { id: string key }
  }
}
"""
PROJECT = """[instances.shop]
connector = "shop.fconn"
[instances.mail]
connector = "mail.fconn"
external  = { ids = { from = "shop.order.id" } }
[instances.archive]
connector = "archive.fconn"
external  = { part_ids = { from = "mail.part.id" } }
[instances.gifts]
connector = "mail.fconn"
external  = { ids = { from = "shop.order.lines.gift" } }
[instances.wrong]
connector = "mail.fconn"
external  = { ids = { from = "shop.order.note" } }
"""
BODIES = {
    "/customers?email=ada%40example.com": [{"id": "c1", "email": "ada@example.com"}, {"id": "c2", "email": "ada@example.com"}],
    "/orders/c1": [{"id": 1, "note": "a", "lines": [{"sku": "x", "gift": 4}, {"sku": "y", "gift": None}]}, {"id": 2, "note": "b"}],
    "/orders/c2": [{"id": 2, "note": "b"}, {"id": 3, "lines": [{"gift": 4}]}],
    "/other": [{"id": "o"}], "/folders": [{"id": "f"}],
}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass

    def do_GET(self):
        self.server.seen.append(self.path)
        name, _, last = self.path[1:].partition("/")
        made = {"messages": [{"id": int(last or 0), "to": "ada@example.com"}] if last.isdigit() else None, "parts": [{"id": f"p{last}"}], "copies": [{"id": last}]}
        body = BODIES.get(self.path, made.get(name))
        status = 500 if self.path in self.server.broken else 404 if body is None else 200
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class World:
    def __init__(self, fconn, folder):
        self.fconn, self.folder = fconn, pathlib.Path(folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.seen, self.server.broken = [], set()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        for name, text in {"shop.fconn": SHOP, "mail.fconn": MAIL, "archive.fconn": ARCHIVE, "fconn.toml": PROJECT}.items():
            (self.folder / name).write_text(text)

    def run(self, *args, broken=()):
        self.server.seen.clear()
        self.server.broken = set(broken)
        done = subprocess.run([self.fconn, *args, "--send-to", f"http://127.0.0.1:{self.server.server_port}", "--summary", "summary.json"],
                              cwd=self.folder, capture_output=True, text=True, timeout=60)
        rows = {}
        for line in done.stdout.splitlines():
            row = json.loads(line)
            rows.setdefault(f"{row['instance']}:{row['collection']}", []).append(row["row"].get("id", row["row"].get("to", "narrowed")))
        summary = self.folder / "summary.json"
        states = {name: one["state"] for name, one in json.loads(summary.read_text())["collections"].items()} if summary.exists() else {}
        if summary.exists(): summary.unlink()
        return done, {name: sorted(some) for name, some in rows.items()}, states

    def times(self, path): return sum(one == path for one in self.server.seen)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    fconn = os.path.abspath(parser.parse_args().fconn)
    problems, checks = [], 0

    def same(what, got, wanted):
        nonlocal checks
        checks += 1
        if got != wanted: problems.append(f"{what}: expected {wanted}, but got {got}")

    ada = ("--identity", "email=ada@example.com")
    whole = {"mail:message": [1, 2, 3], "mail:part": ["p1", "p2", "p3"], "mail:folder": ["f"]}
    with tempfile.TemporaryDirectory() as folder:
        world = World(fconn, folder)
        done, rows, states = world.run("access", "mail", *ada)
        same("one target: exit", (done.returncode, done.stderr if done.returncode else ""), (0, ""))
        same("one target: rows", rows, whole)
        same("one target: states", states, {name: "complete" for name in whole})
        same("one target: what nobody needs", world.times("/other"), 0)
        same("one target: each value once", world.times("/messages/2"), 1)

        done, rows, _ = world.run("access", "mail", "shop", *ada)
        same("both: rows", rows, {**whole, "shop:customer": ["c1", "c2"], "shop:order": [1, 2, 3], "shop:other": ["o"]})
        same("both: nothing is read twice", [one for one in set(world.server.seen) if world.times(one) > 1], [])

        done, rows, _ = world.run("access", "archive", *ada)
        same("through two: rows", rows, {"archive:copy": ["p1", "p2", "p3"]})
        done, rows, _ = world.run("access", "gifts", *ada)
        same("through a list, nulls left out", rows.get("gifts:message"), [4])

        done, rows, _ = world.run("access", "mail", "shop", *ada, "--collection", "message")
        same("--collection: rows", rows, {"mail:message": [1, 2, 3]})
        done, rows, states = world.run("access", "mail", "shop", *ada, "--target", "user.contact")
        same("policy: rows", (rows.get("mail:message"), rows.get("shop:order")), (["ada@example.com"] * 3, None))
        same("policy: states", (states.get("mail:message"), states.get("shop:order")), ("complete", "skipped"))

        done, rows, states = world.run("access", "mail", *ada, "--retries", "0", broken=["/orders/c2"])
        same("the other fails: exit", done.returncode, 3)
        same("the other fails: rows", rows, {"mail:folder": ["f"]})
        same("the other fails: states", states, {"shop:order": "failed", "mail:message": "failed", "mail:part": "failed", "mail:folder": "complete"})
        done, rows, states = world.run("access", "mail")
        same("the other has no identity", (done.returncode, rows, states["mail:message"]), (0, {"mail:folder": ["f"]}, "skipped"))
        done, rows, states = world.run("access", "wrong", *ada)
        same("values of another type", (done.returncode, states["wrong:message"]), (3, "failed"))
        same("values of another type: said", "external 'ids' of wrong takes its values from shop.order: a value isn't an integer" in done.stderr, True)

        done, _, states = world.run("access", "mail", "shop", *ada, "--format", "html", "--out", "/dev/full")
        same("rows can't be written: states", set(states.values()), {"failed"})
        same("rows can't be written: exit, and said once", (done.returncode, done.stderr.count("fconn: error")), (1, 1))

        done, rows, _ = world.run("access", "mail", "--external", "ids=7")
        same("given on the command line", (rows.get("mail:message"), world.times("/orders/c1")), ([7], 0))

        plan = world.folder / "plan.json"
        erase = ("erase", "mail", *ada, "--target", "user", "--mask", "null", "--plan", "plan.json")
        done, _, _ = world.run(*erase, "--retries", "0", broken=["/orders/c2"])
        same("erasure, the other fails", (done.returncode, plan.exists()), (1, False))
        done, _, _ = world.run(*erase)
        same("erasure: exit", (done.returncode, done.stderr if done.returncode else ""), (0, ""))
        same("erasure: planned", len(json.loads(plan.read_text())["actions"]) if plan.exists() else None, 3)
        world.server.shutdown()
    print("\n".join(problems) or f"{checks} checks, all as expected")
    return 1 if problems else 0


if __name__ == "__main__": sys.exit(main())
