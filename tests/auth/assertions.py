#!/usr/bin/env python3
"""A token endpoint that verifies assertions (RFC 7523) with OpenSSL, and the program that signs them.
Usage: assertions.py FCONN"""
import base64
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def unpacked(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der(signature):
    """Two numbers side by side (RFC 7518) as the SEQUENCE that OpenSSL reads."""
    def number(part):
        part = part.lstrip(b"\0") or b"\0"
        if part[0] & 0x80:
            part = b"\0" + part
        return b"\x02" + bytes([len(part)]) + part
    half = len(signature) // 2
    both = number(signature[:half]) + number(signature[half:])
    return b"\x30" + bytes([len(both)]) + both


class World:
    def __init__(self, folder):
        self.folder, self.claims, self.header, self.form, self.trouble = folder, None, None, None, []
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", folder / "rsa.pem")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "ec.pem")
        for name in ("rsa", "ec"):
            openssl("pkey", "-in", folder / f"{name}.pem", "-pubout", "-out", folder / f"{name}.pub")

    def verify(self, form):
        self.form = form
        head, claims, signature = form["assertion"].split(".")
        self.header, self.claims = json.loads(unpacked(head)), json.loads(unpacked(claims))
        es = self.header["alg"] == "ES256"
        (self.folder / "signature").write_bytes(der(unpacked(signature)) if es else unpacked(signature))
        key = self.folder / ("ec.pub" if es else "rsa.pub")
        openssl("dgst", "-sha256", "-verify", key, "-signature", self.folder / "signature",
                data=f"{head}.{claims}".encode())

    def serve(self):
        world = self
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, text = 200, {"id": "1"}
                if self.path == "/token":
                    text = {"access_token": "an-access-token", "expires_in": 3600}
                    try:
                        world.verify(dict(urllib.parse.parse_qsl(body)))
                    except (subprocess.CalledProcessError, KeyError, ValueError) as trouble:
                        world.trouble.append(str(trouble))
                        status, text = 400, {"error": "invalid_grant"}
                elif self.headers.get("Authorization") != "Bearer an-access-token":
                    status, text = 401, {}
                data = json.dumps(text).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            do_GET = do_POST = answer
            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]


def main():
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        world = World(folder)
        port = world.serve()
        account = json.dumps({"type": "service_account", "client_email": "robot@example.test",
                              "private_key_id": "id-1", "private_key": (folder / "rsa.pem").read_text()})
        cases = {"google": (account, {"iss": "robot@example.test", "scope": "a b"}, {"alg": "RS256", "kid": "id-1"}),
                 "google_as": (account, {"sub": "ada@example.com", "scope": "a"}, {"alg": "RS256"}),
                 "bearer": ((folder / "ec.pem").read_text(), {"iss": "me"}, {"alg": "ES256", "kid": "k1"})}
        for scheme, (key, claims, header) in cases.items():
            world.form = world.claims = world.header = None
            (folder / "key").write_text(key)
            done = subprocess.run([sys.argv[1], "read", str(HERE / "assertions.fconn"), "--param", f"port={port}",
                                   "--param", f"scheme={scheme}", "--secret-file", f"key={folder / 'key'}"],
                                  capture_output=True, text=True, timeout=60)
            def that(holds, what):
                if not holds:
                    failures.append(f"{scheme}: {what}")
            that(done.returncode == 0, f"exit {done.returncode} {done.stderr} {world.trouble}")
            got = world.claims or {}
            that(claims.items() <= got.items(), f"claims {got}")
            that(header.items() <= (world.header or {}).items(), f"header {world.header}")
            that((world.form or {}).get("grant_type") == GRANT, "grant type")
            that(abs(got.get("exp", 0) - time.time()) < 3700 and got.get("exp", 0) > time.time(), "exp")
            if scheme != "bearer":
                that(got.get("aud") == f"http://127.0.0.1:{port}/token", f"aud {got.get('aud')}")
                that("sub" in got or scheme == "google", "sub")
    print("\n".join(failures) or "ok")
    sys.exit(1 if failures else 0)


main()
