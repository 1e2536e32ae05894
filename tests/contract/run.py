#!/usr/bin/env python3
"""`fconn test` as CI uses it: many tests at a time in a stable order, reports that other programs read, --watch.

usage: run.py FCONN"""
import json, os, re, signal, subprocess, sys, tempfile
import xml.etree.ElementTree as xml

FCONN = os.path.abspath(sys.argv[1])
checks = 0
CONNECTOR = '''connector shop "Shop" {
  version "1.0.0"
  identity email
  client { base "https://api.shop.example" }
  collection order {
    read GET /orders { query { email: email } }
    fields { id: int key @system.operations }
  }
}
'''


def expect(condition, what):
    global checks
    checks += 1
    if not condition: raise SystemExit(f"not so: {what}")


def one(title, wanted, given=1):
    return f'''test "{title}" {{
  connector "shop.fconn"
  identity  {{ email: "ada@example.com" }}
  reply GET /orders with 200 {{ body json [{{ id: {given} }}] }}
  expect rows order [{{ id: {wanted} }}]
}}
'''


def fconn(folder, *args, code=0):
    done = subprocess.run([FCONN, "test", *args], cwd=folder, capture_output=True, text=True)
    expect(done.returncode == code, f"{args}: exit code {done.returncode}, expected {code}\n{done.stdout[-2000:]}{done.stderr}")
    return done.stdout


def write(folder, name, text):
    # As editors do: another file takes its place.
    with open(os.path.join(folder, name + ".new"), "w", encoding="utf-8") as out: out.write(text)
    os.rename(os.path.join(folder, name + ".new"), os.path.join(folder, name))


def many(folder):
    files = [f"t{i}.test.fconn" for i in range(6)]
    for i, name in enumerate(files):
        write(folder, name, "".join(one(f"test {n} of {i}", n, n if n % 10 else 999) for n in range(25)))
    alone = fconn(folder, *files, "--jobs", "1", code=1)
    expect(alone.count("\nFAIL") + alone.startswith("FAIL") == 18 and "132 passed, 18 failed" in alone, alone[-200:])
    for _ in range(3): expect(fconn(folder, *files, "--jobs", "8", code=1) == alone, "the order is that of the files")
    suites = xml.fromstring(fconn(folder, *files, "--format", "junit", code=1))
    expect(suites.get("tests") == "150" and suites.get("failures") == "18" and suites.get("errors") == "0", suites.attrib)
    expect([s.get("name") for s in suites] == files and all(len(s) == 25 for s in suites), "a suite for each file")
    case = suites[0][10]
    expect(case.get("name") == "test 10 of 0" and "- {\"id\":10}" in case[0].text and case[0].tag == "failure", case.attrib)
    tap = fconn(folder, *files, "--format", "tap", code=1).splitlines()
    expect(tap[:2] == ["TAP version 14", "1..150"], tap[:2])
    expect(sum(line.startswith("ok ") for line in tap) == 132 and sum(line.startswith("not ok ") for line in tap) == 18, "TAP's lines")
    expect(len(json.loads(fconn(folder, *files, "--json", code=1))["tests"]) == 150, "JSON")
    write(folder, "unused.test.fconn", one("replies", 1).replace("  expect", 2 * "  reply GET /other with 200\n" + "  expect"))
    expect(json.loads(fconn(folder, "unused.test.fconn", "--json"))["tests"][0]["unused"] == [5, 6], "replies that nobody asked for")
    fconn(folder, "unused.test.fconn", "--strict", code=1)
    write(folder, "odd.test.fconn", one('a\\u0001b \\u{1F600} ]]> # \\\\', 1, 2))
    case = xml.fromstring(fconn(folder, "odd.test.fconn", "--format", "junit", code=1))[0][0]
    expect(case.get("name") == "a\ufffdb \U0001F600 ]]> # \\", case.get("name"))


def some(folder):
    """Tests that read some collections alone."""
    two = CONNECTOR.replace("  collection order", """  collection person {
    read GET /people { query { email: email } }
    fields { id: int key @system.operations }
  }
  collection order""", 1)
    write(folder, "two.fconn", two)
    text = one("orders", 1).replace('"shop.fconn"', '"two.fconn"')
    write(folder, "two.test.fconn", text)
    said = fconn(folder, "two.test.fconn", code=1)
    expect("unexpected request GET /people" in said, said)
    write(folder, "two.test.fconn", text.replace("  identity", '  collection "order"\n  identity', 1))
    fconn(folder, "two.test.fconn")
    write(folder, "two.test.fconn", text.replace("  identity", '  collection "ordr"\n  identity', 1))
    said = fconn(folder, "two.test.fconn", code=1)
    expect("no collection `ordr`; did you mean `order`?" in said, said)
    write(folder, "two.test.fconn", text.replace("  identity", '  collection "order"\n  erase "plan"\n  policy { targets: ["user"] }\n  identity', 1))
    done = subprocess.run([FCONN, "test", "two.test.fconn"], cwd=folder, capture_output=True, text=True)
    expect(done.returncode == 1 and "only a test that reads names collections" in done.stderr, done.stderr)


def rounds(folder):
    """What each round of --watch prints, as files are saved."""
    write(folder, "w.test.fconn", one("watched", 1))
    out = open(os.path.join(folder, "out"), "w+", encoding="utf-8")
    watch = subprocess.Popen([FCONN, "test", "w.test.fconn", "--watch"], cwd=folder, stdout=out, stderr=subprocess.PIPE, text=True)

    def next_round():
        """Standard error up to the line that says it waits; its own message is the only way to know."""
        said = ""
        for line in watch.stderr:
            if line.startswith("fconn: waiting for a file"): break
            said += line
        with open(os.path.join(folder, "out"), encoding="utf-8") as printed: text = printed.read()
        new, next_round.seen = text[next_round.seen:], len(text)
        return said, new

    next_round.seen = 0
    expect(next_round() == ("", "ok    w.test.fconn: watched\n1 passed, 0 failed\n"), "the first round")
    write(folder, "w.test.fconn", one("watched", 2))
    said, printed = next_round()
    expect("FAIL  w.test.fconn: watched" in printed and "0 passed, 1 failed" in printed, printed)
    write(folder, "shop.fconn", CONNECTOR.replace("/orders", "/ordes"))
    said, printed = next_round()
    expect("unexpected request GET /ordes" in printed, f"a connector is watched, too: {printed}")
    write(folder, "shop.fconn", "connector shop {")
    said, printed = next_round()
    expect("error[F0106]" in said and printed == "", f"a mistake ends nothing: {said}")
    write(folder, "shop.fconn", CONNECTOR)
    said, printed = next_round()
    expect("0 passed, 1 failed" in printed, printed)
    os.remove(os.path.join(folder, "w.test.fconn"))
    said, printed = next_round()
    expect("can't be read" in said, said)
    write(folder, "w.test.fconn", one("watched", 1))
    said, printed = next_round()
    expect("1 passed, 0 failed" in printed, printed)
    watch.send_signal(signal.SIGINT)
    expect(watch.wait(timeout=60) == 0, "^C ends it, with the exit code of the last round")


ERASABLE = '''connector clinic "Clinic" {
  version "1.0.0"
  identity email
  client { base "https://api.clinic.example" }
  collection patient {
    read GET /patients { query { email: email } }
    update PATCH /patients/{row.id} { body json masked }
    fields { id: int key @system.operations, email: string @user.contact.email }
  }
  collection visit {
    for p in patient
    read GET /patients/{p.id}/visits
    delete {
      let job = POST /removals { body json { visit: row.id } }
      DELETE /removals/{job.id}
    }
    fields { id: int key @system.operations, note: string @user.content }
  }
}
'''


def strict(folder):
    """What may not pass."""
    write(folder, "clinic.fconn", ERASABLE)
    write(folder, "none.test.fconn", "# nothing yet\n")
    expect("0 passed, 1 failed" in fconn(folder, "none.test.fconn", code=1), "a file without a test")
    suites = xml.fromstring(fconn(folder, "none.test.fconn", "--format", "junit", code=1))
    expect(suites.get("errors") == "1", suites.attrib)
    world = '''connector "clinic.fconn"
  identity { email: "ada@example.com" }
  reply GET /patients with 200 { body json [{ id: 7, email: "ada@example.com" }] }
'''
    erasure = world + '''  policy { targets: ["user"], mask: "null" }
  erase "apply"
  reply GET /patients/7/visits with 200 { body json [{ id: 1, note: "x" }] }
  reply POST /removals with 200 { body json { id: "r9" } }
  reply DELETE /removals/r9 with 200
'''
    for said, items in (
        ("this test expects nothing, and nothing was asked", 'connector "clinic.fconn"'),
        ("visit: ", world + "  reply GET /patients/7/visits with 500\n  expect patient complete"),
        ("update patient PATCH /patients/7", erasure + "  reply PATCH /patients/7 with 500\n  expect apply delete visit done"),
        ("DELETE /removals/r9  done", erasure + "  reply PATCH /patients/7 with 200\n  expect apply delete visit DELETE /removals/r8 done"),
    ):
        write(folder, "bad.test.fconn", f'test "t" {{\n  {items}\n}}\n')
        printed = fconn(folder, "bad.test.fconn", code=1)
        expect(said in printed, f"{said!r} in {printed}")
    for items in (
        world + "  reply GET /patients/7/visits with 500\n  expect patient complete\n  expect visit failed",
        world + "  reply GET /patients/7/visits with 500\n  expect exit 3",
        'connector "clinic.fconn"\n  identity { email: "e@e.example" }\n  reply GET /patients with 500\n  expect patient failed',
        erasure + "  reply PATCH /patients/7 with 500\n  expect apply delete visit done\n  expect apply update patient failed",
        erasure + "  reply PATCH /patients/7 with 200\n  expect apply delete visit DELETE /removals/r9 done",
    ):
        write(folder, "good.test.fconn", f'test "t" {{\n  {items}\n}}\n')
        fconn(folder, "good.test.fconn")
    for second in ("expect exit 0", 'erase "plan"', 'connector "shop.fconn"', "policy { scope: \"all\" }"):
        write(folder, "twice.test.fconn", f'test "t" {{\n  {erasure}\n  expect exit 3\n  {second}\n}}\n')
        printed = subprocess.run([FCONN, "test", "twice.test.fconn"], cwd=folder, capture_output=True, text=True)
        expect(printed.returncode == 1 and "stands in this test twice" in printed.stderr, printed.stderr)
    write(folder, "status.test.fconn", one("status", 1).replace("with 200", "with 20"))
    fconn(folder, "status.test.fconn", code=1)


def verified(folder):
    """What reading again proves, and what it finds undone."""
    write(folder, "clinic.fconn", ERASABLE.replace("query { email: email }", "query { person: email }"))
    world = '''connector "clinic.fconn"
  identity { email: "ada@example.com" }
  policy { targets: ["user"], mask: "null" }
  erase "verify"
  reply GET /patients with 200 { body json [{ id: 7, email: "ada@example.com" }] }
  reply GET /patients/7/visits with 200 { body json [{ id: 1, note: "x" }] }
  reply PATCH /patients/7 with 200
  reply POST /removals with 200 { body json { id: "r9" } }
  reply DELETE /removals/r9 with 200
'''
    patient = "  reply GET /patients with 200 { body json %s }\n"
    visits = "  reply GET /patients/7/visits with 200 { body json %s }\n"
    masked, gone = patient % "[{ id: 7, email: null, seen: 2 }]", visits % "[]"
    for items in (
        masked + gone + '  expect apply update patient done "masked"\n  expect apply delete visit done "gone"\n  expect exit 0',
        masked + gone + "  expect 2 requests GET /patients\n  expect 2 requests GET /patients/7/visits\n  expect 1 requests PATCH /patients/7",
        # A search by what was masked finds nothing, which proves nothing.
        patient % "[]" + gone + '  expect apply update patient done "not found"\n  expect exit 0',
        masked + visits % "[{ id: 1 }]" + '  expect apply delete visit failed "still there"\n  expect apply update patient done "masked"\n  expect exit 3',
        masked + "  reply GET /patients/7/visits with 500\n" + '  expect apply delete visit done "couldn\'t be read"\n  expect exit 3',
        # Rows are those of the first reading.
        masked + gone + '  expect rows visit [{ id: 1, note: "x" }]',
    ):
        write(folder, "good.test.fconn", f'test "t" {{\n  {world}{items}\n}}\n')
        fconn(folder, "good.test.fconn")
    for said, items in (
        # The answers that the world began with.
        ("update patient PATCH /patients/7  body", "  expect plan 1 updates patient"),
        ("failed: the service confirmed it, and the row is still there", "  expect apply update patient done"),
        ("read again: masked", masked + gone + '  expect apply update patient done "gone"'),
        ("failed: the service confirmed it", patient % '[{ id: 7, email: "ada@example.com", seen: 2 }]' + gone + "  expect exit 0"),
    ):
        write(folder, "bad.test.fconn", f'test "t" {{\n  {world}{items}\n}}\n')
        printed = fconn(folder, "bad.test.fconn", code=1)
        expect(said in printed, f"{said!r} in {printed}")
    # A service that makes people anonymous in its own way.
    write(folder, "clinic.fconn", ERASABLE.replace("PATCH /patients/{row.id} { body json masked }", "POST /patients/{row.id}/anonymise"))
    world = world.replace("PATCH /patients/7", "POST /patients/7/anonymise")
    write(folder, "own.test.fconn", f'test "t" {{\n  {world}{patient % """[{ id: 7, email: "anon-7@clinic.example" }]"""}{gone}'
          '  expect apply update patient done "changed"\n  expect exit 0\n}\n')
    fconn(folder, "own.test.fconn")
    write(folder, "own.test.fconn", f'test "t" {{\n  {world}{patient % """[{ id: 7, email: "ada@example.com" }]"""}{gone}'
          '  expect apply update patient failed "still there"\n  expect exit 3\n}\n')
    fconn(folder, "own.test.fconn")


with tempfile.TemporaryDirectory() as folder:
    write(folder, "shop.fconn", CONNECTOR)
    many(folder)
    some(folder)
    strict(folder)
    verified(folder)
    rounds(folder)
print(f"{checks} checks")
