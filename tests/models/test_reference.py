#!/usr/bin/env python3
"""Hold wane's naltrexone model against an independent one written in Python.

Each case runs a bundled scenario with `wane run ... --out`, integrates the reference's own right-hand side with SciPy
some thousand times more tightly, restarting at every dose, and compares every reported output at every sample.

Skipped (exit 77) when the reference, wane or SciPy is not there. `test_reference.py CASE ...` runs some cases only.
"""
import csv
import math
import os
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("WANE_SOURCE_DIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
REFERENCE = os.path.join(SOURCE, "..", "shared", "reference", "naltrexone")
WANE = os.environ.get("WANE_EXE") or os.path.join(SOURCE, "build", "release", "wane")
RTOL = 1e-6        # what wane is asked for
ALLOWED = 10       # times RTOL, of the value or of a thousandth of its peak


def skip(why):
    print("skipped:", why)
    sys.exit(77)


try:
    import numpy as np
    from scipy.integrate import solve_ivp
except ImportError as missing:
    skip(f"{missing}")
if not os.path.exists(os.path.join(REFERENCE, "model.py")):
    skip("no reference model beside the source")
if not os.path.exists(WANE):
    skip(f"{WANE} is not built")
sys.dont_write_bytecode = True
sys.path.insert(0, REFERENCE)
import model  # noqa: E402

TABLET = model.SALT_HCL * 1e6 / model.MW_NTX      # nmol of naltrexone in a mg of tablet
NALOXONE = 1e6 / model.MW_NLX
OXYCODONE = 0.9 * 1e6 / 315.4
H2 = dict(ke0_n=0.025, Kp_n=2.6, klock=0.0)


def daily(mg, at, days, start=0):
    return [(24 * (start + k) + at, "tablet", mg) for k in range(days)]


def integrate(doses, over, times):
    """The reference's 28 states at `times`, tightly; doses are (hour, kind, mg)."""
    p = model.prep(over)
    p["ka_x"] = p["ka_in"]
    levo = 1 - p["f_dextro"]
    states = {"tablet": ("Agut", levo * TABLET, p["tlag"]), "nasal": ("Ndep", p["F_in"] * NALOXONE, 0),
              "opioid": ("Odep", OXYCODONE, 0)}
    depots = [(hour, levo * mg) for hour, kind, mg in doses if kind == "depot"]
    jumps = [(hour, None, 0) for hour, _ in depots]
    for hour, kind, mg in doses:
        if kind != "depot":
            name, factor, lag = states[kind]
            jumps.append((hour + lag, model.IX[name], factor * mg))
    jumps = sorted(j for j in jumps if j[0] < times[-1])
    edges = sorted({times[0], times[-1], *(j[0] for j in jumps)})
    y, found = model.init(p, times[0]), []
    for a, b in zip(edges[:-1], edges[1:]):
        for hour, index, amount in jumps:
            if hour == a and index is not None:
                y[index] += amount
        inside = times[(times >= a) & (times < b)]
        s = solve_ivp(lambda t, y: model.rhs(y, t, p, depots), (a, b), y, method="LSODA", rtol=1e-10, atol=1e-12,
                      t_eval=np.append(inside, b), max_step=4.0)
        if not s.success:
            sys.exit(f"the reference itself failed: {s.message}")
        found.append(s.y[:, :len(inside)])
        y = s.y[:, -1].copy()
    found.append(y[:, None])
    return p, np.hstack(found).T


def heroin_block(r):
    """model.block_fraction at all times at once."""
    p, a = r.p, 3.5
    effect = lambda z: z ** p["n_eff"] / (z ** p["n_eff"] + p["rho50"] ** p["n_eff"])
    rho = r["R"] * (1 - r["L"]) * a / (1 + a + r.rfast + p["e0"] * r["E"])
    return 1 - effect(rho) / effect(a / (1 + a + p["e0"]))


def expected(doses, over, times):
    p, y = integrate(doses, over, times)
    r = model.Res(p, times, y)
    levo = 1 - p["f_dextro"]      # wane reports both isomers together in plasma
    return {"ntx": r.ntx / levo, "bn6": r.bn / levo, "nlx": r.nlx, "mor": r.occ, "dor": r.dor, "kor": r.kor,
            "retained": r["L"], "tone": r.tone, "endorphin": r.endo, "receptors": r["R"], "glia": r["I"],
            "symptoms": r["Sy"], "agonist": r["B_o"], "heroin_block": heroin_block(r)}


def cases():
    low, high = daily(4.5, 22, 28), daily(50, 22, 28)
    week = daily(4.5, 22, 7)
    opioid = (104.0, "opioid", 10)
    return {
        "standard_vs_low": ([], {"low": (low, {}), "standard": (high, {})}),
        "hypotheses": (["--set", "days=14"], {"H1": (low[:14], {}), "H2": (low[:14], H2)}),
        "isomers": (["--set", "days=7"], {"levo": (week, {}), "mixture": (week, {"f_dextro": 0.5})}),
        "depot": (["--set", "injections=2", "--set", "after=7"],
                  {"depot": ([(8, "depot", 380), (680, "depot", 380)], {}), "tablet": (daily(50, 8, 56), {})}),
        "with_opioid": ([], {"alone": ([opioid], model.OXY), "after_1h": ([(103.0, "tablet", 4.5), opioid], model.OXY),
                             "after_24h": ([(80.0, "tablet", 4.5), opioid], model.OXY)}),
        "naloxone_vs_naltrexone": ([], {"naloxone": ([(9, "nasal", 4)], {}), "standard": ([(9, "tablet", 50)], {})}),
        "missed_dose": (["--set", "missed=5", "--set", "after=3"],
                        {"doubled": (daily(4.5, 22, 4) + daily(4.5, 22, 3, start=5) + [(142, "tablet", 4.5)], {})}),
    }


def read(path):
    """{arm: {column: array}} of a trajectory file."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    arms = {}
    for row in rows:
        arms.setdefault(row["arm"], []).append(row)
    number = lambda text: float(text) if text else math.nan
    return {arm: {c: np.array([number(r[c]) for r in rows]) for c in rows[0] if c not in ("arm", "clock")}
            for arm, rows in arms.items()}


def check(name, options, arms):
    """Number of outputs that are too far off."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.csv")
        command = [WANE, "run", name, "--rtol", str(RTOL), *options, "--out", path]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"{name}: exit {done.returncode}: {done.stderr.strip()}")
            return 1
        got = read(path)
    bad = 0
    for arm, (doses, over) in arms.items():
        times = got[arm]["time"]
        want = expected(doses, over, times)
        worst = []
        for output, values in want.items():
            scale = np.maximum(np.abs(values), 1e-3 * np.abs(values).max())
            if not scale.any():
                continue      # a drug that is not given
            off = np.abs(got[arm][output] - values) / scale / RTOL
            off[np.isnan(off)] = math.inf
            at = int(off.argmax())
            worst.append((float(off[at]), output, float(times[at])))
        bad += sum(w[0] > ALLOWED for w in worst)
        print(f"{name}/{arm}: {len(times)} samples, " +
              ", ".join(f"{o} {v:.2g}" for v, o, t in sorted(worst, reverse=True)) + " (x rtol)")
        for value, output, time in worst:
            if value > ALLOWED:
                print(f"  {output} is off by {value:.3g} x rtol at {time:g} h; allowed {ALLOWED}")
    return bad


def main():
    table = cases()
    chosen = sys.argv[1:] or list(table)
    bad = sum(check(name, *table[name]) for name in chosen)
    print("agrees" if not bad else f"{bad} outputs disagree")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
