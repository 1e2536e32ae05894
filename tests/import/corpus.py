#!/usr/bin/env python3
"""Imports every Fides connector that lies beside the repository, in both forms, and replays their recorded cases.

usage: corpus.py --fconn BIN [--cases]. Ends with 77 (skipped) where ../shared or, for --cases, PyYAML is missing.

Each connector either gives a file that `check --strict` and `fmt --check` accept, or an error that names what is code
in Fides; no other error and nothing silent. With --cases the access and erasure cases run over loopback HTTP."""
import argparse, collections, json, os, pathlib, re, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONNECTORS, CODE = 75, 17  # how many there are, and how many of them need code that the config doesn't hold
# Where the default form is meant to differ, and why. `--exact` differs nowhere.
LISTS = "elements of a list that are somebody else's keep their values, where Fides writes FIDESOPS_DO_NOT_MASK; a list in a form isn't Python"
DIFFERENT = {"synth_arrays__erasure_null": LISTS, "synth_arrays__erasure_string": LISTS}
NAMED = {"F1003", "F1004"}  # an override, a strategy: code of Fides
ELSEWHERE = {("firebase_auth", "F1002")}  # its protocol is the text NOT_USED, as all of its requests are code


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def lines(path):
    return len(path.read_text().splitlines())


def imported(fconn, fides, form, problems):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        begin = time.monotonic()
        done = subprocess.run([fconn, "import", "fides", "--all", fides, "-o", out, "--json", *form], capture_output=True, text=True)
        seconds = time.monotonic() - begin
        codes = collections.defaultdict(set)
        for one in json.loads(done.stdout):
            if one["severity"] == "error": codes[re.sub(r"_(config|dataset)\.yml$", "", os.path.basename(one["path"]))].add(one["code"])
        files = sorted(out.glob("*.fconn"))
        names = {f.stem for f in files}
        if len(files) != CONNECTORS - CODE or len(codes) != CODE:
            problems.append(f"{form}: {len(files)} files and {len(codes)} refusals instead of {CONNECTORS - CODE} and {CODE}")
        for name, found in codes.items():
            strange = {c for c in found if c not in NAMED and (name, c) not in ELSEWHERE}
            if strange or name in names: problems.append(f"{form}: {name}: {sorted(strange)}")
        for verb in (["check", "--strict"], ["fmt", "--check"]):
            run = subprocess.run([fconn, *verb, *files], capture_output=True, text=True)
            if run.returncode or run.stdout or run.stderr: problems.append(f"{form}: {verb}: {(run.stdout + run.stderr)[:600]}")
        yaml = {kind: {p.name.rsplit("_", 1)[0]: lines(p) for p in (fides / kind).glob("*.yml")} for kind in ("config", "dataset")}
        whole = sum(sum(kind.values()) for kind in yaml.values())
        source = sum(yaml["config"][n] + yaml["dataset"][n] for n in names)
        written = sum(lines(f) for f in files)
        print(f"{form or 'default'}: {len(files)} of {CONNECTORS}, {written} lines from {source} ({100 * written / source:.0f} %), "
              f"{1e6 * seconds / whole:.1f} ms for 1,000 lines of YAML, all {whole}")
        if written > 0.4 * source: problems.append(f"{form}: more than 40 % of the YAML's lines")


def all_of_them(fconn, fides, problems):
    """In one call, with the bundled connectors in the place of configs that need code."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([fconn, "import", "fides", "--all", fides, "--bundled", "-o", folder], capture_output=True, text=True)
        files = sorted(pathlib.Path(folder).glob("*.fconn"))
        print(*done.stderr.splitlines()[-2:], sep="\n")
        if done.returncode or len(files) != CONNECTORS: problems.append(f"--bundled: {len(files)} files, exit {done.returncode}")
        if done.stderr.count("the bundled connector `") != CODE: problems.append("--bundled: not each of them is said")
        checked = subprocess.run([fconn, "check", "--strict", *files], capture_output=True, text=True)
        if checked.returncode: problems.append(checked.stderr[:600])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--cases", action="store_true")
    arguments = parser.parse_args()
    shared = pathlib.Path(os.environ.get("FCONN_SHARED", ROOT.parent / "shared")) / "conformance"
    if not (shared / "fides").exists(): skip(f"there is no {shared}/fides; set FCONN_SHARED to the folder that holds it")
    problems = []
    if not arguments.cases:
        for form in ([], ["--exact"]): imported(arguments.fconn, shared / "fides", form, problems)
        all_of_them(arguments.fconn, shared / "fides", problems)
    else:
        try:
            import yaml  # noqa: F401 - the harness needs it
        except ImportError:
            skip("the harness needs PyYAML (apt install python3-yaml)")
        for form in (["--sane"], []):
            run = subprocess.run([sys.executable, shared / "harness.py", "--fconn", arguments.fconn, "--mode", "import", *form,
                                  shared / "fides"], capture_output=True, text=True, timeout=900)
            print(" ".join(form) or "--exact", run.stdout.strip())
            failed = set(re.findall(r"^(\w+)\.json \|", run.stdout, re.M))
            wanted = set(DIFFERENT) if form else set()
            for name in wanted & failed: print(f"{name}: {DIFFERENT[name]}")
            if failed != wanted or not re.search(r"\d+/\d+ cases agree", run.stdout):
                problems.append(f"{form}: other cases than {sorted(wanted)} differ:\n" + run.stdout + run.stderr)
    print("\n".join(problems) or "all as expected")
    sys.exit(1 if problems else 0)


main()
