#!/usr/bin/env python3
"""Kills `fconn erase --apply` and `--resume` again and again, and holds the service's log against the journal.

usage: crash.py --fconn BIN [--kills N] [--actions N] [--seed N]

Half of the actions are deletions (DELETE, idempotent), half changes by POST (not idempotent). A run is killed (SIGKILL) as
soon as the journal holds a certain number of records, each number once, or after a random time, and then resumed, until
nothing is left. What the program lists for a person is decided from the service's log, as a person would. In the end

- every POST has acted exactly once, every DELETE at least once, and all rows are erased;
- the journal verifies, and each action has a confirmed or settled record;
- no request that acts was seen without an intent in the journal before it.
"""
import argparse
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from fconn import Folder
from service import Service


def records_in(path):
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0.2) as database:
            return database.execute("SELECT count(*) FROM record").fetchone()[0]
    except sqlite3.Error:
        return 0


class Killer:
    """Starts the program and kills it when `due` says so."""

    def __init__(self, folder, words):
        self.process = subprocess.Popen(folder.command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env=folder.environment(), cwd=folder.path)
        self.killed = False

    def kill_when(self, due):
        while self.process.poll() is None:
            if due():
                self.process.send_signal(signal.SIGKILL)
                self.killed = True
                break
        error = self.process.stderr.read().decode()
        return self.process.wait(), error


def one_round(program, actions, points, rng, problems):
    """One plan, killed at each of the points (record counts, or None: at a random time). How often it was killed."""
    service = Service()
    service.reset(orders=actions // 2, tickets=actions - actions // 2)
    kills = 0
    with Folder(program, service) as folder:
        done, plan = folder.plan("--collection", "orders", "--collection", "tickets")
        if plan is None or len(plan["actions"]) < actions:
            problems.append(f"no plan of {actions} actions: {done.stderr[-300:]}")
            return 0
        parallel = ["--max-parallel", str(rng.choice([1, 4]))]
        words = folder.apply_words() + parallel
        resume = ["erase", "--resume", folder / "j.db", "--secrets", folder / "secrets.json"] + parallel
        points = list(points)
        code = None
        once = []  # a decision is about what was in doubt when it was made
        for _ in range(len(points) + 20):
            run, once = words + once, []
            if points:
                point = points.pop(0)
                if point is None:
                    at = time.monotonic() + rng.uniform(0.0, 0.002 * actions)
                    due = lambda at=at: time.monotonic() >= at
                else:
                    due = lambda point=point: records_in(folder / "j.db") >= point
                killer = Killer(folder, run)
                code, error = killer.kill_when(due)
                kills += killer.killed
                service.quiet()
            else:
                ended = folder.run(*run)
                code, error = ended.returncode, ended.stderr
            begun = records_in(folder / "j.db") > 0
            if begun and words[1] == "--apply":
                words = resume
            if code == -signal.SIGKILL:
                continue
            if code == 0 and not points:
                break
            if code == 0:
                points = []
                continue
            acted = set(service.acts())
            decisions = []
            for action in re.findall(r"^(a\d+) .* a person decides", error, re.M):
                planned = next(a for a in plan["actions"] if a["id"] == action)
                path = "/" + planned["url"].split("/", 3)[3]
                was_done = (planned["method"], path) in acted
                decisions += ["--decide", f"{action}={'done' if was_done else 'again'}"]
            if not decisions and "in doubt" not in error and code not in (0, 3):
                problems.append(f"exit {code} without a kill: {error[-400:]}")
                return kills
            words, once = resume, decisions
        if code != 0:
            problems.append(f"never complete, exit {code}: {error[-600:]}")
        check(service, folder, plan, problems)
    service.shutdown()
    service.server_close()
    return kills


def check(service, folder, plan, problems):
    acted = service.acts()
    for action in plan["actions"]:
        key = (action["method"], "/" + action["url"].split("/", 3)[3])
        times = acted.count(key)
        if times != 1:
            problems.append(f"{key} acted {times} times")
    sent = [(m, p) for m, p, _, _ in service.log if m == "POST"]
    for key in set(sent):
        if sent.count(key) > 1:
            problems.append(f"{key} was sent {sent.count(key)} times")
    if service.orders or any(t["text"] != "MASKED" for t in service.tickets.values()):
        kept = [t for t in service.tickets.values() if t["text"] != "MASKED"]
        problems.append(f"rows are left: {list(service.orders)} {kept}")
    verified = folder.run("journal", "verify", folder / "j.db")
    if verified.returncode != 0:
        problems.append(f"journal: {verified.stdout}{verified.stderr}")
    records = folder.records()
    over = {r["action"] for r in records
            if r["kind"] in ("settled", "decided") or (r["kind"] == "outcome" and r["data"]["result"] == "confirmed")}
    intents = {r["action"] for r in records if r["kind"] == "intent"}
    for action in plan["actions"]:
        if action["id"] not in over:
            problems.append(f"{action['id']} has no end in the journal")
        if action["id"] not in intents:
            problems.append(f"{action['id']} was sent without an intent")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True, type=os.path.abspath)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--actions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    problems, kills, rounds = [], 0, 0
    # About two records an action and some for each run: every boundary gets its turn, evenly spread when there are more
    # boundaries than kills.
    last = 2 * arguments.actions + 20
    boundaries = list(range(1, last))
    started = time.monotonic()
    while kills < arguments.kills and not problems:  # a random time may come too late
        wanted = min(arguments.kills - kills, 24)
        picked = sorted(rng.sample(boundaries, min(wanted - wanted // 3, len(boundaries)))) if boundaries else []
        boundaries = [b for b in boundaries if b not in picked] or list(range(1, last))
        points = picked + [None] * (wanted // 3)
        if rounds % 2:
            rng.shuffle(points)
            points.sort(key=lambda p: (p is not None, p or 0))
        got = one_round(arguments.fconn, arguments.actions, points, rng, problems)
        kills += got
        rounds += 1
    print(f"{kills} kills in {rounds} plans of {arguments.actions} actions, {time.monotonic() - started:.0f} s")
    for problem in problems[:10]:
        print("problem:", problem)
    sys.exit(1 if problems else 0)


main()
