"""A client of the Language Server Protocol, for tests and measurements: frames, requests, notifications, and edits
applied as an editor applies them."""
import json, os, subprocess


class Broken(Exception):
    pass


class Client:
    def __init__(self, fconn, cwd=None, env=None, args=("lsp",)):
        self.process = subprocess.Popen([fconn, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=cwd,
                                        env={**os.environ, **(env or {})})
        self.next_id, self.notes, self.texts = 1, [], {}

    # -- bytes
    def write(self, *messages):
        """All at once, so that the server finds them together."""
        data = b""
        for message in messages:
            body = message if isinstance(message, bytes) else json.dumps(message).encode()
            data += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def read(self):
        length = None
        while True:
            line = self.process.stdout.readline()
            if not line: raise Broken("the server ended")
            if line == b"\r\n": break
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length": length = int(value)
        return json.loads(self.process.stdout.read(length))

    # -- messages
    def message(self, method, params=None, request=True):
        made = {"jsonrpc": "2.0", "method": method}
        if params is not None: made["params"] = params
        if request:
            made["id"] = self.next_id
            self.next_id += 1
        return made

    def answer_to(self, identity):
        while True:
            got = self.read()
            if got.get("id") == identity and "method" not in got: return got
            self.notes.append(got)

    def ask(self, method, params=None):
        """The whole answer, with `result` or `error`."""
        made = self.message(method, params)
        self.write(made)
        return self.answer_to(made["id"])

    def request(self, method, params=None):
        got = self.ask(method, params)
        if "error" in got: raise Broken(f"{method}: {got['error']}")
        return got["result"]

    def tell(self, method, params=None):
        self.write(self.message(method, params, request=False))

    # -- documents
    def start(self, root=None, capabilities=None, **more):
        folders = [{"uri": uri(root), "name": "test"}] if root else None
        result = self.request("initialize", {"processId": os.getpid(), "rootUri": uri(root) if root else None,
                                             "workspaceFolders": folders, "capabilities": capabilities or {}, **more})
        self.tell("initialized", {})
        return result

    def open(self, path, text, version=1):
        self.texts[path] = text
        language = "toml" if path.endswith(".toml") else "fconn"
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri(path), "languageId": language,
                                                            "version": version, "text": text}})
        return self.diagnostics(path)

    def change(self, path, changes, version=2):
        self.tell("textDocument/didChange", {"textDocument": {"uri": uri(path), "version": version},
                                             "contentChanges": changes})
        return self.diagnostics(path)

    def retype(self, path, text, version=2):
        self.texts[path] = text
        return self.change(path, [{"text": text}], version)

    def diagnostics(self, path):
        """The next ones that are published for a file."""
        def wanted(got): return got.get("method") == "textDocument/publishDiagnostics" and got["params"]["uri"] == uri(path)
        for i, got in enumerate(self.notes):
            if wanted(got): return self.notes.pop(i)["params"]["diagnostics"]
        while True:
            got = self.read()
            if wanted(got): return got["params"]["diagnostics"]
            self.notes.append(got)

    def at(self, path, offset, **more):
        return {"textDocument": {"uri": uri(path)}, "position": position(self.texts[path], offset), **more}

    def end(self):
        self.request("shutdown")
        self.tell("exit")
        self.process.stdin.close()
        return self.process.wait(timeout=20)


def uri(path):
    from urllib.parse import quote
    return "file://" + quote(path)


def path_of(address):
    from urllib.parse import unquote
    return unquote(address.removeprefix("file://"))


def units(text):
    return len(text.encode("utf-16-le")) // 2


def position(text, offset):
    """Of a Python string's index, in UTF-16."""
    before = text[:offset]
    line = before.count("\n")
    return {"line": line, "character": units(before[before.rfind("\n") + 1:])}


def index(text, place):
    lines = text.split("\n")
    if place["line"] >= len(lines): return len(text)
    at, column = sum(len(line) + 1 for line in lines[:place["line"]]), 0
    for char in lines[place["line"]]:
        if column >= place["character"]: break
        column += units(char)
        at += 1
    return at


def slice_of(text, span):
    return text[index(text, span["start"]):index(text, span["end"])]


def apply(text, edits):
    for edit in sorted(edits, key=lambda e: (e["range"]["start"]["line"], e["range"]["start"]["character"]), reverse=True):
        text = text[:index(text, edit["range"]["start"])] + edit["newText"] + text[index(text, edit["range"]["end"]):]
    return text
