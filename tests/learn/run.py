#!/usr/bin/env python3
"""Learns from a server with the tables of json-server's kind: the patch applies, checks, is laid out, and the connector that it
makes reads every page.

usage: run.py --fconn BIN
"""
import argparse
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.parse

USERS = [{"id": i, "email": f"person{i}@example.test", "name": f"First{i} Last{i}", "active": i % 3 != 0,
          "created_at": f"2024-01-{i:02}T00:00:00Z", "address": {"city": "Oslo", "zip": f"{i:05}"}, "note": None if i % 2 else "x"}
         for i in range(1, 24)]
ORDERS = [{"id": 100 + i, "userId": 1 + i % 23, "total": 10.5 * i, "lines": [{"sku": "a", "qty": 1}]} for i in range(31)]
TICKETS = [{"id": f"ticket-{i}", "requester_email": USERS[i % 23]["email"], "status": "open"} for i in range(17)]
SIZE = 5
CONNECTOR = """connector tables "Tables" {
  param port: int

  client { base "http://127.0.0.1:{port}" }

  ## Everybody.
  collection users { read GET /users }

  collection orders {
    read GET /orders { query { offset: 0, limit: 5 } }
    # Known already.
    fields default @system.operations { id: int key }
  }

  collection tickets {
    read GET /tickets {
      rows .data
    }
  }
}
"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        query, link = dict(urllib.parse.parse_qsl(query)), None
        if path == "/users":
            page = int(query.get("page", 1))
            body = USERS[(page - 1) * SIZE:page * SIZE]
            if page * SIZE < len(USERS):
                link = f'</users?page={page + 1}>; rel="next"'
        elif path == "/orders":
            at = int(query["offset"])
            body = ORDERS[at:at + int(query["limit"])]
        elif path == "/stuck":
            body = {"data": [{"id": 1}, {"id": 2}], "next_page_token": "again"}
        elif path == "/whole":
            body = {"data": [{"id": 1}], "next_page_token": None}
        else:
            at = int(query.get("cursor", 0))
            more = at + SIZE < len(TICKETS)
            body = {"data": TICKETS[at:at + SIZE], "paging": {"cursor": str(at + SIZE) if more else None, "has_more": more}}
        data = json.dumps({"items": body, "total": len(ORDERS)} if path == "/orders" else body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if link:
            self.send_header("Link", link)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def expect(condition, what):
    if not condition:
        sys.exit(f"FAIL: {what}")


WRITTEN_OUT = """connector shop "Shop" {
  param domain: host

  client { base "https://{domain}/v1" }

  collection users { read GET /users }

  collection orders { read GET /users/7/orders }

  collection notes {
    read GET /notes {
      query { user: 7, sort: "new" }
    }
  }

  collection lists { read GET /lists/1 }
}
"""


def written_out_keys(run, folder):
    """A browser's HAR shows what was asked for other keys than the one that is written out."""
    def entry(path, body):
        return {"request": {"method": "GET", "url": "https://api.shop.example/v1" + path, "headers": []},
                "response": {"status": 200, "headers": [], "content": {"mimeType": "application/json", "size": 9, "text": json.dumps(body)}}}

    entries = [entry("/users", [{"id": 7, "email": "a@e.example"}, {"id": 9, "email": "b@e.example"}]),
               entry("/users/7/orders", [{"id": 71}]), entry("/users/9/orders", [{"id": 91}, {"id": 92}]),
               entry("/notes?user=7&sort=new", [{"id": 1}]), entry("/notes?user=9&sort=new", []),
               entry("/lists/1", [{"id": 5}]), entry("/lists/2", [{"id": 6}])]
    (folder / "browser.har").write_text(json.dumps({"log": {"entries": entries}}))
    (folder / "shop.fconn").write_text(WRITTEN_OUT)
    run("fmt", "shop.fconn")
    done = run("learn", "browser.har", "shop.fconn", "--param", "domain=api.shop.example")
    expect(done.returncode == 0, done.stderr)
    lines = done.stdout.splitlines()
    for line in ("-    read GET /users/7/orders", "+    for u in users", "+    read GET /users/{u.id}/orders",
                 "+      query { user: u.id, sort: \"new\" }"):
        expect(line in lines, f"{line}\n{done.stdout}")
    expect(lines.count("+    for u in users") == 2 and "offset" not in done.stdout, done.stdout)
    expect("+    for l in" not in done.stdout and "-    read GET /lists/1" not in lines, "1 and 2 are no keys of another collection")
    expect("# orders: `for u in users` in the place of a key that was written out: 2 values were asked for" in done.stdout, done.stdout)
    expect((folder / "shop.fconn").read_text().count("/users/7/orders") == 1, "nothing is written without --write")
    run("learn", "browser.har", "shop.fconn", "--param", "domain=api.shop.example", "--write")
    rows = [json.loads(line) for line in run("replay", "browser.har", "shop.fconn", "--param", "domain=api.shop.example").stdout.splitlines()]
    expect(sorted(r["row"]["id"] for r in rows if r["collection"] == "orders") == [71, 91, 92], rows)
    again = run("learn", "browser.har", "shop.fconn", "--param", "domain=api.shop.example")
    expect("# nothing to add" in again.stdout, again.stdout)


GUESSED = """connector guessed "Guessed" {
  param port: int

  client { base "http://127.0.0.1:{port}" }

  collection tickets { read GET /tickets { rows .data } }

  collection stuck {
    read GET /stuck {
      rows .data
    }
  }

  collection whole { read GET /whole { rows .data } }
}
"""


def tried_pages(run, folder, port):
    """Guesses are tried where that is asked for: one that fails isn't proposed."""
    file = folder / "guessed.fconn"
    file.write_text(GUESSED)
    run("fmt", file.name)
    words = ("learn", file.name, "--param", f"port={port}")
    untried = run(*words)
    expect(untried.stdout.count("+      paginate") == 3 and "tried" not in untried.stdout, untried.stdout)
    done = run(*words, "--try-pages")
    lines = done.stdout.splitlines()
    expect("# tickets: tried, and what was guessed brought other rows" in lines, done.stdout + done.stderr)
    expect("# stuck: tried, and the read failed with the pagination that was guessed, so it isn't proposed" in lines, done.stdout)
    expect("# whole: tried, and it brought no other rows; the answers may have been all there is" in lines, done.stdout)
    expect(done.stdout.count("+      paginate") == 2 and "take" not in done.stdout, done.stdout)
    expect("pagination loop" in done.stderr, done.stderr)
    expect(file.read_text().count("paginate") == 0, "nothing is written without --write")
    run("record", file.name, "--param", f"port={port}", "-o", "guessed.har")
    expect(run("learn", "guessed.har", file.name, "--try-pages").returncode == 2, "a recording can't be asked")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    fconn = os.path.abspath(parser.parse_args().fconn)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "tables.fconn"
        text = CONNECTOR.replace("limit: 5 } }", "limit: 5 }\n      rows .items\n    }")
        file.write_text(text)

        def run(*words):
            return subprocess.run([fconn, *map(str, words)], capture_output=True, text=True, timeout=60, cwd=folder,
                                  env={**os.environ, "HOME": folder})

        run("fmt", file)
        before = file.read_text()
        live = run("learn", file.name, "--param", f"port={port}")
        expect(live.returncode == 0, live.stderr)
        expect(file.read_text() == before, "nothing is written without --write")
        for row in USERS:
            expect(row["email"] not in live.stdout and row["name"] not in live.stdout, "no value of a row is shown")
        for line in ("+    read GET /users { paginate link_header }", '+      paginate cursor(.paging.cursor, "cursor", has_more: .paging.has_more)',
                     '+      paginate offset("offset", by: 5, total: .total)', "+      email: string @user.contact.email",
                     "+      name: string @user.name", "+      created_at: datetime", "+      requester_email: string @user.contact.email"):
            expect(line in live.stdout.splitlines(), f"{line}\n{live.stdout}")
        expect("+      id: string key" in live.stdout.splitlines(), "a ticket's id is no person's")
        expect("# orders.userId refers to users.id" in live.stdout, live.stdout)
        expect(not [line for line in live.stdout.splitlines() if line.startswith("-") and "Known" in line], "comments stay")

        recorded = run("record", file.name, "--param", f"port={port}", "-o", "tables.har")
        expect(recorded.returncode == 0, recorded.stderr)
        from_har = run("learn", "tables.har", file.name)
        expect(from_har.stdout == live.stdout, f"a recording shows the same\n{from_har.stdout}\n{from_har.stderr}")

        patched = subprocess.run(["patch", file.name], input=live.stdout, capture_output=True, text=True, cwd=folder)
        expect(patched.returncode == 0 and "fuzz" not in patched.stdout, patched.stdout + patched.stderr)
        by_patch = file.read_text()
        file.write_text(before)
        written = run("learn", file.name, "--param", f"port={port}", "--write")
        expect(written.returncode == 0 and file.read_text() == by_patch, "--write does what the patch does")
        checked = run("check", "--format", "text", file.name)
        expect(checked.returncode == 0 and not checked.stderr, checked.stderr)
        expect(run("fmt", "--check", file.name).returncode == 0, "laid out")
        rows = [json.loads(line) for line in run("read", file.name, "--param", f"port={port}").stdout.splitlines()]
        counts = {c: sum(1 for r in rows if r["collection"] == c) for c in ("users", "orders", "tickets")}
        expect(counts == {"users": len(USERS), "orders": len(ORDERS), "tickets": len(TICKETS)}, counts)
        again = run("learn", file.name, "--param", f"port={port}")
        expect("# nothing to add" in again.stdout, again.stdout)
        written_out_keys(run, pathlib.Path(folder))
        tried_pages(run, pathlib.Path(folder), port)
    print("ok")


main()
