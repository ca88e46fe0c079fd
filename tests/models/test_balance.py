#!/usr/bin/env python3
"""Nothing is lost: what was given is still in the body, or has been cleared.

For every way of dosing the naltrexone model: dose x bioavailability = CL x AUC + amounts left, the area taken with
Simpson's rule from fine samples. Also: exposure is proportional to the dose, the isomer that opioid receptors do not
see leaves them alone, and without drug nothing moves.
"""
import json
import sys

from program import trajectories, wane

TIGHT = ["--rtol", "1e-9", "--atol", "1e-12"]
ALLOWED = 1e-6
failed = 0


def expect(what, got, wanted, allowed=ALLOWED):
    global failed
    off = abs(got - wanted) / max(abs(wanted), 1e-300) if wanted else abs(got)
    holds = off <= allowed
    failed += not holds
    print(f"{'ok  ' if holds else 'FAIL'} {what}: {got:.12g}, expected {wanted:.12g}, off by {off:.2g}")


def area(values, step):
    """Simpson's rule; an even number of intervals."""
    assert len(values) % 2 == 1
    return step / 3 * (values[0] + values[-1] + 4 * sum(values[1:-1:2]) + 2 * sum(values[2:-1:2]))


def run(*arguments):
    (columns,) = trajectories("naltrexone", *TIGHT, *arguments).values()
    return columns


# mg given at 0 h into a compartment; sampled every 0.005 h for a day, which no rate outruns
def dosed(mg, into, *arguments):
    return run("--dose", f"{mg} mg into {into} at 0h", "--until", "24h", "--every", "0.005", "--set", "tlag=0", *arguments)


def left(r, *states):
    return sum(r[state][-1] for state in states)


def cleared(r, state, clearance, volume, start=0.0):
    """What clearance took: the first sample may be from before a dose into a vein, so it is given."""
    return p[clearance] / p[volume] * area([start, *r[state][1:]], 0.005)


p = {entry["name"]: entry["value"] for entry in json.loads(wane("describe", "naltrexone", "--json"))["parameters"]}
tablet = 1e6 * p["SALT"] / p["MW_NTX"]
naloxone = 1e6 / p["MW_NLX"]

r = dosed(50, "GUT")
absorbed = 50 * tablet - r["GUT"][-1]
parent = cleared(r, "CENT", "CL", "V1")
expect("tablet, naltrexone", parent + left(r, "CENT", "PERI"), p["F"] * absorbed)
expect("tablet, 6-beta-naltrexol", cleared(r, "M1", "CLm", "V1m") + left(r, "M1", "M2"),
       p["fm_fp"] * absorbed + p["fm_sys"] * parent)

small = dosed(4.5, "GUT")
for output in ("ntx", "bn6"):
    expect(f"{output}, 50 mg over 4.5 mg", max(r[output]) / max(small[output]), 50 / 4.5)

r = dosed(10, "CENT")
expect("vein, naltrexone", cleared(r, "CENT", "CL", "V1", 10 * tablet) + left(r, "CENT", "PERI"), 10 * tablet)

r = dosed(380, "DEPOT")
stages = ("XR_A1", "XR_A2", "XR_B1", "XR_B2", "XR_B3", "XR_C1", "XR_C2", "XR_C3")
expect("depot, naltrexone", cleared(r, "CENT", "CL", "V1") + left(r, "CENT", "PERI", *stages), 380e6 / p["MW_NTX"])
expect("depot, shares", p["xr_f1"] + p["xr_f2"] + p["xr_f3"], 1)

for into, share, start in (("NLX_IV", 1, 2 * naloxone), ("NLX_IN", p["F_in"], 0), ("NLX_IM", p["F_im"], 0)):
    r = dosed(2, into)
    expect(f"naloxone, {into}", cleared(r, "N1", "CLx", "V1x", start) + left(r, "N1", "N2", "NLX_IN", "NLX_IM"),
           share * 2 * naloxone)

opioid = 1e6 * p["SALT_o"] / p["MW_o"]
r = dosed(10, "OPIOID")
expect("opioid, swallowed", cleared(r, "O1", "CLo", "Vo") + left(r, "O1"), p["Fo"] * (10 * opioid - r["OPIOID"][-1]))
r = dosed(10, "OPIOID_IV")
expect("opioid, vein", cleared(r, "O1", "CLo", "Vo", 10 * opioid) + left(r, "O1"), 10 * opioid)

# every ligand at once, in excess: fractions of one pool are never negative and never more than all of it
r = dosed(100, "GUT", "--dose", "100 mg into NLX_IV at 1h", "--dose", "100 mg into OPIOID_IV at 2h")
bound = ("B_n", "B_m", "B_x", "L", "B_E", "B_o")
for column in bound:
    expect(f"{column}, below 0", min(0.0, *r[column]), 0, 1e-9)
    expect(f"{column}, took part", float(max(r[column]) > 1e-3), 1)
held = [sum(r[column][k] for column in bound) for k in range(len(r["time"]))]
expect("receptors held, beyond all", max(0.0, max(held) - 1), 0, 1e-9)

levo, dextro, none = small, dosed(4.5, "GUT", "--set", "f_dextro=1"), run("--until", "14d", "--every", "1h")
expect("dextro alone, plasma", max(dextro["ntx"]), max(levo["ntx"]))
expect("dextro alone, receptors blocked", max(dextro["mor"]), 0)
expect("dextro alone, glia calmed", float(min(dextro["glia"]) < 0.999), 1)
expect("no drug, tone stays", max(abs(tone - 1) for tone in none["tone"]), 0, 2e-3)
expect("no drug, receptors stay", max(abs(density - 1) for density in none["receptors"]), 0, 1e-12)

sys.exit(1 if failed else 0)
