#!/usr/bin/env python3
"""The reference's unit data about graphs, through imported connectors: collections with their fields, what feeds which,
and what a request with some identities reaches.

usage: units_graph.py --fconn BIN [--only KIND]. Ends with 77 (skipped) where ../shared or PyYAML is missing."""
import json, os, pathlib, re, sys

from units import ROOT
from units_world import World, endpoint, main

# Where fconn is meant to do something else.
DIFFERENT = {"traversal/030": "an `erase_after` of nothing orders nothing: it is left out and reported"}
AFTER = "`after` orders nothing in Fides but can make it give up; here it has no effect"
UNDIRECTED = "a reference goes from the field that it names to the parameter; without a direction Fides goes either way"
# What fconn has no counterpart of.
DATASETS = "several datasets in one graph: an instance is one connector, other datasets are `external`"
BOTH = "a parameter is an identity or a reference; only datasets of databases have fields that are both"

CODE_FREE = ("basic", "bearer", "api_key", "oauth2_client_credentials", "oauth2_authorization_code")
TYPES = {"string": "string", "integer": "int", "float": "number", "boolean": "bool", "object": "object", "None": "any"}


def without_code(node):
    """A config whose functions of Fides are plain requests: fields and edges come from the parameters alone."""
    if isinstance(node, list): return [without_code(v) for v in node]
    if not isinstance(node, dict): return node
    node = {k: without_code(v) for k, v in node.items()}
    if node.pop("request_override", None): node.update(method="GET", path="/code")
    if node.get("authentication", {}).get("strategy", "basic") not in CODE_FREE: del node["authentication"]
    return node


def flat(fields, above=""):
    out = {}
    for field in fields:
        out[above + field["name"]] = field
        out.update(flat(field.get("fields", []), above + field["name"] + "."))
    return out


def feeds(world):
    """Collection -> what feeds it, with the path of the value: ("identity:email", "") or ("collection:user", "id")."""
    out = {}
    for edge in json.loads(world.call("graph", "c.fconn", "--json").stdout)["edges"]:
        values = edge["values"] if edge["from"].startswith("collection:") else [""]
        out.setdefault(edge["to"].split(":", 1)[1], set()).update((edge["from"], value) for value in values)
    return out


def wanted_feeds(collection, case, endpoint, externals):
    """Those of the merged graph, and what the filters compare with: Fides takes that from what was read by then."""
    out = set()
    for field in collection["fields"]:
        if field["identity"]: out.add(("identity:" + field["identity"], ""))
        for address, direction in field["references"]:
            dataset, name, path = address.split(":")
            assert direction == "from", address
            out.add(("collection:" + name, path) if dataset == case["instance_key"] else ("external:" + externals[address], ""))
    reads = endpoint["requests"].get("read") or []
    for read in reads if isinstance(reads, list) else [reads]:
        for step in read.get("postprocessors") or []:
            value = (step.get("configuration") or {}).get("value")
            if not isinstance(value, dict): continue
            if "identity" in value: out.add(("identity:" + value["identity"], ""))
            if "dataset_reference" in value:
                _, name, path = value["dataset_reference"].split(".", 2)
                out.add(("collection:" + name, path))
    return out


def same_feeds(got, want, lists):
    """The graph names of a path through lists what stands before the first one."""
    def short(edge):
        names = edge[1].split(".")
        cut = next((i + 1 for i in range(len(names)) if ".".join(names[:i + 1]) in lists.get(edge[0].split(":", 1)[1], ())), len(names))
        return edge[0], ".".join(names[:cut])
    return {short(e) for e in got} == {short(e) for e in want}


def merged_graph(fconn, cases):
    import yaml
    fides = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance/fides"
    for one in cases:
        case, problems = one["input"], []
        texts = [(fides / kind / f"{case['connector']}_{kind}.yml").read_text().replace("<instance_fides_key>", case["instance_key"])
                 for kind in ("config", "dataset")]
        config, dataset = without_code(yaml.safe_load(texts[0])), yaml.safe_load(texts[1])
        endpoints = {e["name"]: e for e in config["saas_config"]["endpoints"]}
        declared = {c["name"]: {f["name"] for f in c["fields"]} for c in dataset["dataset"][0]["collections"]}
        externals = {f"{e['dataset']}:{e['field'].replace('.', ':', 1)}": name for name, e in case["external_references"].items()}
        with World(fconn, config, dataset, {}) as world:
            if world.imported.returncode:
                yield one, world.imported.stderr[-400:]
                continue
            ir = {c["name"]: c for c in json.loads(world.call("compile", "c.fconn").stdout).get("collections", [])}
            edges, can = feeds(world), set(json.loads(world.call("show", "c.fconn", "--json").stdout)["can"])
        lists = {n: {p for p, f in flat(c.get("fields", [])).items() if f.get("list")} for n, c in ir.items()}
        want = {"erase" if a == "erasure" else a for a in one["output"]["supported_actions"]}
        if want != can & {"access", "erase", "consent"}: problems.append(f"can {can} instead of {want}")
        if set(ir) != {c["name"] for c in one["output"]["collections"]}: problems.append(f"collections {sorted(ir)}")
        referred = {a.split(":", 1)[1] for c in one["output"]["collections"] for f in c["fields"] for a, _ in f["references"]}
        for collection in one["output"]["collections"]:
            name = collection["name"]
            got, fields = ir.get(name, {}), {f["path"]: f for f in collection["fields"]}
            mine = flat(got.get("fields", []))
            for path, field in fields.items():
                # A parameter that is no field of the dataset is one of Fides' graph alone: it has no type and no category.
                if path not in mine and path not in declared.get(name, ()) and (field["identity"] or field["references"]): continue
                problems += [f"{name}.{path}: {p}" for p in unlike(mine.get(path), field)]
            # What another collection takes is declared, as in Fides' graph; what an action addresses a row by is a key.
            problems += [f"{name}.{p}: {mine[p]} is too much" for p in set(mine) - set(fields) if f"{name}:{p}" not in referred
                         and not mine[p].get("key")]
            expected = wanted_feeds(collection, case, endpoints[name], externals)
            if not same_feeds(edges.get(name, set()), expected, lists):
                problems.append(f"{name}: fed by {edges.get(name)} instead of {expected}")
            after = [list(ir)[i] for i in got.get("erase_after", [])]
            if [f"{case['instance_key']}:{a}" for a in after] != collection["erase_after"]: problems.append(f"{name}: erased after {after}")
        yield one, "; ".join(problems[:4]) or None


def unlike(mine, field):
    if mine is None: return ["missing"]
    kind = "object" if field["type"] == "ObjectField" else TYPES[field["data_type"]]
    got = (mine.get("type", "any"), mine.get("list", False), mine.get("length"), mine.get("readonly", False),
           sorted(mine.get("categories", [])))
    want = (kind, field["is_array"], field["length"], field["read_only"], sorted(field["data_categories"]))
    out = [] if got == want else [f"{got} instead of {want}"]
    # Addresses and what lies in lists are no keys, whatever the dataset says (docs/import.md).
    shared = any(c.startswith("user.contact") for c in field["data_categories"]) or "." in field["path"]
    if field["primary_key"] and not shared and not mine.get("key"): out.append("no key")
    return out


class Case:
    """A dataset of a traversal as a config: what its fields say of identities and references becomes parameters."""

    def __init__(self, one):
        self.identities, collections = one["input"]["identities"], one["input"]["datasets"][0]["collections"]
        key = one["input"]["datasets"][0]["fides_key"]
        self.params, self.meta, self.undirected, self.both = {c["name"]: {} for c in collections}, {}, False, False
        for c in collections:
            meta = c.get("fides_meta") or {}
            self.meta[c["name"]] = {k: [v.replace(f"{key}.", "u.") for v in meta.get(k) or []] for k in ("after", "erase_after")}
            for field in c["fields"]:
                meta = field.get("fides_meta") or {}
                if meta.get("identity"): self.params[c["name"]].setdefault(field["name"], set()).add(("identity", meta["identity"]))
                for r in meta.get("references") or []:
                    target, path = r["field"].split(".", 1)
                    self.undirected |= r["direction"] is None
                    if r["direction"] == "to": self.params[target].setdefault(path, set()).add(("from", f"{c['name']}.{field['name']}"))
                    else: self.params[c["name"]].setdefault(field["name"], set()).add((r["direction"], r["field"]))
        values = [v for p in self.params.values() for v in p.values()]
        self.both = any(len({k == "identity" for k, _ in v}) == 2 for v in values)
        self.fields = {c["name"]: [{"name": f["name"], "fides_meta": {"data_type": "string"}} for f in c["fields"]] for c in collections}
        self.rows = {c["name"]: [{f["name"]: f"{c['name']}-{f['name']}" for f in c["fields"]}] for c in collections}

    def endpoints(self):
        out = []
        for name, params in self.params.items():
            made = []
            for param, sources in params.items():
                refs = [{"dataset": "u", "field": f, **({"direction": d} if d else {})}
                        for d, f in sorted(sources, key=str) if d != "identity"]
                made.append({"name": param, "references": refs} if refs else {"name": param, "identity": next(iter(sources))[1]})
            out.append(endpoint(name, made, query={p: f"<{p}>" for p in params}, **self.meta[name]))
        return out

    def asked(self, visited):
        """Which of the visited collections a request is sent for: a parameter whose references all give nothing prevents it, and an
        identity that isn't given, where the read names no other."""
        out = set()
        for _ in visited:
            for name in visited:
                sources = {s for v in self.params[name].values() for s in v}
                ids = {i for k, i in sources if k == "identity"}
                given = not ids or ids & set(self.identities)
                refs = [[f for k, f in v if k != "identity"] for v in self.params[name].values()]
                if given and all(any(f.split(".")[0] in out for f in r) for r in refs if r): out.add(name)
        return out


def own(address): return address.split(":", 1)[1]


def reached(world, case, output):
    """What differs from an outcome of the reference; nothing when all is the same."""
    edges, visited = feeds(world), {own(a) for a in output["upstream"]}
    mine, grown = set(), True
    while grown:
        more = {n for n, es in edges.items() if any(e.split(":", 1)[1] in (mine if e.startswith("c") else case.identities) for e, _ in es)}
        grown, mine = more != mine, more
    if mine != visited: return f"{sorted(mine)} are reached instead of {sorted(visited)}"
    for node, incoming in output["incoming_edges"].items():
        parts = [a.split(":", 2) for a, _ in incoming]
        want = {("identity:" + path, "") if dataset == "__ROOT__" else ("collection:" + name, path) for dataset, name, path in parts}
        got = {e for e in edges[own(node)] if e[0].split(":", 1)[1] in (mine if e[0].startswith("c") else case.identities)}
        if got != want: return f"{own(node)} is fed by {got} instead of {want}"
    done, _ = world.access(identities=[f"{k}={v}" for k, v in case.identities.items()])
    asked = {t[1:].split("?")[0] for _, t, _ in world.server.log}
    if asked != case.asked(visited): return f"{sorted(asked)} are read instead of {sorted(case.asked(visited))}: {done.stderr[-300:]}"
    ir = {c["name"]: c for c in json.loads(world.call("compile", "c.fconn").stdout).get("collections", [])}
    for node, before in output.get("erasure_upstream", {}).items():
        got = {list(ir)[i] for i in ir[own(node)].get("erase_after", [])}
        want = {own(b) for b in before if not b.startswith("__ROOT__")}
        if got != want: return f"{own(node)} is erased after {got} instead of {want}"
    return None


def traversal(fconn, cases):
    for one in cases:
        if len(one["input"]["datasets"]) > 1:
            yield one, ("skip", DATASETS)
            continue
        case = Case(one)
        if case.both:
            yield one, ("skip", BOTH)
            continue
        with World(fconn, case.endpoints(), case.fields, case.rows) as world:
            said, failed = world.imported.stderr, world.imported.returncode
            outcomes = [a["output"] for a in one.get("alternatives", [one]) if "output" in a]
            out_of_reach = set(sum(re.findall(r"`(\w+)` is left out: no identity leads to it|no identity leads to `(\w+)`", said), ())) - {""}
            if not outcomes:
                nodes = {own(n) for n in one["error"]["nodes"]}
                if one["error"]["type"] == "UnreachableNodesError":
                    if out_of_reach == nodes or (failed and out_of_reach & nodes): yield one, None
                    elif case.undirected: yield one, ("differs", UNDIRECTED)
                    else: yield one, f"{sorted(out_of_reach)} are out of reach instead of {sorted(nodes)}: {said[:300]}"
                else: yield one, ("differs", AFTER) if not failed or "wait for each other" in said or out_of_reach else said[:300]
                continue
            circles = [o for o in outcomes if o.get("task_graph_cyclic") or o.get("erasure_error")]
            if len(circles) == len(outcomes):
                yield one, None if failed and "wait for each other" in said else f"accepted: {said[:300]}"
                continue
            found = [said[:600]] if failed else [reached(world, case, o) for o in outcomes if o not in circles]
            if None in found: yield one, None
            elif case.undirected: yield one, ("differs", UNDIRECTED)
            else: yield one, f"{found[0]} {said[:200]}"


KINDS = {f.__name__: f for f in (merged_graph, traversal)}

if __name__ == "__main__": sys.exit(main(KINDS, DIFFERENT, __doc__))
