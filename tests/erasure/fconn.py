"""Runs the program for the erasure tests: plan, apply, resume, in a folder of their own."""
import json
import os
import pathlib
import subprocess
import tempfile

from service import EMAIL, KEY

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 120


class Folder:
    """A temporary folder with the program's home in it."""

    def __init__(self, program, service, connector="service.fconn"):
        self.program, self.service, self.connector = program, service, HERE / connector
        self.temporary = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.temporary.name)
        (self.path / "secrets.json").write_text(json.dumps({"api_key": KEY}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def __truediv__(self, name):
        return self.path / name

    def environment(self):
        return {**os.environ, "HOME": str(self.path), "XDG_STATE_HOME": str(self.path / "state"), "USER": "tester"}

    def command(self, *words):
        return [self.program, *map(str, words)]

    def run(self, *words, prefix=()):
        return subprocess.run([*prefix, *self.command(*words)], capture_output=True, text=True, timeout=PATIENCE,
                              env=self.environment(), cwd=self.path)

    def plan(self, *words, name="plan.json", targets=("user",), mask="string:MASKED"):
        done = self.run("erase", self.connector, "--identity", f"email={EMAIL}", "--param",
                        f"domain={self.service.domain}", "--secrets", self / "secrets.json",
                        *(w for t in targets for w in ("--target", t)), "--mask", mask, "--plan", self / name, *words)
        return done, json.loads((self / name).read_text()) if (self / name).exists() else None

    def apply_words(self, name="plan.json"):
        return ["erase", "--apply", self / name, "--journal", self / "j.db", "--secrets", self / "secrets.json"]

    def apply(self, *words, name="plan.json", prefix=()):
        return self.run(*self.apply_words(name), *words, prefix=prefix)

    def resume(self, *words):
        return self.run("erase", "--resume", self / "j.db", "--secrets", self / "secrets.json", *words)

    def records(self):
        text = self.run("journal", "export", self / "j.db").stdout
        return [json.loads(line) for line in text.splitlines()]
