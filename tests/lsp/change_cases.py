"""Renaming, symbols, colours, repairs, layout, commands."""
import os, re, subprocess
from client import apply, index, path_of, position, slice_of, uri
from session import *


# ---- renaming ------------------------------------------------------------------------------------

def renamed(s, name, marked, to):
    path, at = s.show(name, marked)
    got = s.ask("textDocument/rename", s.at(path, at, newName=to))
    if "error" in got: return got["error"]["message"]
    return {os.path.basename(path_of(file)): apply(s.text(path_of(file)), edits)
            for file, edits in got["result"]["changes"].items()}


@test
def rename():
    files = {"shop.test.fconn": SHOP_TEST, "fconn.toml": SHOP_TOML, "shop.fconn": SHOP}
    with Session(files) as s:
        for piece, to, changed in (("domain:", "host_name", {"shop.fconn", "shop.test.fconn", "fconn.toml"}),
                                   ("api_key)", "key_of_api", {"shop.fconn", "shop.test.fconn", "fconn.toml"}),
                                   ("customer {", "buyer", {"shop.fconn", "shop.test.fconn"}),
                                   ("total_of(.)", "sum_of", {"shop.fconn"}), ("c.id", "who", {"shop.fconn"}),
                                   ("fallback\n", "otherwise", {"shop.fconn"})):
            got = renamed(s, "shop.fconn", mark(SHOP, piece), to)
            holds(isinstance(got, dict), f"{piece}: {got}")
            equal(set(got), changed, piece)
            old = piece.split("(")[0].rstrip(":){ \n").split(".")[0]
            for name, text in got.items():
                holds(to in text, (piece, name))
                if name != "shop.fconn": equal(text, re.sub(rf"\b{old}\b", to, files[name]))
        got = renamed(s, "shop.fconn", mark(SHOP, "c.id"), "who")["shop.fconn"]
        equal(got, SHOP.replace("for c in", "for who in").replace("{c.id}", "{who.id}"))


@test
def rename_beside_a_misspelling():
    """What is nearly the name is a mistake before and after, and no reason to refuse."""
    text = SHOP.replace("{c.id}", "{c.id}{domian}", 1)
    with Session({"shop.fconn": text}) as s:
        got = renamed(s, "shop.fconn", mark(text, "domain:"), "host_name")
        equal(got, {"shop.fconn": re.sub(r"\bdomain\b", "host_name", text)})


@test
def rename_across_connectors():
    files = {"lib.fconn": LIB, "user.fconn": USES, "other.fconn": USES.replace("connector user", "connector other")}
    with Session(files) as s:
        got = renamed(s, "lib.fconn", mark(LIB, "tidy"), "cleaned")
        equal(got, {name: text.replace("tidy", "cleaned") for name, text in files.items()})


@test
def rename_without_a_folder():
    """The file's own folder is looked through where the client opened none."""
    with Session({"lib.fconn": LIB, "user.fconn": USES}, start=False) as s:
        s.start()
        equal(set(renamed(s, "lib.fconn", mark(LIB, "tidy"), "cleaned")), {"lib.fconn", "user.fconn"})


@test
def rename_refuses():
    files = {"lib.fconn": LIB, "user.fconn": USES + "fn neat(x) = x\n", "shop.fconn": SHOP}
    with Session(files) as s:
        for name, marked, to, why in (
                ("shop.fconn", mark(SHOP, "domain:"), "1st", "is no name"),
                ("shop.fconn", mark(SHOP, "domain:"), "", "is no name"),
                ("shop.fconn", mark(SHOP, "domain:"), "a b", "is no name"),
                ("shop.fconn", mark(SHOP, "domain:"), "null", "word of the language"),
                ("shop.fconn", mark(SHOP, "domain:"), "api_key", "declared twice"),
                ("shop.fconn", mark(SHOP, "domain:"), "status", "hides a value of the language"),
                ("shop.fconn", mark(SHOP, "c.id"), "domain", "hides"),
                ("shop.fconn", mark(SHOP, "customer {"), "order", "declared twice"),
                ("shop.fconn", mark(SHOP, "fallback\n"), "order", "wrong"),
                ("shop.fconn", mark(SHOP, "id}/orders"), "number", "named by the API"),
                ("shop.fconn", mark(SHOP, "bearer("), "carrier", "part of fconn"),
                ("shop.fconn", mark(SHOP, "masked\n"), "hidden", "one name everywhere"),
                ("shop.fconn", mark(SHOP, "Orders of"), "x", "no name here"),
                ("lib.fconn", mark(LIB, "tidy"), "neat", "declared twice"),
                ("lib.fconn", mark(LIB, "tidy"), "lower", "")):
            got = renamed(s, name, marked, to)
            holds(isinstance(got, str) and why in got, f"{name} {to}: {got}")
        s.save("fconn.toml", SHOP_TOML + '[policies.p]\ntargets = ["user"]\nhold = ["shop.order where .id == \'1\'"]\n')
        got = renamed(s, "shop.fconn", mark(SHOP, "order {"), "purchase")
        holds("fconn.toml:7 would be wrong" in str(got), got)
        got = renamed(s, "shop.fconn", mark(SHOP.replace("rows     .customers", "rows     ("), "domain:"), "x")
        holds("mistake of syntax" in str(got), got)
        path, at = s.show("shop.fconn", mark(SHOP, "domain:"))
        equal(slice_of(SHOP, s.request("textDocument/prepareRename", s.at(path, at))), "domain")
        path, at = s.show("shop.fconn", mark(SHOP, "id}/orders"))
        equal(s.ask("textDocument/prepareRename", s.at(path, at))["error"]["code"], -32803)


@test
def rename_in_expectations_and_policies_of_tests():
    erase = '''test "who is forgotten" {
  connector "shop.fconn"
  policy {
    targets: ["user"]
    mask: "null"
    hold: ["shop.customer where .id == '1'", "shop.order"]
    prefer_delete: "shop.customer"
    overrides: { "shop:customer.email": "string:gone@example.com", "user.contact": "null" }
  }
  erase "plan"
  expect plan 1 updates customer PUT /v1/customers/7
  expect plan no delete customer
  expect plan leaves customer { id: "1" } "held"
}
'''
    files = {"erase.test.fconn": erase, "shop.fconn": SHOP}
    with Session(files) as s:
        got = renamed(s, "shop.fconn", mark(SHOP, "customer {"), "buyer")
        equal(got["erase.test.fconn"], re.sub(r"\bcustomer\b", "buyer", erase))
        got = renamed(s, "erase.test.fconn", mark(erase, "updates customer", offset=10), "buyer")
        equal(set(got), set(files))


@test
def rename_in_files_with_a_byte_order_mark():
    """An editor doesn't count it; lines that end in CR LF and wide characters it does."""
    uses = USES.replace("query { email: tidy(email) }", 'query { email: "😀{tidy(email)}é" }').replace("\n", "\r\n")
    lib = "fn neat(x) = x | tidy # 😀\r\n" + LIB
    with Session({"user.fconn": uses, "lib.fconn": "\ufeff" + lib}) as s:
        path, at = s.show("user.fconn", mark(uses, "tidy"))
        got = s.request("textDocument/rename", s.at(path, at, newName="cleaned"))["changes"]
        texts = {os.path.basename(path_of(file)): edits for file, edits in got.items()}
        equal(apply(lib, texts["lib.fconn"]), lib.replace("tidy", "cleaned"))
        equal(apply(uses, texts["user.fconn"]), uses.replace("tidy", "cleaned"))


@test
def rename_says_what_version_it_is_of():
    with Session({"lib.fconn": LIB, "user.fconn": USES}, {"workspace": {"workspaceEdit": {"documentChanges": True}}}) as s:
        path, at = s.show("lib.fconn", mark(LIB, "tidy"))
        s.retype(path, LIB + "\n", 7)
        got = s.request("textDocument/rename", s.at(path, at, newName="cleaned"))["documentChanges"]
        equal({os.path.basename(path_of(one["textDocument"]["uri"])): one["textDocument"]["version"] for one in got},
              {"lib.fconn": 7, "user.fconn": None})


@test
def semantic_token_deltas():
    with Session() as s:
        path, _ = s.show("shop.fconn", SHOP)
        where = {"textDocument": {"uri": uri(path)}}
        full = s.request("textDocument/semanticTokens/full", where)
        data, identity = full["data"], full["resultId"]
        for version, text in enumerate((SHOP, SHOP.replace("## Who", "# 😀 who\r\n  ## Who"), SHOP[:700], SHOP, SHOP.replace("email", "post"), ""), 2):
            s.retype(path, text, version)
            got = s.request("textDocument/semanticTokens/full/delta", {**where, "previousResultId": identity})
            for edit in got["edits"]:
                data[edit["start"]:edit["start"] + edit["deleteCount"]] = edit["data"]
                holds(edit["start"] % 5 == 0 and edit["deleteCount"] % 5 == 0, edit)
            identity = got["resultId"]
            equal(data, s.request("textDocument/semanticTokens/full", where)["data"], f"version {version}")
            identity = s.request("textDocument/semanticTokens/full/delta", {**where, "previousResultId": "?"})["resultId"]
        holds("data" in s.request("textDocument/semanticTokens/full/delta", {**where, "previousResultId": "1"}), "one that isn't known")


# ---- symbols, colours, folding -------------------------------------------------------------------

@test
def symbols():
    with Session({"lib.fconn": LIB}, {"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}}) as s:
        path, _ = s.show("shop.fconn", SHOP)
        tree = s.request("textDocument/documentSymbol", {"textDocument": {"uri": uri(path)}})
        names = lambda list_: [(one["name"], names(one["children"])) for one in list_]
        [(name, children)] = names(tree)
        equal(name, "shop")
        equal([one for one, _ in children], ["domain", "api_key", "email", "client", "check", "customer", "order", "total_of"])
        fields = dict(dict(children)["customer"])["fields"]
        equal([one for one, _ in fields], ["id", "email", "address"])
        def inside(one):
            holds(index(SHOP, one["range"]["start"]) <= index(SHOP, one["selectionRange"]["start"]), one)
            holds(index(SHOP, one["range"]["end"]) >= index(SHOP, one["selectionRange"]["end"]), one)
            for child in one["children"]: inside(child)
        inside(tree[0])
        found = s.request("workspace/symbol", {"query": "tID"})
        equal([(one["name"], os.path.basename(path_of(one["location"]["uri"]))) for one in found], [("tidy", "lib.fconn")])
    with Session() as s:
        path, _ = s.show("shop.fconn", SHOP)
        flat = s.request("textDocument/documentSymbol", {"textDocument": {"uri": uri(path)}})
        holds("location" in flat[0] and len(flat) > 15, flat)


def coloured(s, path, text, span=None):
    method = "textDocument/semanticTokens/" + ("range" if span else "full")
    data = s.request(method, {"textDocument": {"uri": uri(path)}, **({"range": span} if span else {})})["data"]
    legend = s.initialized["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"]
    line = column = 0
    out = []
    for i in range(0, len(data), 5):
        column = data[i + 1] + (column if data[i] == 0 else 0)
        line += data[i]
        start = index(text, {"line": line, "character": column})
        out.append((text[start:index(text, {"line": line, "character": column + data[i + 2]})], legend[data[i + 3]]))
    return out


@test
def semantic_tokens():
    text = SHOP.replace('"Shop"', '"😀 Shop"') + "\nfn wrap(text) = \"\"\"\n  a {text}\n  b\n  \"\"\"\n"
    with Session() as s:
        path, _ = s.show("shop.fconn", text)
        got = coloured(s, path, text)
        for wanted in (("## Orders of a shop.", "comment"), ("connector", "keyword"), ("shop", "namespace"), ('"😀 Shop"', "string"),
                       ("domain", "parameter"), ("bearer", "function"), ("customer", "class"), ("100", "number"),
                       ("email", "property"), ("@user.contact.email", "decorator"), ("c", "variable"), ("cursor", "function"),
                       ("GET", "keyword"), ("default", "keyword"), ("key", "keyword"), ("string", "type"), ("  b", "string")):
            holds(wanted in got, f"{wanted} in {got}")
        holds(all("\n" not in piece for piece, _ in got), "a token is on one line")
        part = coloured(s, path, text, {"start": {"line": 5, "character": 0}, "end": {"line": 8, "character": 0}})
        equal(part[0], ("## API host, without scheme.", "comment"))
        equal(part[-1], ('"API key"', "string"))


@test
def inlays_and_folding():
    text = SHOP.replace("read GET /customers/{c.id}/orders {", "read GET /customers/{c.id}/orders {\n      let n = 1 + 2").replace(
        "rows .orders", "rows .orders\n      take n")
    with Session() as s:
        path, _ = s.show("shop.fconn", text)
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
        hints = s.request("textDocument/inlayHint", {"textDocument": {"uri": uri(path)}, "range": whole})
        got = {text[:index(text, one["position"])].rsplit(None, 1)[-1]: one["label"] for one in hints}
        equal(got.get("c"), ": row of customer")
        equal(got.get("n"), ": int")
        folds = s.request("textDocument/foldingRange", {"textDocument": {"uri": uri(path)}})
        holds({"startLine": 11, "endLine": 13} in folds, folds)


# ---- changes -------------------------------------------------------------------------------------

@test
def repairs():
    with Session() as s:
        for wrong, right in (("kep      .email", "keep     .email"), ("{domian}", "{domain}"), ("bearr(", "bearer("), ("pagnate ", "paginate ")):
            good = SHOP
            bad = {"kep      .email": SHOP.replace("keep     .email", "kep      .email"), "{domian}": SHOP.replace("{domain}", "{domian}"),
                   "bearr(": SHOP.replace("bearer(", "bearr("), "pagnate ": SHOP.replace("paginate ", "pagnate ")}[wrong]
            path, _ = s.show("shop.fconn", bad)
            place = position(bad, bad.index(wrong) + 2)
            got = s.request("textDocument/codeAction", {"textDocument": {"uri": uri(path)}, "range": {"start": place, "end": place},
                                                        "context": {"diagnostics": []}})
            holds(len(got) == 1, f"{wrong}: {got}")
            other = s.request("textDocument/codeAction", {"textDocument": {"uri": uri(path)}, "range": {"start": place, "end": place},
                                                          "context": {"diagnostics": [], "only": ["source.organizeImports"]}})
            equal(other, [])
            fixed = apply(bad, got[0]["edit"]["changes"][uri(path)])
            equal("".join(fixed.split()), "".join(good.split()), wrong)
            equal(s.retype(path, fixed), [], wrong)


@test
def allowing_a_warning():
    text = SHOP.replace("  identity email\n", "  param unused: int\n\n  identity email\n")
    with Session() as s:
        path, _ = s.show("shop.fconn", text)
        place = position(text, text.index("unused"))
        got = s.request("textDocument/codeAction", {"textDocument": {"uri": uri(path)}, "range": {"start": place, "end": place},
                                                    "context": {"diagnostics": []}})
        equal([one["title"] for one in got], ["Allow F0206 here"])
        fixed = apply(text, got[0]["edit"]["changes"][uri(path)])
        holds("  # allow F0206: why\n  param unused" in fixed, fixed)
        equal(s.retype(path, fixed), [])


@test
def formatting():
    with Session() as s:
        messy = SHOP.replace("  secret api_key", "secret   api_key").replace("rows .orders", "rows   .orders")
        path, _ = s.show("shop.fconn", messy)
        edits = s.request("textDocument/formatting", {"textDocument": {"uri": uri(path)}, "options": {}})
        tidy = subprocess.run([FCONN, "fmt", "-"], input=messy, capture_output=True, text=True, check=True).stdout
        equal(apply(messy, edits), tidy)
        holds(len(edits) <= 3 and all(edit["newText"].count("\n") <= 3 for edit in edits), f"no more than needed: {edits}")
        line = messy[:messy.index("rows   .orders")].count("\n")
        part = s.request("textDocument/rangeFormatting", {"textDocument": {"uri": uri(path)}, "options": {}, "range": {
            "start": {"line": line, "character": 0}, "end": {"line": line, "character": 3}}})
        holds(apply(messy, part) != messy and "secret   api_key" in apply(messy, part), part)
        s.retype(path, tidy)
        equal(s.request("textDocument/formatting", {"textDocument": {"uri": uri(path)}, "options": {}}), [])
        s.retype(path, SHOP.replace("rows .orders", "rows ("))
        got = s.ask("textDocument/formatting", {"textDocument": {"uri": uri(path)}, "options": {}})
        equal(got["error"]["code"], -32803)


@test
def signatures():
    with Session() as s:
        for text, label, active in (
                (SHOP.replace("total_of(.)", "total_of(¦.)"), "total_of(order, fallback = 0)", 0),
                (SHOP.replace("total_of(.)", "total_of(., ¦"), "total_of(order, fallback = 0)", 1),
                (SHOP.replace("total_of(.)", ". | total_of(¦)"), "total_of(order, fallback = 0)", 1),
                (SHOP.replace("bearer(api_key)", "bearer(¦)"), None, 0),
                (SHOP.replace("total_of(.)", "join(.a, ¦)"), None, 1)):
            got = s.spot("textDocument/signatureHelp", "shop.fconn", text)["result"]
            holds(got is not None, text[text.index("¦") - 30:text.index("¦") + 5])
            if label: equal(got["signatures"][0]["label"], label)
            equal(got["activeParameter"], active)
            for one in got["signatures"][0]["parameters"]: holds(one["label"] in got["signatures"][0]["label"], got)
        equal(s.spot("textDocument/signatureHelp", "shop.fconn", mark(SHOP, "check GET"))["result"], None)


@test
def lenses_and_commands():
    with Session({"shop.fconn": SHOP}) as s:
        path, _ = s.show("shop.test.fconn", SHOP_TEST)
        [lens] = s.request("textDocument/codeLens", {"textDocument": {"uri": uri(path)}})
        equal(lens["command"]["title"], "Run test")
        run = {"command": lens["command"]["command"], "arguments": lens["command"]["arguments"]}
        got = s.request("workspace/executeCommand", run)
        equal((got["passed"], got["text"].splitlines()[-1]), (True, "1 passed, 0 failed"))
        s.retype(path, SHOP_TEST.replace("customers: []", 'customers: [{ id: "1", email: "ada@example.com" }]'))
        got = s.request("workspace/executeCommand", run)
        equal(got["passed"], False)
        holds("line 7" in got["text"], got)
        shown = [one for one in s.notes if one.get("method") == "window/showMessage"]
        equal([one["params"]["type"] for one in shown], [3, 1])
        shop, _ = s.show("shop.fconn", SHOP)
        lenses = s.request("textDocument/codeLens", {"textDocument": {"uri": uri(shop)}})
        holds({"Run"} <= {one["command"]["title"] for one in lenses}, lenses)
        command = [one["command"] for one in lenses if one["command"]["title"] == "Run"][0]
        got = s.request("workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]})
        equal(got["argv"], ["fconn", "read", shop, "customer"])
