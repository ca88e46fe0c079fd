#!/usr/bin/env python3
"""Covariates between records: carried backward, forward or along a line, each against a closed form."""
import csv
import io
import math
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import check, finish, wane

MODEL = """return wane.model { name = "carry", title = "covariates three ways",
  parameters = { { "K", 0.1, "1/h", "rate", "assumed", "" } },
  covariates = { { "WF", 1, "1", "forward", carry = "forward" }, { "WB", 1, "1", "backward" },
                 { "WL", 1, "1", "line", carry = "linear" } },
  states = { { "CENT", "mg", "drug" } },
  doses = { { "CENT", "mg", "bolus", into = "CENT" } },
  equations = function() d.CENT = -K * (WF + 2 * WB + 4 * WL) * CENT; now = WL + 10 * WF end,
  outputs = { { "now", "1", "covariates as seen at the record" } },
}
"""
ROWS = [(0, 1, 1, 1), (1, 2, 1.5, 3), (2, 0.5, 1, 2), (4, 1, 1, 1)]   # TIME, WF, WB, WL


def run(*options):
    with open("carry.lua", "w", encoding="utf-8") as file:
        file.write(MODEL)
    with open("carry.csv", "w", encoding="utf-8") as file:
        file.write("ID,TIME,EVID,AMT,CMT,WF,WB,WL\n")
        for i, (t, f, b, l) in enumerate(ROWS):
            file.write("1,%g,%d,%g,1,%g,%g,%g\n" % (t, i == 0, 100 if i == 0 else 0, f, b, l))
    got = wane("run", "carry.lua", "--data", "carry.csv", "--rtol", "1e-9", "--atol", "1e-12", *options)
    check(got.returncode == 0, got.stderr)
    lines = [line for line in got.stdout.splitlines() if not line.startswith("#")]
    return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(io.StringIO("\n".join(lines)))]


def expected(backward):
    """The exponent is an integral of constants and straight lines."""
    out, exponent = [100.0], 0.0
    for (t0, f0, b0, l0), (t1, _, b1, l1) in zip(ROWS, ROWS[1:]):
        exponent += 0.1 * (t1 - t0) * (f0 + 2 * (b1 if backward else b0) + 4 * (l0 + l1) / 2)
        out.append(100 * math.exp(-exponent))
    return out


for solver in ("auto", "bdf", "explicit"):
    for dialect, backward in (("nonmem", True), ("mrgsolve", True), ("rxode2", False)):
        for row, want, (_, f, _, l) in zip(run("--solver", solver, "--dialect", dialect), expected(backward), ROWS):
            check(abs(row["CENT"] - want) < 2e-8 * want, f"{solver}, {dialect}: {row['TIME']} h: {row['CENT']} for {want}")
            check(abs(row["now"] - l - 10 * f) < 1e-12, f"{solver}, {dialect}: at {row['TIME']} h the record's own covariates act")
finish()
