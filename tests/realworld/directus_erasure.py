"""Erases users and items of a real Directus, and reads with Directus' own API what is left."""
import json
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ADA, EVE = "ada.lovelace@example.com", "eve@example.com"


class Api:
    """Directus as its administrator sees it."""

    def __init__(self, port):
        self.base, self.token = f"http://127.0.0.1:{port}", None

    def call(self, method, path, body=None):
        for _ in range(200):
            headers = {"Content-Type": "application/json"}
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            request = urllib.request.Request(self.base + path, method=method, headers=headers,
                                             data=None if body is None else json.dumps(body).encode())
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    text = answer.read()
                    return json.loads(text)["data"] if text else None
            except urllib.error.HTTPError as error:
                if error.code == 429:
                    time.sleep(0.2)
                elif error.code == 401 and path != "/auth/login":
                    self.sign_in()
                else:
                    raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:300]}") from error
        raise RuntimeError(f"{method} {path}: too many requests")

    def sign_in(self):
        self.token = None
        self.token = self.call("POST", "/auth/login", {"email": "admin@example.com",
                                                       "password": "admin-fconn-1"})["access_token"]

    def rows(self, path, **query):
        return self.call("GET", f"{path}?{urllib.parse.urlencode(query)}")


def fill(api):
    api.sign_in()
    api.call("POST", "/collections", {"collection": "guests", "schema": {}, "meta": {}, "fields": [
        {"field": "id", "type": "integer", "meta": {}, "schema": {"is_primary_key": True, "has_auto_increment": True}},
        {"field": "mail", "type": "string", "meta": {}, "schema": {}},
        {"field": "note", "type": "string", "meta": {}, "schema": {}}]})
    api.call("POST", "/items/guests", [{"mail": mail, "note": f"note {n}"} for n in range(6) for mail in (ADA, EVE)])
    for mail in (ADA, EVE):
        api.call("POST", "/users", {"email": mail, "first_name": "Ada", "last_name": "Lovelace", "location": "London",
                                    "password": "guest-fconn-1"})


def test(program, checks):
    api = Api(program.port)
    fill(api)
    folder = program.folder / "erasure"
    folder.mkdir()
    (folder / "secrets.json").write_text(json.dumps({"address": "admin@example.com", "password": "admin-fconn-1"}))
    environment = dict(os.environ, HOME=str(folder), XDG_STATE_HOME=str(folder / "state"))

    def fconn(*words):
        return subprocess.run([program.fconn, "erase", *words], capture_output=True, text=True, cwd=folder,
                              env=environment, timeout=180)

    before = api.rows("/users", fields="id,email,first_name,last_name,location", limit=-1)
    planned = fconn(os.path.join(HERE, "directus_erasure.fconn"), "--param", f"port={program.port}", "--secrets",
                    "secrets.json", "--identity", f"email={ADA}", "--target", "user", "--mask", "null",
                    "--request-id", "pri-1", "--plan", "plan.json")
    checks.that(planned.returncode == 0, f"erasure: plan {planned.returncode} {planned.stderr[-400:]}")
    checks.that(len(api.rows("/items/guests", limit=-1)) == 12 and
                api.rows("/users", fields="id,email,first_name,last_name,location", limit=-1) == before,
                "erasure: a plan changes nothing")
    applied = fconn("--apply", "plan.json", "--journal", "j.db", "--secrets", "secrets.json", "--verify")
    checks.that(applied.returncode == 0, f"erasure: apply {applied.returncode} {applied.stderr[-3000:]}")
    checks.that(applied.stderr.count("proof: gone") == 6, f"erasure: proof {applied.stderr[-3000:]}")
    guests = api.rows("/items/guests", limit=-1)
    checks.that(len(guests) == 6 and {g["mail"] for g in guests} == {EVE}, f"erasure: guests {guests}")
    users = {u["id"]: u for u in api.rows("/users", fields="id,email,first_name,last_name,location", limit=-1)}
    for was in before:
        now = users.get(was["id"])
        if was["email"] == ADA:
            wanted = {"id": was["id"], "email": "erased-pri-1@example.com", "first_name": None, "last_name": None,
                      "location": None}
            checks.that(now == wanted, f"erasure: the user is masked: {now}")
        else:
            checks.that(now == was, f"erasure: others are as they were: {now}")
    again = fconn("--resume", "j.db", "--secrets", "secrets.json")
    checks.that(again.returncode == 0 and len(api.rows("/items/guests", limit=-1)) == 6,
                f"erasure: nothing is left to do ({again.returncode}) {again.stderr[-300:]}")
