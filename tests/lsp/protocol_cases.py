"""The protocol itself, documents and diagnostics."""
import json, os, random, subprocess
from client import apply, index, path_of, position, slice_of, uri
from session import *


# ---- the protocol --------------------------------------------------------------------------------

@test
def order_of_life():
    with Session(start=False) as s:
        equal(s.ask("textDocument/hover", {})["error"]["code"], -32002, "before initialize")
        got = s.start(s.root)
        equal(got["serverInfo"]["name"], "fconn")
        equal(got["capabilities"]["positionEncoding"], "utf-16")
        equal(s.ask("initialize", {"capabilities": {}})["error"]["code"], -32600, "twice")
        equal(s.ask("no/such", {})["error"]["code"], -32601)
        s.tell("$/setTrace", {"value": "off"})
        s.tell("no/suchNotification", {})
        equal(s.request("shutdown"), None)
        equal(s.ask("textDocument/hover", {})["error"]["code"], -32600, "after shutdown")
        s.tell("exit")
        equal(s.process.wait(timeout=20), 0)


@test
def ends_without_shutdown():
    with Session() as s:
        s.tell("exit")
        equal(s.process.wait(timeout=20), 1)
    with Session() as s:
        s.process.stdin.close()
        equal(s.process.wait(timeout=20), 1, "input ended")


@test
def malformed_messages():
    with Session() as s:
        for body, code in [(b"{", -32700), (b"", -32700), (b"[]", -32600), (b"7", -32600), (b'{"id":1}', -32600),
                           (b'{"id":{},"method":7}', -32600), (b"\xff\xfe", -32700), (b"[" * 100000, -32700)]:
            s.write(body)
            got = s.read()
            equal(got["error"]["code"], code, repr(body[:20]))
        for params in (None, 7, [], {}, {"textDocument": 7}, {"textDocument": {"uri": 7}}, {"textDocument": {"uri": "x:"}},
                       {"textDocument": {"uri": s.file("none.fconn")}, "position": {"line": -1, "character": 1e9}}):
            for method in ("completion", "hover", "definition", "references", "documentSymbol", "formatting", "codeAction",
                           "codeLens", "inlayHint", "semanticTokens/full", "rename", "prepareRename", "signatureHelp",
                           "foldingRange", "documentHighlight"):
                got = s.ask("textDocument/" + method, params)
                holds("result" in got or got["error"]["code"] in (-32602, -32803), f"{method} {params}: {got}")
            for method in ("didOpen", "didChange", "didClose"): s.tell("textDocument/" + method, params)
            s.ask("workspace/executeCommand", params)
        equal(s.end(), 0)


@test
def odd_ids_and_files():
    """An id that is none is answered, `file:/path` is a file, a pipe that is called like a connector stops nothing."""
    with Session({"lib.fconn": LIB, "user.fconn": USES}) as s:
        s.write(b'{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}')
        equal(s.read()["error"]["code"], -32600)
        os.mkfifo(s.file("pipe.fconn"))
        path, at = s.show("lib.fconn", mark(LIB, "tidy"))
        equal(len(s.ask("textDocument/references", s.at(path, at, context={"includeDeclaration": True}))["result"]), 2)
        params = s.at(path, at)
        params["textDocument"]["uri"] = uri(path).replace("file:///", "file:/")
        holds("fn tidy" in str(s.request("textDocument/hover", params)), "file:/")


@test
def broken_framing():
    for data in (b"Hello\r\n\r\n{}", b"Content-Length: x\r\n\r\n{}", b"Content-Length: 99999999999\r\n\r\n", b"a" * 5000):
        with Session() as s:
            s.process.stdin.write(data)
            s.process.stdin.flush()
            equal(s.read()["error"]["code"], -32700, repr(data[:20]))
            equal(s.process.wait(timeout=20), 1)


@test
def messages_in_pieces():
    with Session(start=False) as s:
        body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
        data = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
        for i in range(len(data)):
            s.process.stdin.write(data[i:i + 1])
            s.process.stdin.flush()
        equal(s.read()["id"], 1)


@test
def cancelled_and_in_order():
    with Session() as s:
        path, at = s.show("shop.fconn", mark(SHOP, "bearer"))
        asked = [s.message("textDocument/hover", s.at(path, at)) for _ in range(6)]
        cancel = s.message("$/cancelRequest", {"id": asked[4]["id"]}, request=False)
        unknown = s.message("$/cancelRequest", {"id": 4711}, request=False)
        s.write(*asked, cancel, unknown)
        got = [s.read() for _ in asked]
        equal([one["id"] for one in got], [one["id"] for one in asked])
        equal([one.get("error", {}).get("code") for one in got], [None] * 4 + [-32800, None])


# ---- documents and diagnostics -------------------------------------------------------------------

@test
def diagnostics_while_typing():
    with Session() as s:
        path = s.file("shop.fconn")
        equal(s.open(path, SHOP), [])
        at = SHOP.index("https://{domain}") + len("https://{dom")
        place = position(SHOP, at)
        found = s.change(path, [{"range": {"start": place, "end": place}, "text": "x"}], 2)
        equal([(d["code"], d["severity"]) for d in found if d["severity"] == 1], [("F0201", 1)])
        equal(slice_of(SHOP[:at] + "x" + SHOP[at:], found[-1]["range"]), "domxain")
        holds("did you mean `domain`?" in found[-1]["message"], found)
        after = {"line": place["line"], "character": place["character"] + 1}
        equal(s.change(path, [{"range": {"start": place, "end": after}, "text": ""}], 3), [])


PIECES = ["", "", "\n", "😀", "ä", "\r\n", "{", "}", '"', "(", "# ", "c.id", "rows .x\n", "fn f(a) = a\n", "keep", ".", "@user.contact",
          "'''", "=", "let x = 1\n"]
METHODS = ["completion", "hover", "definition", "references", "documentHighlight", "signatureHelp", "documentSymbol",
           "semanticTokens/full", "inlayHint", "foldingRange", "formatting", "codeLens", "prepareRename"]


@test
def any_typing_is_what_check_says():
    """Random edits, each sent as a change; questions at random places; now and then the file is saved and checked."""
    for seed in range(6):
        rng = random.Random(seed)
        with Session() as s:
            path, text = s.file("shop.fconn"), SHOP.replace("\n", "\r\n" if seed % 2 else "\n")
            s.open(path, text)
            for step in range(60):
                begin = rng.randrange(len(text) + 1)
                if text[begin - 1:begin + 1] == "\r\n": begin -= 1  # within a line's end is no place
                end = min(len(text), begin + rng.choice([0, 0, 0, 1, 2, 9, 40]))
                if text[end - 1:end + 1] == "\r\n": end += 1
                change = {"range": {"start": position(text, begin), "end": position(text, end)}, "text": rng.choice(PIECES)}
                text = text[:begin] + change["text"] + text[end:]
                if rng.random() < 0.2: text, change = SHOP, {"text": SHOP}
                s.texts[path] = text
                found = s.change(path, [change], step + 2)
                s.ask("textDocument/" + rng.choice(METHODS), s.at(path, rng.randrange(len(text) + 1)))
                if step % 6: continue
                s.save("shop.fconn", text)
                checked = subprocess.run([FCONN, "check", "--format", "json", path], capture_output=True, text=True).stdout
                wanted = [(d["code"], d["line"], d["message"]) for d in json.loads(checked)]
                got = [(d["code"], d["range"]["start"]["line"] + 1, d["message"].split("\n")[0]) for d in found]
                equal(got, wanted, f"seed {seed}, step {step}")


@test
def several_changes_at_once():
    with Session() as s:
        path = s.file("a.fconn")
        s.open(path, "one\ntwo\r\nthree")
        place = lambda line, column: {"line": line, "character": column}
        changes = [{"range": {"start": place(0, 0), "end": place(2, 99)}, "text": SHOP},
                   {"range": {"start": place(0, 0), "end": place(0, 0)}, "text": "# 😀\r\n"},
                   {"range": {"start": place(0, 4), "end": place(0, 4)}, "text": " x"}]
        equal(s.change(path, changes), [])
        equal(s.change(path, [{"range": {"start": place(9999, 0), "end": place(9999, 0)}, "text": "# end"}]), [])


@test
def columns_are_utf16():
    text = 'connector a "😀" { version "1.0.0"; }\n'
    for offered, unit in ((["utf-16"], "utf-16"), (["utf-32", "utf-8", "utf-16"], "utf-8"), (None, "utf-16")):
        general = {"general": {"positionEncodings": offered}} if offered else {}
        with Session(capabilities=general) as s:
            equal(s.initialized["capabilities"]["positionEncoding"], unit)
            found = s.open(s.file("a.fconn"), text)
            before = text[:text.index(";")]
            wanted = len(before.encode("utf-8")) if unit == "utf-8" else len(before.encode("utf-16-le")) // 2
            holds(any(d["range"]["start"] == {"line": 0, "character": wanted} for d in found), (unit, wanted, found))


@test
def changes_in_utf8_columns():
    with Session(capabilities={"general": {"positionEncodings": ["utf-8"]}}) as s:
        path = s.file("a.fconn")
        text = 'fn f(x) = "😀ä{x}"\n'
        equal([d["code"] for d in s.open(path, text)], [])
        column = len(text[:text.index("{x}") + 1].encode())
        place = {"line": 0, "character": column}
        found = s.change(path, [{"range": {"start": place, "end": {"line": 0, "character": column + 1}}, "text": "y"}])
        wanted = [d for d in found if d["code"] == "F0201"]
        equal([d["range"]["start"] for d in wanted], [place])


@test
def watches_files_where_the_client_can():
    with Session(capabilities={"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}) as s:
        asked = s.read()
        equal(asked["method"], "client/registerCapability")
        equal(asked["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles")
        s.write({"jsonrpc": "2.0", "id": asked["id"], "result": None})
        equal(s.end(), 0)


@test
def open_files_count_before_those_on_disk():
    with Session({"lib.fconn": "fn other(x) = x\n", "user.fconn": USES}) as s:
        user, lib = s.file("user.fconn"), s.file("lib.fconn")
        equal([d["code"] for d in s.open(user, USES)], ["F0202"])
        s.open(lib, LIB)
        equal(s.diagnostics(user), [], "the open text has the function")
        s.retype(lib, "fn tidy(text) = text | trm\n")
        equal(s.diagnostics(user), [], "its mistake is told where it is, and that file is open")
        s.tell("textDocument/didClose", {"textDocument": {"uri": uri(lib)}})
        equal(s.diagnostics(lib), [])
        equal([d["code"] for d in s.diagnostics(user)], ["F0202"], "what is on disk counts again")


@test
def a_used_file_may_appear():
    with Session() as s:
        user = s.file("user.fconn")
        equal([d["code"] for d in s.open(user, USES)][0], "F0501", "no such file")
        s.save("lib.fconn", LIB)
        s.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri(s.file("lib.fconn")), "type": 1}]})
        equal(s.diagnostics(user), [])


@test
def a_tested_connector_may_appear():
    with Session() as s:
        path, at = s.show("shop.test.fconn", mark(SHOP_TEST, "rows customer", offset=6))
        equal(s.request("textDocument/definition", s.at(path, at)), [])
        s.show("shop.fconn", SHOP)
        equal(s.places(s.request("textDocument/definition", s.at(path, at))), ["shop.fconn:20: customer"])
        s.tell("textDocument/didClose", {"textDocument": {"uri": uri(s.file("shop.fconn"))}})
        equal(s.request("textDocument/definition", s.at(path, at)), [])


@test
def mistakes_in_files_that_are_not_open():
    with Session({"lib.fconn": "fn tidy(text) = text | trm\n"}) as s:
        user, lib = s.file("user.fconn"), s.file("lib.fconn")
        s.open(user, USES)
        equal([d["code"] for d in s.diagnostics(lib)], ["F0202"])
        s.tell("textDocument/didClose", {"textDocument": {"uri": uri(user)}})
        equal(s.diagnostics(user), [])
        equal(s.diagnostics(lib), [])


@test
def project_file():
    toml = '[instances.shop]\nconnector = "./shop.fconn"\nparams = { domian = "shop.example.com" }\n' \
           'secrets = { api_key = { env = "SHOP_KEY" } }\n'
    with Session({"shop.fconn": SHOP, "fconn.toml": toml}) as s:
        path = s.file("fconn.toml")
        found = s.open(path, toml)
        holds([d for d in found if "domian" in d["message"] and slice_of(toml, d["range"]) == "domian"], found)
        equal(s.retype(path, toml.replace("domian", "domain")), [])
        s.open(s.file("shop.fconn"), SHOP.replace("domain", "host_name"))
        holds([d for d in s.diagnostics(path) if "domain" in d["message"]], "the open connector counts")


@test
def other_toml_files_are_left_alone():
    with Session() as s:
        equal(s.open(s.file("Cargo.toml"), "[package]\nname = 1\n"), [])


@test
def secrets_are_never_shown():
    toml = '[instances.shop]\nconnector = "./shop.fconn"\nparams = { domain = "a.example.com", api_key = "hunter2" }\n'
    with Session({"shop.fconn": SHOP}) as s:
        found = s.open(s.file("fconn.toml"), toml)
        holds(found and "hunter2" not in str(found), found)
