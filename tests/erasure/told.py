"""What a plan says of what it leaves, and what of a person it doesn't say."""
from checks import expect
from service import STREET, TEXT
from world import case, world


@case
def a_plan_says_what_keeps_its_value_and_what_a_key_hides(_service, _folder):
    with world("kept.fconn", people=2) as (service, folder):
        done, plan = folder.plan("--collection", "person")
        kept = plan["actions"][0]["keeps"]
        expect(kept == ["id: its type can't be masked so", "plan: read-only"], kept)
        for said in ("person is targeted and keeps plan: read-only",
                     "1 row can't be told from others: the key is that of an earlier one"):
            expect(said in done.stderr, done.stderr)
        shown = folder.run("plan", "show", folder / "plan.json").stdout
        expect("    keeps plan: read-only\n" in shown, shown)
        expect(done.returncode == 0 and folder.plan("--collection", "person", "--strict")[0].returncode == 1,
               "--strict fails what left a row out, here all that was read")


@case
def what_clauses_say_of_answers_stays_out_of_a_plan(_service, _folder):
    with world("kept.fconn", orders=1, tickets=1) as (service, folder):
        folder.plan()
        text = (folder / "plan.json").read_text()
        for personal in (STREET, TEXT):
            expect(personal not in text, text)
        for words in ("{who.people[0].address.street} is in use", "not for {.tickets[0].text}"):
            expect(words in text, text)


@case
def a_plan_doesnt_wait_for_what_isnt_ready(_service, _folder):
    with world("kept.fconn", orders=1, tickets=1) as (service, folder):
        done, plan = folder.plan("--collection", "devices")
        expect(done.returncode == 3 and not plan["actions"], f"exit {done.returncode}: {done.stderr}")
        expect("`until` doesn't hold yet; make the plan once it does" in plan["left_alone"][0]["reason"], plan)


@case
def a_plan_of_a_simulator_isnt_sent_to_the_service(service, folder):
    there = ("--send-to", f"http://{service.domain}")
    done, plan = folder.plan(*there)
    expect(done.returncode == 0 and plan["actions"], done.stderr)
    refused = folder.apply()
    expect(refused.returncode == 2 and f"was made with --send-to http://{service.domain}, and isn't sent to the connector's "
           "own hosts" in refused.stderr, refused.stderr)
    expect(not service.acts() and folder.apply(*there).returncode == 0, "with it, it is")
