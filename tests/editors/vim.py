#!/usr/bin/env python3
"""The files for Vim and Neovim, in each of them that is there: every token of the tree's connectors and of its tests has the
syntax group that what it is asks for (what it is, says the Lezer grammar), and the file type sets what it should.

usage: vim.py FCONN STATE. Ends with 77 (skipped) without npm, or without nvim and a vim that has +syntax and +eval."""
import json, os, shutil, sys

import npm, texts

KEYWORD = {"fconnKeyword", "fconnReserved", "fconnInner", "fconnMark", "fconnOperator"}
STRING, NAME = {"fconnString", "fconnEscape"}, {"", "fconnName", "fconnKey"}
GROUPS = {  # a node, and the groups that it may have
    "Keyword": KEYWORD, "ControlKeyword": KEYWORD, "OperatorKeyword": KEYWORD, "CompareOperator": KEYWORD,
    "BodyFormat": KEYWORD, "BodyKind": KEYWORD, "NextPart": KEYWORD, "ExpiresHow": KEYWORD, "Outcome": KEYWORD,
    "Direction": KEYWORD, "Method": {"fconnMethod"}, "Comment": {"fconnComment"}, "DocComment": {"fconnDoc"},
    "Category": {"fconnCategory"}, "Number": {"fconnNumber"}, "Boolean": {"fconnConstant"}, "Null": {"fconnConstant"},
    "QuotedText": STRING, "BlockText": STRING, "RawString": {"fconnString"}, "TargetText": {"fconnPath"}, "PathText": {"fconnPath"},
    "Variable": NAME, "Function": NAME, "Name": NAME, "TypeName": NAME, "ArgumentName": NAME,
    "Key": NAME | STRING, "FieldName": NAME | STRING, "Path": {"", "fconnField", "fconnOperator"}, "MemberName": {"", "fconnField"},
}

fconn, state = sys.argv[1], sys.argv[2]
state = npm.install(state, npm.lezer_package())
editors = [name for name in ("nvim", "vim") if shutil.which(name)]
if "vim" in editors and not {"+syntax", "+eval"} <= set(npm.ran(["vim", "--version"]).stdout.split()): editors.remove("vim")
if not editors: npm.skip("there is neither nvim nor a whole vim (apt install neovim)")
npm.build_lezer(state)
whole = {name: text for name, text in texts.of_tree().items() if name.split("/")[0] in ("connectors", "stdlib", "tests") and
         not name.startswith(("tests/fuzz", "tests/golden"))}
wrong = texts.mistakes(fconn, whole)
(state / "texts.json").write_text(json.dumps({str(npm.ROOT / name): text for name, text in whole.items() if not wrong[name]}))
tokens = npm.node("tokens.mjs", state, "texts.json")
asked = {file: [token for token in found if token[2] in GROUPS] for file, found in tokens.items()}
words = state / "words.fconn"
words.write_text("".join(f"  {word} \"a\"\n" for word in texts.clause_words()))
asked[str(words)] = [[line, 3, "Keyword", word] for line, word in enumerate(texts.clause_words(), 1)]
(state / "tokens.json").write_text(json.dumps(asked))

problems, unseen = [], set(GROUPS)
for editor in editors:
    (state / "groups.json").unlink(missing_ok=True)
    runtime = str(npm.ROOT / "tools/editors/vim")
    options = ["--headless", "-n"] if editor == "nvim" else ["-E", "-s", "-n", "-N", "-i", "NONE"]
    done = npm.ran([editor, "-u", "NONE", *options, "--cmd", f"set runtimepath^={runtime}", "--cmd", f"let g:tokens_file = '{state}/tokens.json'",
                    "--cmd", f"let g:groups_file = '{state}/groups.json'", "-S", str(npm.ROOT / "tests/editors/groups.vim")], timeout=120)
    if not (state / "groups.json").exists(): sys.exit(f"{editor} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    found = json.loads((state / "groups.json").read_text())
    if found["settings"] != ["fconn", "# %s", 2, 1]: problems.append(f"{editor}: the file type sets {found['settings']}")
    for file, groups in found["groups"].items():
        for (line, _, node, text), group in zip(asked[file], groups):
            unseen.discard(node)
            if group == "fconnHole": group = ""  # what stands in a hole, and is nothing of its own
            if group not in GROUPS[node]: problems.append(f"{editor}: {os.path.relpath(file, npm.ROOT)}:{line}: {node} {text!r} is {group or 'nothing'}")
print("\n".join(problems))
print(f"{' and '.join(editors)}, {len(asked)} files, {sum(map(len, asked.values()))} tokens: {len(problems)} are otherwise; "
      f"never seen: {', '.join(sorted(unseen)) or 'none'}")
sys.exit(1 if problems or unseen else 0)
