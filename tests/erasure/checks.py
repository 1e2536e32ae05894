"""What the cases of run.py ask of a plan and of the service."""


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def acting(service):
    return [(m, p) for m, p, _, _ in service.log if m != "GET"]


def planned(folder, *words, **options):
    done, plan = folder.plan(*words, **options)
    expect(done.returncode == 0 and plan, f"plan: exit {done.returncode}\n{done.stderr}")
    return plan


def by(plan, collection):
    return [a for a in plan["actions"] if a["collection"] == collection]
