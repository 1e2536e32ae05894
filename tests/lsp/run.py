#!/usr/bin/env python3
"""Scripted sessions with `fconn lsp`, over its standard input and output. Usage: run.py FCONN [NAME…]"""
import os, sys, traceback
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import protocol_cases, answer_cases, change_cases
from session import TESTS


def main():
    wanted = sys.argv[2:]
    failed = 0
    for one in TESTS:
        if wanted and one.__name__ not in wanted: continue
        try:
            one()
            print(f"ok    {one.__name__}")
        except Exception:
            failed += 1
            print(f"FAIL  {one.__name__}")
            traceback.print_exc(file=sys.stdout)
    sys.exit(1 if failed else 0)


if __name__ == "__main__": main()
