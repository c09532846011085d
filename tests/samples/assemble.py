#!/usr/bin/env python3
"""Assembles the samples beside the adapters from the facts about each bank, byte by byte.

It imports nothing of kuimen and reads no adapter, so that what it writes is a second opinion.

    assemble.py            write the samples
    assemble.py --check    compare them with what is committed; exit 1 and say what differs
"""

import json
import pathlib
import sys

import bank_abc
import bank_ccb
import bank_cqcb
import bank_crcb
import bank_ctgb
import bank_icbc
import bank_isobank
import bank_psbc

HERE = pathlib.Path(__file__).resolve().parent
ADAPTERS = HERE.parent.parent / "adapters"
BANKS = {"abc": bank_abc, "ccb": bank_ccb, "cqcb": bank_cqcb, "crcb": bank_crcb, "ctgb": bank_ctgb, "icbc": bank_icbc, "isobank": bank_isobank, "psbc": bank_psbc}


def home(bank):
    """Where a bank's folder lies: an invented one beside the tests."""
    return (HERE.parent / "eighth" if bank == "isobank" else ADAPTERS) / bank


def files(case):
    """The files of a case by name."""
    made = {"note.md": (case["note"] + "\n").encode()}
    for key in ("request", "context", "reply", "problem"):
        if case.get(key) is not None:
            made[key + ".json"] = (json.dumps(case[key], ensure_ascii=False, indent=2) + "\n").encode()
    for key in ("request.wire", "request.target", "request.also.wire", "reply.wire", "reply.also.wire"):
        if key in case:
            made[key] = case[key]
    return made


def everything():
    made = {}
    for bank, module in BANKS.items():
        for place, case in module.cases():
            folder = home(bank) / "samples" / place
            for name, content in files(case).items():
                assert folder / name not in made, folder
                made[folder / name] = content
    return made


def main(arguments):
    made = everything()
    there = {path for bank in BANKS for path in (home(bank) / "samples").rglob("*") if path.is_file()}
    if arguments == ["--check"]:
        wrong = sorted(str(path) for path in there ^ set(made))
        wrong += sorted(str(path) for path in there & set(made) if path.read_bytes() != made[path])
        for path in wrong:
            print("differs, missing or not assembled:", path)
        print("%d files of samples compared" % len(made))
        return 1 if wrong else 0
    if arguments:
        print(__doc__)
        return 64
    for path in there - set(made):
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    for path, content in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print("%d files of samples written" % len(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
