"""A service that answers with one row in several shapes, now in this order and now in that."""
import json

from checks import acting, by, expect, planned
from service import EMAIL
from world import case, project, world


def summary(person):
    return {"id": person["id"], "email": EMAIL, "name": "Ada L.", "nick": None}


def shown(service, *shapes):
    """People are answered in these shapes, in this order, whoever is asked for."""
    service.people_shown = lambda people: [shape(person) for person in people for shape in shapes]


def whole(person):
    return dict(person)


@case
def the_order_of_two_answers_is_no_change(service, folder):
    shown(service, summary, whole)
    person = by(planned(folder), "person")
    expect(len(person) == 1, person)
    expect(person[0]["body"] == {"email": "MASKED", "name": "MASKED", "nick": "MASKED", "address": {"street": "MASKED"}},
           f"what only one of them holds is masked, too: {person[0]['body']}")
    shown(service, whole, summary)
    done = folder.apply()
    expect(done.returncode == 0 and service.people[1]["name"] == "MASKED", done.stderr)
    expect("can't be told from others" in folder.plan()[0].stderr, "a key that isn't one is told of")


@case
def a_change_in_either_is_refused(service, folder):
    shown(service, whole, summary)
    planned(folder)
    shown(service, whole, lambda person: {**summary(person), "team": 7})
    done = folder.apply()
    expect(done.returncode == 6 and "the row changed since the plan was made: team" in done.stderr, done.stderr)
    expect(("PUT", "/people/1") not in acting(service), acting(service))


@case
def one_of_two_that_still_shows_the_person_is_no_proof(service, folder):
    for shapes in ((summary, whole), (whole, summary)):
        service.reset(orders=3, tickets=2, devices=1)
        shown(service, *shapes)
        planned(folder, name=f"{shapes[0].__name__}.json")
        service.people_shown = lambda people, shapes=shapes: [
            shape({"id": 1, **service.people[1]}) for shape in shapes]
        done = folder.run("erase", "--apply", folder / f"{shapes[0].__name__}.json", "--journal",
                          folder / f"{shapes[0].__name__}.db", "--secrets", folder / "secrets.json", "--verify")
        expect(done.returncode != 0 and "{\"id\":1} proof: still there" in done.stderr, done.stderr)


@case
def a_hold_on_either_holds_the_row(service, folder):
    project(service, folder, "shop.person where .team == 7")
    shown(service, whole, lambda person: {**summary(person), "team": 7})
    made = folder.run("erase", "shop", "--identity", f"email={EMAIL}", "--policy", "forget", "--plan", folder / "plan.json")
    plan = json.loads((folder / "plan.json").read_text())
    expect(not by(plan, "person") and by(plan, "orders"), made.stderr)


@case
def a_row_that_each_of_two_lists_shows_otherwise(_service, _folder):
    with world("grouped.fconn") as (service, folder):
        plan = planned(folder)
        expect(len(by(plan, "listed")) == 3 and len(by(plan, "entries")) == 6, plan["actions"])
        service.fault = lambda method, path, _: (403, {}) if method == "DELETE" and path == "/lists/sent/1001" else None
        done = folder.apply()
        expect(done.returncode == 3 and done.stderr.count("failed:") == 1, f"{done.returncode} {done.stderr}")
        service.fault = None
        resumed = folder.resume()
        expect(resumed.returncode == 0 and not any(service.lists.values()), resumed.stderr)
        expect(len(acting(service)) == 10, "nothing was sent twice but what was refused")
