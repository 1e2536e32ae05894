#!/usr/bin/env python3
"""The TextMate grammar, by VS Code's own library: on every text of the tree that is right, each token has the scope that
what it is asks for (what it is, says the Lezer grammar), nothing is invalid, and no rule stays open; and a table of scopes.

usage: textmate.py FCONN STATE. Ends with 77 (skipped) without npm."""
import json, sys

import npm, texts

TABLE = [  # a text, a piece of it, the scope that it has (or begins with)
    ["connector shop \"Shop\" {", "connector", "keyword.declaration.fconn"],
    ["connector shop \"Shop\" {", "shop", "entity.name.type"],
    ["    rows  .items", "rows", "keyword.other.clause"],
    ["    rows  .items", "items", "variable.other.member"],
    ["    query { query: query }", "query", "keyword.other.clause"],
    ["    query { rows: rows }", "rows:", "variable.other.property"],
    ["    query { rows: rows }", "rows }", "variable.other"],
    ["    base \"https://{host}/v3\"", "https", "string.quoted.double"],
    ["    base \"https://{host}/v3\"", "{", "punctuation.section.embedded.begin"],
    ["    base \"https://{host}/v3\"", "host}", "variable.other"],
    ["    base \"https://{host}/v3\"", "/v3", "string.quoted.double"],
    ["    fail when .e \"a {.b ?? \"c\"} d\"", " d", "string.quoted.double"],
    ["    fail when .e \"a {.b ?? \"c\"} d\"", "when", "keyword.other.clause"],
    ["    fail when .e \"a \\{b} \\q\"", "\\{", "constant.character.escape"],
    ["    fail when .e \"a \\{b} \\q\"", "\\q", "invalid.illegal.escape"],
    ["    read GET /a/{x.id | lower}/b?c", "GET", "keyword.other.method"],
    ["    read GET /a/{x.id | lower}/b?c", "/a", "string.unquoted.path"],
    ["    read GET /a/{x.id | lower}/b?c", "lower", "entity.name.function"],
    ["    read GET /a/{x.id | lower}/b?c", "?c", "invalid.illegal.path"],
    ["    timeout 60s, connect 5s", "60s", "constant.numeric.duration"],
    ["    timeout 60s, connect 5s", "connect", "keyword.other.clause"],
    ["    rate 10/s, 1000/h", "/s", "keyword.operator"],
    ["    retry on 429, 5xx times 3 backoff 1s..60s", "5xx", "constant.numeric.status"],
    ["    retry on 429, 5xx times 3 backoff 1s..60s", "backoff", "keyword.other.clause"],
    ["    fields { id: string key @user.unique_id }", "@user.unique_id", "support.constant.category"],
    ["    fields { id: string key @user.unique_id }", "string", "support.type"],
    ["    fields { key: string key }", "key:", "variable.other.property"],
    ["    fields { key: string key }", "key }", "storage.modifier"],
    ["  ## About it", "About", "comment.line.documentation"],
    ["  base \"x\" # why", "why", "comment.line.number-sign"],
    ["  base \"no # comment\"", "# c", "string.quoted.double"],
    ["    body xml xml\"<a>{b}</a>\"", "<a>", "string.quoted.double"],
    ["    map  if .a == null then true else 2MiB", "then", "keyword.control"],
    ["    map  if .a == null then true else 2MiB", "true", "constant.language"],
    ["    map  if .a == null then true else 2MiB", "2MiB", "constant.numeric.size"],
    ["  let text = '''\n  it's {raw}\n'''\n", "{raw", "string.quoted.other.triple"],
]

fconn, state = sys.argv[1], sys.argv[2]
package = npm.lezer_package()
state = npm.install(state, package | {"vscode-textmate": "^9.0.0", "vscode-oniguruma": "^2.0.0"})
npm.build_lezer(state)
whole = texts.of_tree() | texts.of_goldens() | texts.of_docs()
wrong = texts.mistakes(fconn, whole)
right = {name: text for name, text in whole.items() if not wrong[name]}
(state / "texts.json").write_text(json.dumps(right))
table = TABLE + [[f"  {word} \"a\"", word, "keyword"] for word in texts.clause_words()]
(state / "table.json").write_text(json.dumps(table))
found = npm.node("textmate.mjs", state, npm.ROOT / "tools/editors/textmate/fconn.tmLanguage.json", "texts.json", "table.json")
unused = sorted(set(texts.all_words()) - set(found["words"]))
print("\n".join(found["problems"]))
print(f"{len(right)} texts, {found['compared']} tokens and {len(table)} scopes: {len(found['problems'])} are otherwise; "
      f"never seen: {', '.join(found['unseen'] + unused) or 'none'}")
sys.exit(1 if found["problems"] or found["unseen"] or unused or not right else 0)
