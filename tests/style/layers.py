#!/usr/bin/env python3
"""Who may include whom (docs/architecture.md), which third-party headers are private to .cc files of
which folders, and where secrets are revealed. Usage: layers.py ROOT"""
import os, re, sys

ROOT = sys.argv[1]
VALUE = {"grammar", "interpreter/value"}
ALLOWED = {
    "grammar": set(),
    "interpreter/value": {"grammar"},
    "interpreter/ir": VALUE,
    "interpreter/formats": VALUE,
    "interpreter/erase": VALUE | {"interpreter/ir", "interpreter/privacy"},
    "interpreter/eval": VALUE | {"interpreter/ir", "interpreter/formats"},
    "interpreter/privacy": VALUE | {"interpreter/ir", "interpreter/eval"},
    "interpreter/compile": VALUE | {"interpreter/ir", "interpreter/eval", "interpreter/plan", "interpreter/privacy"},
    "interpreter/plan": VALUE | {"interpreter/ir"},
    "interpreter/http": VALUE | {"interpreter/formats"},
    "interpreter/rows": VALUE,
    "interpreter/sink": VALUE,
    "interpreter/store": VALUE,
    "interpreter/run": VALUE | {"interpreter/erase", "interpreter/ir", "interpreter/eval", "interpreter/plan",
                                "interpreter/http", "interpreter/rows", "interpreter/sink",
                                "interpreter/store", "interpreter/formats"},
}
ANY = {"tools", "tests"}
# Header pattern -> folders whose .cc files may include it, and their *_library.hh, which name the functions of a
# library that is loaded at run time.
PRIVATE = {
    r"tao/pegtl": {"grammar"},
    r"simdjson": {"interpreter/rows", "interpreter/ir", "tools", "tests"},
    r"curl/": {"interpreter/http"},
    r"openssl/": {"interpreter/eval", "interpreter/privacy", "interpreter/sink", "tests", "tools"},
    r"re2/": {"interpreter/eval", "interpreter/compile"},
    r"sqlite3|sodium": {"interpreter/store"},
    r"libxml/": {"interpreter/formats", "tests"}, r"zlib": {"interpreter/formats", "tests"},
    r"xxhash": {"interpreter/rows", "interpreter/run"},
    r"histedit": {"tools"},
    r"CLI/": {"tools"}, r"toml\+\+/": {"tools"}, r"httplib": {"tools"},
    r"yaml-cpp/": {"tools"},
}


def module(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "interpreter" else parts[0]


problems, checked, reveals = [], 0, []
for base in ("grammar", "interpreter", "tools", "tests"):
    for folder, _, files in os.walk(os.path.join(ROOT, base)):
        for name in sorted(files):
            if not name.endswith((".cc", ".hh")): continue
            if name == "floor.cc": continue  # what fconn is measured against
            full = os.path.join(folder, name); rel = os.path.relpath(full, ROOT); mod = module(rel); checked += 1
            for number, line in enumerate(open(full, encoding="utf-8"), 1):
                m = re.match(r'\s*#include\s+[<"]([^>"]+)[>"]', line)
                if "reveal()" in line and not rel.endswith("value/secret.hh") and not rel.startswith("tests"): reveals.append(rel)
                if not m: continue
                header = m.group(1)
                for pattern, folders in PRIVATE.items():
                    private = name.endswith((".cc", "_library.hh")) or (mod == "grammar" and pattern.startswith("tao"))
                    if re.match(pattern, header) and not (mod in folders and private):
                        problems.append(f"{rel}:{number}: {header} is private to .cc files of {', '.join(sorted(folders))}")
                target = module(header)
                if rel.startswith("tools/lsp/") and header.startswith("tools/") and not header.startswith("tools/lsp/"):
                    problems.append(f"{rel}:{number}: the language server knows the program through its Host alone, not {header}")
                if header == "tools/embed/embedded.hh": continue  # the embedded table's type alone
                if target not in ALLOWED and target not in ANY: continue
                if mod in ANY or target == mod: continue
                if target not in ALLOWED.get(mod, set()):
                    problems.append(f"{rel}:{number}: {mod} may not include {target}")
for rel in sorted(set(reveals)):
    if not rel.startswith(("interpreter/eval/intrinsics", "interpreter/http/curl", "interpreter/privacy/strategies",
                           "tools/fconn/secrets")):
        problems.append(f"{rel}: Secret::reveal() is not called here")
print("\n".join(problems))
print(f"{checked} files, {len(problems)} problems")
sys.exit(1 if problems or not checked else 0)
