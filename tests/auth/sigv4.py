#!/usr/bin/env python3
"""A server that verifies AWS Signature Version 4 by an implementation of its own (AWS' description of the
canonical request), and the program that signs for it. Usage: sigv4.py FCONN"""
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
KEYS = {"AKIDEXAMPLE": b"secret/key+with=signs"}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def why_not(method, target, headers, body, service):
    """What is wrong with a signed request; nothing when it is right."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        return "no signature"
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    access, day, region, of_service, end = given["Credential"].split("/")
    names = given["SignedHeaders"].split(";")
    if names != sorted(names) or not {"host", "x-amz-date", "x-amz-security-token"} <= set(names):
        return f"signed headers {names}"
    if (region, of_service, end) != ("eu-central-1", service, "aws4_request"):
        return f"scope {given['Credential']}"
    if service == "s3" and headers.get("x-amz-content-sha256") != sha256(body):
        return "x-amz-content-sha256"
    path, _, query = target.partition("?")
    pairs = [tuple(urllib.parse.unquote(part) for part in pair.partition("=")[::2])
             for pair in query.split("&") if pair]
    def quote(text):
        return urllib.parse.quote(text, safe="-._~")
    canonical = "\n".join([
        method,
        path if service == "s3" else urllib.parse.quote(path, safe="/-._~"),
        "&".join(f"{k}={v}" for k, v in sorted((quote(k), quote(v)) for k, v in pairs)),
        *[f"{name}:{' '.join(headers[name].split())}" for name in names], "",
        ";".join(names), sha256(body)])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"],
                      f"{day}/{region}/{of_service}/aws4_request", sha256(canonical.encode())])
    key = b"AWS4" + KEYS[access]
    for part in (day, region, of_service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    wanted = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(wanted, given["Signature"]) else f"signature of\n{canonical}"


def serve(service, seen):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {k.lower(): v for k, v in self.headers.items()}
            wrong = why_not(self.command, self.path, headers, body, service)
            seen.append((self.command, self.path, wrong))
            text = json.dumps({"id": self.path, "wrong": wrong}).encode()
            self.send_response(403 if wrong else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        do_GET = do_POST = answer
        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    failed = 0
    for service in ("execute-api", "s3"):
        for secret, good in ((KEYS["AKIDEXAMPLE"].decode(), True), ("another", False)):
            seen = []
            port = serve(service, seen)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "secrets.json")
                pathlib.Path(path).write_text(json.dumps({"access_key": "AKIDEXAMPLE", "secret_key": secret}))
                done = subprocess.run([sys.argv[1], "read", str(HERE / "sigv4.fconn"), "--param", f"port={port}",
                                       "--param", f"service={service}", "--secrets", path],
                                      capture_output=True, text=True, timeout=60)
            right = len(seen) == 4 and all((wrong is None) == good for _, _, wrong in seen)
            if not right or (done.returncode == 0) != good:
                failed += 1
                print(f"FAIL {service}, {'right' if good else 'wrong'} key: exit {done.returncode}\n{done.stderr}")
                for one in seen:
                    print(*one)
    print("ok" if not failed else f"{failed} failed")
    sys.exit(1 if failed else 0)


main()
