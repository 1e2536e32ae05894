#!/usr/bin/env python3
"""The Lezer grammar takes what `fconn check` takes and refuses what has a mistake of syntax: on every file of the tree, the
files in golden cases, the examples in docs, and some hundreds of them with one token changed.

usage: lezer.py FCONN STATE [--mutations N] [--seed N]. Ends with 77 (skipped) without npm."""
import argparse, json, sys

import npm, texts

# What the parser says and no grammar can: the one clause too many is the second of its name.
NOT_GRAMMAR = {"F0115"}

options = argparse.ArgumentParser()
options.add_argument("fconn")
options.add_argument("state")
options.add_argument("--mutations", type=int, default=400)
options.add_argument("--seed", type=int, default=1)
args = options.parse_args()

state = npm.install(args.state, npm.lezer_package())
npm.build_lezer(state)
whole = texts.of_tree() | texts.of_goldens() | texts.of_docs()
changed = texts.mutated({n: t for n, t in whole.items() if "/corpus/" not in n}, args.mutations, args.seed)
everything = whole | changed
(state / "texts.json").write_text(json.dumps(everything))
lezer, ours = npm.node("lezer.mjs", state, "texts.json"), texts.mistakes(args.fconn, everything)

differ = []
for name, text in everything.items():
    refused = ours[name] - NOT_GRAMMAR
    if bool(refused) == (lezer[name] is not None): continue
    if not refused and ours[name]: continue
    said = f"fconn says {' '.join(sorted(refused))}, Lezer nothing" if refused else "Lezer refuses"
    place = "" if lezer[name] is None else f" at {text[max(0, lezer[name] - 40):lezer[name]]!r} <> {text[lezer[name]:][:30]!r}"
    differ.append(f"{name}: {said}{place}")
wrong = sum(1 for name in changed if ours[name])
print("\n".join(differ))
print(f"{len(whole)} texts and {len(changed)} with one token changed ({wrong} of them wrong): {len(differ)} judged otherwise")
sys.exit(1 if differ or not whole else 0)
