#!/usr/bin/env python3
"""The reference's unit data about rows, through imported connectors: which fields an access keeps, which values other
collections get, which elements and fields an erasure masks, and how. The cases of a file become the collections of one
config and its dataset, imported with `--exact` and run over loopback.

usage: units_rows.py --fconn BIN [--only KIND]. Ends with 77 (skipped) where ../shared or PyYAML is missing."""
import collections, json, sys, urllib.parse

from units import key
from units_world import MARK, World, endpoint, main, person, refer, toml

# Where fconn is meant to do something else: id, or the beginning of ids -> why.
NESTED = "a list in a list is no list of values: an input of it is a failure or none, as a dataset can't say it"
NO_VALUE = "an object, or a list in a list, is no value: a failure, not nothing"
WHOLE = "an access gives a row as the service sent it, with the elements that aren't inputs"
NOTHING = "an update in which nothing is masked isn't sent; Fides sends it with an empty object"
CRASH = "Fides fails on a null that is to be cut; null is no value and has no length"
PYTHON = "Python's own spellings of numbers, and true as a number, are no numbers"
DIFFERENT = {
    "consolidate_matches/022": NESTED, "consolidate_matches/023": NESTED, "consolidate_matches/027": NESTED,
    "refined_paths/032": NESTED, "mask_row/023": CRASH, "mask_row/024": CRASH, "mask_row/029": CRASH,
    "casting/061": PYTHON, "casting/088": PYTHON, "casting/097": PYTHON, "casting/126": PYTHON,
    "casting/069": "whole numbers beyond 64 bits aren't cast", "casting/070": "whole numbers beyond 64 bits aren't cast",
    "infer_data_type/001": "an empty text is a text",
    "masking/132": "a random text of no characters is refused",
}
# What fconn has no counterpart of.
PATHS = "parameters of a read are named, so Fides looks for elements in fields of the row itself, never below them"
TWICE = "two entries of one path: a dict in Fides, where the last one counts"
FALSY = "no input: Fides drops values that are false, empty or no scalars before it casts"
NO_JSON = "no JSON value is that"
OBJECT = "an object with a category is masked as one, before anything looks for paths in it"
INSIDE = "a list of values as one value: Fides masks its elements one by one before it comes to this"
NO_ROW = "values that aren't there: a row has a field or not"
PREVENTED = "Fides' dataset has no length 0 and cuts texts alone"


def leaves(name, values, typed=True, categories=()):
    """A dataset's field as its values are."""
    flat, listed = [], False

    def walk(value):
        nonlocal listed
        if isinstance(value, list):
            listed = True
            for one in value: walk(one)
        else:
            flat.append(value)
    for value in values: walk(value)
    out, objects = {"name": name}, [v for v in flat if isinstance(v, dict) and v]
    if objects:
        names = dict.fromkeys(k for o in objects for k in o)
        out["fields"] = [leaves(k, [o[k] for o in objects if k in o], typed, categories) for k in names]
        kind = "object"
    else:
        kinds = {type(v) for v in flat if v is not None}
        kind = {int: "integer", str: "string", dict: "object"}[kinds.pop()] if len(kinds) == 1 else "string" if kinds else ""
        if categories: out["data_categories"] = list(categories)
    if typed and (kind or listed): out["fides_meta"] = {"data_type": kind + ("[]" if listed else "")}
    return out


KEY = {"name": "pk", "data_categories": ["system"], "fides_meta": {"primary_key": True, "data_type": "string"}}


def select_fields(fconn, cases):
    def tree(paths):
        top = []
        for path in paths:
            level = top
            for name in path.split("."):
                if not any(f["name"] == name for f in level): level.append({"name": name})
                found = next(f for f in level if f["name"] == name)
                level = found.setdefault("fields", [])
            found["data_categories"] = ["user"]
        def pruned(fields): return [{k: pruned(v) if k == "fields" else v for k, v in f.items() if v} for f in fields]
        return pruned(top)
    names = {f"c{n}": one for n, one in enumerate(cases)}
    with World(fconn, [endpoint(n) for n in names], {n: tree(one["input"]["paths"]) for n, one in names.items()},
               {n: [one["input"]["row"]] for n, one in names.items()}) as world:
        done, rows = world.access("--target", "user")
        for n, one in names.items():
            yield one, None if rows[n] == [one["output"]] else f"{rows[n]} instead of {one['output']}: {done.stderr[-200:]}"


def consolidate_matches(fconn, cases):
    """What a collection is asked for, where the dataset says what is a list and where it says nothing."""
    found = collections.defaultdict(list)
    for typed in (True, False):
        names = {f"{n}": one for n, one in enumerate(cases)}
        ends, fields = [], {}
        for n, one in names.items():
            ends += [endpoint("p" + n), endpoint("c" + n, [refer("x", f"p{n}.{one['input']['path']}")], query={"x": "<x>"})]
            fields["p" + n] = [leaves(k, [v], typed) for k, v in one["input"]["row"].items()]
        with World(fconn, ends, fields, {"p" + n: [one["input"]["row"]] for n, one in names.items()}) as world:
            done, _ = world.access()
            for n, one in names.items():
                got = [urllib.parse.parse_qs(url.query)["x"][0] for url in world.asked("/c" + n)]
                want = {str(v) for v in one["output"]}
                failed = f"u:c{n} failed: the value of query parameter `x` can't be a text" in done.stderr
                if failed and not want:
                    found[n].append("a failure")
                elif len(got) != len(set(got)) or set(got) != want:
                    found[n].append(f"asked for {got} instead of {sorted(want)}: {world.imported.stderr[-300:]}")
    for n, one in names.items():
        if found[n] == ["a failure"] * 2: yield one, ("differs", NO_VALUE)
        else: yield one, "; ".join(found[n]) or None


def nulled(value, member=False):
    """Every plain value is null, apart from those that aren't the person's."""
    if isinstance(value, list): return [nulled(v, True) for v in value]
    if isinstance(value, dict) and (value or member): return {k: nulled(v) for k, v in value.items()}
    return value if value == MARK else None


def elements(fconn, cases, wanted):
    """Rows whose lists are called like a parameter: which elements an erasure nulls, and what an access gives."""
    shared = [c for c in cases if not any("." in p for p, _ in c["input"]["query_paths"])]
    names, ends, fields, rows = {str(n): c for n, c in enumerate(shared)}, [], {}, {}
    for n, one in names.items():
        row, queries = one["input"]["row"], dict(map(tuple, one["input"]["query_paths"]))
        ends += [endpoint("p" + n), endpoint("c" + n, [refer(k, f"p{n}.{k}") for k in queries], update=True)]
        fields["p" + n] = [leaves(k, [v or [1]]) for k, v in queries.items()]
        fields["c" + n] = [KEY] + [leaves(k, [v], categories=["user"]) for k, v in row.items()]
        for field in fields["c" + n]:
            listed = field.get("fides_meta", {}).get("data_type", "").endswith("[]")
            if listed and queries.get(field["name"], "none") is None: field["fides_meta"]["return_all_elements"] = True
        rows["p" + n], rows["c" + n] = [{k: v or [1] for k, v in queries.items()}], [{"pk": "k", **row}]
    with World(fconn, ends, fields, rows) as world:
        _, read = world.access()
        done, sent = world.erase("--target", "user", "--mask", "null", "--scope", "all")
    for n, one in names.items(): yield one, wanted(one, read["c" + n], sent["c" + n], done)
    for one in cases:
        if one not in shared: yield one, ("skip", PATHS)


def filter_element_match(fconn, cases):
    def wanted(one, read, sent, done):
        if one["input"]["delete_elements"]:
            if read != [{"pk": "k", **one["input"]["row"]}]: return f"{read} instead of the row"
            return None if read == [{"pk": "k", **one["output"]}] else ("differs", WHOLE)
        want = {"pk": "k", **{k: nulled(v) for k, v in one["output"].items()}}
        return None if sent and sent[0]["all"] == want else f"{sent} instead of {want}: {done.stderr[-300:]}"
    yield from elements(fconn, cases, wanted)


def put(target, path, value):
    """As Fides builds an object out of a path: what is before an index is null, or an empty object or list."""
    for here, after in zip(path, list(path[1:]) + [None]):
        last = after is None
        empty = value if last else [] if isinstance(after, int) else {}
        if isinstance(here, int):
            while len(target) <= here: target.append(None if last else type(empty)())
            if last: target[here] = value
        elif last or here not in target:
            target[here] = empty
        target = target[here]


def refined_paths(fconn, cases):
    """Paths without values are those of the fields that are masked; those with values say which elements are."""
    whole = [c for c in cases if all(v is None for _, v in c["input"]["query_paths"])]
    names = {f"c{n}": c for n, c in enumerate(whole)}

    def tagged(one):
        top = leaves("", [one["input"]["row"]])
        for path, _ in one["input"]["query_paths"]:
            level = top
            for name in path.split("."):
                found = next((f for f in level.setdefault("fields", []) if f["name"] == name), None)
                if found is None: level["fields"].append(found := {"name": name})
                level.pop("fides_meta", None)  # an object, or a list of them
                level = found
            level["data_categories"] = ["user"]
            if "fields" not in level:
                listed = level.get("fides_meta", {}).get("data_type", "").endswith("[]")
                level["fides_meta"] = {"data_type": "string" + ("[]" if listed else "")}
        return [KEY] + top["fields"]
    with World(fconn, [endpoint(n, update=True) for n in names], {n: tagged(one) for n, one in names.items()},
               {n: [{"pk": "k", **one["input"]["row"]}] for n, one in names.items()}) as world:
        done, sent = world.erase("--target", "user", "--mask", "string:X", "--scope", "all")
    for n, one in names.items():
        want, paths = {}, [p for p, _ in one["input"]["query_paths"]]
        if any(f.get("data_categories") and "fields" in f for f in tagged(one)):
            yield one, ("skip", OBJECT)
            continue
        for path in one["output"]: put(want, path, "X")
        got = sent[n][0]["m"] if sent[n] else {}
        yield one, None if got == want else f"of {paths} {got} instead of {want}: {done.stderr[-300:]}"

    def wanted(one, _, sent, done):
        want = {"pk": "k", **one["input"]["row"]}
        marked, paths = json.loads(key(want)), {tuple(p) for p in one["output"]}
        def walk(value, path):
            if value == {} and isinstance(path[-1], int): return value
            if isinstance(value, list):
                below = [p for p in paths if p[:len(path)] == path and len(p) > len(path)]
                return [walk(v, path + (i,)) if not below or any(p[:len(path) + 1] == path + (i,) for p in below) else MARK
                        for i, v in enumerate(value)]
            if isinstance(value, dict) and value: return {k: walk(v, path + (k,)) for k, v in value.items()}
            return None
        marked = {k: v if k == "pk" else walk(v, (k,)) for k, v in marked.items()}
        return None if sent and sent[0]["all"] == marked else f"{sent} instead of {marked}: {done.stderr[-300:]}"
    rest = [c for c in cases if c not in whole]
    twice = [c for c in rest if len({p for p, _ in c["input"]["query_paths"]}) < len(c["input"]["query_paths"])]
    yield from elements(fconn, [c for c in rest if c not in twice], wanted)
    for one in twice: yield one, ("skip", TWICE)


def refused(fconn, field):
    with World(fconn, [endpoint("c")], {"c": [field]}, {}) as world: return world.imported.returncode != 0


def casting(fconn, cases):
    """A value that a list's elements are compared with is cast to the list's type first."""
    names = {}
    for n, one in enumerate(cases):
        kind, value = one["input"]["type"], one["input"]["value"]
        if "error" in one: yield one, None if refused(fconn, {"name": "f", "fides_meta": {"data_type": kind}}) else "accepted"
        elif not value or isinstance(value, (list, dict)): yield one, ("skip", FALSY)
        elif isinstance(one["output"], dict): yield one, ("skip", NO_JSON)
        else: names[str(n)] = one
    ends, fields, rows, lists = [], {}, {}, {}
    for n, one in names.items():
        kind, value = one["input"]["type"], one["input"]["value"]
        lists[n] = [one["output"], value, "decoy", 77] if one["output"] is not None else [value, "decoy", 77]
        ends += [endpoint("p" + n), endpoint("c" + n, [refer("l", f"p{n}.v")], update=True)]
        fields["p" + n] = [{"name": "v"}]
        kind = "" if kind in (None, "None") else kind
        fields["c" + n] = [KEY, {"name": "l", "data_categories": ["user"], "fides_meta": {"data_type": kind + "[]"}}]
        rows["p" + n], rows["c" + n] = [{"v": value}], [{"pk": "k", "l": lists[n]}]
    with World(fconn, ends, fields, rows) as world:
        done, sent = world.erase("--target", "user", "--mask", "null", "--scope", "all")
    for n, one in names.items():
        out = one["output"]
        want = [None if out is None or e == out else MARK for e in lists[n]]
        got = sent["c" + n][0]["all"]["l"] if sent["c" + n] else None
        yield one, None if got == want else f"of {lists[n]} {got} instead of {want}: {(world.imported.stderr + done.stderr)[-200:]}"


def truncation(fconn, cases):
    """What a strategy gives is cut: of a text the rewritten value, of other types the value itself, which is preserved."""
    names, fields, rows = {}, {}, {}
    for n, one in enumerate(cases):
        kind, length, value = (one["input"][k] for k in ("type", "length", "value"))
        meta = {"length": length, **({"data_type": kind} if kind else {})}
        if length < 1 or "error" in one:
            taken = length < 1 and not refused(fconn, {"name": "f", "fides_meta": meta})
            yield one, "a length of 0 is accepted" if taken else ("skip", PREVENTED)
            continue
        meta["masking_strategy_override"] = ({"strategy": "string_rewrite", "configuration": {"rewrite_value": value}}
                                             if kind == "string" else {"strategy": "preserve", "configuration": {}})
        names[f"c{n}"], fields[f"c{n}"] = one, [KEY, {"name": "f", "data_categories": ["user"], "fides_meta": meta}]
        rows[f"c{n}"] = [{"pk": "k", "f": "old" if kind == "string" else value}]
    with World(fconn, [endpoint(n, update=True) for n in names], fields, rows) as world:
        done, sent = world.erase("--target", "user", "--mask", "null", "--scope", "all")
    for n, one in names.items():
        got = sent[n][0]["m"] if sent[n] else world.planned[-600:] + world.imported.stderr[-300:]
        yield one, None if got == {"f": one["output"]} else f"{got} instead of {one['output']}"


FCONN_TYPES = {"string": "string", "integer": "int", "float": "number", "boolean": "bool", "object": "object", "no_op": "any", "": "any"}


def parse_data_type(fconn, cases):
    for one in cases:
        kind, many = one["output"]
        with World(fconn, [endpoint("c")], {"c": [{"name": "f", "fides_meta": {"data_type": one["input"]["type"]}}]}, {}) as world:
            if kind not in FCONN_TYPES:
                yield one, None if world.imported.returncode else "accepted"
                continue
            done = world.call("compile", "c.fconn")
            field = json.loads(done.stdout)["collections"][0]["fields"][0] if done.stdout else {}
            got = (field.get("type", "any"), field.get("list", False))
            yield one, None if got == (FCONN_TYPES[kind], many) else f"{got}: {world.imported.stderr[-300:]}{done.stderr[-300:]}"


def infer_data_type(fconn, cases):
    """What `learn` proposes for a field of such a value."""
    names = {f"c{n}": one for n, one in enumerate(cases)}
    with World(fconn, [endpoint(n) for n in names], {}, {n: [{"v": one["input"]["value"]}] for n, one in names.items()}) as world:
        done = world.run("learn", "u", "--write")
        fields = {c["name"]: c["fields"][0] for c in json.loads(world.call("compile", "c.fconn").stdout)["collections"] if "fields" in c}
    for n, one in names.items():
        kind, many = one["output"]
        got = (fields.get(n, {}).get("type", "any"), fields.get(n, {}).get("list", False))
        yield one, None if n in fields and got == (FCONN_TYPES[kind], many) else f"{got}: {done.stderr[-300:]}"


def policy(masking, targets=("user",)):
    """A policy of the project file that masks as Fides is told to."""
    names = {"null_rewrite": "null", "string_rewrite": "string", "random_string_rewrite": "random", "aes_encrypt": "aes"}
    given, configuration = masking["strategy"], masking.get("configuration") or {}
    table = {"strategy": names.get(given, given)}
    if "rewrite_value" in configuration and given == "string_rewrite": table["value"] = configuration["rewrite_value"]
    if "algorithm" in configuration: table["algorithm"] = configuration["algorithm"].replace("-", "").lower()
    if "length" in configuration: table["length"] = configuration["length"]
    if "format_preservation" in configuration: table["suffix"] = configuration["format_preservation"]["suffix"]
    if given in ("hash", "hmac"): table["salt"] = {"env": "SALT"}
    return f'[policies.p]\ntargets = {json.dumps(list(targets))}\nscope = "all"\nmask = {toml(table)}\n'


def salt(given): return {"SALT": (given.get("secrets") or {}).get("salt", "s")}


def by(cases, *members):
    groups = collections.defaultdict(list)
    for one in cases: groups[key([one["input"].get(m) for m in members])].append(one)
    return groups.values()


def masking_supported_types(fconn, cases):
    values = {"string": "s", "integer": 1, "float": 1.5, "boolean": True, "object": {"a": 1}, "object_id": "a" * 24}
    for members in by(cases, "strategy"):
        strategy = members[0]["input"]["strategy"]
        fields, row, names = [KEY], {"pk": "k"}, {}
        for n, one in enumerate(members):
            kind = one["input"]["data_type"]
            meta = {} if kind in (None, "None") else {"fides_meta": {"data_type": kind}}
            fields.append({"name": f"f{n}", "data_categories": ["user"], **meta})
            row[f"f{n}"], names[f"f{n}"] = values.get(kind, "any"), one
        configuration = {"rewrite_value": "X"} if strategy == "string_rewrite" else {}
        with World(fconn, [endpoint("c", update=True)], {"c": fields}, {"c": [row]},
                   policy({"strategy": strategy, "configuration": configuration}), {"SALT": "s"}) as world:
            done, sent = world.erase("--policy", "p")
        for n, one in names.items():
            masked = bool(sent["c"]) and n in sent["c"][0]["m"]
            if done.returncode: yield one, done.stderr[-300:]
            else: yield one, None if masked == one["output"] else "masked" if masked else "left alone"


def unlike(got, want, masking):
    """Nothing where the outputs agree. Keys of a request are its own: those outputs are held in tests/unit/privacy, and
    here as to their shape."""
    chance = masking["strategy"] in ("hmac", "aes_encrypt", "random_string_rewrite")

    def same(mine, theirs):
        if isinstance(mine, list) and isinstance(theirs, list):
            return len(mine) == len(theirs) and all(map(same, mine, theirs))
        if isinstance(mine, dict) and isinstance(theirs, dict):
            return set(mine) == set(theirs) and all(same(mine[k], theirs[k]) for k in theirs)
        if mine == theirs or not chance or not isinstance(mine, str) or not isinstance(theirs, str): return mine == theirs
        return len(mine) == len(theirs) and mine.partition("@")[1:] == theirs.partition("@")[1:]
    return None if same(got, want) else f"{got}{', not as' if chance else ' instead of'} {want}"


def masking(fconn, cases):
    for members in by(cases, "strategy", "configuration", "secrets"):
        i = members[0]["input"]
        fields, row, names = [KEY], {"pk": "k"}, collections.defaultdict(list)
        for n, one in enumerate(members):
            for k, value in enumerate(one["input"].get("values") or []):
                fields.append({"name": f"f{n}_{k}", "data_categories": ["user"], "fides_meta": {"data_type": "string"}})
                row[f"f{n}_{k}"] = value
                names[n].append(f"f{n}_{k}")
        with World(fconn, [endpoint("c", update=True)], {"c": fields}, {"c": [row]}, policy(i), salt(i)) as world:
            done, sent = world.erase("--policy", "p")
        for n, one in enumerate(members):
            values = one["input"].get("values")
            if "error" in one: yield one, None if done.returncode == 2 and not sent else f"exit {done.returncode}, {sent}"
            elif not values: yield one, ("skip", NO_ROW)
            elif any(isinstance(v, list) for v in values): yield one, ("skip", INSIDE)
            else:
                got = [sent["c"][0]["m"].get(name) for name in names[n]] if sent["c"] else done.stderr[-300:]
                yield one, unlike(got, one["output"], i)


def mask_row(fconn, cases):
    """Marks of Fides' access phase in a row become elements of a list that aren't among the inputs of its read."""
    for members in by(cases, "targets", "masking", "secrets"):
        i, names, rows = members[0]["input"], {}, {}
        for n, one in enumerate(members):
            row = dict(one["input"]["row"])
            if MARK in row.get("tags", []): row["tags"] = ["b" if e != MARK else "another's" for e in row["tags"]]
            if row.get("name") == MARK: del row["name"]  # a mark stands in lists alone
            names[f"c{n}"], rows[f"c{n}"] = one, [row]
        ends = [endpoint(n, [person()] + ([{"name": "tags", "identity": "tags"}] if MARK in key(one["input"]["row"]) else []), update=True)
                for n, one in names.items()]
        with World(fconn, ends, {n: one["input"]["fields"] for n, one in names.items()}, rows,
                   policy(i["masking"], i["targets"]), salt(i)) as world:
            marked = any(len(e["requests"]["read"]["param_values"]) > 1 for e in ends)
            done, sent = world.erase("--policy", "p", identities=["email=a@b.c"] + ["tags=b"] * marked)
        for n, one in names.items():
            if "error" in one:
                yield one, "sent all the same" if sent[n] else None
                continue
            want = {"m": one["output"]["masked_object_fields"],
                    "all": {k: v for k, v in one["output"]["all_object_fields"].items() if v != MARK}}
            if not want["m"]:
                yield one, f"{sent[n]}: {done.stderr[-300:]}" if sent[n] or done.returncode else ("differs", NOTHING)
            elif len(sent[n]) != 1: yield one, f"{sent[n]} instead of {want}: {done.stderr[-300:]}{world.imported.stderr[-300:]}"
            else: yield one, unlike(sent[n][0], want, i["masking"])


KINDS = {f.__name__: f for f in (select_fields, consolidate_matches, filter_element_match, refined_paths, casting, truncation,
                                 parse_data_type, infer_data_type, masking_supported_types, masking, mask_row)}

if __name__ == "__main__": sys.exit(main(KINDS, DIFFERENT, __doc__))
