#!/usr/bin/env python3
"""NONMEM's own output, where it is at hand: every record of 15 dosing scenarios and of a covariate that varies in time."""
import csv
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "records"))
from cli import SOURCE, check, finish, wane
from sets import read_states

REFERENCE = os.path.join(SOURCE, "..", "shared", "reference")
HERE = os.path.join(os.environ["WANE_TEST_DIR"], "records")
ROUNDING = 5e-5     # of NONMEM's tables, which have five digits


def compare(folder, model, n_known, *options):
    """CP of every record against the table."""
    with open(os.path.join(REFERENCE, folder, "nonmem.csv"), encoding="utf-8") as file:
        expected = [float(row["CP"]) for row in csv.DictReader(file)]
    check(len(expected) == n_known, f"{folder}: {len(expected)} records, expected {n_known}")
    done = wane("run", os.path.join(HERE, "models", model), "--data", os.path.join(REFERENCE, folder, "input.csv"), *options)
    # a reset with a compartment is warned of: nothing else is said
    other = [line for line in done.stderr.splitlines() if "CMT of EVID 3 is not read" not in line]
    if not check(done.returncode == 0 and not other, f"{folder} {options}: {done.stderr}"):
        return
    got = [row[0] for row in read_states(done.stdout, ["CONC"])]
    check(len(got) == len(expected), f"{folder} {options}: {len(got)} rows for {len(expected)}")
    for i, (a, b) in enumerate(zip(got, expected)):
        # what NONMEM prints as 0 is below the first digit it would show
        check(abs(a - b) <= ROUNDING * abs(b) + (1e-9 if b == 0 else 0), f"{folder} {options}: record {i + 1}: {a} for {b}")


if not os.path.isdir(REFERENCE):
    print(f"skipped: {REFERENCE} is not there")
    sys.exit(77)
for solver in ("auto", "exact", "rosenbrock", "rk", "bdf", "explicit"):
    compare("nonmem_dosing", "nmtests.lua", 1985, "--solver", solver)
    compare("nonmem_covariates", "nmtests_weight.lua", 34, "--solver", solver)
finish()
