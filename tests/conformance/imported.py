#!/usr/bin/env python3
"""Compares bundled connectors with what `fconn import fides --exact` makes of the Fides connectors of their names.

usage: imported.py --fconn BIN [--only TEXT] [--verbose]. Ends with 77 (skipped) where ../shared or PyYAML is missing.

Both run against a server that makes up answers from the config and the dataset: rows of the declared fields, two pages,
nulls, nothing found, statuses that are ignored, refusals. Access (also narrowed by category), erasure with two masks
and consent must give the same requests, rows, states and exit code."""
import argparse, collections, concurrent.futures, hashlib, http.server, json, os, pathlib, re, subprocess, sys, tempfile, threading, urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ("gorgias", "greenhouse", "hubspot", "iterable", "jira", "klaviyo", "kustomer", "mailchimp", "mailchimp_transactional", "onesignal",
         "openweb", "qualtrics", "recharge", "recurly", "rollbar", "segment", "sendgrid", "sentry", "stripe", "zendesk")
# What a bundled connector sends elsewhere than Fides on purpose: (name, what it puts before the path).
BASES = {"mailchimp_transactional": "/api/1.0"}
# Where the bundled one does better: (name, scenario).
DIFFERENT = {
    ("hubspot", "empty"): "an empty object is no row",
    ("stripe", "nulls"): "after a last row without an ID no next page can be asked for, which is a failure",
}
EMAIL, PHONE = "ada.martin@example.com", "+353915550147"
RANDOM = re.compile(r"[a-z0-9]{30}(?=(?:\+|%2B)masked)")  # what a connector makes up in place of an address
SCENARIOS = ("full", "nulls", "empty", "ignored", "refused")
RUNS = (("access",), ("access", "--target", "user.contact"), ("erase", "--mask", "null", "--scope", "all"),
        ("erase", "--mask", "string:MASKED"), ("consent", "opt_in"), ("consent", "opt_out"))


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def number(*parts):
    return int.from_bytes(hashlib.sha256(json.dumps(parts).encode()).digest()[:4], "big")


def put(row, path, value):
    for part in path[:-1]:
        if not isinstance(row.get(part), dict): row[part] = {}
        row = row[part]
    row[path[-1]] = value


def get(row, path):
    for part in path:
        row = row.get(part) if isinstance(row, dict) else None
    return row


class Api:
    """The answers of one connector, all of which follow from its config, its dataset and the request."""

    def __init__(self, config, dataset):
        self.fields = {c["name"]: c["fields"] for c in dataset["collections"]}
        self.used = collections.defaultdict(set)  # collection -> paths that others refer to
        self.reads = []
        for endpoint in config["endpoints"]:
            reads = endpoint["requests"].get("read") or []
            for read in reads if isinstance(reads, list) else [reads]:
                path = re.sub(r"<[^>]*>", "[^/]+", re.sub(r"([.+()])", r"\\\1", read["path"].partition("?")[0]))
                self.reads.append((read["method"], re.compile(path + "$"), endpoint["name"], read))
            for request in [*(reads if isinstance(reads, list) else [reads]), *endpoint["requests"].values()]:
                for value in request.get("param_values", []) if isinstance(request, dict) else []:
                    for reference in value.get("references", []):
                        if isinstance(reference, dict):
                            collection, _, path = reference["field"].partition(".")
                            self.used[collection].add(path)

    def value(self, field, seed, nulls):
        meta = field.get("fidesops_meta") or field.get("fides_meta") or {}
        kind, draw = meta.get("data_type"), number(seed, field["name"])
        if nulls and draw % 3 == 0 and not meta.get("primary_key"): return None
        if field.get("fields"):
            one = {f["name"]: self.value(f, [seed, f["name"]], nulls) for f in field["fields"]}
            return [one, {}] if (kind or "").endswith("[]") else one
        plain = {"integer": draw, "float": draw / 8, "boolean": draw % 2 == 0, "object": {"a": draw}}.get(
            (kind or "string").removesuffix("[]"), f"{field['name']} {draw} é\"'&<")
        if kind is None and draw % 2: return {"free": draw}
        return [plain] if (kind or "").endswith("[]") else plain

    def row(self, collection, read, seed, nth, nulls):
        row = {f["name"]: self.value(f, [seed, nth], nulls) for f in self.fields[collection]}
        for path in sorted(self.used[collection]):
            keys = path.split(".")
            known = get(row, keys)
            if known is None and not (nulls and nth == 2) or isinstance(known, str):
                put(row, keys, f"{keys[-1]}-{number(seed, nth) % 100000}")
        for step in read.get("postprocessors") or []:
            said = step["configuration"]
            wanted = EMAIL if isinstance(said["value"], dict) else said["value"]
            put(row, said["field"].split("."), (wanted, f"other {wanted}", wanted.upper())[nth])
        return row

    def answer(self, method, target, body, scenario):
        path, _, query = target.partition("?")
        spelt = (path, urllib.parse.unquote(path))
        read = next((r for r in self.reads if r[0] == method and any(map(r[1].match, spelt))), None)
        if read is None: return 200, {}, {}
        _, _, collection, request = read
        pairs = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        seed, draw = [method, urllib.parse.unquote(path), sorted(pairs.items()), body], number(path, body)
        if scenario == "refused" and draw % 2: return 403, {}, {"error": "refused"}
        allowed = request.get("ignore_errors")
        if scenario == "ignored" and allowed and draw % 2: return 404 if allowed is True else allowed[0], {}, {"error": "none"}
        paging = request.get("pagination")
        page = self.page(paging, pairs)
        rows = [] if scenario == "empty" else [self.row(collection, request, seed, n, scenario == "nulls") for n in range(3)]
        if page > 2 or (page == 2 and scenario == "nulls"): rows = []
        return 200, *self.envelope(request, paging, path, pairs, page, rows)

    def page(self, paging, pairs):
        """Which page is asked for. A cursor that comes from the last row ends sooner or later, by chance."""
        said = paging["configuration"] if paging else {}
        cursor = pairs.get(said.get("cursor_param"))
        if cursor is not None: return 1 + (number(cursor) % 3 or 1)
        if "incremental_param" in said: return int(pairs[said["incremental_param"]]) // said["increment_by"] or 1
        return int(pairs.get("turn", 1))

    def envelope(self, request, paging, path, pairs, page, rows):
        """The rows where the config looks for them, and the way to the next page."""
        one = not paging and "query_params" not in request and request["method"] == "GET" and "<" in request["path"].split("/")[-1]
        data = (rows[0] if rows else {}) if one else rows
        body, headers, where = {}, {}, (request.get("data_path") or "").split(".")
        if where == [""]: body = data
        else: put(body, where, data)
        if paging and page < 2 and rows:
            said = paging["configuration"]
            link = f"{path}?{urllib.parse.urlencode({**pairs, 'turn': page + 1})}"
            if paging["strategy"] == "cursor" and said["field"] in rows[0]: pass
            elif paging["strategy"] == "cursor": put(body, said["field"].split("."), str(page + 1))
            elif paging["strategy"] == "link" and said["source"] == "headers":
                headers["Link"] = f'<{link}>; rel="prev", <{link}>; rel="{said["rel"]}"'
            elif paging["strategy"] == "link": put(body, said["path"].split("."), link)
        return headers, body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_): pass

    def answered(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path, _, query = self.path.partition("?")
        target = path.removeprefix(self.server.base) + ("?" + query if query else "")
        body = RANDOM.sub("<random>", body)
        try: shown = json.dumps(json.loads(body), sort_keys=True)
        except ValueError: shown = str(sorted(urllib.parse.parse_qsl(body, keep_blank_values=True))) if body else ""
        status, headers, content = self.server.api.answer(self.command, target, shown, self.server.scenario)
        named = {n: self.headers.get(n) for n in self.server.named}
        key = (self.command, urllib.parse.unquote(target.partition("?")[0]),
               str(sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))), shown, str(named))
        with self.server.lock: self.server.seen[key] += 1
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answered


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def __init__(self, api, named):
        super().__init__(("127.0.0.1", 0), Handler)
        self.api, self.named, self.lock = api, named, threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


def header_names(config):
    """Which headers the config sets: those are compared, with what signs a request."""
    named = {"Authorization", "Content-Type"}
    def walk(part):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            if key == "headers": named.update(h["name"] for h in value)
            if isinstance(value, (dict, list)): walk(value)
    walk(config)
    return sorted({n.lower() for n in named})


def values(config, address, folder):
    said = {p["name"]: str(p.get("default_value") or f"{p['name']}-1") for p in config["connector_params"]}
    said["domain"] = address
    secret = {p["name"] for p in config["connector_params"] if p.get("sensitive")}
    (folder / "values.json").write_text(json.dumps({n: v for n, v in said.items() if n not in secret}))
    (folder / "secrets.json").write_text(json.dumps({n: v for n, v in said.items() if n in secret}))
    outside = [w for e in config.get("external_references", []) for n in (1, 2) for w in ("--external", f"{e['name']}={n}k/{n}")]
    return ["--params", "values.json", "--secrets", "secrets.json", "--identity", f"email={EMAIL}", *outside, "--send-to", f"http://{address}", "--retries", "0",
            "--request-id", "pri_1", "--now", "2026-03-02T09:00:00Z", "--seed", "1"]


def carry_out(fconn, target, run, common, server, folder):
    """What one verb sent, printed and said, in a form that can be compared."""
    environment = {**os.environ, "HOME": str(folder), "FCONN_STORE_KEY": "0" * 64,
                   **{f"XDG_{kind}_HOME": str(folder / "xdg") for kind in ("CONFIG", "DATA", "STATE", "CACHE")}}
    def call(*command):
        server.seen = collections.Counter()
        done = subprocess.run([fconn, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        return done, dict(server.seen)
    for left in ("plan.json", "journal.db", "summary.json"): (folder / left).unlink(missing_ok=True)
    verb, options = run[0], list(run[1:])
    if verb == "erase":
        options += ["--target", "user"]
        done, seen = call(verb, target, *common, *options, "--plan", "plan.json")
        planned = {"planned": set(seen), "plan's exit": done.returncode}
        if not (folder / "plan.json").exists(): return planned, done.stderr
        done, seen = call(verb, "--apply", "plan.json", "--journal", "journal.db", *common)
        return {**planned, "exit": done.returncode, "sent": seen}, done.stderr
    if verb == "consent":
        done, seen = call(verb, target, *options, *common)
        return {"exit": done.returncode, "sent": seen}, done.stderr
    done, seen = call(verb, target, *common, *options, "--summary", "summary.json")
    if not (folder / "summary.json").exists(): return {"exit": done.returncode}, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    states = json.loads((folder / "summary.json").read_text())["collections"]
    return {"exit": done.returncode, "sent": set(seen), "states": {n.split(":")[-1]: s["state"] for n, s in states.items()},
            "rows": {json.dumps([r["collection"], r["row"]], sort_keys=True) for r in rows}}, done.stderr


def differences(one, other):
    for part in one.keys() | other.keys():
        mine, theirs = one.get(part), other.get(part)
        if mine == theirs: continue
        if isinstance(mine, set) and isinstance(theirs, set):
            yield from (f"{part}: only the bundled one: {x}" for x in sorted(mine - theirs, key=str)[:2])
            yield from (f"{part}: only the imported one: {x}" for x in sorted(theirs - mine, key=str)[:2])
        elif isinstance(mine, dict) and isinstance(theirs, dict):
            yield from (f"{part}: {key}: {mine.get(key)}, imported: {theirs.get(key)}"
                        for key in [k for k in mine.keys() | theirs.keys() if mine.get(k) != theirs.get(k)][:3])
        else: yield f"{part}: {mine}, imported: {theirs}"


def compare(fconn, name, corpus, yaml):
    problems, kinds = [], collections.Counter()
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        (folder / "fconn.toml").write_text("")
        for kind in ("config", "dataset"):
            (folder / f"{kind}.yml").write_text((corpus / kind / f"{name}_{kind}.yml").read_text().replace("<instance_fides_key>", name))
        config = yaml.safe_load((folder / "config.yml").read_text())["saas_config"]
        dataset = yaml.safe_load((folder / "dataset.yml").read_text())["dataset"][0]
        done = subprocess.run([fconn, "import", "fides", folder / "config.yml", folder / "dataset.yml", "--exact",
                               "-o", folder / f"{name}.fconn"], capture_output=True, text=True)
        if done.returncode: return [f"import: {done.stderr[-300:]}"], kinds
        server = Server(Api(config, dataset), header_names(config))
        try:
            common = values(config, f"127.0.0.1:{server.server_address[1]}", folder)
            if '"identity": "phone_number"' in json.dumps(config): common += ["--identity", f"phone_number={PHONE}"]
            for server.scenario in SCENARIOS:
                if (name, server.scenario) in DIFFERENT: continue
                for run in RUNS:
                    if (run[0] == "consent") and (server.scenario != "full" or "consent_requests" not in config): continue
                    server.base = BASES.get(name, "")
                    mine, said = carry_out(fconn, str(ROOT / "connectors" / name / f"{name}.fconn"), run, common, server, folder)
                    server.base = ""
                    theirs, _ = carry_out(fconn, str(folder / f"{name}.fconn"), run, common, server, folder)
                    for found in differences(mine, theirs):
                        problems.append(f"{server.scenario}, {' '.join(run)}: {found[:900]}")
                        if not mine.get("sent"): problems.append(said[-300:])
                    kinds["requests"] += len(mine.get("sent", ()))
                    kinds["rows"] += len(mine.get("rows", ()))
            if not kinds["requests"]: problems.append("nothing was sent")
        finally:
            server.shutdown()
            server.server_close()
    return problems, kinds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", default="", help="connectors whose name holds this text")
    parser.add_argument("--verbose", action="store_true", help="show every difference")
    arguments = parser.parse_args()
    corpus = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance/fides"
    if not corpus.exists(): skip(f"there is no {corpus}; set FCONN_SHARED to the folder above it")
    try: import yaml
    except ImportError: skip("reading the corpus needs PyYAML (apt install python3-yaml)")
    failed = 0
    names = [n for n in NAMES if arguments.only in n]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda n: compare(arguments.fconn, n, corpus, yaml), names))
    for name, (problems, kinds) in zip(names, results):
        failed += bool(problems)
        if problems or arguments.verbose: print(f"{name}: {kinds['requests']} requests, {kinds['rows']} rows, {len(problems)} differences")
        for problem in problems if arguments.verbose else problems[:4]: print(f"  {problem}")
    print(f"{len(names)} compared, {failed} differ")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
