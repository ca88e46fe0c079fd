#!/usr/bin/env python3
"""Every bundled textbook model against its equations written again in Python and integrated far more tightly.

Each model runs twice, with doses into all its compartments, one of them an infusion and one repeated: as declared, and
with every parameter changed by a factor of its own, so that two that were swapped cannot hide. All states and outputs
agree to 1e-7.

`test_library.py MODEL ...` runs some models only.
"""
import math
import glob
import os
import sys

from equations import EQUATIONS
from library import Dose, close, describe, finish, holds, integrate, np, parameters, run
from program import SOURCE

# model: doses, hours, step of the samples. Doses enter between samples: one at the very hour would be of either side.
CASES = {
    "pk1": ([Dose(100, "GUT", 0.35, every=12, count=3), Dose(40, "CENT", 5.1, over=2.5)], 48, 0.5),
    "pk2": ([Dose(100, "GUT", 0.3, every=12, count=3), Dose(40, "CENT", 5.1, over=2.5)], 48, 0.5),
    "pk3": ([Dose(100, "GUT", 0.3, every=12, count=3), Dose(40, "CENT", 5.1, over=2.5)], 96, 1),
    "michaelis_menten": ([Dose(300, "GUT", 0.3, every=24, count=5), Dose(500, "CENT", 5.1, over=1.5)], 144, 2),
    "transit": ([Dose(100, "GUT", 0.3, every=4, count=4), Dose(30, "CENT", 5.1, over=2.5)], 48, 0.5),
    "parallel_absorption": ([Dose(100, "GUT", 0.3, every=12, count=3), Dose(30, "CENT", 5.1, over=2.5)], 72, 0.75),
    "emax": ([Dose(100, "GUT", 0.3, every=12, count=2), Dose(50, "CENT", 5.1, over=2.5)], 36, 0.5),
    "sigmoid_emax": ([Dose(100, "GUT", 0.3, every=12, count=2), Dose(50, "CENT", 5.1, over=2.5)], 36, 0.5),
    "effect_compartment": ([Dose(100, "GUT", 0.3, every=12, count=2), Dose(50, "CENT", 5.1, over=2.5)], 36, 0.5),
    "irm1": ([Dose(50, "GUT", 0.3, every=12, count=2), Dose(20, "CENT", 5.1, over=2.5)], 48, 0.5),
    "irm2": ([Dose(50, "GUT", 0.3, every=12, count=2), Dose(20, "CENT", 5.1, over=2.5)], 48, 0.5),
    "irm3": ([Dose(50, "GUT", 0.3, every=12, count=2), Dose(20, "CENT", 5.1, over=2.5)], 48, 0.5),
    "irm4": ([Dose(50, "GUT", 0.3, every=12, count=2), Dose(20, "CENT", 5.1, over=2.5)], 48, 0.5),
    "tolerance_moderator": ([Dose(100, "GUT", 0.3, every=8, count=3), Dose(50, "CENT", 5.1, over=2.5)], 72, 1),
    "tolerance_pool": ([Dose(100, "GUT", 0.3, every=8, count=3), Dose(50, "CENT", 5.1, over=2.5)], 72, 1),
    "tmdd": ([Dose(30, "SC", 0.3, every=168, count=2), Dose(20, "CENT", 50.1, over=1.5)], 480, 6),
    "tmdd_qe": ([Dose(30, "SC", 0.3, every=168, count=2), Dose(20, "CENT", 50.1, over=1.5)], 480, 6),
    "tmdd_qss": ([Dose(30, "SC", 0.3, every=168, count=2), Dose(20, "CENT", 50.1, over=1.5)], 480, 6),
    "friberg": ([Dose(150, "CENT", 0.3, over=1.0, every=504, count=2)], 1008, 4),
    "claret": ([Dose(100, "GUT", 0.3, every=24, count=20), Dose(50, "CENT", 50.1, over=2.5)], 1000, 12.5),
    "simeoni": ([Dose(30, "CENT", 190.1, over=0.5, every=96, count=3)], 720, 10),
    "cortisol": ([Dose(10, "GUT", 8.3, every=24, count=2), Dose(4, "CENT", 20.1, over=2.5)], 72, 0.75),
    "minimal_glucose": ([Dose(21, "GLUCOSE", 0.32), Dose(2, "INSULIN", 0.62, over=0.1)], 5, 0.05),
    "viral": ([Dose(100, "GUT", 24.3, every=24, count=10), Dose(50, "CENT", 100.1, over=2.5), Dose(1e4, "V", 300.1)],
              720, 10),
    "pbpk": ([Dose(100, "GUT", 0.3, every=12, count=2), Dose(50, "BLOOD", 5.1, over=2.5)], 36, 0.5),
}
ELSEWHERE = {"naltrexone", "zero_order_absorption"}                             # a test of its own; a closed form


def changed(name):
    """Every parameter away from its default by a factor of its own."""
    values = {entry["name"]: entry["value"] for entry in describe(name)["parameters"]}
    factors = [0.83 + 0.37 * ((k * 0.6180339887) % 1) for k in range(1, len(values) + 1)]
    limits = {entry["name"]: entry.get("max", math.inf) for entry in describe(name)["parameters"]}
    return {key: min(float(f"{value * factor:.4g}") if value else 0.05, limits[key])
            for (key, value), factor in zip(values.items(), factors)}


def compare(name, doses, until, every, **set_):
    got = run(name, doses, until, every, **set_)
    m = EQUATIONS[name](parameters(name, **set_))
    times = got["time"]
    states = integrate(m, doses, times)
    wanted = dict(zip(m.initial, states))
    for k, t in enumerate(times):
        for key, value in m.out(t, states[:, k]).items():
            wanted.setdefault(key, np.empty(len(times)))[k] = value
    label = f"{name}, {'changed' if set_ else 'as declared'}"
    columns = set(got) - {"time", "subject"}
    holds(f"{label}: columns {sorted(columns)}, expected {sorted(wanted)}", columns == set(wanted))
    for key in sorted(columns & set(wanted)):
        holds(f"{label}: {key} moves", np.ptp(wanted[key]) > 0)
        close(f"{label}: {key}", got[key], wanted[key])


names = sys.argv[1:] or sorted(CASES)
bundled = {os.path.basename(path)[:-4] for path in glob.glob(os.path.join(SOURCE, "models", "*.lua"))}
holds(f"every bundled model has a case: {sorted(bundled - set(CASES) - ELSEWHERE)}", bundled == set(CASES) | ELSEWHERE)
for name in names:
    compare(name, *CASES[name])
    compare(name, *CASES[name], **changed(name))
finish()
