#!/usr/bin/env python3
"""The extension for VS Code: packaged by `vsce`, it holds what it needs and nothing else; started with stand-ins for VS Code
it starts `fconn lsp` in trusted workspaces alone, and runs what a lens gives in a terminal.

usage: vscode.py STATE. Ends with 77 (skipped) without npm."""
import json, os, shutil, subprocess, sys, zipfile

import npm

problems = []


def expect(holds, what):
    if not holds: problems.append(what)


source = npm.ROOT / "tools/editors/vscode"
manifest = json.loads((source / "package.json").read_text())
state = npm.install(sys.argv[1], manifest["devDependencies"])
stage = state / "stage"
shutil.rmtree(stage, ignore_errors=True)
ignored = shutil.ignore_patterns("node_modules", "syntaxes", "*.vsix", "package-lock.json")
shutil.copytree(source, stage / "vscode", ignore=ignored)
shutil.copytree(source.parent / "textmate", stage / "textmate")
extension = stage / "vscode"
done = npm.ran(["npm", "install", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], cwd=extension)
if done.returncode: npm.skip(f"npm can't install the extension's packages:\n{done.stderr.strip()[-600:]}")
vsce = os.path.abspath(state / "node_modules/@vscode/vsce/vsce")
done = npm.ran(["node", vsce, "package", "--skip-license", "--allow-missing-repository", "-o", "fconn.vsix"], cwd=extension)
if done.returncode: sys.exit(f"vsce package ended with {done.returncode}:\n{done.stdout}{done.stderr}")

with zipfile.ZipFile(extension / "fconn.vsix") as package:
    names = set(package.namelist())
    held = json.loads(package.read("extension/package.json"))
    grammar = json.loads(package.read("extension/syntaxes/fconn.tmLanguage.json"))
own = {name.replace("readme", "README") for name in names if name.startswith("extension/") and "/node_modules/" not in name}
expect(own == {f"extension/{name}" for name in ("package.json", "extension.js", "language-configuration.json", "README.md",
                                                "syntaxes/fconn.tmLanguage.json")}, f"the package holds {sorted(own)}")
for name in manifest["dependencies"]: expect(f"extension/node_modules/{name}/package.json" in names, f"{name} isn't in the package")
expect(not any("/@vscode/vsce/" in name for name in names), "what only packages is in the package")
expect(grammar == json.loads((source.parent / "textmate/fconn.tmLanguage.json").read_text()), "the grammar is another")
contributed = held["contributes"]
expect(contributed["grammars"][0]["scopeName"] == grammar["scopeName"], "the scope is another")
for file in [contributed["languages"][0]["configuration"], contributed["grammars"][0]["path"], held["main"]]:
    expect(f"extension/{file[2:]}" in names, f"{file} isn't in the package")
json.loads((source / "language-configuration.json").read_text())

shutil.copy(npm.ROOT / "tests/editors/vscode.cjs", state / "vscode.cjs")
done = npm.ran(["node", "vscode.cjs", "stage/vscode"], cwd=state)
if done.returncode: sys.exit(f"the extension failed:\n{done.stderr}")
did = json.loads(done.stdout)
expect(did["beforeTrust"] == 0, "a server was started in a workspace that isn't trusted")
expect([c["server"] for c in did["clients"]] == [{"command": "/opt/fconn", "args": ["lsp"]}] * 3, did["clients"])
expect([c["stopped"] for c in did["clients"]] == [True] * 3, "a server that was replaced still runs")
expect({"language": "fconn"} in did["clients"][0]["selector"], "the server doesn't get .fconn files")
expect({"pattern": "**/fconn.toml"} in did["clients"][0]["selector"], "the server doesn't get fconn.toml")
expect([(t["shellPath"], t["shellArgs"][0], t["shellArgs"][2:]) for t in did["terminals"]] ==
       [("/bin/sh", "-c", ["fconn", "/opt/fconn", "read", "shop.fconn", "a b"])], did["terminals"])
ran = npm.ran(["/bin/sh", *did["terminals"][0]["shellArgs"][:3], "printf", "%s|", "a b", "$HOME"], stdin=subprocess.DEVNULL)
expect(ran.stdout.startswith("a b|$HOME|\n[ended with 0;"), f"the terminal ran {ran.stdout!r}")
expect(did["passed"] == ["fconn.other", [1]], "what another command gives is lost")
expect(len(did["messages"]) == 1 and "ENOENT" in did["messages"][0] and "fconn.path" in did["messages"][0], did["messages"])
expect(did["subscriptions"] >= 2, "what was registered isn't given back")

size = (extension / "fconn.vsix").stat().st_size
print("\n".join(map(str, problems)))
print(f"{len(names)} files, {size // 1024} KiB: {len(problems)} problems")
sys.exit(1 if problems else 0)
