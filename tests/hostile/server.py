#!/usr/bin/env python3
"""A server that misbehaves: one path for each kind (docs/hostile.md). Raw sockets, so that what is
sent is exactly what stands here.

usage: server.py [PORT]   prints `listening on PORT`; ends when its standard input closes.
"""
import email.utils
import io
import json
import os
import random
import socket
import struct
import sys
import threading
import time
import urllib.parse
import zipfile
import zlib

ROWS = [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]
GOOD = json.dumps(ROWS).encode()
MIB = 1 << 20


class Connection:
    """One request and whatever is sent for it."""

    def __init__(self, sock, port, hits):
        self.sock, self.port, self.hits = sock, port, hits
        self.case, self.query, self.target = "", {}, ""

    def read_request(self):
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.sock.recv(65536)
            if not part:
                return False
            head += part
        target = head.split(b" ", 2)[1].decode("latin-1")
        path, _, query = target.partition("?")
        self.target = target
        self.case = urllib.parse.unquote(path).strip("/")
        self.query = dict(urllib.parse.parse_qsl(query))
        return True

    def send(self, data):
        self.sock.sendall(data)

    def head(self, status="200 OK", length=None, mime="application/json", more=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {mime}", "Connection: close", *more]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    def answer(self, body, status="200 OK", mime="application/json", more=()):
        if isinstance(body, str):
            body = body.encode()
        self.head(status, len(body), mime, more)
        self.send(body)

    def json(self, value):
        self.answer(json.dumps(value))

    def for_ever(self, data, pause=0.0):
        while True:
            self.send(data)
            time.sleep(pause)

    def reset(self):
        """Ends with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


CASES = {}


def case(path):
    def take(function):
        CASES[path] = function
        return function
    return take


def body_case(path, body, **options):
    CASES[path] = lambda c: c.answer(body, **options)


# ---- time and the connection -------------------------------------------------------------------

@case("plain/slow-headers")
def _(c):
    c.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        c.send(b"z")
        time.sleep(0.1)


@case("plain/slow-body")
def _(c):
    c.head(length=10_000)
    c.send(b'[{"id":1},')
    time.sleep(3600)


@case("plain/dripping-body")
def _(c):
    c.head(length=1_000_000)
    c.send(b"[")
    while True:
        c.send(b" ")
        time.sleep(0.05)


@case("plain/cut")
def _(c):
    c.head(length=len(GOOD))
    c.send(GOOD[:-20])


@case("plain/cut-chunked")
def _(c):
    c.head(more=["Transfer-Encoding: chunked"])
    c.send(b"%x\r\n%s\r\n" % (len(GOOD), GOOD))  # the whole body, but no last chunk


@case("plain/reset")
def _(c):
    c.head(length=len(GOOD))
    c.send(GOOD[:10])
    time.sleep(0.1)
    c.reset()


@case("plain/silent")
def _(_c):
    pass  # closes without a byte


@case("plain/length-long")
def _(c):
    c.head(length=len(GOOD) + 100)
    c.send(GOOD)


@case("plain/length-short")
def _(c):
    c.head(length=len(GOOD) - 5)
    c.send(GOOD)


@case("plain/two-lengths")
def _(c):
    c.head(length=len(GOOD), more=["Content-Length: 3"])
    c.send(GOOD)


# ---- size --------------------------------------------------------------------------------------

@case("plain/endless-rows")
def _(c):
    c.head()
    c.send(b"[")
    row = json.dumps({"id": 1, "text": "x" * 1000}).encode() + b","
    c.for_ever(row * 1000)


@case("plain/endless-string")
def _(c):
    c.head()
    c.send(b'[{"id":1,"text":"')
    c.for_ever(b"x" * MIB)


@case("plain/endless-space")
def _(c):
    c.head()
    c.for_ever(b" " * MIB, pause=0.01)  # the time is up long before the bound on its size


@case("listed/endless-other")
def _(c):
    c.head()
    c.send(b'{"unread":"')
    c.for_ever(b"x" * MIB)


@case("plain/large")
def _(c):
    c.head()
    c.send(b"[")
    for i in range(64):
        rows = ",".join(json.dumps({"id": i * 1000 + k, "text": "x" * 1000}) for k in range(1000))
        c.send((("," if i else "") + rows).encode())
    c.send(b"]")


@case("keyed/one-key")
def _(c):
    c.json([{"id": 1, "text": "a"}, {"id": 2, "text": "b"}, {"id": 1, "text": "c"}, {"id": 2, "text": "b"}])


@case("plain/gzip-bomb")
def _(c):
    """Rows without end, a thousand times smaller on the wire; a block is made once and repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(b'[{"id":1,"text":"') + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"x" * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    c.head(more=["Content-Encoding: gzip"])
    c.send(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + first)
    c.for_ever(block * 64)


@case("plain/csv-large")
def _(c):
    c.head(mime="text/csv")
    c.send(b"id,text\r\n")
    for i in range(64):
        c.send("".join(f'{i * 1000 + k},"{"x" * 500},\n{"y" * 500}"\r\n' for k in range(1000)).encode())


@case("plain/csv-ragged")
def _(c):
    c.head(mime="text/csv")
    c.send(b"id,text\n" + b"".join(b"%d,%s\n" % (i, b"x" * 1000) for i in range(6000)) + b"6000\n")


@case("plain/csv-endless-field")
def _(c):
    c.head(mime="text/csv")
    c.send(b'id,text\n1,"')
    c.for_ever(b"x" * MIB)


@case("plain/ndjson-large")
def _(c):
    c.head(mime="application/x-ndjson")
    for i in range(64):
        c.send("".join(json.dumps({"id": i * 1000 + k, "text": "x" * 1000}) + "\n" for k in range(1000)).encode())


def gzip_of(first, block=b"", times=0):
    """A gzip file of `first` and then `block` so many times, which is packed but once."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    begin = packer.compress(first) + packer.flush(zlib.Z_FULL_FLUSH)
    repeated = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.crc32(first)
    for _ in range(times):
        checksum = zlib.crc32(block, checksum)
    size = (len(first) + times * len(block)) & 0xFFFFFFFF
    return (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + begin + repeated * times + packer.flush()
            + struct.pack("<II", checksum, size))


@case("plain/file-gzip")
def _(c):
    """A CSV export that is packed as a file."""
    rows = "".join(f"{k},{random.Random(k).random()}{'x' * 980}\r\n" for k in range(1000))
    c.answer(gzip_of(b"id,text\r\n", rows.encode(), 64), mime="text/csv")


@case("plain/file-gzip-bomb")
def _(c):
    c.answer(gzip_of(b"[", b" " * MIB, 400), mime="application/gzip")


@case("plain/file-gzip-cut")
def _(c):
    c.answer(gzip_of(GOOD * 50)[:-12], mime="application/gzip")


def zip_of(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


@case("plain/file-zip")
def _(c):
    c.answer(zip_of([("export.csv", "id,name\n1,one\n")]), mime="application/zip")


@case("plain/file-zip-two")
def _(c):
    c.answer(zip_of([("a.csv", "id\n1\n"), ("\x1b[31mb.csv", "id\n2\n")]), mime="application/zip")


@case("plain/file-zip-bomb")
def _(c):
    c.answer(zip_of([("a.json", b" " * (40 * MIB))]), mime="application/zip")


@case("plain/xml-entities")
def _(c):
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    c.answer(f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]><r>&l11;</r>', mime="application/xml")


@case("plain/xml-external")
def _(c):
    c.answer('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', mime="text/xml")


@case("plain/xml-deep")
def _(c):
    c.answer("<a>" * 10_000 + "</a>" * 10_000, mime="application/xml")


@case("plain/gzip-damaged")
def _(c):
    packed = bytearray(zlib.compress(GOOD * 50, 9, 31))
    packed[20:40] = bytes(20)
    c.answer(bytes(packed), more=["Content-Encoding: gzip"])


@case("plain/gzip-cut")
def _(c):
    """Rows that end between two, and a length that says so."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(b"id,name\n1,one\n") + packer.flush(zlib.Z_FULL_FLUSH)
    c.answer(first, mime="text/csv", more=["Content-Encoding: gzip"])


@case("plain/gzip-not")
def _(c):
    c.answer(GOOD, more=["Content-Encoding: gzip"])


# ---- pages -------------------------------------------------------------------------------------

def page(c, rows, after):
    c.json({"items": rows, "next": after})


def number(c):
    return int(c.query.get("after", "0"))


@case("cursor/same-cursor")
def _(c):
    page(c, [{"id": random.getrandbits(60)}], "7")


@case("cursor/two-cursors")
def _(c):
    page(c, [{"id": random.getrandbits(60)}], "8" if number(c) == 7 else "7")


@case("cursor/same-page")
def _(c):
    page(c, ROWS, str(number(c) + 1))


def large_page(after):
    """A thousand rows, more than are kept as a whole."""
    return json.dumps({"items": [{"id": i, "text": "x" * 6000} for i in range(1000)], "next": after}).encode()


@case("cursor/same-large-page")
def _(c):
    c.answer(large_page(str(number(c) + 1)))


@case("capped/broken-off")
def _(c):
    body = large_page(None)
    if c.hits() > 1:
        c.answer(body)
        return
    c.head(length=len(body))
    c.send(body[:-1000])
    time.sleep(0.3)
    c.reset()


@case("cursor/object-cursor")
def _(c):
    page(c, [{"id": number(c)}], {"not": "a text"})


@case("capped/endless-pages")
def _(c):
    page(c, [{"id": number(c) * 100 + i} for i in range(100)], str(number(c) + 1))


@case("capped/endless-empty")
def _(c):
    page(c, [], "7")


@case("linked/away")
def _(c):
    page(c, ROWS, "http://other.example.com/linked/away")


@case("linked/disguised")
def _(c):
    page(c, ROWS, f"http://127.0.0.1:{c.port}@other.example.com/linked/disguised")


@case("linked/other-port")
def _(c):
    page(c, ROWS, f"http://127.0.0.1:{c.port % 65535 + 1}/linked/other-port")


@case("linked/file")
def _(c):
    page(c, ROWS, "file:///etc/hostname")


@case("linked/spelt")
def _(c):
    """A link whose text is signed, or whose plus is one."""
    link = "/linked/spelt?after=1+2&s=a%2fb~c,d&e"
    if not c.query:
        page(c, [{"id": 1}], link)
    elif c.target == link:
        page(c, [{"id": 2}], None)
    else:
        c.answer(json.dumps({"error": c.target}), status="403 Forbidden")


@case("linked/itself")
def _(c):
    page(c, [{"id": random.getrandbits(60)}], "/linked/itself")


@case("linked/line-break")
def _(c):
    page(c, ROWS, "/linked/x\r\nX-Injected: 1")


# ---- bodies ------------------------------------------------------------------------------------

body_case("plain/bad-literal", '[{"id":1},{"id":tru}]')
body_case("plain/missing-comma", '[{"id":[1 2]}]')
body_case("plain/lone-surrogate", '[{"id":1,"name":"\\ud800"}]')
body_case("plain/invalid-utf8", b'[{"id":1,"name":"\xff\xfe"}]')
body_case("plain/overlong-utf8", b'[{"id":1,"name":"\xc0\xaf"}]')
body_case("plain/control", b'[{"id":1,"name":"a\x01b"}]')
body_case("plain/nul", b'[{"id":1}\x00,{"id":2}]')
body_case("plain/trailing", '[{"id":1}] and more')
body_case("plain/unclosed", '[{"id":1},{"id":2')
body_case("plain/deep", '[{"id":' + "[" * 10_000 + "]" * 10_000 + "}]")
body_case("plain/deep-rows", "[" * 10_000 + "]" * 10_000)
body_case("plain/not-rows", "[1,2,3]")
body_case("plain/leading-zero", '[{"id":01}]')
body_case("plain/nan", '[{"id":NaN}]')
body_case("plain/single-quotes", "[{'id':1}]")
body_case("plain/huge-number", '[{"id":' + "9" * 5000 + '},{"id":1e999999}]')
body_case("plain/duplicate-keys", '[{"id":1,"id":2},{"id":3}]')
body_case("plain/newlines", json.dumps(ROWS, indent=4).replace("\n", "\r\n"))
body_case("plain/separators", '[{"id":1,"name":"a\u2028b\u0085c"}]')
body_case("plain/utf16", "\ufeff[]".encode("utf-16-le"))
body_case("plain/bom", b"\xef\xbb\xbf" + GOOD)
body_case("plain/empty", "")
body_case("plain/null", "null")
body_case("plain/html", "<!DOCTYPE html><title>Sign in</title>", mime="text/html")
body_case("csv/html", "<html>\n<body>\nSign in\n</body>\n</html>", mime="text/html")
body_case("csv/utf16", "id,name\n1,a\n".encode("utf-16-be"), mime="text/csv")
body_case("plain/json-as-html", GOOD, mime="text/html")
body_case("plain/ndjson-as-json", '{"id":1}\n{"id":2}\n')
body_case("listed/renamed", '{"things":[{"id":1}]}')
body_case("listed/text", '{"items":"none today"}')
body_case("listed/after-damage", '{"items":[{"id":1}],"broken":tru}')


# ---- statuses and headers ----------------------------------------------------------------------

@case("plain/204")
def _(c):
    c.send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def busy(path, retry_after, times=1):
    def handle(c):
        if c.hits() > times:
            c.answer(GOOD)
            return
        value = retry_after() if callable(retry_after) else retry_after
        c.answer('{"error":"busy"}', "429 Too Many Requests",
                 more=[] if value is None else [f"Retry-After: {value}"])
    CASES[path] = handle


busy("plain/429-seconds", "1")
busy("plain/429-date", lambda: email.utils.formatdate(time.time() + 1, usegmt=True))
busy("plain/429-none", None)
busy("plain/429-nonsense", "in a while")
busy("plain/429-negative", "-5")
busy("plain/429-absurd", "999999999999")
busy("plain/429-always", None, times=1_000_000)


def redirect(path, location, status="302 Found"):
    def handle(c):
        value = location(c) if callable(location) else location
        c.answer("", status, more=[] if value is None else [f"Location: {value}"])
    CASES[path] = handle


redirect("plain/redirect-away", "http://other.example.com/")
redirect("plain/redirect-loop", "/plain/redirect-loop")
redirect("plain/redirect-endless", lambda c: f"/plain/redirect-endless?n={random.random()}")
redirect("plain/redirect-nowhere", None)
redirect("plain/redirect-file", "file:///etc/hostname")
redirect("plain/redirect-inside", "http://169.254.169.254/latest/meta-data/")


@case("plain/header-bytes")
def _(c):
    c.send(b"HTTP/1.1 200 OK\r\nX-Odd: \xff\x80\x07\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
    c.send(GOOD)


@case("plain/header-no-colon")
def _(c):
    c.send(b"HTTP/1.1 200 OK\r\nthis is no header\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
    c.send(GOOD)


@case("plain/header-nul")
def _(c):
    c.send(b"HTTP/1.1 200 OK\r\nX-Odd: a\x00b\r\nContent-Length: %d\r\n\r\n" % len(GOOD))
    c.send(GOOD)


@case("plain/header-huge")
def _(c):
    c.send(b"HTTP/1.1 200 OK\r\n")
    for i in range(100_000):
        c.send(b"X-Many-%d: %s\r\n" % (i, b"y" * 1000))


@case("plain/header-terminal")
def _(c):
    c.answer("no", "500 \x1b[2J\x1b]0;owned\x07", mime="text/\x1b[31mred")


@case("plain/not-http")
def _(c):
    c.send(b"220 mail.example.com ESMTP\r\n")


@case("plain/status-odd")
def _(c):
    c.answer(GOOD, "999 Whatever")


# ---- serving -----------------------------------------------------------------------------------

def serve(sock, port, counts, lock):
    connection = None

    def hits():
        with lock:
            counts[connection.case] = counts.get(connection.case, 0) + 1
            return counts[connection.case]

    try:
        connection = Connection(sock, port, hits)
        if connection.read_request():
            handler = CASES.get(connection.case)
            if handler is None:
                connection.answer('{"error":"no such scenario"}', "404 Not Found")
            else:
                handler(connection)
    except OSError:
        pass  # the client went away, which is what it should do here
    finally:
        sock.close()


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0),
                                    backlog=64)
    port = listener.getsockname()[1]
    print(f"listening on {port}", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    counts, lock = {}, threading.Lock()
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock, port, counts, lock), daemon=True).start()


if __name__ == "__main__":
    main()
