#!/usr/bin/env python3
"""The reference's unit data about requests, through imported connectors: placeholders in every place of a request, bodies,
forms, templates of rows, ignored statuses, retries, and the values of parameters. Each case becomes an endpoint (the cases of a
file together one connector), is imported, with `--exact` and by default, and run over loopback.

usage: units_requests.py --fconn BIN [--only KIND]. Ends with 77 (skipped) where ../shared or PyYAML is missing."""
import argparse, collections, concurrent.futures, json, os, pathlib, re, subprocess, sys, tempfile, threading, urllib.parse
import units

PLACEHOLDER = re.compile("<([^<>]+)>")


class Server(units.Server):
    """Answers a request by its header X-Case, in turn; the last answer is repeated. `rows` is what /rows gives."""
    request_queue_size = 128

    def __init__(self, rows, answers):
        super().__init__(200, {}, "{}")
        self.RequestHandlerClass, self.rows, self.answers = Handler, rows, answers


class Handler(units.Handler):
    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        case = self.headers.get("X-Case")
        with self.server.lock:
            if case is not None: self.server.log.append((case, self.command, self.path, dict(self.headers.items()), body))
            count = sum(1 for entry in self.server.log if entry[0] == case)
        given = self.server.answers.get(case, [(200, {}, "{}")])
        status, headers, text = (200, {}, json.dumps(self.server.rows)) if case is None else given[min(count, len(given)) - 1]
        self.send_response(status)
        for k, v in headers.items(): self.send_header(k, v)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "0" if status == 204 else str(len(text.encode())))
        self.end_headers()
        if status != 204: self.wfile.write(text.encode())
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = any


Request = collections.namedtuple("Request", "method path query headers body")
# Of one case: why it wasn't imported, what was sent, why it failed.
Outcome = collections.namedtuple("Outcome", "refused sent failed")


def request_of(entry):
    _, method, target, headers, body = entry
    url = urllib.parse.urlsplit(target)
    return Request(method, urllib.parse.unquote(url.path), urllib.parse.parse_qsl(url.query, keep_blank_values=True),
                   {k.lower(): v for k, v in headers.items()}, body)


def document(endpoints, params=(), externals=None, domain=None):
    out = units.config({}, params=())
    out["saas_config"]["connector_params"] = [domain or {"name": "domain"}, *params]
    if externals: out["saas_config"]["external_references"] = externals
    out["saas_config"]["endpoints"] = endpoints
    return out


def dataset(endpoints, fields=()):
    """Each endpoint a collection with a primary key, without which Fides erases nothing."""
    key = {"name": "id", "data_categories": ["user.unique_id"], "fides_meta": {"primary_key": True}}
    return {"dataset": [{"fides_key": "unit", "name": "Unit", "description": "A unit", "collections": [
        {"name": e["name"], "fields": [key, *fields]} for e in endpoints]}]}


class Runner:
    def __init__(self, fconn, form): self.fconn, self.form, self.problems = fconn, form, []

    def exported(self, folder):
        """An imported connector is clean, and what it exports is, imported again, the same to the letter."""
        done = self.call(folder, "check", "--strict", "c.fconn")
        if done.returncode: return self.problems.append(f"not clean: {done.stderr[:400]}")
        done = self.call(folder, "compile", "c.fconn", "--emit", "fides", "-o", "again")
        if done.returncode: return self.problems.append(f"not exported: {done.stderr[:400]}")
        done = self.call(folder, "import", "fides", "again/unit_config.yml", "again/unit_dataset.yml", *self.form, "-o", "again.fconn")
        texts = [pathlib.Path(f"{folder}/{name}").read_text().splitlines() for name in ("c.fconn", "again.fconn")] if not done.returncode else [[], []]
        # Fides writes true as "True" in a form, so an export spells what fconn sends as a text.
        spelt = [[re.sub(r"(body +form .*)", lambda m: re.sub(r": (true|false)\b", r': "\1"', m[0]), line) for line in t] for t in texts]
        other = [f"{a} | {b}" for a, b in zip(*spelt) if a != b]
        if done.returncode or other: self.problems.append(f"another connector after its export: {done.stderr[:400]}{other[:2]}")

    def call(self, folder, *arguments):
        env = dict(os.environ, HOME=folder, XDG_STATE_HOME=folder, XDG_DATA_HOME=folder)
        return subprocess.run([self.fconn, *arguments], capture_output=True, text=True, timeout=120, env=env, cwd=folder)

    def imported(self, folder, config, fields):
        import yaml
        pathlib.Path(f"{folder}/c.yml").write_text(yaml.safe_dump(config, sort_keys=False))
        pathlib.Path(f"{folder}/d.yml").write_text(yaml.safe_dump(fields, sort_keys=False))
        return self.call(folder, "import", "fides", "c.yml", "d.yml", *self.form, "-o", "c.fconn")

    def refusal(self, endpoints, world):
        with tempfile.TemporaryDirectory() as folder:
            done = self.imported(folder, document(endpoints, **world), dataset(endpoints))
            if done.returncode not in (0, 1): return f"exit {done.returncode}: {done.stderr}"
            return done.stderr if done.returncode else None

    def run(self, endpoints, cases, rows, answers=None, verb="access", options=(), given=None, fields=(), again=True, **world):
        """`cases`: name -> names of the endpoints that it needs. Those that aren't imported are left out of the run.
        `again`: whether what is imported is held against its export."""
        by_name = {e["name"]: e for e in endpoints}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            refused = dict(zip(cases, pool.map(lambda names: self.refusal([by_name[n] for n in names], world), cases.values())))
        used = {n for case, names in cases.items() if refused[case] is None for n in names}
        endpoints = [e for e in endpoints if e["name"] in used]
        out = {case: Outcome(why, [], None) for case, why in refused.items()}
        if not endpoints: return out
        with tempfile.TemporaryDirectory() as folder:
            done = self.imported(folder, document(endpoints, **world), dataset(endpoints, fields))
            assert done.returncode == 0, done.stderr
            if again: self.exported(folder)
            server = Server(rows, answers or {})
            host = f"127.0.0.1:{server.server_address[1]}"
            json.dump({"domain": host, **(given or {})}, open(f"{folder}/p.json", "w"))
            common = ["--params", "p.json", "--send-to", f"http://{host}", *options]
            if verb == "access":
                done = self.call(folder, "access", "c.fconn", *common, "--identity", "email=a@b.c", "--summary", "s.json", "--trace", "t.json")
                self.rows = [json.loads(line) for line in done.stdout.splitlines()]
                found = json.load(open(f"{folder}/s.json"))["collections"] if os.path.exists(f"{folder}/s.json") else {}
                failed = {k.split(":")[-1]: str(v) for k, v in found.items() if v["state"] == "failed"}
                trace = [json.loads(line) for line in open(f"{folder}/t.json")] if os.path.exists(f"{folder}/t.json") else []
                self.waits = [e["wait_ms"] for e in trace if e["event"] == "retry"]
            else:
                done = self.call(folder, "erase", "c.fconn", *common, "--identity", "email=a@b.c", "--target", "user", "--mask", "null", "--scope", "all",
                                 "--plan", "plan.json")
                assert not server.log, "planning has sent an action"
                failed = dict(re.findall(r"unit:(\w+) \{.*?\} is left alone: (.*)", done.stderr))
                done = self.call(folder, "erase", "--apply", "plan.json", "--journal", "j.db", *common[:4])
                assert done.returncode == 0, done.stderr
            self.stderr, self.code = done.stderr, done.returncode
            server.shutdown()
            server.server_close()
        return {case: Outcome(o.refused, [request_of(e) for e in server.log if e[0] == case], failed.get(case)) for case, o in out.items()}


def marked(case, request):
    return {**request, "headers": [*request.get("headers", []), {"name": "X-Case", "value": case}]}


def erased(case, request):
    """An endpoint whose rows are erased by `request`, which takes its placeholders from the row."""
    read = {"method": "GET", "path": "/rows", "param_values": [{"name": "email", "identity": "email"}]}
    names = sorted({re.split(r"[.\[]", name.rstrip("?"))[0] for name in PLACEHOLDER.findall(json.dumps(request, ensure_ascii=False))})
    taken = [{"name": n, "references": [{"dataset": "unit", "field": f"{case}.{n}", "direction": "from"}]}
             for n in names if not n.endswith("_object_fields")]
    return {"name": case, "requests": {"read": read, "delete": {**marked(case, request), "param_values": taken}}}


def same_text(got, want):
    """Texts are equal, and JSON texts as JSON."""
    if got == want: return True
    try:
        return units.key(json.loads(got)) == units.key(json.loads(want))
    except ValueError:
        return False


# ---- placeholders --------------------------------------------------------------------------------

FORM = "application/x-www-form-urlencoded"


def placed(place, value):
    if place == "path": return {"method": "POST", "path": f"/x/{value}"}
    if place == "query": return {"method": "POST", "path": "/x", "query_params": [{"name": "p", "value": value}]}
    if place == "header": return {"method": "POST", "path": "/x", "headers": [{"name": "H", "value": value}]}
    text = [{"name": "Content-Type", "value": "text/plain"}] if place == "text" else []
    return {"method": "POST", "path": "/x", "body": value, "headers": text}


def judge_placed(place, outcome, want):
    if outcome.refused: return None if want is None and place in ("path", "body", "text") else f"not imported: {outcome.refused[:400]}"
    fails = want is None and place in ("path", "body", "text")
    if fails: return None if outcome.failed and not outcome.sent else f"an error is expected: {outcome}"
    if len(outcome.sent) != 1: return f"sent {len(outcome.sent)} times: {outcome.failed}"
    one = outcome.sent[0]
    got = {"path": one.path.removeprefix("/x/"), "query": dict(one.query).get("p"), "header": one.headers.get("h")}.get(place, one.body)
    ok = got == want or (place == "body" and want is not None and same_text(got, want))
    return None if ok else f"{got!r} instead of {want!r}"


def source(name="p"):
    """A collection of the rows that the server gives, for others to take their inputs from."""
    return {"name": name, "requests": {"read": {"method": "GET", "path": "/rows", "param_values": [{"name": "email", "identity": "email"}]}}}


def placeholders(runner, cases):
    """In each place of a request that erases a row, and in reads whose inputs are rows."""
    endpoints, names, found = [], {}, {}
    values = {**cases[0]["input"]["param_values"], "id": 1}
    for one in cases:
        value = one["input"]["value"]
        for place in ("path", "query", "header", "body", "text"):
            if not isinstance(value, str): continue
            case = f"c{one['id'][-3:]}_{place}"
            endpoints.append(erased(case, placed(place, value)))
            names[case] = (one, place)
    out = runner.run(endpoints, {case: [case] for case in names}, values, verb="erase")
    # Inputs are texts and numbers; what is false, empty or null is none.
    reads = {}
    for one in cases:
        value = one["input"]["value"]
        used = {n.rstrip("?") for n in PLACEHOLDER.findall(value)} if isinstance(value, str) else set()
        if not used or any(not isinstance(values.get(n), (str, int, float)) or not values[n] for n in used): continue
        params = [{"name": n, "references": [{"dataset": "unit", "field": f"p.{n}", "direction": "from"}]} for n in sorted(used)]
        for place in ("query", "header", "body", "text"):
            case = f"c{one['id'][-3:]}_read_{place}"
            reads[case] = read(case, placed(place, value), params)
            names[case] = (one, place)
    out.update(runner.run([source(), *reads.values()], {case: ["p", case] for case in reads}, [values]))
    for case, (one, place) in names.items(): found[f"{one['id']} {case[5:].replace('_', ' ')}"] = judge_placed(place, out[case], one["output"]["result"])
    return found


def map_param_values(runner, cases):
    endpoints, found = [], {}
    for one in cases:
        request, case = one["input"]["request"], f"c{one['id'][-3:]}"
        plain = {"name": case, "requests": {"read": {**marked(case, request), "param_values": [{"name": "email", "identity": "email"}]}}}
        endpoints.append(plain if "_object_fields" in json.dumps(request) else erased(case, request))
    out = runner.run(endpoints, {e["name"]: [e["name"]] for e in endpoints}, {**cases[0]["input"]["param_values"], "id": 1}, verb="erase")
    for one in cases: found[one["id"]] = judge_request(out[f"c{one['id'][-3:]}"], one)
    return found


def judge_request(outcome, one):
    if "error" in one:
        return None if (outcome.refused or outcome.failed) and not outcome.sent else f"an error is expected: {outcome}"
    if len(outcome.sent) != 1: return f"sent {len(outcome.sent)} times: {outcome.refused or outcome.failed}"
    want, got = one["output"], outcome.sent[0]
    if want.get("method", got.method) != got.method or want.get("path", got.path) != got.path: return f"{got[:2]}"
    query = [(k, str(v)) for k, v in want.get("query_params", {}).items()]
    if sorted(got.query) != sorted(query): return f"{got.query} instead of {query}"
    for name, value in want["headers"].items():
        if got.headers.get(name.lower()) != value: return f"{name}: {got.headers.get(name.lower())!r} instead of {value!r}"
    if not same_text(got.body, want["body"] or ""): return f"{got.body!r} instead of {want['body']!r}"
    return None


def read(case, request, params=({"name": "email", "identity": "email"},)):
    return {"name": case, "requests": {"read": {**marked(case, {"method": "GET", "path": "/x", **request}), "param_values": list(params)}}}


# ---- bodies --------------------------------------------------------------------------------------


def format_body(runner, cases):
    endpoints = [read(f"c{one['id'][-3:]}", {"method": "POST", "body": one["input"]["body"],
                                             "headers": [{"name": k, "value": v} for k, v in one["input"]["headers"].items()]}) for one in cases]
    out = runner.run(endpoints, {e["name"]: [e["name"]] for e in endpoints}, {})
    return {one["id"]: judge_request(out[e["name"]], one) for one, e in zip(cases, endpoints)}


def urlencode(runner, cases):
    """The data as the template itself, as a value of the row, and as the fields of the row."""
    form, found = [{"name": "Content-Type", "value": FORM}], {}
    for one in cases:
        data, number = one["input"]["data"], one["id"][-3:]
        ways = {"template": read(f"c{number}_template", {"method": "POST", "body": json.dumps(data), "headers": form}),
                "value": erased(f"c{number}_value", {"method": "POST", "path": "/x", "headers": form, "body": "{<d>}"})}
        names = [k for k in data if k]
        if len(names) == len(data):
            ways["fields"] = erased(f"c{number}_fields", {"method": "POST", "path": "/x", "headers": form, "body": "{<all_object_fields>}"})
        for way, endpoint in ways.items():
            row = {**data, "id": 1} if way == "fields" else {"d": data, "id": 1}
            fields = [{"name": n} for n in names] if way == "fields" else []
            out = runner.run([endpoint], {endpoint["name"]: [endpoint["name"]]}, row, verb="access" if way == "template" else "erase", fields=fields)[endpoint["name"]]
            if len(out.sent) != 1:
                found[f"{one['id']} {way}"] = f"sent {len(out.sent)} times: {out.refused or out.failed}"
                continue
            got, want = (sorted(urllib.parse.parse_qsl(text, keep_blank_values=True), key=lambda p: p[0]) for text in (out.sent[0].body, one["output"]))
            if way == "fields": got = [p for p in got if p[0] != "id"]
            found[f"{one['id']} {way}"] = None if got == want else f"{got} instead of {want}"
    return found


# ---- rows and statuses ---------------------------------------------------------------------------


def output_template(runner, cases):
    found = {}
    for one in cases:
        i = one["input"]
        request = {"output": i["template"]} if i["template"] is not None else {}
        names = sorted({n for m in i["param_value_maps"] for n in m}) or ["a"]
        if i["rows"] is not None or i["template"] is None: request.update({"method": "GET", "path": "/x"})
        params = [{"name": n, "references": [{"dataset": "unit", "field": f"p.{n}", "direction": "from"}]} for n in names]
        first = source()
        second = read("c", request, params)
        if params: second["requests"]["read"]["grouped_inputs"] = names
        if "path" not in request:
            for key in ("method", "path", "headers"): second["requests"]["read"].pop(key, None)
        answer = json.dumps(i["rows"] if i["rows"] is not None else [])
        out = runner.run([first, second], {"c": ["p", "c"]}, [{**m, "id": n} for n, m in enumerate(i["param_value_maps"])],
                         answers={"c": [(200, {}, answer)]}, again=False)["c"]
        if "error" in one:
            found[one["id"]] = None if out.refused or out.failed else f"an error is expected: {runner.rows}"
            continue
        got = [] if out.refused else [r["row"] for r in runner.rows if r["collection"] == "c"]
        ok = not out.refused and not out.failed and sorted(map(units.key, got)) == sorted(map(units.key, one["output"]))
        found[one["id"]] = None if ok else f"{got} instead of {one['output']}: {out.refused or out.failed}"
    return found


def postprocessor(runner, cases):
    """Those cases that units.py leaves to this: with the rows of another collection, or with what are no rows."""
    found = {}
    for one in cases:
        if not units.without_rows(one): continue
        i = one["input"]
        configuration = json.loads(units.key(i["configuration"]).replace("ds.col.", "unit.col."))
        request = {"data_path": "data", "postprocessors": [{"strategy": i["strategy"], "configuration": configuration}]}
        out = runner.run([source("col"), read("c", request)], {"c": ["col", "c"]}, i.get("access_results", {}).get("ds:col", []),
                         {"c": [(200, {}, json.dumps({"data": i.get("data")}))]})["c"]
        got = [] if out.refused else [r["row"] for r in runner.rows if r["collection"] == "c"]
        ok = not out.refused and not out.failed and sorted(map(units.key, got)) == sorted(map(units.key, one["output"]))
        found[one["id"]] = None if ok else f"{got} instead of {one['output']}: {out.refused or out.failed}"
    return found


def ignore_error(runner, cases):
    """What is ignored gives no rows and is no failure. Below 400 there is nothing to ignore: the rows come."""
    endpoints, answers = [], {}
    for one in cases:
        case, ignored = f"c{one['id'][-3:]}", one["input"]["ignore_errors"]
        endpoints.append(read(case, {"path": f"/{case}", **({} if ignored is None else {"ignore_errors": ignored})}))
        answers[case] = [(one["input"]["status_code"], {}, json.dumps({"id": case}))]
    out, found = runner.run(endpoints, {e["name"]: [e["name"]] for e in endpoints}, {}, answers, options=["--retries", "0"]), {}
    rows = collections.Counter(r["collection"] for r in runner.rows)
    for one in cases:
        case, good = f"c{one['id'][-3:]}", one["input"]["status_code"] < 400
        wanted = (not good and not one["output"], 1 if good else 0)
        got = (out[case].failed is not None, rows[case])
        found[one["id"]] = None if got == wanted and not out[case].refused else f"failed, rows: {got} instead of {wanted}: {out[case].refused}"
    return found


def client_retry(given, cases):
    def check(one):
        runner, i = Runner(given.fconn, given.form), one["input"]
        answers = [(r["status"], r.get("headers", {}), json.dumps({"id": 1})) for r in i["responses"]]
        out = runner.run([read("c", {"ignore_errors": i["ignore_errors"]})], {"c": ["c"]}, {}, {"c": answers})["c"]
        want = one["output"]
        if len(out.sent) != want["attempts"]: return f"{len(out.sent)} attempts instead of {want['attempts']}: {out.failed}"
        if (out.failed is not None) != ("error" in want): return f"failed: {out.failed}"
        if "error" not in want and len(runner.rows) != (1 if want["status"] < 400 else 0): return f"rows {runner.rows}"
        if len(runner.waits) != len(want["sleeps"]): return f"waits {runner.waits}"
        for n, (wait, response) in enumerate(zip(runner.waits, i["responses"])):
            # What the server asks for is waited for; fconn's own pauses are spread at random.
            asked = response.get("headers", {}).get("Retry-After", "")
            if asked.isdigit() and int(asked) > 0 and wait != int(asked) * 1000: return f"waits {runner.waits}, not {asked} s"
            if wait > max(want["sleeps"][n] * 1000, 1): return f"waits {runner.waits}: longer than {want['sleeps']}"
        return None
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool: return dict(zip((c["id"] for c in cases), pool.map(check, cases)))


# ---- parameters ----------------------------------------------------------------------------------


def secrets_validation(runner, cases):
    """Valid: requests are sent. Otherwise the program says what is wrong and sends nothing."""
    found = {}
    for one in cases:
        i = one["input"]
        params = [{"name": "email", "identity": "email"}, *({"name": p["name"], "connector_param": p["name"]} for p in i["connector_params"])]
        for reference in i["external_references"] or []: params.append({"name": "e", "references": [reference["name"]]})
        query = [{"name": p["name"], "value": f"<{p['name']}>"} for p in params]
        endpoint = read("c", {"query_params": query}, params)
        out = runner.run([endpoint], {"c": ["c"]}, {}, params=i["connector_params"], given=i["secrets"],
                         externals=i["external_references"], again=False)["c"]
        good = not out.refused and runner.code == 0 and len(out.sent) > 0
        bad = not out.refused and runner.code == 2 and not out.sent
        found[one["id"]] = None if (good if one["output"]["valid"] else bad) else \
            f"{out.refused or runner.code}, sent {len(out.sent)}: {runner.stderr[-300:]}"
    return found


def allowed_values(runner, cases):
    found = {}
    for one in cases:
        i = one["input"]
        host = {"name": "domain", "type": "endpoint", "allowed_values": i["allowed_values"]}
        out = runner.run([read("c", {})], {"c": ["c"]}, {}, given={"domain": i["value"]}, domain=host)["c"]
        good = not out.refused and runner.code == 0 and len(out.sent) == 1
        bad = not out.refused and runner.code == 2 and not out.sent
        found[one["id"]] = None if (bad if "error" in one else good) else f"{out.refused or runner.code}, sent {len(out.sent)}: {runner.stderr[-300:]}"
    return found


# ---- the fields of a row, taken apart and put together -------------------------------------------


def whole_row(runner, cases, data_of):
    """What an update sends as all fields of a row is the row, whatever way its paths went."""
    found = {}
    for one in cases:
        data = data_of(one)
        if data is None: continue
        body = erased("c", {"method": "POST", "path": "/x", "body": '{"all": {<all_object_fields>}}'})
        row = data[0] if isinstance(data, tuple) else data
        want = data[1] if isinstance(data, tuple) else data
        out = runner.run([body], {"c": ["c"]}, {**row, "id": 1}, verb="erase", fields=[{"name": n} for n in row], again=False)["c"]
        if len(out.sent) != 1:
            found[one["id"]] = f"sent {len(out.sent)} times: {out.refused or out.failed}"
            continue
        got = json.loads(out.sent[0].body)["all"]
        got.pop("id", None)
        found[one["id"]] = None if units.key(got) == units.key(want) else f"{got} instead of {want}"
    return found


def flatten(runner, cases): return whole_row(runner, cases, lambda one: one["input"]["data"])


def flatten_unflatten(runner, cases): return whole_row(runner, cases, lambda one: (one["input"]["data"], one["output"]))


def paths(value, at=""):
    """Paths as 0.3 says."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [p for k, v in pairs for p in paths(v, f"{at}.{k}" if at or not isinstance(value, dict) else str(k))]
    return found if found or (not at and value == {}) else [[at, value]]


def unflatten(runner, cases):
    return whole_row(runner, cases, lambda one: one["output"] if "output" in one and paths(one["output"]) == one["input"]["data"] else None)


KINDS = {f.__name__: f for f in (placeholders, map_param_values, format_body, urlencode, output_template, ignore_error, client_retry,
                                 secrets_validation, allowed_values, flatten, unflatten, flatten_unflatten)}
KINDS.update(filter=postprocessor, unwrap=postprocessor)

# Where fconn is meant to do something else: id (and place) -> why.
TRUE = "true is `true`, as in JSON; Fides writes True"
SHAPE = "a list or an object has no text: the request isn't made, and it is said why"
RAW = "a text between no quotes has to be JSON; Fides sends a body that the service can't read"
BRACES = "an object keeps its braces; without them Fides' body is no JSON"
OPTIONAL = "an optional value that is missing is left out, or the request isn't made; Fides sends the placeholder itself"
NULL = "a value that is missing is left out, or the request isn't made, and never the word null"
NESTED = "what a value holds is a value, and no placeholder"
QUOTE = "a value is encoded for where it stands, so a quote in it does no harm"
HOSTS = "who runs fconn says where a parameter's host is; there is no list that a server would hold it against"


def everywhere(why, kind, numbers, places):
    return {f"{kind}/{n} {place}": why for n in numbers.split() for place in places.split(", ")}


DIFFERENT = {
    **everywhere(TRUE, "placeholders", "015", "path, query, header, body, text, read query, read header, read body, read text"),
    **everywhere(SHAPE, "placeholders", "019 020 021 024 025 052 068", "path, query, header, text"),
    **everywhere(RAW, "placeholders", "000 030 037 046 061", "body, read body"),
    **everywhere(RAW, "placeholders", "023 027 056", "body"),
    **everywhere(BRACES, "placeholders", "021 024 068", "body"),
    **everywhere(OPTIONAL, "placeholders", "006", "path, query, header, body, text"),
    **everywhere(NULL, "placeholders", "007", "path, query, header"),
    **everywhere(NESTED, "placeholders", "033", "path, query, header, body, text, read query, read header, read body, read text"),
    "map_param_values/014": TRUE, "map_param_values/019": TRUE, "map_param_values/020": QUOTE,
    "map_param_values/021": OPTIONAL, "map_param_values/022": OPTIONAL,
    "output_template/011": "a row is an object",
    "secrets_validation/002": "an empty text that is given is a value",
    "secrets_validation/003": "a number is taken as its text",
    "secrets_validation/014": "one value of several is a list of one",
    "secrets_validation/017": "values from outside are given to a run; without them the collection is skipped, and it is said why",
    "secrets_validation/018": "values from outside are given to a run; without them the collection is skipped, and it is said why",
    "allowed_values/004": HOSTS, "allowed_values/023": HOSTS, "allowed_values/017": "a line end is no part of a host",
    "flatten_unflatten/012": "an object whose keys are digits stays an object",
    "unwrap/003": "a number is no row",
    "filter/055": "a reference to no field is a mistake of the config, said at import",
}
# Where the default form differs besides: see docs/import.md.
NOT_WIDER = "what only a null would tie to its row isn't sent"
DEFAULT = {
    **everywhere(NOT_WIDER, "placeholders", "004 028 041 059", "query, header"), "map_param_values/003": NOT_WIDER,
    **everywhere("an error names the value that is null", "placeholders", "053", "query, header"),
    **everywhere("what is inside a list is a[][b], and true is true", "urlencode", "009 011 019 028", "template, value, fields"),
    "client_retry/009": "what says \"later\" is asked again before it is ignored", "client_retry/010": "what says \"later\" is asked again before it is ignored",
}
# What fconn has no counterpart of.
FIELDS = "fconn has no map of paths: rows go from answer to body whole, and what no row gives can't come up"
NO_TEXT = "a config has only texts here"
NOT_SHARED = {
    "placeholders/066": NO_TEXT, "placeholders/067": NO_TEXT,
    **{f"unflatten/{n}": FIELDS for n in "006 007 008 009 010 019 021 022 024 028 029".split()},
}

def held(runner, kind, found, cases, different, problems):
    tally, form = collections.Counter(), "".join(runner.form) or "default"
    missing = {c["id"] for c in cases} - {name.split()[0] for name in found}
    if KINDS[kind] is postprocessor: missing = set()  # the others are held by units.py
    if missing: tally["not shared"] = len(missing)
    problems += [f"{name} isn't held" for name in sorted(missing - set(NOT_SHARED))]
    for name, wrong in found.items():
        if name in different:
            tally["meant to differ"] += 1
            if wrong is None: problems.append(f"{name} ({form}) doesn't differ any more ({different[name]})")
        elif wrong:
            tally["wrong"] += 1
            problems.append(f"{name} ({form}): {wrong}")
        else:
            tally["agree"] += 1
    problems += [f"{kind} ({form}): {text}" for text in runner.problems]
    runner.problems.clear()
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--only", choices=sorted(KINDS))
    arguments = parser.parse_args()
    folder = pathlib.Path(os.environ.get("FCONN_SHARED", units.ROOT.parent / "shared")) / "conformance/fides/units"
    if not folder.exists(): units.skip(f"there is no {folder}; set FCONN_SHARED to the folder that holds it")
    try:
        import yaml  # noqa: F401
    except ImportError:
        units.skip("PyYAML is missing (apt install python3-yaml)")
    problems = []
    for form, different in ((["--exact"], DIFFERENT), ([], {**DIFFERENT, **DEFAULT})):
        runner = Runner(arguments.fconn, form)
        for kind, check in KINDS.items():
            if arguments.only not in (None, kind): continue
            cases = json.loads((folder / f"{kind}.json").read_text())
            print(kind, *form, dict(held(runner, kind, check(runner, cases), cases, different, problems)))
    print("\n".join(problems) or "all as expected")
    sys.exit(1 if problems else 0)


if __name__ == "__main__": main()
