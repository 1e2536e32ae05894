"""What changes between the reading and an action's turn, and a disk that is really full."""
import contextlib
import subprocess

from checks import acting, expect, planned
from service import STREET
from world import case, project, world

EACH = ("--reread", "0s", "--max-parallel", "1")


def once(service, match, change):
    """Calls `change` when the first such request that acts is there, before it acts."""
    done = []

    def decide(method, path, _):
        if method != "GET" and match in f"{method} {path}" and not done:
            done.append(path)
            change()
    service.fault = decide


def change_order(service, **values):
    """Of the orders that are left, the last one in the order of the plan."""
    number = max(service.orders)
    service.orders[number].update(values)


@case
def a_row_that_changes_while_others_are_erased_is_refused(service, folder):
    planned(folder)
    once(service, "DELETE", lambda: change_order(service, status="returned"))
    done = folder.apply(*EACH)
    expect(done.returncode == 6, f"exit {done.returncode}: {done.stderr}")
    expect("refused: the row changed while the plan was applied: status" in done.stderr, done.stderr)
    expect(("DELETE", "/people/1/orders/1002") not in acting(service) and 1002 in service.orders, acting(service))
    expect(acting(service)[-1] == ("PUT", "/people/1"), "the rest goes on")
    resumed = folder.resume("--ignore-drift", "status")
    expect(resumed.returncode == 0 and not service.orders, resumed.stderr)


@case
def without_reading_again_so_soon_it_is_erased_as_planned(service, folder):
    planned(folder)
    once(service, "DELETE", lambda: change_order(service, status="returned"))
    expect(folder.apply("--reread", "10m", "--max-parallel", "1").returncode == 0 and not service.orders, acting(service))


@case
def what_the_erasure_changes_itself_is_no_drift(service, folder):
    planned(folder)
    once(service, "DELETE", lambda: service.people[1].update(seen="just now"))
    done = folder.apply(*EACH)
    expect(done.returncode == 0 and service.people[1]["email"] == "MASKED", done.stderr)


@case
def what_would_be_overwritten_counts_all_the_same(service, folder):
    planned(folder)
    once(service, "DELETE", lambda: service.people[1].update(name="Augusta"))
    done = folder.apply(*EACH)
    expect(done.returncode == 6 and "while the plan was applied: name" in done.stderr, done.stderr)
    expect(service.people[1]["name"] == "Augusta", service.people)


@case
def a_row_that_comes_under_a_hold_meanwhile_is_kept(service, folder):
    project(service, folder, "shop.orders where .status == 'legal_hold'")
    made = folder.run("erase", "shop", "--identity", "email=ada.lovelace@example.com", "--policy", "forget", "--plan",
                      folder / "plan.json")
    expect(made.returncode == 0, made.stderr)
    once(service, "DELETE", lambda: change_order(service, status="legal_hold"))
    done = folder.run("erase", "--apply", folder / "plan.json", *EACH)
    expect(done.returncode == 6 and "refused: held by" in done.stderr, done.stderr)
    expect(list(service.orders) == [1002] and service.orders[1002]["ship_to"] == STREET, service.orders)


@case
def a_row_that_goes_meanwhile_is_skipped(service, folder):
    planned(folder)
    once(service, "DELETE", lambda: service.orders.pop(max(service.orders)))
    done = folder.apply(*EACH)
    expect(done.returncode == 0 and "skipped: the row isn't there any more" in done.stderr, done.stderr)


@case
def what_cannot_be_read_again_in_between_is_not_sent(service, folder):
    planned(folder)
    reads = []

    def decide(method, path, _):
        if method != "GET":
            reads.append(path)
        return (403, {}) if method == "GET" and reads and "orders" in path else None
    service.fault = decide
    done = folder.apply(*EACH)
    expect(done.returncode == 3 and "its row couldn't be read again" in done.stderr, done.stderr)
    expect(len(service.orders) == 2, "one had begun before")
    service.fault = None
    expect(folder.resume().returncode == 0 and not service.orders, "--resume goes on with them")


@case
def a_row_without_a_key_that_isnt_as_it_was_is_refused(_service, _folder):
    with world("keyless.fconn") as (service, folder):
        planned(folder)
        service.orders[1001]["status"] = "returned"
        done = folder.apply("--verify")
        expect(done.returncode == 6 and "nobody can tell whether it changed" in done.stderr, done.stderr)
        expect(list(service.orders) == [1001], service.orders)
    with world("keyless.fconn") as (service, folder):
        planned(folder)
        service.orders.clear()
        done = folder.apply()
        expect(done.returncode == 0 and "skipped: the row isn't there any more" in done.stderr, done.stderr)


@case
def a_row_is_read_again_the_way_it_was_found(_service, _folder):
    with world("two_ways.fconn") as (service, folder):
        planned(folder)
        done = folder.apply("--verify")
        expect(done.returncode == 0, done.stderr)
        expect(sorted(acting(service)) == [("POST", f"/tickets/{n}/anonymise") for n in (1, 2)], acting(service))


@contextlib.contextmanager
def small_disk(folder, kilobytes):
    """A file system of that size; None where this user can't have one."""
    place = folder / "disk"
    place.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place], capture_output=True)
    try:
        yield place if mounted.returncode == 0 else None
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", place], check=True)


@case
def a_disk_that_is_full(service, folder):
    planned(folder)
    codes = set()
    for kilobytes in (4, 32, 64, 96, 120, 136, 152, 168, 184, 4096):
        service.reset(orders=3, tickets=2, devices=1)
        with small_disk(folder, kilobytes) as place:
            if place is None:
                print("SKIPPED: this user can't mount a small disk", flush=True)
                return
            words = ["erase", "--apply", folder / "plan.json", "--journal", place / "j.db", "--secrets",
                     folder / "secrets.json", "--max-parallel", "1"]
            done = folder.run(*words)
            sent = len(acting(service))
            codes.add(done.returncode)
            expect(done.returncode in (0, 1, 2, 3, 6), f"{kilobytes}k: exit {done.returncode}: {done.stderr}")
            if done.returncode == 2:
                expect(sent == 0, f"{kilobytes}k: no journal, and {sent} sent")
            text = folder.run("journal", "export", place / "j.db").stdout
            expect(sent <= text.count('"intent"'), f"{kilobytes}k: {sent} sent, {text.count('intent')} written down")
    expect({0, 2} <= codes, f"from nothing to all: {codes}")
