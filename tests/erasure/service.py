"""The service of the erasure tests: people, orders, tickets, devices, a newsletter and slow jobs, in memory. Every
request is logged, with what it did; `fault` may answer instead, before or after the request acted."""
import http.server
import json
import threading
import time
import urllib.parse

EMAIL = "ada.lovelace@example.com"
NAME = "Ada Lovelace"
STREET = "12 Analytical Row"
TEXT = "My engine is broken"
KEY = "sk_live_0123456789abcdef"


class Service(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, orders=3, tickets=2, devices=1, people=1):
        super().__init__(("127.0.0.1", 0), Handler)
        self.domain = f"127.0.0.1:{self.server_address[1]}"
        self.lock = threading.Lock()
        self.idle = threading.Condition(self.lock)
        self.busy = 0
        self.fault = None  # function of (method, path, count of requests that act) -> None or an action
        self.reset(orders, tickets, devices, people)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reset(self, orders, tickets, devices=0, people=1):
        with self.lock:
            self.people = {i: {"id": i, "email": EMAIL, "name": NAME if i == 1 else f"{NAME} {i}", "nick": None,
                               "plan": "gold", "seen": "monday",
                               "address": {"street": STREET, "country": "GB"}} for i in range(1, people + 1)}
            self.orders = {n: {"number": n, "ship_to": STREET, "status": "sent"} for n in range(1000, 1000 + orders)}
            self.tickets = {n: {"id": n, "text": f"{TEXT} {n}", "from": EMAIL} for n in range(1, tickets + 1)}
            self.tokens = {f"tok-{n}": n for n in range(1, 2 * devices + 1)}
            self.devices = {n: {"id": n, "tokens": [f"tok-{2 * n - 1}", f"tok-{2 * n}"]} for n in range(1, devices + 1)}
            self.lists = {name: {n: place for place, n in enumerate(self.orders, at)}
                          for name, at in (("late", 1), ("sent", 11))}  # an order's place in each
            self.people_shown = None  # function of all people -> rows of the answer
            self.subscribed = True
            self.jobs = {}
            self.job_done = False
            self.log = []   # every request: (method, path, body, status)
            self.done = []  # what acted: (method, path)

    def quiet(self):
        """Waits until no request is being answered."""
        with self.idle:
            self.idle.wait_for(lambda: self.busy == 0)

    def acts(self):
        with self.lock:
            return list(self.done)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def answer(self):
        service = self.server
        with service.lock:
            service.busy += 1
        try:
            self.respond()
        finally:
            with service.idle:
                service.busy -= 1
                service.idle.notify_all()

    def respond(self):
        service = self.server
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if len(raw) < length:  # whoever sent it died in the middle
            self.close_connection = True
            return
        body = raw.decode()
        path = urllib.parse.unquote(self.path)
        with service.lock:
            number = sum(1 for m, _, _, _ in service.log if m != "GET") + (self.command != "GET")
            fault = service.fault(self.command, path, number) if service.fault else None
            if fault == "drop":  # not even read
                service.log.append((self.command, path, body, 0))
                self.close_connection = True
                self.connection.close()
                return
            if isinstance(fault, tuple):  # (status, headers) instead of acting
                status, headers, data = fault[0], fault[1], {"error": f"fault for {EMAIL}"}
            else:
                status, data = self.act(self.command, path, body)
                headers = {}
            service.log.append((self.command, path, body, status))
        if fault == "cut":  # after acting
            self.close_connection = True
            self.connection.close()
            return
        if fault == "hang":
            time.sleep(3)
            self.close_connection = True
            return
        text = json.dumps(data).encode() if data is not None else b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def act(self, method, target, body):
        s = self.server
        path, _, query = target.partition("?")
        parts = path.strip("/").split("/")
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            return 401, {"error": "key"}
        if method == "GET":
            return self.get(parts, urllib.parse.parse_qs(query))
        given = json.loads(body) if body else {}
        status, data = 404, {"error": "not found"}
        if method == "PUT" and parts[0] == "people" and int(parts[1]) in s.people:
            merge(s.people[int(parts[1])], given)
            status, data = 200, {}
        elif method == "DELETE" and parts[0] == "people" and parts[2] == "orders" and int(parts[3]) in s.orders:
            del s.orders[int(parts[3])]
            status, data = 204, None
        elif method == "DELETE" and parts[0] == "lists" and s.lists[parts[1]].pop(int(parts[2]), None):
            status, data = 204, None
        elif method == "POST" and parts[0] == "tickets" and int(parts[1]) in s.tickets:
            merge(s.tickets[int(parts[1])], given)
            status, data = 200, {}
        elif method == "POST" and parts[0] == "unsubscribe" and s.subscribed:
            s.subscribed = False
            status, data = 202, {}
        elif method == "DELETE" and parts[0] == "tokens" and f"tok-{parts[1]}" in s.tokens:
            del s.tokens[f"tok-{parts[1]}"]
            status, data = 204, None
        elif method == "POST" and path == "/privacy/jobs":
            s.jobs[len(s.jobs) + 1] = given
            status, data = 202, {"id": len(s.jobs)}
        if status < 300:
            s.done.append((method, path))
        return status, data

    def get(self, parts, query):
        s = self.server
        if parts[0] == "people" and len(parts) == 1:
            if s.people_shown:
                return 200, {"people": s.people_shown(list(s.people.values()))}
            wanted = query.get("email", [None])[0]
            return 200, {"people": [p for p in s.people.values() if p["email"] == wanted]}
        if parts[0] == "people":
            left = {n: d for n, d in s.devices.items() if any(t in s.tokens for t in d["tokens"])}
            rows = {"orders": s.orders, "tickets": s.tickets, "devices": left}[parts[2]]
            return 200, {parts[2]: list(rows.values()) if int(parts[1]) == 1 else []}
        if parts[0] == "lists":
            places = s.lists[parts[1]].items()
            return 200, {"orders": [{"number": n, "ship_to": STREET, "place": place} for n, place in places]}
        if parts[0] == "tokens":
            found = s.tokens.get(parts[1])
            return (200, {"id": found}) if found else (404, {})
        if parts[0] == "privacy":
            return 200, {"status": "done" if s.job_done else "running"}
        return 404, {}

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


def merge(row, given):
    for key, value in given.items():
        if isinstance(value, dict) and isinstance(row.get(key), dict):
            merge(row[key], value)
        else:
            row[key] = value
