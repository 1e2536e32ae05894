#!/usr/bin/env python3
"""Connectors from the documents beside this file: they pass `check --strict`, and over real HTTP they page, follow from
collection to collection, sign in and keep the person's rows as the documents suggest.

usage: run.py --fconn BIN"""
import argparse, http.server, json, os, pathlib, subprocess, sys, tempfile, threading, urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
USERS = [{"id": f"u{n}", "email": f"{name}@acme.example"} for n, name in enumerate(["ada", "bob", "ada", "cy", "dee"])]
ORDERS = {"u0": [{"number": 1}, {"number": 2}, {"number": 3}], "u2": [{"number": 1}]}
CONTACTS = [{"sid": "C1", "emailAddress": "ada@acme.example"}, {"sid": "C2", "emailAddress": "bob@acme.example"}]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass

    def send(self, body, status=200, **headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items(): self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send({"access_token": "T", "expires_in": 60} if self.path == "/token" else {}, 200 if self.path == "/token" else 404)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.server.seen.append((url.path, query))
        part = url.path.split("/")
        if url.path.startswith("/v2/"):
            if self.headers["Authorization"] != "Bearer T": return self.send({}, 401)
            if url.path == "/v2/users":
                if self.headers["X-Tenant"] != "main": return self.send({}, 400)
                at = next((i + 1 for i, u in enumerate(USERS) if u["id"] == query.get("starting_after")), 0)
                return self.send({"data": USERS[at:at + int(query["limit"])], "has_more": at + 2 < len(USERS)})
            if url.path == "/v2/search":
                at = int(query["offset"])
                return self.send({"results": [u for u in USERS if u["email"] == query["email"]][at:at + 50]} if query["kind"] == "exact" else {})
            if url.path == "/v2/me": return self.send({"id": "me"})
            if part[-1] == "orders":
                rows, page = ORDERS.get(part[3], []), int(query.get("page", 1))
                return self.send({"orders": rows[page * 2 - 2:page * 2], "total_pages": (len(rows) + 1) // 2})
            if part[-1] == "events": return self.send([{"uuid": f"{part[3]}-{part[5]}"}])
            if part[2] == "files": return self.send({"id": int(part[3])})
        elif self.headers["X-Api-Key"] == "K" and query.pop("app", "") == "K":
            if url.path == "/api/contacts.json":
                page = int(query.get("Page", 0))
                return self.send({"contacts": CONTACTS[page:page + 1], "meta": {"next_page_url": "/api/contacts.json?Page=1" if page == 0 else None}})
            if part[-1] == "notes.json":
                more = {} if query else {"Link": f'<{url.path}?Page=2>; rel="next"'}
                return self.send([{"sid": f"{part[3]}-{len(query)}"}], **more)
        self.send({"no": self.path}, 404)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    fconn = os.path.abspath(parser.parse_args().fconn)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    problems = []

    def run(*args):
        done = subprocess.run([fconn, *map(str, args)], cwd=folder, env={**os.environ, "K": "K"}, capture_output=True, text=True, timeout=60)
        if done.returncode: problems.append(f"fconn {' '.join(map(str, args))}: exit {done.returncode}\n{done.stderr}")
        return done.stdout

    def rows(name, *args):
        run("import", "openapi", HERE / name, "-o", "it.fconn")
        run("check", "--strict", "it.fconn")
        out = {}
        for line in run("access", "it.fconn", "--identity", "email=ada@acme.example", "--send-to", f"http://127.0.0.1:{server.server_port}", "--secret-env", *args).splitlines():
            row = json.loads(line)
            out.setdefault(row["collection"], []).append(row["row"])
        return {name: sorted(some, key=json.dumps) for name, some in out.items()}

    def expect(what, got, wanted):
        if got != wanted: problems.append(f"{what}: expected {wanted}, but got {got}")

    with tempfile.TemporaryDirectory() as folder:
        people = rows("people.yaml", "client_secret=K", "--param", "client_id=c", "--param", "account=a", "--external", "file_ids=[7,8]")
        ada = [USERS[0], USERS[2]]
        expect("users", people.get("users"), ada)
        expect("search", people.get("search"), ada)
        expect("orders", people.get("orders"), sorted(({**o, "user_id": u} for u in ("u0", "u2") for o in ORDERS[u]), key=json.dumps))
        expect("events", people.get("events"), [{"uuid": text} for text in ("u0-1", "u0-2", "u0-3", "u2-1")])
        expect("files", people.get("files"), [{"id": 7}, {"id": 8}])
        expect("pages of users", sum(path == "/v2/users" for path, _ in server.seen), 3)
        expect("orders of others", [path for path, _ in server.seen if path.startswith("/v2/users/u1")], [])
        legacy = rows("legacy.json", "api_key=K", "--secret-env", "app=K")
        expect("contacts", legacy.get("contacts"), CONTACTS[:1])
        expect("notes", legacy.get("notes"), [{"sid": "C1-0"}, {"sid": "C1-1"}])
    print("\n".join(problems) or f"all as expected, {len(server.seen)} requests")
    return 1 if problems else 0


if __name__ == "__main__": sys.exit(main())
