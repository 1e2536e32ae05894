"""Completion, and what names mean."""
import os, re
from client import apply, index, path_of, position, slice_of, uri
from session import *


# ---- completion ----------------------------------------------------------------------------------

IN_READ = SHOP.replace("rows .orders\n", "HERE\n")
COMPLETIONS = [
    ("a file", "¦", {"connector", "use", "fn", "auth", "pagination", "test"}, {"read", "query", "email"}),
    ("a connector", SHOP.replace("  check GET /ping\n", "  ¦\n"), {"param", "secret", "collection", "client"}, {"rows"}),
    ("a client", SHOP.replace("auth bearer(api_key)", "¦"), {"base", "auth", "rate", "retry"}, {"rows", "paginate"}),
    ("a collection", SHOP.replace("    for c in customer\n", "    ¦\n"), {"for", "read", "fields", "erase_after"}, {"rows"}),
    ("a request", IN_READ.replace("HERE", "¦"), {"rows", "keep", "paginate", "skip"}, {"base", "collection"}),
    ("a request, begun", IN_READ.replace("HERE", "ro¦"), {"rows"}, {"base"}),
    ("after skip", IN_READ.replace("HERE", "skip ¦"), {"on", "when"}, {"rows"}),
    ("after body", IN_READ.replace("HERE", "body ¦"), {"json", "form"}, set()),
    ("values in a query", IN_READ.replace("HERE", "query { who: ¦ }"),
     {"email", "domain", "api_key", "c", "request_id", "lower", "total_of"}, {"status", "customer", "row"}),
    ("values of an answer", IN_READ.replace("HERE", "fail when ¦"), {"status", "headers", "email"}, {"row", "masked"}),
    ("values in an update", SHOP.replace("body json masked", "body json { a: ¦ }"), {"row", "masked", "masked_row"}, {"c"}),
    ("fields of another collection", IN_READ.replace("HERE", "query { who: c.¦ }"), {"id", "email", "address"}, {"city"}),
    ("fields within a field", IN_READ.replace("HERE", "query { who: c.address.¦ }"), {"city"}, {"id"}),
    ("fields in a path", SHOP.replace("{c.id}", "{c.¦}"), {"id", "email"}, {"domain"}),
    ("fields of the row erased", SHOP.replace("{row.id}", "{row.¦}"), {"id", "email"}, {"domain"}),
    ("fields that are masked", SHOP.replace("body json masked", "body json { a: masked.¦ }"), {"id", "email"}, {"domain"}),
    ("fields in keep", SHOP.replace("keep     .email", "keep     .¦"), {"email", "id"}, {"domain"}),
    ("in a string's hole", SHOP.replace('"https://{domain}/v1"', '"https://{¦}/v1"'), {"domain"}, {"email"}),
    ("functions behind a pipe", IN_READ.replace("HERE", "query { who: email | ¦ }"), {"lower", "sha256", "total_of"}, {"email"}),
    ("arguments", SHOP.replace("total_of(.)", "total_of(., ¦)"), {"fallback:"}, set()),
    ("sources of for", SHOP.replace("for c in customer", "for c in ¦"), {"customer", "batch"}, {"email"}),
    ("auth strategies", SHOP.replace("auth bearer(api_key)", "auth ¦"), {"bearer", "basic", "hmac"}, {"cursor"}),
    ("pagination strategies", IN_READ.replace("HERE", "paginate ¦"), {"cursor", "offset", "link"}, {"bearer"}),
    ("types", SHOP.replace("id: string key\n", "id: ¦\n"), {"string", "int", "datetime"}, {"email"}),
    ("marks", SHOP.replace("id: string key\n", "id: string ¦\n"), {"key", "readonly", "length"}, {"string"}),
    ("categories", SHOP.replace("@user.contact.email", "@user.con¦"), {"@user.contact.address.city", "@user.contact.phone_number"},
     {"email", "@user.con"}),
    ("formats", SHOP.replace("id: string key\n", "id: string format ¦\n"), {"email", "uuid"}, set()),
    ("identities", SHOP.replace("read GET /customers {", "read needs ¦ GET /customers {"), {"email"}, {"domain"}),
    ("parts of a request", IN_READ.replace("HERE", "keep request.¦ == 1"), {"method", "path"}, {"email"}),
    ("in a comment", SHOP.replace("  check", "  # ¦\n  check"), set(), {"param"}),
    ("in a text", SHOP.replace('"API key"', '"API ¦key"'), set(), {"param"}),
    ("a line that goes on", SHOP.replace("keep total_of(.) > 0", "keep total_of(.) >\n        ¦"), {"c", "domain", "lower"}, {"rows"}),
    ("behind a target", SHOP.replace("{c.id}/orders {", "{c.id}/orders ¦ {"), {"via"}, {"rows"}),
    ("behind what is needed", SHOP.replace("read GET /customers {", "read needs email ¦ GET /customers {"), {"GET", "or"}, {"rows"}),
    ("behind a source", SHOP.replace("for c in customer", "for c in customer ¦"), {"where"}, {"rows"}),
    ("clients", SHOP.replace("  check", '  client files { base "https://f.example.com" }\n  check').replace("{c.id}/orders {", "{c.id}/orders via ¦ {"),
     {"files"}, {"c"}),
    ("a broken text", SHOP.replace("rows     .customers", "rows     (").replace("keep total_of(.) > 0", "keep total_of(.) > ¦"),
     {"c", "domain"}, set()),
    ("without", 'connector my extends mailchimp "My" {\n  without collection ¦\n}\n', {"member"}, set()),
    ("bases", 'connector my extends ¦ "My" {\n}\n', {"mailchimp", "stripe"}, set()),
]


@test
def completion():
    with Session() as s:
        for what, text, wanted, unwanted in COMPLETIONS:
            holds("¦" in text, f"{what}: no cursor")
            got = s.spot("textDocument/completion", "shop.fconn", text)["result"]
            labels = {item["label"] for item in got["items"]}
            holds(wanted <= labels, f"{what}: {sorted(wanted - labels)} missing in {sorted(labels)}")
            holds(not unwanted & labels, f"{what}: {sorted(unwanted & labels)} offered")


@test
def completion_replaces_what_was_typed():
    with Session() as s:
        for typed, label, wanted in (("query { who: dom¦ }", "domain", "query { who: domain }"),
                                     ("query { who: c.em¦ }", "email", "query { who: c.email }"),
                                     ("query { who: em¦ail }", "email", "query { who: emailail }")):
            path, at = s.show("shop.fconn", IN_READ.replace("HERE", typed))
            items = s.request("textDocument/completion", s.at(path, at))["items"]
            item = [one for one in items if one["label"] == label][0]
            equal(apply(s.texts[path], [item["textEdit"]]), IN_READ.replace("HERE", wanted))
        item = [one for one in items if one["label"] == "lower"][0]
        equal(item["detail"], "lower(text: string): string")
        holds("lower(" in item["documentation"]["value"], item)


@test
def completion_of_files():
    with Session({"lib.fconn": LIB, "shop.fconn": SHOP, "fconn.toml": ""}) as s:
        os.makedirs(s.file("more"))
        s.save("more/tools.fconn", LIB)
        for name, text, wanted in (("user.fconn", USES.replace("lib.fconn", "li¦"), {"lib.fconn", "more/tools.fconn", "shop.fconn"}),
                                   ("shop.test.fconn", SHOP_TEST.replace("shop.fconn", "¦"), {"shop.fconn", "mailchimp", "lib.fconn"})):
            path, at = s.show(name, text)
            items = s.request("textDocument/completion", s.at(path, at))["items"]
            holds(wanted <= {one["label"] for one in items}, items)
            holds(not {"user.fconn", "fconn.toml", "shop.test.fconn"} & {one["label"] for one in items}, "no others")
        path, at = s.show("user.fconn", USES.replace("lib.fconn", "li¦"))
        item = [one for one in s.request("textDocument/completion", s.at(path, at))["items"] if one["label"] == "lib.fconn"][0]
        equal(apply(s.texts[path], [item["textEdit"]]), USES)


@test
def completion_in_tests():
    text = 'test "t" {\n  connector "shop.fconn"\n  params { ¦ }\n}\n'
    with Session({"shop.fconn": SHOP}) as s:
        for cursor, wanted in (("params { ¦ }", "domain"), ("secrets { ¦ }", "api_key"), ("identity { ¦ }", "email"),
                               ("expect rows ¦ []", "customer"), ("exp¦", "expect"), ("expect ¦", "customer"), ("expect ¦", "rows"),
                               ("expect customer ¦", "skipped")):
            got = s.spot("textDocument/completion", "shop.test.fconn", text.replace("params { ¦ }", cursor))["result"]
            holds(wanted in [one["label"] for one in got["items"]], (cursor, got))


# ---- what a name means ---------------------------------------------------------------------------

@test
def hover():
    with Session() as s:
        for piece, nth, parts in (("domain}", 0, ["param domain: host", "API host, without scheme."]),
                                  ("api_key)", 0, ['secret api_key "API key"']),
                                  ("bearer(", 0, ["auth bearer(token"]),
                                  ("cursor(", 0, ["pagination cursor("]),
                                  ("total_of(.)", 0, ["fn total_of(order, fallback = 0)"]),
                                  ("customer\n", 0, ["collection customer", "Who bought something."]),
                                  ("c.id", 0, ["for c: a row of customer"]),
                                  ("id}/orders", 0, ["id: string key"]),
                                  ("row.id", 0, ["The row that is erased."]),
                                  ("masked\n", 0, ["masked: object"]),
                                  ("paginate ", 0, ["paginate NAME(…)"]),
                                  ("fallback\n", 0, ["fallback"])):
            got = s.spot("textDocument/hover", "shop.fconn", mark(SHOP, piece, nth))["result"]
            holds(got is not None, piece)
            for part in parts: holds(part in got["contents"]["value"], f"{piece}: {got}")
        equal(s.spot("textDocument/hover", "shop.fconn", mark(SHOP, "Orders of"))["result"], None)
        got = s.spot("textDocument/hover", "shop.fconn", mark(SHOP.replace("total_of(.) > 0", "lower(.a) == .b"), "lower"))
        holds("lower(text: string): string" in got["result"]["contents"]["value"], got)


@test
def definitions():
    with Session() as s:
        for piece, wanted in (("domain}", "param  domain"), ("c.id", "for c"), ("id}/orders", "      id"), ("total_of(.)", "fn total_of"),
                              ("customer\n    read", "collection customer"), ("masked\n", None), ("order.total", "fn total_of(order"),
                              ("email, limit", "identity email")):
            line = SHOP[:SHOP.index(wanted)].count("\n") + 1 if wanted else 0
            wanted = [f"shop.fconn:{line}: {re.split(r'[ (]', wanted)[-1]}"] if wanted else []
            equal(s.places(s.spot("textDocument/definition", "shop.fconn", mark(SHOP, piece))["result"]), wanted, piece)


@test
def definitions_in_the_standard_library():
    with Session() as s:
        got = s.spot("textDocument/definition", "shop.fconn", mark(SHOP, "bearer("))["result"]
        equal(s.places(got), [f"auth.fconn:{got[0]['range']['start']['line'] + 1}: bearer"])
        path = path_of(got[0]["uri"])
        equal(os.stat(path).st_mode & 0o777, 0o444)
        text = open(path).read()
        equal(s.open(path, text), [], "a copy is read, not judged")
        inside = s.request("textDocument/definition", s.at(path, text.index("token", text.index("auth bearer(token") + 18)))
        equal(s.places(inside), [f"auth.fconn:{got[0]['range']['start']['line'] + 1}: token"])
        path, at = s.show("my.fconn", 'connector my extends mail¦chimp "My" {\n}\n')
        equal(s.places(s.request("textDocument/definition", s.at(path, at)))[0].split(":")[0], "mailchimp.fconn")


@test
def definitions_in_tests_and_project_files():
    with Session({"shop.fconn": SHOP, "fconn.toml": SHOP_TOML}) as s:
        for name, text, piece, wanted in (("shop.test.fconn", SHOP_TEST, "domain", "domain"), ("shop.test.fconn", SHOP_TEST, "api_key", "api_key"),
                                          ("shop.test.fconn", SHOP_TEST, "email:", "email"), ("shop.test.fconn", SHOP_TEST, "customer []", "customer"),
                                          ("fconn.toml", SHOP_TOML, "domain", "domain"), ("fconn.toml", SHOP_TOML, "api_key", "api_key")):
            got = s.places(s.spot("textDocument/definition", name, mark(text, piece))["result"])
            equal([(one.split(":")[0], one.split(": ")[1]) for one in got], [("shop.fconn", wanted)], (name, piece))


@test
def without_a_cache_there_are_no_copies():
    with Session(env={"XDG_CACHE_HOME": "/dev/null"}) as s:
        equal(s.spot("textDocument/definition", "shop.fconn", mark(SHOP, "bearer("))["result"], [])
        holds("auth bearer(" in s.spot("textDocument/hover", "shop.fconn", mark(SHOP, "bearer("))["result"]["contents"]["value"], "hover")


@test
def references_across_files():
    other = USES.replace("connector user", "connector other")
    with Session({"lib.fconn": LIB, "user.fconn": USES, "other.fconn": other}) as s:
        path = s.file("lib.fconn")
        s.open(path, LIB)
        got = s.request("textDocument/references", s.at(path, 4, context={"includeDeclaration": True}))
        equal(s.places(got), ["lib.fconn:1: tidy", "other.fconn:15: tidy", "user.fconn:15: tidy"])
        got = s.request("textDocument/references", s.at(path, 4, context={"includeDeclaration": False}))
        equal(len(got), 2)
        user, at = s.show("user.fconn", mark(USES, "lib.fconn"))
        equal(s.places(s.request("textDocument/definition", s.at(user, at))), ["lib.fconn:1: "])
        path, at = s.show("shop.fconn", mark(SHOP, "bearer("))
        got = s.request("textDocument/references", s.at(path, at, context={"includeDeclaration": True}))
        equal([one.split(":")[0] for one in s.places(got)], ["auth.fconn", "shop.fconn"])
        got = s.spot("textDocument/documentHighlight", "shop.fconn", mark(SHOP, "email\n\n  client"))["result"]
        equal([slice_of(SHOP, one["range"]) for one in got], ["email"] * 3)
