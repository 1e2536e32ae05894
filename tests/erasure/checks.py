"""What the cases ask of a plan and of the service, and what they do to it."""
import signal
import subprocess
import threading


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


def at(match, fault, times=1):
    left = [times]

    def decide(method, path, _):
        if method != "GET" and match in f"{method} {path}" and left[0] > 0:
            left[0] -= 1
            return fault
        return None
    return decide


def kill_while_sending(service, folder):
    """Applies the plan, and kills the program when the service has the first request that acts; then the request acts."""
    started = threading.Event()

    def kill(method, path, _):
        if method == "GET":
            return None
        service.fault = None
        started.wait(20)
        program.kill()
        program.wait()
        return "cut"
    service.fault = kill
    program = subprocess.Popen(folder.command(*folder.apply_words()), stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, env=folder.environment(), cwd=folder.path)
    started.set()
    expect(program.wait(60) == -signal.SIGKILL, "it was killed while its request was on the way")
    service.quiet()
