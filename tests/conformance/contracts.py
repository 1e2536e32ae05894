#!/usr/bin/env python3
"""The erasures of the bundled connectors' contract tests, run on what `fconn import fides` makes of the reference's connectors instead:
what is expected of ours is what theirs send, but for what DIFFERENT and CODE name.

usage: contracts.py --fconn BIN [--only TEXT]. Ends with 77 (skipped) where ../shared is missing."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIDES = ROOT.parent / "shared/conformance/fides"
# Compared by eye, method, path and body with the configuration: what the importer can't take from it is code of the reference.
CODE = {"adobe_campaign", "alchemer", "braze", "domo", "doordash", "firebase_auth", "friendbuy_nextgen", "heap", "iterate", "marigold_engage",
        "microsoft_advertising", "oracle_responsys", "powerreviews", "snap", "twilio_conversations", "yotpo_loyalty", "yotpo_reviews"}
# Ours sends the same and reads more, is called otherwise, or says better what was refused. Compared by eye as well.
DIFFERENT = {
    "aircall": "ours reads every page of a search",
    "appsflyer": "other names of parameters",
    "braintree": "what GraphQL refuses is a failure in ours",
    "checkr": "ours reads every page of a search",
    "gong": "the collection has another name",
    "google_analytics": "other names of parameters",
    "gorgias": "other limits of pages",
    "onesignal": "ours names the app in every request, as the API asks for",
    "outreach": "other names of parameters",
    "recurly": "other names of parameters",
    "rollbar": "the host has a default in ours",
    "salesforce": "other names of parameters, and a campaign's member is written by way of the lead or contact",
    "sparkpost": "the collection has another name",
    "square": "ours reads every page of a search",
    "statsig_enterprise": "the collection has another name",
    "stripe": "ours says why something is skipped",
    "surveymonkey": "ours stops where no page is left",
    "twilio_sms": "the account is no secret in ours",
    "unbounce": "other names of parameters",
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fconn", required=True)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    fconn = os.path.abspath(args.fconn)
    if not FIDES.exists():
        print(f"SKIPPED: {FIDES} isn't there")
        sys.exit(77)
    agree, problems = 0, []
    for folder in sorted((ROOT / "connectors").iterdir()):
        name, config = folder.name, FIDES / f"config/{folder.name}_config.yml"
        if args.only not in name or not config.exists():
            continue
        text = "".join(file.read_text() for file in sorted(folder.glob("*.test.fconn")))
        erasing = [test for test in re.split(r'(?m)^(?=test ")', text) if re.search(r"(?m)^  erase ", test)]
        if not erasing or name in CODE or name in DIFFERENT:
            continue
        with tempfile.TemporaryDirectory() as where:
            made, tests = pathlib.Path(where) / f"{name}.fconn", pathlib.Path(where) / f"{name}.test.fconn"
            dataset = FIDES / f"dataset/{name}_dataset.yml"
            subprocess.run([fconn, "import", "fides", config, *([dataset] if dataset.exists() else []), "-o", made], capture_output=True)
            tests.write_text("\n".join(erasing).replace('"../../tests/', f'"{ROOT}/tests/').replace('"demo.json"', f'"{folder}/demo.json"'))
            done = subprocess.run([fconn, "test", tests], capture_output=True, text=True)
            if done.returncode:
                problems.append(f"{name}:\n{done.stdout}{done.stderr}")
            agree += not done.returncode
    print("\n".join(problems))
    print(f"{agree} agree, {len(problems)} differ, {len(CODE)} can't be imported, {len(DIFFERENT)} differ knowingly")
    sys.exit(1 if problems or not agree else 0)


main()
