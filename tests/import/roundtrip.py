#!/usr/bin/env python3
"""Import, export, import again: the same IR, places and texts aside. The connector beside this file, and every one of
Fides' that lies beside the repository; those are skipped loudly where there are none. usage: roundtrip.py --fconn BIN"""
import argparse, json, os, pathlib, re, subprocess, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONNECTORS = 58  # of 75: the others need code that no config holds


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True)


def plain(value):
    if isinstance(value, dict): return {k: plain(v) for k, v in value.items() if k not in ("at", "files")}
    return [plain(v) for v in value] if isinstance(value, list) else value


def differences(a, b, path=""):
    if type(a) is not type(b): return [f"{path}: {a!r:.120} became {b!r:.120}"]
    if isinstance(a, dict):
        return [d for k in {**a, **b} for d in differences(a.get(k), b.get(k), f"{path}.{k}")]
    if isinstance(a, list) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, f"{path}[{i}]")]
    return [] if a == b else [f"{path}: {a!r:.120} became {b!r:.120}"]


def round_trip(fconn, first, form, folder, problems):
    """`first` is an imported connector."""
    name = re.search(r"^connector (\w+)", first.read_text(), re.M).group(1)
    done = run(fconn, "compile", first, "--emit", "fides", "-o", folder)
    if done.returncode: return problems.append(f"{form} {first.stem}: not exported: {done.stderr[:600]}")
    second = folder / f"{first.stem}.again.fconn"
    done = run(fconn, "import", "fides", folder / f"{name}_config.yml", folder / f"{name}_dataset.yml", "-o", second, *form)
    if done.returncode: return problems.append(f"{form} {first.stem}: not imported again: {done.stderr[:600]}")
    before, after = (plain(json.loads(run(fconn, "compile", f).stdout)) for f in (first, second))
    found = differences(before, after)
    if found: problems.append("\n    ".join([f"{form} {first.stem}: other IR", *found[:4]]))
    # What is exported from the second is, to the letter, what was exported from the first.
    texts = [run(fconn, "compile", f, "--emit", "fides").stdout for f in (first, second)]
    if texts[0] != texts[1]: problems.append(f"{form} {first.stem}: the second export is another text")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    fconn = parser.parse_args().fconn
    shared = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance" / "fides"
    problems = []
    for source, wanted in ((HERE, None), (shared, CONNECTORS)):
        if not source.exists():
            print(f"SKIPPED: there is no {source}; set FCONN_SHARED to the folder that holds it")
            continue
        for form in ([], ["--exact"]):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                run(fconn, "import", "fides", "--all", source, "-o", folder / "first", *form)
                files = sorted((folder / "first").glob("*.fconn"))
                if not files or (wanted and len(files) < wanted): problems.append(f"{form}: {len(files)} connectors in {source}")
                for file in files: round_trip(fconn, file, form, folder / "yaml", problems)
                print(f"{form or 'default'}: {len(files)} connectors of {source.name}")
    print("\n".join(problems) or "all as expected")
    return 1 if problems else 0


raise SystemExit(main())
