#!/usr/bin/env python3
"""Each message of docs/export.md's tables is said in a golden file of the exporter, and each message there stands in the tables.
usage: export_table.py ROOT"""
import pathlib, re, sys

root = pathlib.Path(sys.argv[1])


def plain(text): return re.sub(r"`[^`]*`", "`…`", text).strip()


sections = re.split(r"^## ", (root / "docs/export.md").read_text(), flags=re.M)
cases = "".join(path.read_text() for path in sorted((root / "tests/golden/cli").glob("export_*.case")))
problems = []
for code, section in zip(("error[F1101]", "warning[F1102]"), sections[1:]):
    cells = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    table = {plain(cell) for cell in cells if cell not in ("message", "---") and not cell.startswith("*")}
    said = {plain(text) for text in re.findall(re.escape(code) + r": (.*)", cases)}
    problems += [f"docs/export.md says what no golden file shows: {text}" for text in sorted(table - said)]
    problems += [f"docs/export.md doesn't say: {text}" for text in sorted(said - table)]
    if not table: problems.append(f"docs/export.md has no table for {code}")
print("\n".join(problems) or "all as said")
sys.exit(1 if problems else 0)
