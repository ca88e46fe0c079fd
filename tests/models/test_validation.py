#!/usr/bin/env python3
"""The validation table of the naltrexone model: as many rows hold as were found to under each hypothesis, and each row
reads the same figure off wane as the independent Python model gives (that part is left out when it is not there)."""
import csv
import os
import sys
import tempfile

from program import SANITIZED, reference_model, wane

HOLD = {"H1": 72} if SANITIZED else {"H1": 72, "H2": 56, "H0": 55}
USES = {"tuned": 45, "not tuned": 24, "structural": 3}
# what the reference reads off a grid: its first sample, or a count of samples, so it is off by up to a step or two
GRID = {"PK2": 0.02, "XR1": 0.25, "NLX4": 0.6, "LDN1": 0.2, "LDN2": 0.2, "LDN4": 0.2, "TIM1": 0.5, "TIM2": 0.01, "TIM3": 0.01,
        "PET6": 0.2, "CLN1": 0.01, "CLN2": 0.01}
CLOSE = 5e-3      # of the value otherwise; the reference samples peaks coarsely
failed = 0


def expect(what, holds):
    global failed
    if not holds:
        failed += 1
        print("FAIL", what)


def table(hypothesis):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.csv")
        wane("validate", "naltrexone", "--hypothesis", hypothesis, "--csv", path)
        with open(path, newline="") as file:
            return list(csv.DictReader(line for line in file if not line.startswith("#")))


tables = {name: table(name) for name in HOLD}
for name, rows in tables.items():
    hold = sum(row["holds"] == "yes" for row in rows)
    print(f"{name}: {hold} of {len(rows)} rows hold")
    expect(f"{name}: {hold} rows hold, expected {HOLD[name]}", hold == HOLD[name])
    expect(f"{name}: ids are not unique", len({row["id"] for row in rows}) == 72)
for use, count in USES.items():
    expect(f"{use}: expected {count} rows", sum(row["use"] == use for row in tables["H1"]) == count)
if failed or SANITIZED:
    sys.exit(1 if failed else 0)

model = reference_model()
want = {row[0]: row for row in model.validate(verbose=False)}
for row in tables["H1"]:
    name, _, published, low, high, value, unit, holds = want[row["id"]]
    got = float(row["value"])
    allowed = max(CLOSE * abs(value), GRID.get(name, 0), 1e-6)
    expect(f"{name}: {got:.6g}, the reference has {value:.6g}, allowed {allowed:.2g} apart", abs(got - value) <= allowed)
    expect(f"{name}: {row['published']}, {row['low']} to {row['high']} {row['unit']}; the reference has {published}, "
           f"{low} to {high} {unit}",
           row["published"] == published and float(row["low"]) == low and float(row["high"]) == high and
           row["unit"] == unit)
    expect(f"{name}: the reference finds it {'holds' if holds else 'fails'}", (row["holds"] == "yes") == holds)
print("agrees" if not failed else f"{failed} differences")
sys.exit(1 if failed else 0)
