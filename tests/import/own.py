#!/usr/bin/env python3
"""The connector of our own beside this file: as a folder, as a template's archive, and by itself the same text; broken
archives are refused. usage: own.py --fconn BIN"""
import argparse, pathlib, subprocess, sys, tempfile, zipfile

HERE = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("--fconn", required=True)
fconn = str(pathlib.Path(parser.parse_args().fconn).resolve())
problems = []


def run(*arguments):
    return subprocess.run([fconn, "import", "fides", *map(str, arguments)], capture_output=True, text=True)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    config, dataset = HERE / "acme_config.yml", HERE / "acme_dataset.yml"
    alone = run(config, dataset)
    if alone.returncode or alone.stderr: problems.append(alone.stderr)
    done = run("--all", HERE, "-o", folder / "out")
    if done.returncode or (folder / "out/acme.fconn").read_text() != alone.stdout: problems.append("--all: " + done.stderr)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        archive = folder / "acme.zip"
        with zipfile.ZipFile(archive, "w", method) as out:
            out.write(config, "acme/acme_config.yml")
            out.write(dataset, "acme/acme_dataset.yml")
            out.writestr("acme/icon.svg", "<svg/>")
            out.writestr("__MACOSX/acme/._acme_config.yml", "\0")
        done = run(archive)
        if done.stdout != alone.stdout: problems.append(f"archive {method}: {done.stderr}")
        whole = archive.read_bytes()
        for cut in list(range(0, len(whole), 97)) + [len(whole) - 1]:
            archive.write_bytes(whole[:cut] + whole[cut + 1:] if cut % 2 else whole[:cut])
            done = run(archive)
            if done.returncode not in (0, 1, 2) or (done.returncode == 0 and done.stdout != alone.stdout):
                problems.append(f"damaged at {cut}: {done.returncode} {done.stderr[:200]}")
    whole = (HERE / "acme_config.yml").read_text()
    again = run(config, dataset, "--exact")
    check = folder / "exact.fconn"
    check.write_text(again.stdout)
    done = subprocess.run([fconn, "check", "--strict", str(check)], capture_output=True, text=True)
    if again.returncode or done.returncode: problems.append("--exact: " + again.stderr + done.stderr)
print("\n".join(problems) or "all as expected")
sys.exit(1 if problems else 0)
