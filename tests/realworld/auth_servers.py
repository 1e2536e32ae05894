"""Signing in at real servers: oidc-provider, Directus and Apache. Each test gets the program, the checks
and the folder of the server's state."""
import base64
import hashlib
import http.client
import json
import os
import re
import subprocess
import time
import urllib.parse

import directus_erasure

HERE = os.path.dirname(os.path.abspath(__file__))


class Project:
    """A folder with a fconn.toml, and the program run in it."""

    def __init__(self, program, name, connector, instances):
        self.fconn, self.name = program.fconn, name
        self.folder = program.folder / name
        self.folder.mkdir()
        path = os.path.join(HERE, f"{connector}.fconn")
        text = ""
        for key, (params, secrets) in instances.items():
            text += f"[instances.{key}]\nconnector = {json.dumps(path)}\n"
            text += "".join(f"params.{n} = {json.dumps(v)}\n" for n, v in params.items())
            for secret, value in secrets.items():
                (self.folder / f"{key}.{secret}").write_text(value)
                text += f"secrets.{secret}.file = \"{key}.{secret}\"\n"
        (self.folder / "fconn.toml").write_text(text)
        self.env = dict(os.environ, HOME=str(program.folder))
        self.env.pop("FCONN_STORE_KEY", None)

    def start(self, *arguments, trace="trace.ndjson", **pipes):
        extra = ["--trace", trace] if arguments[0] == "read" else []
        return subprocess.Popen([self.fconn, *arguments, *extra], text=True, cwd=self.folder, env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **pipes)

    def run(self, *arguments):
        """Exit code, collection -> rows, standard error."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=180)
        return process.returncode, rows_of(out) if arguments[0] == "read" else out, err

    def trace(self):
        return (self.folder / "trace.ndjson").read_text()


def rows_of(text):
    rows = {}
    for line in text.splitlines():
        row = json.loads(line)
        key = row["row"].get("id", row["row"].get("collection"))
        rows.setdefault(row["collection"], []).append(key)
    return {name: sorted(ids) for name, ids in rows.items()}


# ---- oidc-provider -------------------------------------------------------------------------------

class Browser:
    """Follows redirects and fills in forms, as a person would."""

    def __init__(self, origin, fields):
        self.origin, self.fields, self.cookies = origin, fields, {}

    def ask(self, url, form=None):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request("GET" if form is None else "POST", target, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        location = response.getheader("Location")
        return urllib.parse.urljoin(url, location) if location else None, text

    def go(self, url):
        """Where another host takes over, or nothing when the forms are at an end."""
        form = None
        for _ in range(20):
            if not url.startswith(self.origin):
                return url
            to, text = self.ask(url, form)
            if to is None:
                found = re.search(r"<form[^>]*>.*?</form>", text, re.S)
                if not found:
                    return None
                action = re.search(r'action="([^"]+)"', found[0])
                to = urllib.parse.urljoin(url, action[1]) if action else url
                form = {}
                for tag in re.findall(r"<(?:input|button)[^>]*>", found[0]):
                    name = re.search(r'name="([^"]+)"', tag)
                    value = re.search(r'value="([^"]*)"', tag)
                    if name:
                        form[name[1]] = self.fields.get(name[1], value[1] if value else "")
            else:
                form = None
            url = to
        return None


def wait_for(process, pattern):
    """Reads standard error until it says this; what it said and the match."""
    said = ""
    while True:
        line = process.stderr.readline()
        said += line
        found = re.search(pattern, said)
        if found or not line:
            return said, found


def events(state):
    return [json.loads(line) for line in (state / "log.ndjson").read_text().splitlines()]


def count(state, event, kind=None, since=0):
    return sum(1 for e in events(state)[since:]
               if e["event"] == event and (kind is None or e.get("type") == kind))


def oidc_provider(program, checks, state):
    port = program.port
    origin = f"http://127.0.0.1:{port}"
    def instance(flow, client, secret=None):
        return ({"flow": flow, "port": port, "api_port": port + 1, "client_id": client},
                {} if secret is None else {"client_secret": secret})
    project = Project(program, "oidc", "oidc_provider", {
        "basic": instance("basic", "machine odd", "p%a:s s+w/ord&="),
        "body": instance("body", "machine-post", "post-secret-0123"),
        "jwt": instance("jwt", "machine-jwt", "jwt-secret-of-32-bytes-and-more-0123"),
        "wrong": instance("body", "machine-post", "not-the-secret-0"),
        "code": instance("code", "native"),
        "device": instance("device", "device"),
    })
    wanted = {"customer": sorted(f"cus_{i}" for i in range(1, 58)),
              "order": sorted(f"cus_{i}_order_{n}" for i in range(1, 58) for n in (1, 2))}

    for flow in ("basic", "body", "jwt"):
        before = len(events(state))
        code, rows, err = project.run("read", flow, "--max-parallel", "50")
        checks.that(code == 0 and rows == wanted, f"client credentials by {flow}: all rows ({code}) {err[-300:]}")
        grants = count(state, "grant", "client_credentials", before)
        checks.that(1 <= grants <= 12, f"client credentials by {flow}: {grants} tokens for 63 requests")
    before = len(events(state))
    code, rows, err = project.run("read", "wrong")
    checks.that(code == 4, f"a wrong client secret ends with exit code 4, not {code}")
    checks.that(count(state, "refused", since=before) == 1, "a wrong client secret is tried once")

    given_token(program, project, checks, origin, wanted)
    code_flow(project, checks, state, origin, wanted)
    device_flow(project, checks, state, origin, wanted)
    database = project.folder / ".fconn" / "store.db"
    for path in project.folder.joinpath(".fconn").iterdir():
        checks.that(path.stat().st_mode & 0o777 == 0o600, f"{path.name} is private")
    checks.that(b"access_token" not in database.read_bytes(), "the store holds no readable token")
    trace = project.trace()
    checks.that("Bearer" not in trace and "refresh_token=" not in trace and "device_code=" not in trace,
                "no token in the trace")


def given_token(program, project, checks, origin, wanted):
    """--token: who migrates brings a token; here one whose access token is over."""
    redirect, verifier = "http://127.0.0.1:9/callback", "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    back = Browser(origin, {"login": "old", "password": "any"}).go(origin + "/auth?" + urllib.parse.urlencode({
        "client_id": "native", "response_type": "code", "scope": "openid offline_access read", "prompt": "consent",
        "redirect_uri": redirect, "state": "s", "code_challenge": challenge, "code_challenge_method": "S256"}))
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
    _, text = Browser(origin, {}).ask(f"{origin}/token", {
        "grant_type": "authorization_code", "client_id": "native", "code": code, "redirect_uri": redirect,
        "code_verifier": verifier})
    given = {**json.loads(text), "expires_at": int(time.time()) - 60}
    (project.folder / "given.json").write_text(json.dumps(given))
    params = [f"--param={name}={value}" for name, value in (
        ("flow", "code"), ("port", program.port), ("api_port", program.port + 1), ("client_id", "native"))]
    code, rows, err = project.run("read", os.path.join(HERE, "oidc_provider.fconn"), *params, "--token", "given.json")
    checks.that(code == 0 and rows == wanted, f"from a given token: all rows ({code}) {err[-300:]}")
    checks.that("may not work again" in err, f"and it is said that its refresh token is used up: {err[-300:]}")


def code_flow(project, checks, state, origin, wanted):
    code, _, err = project.run("read", "code")
    checks.that(code == 4 and "fconn auth code login" in err, f"without a sign-in: exit code 4, not {code}")

    # The browser comes back to the loopback address.
    process = project.start("auth", "code", "login", "--no-browser", stdin=subprocess.DEVNULL)
    said, found = wait_for(process, r"  (http://\S+)")
    checks.that(found is not None, f"the address to open is shown: {said}")
    if not found:
        process.kill()
        return
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(found[1]).query)
    checks.that(query.get("code_challenge_method") == ["S256"] and "state" in query, "PKCE and state are sent")
    back = Browser(origin, {"login": "ada", "password": "any"}).go(found[1])
    parts = urllib.parse.urlsplit(back or "http://127.0.0.1:1/")
    checks.that(parts.path == "/callback", f"the provider sends the browser back: {back}")
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}")
    checks.that(connection.getresponse().status == 200, "the browser is told that it is done")
    out, err = process.communicate(timeout=60)
    checks.that(process.returncode == 0 and "good until" in out, f"signed in: {out}{err}")

    # Two seconds of life, fifty requests at a time: renewed again and again, each refresh token once.
    before = len(events(state))
    started = time.monotonic()
    code, rows, err = project.run("read", "code", "--max-parallel", "50")
    seconds = time.monotonic() - started
    checks.that(code == 0 and rows == wanted, f"read under refresh and rotation: all rows ({code}) {err[-300:]}")
    refreshed = count(state, "grant", "refresh_token", before)
    checks.that(1 <= refreshed <= seconds + 2, f"{refreshed} refreshes in {seconds:.1f} s")
    checks.that(count(state, "revoked", since=before) == 0, "no refresh token was used twice")

    # Two processes on one store.
    before = len(events(state))
    both = [project.start("read", "code", "--max-parallel", "25", trace=f"trace{i}.ndjson") for i in (1, 2)]
    for process in both:
        out, err = process.communicate(timeout=120)
        checks.that(process.returncode == 0 and rows_of(out) == wanted, f"two processes: all rows {err[-300:]}")
    checks.that(count(state, "revoked", since=before) == 0, "two processes: no refresh token was used twice")

    # The browser can't come back: its address is pasted.
    process = project.start("auth", "code", "login", "--no-browser", stdin=subprocess.PIPE)
    said, found = wait_for(process, r"  (http://\S+)")
    back = Browser(origin, {"login": "eve", "password": "any"}).go(found[1])
    out, err = process.communicate(back + "\n", timeout=60)
    checks.that(process.returncode == 0, f"signed in by pasting: {err[-300:]}")
    code, rows, err = project.run("read", "code")
    checks.that(code == 0 and rows == wanted, "and that token works")

    code, _, _ = project.run("auth", "code", "logout")
    checks.that(code == 0, "logout")
    code, out, _ = project.run("auth", "code", "status")
    checks.that(code == 1 and "no tokens" in out, "after logout there is no token")
    code, _, _ = project.run("read", "code")
    checks.that(code == 4, "after logout nothing can be read")


def device_flow(project, checks, state, origin, wanted):
    process = project.start("auth", "device", "login", "--no-browser", stdin=subprocess.DEVNULL)
    said, found = wait_for(process, r"Open (\S+) and enter the code (\S+)")
    checks.that(found is not None, f"the device's code is shown: {said}")
    if not found:
        process.kill()
        return
    Browser(origin, {"login": "ada", "password": "any", "user_code": found[2], "confirm": "yes"}).go(found[1])
    out, err = process.communicate(timeout=60)
    checks.that(process.returncode == 0 and "good until" in out, f"device: signed in: {out}{err}")
    code, rows, err = project.run("read", "device", "--max-parallel", "50")
    checks.that(code == 0 and rows == wanted, f"device: all rows ({code}) {err[-300:]}")


# ---- Apache --------------------------------------------------------------------------------------

def apache(program, checks, _):
    def instance(realm, password):
        return ({"port": program.port, "realm": realm}, {"user": "ada lovelace", "password": password})
    project = Project(program, "apache", "apache", {
        "digest": instance("digest", "a \"quoted\" pass:word"),
        "basic": instance("basic", "a \"quoted\" pass:word"),
        "wrong": instance("digest", "something else"),
    })
    wanted = {"list": ["all"], "item": sorted(f"i{n}" for n in range(1, 31))}
    for name in ("digest", "basic"):
        code, rows, err = project.run("read", name, "--max-parallel", "10")
        checks.that(code == 0 and rows == wanted, f"apache {name}: all rows ({code}) {err[-300:]}")
        refused = project.trace().count('"status":401')
        checks.that(refused == 0 if name == "basic" else 1 <= refused <= 2,
                    f"apache {name}: {refused} answers 401 for 31 requests")
    code, _, _ = project.run("read", "wrong")
    checks.that(code == 4, f"apache: a wrong password ends with exit code 4, not {code}")
    checks.that(project.trace().count('"status":401') == 2, "apache: a wrong password is tried once")


# ---- Directus ------------------------------------------------------------------------------------

def directus(program, checks, _):
    project = Project(program, "directus", "directus", {
        "admin": ({"port": program.port}, {"email": "admin@example.com", "password": "admin-fconn-1"}),
        "wrong": ({"port": program.port}, {"email": "admin@example.com", "password": "not-this-one"}),
    })
    code, first, err = project.run("read", "admin", "--max-parallel", "20")
    checks.that(code == 0 and len(first.get("field", [])) > 100, f"directus: rows ({code}) {err[-300:]}")
    trace = project.trace()
    checks.that(trace.count('"event":"token"') == 1 and '"refresh":false' in trace, "directus: one login")
    checks.that('"status":429' in trace, "directus: the limit of requests was met, and waited for")
    # The first line holds the connector's text, which says how the header is made.
    sent = "\n".join(line for line in trace.splitlines() if '"event":"start"' not in line)
    checks.that("Bearer" not in sent and "admin-fconn-1" not in trace, "directus: no credentials in the trace")
    # Until the token of five seconds is over; the next run renews it.
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and "expired" not in project.run("auth", "admin", "status")[1]:
        pass
    code, again, err = project.run("read", "admin")
    trace = project.trace()
    checks.that(code == 0 and again == first, f"directus: the same rows ({code}) {err[-300:]}")
    checks.that('"refresh":true' in trace and '"refresh":false' not in trace,
                "directus: the session is refreshed, without another login")
    code, _, err = project.run("read", "wrong")
    checks.that(code == 4, f"directus: a wrong password ends with exit code 4, not {code}")
    checks.that(project.trace().count('"event":"token"') == 1, "directus: a wrong password is tried once")
    directus_erasure.test(program, checks)
