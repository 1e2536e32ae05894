"""One config and dataset, imported with `--exact`, beside the service that it speaks to: what units_rows.py and
units_graph.py run cases in."""
import argparse, collections, http.server, json, os, pathlib, subprocess, tempfile, threading, urllib.parse

from units import ROOT, skip

MARK = "FIDESOPS_DO_NOT_MASK"
JSON = [{"name": "Content-Type", "value": "application/json"}]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_): pass

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        with self.server.lock: self.server.log.append((self.command, self.path, body))
        rows = self.server.rows.get(urllib.parse.urlsplit(self.path).path, [])
        data = json.dumps(rows if self.command == "GET" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any


def toml(value):
    if isinstance(value, dict): return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def person(): return {"name": "email", "identity": "email"}


def refer(name, field): return {"name": name, "references": [{"dataset": "u", "field": field, "direction": "from"}]}


def endpoint(name, params=None, update=False, query=None, **more):
    read = {"method": "GET", "path": f"/{name}", "param_values": [person()] if params is None else params,
            "query_params": [{"name": k, "value": v} for k, v in (query or {}).items()]}
    requests = {"read": read}
    if update:
        requests["update"] = {"method": "PUT", "path": f"/{name}", "headers": JSON,
                              "body": '{"m": {<masked_object_fields>}, "all": {<all_object_fields>}}'}
    return {"name": name, "requests": requests, **more}


def config(endpoints):
    return {"saas_config": {"fides_key": "u", "name": "Unit", "type": "unit", "description": "A unit", "version": "0.0.1",
                            "connector_params": [{"name": "domain"}], "client_config": {"protocol": "https", "host": "<domain>"},
                            "test_request": {"method": "GET", "path": "/ping"}, "endpoints": endpoints}}


def dataset(fields):
    return {"dataset": [{"fides_key": "u", "name": "u", "collections": [{"name": k, "fields": v} for k, v in fields.items()]}]}


class World:
    """`fields` and `rows`: by collection; whole documents may stand for endpoints and fields. `policies` is added to the
    project file, `env` to the environment."""

    def __init__(self, fconn, endpoints, fields, rows, policies="", env=None):
        import yaml
        self.fconn, self.folder, self.env, self.planned, self.runs = fconn, tempfile.TemporaryDirectory(), env or {}, "", 0
        self.path = pathlib.Path(self.folder.name)
        (self.path / "c.yml").write_text(yaml.safe_dump(endpoints if "saas_config" in endpoints else config(endpoints), sort_keys=False))
        (self.path / "d.yml").write_text(yaml.safe_dump(fields if "dataset" in fields else dataset(fields), sort_keys=False))
        self.imported = self.call("import", "fides", "c.yml", "d.yml", "--exact", "-o", "c.fconn")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.rows, self.server.log, self.server.lock = {f"/{k}": v for k, v in rows.items()}, [], threading.Lock()
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        (self.path / "fconn.toml").write_text(
            f'[instances.u]\nconnector = "c.fconn"\nparams = {{ domain = "{self.host}" }}\n{policies}')

    def __enter__(self): return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def call(self, *arguments):
        env = dict(os.environ, HOME=str(self.path), XDG_STATE_HOME=str(self.path), **self.env)
        return subprocess.run([self.fconn, *arguments], capture_output=True, text=True, timeout=120, env=env, cwd=self.path)

    def run(self, *arguments, identities=("email=a@b.c",)):
        given = [x for one in identities for x in ("--identity", one)]
        return self.call(*arguments, *given, "--retries", "0", "--send-to", f"http://{self.host}")

    def access(self, *arguments, **options):
        """How it ended, and the rows of each collection."""
        self.server.log.clear()
        done, out = self.run("access", "u", *arguments, **options), collections.defaultdict(list)
        for line in done.stdout.splitlines():
            one = json.loads(line)
            out[one["collection"]].append(one["row"])
        return done, out

    def erase(self, *arguments, **options):
        """How it ended, and the bodies of each collection's updates."""
        self.runs += 1
        plan = self.run("erase", "u", *arguments, "--plan", f"p{self.runs}.json", **options)
        self.planned = plan.stderr
        if plan.returncode: return plan, collections.defaultdict(list)
        self.server.log.clear()
        done = self.run("erase", "--apply", f"p{self.runs}.json", "--journal", f"j{self.runs}.db", **options)
        out = collections.defaultdict(list)
        for method, path, body in self.server.log:
            if method == "PUT": out[path[1:]].append(json.loads(body))
        return done, out

    def asked(self, path):
        """The URLs of requests to a path, in order."""
        urls = [urllib.parse.urlsplit(target) for method, target, _ in self.server.log if method == "GET"]
        return [url for url in urls if url.path == path]


def main(kinds, different, about):
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", choices=sorted(kinds))
    parser.add_argument("--verbose", action="store_true", help="also what differs or isn't shared, and why")
    arguments = parser.parse_args()
    units = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance/fides/units"
    if not units.exists(): skip(f"there is no {units}; set FCONN_SHARED to the folder that holds it")
    try:
        import yaml  # noqa: F401
    except ImportError:
        skip("PyYAML is missing (apt install python3-yaml)")
    problems, notes = [], []
    for kind, check in kinds.items():
        if arguments.only not in (None, kind): continue
        cases, tally, seen = json.loads((units / f"{kind}.json").read_text()), collections.Counter(), set()
        for one, found in check(arguments.fconn, cases):
            seen.add(one["id"])
            reason = different.get(one["id"])
            state, why = found if isinstance(found, tuple) else ("differs", reason) if reason else (found, None)
            if reason and found is None:
                problems.append(f"{one['id']} doesn't differ any more ({reason})")
            elif state in ("differs", "skip"):
                tally["meant to differ" if state == "differs" else "not shared"] += 1
                notes.append(f"{one['id']} {state}: {why}")
            elif found:
                tally["wrong"] += 1
                problems.append(f"{one['id']}: {found}")
            else:
                tally["agree"] += 1
        problems += [f"{one['id']}: not looked at" for one in cases if one["id"] not in seen]
        print(kind, dict(tally))
    if arguments.verbose: print("\n".join(notes))
    print("\n".join(problems) or "all as expected")
    return 1 if problems else 0
