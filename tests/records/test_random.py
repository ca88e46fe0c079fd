#!/usr/bin/env python3
"""A thousand random record sets against a second way of working out what they mean."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "records"))
from cli import check, finish, wane
from oracle import Absorbed, Individual, Three
from sets import COLUMNS, random_sets, read_states, write_table

HERE = os.path.join(os.environ["WANE_TEST_DIR"], "records")
SHOWN = 5     # sets in full when something is off


def run(model, sets, *options):
    """States of every row of every set."""
    write_table("sets.csv", sets)
    done = wane("run", os.path.join(HERE, "models", model + ".lua"), "--data", "sets.csv", "--rtol", "1e-9", "--atol",
                "1e-12", *options)
    check(done.returncode == 0 and not done.stderr, f"{model} {options}: {done.stderr[:300]}")
    if done.returncode:
        return None
    rows = iter(read_states(done.stdout, MODELS[model].states))
    return [[next(rows) for _ in records] for records in sets]


def show(records, row):
    for i, record in enumerate(records):
        print("  ", "->" if i == row else "  ", {k: record[k] for k in COLUMNS if k in record})


def differs(got, expected):
    """The first row and state off by more than 1e-6, and than 1e-9 of the largest amount seen."""
    floor = 1e-9 * max(abs(value) for x in expected for value in x)
    for row, (a, b) in enumerate(zip(got, expected)):
        for k, (x, y) in enumerate(zip(a, b)):
            if not abs(x - y) <= max(1e-6 * abs(y), floor):
                return row, k
    return None


def compare(name, sets, expected, got):
    shown = 0
    for i, (records, a, b) in enumerate(zip(sets, got or [], expected)):
        off = differs(a, b)
        if check(off is None, f"{name}: set {i + 1}" + (f", row {off[0] + 1}: {a[off[0]]} for {b[off[0]]}" if off else "")):
            continue
        shown += 1
        if shown <= SHOWN:
            show(records, off[0])


MODELS = {"absorbed": Absorbed(), "three": Three()}
for model, seed, n in (("absorbed", 1, 600), ("three", 2, 400)):
    sets = random_sets(seed, n, len(MODELS[model].states))
    for callfl in (0, -1):
        expected = [Individual(MODELS[model], callfl).predict(records) for records in sets]
        options = ["--callfl", "-1"] if callfl else []
        compare(f"{model}, exact {options}", sets, expected, run(model, sets, "--solver", "exact", *options))
        if callfl:
            continue
        compare(f"{model}, bdf", sets, expected, run(model, sets, "--solver", "bdf"))
        few = sets[::5]
        compare(f"{model}, explicit", few, expected[::5], run(model, few, "--solver", "explicit"))
finish()
