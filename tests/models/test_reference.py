#!/usr/bin/env python3
"""Hold wane's naltrexone model against an independent one written in Python.

Each case runs a bundled scenario, integrates the reference's own right-hand side with SciPy far more tightly,
restarting at every dose, and compares every output at every sample, relative to its value or to a thousandth of its
peak (the block of heroin, which passes through 0: to 1). Twice: at wane's default tolerance, where ten times rtol is
allowed in standard_vs_low, and at a tight one, where six digits must agree throughout.

Skipped (exit 77) when the reference, wane or SciPy is not there. `test_reference.py CASE ...` runs some cases only.
"""
import sys

from program import SANITIZED, reference_model, skip, trajectories

try:
    import numpy as np
    from scipy.integrate import solve_ivp
except ImportError as missing:
    skip(missing)
model = reference_model()

TABLET = model.SALT_HCL * 1e6 / model.MW_NTX      # nmol of naltrexone in a mg of tablet
NALOXONE = 1e6 / model.MW_NLX
MW_OXYCODONE = 315.4
OXYCODONE = 0.9 * 1e6 / MW_OXYCODONE
H2 = dict(ke0_n=0.025, Kp_n=2.6, klock=0.0)

# name, options of wane, and what is allowed
DEFAULT = ("default", [], 3e-5)
TIGHT = ("tight", ["--rtol", "1e-9", "--atol", "1e-13"], 1e-6)
SOME = ["depot", "with_opioid", "naloxone_vs_naltrexone"]      # each way a drug comes in, under sanitizers
CLOSER = {"standard_vs_low": 1e-5}      # with the default tolerance


def daily(mg, at, days, start=0):
    return [(24 * (start + k) + at, "tablet", mg) for k in range(days)]


def cases():
    low, high = daily(4.5, 22, 28), daily(50, 22, 28)
    week = daily(4.5, 22, 7)
    opioid = (104.0, "opioid", 10)
    return {
        "standard_vs_low": ([], {"low": (low, {}), "standard": (high, {})}),
        "hypotheses": (["--set", "days=7"], {"H1": (week, {}), "H2": (week, H2)}),
        "isomers": (["--set", "days=7"], {"levo": (week, {}), "mixture": (week, {"f_dextro": 0.5})}),
        "depot": (["--set", "injections=2", "--set", "after=7"],
                  {"depot": ([(8, "depot", 380), (680, "depot", 380)], {})}),
        "with_opioid": ([], {"alone": ([opioid], model.OXY), "after_1h": ([(103.0, "tablet", 4.5), opioid], model.OXY),
                             "after_24h": ([(80.0, "tablet", 4.5), opioid], model.OXY)}),
        "naloxone_vs_naltrexone": ([], {"naloxone": ([(9, "nasal", 4)], {}), "standard": ([(9, "tablet", 50)], {})}),
        "missed_dose": (["--set", "missed=5", "--set", "after=3"],
                        {"doubled": (daily(4.5, 22, 4) + daily(4.5, 22, 3, start=5) + [(142, "tablet", 4.5)], {})}),
    }


def jumps_of(doses, p):
    """(hour, state, nmol) of each dose, the lag and the active share counted; depots have no state."""
    levo = 1 - p["f_dextro"]
    states = {"tablet": ("Agut", levo * TABLET, p["tlag"]), "nasal": ("Ndep", p["F_in"] * NALOXONE, 0),
              "opioid": ("Odep", OXYCODONE, 0), "depot": (None, 0, 0)}
    jumps = []
    for hour, kind, mg in doses:
        name, factor, lag = states[kind]
        jumps.append((hour + lag, model.IX.get(name), factor * mg))
    return sorted(jumps, key=lambda jump: jump[0])


def integrate(doses, over, times):
    """The reference's parameters and its 28 states at `times`; doses are (hour, kind, mg)."""
    p = model.prep(over)
    p["ka_x"] = p["ka_in"]
    depots = [(hour, (1 - p["f_dextro"]) * mg) for hour, kind, mg in doses if kind == "depot"]
    jumps = [jump for jump in jumps_of(doses, p) if jump[0] < times[-1]]
    edges = sorted({times[0], times[-1], *(jump[0] for jump in jumps)})
    y, found = model.init(p, times[0]), []
    for a, b in zip(edges[:-1], edges[1:]):
        for hour, index, amount in jumps:
            if hour == a and index is not None:
                y[index] += amount
        inside = times[(times >= a) & (times < b)]
        s = solve_ivp(lambda t, y: model.rhs(y, t, p, depots), (a, b), y, method="LSODA", rtol=1e-11, atol=1e-14,
                      t_eval=np.append(inside, b), max_step=4.0)
        if not s.success:
            sys.exit(f"the reference itself failed: {s.message}")
        found.append(s.y[:, :len(inside)])
        y = s.y[:, -1].copy()
    return p, np.hstack([*found, y[:, None]]).T


def heroin_block(r):
    """model.block_fraction, at all times at once."""
    p, a = r.p, 3.5

    def effect(rho):
        return rho ** p["n_eff"] / (rho ** p["n_eff"] + p["rho50"] ** p["n_eff"])

    rho = r["R"] * (1 - r["L"]) * a / (1 + a + r.rfast + p["e0"] * r["E"])
    return 1 - effect(rho) / effect(a / (1 + a + p["e0"]))


def expected(doses, over, times):
    p, y = integrate(doses, over, times)
    r = model.Res(p, times, y)
    levo = 1 - p["f_dextro"]      # wane reports both isomers together in plasma
    return {"ntx": r.ntx / levo, "bn6": r.bn / levo, "nlx": r.nlx, "opioid": r["O1"] / p["Vo"] * MW_OXYCODONE / 1000,
            "mor": r.occ, "dor": r.dor, "kor": r.kor, "retained": r["L"], "tone": r.tone, "endorphin": r.endo,
            "receptors": r["R"], "glia": r["I"], "symptoms": r["Sy"], "agonist": r["B_o"],
            "heroin_block": heroin_block(r)}


def scale_of(output, values):
    """What an error is counted in."""
    if output == "heroin_block":
        return np.maximum(np.abs(values), 1)
    return np.maximum(np.abs(values), max(1e-3 * np.abs(values).max(), 1e-9))


def compare(name, got, want, tolerance):
    """Number of outputs that are too far off."""
    kind, _, allowed = tolerance
    if tolerance is DEFAULT:
        allowed = CLOSER.get(name, allowed)
    bad, worst = 0, (0.0, "")
    for output, values in want.items():
        off = np.abs(np.array(got[output]) - values) / scale_of(output, values)
        off[np.isnan(off)] = np.inf
        at = int(off.argmax())
        worst = max(worst, (float(off[at]), output))
        if off[at] > allowed:
            bad += 1
            print(f"  {output} is off by {off[at]:.3g} at {got['time'][at]:g} h: got {got[output][at]:.10g}, "
                  f"expected {values[at]:.10g}; allowed {allowed:.3g}")
    print(f"  {kind} tolerance: {worst[1]} is furthest off, by {worst[0]:.2g}")
    return bad


def check(name, options, arms):
    tolerances = (DEFAULT,) if SANITIZED else (DEFAULT, TIGHT)
    runs = [(tolerance, trajectories(name, *options, *tolerance[1])) for tolerance in tolerances]
    bad = 0
    for arm, (doses, over) in arms.items():
        times = np.array(runs[0][1][arm]["time"])
        print(f"{name}, {arm}: {len(times)} samples")
        want = expected(doses, over, times)
        bad += sum(compare(name, got[arm], want, tolerance) for tolerance, got in runs)
    return bad


def main():
    table = cases()
    bad = sum(check(name, *table[name]) for name in sys.argv[1:] or (SOME if SANITIZED else table))
    print("agrees" if not bad else f"{bad} outputs disagree")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
