#!/usr/bin/env python3
"""The extension in VS Code itself: code-server shows it in headless Chromium, and what `fconn lsp` says of a mistake, what it completes
and what the lens Run does are looked at in the page.

usage: vscode_real.py FCONN STATE. Ends with 77 (skipped) where there is no code-server: FCONN_CODE_SERVER is the folder of its npm
package (`npm install code-server`; without scripts where some of its packages can't be built, then `npm rebuild argon2` there, and
`npm rebuild node-pty @vscode/spdlog native-watchdog @parcel/watcher` in its lib/vscode)."""
import json, os, pathlib, shutil, socket, subprocess, sys, time, urllib.request

import npm

SHOP = '''## Orders of a shop.
connector shop "Shop" {
  version "1.0.0"
  docs    "https://shop.example.com/docs"

  param  domain: host
  secret api_key "API key"

  identity email

  client {
    base "https://{domian}/v1"
    auth bearer(api_key)
  }

  ## Who bought something.
  collection customer {
    read GET /customers {
      query { email: email }
      rows  .customers
    }
    fields default @system.operations {
      id: string key
      email: string @user.contact.email
    }
  }

  collection order {
    for c in customer
    read GET /customers/{c.id}/orders {
      rows .orders
    }
    fields default @system.operations { id: string key }
  }
}
'''
fconn, state = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
server = pathlib.Path(os.environ.get("FCONN_CODE_SERVER", "/nonexistent")) / "out/node/entry.js"
if not server.exists(): npm.skip("there is no code-server: FCONN_CODE_SERVER isn't the folder of its npm package")
chromium = shutil.which("chromium") or npm.skip("there is no chromium (apt install chromium)")
if subprocess.run(["node", server, "--version"], capture_output=True).returncode: npm.skip("code-server doesn't run here")
npm.install(state, {"puppeteer-core": "^24.0.0"})

# The package that vscode.py makes, from the sources as they are.
done = npm.ran([sys.executable, npm.ROOT / "tests/editors/vscode.py", state / "package"])
if done.returncode: npm.skip(f"the extension isn't packaged:\n{done.stdout}{done.stderr}")
run = state / "run"
shutil.rmtree(run, ignore_errors=True)
for folder in ("project", "data/User"): (run / folder).mkdir(parents=True)
(run / "project/shop.fconn").write_text(SHOP)
wrapper, log = run / "fconn", run / "argv"
wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\nexec {fconn} "$@"\n')
wrapper.chmod(0o755)
(run / "data/User/settings.json").write_text(json.dumps(
    {"fconn.path": str(wrapper), "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off"}))
where = ["node", server, "--user-data-dir", run / "data", "--extensions-dir", run / "extensions", "--config", "/dev/null"]
done = npm.ran([*where, "--install-extension", state / "package/stage/vscode/fconn.vsix"])
if done.returncode: sys.exit(f"the extension can't be installed:\n{done.stdout}{done.stderr}")
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
with open(run / "log", "w") as out:
    process = subprocess.Popen([*where, "--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-workspace-trust",
                                "--disable-telemetry", "--disable-update-check"], stdout=out, stderr=out)
try:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
            break
        except OSError:
            time.sleep(0.1)
    seen = npm.node("vscode_real.mjs", state, f"http://127.0.0.1:{port}/?folder={run}/project", run / "vscode.png", chromium, log)
finally:
    process.terminate()
    process.wait(30)
print(json.dumps(seen, indent=1), run / "vscode.png")
started = seen.get("started", [])
problems = [what for what, holds in {
    "lenses": seen.get("lenses") == ["Run", "Step"] * 2, "language": "fconn" in str(seen.get("language")),
    "completion": seen.get("completion") == ["email", "id"], "the server": "lsp" in started,
    "what the lens ran": f"read {run}/project/shop.fconn customer" in started,
}.items() if not holds]
sys.exit(f"not as it should be: {', '.join(problems)}" if problems else 0)
