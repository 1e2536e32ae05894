#!/usr/bin/env python3
"""The reference's unit data, through an imported connector: pages, filters, unwrapping, answers, authentication, and
which configs are refused. Each case becomes a config of one endpoint, is imported with `--exact` and run over loopback.

usage: units.py --fconn BIN [--only KIND]. Ends with 77 (skipped) where ../shared or PyYAML is missing."""
import argparse, collections, concurrent.futures, http.server, json, os, pathlib, subprocess, sys, tempfile, threading, urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where fconn is meant to do something else: id -> why.
STRICT = "an answer that isn't what the config says is a failure, not nothing"
LENIENT = "a field of another kind matches nothing; Fides fails"
ROW = "a row without the field is dropped alone; in Fides it empties the page"
NAMED = "a placeholder that never has a value is a mistake of the config, said at import"
CODE = "code, and references that lead nowhere, are refused at import; Fides fails at the first run"
LINK = "links are read as RFC 8288 says, and resolved against the request"
DIFFERENT = {
    "pagination/006": STRICT, "pagination/035": "a link to the page itself, in single quotes",
    "pagination/040": LINK, "pagination/041": LINK, "pagination/042": LINK, "pagination/052": LINK,
    "pagination/104": "an empty cursor is the end", "pagination/105": "false is `false`", "pagination/108": STRICT,
    "filter/019": ROW, "filter/042": ROW, "filter/022": LENIENT, "filter/024": LENIENT, "filter/025": LENIENT, "filter/027": LENIENT,
    "filter/031": LENIENT, "filter/037": LENIENT, "filter/039": LENIENT,
    "filter/035": "an empty identity is a mistake", "filter/038": "an identity that the connector doesn't know is a mistake",
    "filter/047": "identities of the command line are texts",
    "unwrap/010": "a number is no row", "unwrap/012": STRICT,
    "response_rows/024": "500 isn't ignored; Fides' client refuses it before this function sees it",
    "response_rows/028": STRICT, "response_rows/029": STRICT, "response_rows/033": "NaN is no JSON",
    "response_rows/035": "a byte order mark is passed over", "response_rows/036": "a redirect is followed by the client",
    "response_rows/038": "a list that an `unwrap` behind a `filter` gives is a failure", "response_rows/042": LENIENT,
    "authentication/002": NAMED, "authentication/003": NAMED, "authentication/017": NAMED, "wire_request/012": NAMED,
    "wire_request/001": "what is encoded stays", "wire_request/016": "what is encoded stays",
    "wire_request/017": "a config has no null and no true here",
    "config_validation/008": "without a `test_request` there is no `check`: a warning",
    "config_validation/031": CODE, "config_validation/048": CODE, "config_validation/055": CODE, "config_validation/066": CODE,
    "config_validation/078": CODE, "config_validation/038": "a decimal number is taken as its text",
    "config_validation/084": "fconn sends to the hosts of the file alone, whatever is allowed",
    "config_validation/085": "fconn sends to the hosts of the file alone, whatever is allowed",
}


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


class Server(http.server.ThreadingHTTPServer):
    """Gives one answer to the first request, and an empty one to all others."""
    daemon_threads = True

    def __init__(self, status, headers, text):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.log, self.lock = (status, headers, text), [], threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def serve_forever(self, poll_interval=0.01): super().serve_forever(poll_interval)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_): pass

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        with self.server.lock:
            first = not self.server.log
            self.server.log.append((self.command, self.path, dict(self.headers.items()), body))
        status, headers, text = self.server.answer if first else (200, {}, "{}")
        data = text.encode()
        self.send_response(status)
        for k, v in headers.items(): self.send_header(k, v)
        if not any(k.lower() == "content-type" for k in headers): self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "0" if status == 204 else str(len(data)))
        self.end_headers()
        if status != 204: self.wfile.write(data)
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = any


def config(request, client=None, params=()):
    return {"saas_config": {
        "fides_key": "unit", "name": "Unit", "type": "unit", "description": "A unit", "version": "0.0.1",
        "connector_params": [{"name": "domain"}] + [{"name": p, "sensitive": True} for p in params],
        "client_config": {"protocol": "https", "host": "<domain>", **(client or {})},
        "test_request": {"method": "GET", "path": "/ping"},
        "endpoints": [{"name": "c", "requests": {"read": {
            "method": "GET", "path": "/c", "param_values": [{"name": "email", "identity": "email"}], **request}}}]}}


class Runner:
    def __init__(self, fconn): self.fconn = fconn

    def imported(self, document, folder):
        import yaml
        pathlib.Path(f"{folder}/c.yml").write_text(yaml.safe_dump(document, sort_keys=False))
        return subprocess.run([self.fconn, "import", "fides", f"{folder}/c.yml", "--exact", "-o", f"{folder}/c.fconn"],
                              capture_output=True, text=True)

    def run(self, document, answer, identities=None, params=None, secrets=None):
        """Exit code, rows and requests; null with what was wrong when the config isn't imported."""
        with tempfile.TemporaryDirectory() as folder:
            done = self.imported(document, folder)
            if done.returncode: return None, done.stderr, None
            server = Server(*answer)
            json.dump(dict(params or {}, domain=f"127.0.0.1:{server.server_address[1]}"), open(f"{folder}/p.json", "w"))
            json.dump(secrets or {}, open(f"{folder}/s.json", "w"))
            given = [x for k, v in (identities or {"email": "a@b.c"}).items() for x in ("--identity", f"{k}={v}")]
            token = {k: v for k, v in (secrets or {}).items() if k in ("access_token", "refresh_token", "expires_at")}
            json.dump(token, open(f"{folder}/t.json", "w"))
            if token: given += ["--token", f"{folder}/t.json"]
            env = dict(os.environ, HOME=folder, XDG_STATE_HOME=folder, XDG_DATA_HOME=folder)
            done = subprocess.run([self.fconn, "access", f"{folder}/c.fconn", "--params", f"{folder}/p.json", "--secrets", f"{folder}/s.json",
                                   *given, "--retries", "0", "--send-to", f"http://127.0.0.1:{server.server_address[1]}"],
                                  capture_output=True, text=True, timeout=60, env=env)
            server.shutdown()
            server.server_close()
            return done.returncode, [json.loads(line)["row"] for line in done.stdout.splitlines()] if done.stdout else [], server.log, done.stderr


def key(value): return json.dumps(value, sort_keys=True)


def texts(pairs): return sorted((str(k), str(v)) for k, v in pairs)


def rows_of(output):
    rows = output if isinstance(output, list) else [output] if output else []
    return {key(r) for r in rows if r != {}}


def of_rows(one, out, expected):
    if out[0] is None: return None if "error" in one else f"not imported: {out[1][:300]}"
    if "error" in one: return None if out[0] else f"an error is expected: {out[1]}"
    if out[0]: return f"exit {out[0]}: {out[3][-300:]}"
    got = {key(r) for r in out[1] if r != {}}
    return None if got == expected else f"rows {sorted(got)[:2]} instead of {sorted(expected)[:2]}"


def with_rows(body, path):
    """Elements of the page that are no objects become objects: only those are rows."""
    if not path: return [{"v": e} if not isinstance(e, dict) else e for e in body] if isinstance(body, list) else body
    if not isinstance(body, dict) or path.split(".")[0] not in body: return body
    first, _, rest = path.partition(".")
    return {**body, first: with_rows(body[first], rest)}


def pagination(runner, one):
    i = one["input"]
    r = i["request"]
    if any(isinstance(v, (list, dict, float)) or v is None for v in r.get("query_params", {}).values()): return "skip"
    request = {"method": r["method"], "path": r["path"], "pagination": {"strategy": i["strategy"], "configuration": i["configuration"]},
               "query_params": [{"name": k, "value": v} for k, v in r.get("query_params", {}).items()],
               "headers": [{"name": k, "value": v} for k, v in r.get("headers", {}).items()]}
    if i.get("data_path"): request["data_path"] = i["data_path"]
    if r.get("body"): request["body"] = r["body"]
    params = i.get("connector_params") or {}
    out = runner.run(config(request, params=params), (200, i["response"]["headers"], json.dumps(with_rows(i["response"]["body"], i.get("data_path")))),
                     secrets={k: str(v) for k, v in params.items()})
    if out[0] is None: return None if "error" in one else f"not imported: {out[1][:300]}"
    if "error" in one: return None if out[0] else "an error is expected"
    later = out[2][1:]
    if one["output"] is None: return None if not later else f"goes on with {later[0][:2]}"
    if not later: return f"ends instead of {one['output']['query_params']}: {out[3][-200:]}"
    url = urllib.parse.urlsplit(later[0][1])
    got = (later[0][0], urllib.parse.unquote(url.path), texts(urllib.parse.parse_qsl(url.query, keep_blank_values=True)))
    want = (one["output"]["method"], one["output"]["path"] or "/", texts((one["output"]["query_params"] or {}).items()))
    return None if got == want else f"{got} instead of {want}"


def without_rows(one):
    """What goes in or comes out isn't a list of rows, or rows of another collection take part: see units_requests.py."""
    i, data, output = one["input"], one["input"].get("data"), one.get("output")
    if i.get("access_results") or "dataset_reference" in key(i["configuration"]): return True
    return any(not isinstance(e, dict) for part in (data if isinstance(data, list) else [data], output if isinstance(output, list) else []) for e in part)


def postprocessor(runner, one):
    i = one["input"]
    if without_rows(one): return "skip"
    request = {"data_path": "data", "postprocessors": [{"strategy": i["strategy"], "configuration": i["configuration"]}]}
    identities = {k: v for k, v in (i.get("identity_data") or {}).items() if v is not None}
    out = runner.run(config(request), (200, {}, json.dumps({"data": i.get("data")})), dict({"email": "x@y.z"}, **identities))
    return of_rows(one, out, rows_of(one.get("output")))


def response_rows(runner, one):
    i = one["input"]
    request = {"ignore_errors": i.get("ignore_errors") or False}
    if i.get("data_path"): request["data_path"] = i["data_path"]
    if i.get("postprocessors"): request["postprocessors"] = i["postprocessors"]
    out = runner.run(config(request), (i.get("status", 200), {}, i.get("text", "")))
    return of_rows(one, out, rows_of((one.get("output") or {}).get("rows")))


def authentication(runner, one):
    i = one["input"]
    r = i["request"]
    request = {"method": r["method"], "path": r["path"], "headers": [{"name": k, "value": v} for k, v in r.get("headers", {}).items()],
               "query_params": [{"name": k, "value": v} for k, v in r.get("query_params", {}).items()]}
    if r.get("body"): request["body"] = r["body"]
    client = {"authentication": i["authentication"]} if i.get("authentication") else {}
    out = runner.run(config(request, client, i["secrets"]), (200, {}, "{}"), secrets=i["secrets"])
    if out[0] is None: return None if "error" in one else f"not imported: {out[1][:300]}"
    if "error" in one: return None if out[0] else "an error is expected"
    if not out[2]: return f"nothing is sent: {out[3][-300:]}"
    method, path, headers, body = out[2][0]
    got, want = urllib.parse.urlsplit(path), urllib.parse.urlsplit(one["output"]["url"])
    low = {k.lower(): v for k, v in headers.items()}
    for name, value in one["output"]["headers"].items():
        if name.lower() in ("content-length", "content-type"): continue
        if low.get(name.lower()) != value: return f"{name}: {low.get(name.lower())} instead of {value}"
    if urllib.parse.unquote(got.path) != urllib.parse.unquote(want.path): return f"{got.path} instead of {want.path}"
    pairs = [sorted(urllib.parse.parse_qsl(u.query, keep_blank_values=True)) for u in (got, want)]
    if pairs[0] != pairs[1]: return f"{pairs[0]} instead of {pairs[1]}"
    bodies = [json.loads(b) if b else None for b in (body, one["output"]["body"])]
    return None if bodies[0] == bodies[1] else f"{bodies[0]} instead of {bodies[1]}"


def config_validation(runner, one):
    with tempfile.TemporaryDirectory() as folder:
        done = runner.imported({"saas_config": one["input"]["config"]}, folder)
    if done.returncode not in (0, 1): return f"exit {done.returncode}: {done.stderr[-300:]}"
    if one["output"]["valid"] == (done.returncode == 0): return None
    return f"{'refused' if done.returncode else 'accepted'}: {done.stderr[-400:]} {one['output'].get('errors', '')}"


KINDS = {"pagination": pagination, "filter": postprocessor, "unwrap": postprocessor, "response_rows": response_rows,
         "authentication": authentication, "wire_request": authentication, "config_validation": config_validation}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", choices=sorted(KINDS))
    arguments = parser.parse_args()
    units = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance/fides/units"
    if not units.exists(): skip(f"there is no {units}; set FCONN_SHARED to the folder that holds it")
    try:
        import yaml  # noqa: F401
    except ImportError:
        skip("PyYAML is missing (apt install python3-yaml)")
    runner, problems = Runner(arguments.fconn), []
    for kind, check in KINDS.items():
        if arguments.only not in (None, kind): continue
        cases, tally = json.loads((units / f"{kind}.json").read_text()), collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for one, found in zip(cases, pool.map(lambda c, check=check: check(runner, c), cases)):
                name = one["id"]
                if found == "skip":
                    tally["not of an endpoint"] += 1
                elif name in DIFFERENT:
                    tally["meant to differ"] += 1
                    if found is None: problems.append(f"{name} doesn't differ any more ({DIFFERENT[name]})")
                elif found:
                    tally["wrong"] += 1
                    problems.append(f"{name}: {found}")
                else:
                    tally["agree"] += 1
        print(kind, dict(tally))
    print("\n".join(problems) or "all as expected")
    sys.exit(1 if problems else 0)


if __name__ == "__main__": main()
