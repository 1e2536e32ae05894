"""What a resumed run makes of rows that it doesn't find, of chains that were begun, and of answers that leave open what
was done."""
import contextlib
import sqlite3

from checks import acting, at, expect, kill_while_sending, planned
from service import EMAIL
from world import case, project, world


def out_of_reach(service):
    """A search by the old address doesn't find the person any more."""
    service.people[1]["email"] = "countess@example.com"


def untouched(service, resumed):
    expect(resumed.returncode == 6, f"exit {resumed.returncode}: {resumed.stderr}")
    expect("refused: the row isn't found any more, and no earlier run found it as it was planned" in resumed.stderr,
           resumed.stderr)
    expect(("PUT", "/people/1") not in acting(service), acting(service))


@case
def a_row_that_had_changed_is_not_sent_once_it_is_out_of_reach(service, folder):
    planned(folder)
    service.people[1]["name"] = "Augusta"
    expect(folder.apply().returncode == 6 and not service.orders, "the rest is erased")
    out_of_reach(service)
    untouched(service, folder.resume())
    untouched(service, folder.resume())


@case
def a_row_that_was_held_is_not_sent_once_it_is_out_of_reach(service, folder):
    project(service, folder, "shop.person where .plan == 'court'")
    made = folder.run("erase", "shop", "--identity", f"email={EMAIL}", "--policy", "forget", "--plan",
                      folder / "plan.json")
    expect(made.returncode == 0, made.stderr)
    service.people[1]["plan"] = "court"
    expect(folder.run("erase", "--apply", folder / "plan.json", "--journal", folder / "j.db").returncode == 6, "held")
    out_of_reach(service)
    untouched(service, folder.run("erase", "--resume", folder / "j.db"))


@case
def a_row_that_could_not_be_read_is_not_sent_once_it_is_out_of_reach(service, folder):
    planned(folder)
    service.fault = lambda method, path, _: (403, {}) if method == "GET" and path.startswith("/people?") else None
    expect(folder.apply().returncode == 3 and not service.orders, "the rest is erased")
    service.fault = None
    out_of_reach(service)
    untouched(service, folder.resume())


@case
def what_was_found_as_planned_is_sent_though_it_is_out_of_reach(service, folder):
    planned(folder)
    service.fault = at("PUT", (429, {"Retry-After": "3600"}))
    expect(folder.apply().returncode == 3, "it was refused")
    service.fault = None
    out_of_reach(service)
    resumed = folder.resume()
    expect(resumed.returncode == 0 and ("PUT", "/people/1") in service.acts(), resumed.stderr)


# ---- chains --------------------------------------------------------------------------------------------------------------


def steps(folder, collection):
    folder.connector = folder.connector.parent / "steps.fconn"
    return planned(folder, "--collection", collection)


@case
def what_comes_behind_a_request_in_doubt_is_sent(service, folder):
    for collection, first, second in (("person", ("PUT", "/people/1"), ("POST", "/unsubscribe")),
                                      ("orders", ("DELETE", "/people/1/orders/1000"), ("POST", "/privacy/jobs"))):
        service.reset(orders=1, tickets=0)
        (folder / "j.db").unlink(missing_ok=True)
        steps(folder, collection)
        kill_while_sending(service, folder)
        expect(service.acts() == [first], f"{collection}: {service.acts()}")
        resumed = folder.resume()
        expect(resumed.returncode == 0 and " 1 done" in resumed.stderr, f"{collection}: {resumed.stderr}")
        expect(acting(service) == [first, first, second], f"{collection}: {acting(service)}")
        expect(folder.resume().returncode == 0 and len(acting(service)) == 3, "and that is all")


@case
def a_repeated_delete_that_finds_nothing_is_no_end_of_a_chain(service, folder):
    service.reset(orders=1, tickets=0)
    steps(folder, "orders")
    service.fault = at("DELETE", "cut")
    done = folder.apply()
    expect(done.returncode == 0, done.stderr)
    expect(service.acts() == [("DELETE", "/people/1/orders/1000"), ("POST", "/privacy/jobs")], service.acts())


@case
def where_the_lost_answer_is_needed_a_person_decides(service, folder):
    service.reset(orders=1, tickets=0)
    steps(folder, "tickets")
    service.fault = at("DELETE", "cut")
    done = folder.apply()
    expect(done.returncode == 1 and "it was done before, and the answer, which the next request needs, was lost" in
           done.stderr, f"exit {done.returncode}: {done.stderr}")
    resumed = folder.resume()
    expect(resumed.returncode == 1 and "a person decides" in resumed.stderr, resumed.stderr)
    expect(acting(service) == [("DELETE", "/people/1/orders/1000")] * 2, acting(service))


@contextlib.contextmanager
def unsettled(folder):
    """Meanwhile the journal takes no record that an action is settled, as if the program had died before it."""
    with contextlib.closing(sqlite3.connect(folder / "j.db")) as database:
        database.execute("CREATE TRIGGER unsettled BEFORE INSERT ON record WHEN NEW.kind = 'settled' "
                         "BEGIN SELECT RAISE(ABORT, 'unsettled'); END")
        database.commit()
        yield
        database.execute("DROP TRIGGER unsettled")
        database.commit()


@case
def the_last_request_of_a_chain_is_not_sent_again(service, folder):
    service.reset(orders=1, tickets=1)
    planned(folder, "--collection", "tickets", name="first.json")
    expect(folder.apply(name="first.json").returncode == 0, "there is a journal")
    sent = len(acting(service))
    steps(folder, "orders")
    with unsettled(folder):
        expect(folder.apply().returncode == 3, "the run ends before it is settled")
    chain = [("DELETE", "/people/1/orders/1000"), ("POST", "/privacy/jobs")]
    expect(acting(service)[sent:] == chain, acting(service))
    resumed = folder.resume()
    expect(resumed.returncode == 0 and acting(service)[sent:] == chain, f"{acting(service)} {resumed.stderr}")


@case
def what_a_decision_leaves_of_a_chain_is_said(service, folder):
    folder.connector = folder.connector.parent / "marked.fconn"
    planned(folder, "--collection", "letters")
    service.fault = at("POST /privacy/jobs", (503, {}))
    expect("a person decides" in folder.apply().stderr, "its first request is in doubt")
    resumed = folder.resume("--decide", "a1=done")
    expect(resumed.returncode == 0 and "what comes behind the request in doubt isn't sent: POST" in resumed.stderr,
           resumed.stderr)
    expect(acting(service) == [("POST", "/privacy/jobs")], acting(service))


@case
def a_chain_goes_on_though_its_row_cannot_be_read_any_more(service, folder):
    service.reset(orders=1, tickets=0)
    steps(folder, "orders")
    service.fault = at("POST", (503, {}))
    done = folder.apply()
    expect(done.returncode == 1 and "a person decides" in done.stderr, f"exit {done.returncode}: {done.stderr}")
    service.fault = lambda method, path, _: (404, {}) if method == "GET" and "orders" in path else None
    resumed = folder.resume("--decide", "a1=again")
    expect(resumed.returncode == 0 and service.acts()[-1] == ("POST", "/privacy/jobs"), resumed.stderr)


# ---- answers that leave it open ------------------------------------------------------------------------------------------


@case
def a_redirect_is_no_refusal(service, folder):
    for status, headers, times in ((303, {"Location": "/thanks"}, 1), (302, {"Location": "/thanks"}, 1), (304, {}, 1),
                                   (308, {"Location": "https://elsewhere.example/"}, 2)):
        service.reset(orders=0, tickets=0)
        (folder / "j.db").unlink(missing_ok=True)
        planned(folder, "--collection", "newsletter")
        service.fault = at("POST", (status, headers))
        done = folder.apply()
        expect(("a person decides" in done.stderr) == (times == 1), f"{status}: {done.stderr}")
        resumed = folder.resume()
        expect(resumed.returncode == (1 if times == 1 else 0), f"{status}: {resumed.stderr}")
        expect(acting(service) == [("POST", "/unsubscribe")] * times, f"{status}: {acting(service)}")


@case
def a_row_without_a_key_that_isnt_as_it_was_proves_nothing(_service, _folder):
    with world("keyless.fconn") as (service, folder):
        service.reset(orders=2, tickets=0)
        planned(folder)
        service.fault = at("DELETE /people/1/orders/1000", "drop", times=9)
        folder.apply("--retries", "0")
        service.fault = None
        service.orders[1000]["status"] = "returned"
        resumed = folder.resume()
        expect(resumed.returncode == 3 and "a person decides: it was sent; the row isn't there as it was" in resumed.stderr,
               f"exit {resumed.returncode}: {resumed.stderr}")
        expect(list(service.orders) == [1000], service.orders)


@case
def runs_of_one_journal_never_share_an_id(service, folder):
    fixed = ("--seed", "1", "--now", "2026-01-01T00:00:00Z")
    planned(folder, "--collection", "orders", name="a.json")
    planned(folder, "--collection", "tickets", name="b.json")
    expect(folder.apply(*fixed, name="a.json").returncode == 0, "the first")
    service.fault = at("POST /tickets/1", (503, {}))
    expect(folder.apply(*fixed, name="b.json").returncode == 3, "the second leaves one in doubt")
    resumed = folder.resume()
    expect(resumed.returncode == 3 and "a1 service:tickets {\"id\":1} in doubt" in resumed.stderr, resumed.stderr)
    runs = {r["run"] for r in folder.records() if r["kind"] == "begin"}
    expect(len(runs) == 2, runs)
