#!/usr/bin/env python3
"""Erasures against the service of service.py: what a plan says, that apply does exactly that, what is refused, what faults
leave, what a person is asked, and that nothing written down tells whose data it was.

usage: run.py --fconn BIN [--only TEXT]
"""
import argparse
import base64
import binascii
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse

import between  # noqa: F401: its cases
import contents  # noqa: F401
import resumes  # noqa: F401
import told  # noqa: F401
from checks import acting, at, by, expect, kill_while_sending, planned
from service import EMAIL, KEY, NAME, STREET, TEXT
from world import CASES, case, project, use, world

@case
def a_plan_says_what_would_be_sent(service, folder):
    plan = planned(folder)
    expect(not acting(service), "a plan sends reads alone")
    expect(os.stat(folder / "plan.json").st_mode & 0o777 == 0o600, "a plan is for its owner")
    order = [a["collection"] for a in plan["actions"]]
    expect(order[-1] == "person" and set(order) == {"orders", "tickets", "newsletter", "devices", "person"}, order)
    person = by(plan, "person")[0]
    expect(person["method"] == "PUT" and person["url"].endswith("/people/1"), person)
    expect(person["body"] == {"email": "MASKED", "name": "MASKED", "nick": "MASKED", "address": {"street": "MASKED"}},
           person["body"])
    expect(person["waits_for"] == [f"service:{c}" for c in ("orders", "tickets", "devices")], person["waits_for"])
    changes = {c["field"]: c for c in person["changes"]}
    expect(changes["email"]["before"].startswith("hash-") and changes["email"]["after"] == "MASKED", changes)
    expect(changes["nick"]["before"] is None, "null says nothing of a person")
    newsletter = by(plan, "newsletter")[0]
    expect(newsletter["body"]["key"] == "secret-api_key", "a secret stands as its name")
    expect(len(by(plan, "devices")) == 2, "one for each turn of the `for`")
    counts = {c["collection"]: (c["rows"], c["updates"], c["deletes"]) for c in plan["collections"]}
    expect(counts["orders"] == (3, 0, 3) and counts["tickets"] == (2, 2, 0) and counts["newsletter"] == (0, 0, 1), counts)
    for action in plan["actions"]:
        expect(action["reason"], "every choice has a reason")
    shown = folder.run("plan", "show", folder / "plan.json")
    expect(shown.returncode == 0 and "PUT http" in shown.stdout and "masks email" in shown.stdout, shown.stdout)
    page = folder.run("plan", "show", folder / "plan.json", "--html", folder / "plan.html")
    expect(page.returncode == 0 and "<h1>Erasure plan" in (folder / "plan.html").read_text(), page.stderr)


@case
def apply_sends_exactly_the_plan(service, folder):
    plan = planned(folder)
    done = folder.apply("--verify")
    expect(done.returncode == 0, done.stderr)
    sent = sorted(acting(service))
    expect(len(sent) == len(plan["actions"]), sent)
    expect(service.people[1]["email"] == "MASKED" and service.people[1]["plan"] == "gold", service.people)
    expect(not service.orders and not service.tokens and not service.subscribed, "all is gone")
    expect("a1 service:orders {\"number\":1000} proof: gone" in done.stderr, done.stderr)
    expect("{\"id\":1} proof: masked" in done.stderr, done.stderr)
    # The person comes last.
    expect(acting(service)[-1] == ("PUT", "/people/1"), acting(service))
    kinds = [r["kind"] for r in folder.records()]
    expect(kinds.count("intent") == len(sent) and kinds[-1] == "end", kinds)
    verified = folder.run("journal", "verify", folder / "j.db")
    expect(verified.returncode == 0 and "intact" in verified.stdout, verified.stdout + verified.stderr)
    again = folder.apply()
    expect(again.returncode == 2 and "--resume" in again.stderr, f"a second apply: {again.stderr}")
    resumed = folder.resume()
    expect(resumed.returncode == 0 and len(acting(service)) == len(sent), "nothing is left to be sent")


@case
def a_plan_finds_its_connector_from_anywhere(service, folder):
    shutil.copy(folder.connector, folder / "here.fconn")
    folder.connector = "here.fconn"
    planned(folder)
    done = folder.apply()
    expect(done.returncode == 0, done.stderr)


@case
def secrets_may_stand_among_parameters_which_are_the_plans(service, folder):
    plan = planned(folder)
    (folder / "params.json").write_text(json.dumps({"api_key": KEY, "domain": "elsewhere.example.com"}))
    done = folder.run("erase", "--apply", folder / "plan.json", "--journal", folder / "j.db",
                      "--params", folder / "params.json")
    expect(done.returncode == 0 and "'api_key' in" in done.stderr, done.stderr)
    expect(len(acting(service)) == len(plan["actions"]), acting(service))


@case
def what_isnt_targeted_is_left_alone_with_its_reason(service, folder):
    plan = planned(folder, targets=("user.contact.address",), mask="null")
    expect({a["collection"] for a in plan["actions"]} == {"orders", "person", "newsletter"}, plan["actions"])
    expect(by(plan, "person")[0]["body"] == {"address": {"street": None}}, by(plan, "person"))
    reasons = {(left["collection"], left["reason"]) for left in plan["left_alone"]}
    expect(("tickets", "the policy targets none of its fields, and its request is made of those") in reasons, reasons)
    expect(("devices", "the policy targets none of its fields") in reasons, reasons)
    expect(sum(1 for left in plan["left_alone"] if left["collection"] == "tickets") == 2, "a reason for every row")


@case
def what_the_connector_cannot_erase_is_said(service, folder):
    done, plan = folder.plan(targets=("user",), mask="null")
    kept = [left for left in plan["left_alone"] if left["collection"] == "visits"]
    expect(len(kept) == 1 and "can't be erased" in kept[0]["reason"], plan["left_alone"])
    expect(done.returncode == 0 and "service:visits is left alone: it can't be erased" in done.stderr, done.stderr)
    expect(folder.plan("--strict", targets=("user",), mask="null")[0].returncode == 3, "--strict: not everything can be erased")
    plan = planned(folder, targets=("user.contact",), mask="null")
    expect(not [left for left in plan["left_alone"] if left["collection"] == "visits"], "nothing of it is targeted")


@case
def reveal_shows_values_beside_their_hashes(service, folder):
    plan = planned(folder, "--reveal")
    person = by(plan, "person")[0]
    expect(person["revealed"]["row"]["name"] == NAME, person)
    expect(EMAIL in json.dumps(by(plan, "newsletter")[0]["revealed"]), by(plan, "newsletter"))
    expect(folder.apply().returncode == 0, "it is applied as any other")
    expect(EMAIL not in json.dumps(folder.records()), "and the journal doesn't know")


@case
def a_changed_row_is_refused_and_the_rest_goes_on(service, folder):
    planned(folder)
    service.people[1]["seen"] = "tuesday"
    del service.orders[1001]
    done = folder.apply()
    expect(done.returncode == 6, f"exit {done.returncode}: {done.stderr}")
    expect("refused: the row changed since the plan was made: seen" in done.stderr, done.stderr)
    expect("skipped: the row isn't there any more" in done.stderr, done.stderr)
    expect(("PUT", "/people/1") not in acting(service) and ("DELETE", "/people/1/orders/1001") not in acting(service),
           acting(service))
    expect(len(acting(service)) == 7, acting(service))
    resumed = folder.resume("--ignore-drift", "seen")
    expect(resumed.returncode == 0 and acting(service)[-1] == ("PUT", "/people/1"), resumed.stderr)


@case
def stop_ends_at_the_first_refusal(service, folder):
    planned(folder)
    for order in service.orders.values():
        order["status"] = "changed"
    done = folder.apply("--stop")
    expect(done.returncode == 6 and not acting(service), f"exit {done.returncode}: {acting(service)}")


@case
def an_edited_plan_is_not_applied(service, folder):
    planned(folder)
    text = (folder / "plan.json").read_text()
    for edit in (lambda t: t.replace("/people/1\"", "/people/2\""), lambda t: t.replace("\"a1\"", "\"a7\"", 1),
                 lambda t: re.sub(r'"sealed": "....', '"sealed": "AAAA', t, count=1),
                 lambda t: t.replace("MASKED", "EDITED"), lambda t: t.replace("targeted", "all", 1)):
        expect(edit(text) != text, "an edit changes something")
        (folder / "plan.json").write_text(edit(text))
        done = folder.apply()
        expect(done.returncode == 2 and not acting(service), f"exit {done.returncode}: {done.stderr}")
    (folder / "plan.json").write_text(text)
    stranger = subprocess.run(folder.command(*folder.apply_words()), capture_output=True, text=True, timeout=60,
                              env={**folder.environment(), "FCONN_STORE_KEY": "00" * 32}, cwd=folder.path)
    expect(stranger.returncode == 2 and "another key" in stranger.stderr, stranger.stderr)
    expect(folder.apply().returncode == 0, "the plan itself is applied")


@case
def what_is_held_is_never_touched(service, folder):
    service.orders[1001]["status"] = "legal_hold"
    project(service, folder, "shop.orders where .status == 'legal_hold'", "shop.devices")
    words = ["erase", "shop", "--identity", f"email={EMAIL}", "--policy", "forget", "--plan", folder / "plan.json"]
    done = folder.run(*words)
    expect(done.returncode == 0, done.stderr)
    plan = json.loads((folder / "plan.json").read_text())
    expect(len(by(plan, "orders")) == 2 and not by(plan, "devices"), plan["actions"])
    expect(any("legal_hold" in left["reason"] for left in plan["left_alone"]), plan["left_alone"])
    # A hold that was added since the plan was made counts as well, and so does a row that came under it since.
    project(service, folder, "shop.orders where .status == 'legal_hold'", "shop.devices", "shop.tickets")
    service.orders[1002]["status"] = "legal_hold"
    applied = folder.run("erase", "--apply", folder / "plan.json")
    expect(applied.returncode == 6, f"exit {applied.returncode}: {applied.stderr}")
    expect(not [p for m, p in acting(service) if "tickets" in p or "1001" in p or "1002" in p], acting(service))
    expect((folder / ".fconn" / "journal.db").exists(), "the journal lies beside the project's store")
    project(service, folder, f"identity email == '{EMAIL.upper()}'")
    held = folder.run(*words)
    plan = json.loads((folder / "plan.json").read_text())
    expect(held.returncode == 0 and not plan["actions"] and plan["left_alone"], held.stderr)


@case
def plans_are_compared(service, folder):
    planned(folder, name="a.json")
    planned(folder, name="b.json")
    same = folder.run("plan", "diff", folder / "a.json", folder / "b.json")
    expect(same.returncode == 0 and same.stdout == "", same.stdout)
    del service.orders[1000]
    service.people[1]["name"] = "Countess"
    planned(folder, name="b.json")
    different = folder.run("plan", "diff", folder / "a.json", folder / "b.json")
    lines = different.stdout.splitlines()
    expect(different.returncode == 1 and len(lines) == 3 and lines[0].startswith("- service:orders {\"number\":1000}"),
           different.stdout)


# ---- faults --------------------------------------------------------------------------------------------------------------


@case
def a_500_to_what_cant_be_repeated_is_listed_for_a_person(service, folder):
    planned(folder)
    service.fault = at("POST /tickets/1", (500, {}))
    done = folder.apply()
    expect(done.returncode == 3, f"exit {done.returncode}: {done.stderr}")
    expect("a4 service:tickets {\"id\":1} in doubt, a person decides" in done.stderr, done.stderr)
    expect("held back: not sent: a4 goes first and isn't done" in done.stderr, "its parent waits")
    expect(acting(service).count(("POST", "/tickets/1/anonymise")) == 1, "it isn't repeated")
    again = folder.resume()
    expect(again.returncode == 3 and "in doubt, a person decides: it was sent; the row is there, unchanged" in again.stderr,
           again.stderr)
    expect(acting(service).count(("POST", "/tickets/1/anonymise")) == 1, "nor by --resume")
    decided = folder.resume("--decide", "a4=again")
    expect(decided.returncode == 0, decided.stderr)
    expect(acting(service).count(("POST", "/tickets/1/anonymise")) == 2 and acting(service)[-1] == ("PUT", "/people/1"),
           acting(service))


@case
def a_cut_after_acting_is_found_by_reading(service, folder):
    planned(folder)
    service.fault = at("POST /tickets/1", "cut")
    done = folder.apply()
    expect(done.returncode == 3 and "in doubt" in done.stderr, done.stderr)
    again = folder.resume()
    expect(again.returncode == 0, again.stderr)
    expect(acting(service).count(("POST", "/tickets/1/anonymise")) == 1, "reading showed that it was done")
    kept = [r["data"] for r in folder.records() if r["data"].get("by") == "reading"]
    expect(len(kept) == 1, kept)


@case
def what_can_be_repeated_is(service, folder):
    planned(folder)
    service.fault = at("DELETE /people/1/orders/1000", "cut")
    done = folder.apply()
    expect(done.returncode == 0, done.stderr)
    expect(acting(service).count(("DELETE", "/people/1/orders/1000")) == 2, "a DELETE is sent again")
    kept = [r["data"] for r in folder.records() if r["data"].get("by") == "repetition"]
    expect(len(kept) == 1, "and its 404 says that the first was done")


def marked(folder):
    folder.connector = folder.connector.parent / "marked.fconn"


@case
def a_post_that_is_marked_as_idempotent_is_repeated(service, folder):
    marked(folder)
    for fault, words in (("cut", ()), ((503, {}), ()), ("hang", ("--timeout", "700ms"))):
        service.reset(orders=0, tickets=1)
        (folder / "j.db").unlink(missing_ok=True)
        plan = planned(folder, "--collection", "tickets")
        expect([a["repeatable"] for a in plan["actions"]] == [True], plan["actions"])
        service.fault = at("POST /tickets/1", fault)
        done = folder.apply(*words)
        expect(done.returncode == 0 and "in doubt" not in done.stderr, f"{fault}: exit {done.returncode}: {done.stderr}")
        expect(acting(service).count(("POST", "/tickets/1/anonymise")) == 2, f"{fault}: {acting(service)}")
        expect(folder.run("journal", "verify", folder / "j.db").returncode == 0, "the journal holds both")
        service.quiet()


@case
def after_a_kill_the_mark_decides_what_is_sent_again(service, folder):
    for connector, collection, path, code, times in (("service.fconn", "newsletter", "/unsubscribe", 1, 1),
                                                     ("marked.fconn", "newsletter", "/unsubscribe", 0, 2),
                                                     ("marked.fconn", "account", "/privacy/jobs", 0, 2)):
        folder.connector = folder.connector.parent / connector
        service.reset(orders=0, tickets=0)
        (folder / "j.db").unlink(missing_ok=True)
        planned(folder, "--collection", collection)
        kill_while_sending(service, folder)
        expect(service.acts() == [("POST", path)], f"it acted before anybody knew: {acting(service)}")
        resumed = folder.resume()
        expect(resumed.returncode == code, f"{connector}: exit {resumed.returncode}: {resumed.stderr}")
        expect(("a person decides" in resumed.stderr) == (code == 1), f"{connector}: {resumed.stderr}")
        expect(acting(service) == [("POST", path)] * times, f"{connector}: {acting(service)}")


@case
def in_a_chain_the_request_in_doubt_decides(service, folder):
    marked(folder)
    planned(folder, "--collection", "letters")
    service.fault = at("POST /unsubscribe", (503, {}))
    done = folder.apply("--retries", "0")
    expect("in doubt, --resume repeats it" in done.stderr, f"exit {done.returncode}: {done.stderr}")
    resumed = folder.resume()
    expect(resumed.returncode == 0, f"exit {resumed.returncode}: {resumed.stderr}")
    expect(acting(service) == [("POST", "/privacy/jobs")] + [("POST", "/unsubscribe")] * 2, acting(service))


@case
def a_404_is_no_success_unless_the_connector_says_so(service, folder):
    planned(folder)
    service.fault = at("DELETE /people/1/orders/1000", (404, {}))
    service.subscribed = False
    done = folder.apply()
    expect(done.returncode == 3 and "a1 service:orders {\"number\":1000} failed: the server answered 404" in done.stderr,
           done.stderr)
    expect("service:newsletter {\"bound\":[]} skipped: not subscribed" in done.stderr, done.stderr)
    expect(folder.resume().returncode == 0 and not service.orders, "a refusal is tried again")


@case
def a_429_is_waited_for(service, folder):
    planned(folder)
    service.fault = at("POST /tickets/1", (429, {"Retry-After": "1"}))
    done = folder.apply()
    expect(done.returncode == 0, done.stderr)
    expect(acting(service).count(("POST", "/tickets/1/anonymise")) == 2, "a 429 did nothing, so it is repeated")


@case
def no_answer_in_time_is_doubt(service, folder):
    planned(folder)
    service.fault = at("POST /tickets/2", "hang")
    done = folder.apply("--timeout", "700ms")
    expect(done.returncode == 3 and "a5 service:tickets {\"id\":2} in doubt" in done.stderr, done.stderr)
    service.quiet()
    expect(folder.resume().returncode == 0, "reading shows that it was done")
    expect(acting(service).count(("POST", "/tickets/2/anonymise")) == 1, acting(service))


@case
def a_server_that_is_gone_leaves_nothing_in_doubt(service, folder):
    plan = planned(folder, "--collection", "newsletter")
    domain = service.domain
    service.shutdown()
    service.server_close()
    done = folder.apply("--retries", "0")
    expect(done.returncode == 5 and "in doubt" not in done.stderr, f"exit {done.returncode}: {done.stderr}")
    results = [r["data"].get("result") for r in folder.records() if r["kind"] == "outcome"]
    expect(results == ["unsent"], f"{domain} {len(plan['actions'])} {results}")


@case
def a_refused_key_ends_with_its_own_code(service, folder):
    planned(folder, "--collection", "newsletter")
    (folder / "secrets.json").write_text(json.dumps({"api_key": "sk_live_another_key_0000"}))
    done = folder.apply()
    expect(done.returncode == 4, f"exit {done.returncode}: {done.stderr}")


@case
def a_full_disk_for_the_journal_sends_nothing_more(service, folder):
    plan = planned(folder)
    sizes = [int(n) for n in (1, 40, 60, 80, 100)]
    for size in sizes:
        before = len(acting(service))
        for name in ("j.db", "j.db-wal", "j.db-shm", "j.db.lock"):
            with contextlib.suppress(FileNotFoundError):
                (folder / name).unlink()
        limited = folder.apply("--max-parallel", "1", prefix=["sh", "-c", f'ulimit -f {size}; exec "$0" "$@"'])
        sent = acting(service)[before:]
        if limited.returncode == 0:
            break
        expect(limited.returncode in (1, 2, 3, 6), f"exit {limited.returncode}: {limited.stderr}")
        if limited.returncode == 2:
            expect(not sent, f"with no journal nothing is sent: {sent}")
        intents = sum(1 for r in folder.records() if r["kind"] == "intent")
        expect(len(sent) <= intents, f"{len(sent)} sent, {intents} intents at {size} blocks")
    expect(plan["actions"], "")


@case
def two_applies_of_one_plan(service, folder):
    planned(folder)
    gate = threading.Event()
    begun = threading.Event()

    def hold(method, path, _):
        if method != "GET" and not begun.is_set():
            begun.set()
        return None
    service.fault = hold
    answer, service_get = None, service.fault
    # The first one waits in the middle for its third answer.
    first_handler = service.RequestHandlerClass.act

    def slow(self, method, target, body):
        if method == "POST" and "unsubscribe" in target:
            self.server.lock.release()
            gate.wait(20)
            self.server.lock.acquire()
        return first_handler(self, method, target, body)
    service.RequestHandlerClass.act = slow
    try:
        first = subprocess.Popen(folder.command(*folder.apply_words()), stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                                 env=folder.environment(), cwd=folder.path)
        expect(begun.wait(20), "the first apply begins")
        same = folder.apply()
        other = folder.run("erase", "--apply", folder / "plan.json", "--journal", folder / "k.db", "--secrets",
                           folder / "secrets.json")
        resumed = folder.resume()
        gate.set()
        first.wait(60)
        first.stderr.close()
        first.stdout.close()
    finally:
        gate.set()
        service.RequestHandlerClass.act = first_handler
    expect(first.returncode == 0, "the first one is complete")
    for refused in (same, other, resumed):
        expect(refused.returncode == 2 and "at this moment" in refused.stderr, refused.stderr)
    counts = acting(service)
    expect(len(counts) == len(set(counts)), f"nothing was sent twice: {counts} {answer} {service_get is hold}")


# ---- jobs ----------------------------------------------------------------------------------------------------------------


@case
def jobs_of_days_are_followed_across_runs(service, folder):
    folder.connector = folder.connector.parent / "jobs.fconn"
    plan = planned(folder)
    expect([r["method"] for r in plan["actions"]] == ["POST"] and plan["actions"][0].get("requests") is None,
           plan["actions"])
    done = folder.apply("--wait", "200ms")
    expect(done.returncode == 3 and "a1 jobs:account" in done.stderr and "pending" in done.stderr, done.stderr)
    again = folder.resume("--wait", "100ms")
    expect(again.returncode == 3 and "pending" in again.stderr, again.stderr)
    service.job_done = True
    expect(folder.resume().returncode == 0, "the job is done")
    expect(acting(service) == [("POST", "/privacy/jobs")], f"one job was made: {acting(service)}")
    for path in folder.path.rglob("*"):
        if path.is_file() and "j.db" in path.name:
            expect(EMAIL.encode() not in path.read_bytes(), f"{path} names the person")


# ---- nothing written tells whose data it was -----------------------------------------------------------------------------


def encodings(text):
    raw = text.encode()
    yield raw
    yield urllib.parse.quote(text, safe="").encode()
    yield urllib.parse.quote_plus(text).encode()
    yield json.dumps(text)[1:-1].encode()
    yield binascii.hexlify(raw)
    yield binascii.hexlify(raw).upper()
    yield text.encode("utf-16-le")
    for shift in range(3):  # in any alignment
        whole = base64.b64encode(b"\0" * shift + raw + b"\0" * 3)
        inner = whole[4 if shift else 0:-8]
        if len(inner) >= 8:
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


@case
def nothing_written_tells_whose_data_it_was(service, folder):
    service.fault = at("POST /tickets/1", (500, {}))
    texts = []
    for words in (["--trace", folder / "plan.trace"],):
        done, plan = folder.plan(*words)
        expect(done.returncode == 0 and plan, done.stderr)
        texts += [done.stdout, done.stderr]
    done = folder.apply("--verify", "--trace", folder / "apply.trace", "--summary", folder / "summary.json", "-v")
    texts += [done.stdout, done.stderr]
    done = folder.resume("--decide", "a4=again", "--verify", "--trace", folder / "resume.trace")
    texts += [done.stdout, done.stderr]
    expect(done.returncode == 0, done.stderr)
    for words in (["plan", "show", "plan.json"], ["plan", "show", "plan.json", "--html", "plan.html"],
                  ["journal", "show", "j.db"], ["journal", "export", "j.db"]):
        done = folder.run(*words)
        texts += [done.stdout, done.stderr]
    files = {str(p.relative_to(folder.path)): p.read_bytes() for p in folder.path.rglob("*") if p.is_file()}
    files.pop("secrets.json")
    expect({"plan.json", "plan.html", "j.db", "plan.trace", "apply.trace", "resume.trace"} <= set(files), sorted(files))
    files["output"] = "\n".join(texts).encode()
    for planted in (EMAIL, NAME, STREET, TEXT, KEY, "tok-1", EMAIL.split("@")[0], NAME.split()[1]):
        for form in encodings(planted):
            if len(form) < 5:
                continue
            for name, content in files.items():
                expect(form not in content, f"{name} holds {planted!r} as {form!r}")


# ---- misuse --------------------------------------------------------------------------------------------------------------


@case
def misuse_is_said(service, folder):
    planned(folder)
    for words, says in (
            ([], "say one of --plan, --apply and --resume"),
            (["--plan", "p.json", "--apply", "p.json"], "say one of"),
            (["--plan", "p.json"], "TARGET is missing"),
            (["service", "--apply", "plan.json"], "--apply takes no TARGET"),
            (["--apply", "nothing.json"], "nothing.json"),
            (["--apply", "secrets.json"], "this is no plan of fconn"),
            (["--resume", "nothing.db"], "nothing.db"),
            (["--resume", "secrets.json"], ""),
            (["--apply", "plan.json", "--decide", "a1=done"], "--decide goes with --resume"),
            (["--apply", "plan.json", "--secrets", "secrets.json", "--identity", "email=eve@example.com"],
             "isn't one that the plan was made for"),
            (["--apply", "plan.json", "--wait", "soon"], "--wait can't be"),
    ):
        done = folder.run("erase", *words)
        expect(done.returncode == 2 and says in done.stderr, f"{words}: exit {done.returncode}: {done.stderr}")
    expect(not acting(service), "nothing was sent")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    use(arguments.fconn)
    failed = 0
    for function in CASES:
        if arguments.only not in function.__name__:
            continue
        started = time.monotonic()
        try:
            with world() as (service, folder):
                function(service, folder)
            verdict = "ok"
        except AssertionError as problem:
            verdict, failed = f"FAILED: {problem}", failed + 1
        print(f"{function.__name__.replace('_', ' ')}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"{failed} failed")
    sys.exit(1 if failed else 0)


main()
