#!/usr/bin/env python3
"""What the reference scenarios do not reach: each case against a closed form, or against records that say the same
differently. Model: CENT decays with K; DEPOT enters it with KA."""
import math
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "records"))
from cli import SANITIZED, check, finish, wane
from sets import COLUMNS, read_states, write_table

HERE = os.path.join(os.environ["WANE_TEST_DIR"], "records")
K, KA = 1.1 / 20, 1.5
DEPOT, CENT = 1, 2
n_asked = 0
LOOK = (0.5, 3, 7.9, 11, 13, 21, 25, 30, 37, 49, 61)


def dose(time, amt=100, cmt=CENT, evid=1, **more):
    return {"time": time, "evid": evid, "amt": amt, "cmt": cmt, **more}


def each(*solvers):
    """All of them; under sanitizers one, in turn."""
    global n_asked
    n_asked += 1
    return solvers[n_asked % len(solvers):][:1] if SANITIZED else solvers


def see(*times, **more):
    return [{"time": t, "evid": 0, **more} for t in times]


def reset(time):
    return {"time": time, "evid": 3}


def off(time, cmt):
    return {"time": time, "evid": 2, "cmt": -cmt}


def merge(*records):
    """In order of time; at one time in the order given."""
    flat = [r for group in records for r in (group if isinstance(group, list) else [group])]
    return sorted(flat, key=lambda r: r["time"])


def run(sets, *options, model="absorbed", states=("DEPOT", "CENT"), columns=None):
    """States of every set's observations."""
    full = [[{"WT": 70, "F1": 1, "F2": 1, "D2": 2, "R2": 10, **r} for r in records] for records in sets]
    write_table("table.csv", full, columns or COLUMNS)
    done = wane("run", os.path.join(HERE, "models", model + ".lua"), "--data", "table.csv", "--rtol", "1e-10", "--atol",
                "1e-13", *options)
    if not check(done.returncode == 0 and not done.stderr, f"{options}: {done.stderr}"):
        return [[] for _ in sets]
    rows = iter(read_states(done.stdout, states))
    return [[x for x, record in [(next(rows), r) for r in records] if record["evid"] == 0] for records in sets]


def near(name, got, expected, digits=1e-8):
    check(len(got) == len(expected) > 0, f"{name}: {len(got)} values for {len(expected)}")
    for i, (a, b) in enumerate(zip(got, expected)):
        check(abs(a - b) <= digits * abs(b) + 1e-10, f"{name}: observation {i + 1}: {a} for {b}")


def central(name, records, expected, *options):
    """CENT at the observations against a function of time, or a list."""
    for solver in each("exact", "bdf", "explicit"):
        got = [x[1] for x in run([records], "--solver", solver, *options)[0]]
        times = [r["time"] for r in records if r["evid"] == 0]
        near(f"{name}, {solver}", got, [expected(t) for t in times] if callable(expected) else expected)


def same(name, one, other, *options, digits=1e-8):
    """Both sets of records say the same."""
    for solver in each("exact", "bdf"):
        a, b = run([one, other], "--solver", solver, *options)
        for k, state in enumerate(("DEPOT", "CENT")):
            near(f"{name}, {solver}, {state}", [x[k] for x in a], [x[k] for x in b], digits)


def boluses(*given):
    """Central amount after boluses (time, amount)."""
    return lambda t: sum(a * math.exp(-K * (t - at)) for at, a in given if at <= t)


def infused(rate, begin, end):
    """Central amount of one infusion."""
    return lambda t: 0 if t <= begin else rate / K * -math.expm1(-K * (min(t, end) - begin)) * math.exp(-K * max(t - end, 0))


# -- what ends a series of additional doses, and what does not -------------------------------------------------------------
series = dose(0, ii=12, addl=9)
central("a reset ends it", merge(series, reset(26), see(*LOOK)),
        lambda t: boluses((0, 100), (12, 100), (24, 100))(t) if t < 26 else 0)
central("EVID 4 ends it", merge(series, dose(26, 40, evid=4), see(*LOOK)),
        lambda t: boluses((0, 100), (12, 100), (24, 100))(t) if t < 26 else boluses((26, 40))(t))
trough = 50 * math.exp(-K * 8) / -math.expm1(-K * 8)
central("SS 1 ends it", merge(series, dose(26, 50, ss=1, ii=8), see(*LOOK)),
        lambda t: boluses((0, 100), (12, 100), (24, 100))(t) if t < 26 else boluses((26, trough + 50))(t))
every = [(12 * i, 100) for i in range(10)]
central("SS 2 does not", merge(series, dose(26, 50, ss=2, ii=8), see(*LOOK)),
        lambda t: boluses(*every)(t) + boluses((26, trough + 50))(t))
central("another dose does not", merge(series, dose(26, 50), see(*LOOK)), boluses(*every, (26, 50)))
central("its compartment going off does", merge(series, off(26, CENT), dose(40, 30), see(*LOOK)),
        lambda t: boluses(*every)(t) if t < 26 else boluses((40, 30))(t))
central("another one going off does not", merge(series, off(26, DEPOT), see(*LOOK)), boluses(*every))
central("EVID 2 without a compartment does not", merge(series, {"time": 26, "evid": 2}, see(*LOOK)), boluses(*every))
same("of two series the one into the compartment ends",
     merge(dose(0, 80, DEPOT, ii=5, addl=9), dose(1, ii=7, addl=9), dose(2, 60, DEPOT, ii=11, addl=9), off(20.5, DEPOT), see(*LOOK)),
     merge(dose(0, 80, DEPOT, ii=5, addl=4), dose(1, ii=7, addl=9), dose(2, 60, DEPOT, ii=11, addl=1), off(20.5, DEPOT), see(*LOOK)))
same("only the first of EVID 4 and its ADDL resets", merge(dose(0, 70), dose(6, evid=4, ii=12, addl=3), see(*LOOK)),
     merge(dose(0, 70), reset(6), *[dose(t) for t in (6, 18, 30, 42)], see(*LOOK)))
same("additional doses are doses", merge(dose(0, 30, DEPOT, ii=7, addl=5, rate=12), see(*LOOK)),
     merge(*[dose(7 * i, 30, DEPOT, rate=12) for i in range(6)], see(*LOOK)))

# -- one time -------------------------------------------------------------------------------------------------------------
central("an additional dose comes before an observation of its time", merge(dose(0, ii=12, addl=3), see(12, 24, 36)),
        boluses(*every[:4]))
for name, options, before in (("nonmem", (), True), ("mrgsolve", ("--dialect", "mrgsolve"), True),
                              ("rxode2", ("--dialect", "rxode2"), False)):
    first = [*see(0), dose(0), *see(0), *see(10), dose(10, 50), *see(10), *see(20)]
    top = 100 * math.exp(-K * 10)
    central(f"observation, then dose: {name}", first,
            [0 if before else 100, 100, top if before else top + 50, top + 50, (top + 50) * math.exp(-K * 10)], *options)
same("sums of decimal hours are one time", merge(dose(0, ii=0.1, addl=20), see(0.3, 0.7, 1.1)),
     merge(*[dose(round(0.1 * i, 1)) for i in range(21)], see(0.3, 0.7, 1.1)))
central("an infusion ends at a row's time", merge(dose(0, 100, rate=10), see(5, 10, 15)), infused(10, 0, 10))

# -- lag ------------------------------------------------------------------------------------------------------------------
central("a reset cancels a dose that has not entered", merge(dose(0, L2=5), reset(2), dose(3, 40), see(*LOOK)), boluses((3, 40)))
central("so does EVID 4, whose own dose is late", merge(dose(0, 70), dose(1, L2=5), dose(2, 40, evid=4, L2=3), see(*LOOK)),
        lambda t: boluses((0, 70))(t) if t < 2 else boluses((5, 40))(t))
central("lag is that of the dose's row", merge(dose(0, L2=5, ii=12, addl=1), see(*LOOK, L2=1)), boluses((5, 100), (17, 100)))
central("a lag longer than the interval", merge(dose(0, L2=30, ii=12, addl=2), see(*LOOK)), boluses((30, 100), (42, 100), (54, 100)))

# -- F, rate and duration ---------------------------------------------------------------------------------------------------
central("F of the dose's row", merge(dose(0, L2=5, F2=0.5, ii=12, addl=1), see(*LOOK, F2=0.8)), boluses((5, 50), (17, 50)))
central("F of the record in force", merge(dose(0, L2=5, F2=0.5, ii=12, addl=1), see(*LOOK, F2=0.8)), boluses((5, 80), (17, 80)),
        "--callfl", "-1")
for f, end in ((1, 10), (0.4, 4), (0, 0)):
    central(f"RATE: F {f} shortens", merge(dose(0, rate=10, F2=f), see(*LOOK)), infused(10, 0, end))
    central(f"RATE -2: F {f} slows", merge(dose(0, rate=-2, F2=f, D2=8), see(*LOOK, D2=3)), infused(100 * f / 8, 0, 8))
# 10 per h until 3 h, then 25, then 5 from 7.9 h on: 30 + 122.5 + 47.5
rates = [*see(3, R2=10), *see(7.9, R2=25), *see(13, 21, 30, R2=5)]


def changing(t):
    return infused(10, 0, 3)(t) + infused(25, 3, 7.9)(t) + infused(5, 7.9, 7.9 + 47.5 / 5)(t)


central("a modelled rate changes while it runs", [dose(0, 200, rate=-1, R2=40), *rates], changing)
central("of two that run each keeps what is left", [dose(0, 200, rate=-1, R2=40), dose(0, 55, rate=-1, R2=40), *rates],
        lambda t: changing(t) + infused(10, 0, 3)(t) + infused(25, 3, 4)(t))

# -- resets and time --------------------------------------------------------------------------------------------------------
forth = [dose(50, ii=12, addl=5), *see(60, 70)]
back = [dose(3, 40, DEPOT), *see(5, 9)]
for name, turn in (("EVID 3", [reset(2)]), ("EVID 4", [])):
    later = turn + (back if turn else [{**back[0], "evid": 4}, *back[1:]])
    for solver in each("exact", "bdf"):
        whole, first, second = run([forth + later, forth, back], "--solver", solver)
        near(f"time goes back at {name}, {solver}", [v for x in whole for v in x], [v for x in first + second for v in x])

# -- steady state -------------------------------------------------------------------------------------------------------------
N = 60     # doses after which CENT has 1e-17 of its beginning


def train(at, ii, **more):
    """Enough doses of the past to be all of them."""
    return dose(at - N * ii, ii=ii, addl=N - 1, **more)


after = [24 * N + t for t in LOOK]
at = 24 * N
same("SS 2 during an infusion", merge(dose(at - 5, 200, rate=20), dose(at, 50, ss=2, ii=12), see(*after)),
     merge(train(at, 12, amt=50), dose(at - 5, 200, rate=20), dose(at, 50), see(*after)))
same("SS 2 by infusion during an infusion", merge(dose(at - 5, 200, rate=20), dose(at, 90, ss=2, ii=12, rate=5), see(*after)),
     merge(train(at, 12, amt=90, rate=5), dose(at - 5, 200, rate=20), dose(at, 90, rate=5), see(*after)))
same("SS with lag beyond II: doses of the train are on their way", merge(dose(at, ss=1, ii=12, L2=30, addl=2), see(*after)),
     merge(dose(at - N * 12 + 30, ii=12, addl=N + 2), see(*after)))
same("SS with lag of II", merge(dose(at, ss=1, ii=12, L2=12), see(*after)),
     merge(dose(at - N * 12 + 12, ii=12, addl=N), see(*after)))
same("SS by infusions with lag beyond II, reset on the way", merge(dose(at, ss=1, ii=12, rate=25, L2=30, addl=2), reset(at + 17), see(*after)),
     merge(dose(at - N * 12 + 30, ii=12, addl=N + 2, rate=25), reset(at + 17), see(*after)))
central("an infusion too short to have an end is given at once", merge(dose(at, rate=1e12), see(*after)),
        lambda t: 100 * math.exp(-K * (t - at)))
central("the same at steady state", merge(dose(at, rate=1e12, ss=1, ii=12), see(*after)),
        lambda t: 100 * math.exp(-K * (t - at)) / (1 - math.exp(-K * 12)))
central("a duration of the model's that is as short", merge(dose(at, rate=-2, D2=1e-10), see(*after, D2=1e-10)),
        lambda t: 100 * math.exp(-K * (t - at)))
same("SS with lag", merge(dose(at, ss=1, ii=12, L2=5), see(*after)),
     merge(dose(at - N * 12 + 5, ii=12, addl=N - 1), dose(at + 5), see(*after)))
for f, k in ((1, 1), (0.6, 1), (0.6, 2), (1.5, 3)):
    rate = 100 * f / (12 * k)
    level = k * rate / K
    # the youngest of those before ends a full interval after the others

    def ending(t):
        return level * math.exp(-K * (t - at)) + sum(infused(rate, at, at + 12 * j)(t) for j in range(1, k)) + infused(rate, at, at + 12 * k)(t)

    central(f"SS by infusions of {k} intervals, F {f}", merge(dose(at, ss=1, ii=12, rate=rate, F2=f), see(*after)), ending)
same("SS by infusions longer than II, with lag", merge(dose(at, ss=1, ii=12, rate=100 / 29, L2=4, addl=1), see(*after)),
     merge(dose(at - N * 12 + 4, ii=12, addl=N + 1, rate=100 / 29), see(*after)))
central("a constant infusion since ever stops here", merge(dose(at, 0, rate=10, ss=1), see(*after)),
        lambda t: 10 / K * math.exp(-K * (t - at)))
central("F and lag do not apply to it", merge(dose(at, 0, rate=10, ss=1, F2=0.5, L2=7), see(*after, F2=0.5, L2=7)),
        lambda t: 10 / K * math.exp(-K * (t - at)))
central("its rate left to the model", merge(dose(at, 0, rate=-1, ss=1, R2=4), see(*after)), lambda t: 4 / K * math.exp(-K * (t - at)))
same("two times a day: SS 1, then SS 2", merge(dose(at, 60, ss=1, ii=24), dose(at + 8, 40, DEPOT, ss=2, ii=24), see(*after[3:])),
     merge(train(at, 24, amt=60), dose(at, 60), train(at + 8, 24, amt=40, cmt=DEPOT), dose(at + 8, 40, DEPOT), see(*after[3:])))
same("SS 3 is SS 1", merge(dose(0, 500), dose(at, ss=3, ii=12), see(*after)), merge(dose(at, ss=1, ii=12), see(*after)))
same("EVID 4 with SS 1 is SS 1", merge(dose(at - 5, 70), dose(at, evid=4, ss=1, ii=12, addl=2), see(*after)),
     merge(dose(at, ss=1, ii=12, addl=2), see(*after)))
same("SS with ADDL goes on", merge(dose(at, ss=1, ii=12, addl=3), see(*after)),
     merge(dose(at, ss=1, ii=12), dose(at + 12, ii=12, addl=2), see(*after)))
same("SS into a compartment that is off turns it on", merge(off(at - 3, CENT), dose(at, ss=1, ii=12), see(*after)),
     merge(dose(at, ss=1, ii=12), see(*after)))

# -- steady state of equations that follow the clock ----------------------------------------------------------------------------
DAYS = 60
for ii, lag, record in ((24, 0, {"cmt": DEPOT}), (8, 0, {"cmt": DEPOT}), (8, 3, {"cmt": DEPOT}), (36, 0, {"cmt": DEPOT}),
                        (36, 11, {"cmt": DEPOT}), (24, 30, {"cmt": DEPOT}), (10, 4, {"cmt": CENT, "rate": 100 / 7}),
                        (18, 7, {"cmt": CENT, "rate": 100 / 31})):
    start = 24 * DAYS + 5
    given = {"amt": 100, "evid": 1, "L1": lag, "ii": ii, **record}
    n = math.ceil(24 * DAYS / ii)
    times = [start + t for t in LOOK]
    steady = merge({"time": start, "ss": 1, "addl": 2, **given}, see(*times, L1=lag))
    whole = {"time": start - n * ii - (lag // ii) * ii, "addl": n + 2, **given}
    for solver in each("bdf", "explicit"):
        a, b = run([steady, merge(whole, see(*times, L1=lag))], "--solver", solver, model="clocked",
                   columns=["time", "evid", "amt", "cmt", "rate", "ii", "addl", "ss", "L1"])
        near(f"by the clock: every {ii} h, lag {lag}, {solver}", [v for x in a for v in x], [v for x in b for v in x], 1e-7)
finish()
