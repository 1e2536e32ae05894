"""Packages of npm for the tests of editor files, in a state folder of the build; never in the repository."""
import json, pathlib, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def ran(command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def install(state, packages):
    """Installs {name: version} into `state` and returns it; ends the test as skipped where that can't be."""
    for program in ("node", "npm"):
        if not shutil.which(program): skip(f"there is no {program} (apt install nodejs npm)")
    state = pathlib.Path(state).resolve()
    state.mkdir(parents=True, exist_ok=True)
    wanted = json.dumps({"private": True, "dependencies": packages}, indent=1)
    manifest, marker = state / "package.json", state / "installed.json"
    if marker.exists() and marker.read_text() == wanted: return state
    manifest.write_text(wanted)
    try:
        done = ran(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], cwd=state, timeout=180)
    except subprocess.TimeoutExpired:
        skip("npm didn't answer within three minutes")
    if done.returncode: skip(f"npm can't install {', '.join(packages)}:\n{done.stderr.strip()[-600:]}")
    marker.write_text(wanted)
    return state


def node(script, state, *args):
    """Runs a script that stands beside this file as if it stood in `state`; gives what it printed as JSON."""
    copy = pathlib.Path(state) / script
    shutil.copy(pathlib.Path(__file__).parent / script, copy)
    done = ran(["node", copy.resolve(), *map(str, args)], cwd=state)
    if done.returncode: sys.exit(f"{script} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return json.loads(done.stdout)


def lezer_package():
    """The packages that tools/editors/lezer names."""
    package = json.loads((ROOT / "tools/editors/lezer/package.json").read_text())
    return package["dependencies"] | package["devDependencies"]


def build_lezer(state):
    """Makes `state`/lezer/parser.js."""
    shutil.rmtree(state / "lezer", ignore_errors=True)
    shutil.copytree(ROOT / "tools/editors/lezer", state / "lezer", ignore=shutil.ignore_patterns("node_modules"))
    generator = "node_modules/@lezer/generator/src/lezer-generator.cjs"
    built = ran(["node", generator, "lezer/fconn.grammar", "-o", "lezer/parser.js"], cwd=state)
    if built.returncode or built.stderr.strip().count("\n"): sys.exit(f"the grammar can't be built, or not without a warning:\n{built.stderr}")
