"""Every text in the language that the tree holds, what the program says of it, and texts that are wrong by one token."""
import concurrent.futures, json, pathlib, random, re, subprocess, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = ("build", "node_modules", ".git")

# Around the examples of docs/*.md that are no whole file; language.md says what each kind is part of.
AROUND = {
    "declarations": ("connector example {\n", "\n}\n"),
    "collection": ("connector example {\n", "\n}\n"),
    "request": ("connector example {\n collection thing {\n read GET /things {\n", "\n}\n}\n}\n"),
}


def of_tree():
    """{name: text} of the files; those of the fuzzer's corpus may be anything but text that is no UTF-8."""
    found = {}
    for path in sorted(ROOT.rglob("*.fconn")):
        name = str(path.relative_to(ROOT))
        if any(part.startswith(SKIPPED) for part in path.relative_to(ROOT).parts): continue
        try:
            found[name] = path.read_bytes().decode()
        except UnicodeDecodeError:
            if "/corpus/" not in name: raise
    return found


def of_goldens():
    """The files inside of tests/golden/cli/*.case."""
    found = {}
    for path in sorted((ROOT / "tests/golden/cli").glob("*.case")):
        for part in re.split(r"^=== ", path.read_text(), flags=re.M)[1:]:
            head, _, text = part.partition("\n")
            if head.startswith("file ") and head.endswith(".fconn"): found[f"{path.name}:{head[5:]}"] = text
    return found


def of_docs():
    found = {}
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        page = path.read_text()
        for match in re.finditer(r"^```fconn([^\n]*)\n(.*?)^```$", page, re.M | re.S):
            kind, text = (match[1].split() or ["file"])[0], match[2]
            if kind == "expr":
                text = "".join(f"fn example_{i}() = {line}\n" for i, line in enumerate(filter(str.strip, text.split("\n"))))
            before, after = AROUND.get(kind, ("", ""))
            line = page[:match.start()].count("\n") + 1
            found[f"{path.name}:{line}" + (".test.fconn" if kind == "test" else "")] = before + text.rstrip("\n") + after
    return found


def clause_words():
    """The words that begin a declaration or a clause, as the parser's table has them; methods are none."""
    table = (ROOT / "grammar/words.cc").read_text()
    return sorted({word for word in re.findall(r'Word\{"(\w+)", k', table) if word.islower()})


def all_words():
    """Every word that the parser's rules know."""
    rules = (ROOT / "grammar/rules.hh").read_text() + (ROOT / "grammar/rules_expr.hh").read_text()
    return sorted(set(re.findall(r'(?:TAO_PEGTL_KEYWORD\(|FCONN_WORD\(\w+,\s*)"(\w+)"', rules)) | set(clause_words()))


def mutated(texts, count, seed):
    """`count` texts with one token left out, said twice, exchanged with the next, or replaced by another of the file."""
    made, dice = {}, random.Random(seed)
    names = sorted(texts)
    for number in range(count):
        name = dice.choice(names)
        tokens = re.findall(r"#[^\n]*|[A-Za-z_]\w*|\d+\w*|\"\"\"|'''|[ \t]+|\.\.\.?|[=!<>]=|\?\?|.|\n", texts[name], re.S)
        solid = [i for i, token in enumerate(tokens) if token.strip(" \t") and token[0] != "#"]
        if len(solid) < 3: continue
        at = dice.randrange(len(solid) - 1)
        here, then = solid[at], solid[at + 1]
        way = dice.choice(["leave out", "twice", "exchange", "replace"])
        before = tokens[here]
        if way == "leave out": tokens[here] = ""
        elif way == "twice": tokens[here] = before + " " + before
        elif way == "exchange": tokens[here], tokens[then] = tokens[then], tokens[here]
        else: tokens[here] = tokens[dice.choice(solid)]
        line = "".join(tokens[:here]).count("\n") + 1
        tail = ".test.fconn" if name.endswith(".test.fconn") else ""
        made[f"{number} {name}:{line} {way} {before!r}{tail}"] = "".join(tokens)
    return made


def mistakes(fconn, texts):
    """{name: codes of errors of syntax} as `fconn check` says them."""
    def codes(item):
        number, (name, text) = item
        path = folder / f"{number}{'.test' if name.endswith('.test.fconn') else ''}.fconn"
        path.write_bytes(text.encode())
        done = subprocess.run([fconn, "check", "--format", "json", path], capture_output=True, text=True, timeout=60)
        if done.returncode not in (0, 1): raise SystemExit(f"check of {name} ended with {done.returncode}: {done.stderr}")
        return name, {d["code"] for d in json.loads(done.stdout) if d["code"].startswith("F01") and d["severity"] == "error"}
    with tempfile.TemporaryDirectory() as made, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(made)
        return dict(pool.map(codes, enumerate(texts.items())))
