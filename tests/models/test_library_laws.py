#!/usr/bin/env python3
"""The bundled textbook models against what is known of them without integrating: closed forms, steady states, areas,
balances, limits. Everything is run through the program; closed forms come from SciPy's special functions, matrix
exponentials of matrices written here, or quadrature.

`test_library_laws.py WORD ...` runs only the laws with such a word in their name.
"""
import inspect
import sys

from scipy.integrate import quad
from scipy.linalg import expm
from scipy.special import gammainc, lambertw

from equations import EQUATIONS, cortisol_level
from library import Dose, close, finish, holds, np, parameters, run
from program import SANITIZED

LAWS = []


def law(check):
    LAWS.append(check)
    return check


def area(values, times):
    """Simpson's rule on even steps, an even number of them."""
    assert len(values) % 2 == 1
    return (times[1] - times[0]) / 3 * (values[0] + values[-1] + 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum())


def linear(A, doses, times):
    """States of x' = A x after doses (time, vector, duration): exponentials of A; infusions by one more row."""
    n = len(A)
    x = np.zeros((n, len(times)))
    for start, vector, over in doses:
        vector = np.array(vector, dtype=float)
        for k, s in enumerate(times - start):
            if s < 0:
                continue
            if not over:
                x[:, k] += expm(A * s) @ vector
                continue
            B = np.zeros((n + 1, n + 1))
            B[:n, :n], B[:n, n] = A, vector / over
            x[:, k] += expm(A * max(s - over, 0)) @ expm(B * min(s, over))[:n, n]
    return x


def matrix(name, p):
    """A of x' = A x, column by column from the independent equations, which are linear."""
    m = EQUATIONS[name](p)
    n = len(m.initial)
    return np.array([m.rhs(0.0, list(row)) for row in np.eye(n)]).T


# -- one, two, three compartments: sums of exponentials

def compartments(p, n):
    """Rows GUT, CENT, then the others; written out by hand."""
    A = np.zeros((n + 1, n + 1))
    A[0, 0], A[1, 0], A[1, 1] = -p.KA, p.KA, -p.CL / p.V
    for k, (Q, V) in enumerate([("Q", "V2"), ("Q3", "V3")][:n - 1], 2):
        q, v = getattr(p, Q), getattr(p, V)
        A[1, 1] -= q / p.V
        A[k, 1], A[1, k], A[k, k] = q / p.V, q / v, -q / v
    return A


@law
def compartments_by_exponentials():
    many = [Dose(80, "GUT", 0.1, every=7.3, count=5), Dose(20, "CENT", 3.1, over=1.3, every=9.1, count=3)]
    cases = {"bolus": [Dose(80, "CENT", 0.1)], "infusion": [Dose(80, "CENT", 0.1, over=3.3)], "repeated": many,
             "oral with lag": [Dose(80, "GUT", 0.1)], "slow oral": [Dose(80, "GUT", 0.1, over=3.3)]}
    for n, name in enumerate(["pk1", "pk2", "pk3"], 1):
        p = parameters(name)
        A = compartments(p, n)
        for case, doses in cases.items():
            got = run(name, doses, 48, 0.5)
            into = {"GUT": (p.F1 * np.eye(n + 1)[0], p.LAG), "CENT": (np.eye(n + 1)[1], 0)}
            entered = [(time + into[dose.into][1], into[dose.into][0] * dose.amount, dose.over)
                       for dose in doses for time in dose.times()]
            close(f"{name}, {case}", got["C"], linear(A, entered, got["time"])[1] / p.V)


@law
def bateman_and_biexponential():
    p, got = parameters("pk1"), run("pk1", [Dose(80, "GUT")], 48, 0.5)
    s, k = np.maximum(got["time"] - p.LAG, 0), p.CL / p.V
    close("pk1, Bateman", got["C"], p.F1 * 80 * p.KA / p.V / (p.KA - k) * (np.exp(-k * s) - np.exp(-p.KA * s)))
    p, got = parameters("pk2"), run("pk2", [Dose(80, "CENT")], 48, 0.5)
    k10, k12, k21 = p.CL / p.V, p.Q / p.V, p.Q / p.V2
    beta, alpha = sorted(np.roots([1, -(k10 + k12 + k21), k10 * k21]))
    t = got["time"][1:]
    close("pk2, two exponentials", got["C"][1:],
          80 / p.V / (alpha - beta) * ((alpha - k21) * np.exp(-alpha * t) + (k21 - beta) * np.exp(-beta * t)))


@law
def linear_models_add_up():
    for name in ("pk1", "pk2", "pk3", "transit", "parallel_absorption", "effect_compartment", "pbpk"):
        first, second = Dose(37, "GUT", 0.1), Dose(59, "GUT", 6.1, over=1.7)
        a, b, both = (run(name, doses, 24, 0.5) for doses in ([first], [second], [first, second]))
        threefold = run(name, [Dose(111, "GUT", 0.1)], 24, 0.5)
        for column in set(a) - {"time", "subject", "E"}:
            close(f"{name}, {column}: superposition", both[column], a[column] + b[column])
            close(f"{name}, {column}: three times the dose", threefold[column], 3 * a[column])


# -- absorption and elimination

@law
def transit_is_a_gamma():
    p, dose = parameters("transit"), 90.0
    ktr = 5 / p.MTT
    got = run("transit", [Dose(dose, "GUT", 0.0, every=3.0, count=2)], 24, 0.25)
    stage, wall = np.zeros(len(got["time"])), np.zeros(len(got["time"]))
    for start in (0.0, 3.0):
        s = np.maximum(got["time"] - start, 0)
        stage += p.F1 * dose * (ktr * s) ** 4 / 24 * np.exp(-ktr * s)
        wall += p.F1 * dose * np.exp(-p.KA * s) * (ktr / (ktr - p.KA)) ** 5 * gammainc(5, (ktr - p.KA) * s)
    close("transit, last stage", got["TR4"], stage)
    close("transit, gut wall", got["WALL"], wall)
    got = run("transit", [Dose(dose, "GUT")], 240, 0.1)
    total = area(got["C"], got["time"])
    close("transit, area", total, p.F1 * dose / p.CL)
    close("transit, mean residence", area(got["C"] * got["time"], got["time"]) / total,
          p.MTT + 1 / p.KA + p.V / p.CL)


@law
def parallel_absorption_is_a_sum():
    p, got = parameters("parallel_absorption"), run("parallel_absorption", [Dose(100, "GUT")], 72, 0.5)
    s, k = np.maximum(got["time"] - p.LAG, 0), p.CL / p.V
    wanted = sum(p.F1 * share * 100 * ka / p.V / (ka - k) * (np.exp(-k * s) - np.exp(-ka * s))
                 for share, ka in ((p.FR, p.KA1), (1 - p.FR, p.KA2)))
    close("parallel_absorption, two Bateman curves", got["C"], wanted)


@law
def zero_order_absorption_is_an_infusion():
    doses = [Dose(100, "GUT", 0.1, every=8.0, count=4), Dose(20, "CENT", 3.1, over=1.3)]
    for change in ({}, {"D1": 6.7, "LAG": 0.21, "F1": 0.61, "CL": 13.0, "V": 47.0}):
        p, got = parameters("zero_order_absorption", **change), run("zero_order_absorption", doses, 48, 0.5, **change)
        entered = [(time + p.LAG, [p.F1 * 100], p.D1) for time in doses[0].times()] + [(3.1, [20], 1.3)]
        wanted = linear(np.array([[-p.CL / p.V]]), entered, got["time"])[0] / p.V
        close(f"zero_order_absorption, {change}", got["C"], wanted)
        left = sum(p.F1 * 100 * np.clip(1 - (got["time"] - time - p.LAG) / p.D1, 0, 1) * (got["time"] > time + p.LAG)
                   for time in doses[0].times())
        close(f"zero_order_absorption, gut {change}", got["GUT"], left)


@law
def michaelis_menten_by_lambert():
    p, dose = parameters("michaelis_menten"), 1200.0
    got = run("michaelis_menten", [Dose(dose, "CENT")], 120, 1)
    t, C0 = got["time"][1:], dose / p.V
    wanted = p.KM * lambertw(C0 / p.KM * np.exp((C0 - p.VM / p.V * t) / p.KM)).real
    close("michaelis_menten, Lambert W", got["C"][1:], wanted)
    got = run("michaelis_menten", [Dose(dose, "CENT", 0.0)], 400, 0.1)
    got["C"][0] = C0
    close("michaelis_menten, area", area(got["C"], got["time"]), p.V / p.VM * C0 * (p.KM + C0 / 2))
    rate = 15.0
    got = run("michaelis_menten", [Dose(rate * 3000, "CENT", over=3000)], 2990, 10)
    close("michaelis_menten, steady state", got["C"][-1], p.KM * rate / (p.VM - rate))
    got = run("michaelis_menten", [Dose(30 * 3000, "CENT", over=3000)], 2990, 10)
    holds("michaelis_menten, no steady state above VM", np.all(np.diff(got["C"]) > 0) and got["C"][-1] > 500)


# -- direct effects

@law
def effect_site_follows():
    p = parameters("effect_compartment")
    got = run("effect_compartment", [Dose(60, "CENT")], 48, 0.25)
    k, t = p.CL / p.V, got["time"]
    close("effect_compartment, site", got["CE"],
          60 / p.V * p.KE0 / (p.KE0 - k) * (np.exp(-k * t) - np.exp(-p.KE0 * t)))
    got = run("effect_compartment", [Dose(60, "GUT")], 240, 0.1)
    close("effect_compartment, equal areas", area(got["CE"], got["time"]), 60 / p.CL)
    peak = np.argmax(got["CE"])
    holds("effect_compartment, the site peaks late, when it meets the plasma", peak > np.argmax(got["C"]) and
          abs(got["C"][peak] / got["CE"][peak] - 1) < 0.02)
    got = run("effect_compartment", [Dose(p.EC50 * p.CL * 400, "CENT", over=400)], 390, 10)
    close("effect_compartment, half effect at EC50", got["E"][-1], p.E0 + p.EMAX / 2)


@law
def direct_effects_are_functions_of_concentration():
    for name in ("emax", "sigmoid_emax"):
        p, got = parameters(name), run(name, [Dose(300, "GUT"), Dose(20, "CENT", 6.1, over=3)], 36, 0.5)
        n = getattr(p, "GAM", 1)
        close(f"{name}, function of C", got["E"][1:], p.E0 + p.EMAX / (1 + (p.EC50 / got["C"][1:]) ** n))
        got = run(name, [Dose(p.EC50 * p.CL * 300, "CENT", over=300)], 290, 10)
        close(f"{name}, half effect at EC50", got["E"][-1], p.E0 + p.EMAX / 2)
        close(f"{name}, rest", got["E"][0], p.E0)


# -- indirect response

def stimulus(p, C):
    return -p.IMAX * C / (p.IC50 + C) if hasattr(p, "IMAX") else p.SMAX * C / (p.SC50 + C)


@law
def indirect_responses_settle():
    for name in ("irm1", "irm2", "irm3", "irm4"):
        p = parameters(name)
        for C in (30.0, 100.0, 400.0):
            got = run(name, [Dose(C * p.CL * 400 / 1000, "CENT", over=400)], 390, 10)
            effect = 1 + stimulus(p, C)
            close(f"{name}, rest", got["R"][0], p.KIN / p.KOUT)
            close(f"{name}, steady state at {C:g} ng/mL", got["R"][-1],
                  p.KIN / p.KOUT * (effect if name in ("irm1", "irm3") else 1 / effect))


@law
def indirect_responses_have_areas():
    dose = 20.0
    for name in ("irm1", "irm3"):
        p, got = parameters(name), run(name, [Dose(dose, "CENT")], 160, 0.05)
        k, C0 = p.CL / p.V, dose * 1000 / p.V
        size, half = (-p.IMAX, p.IC50) if name == "irm1" else (p.SMAX, p.SC50)
        close(f"{name}, area", area(got["R"] - p.KIN / p.KOUT, got["time"]),
              p.KIN / p.KOUT * size / k * np.log1p(C0 / half))
    for name in ("irm2", "irm4"):
        p, got = parameters(name), run(name, [Dose(dose, "CENT")], 30, 0.5)
        k, C0 = p.CL / p.V, dose * 1000 / p.V
        size, half = (-p.IMAX, p.IC50) if name == "irm2" else (p.SMAX, p.SC50)

        def decay(s):                                                           # exp of the loss from 0 to s
            return np.exp(p.KOUT * s) * ((half + C0) / (half + C0 * np.exp(-k * s))) ** (size * p.KOUT / k)
        for t in (2.0, 5.0, 12.0, 30.0):
            wanted = (p.KIN / p.KOUT + p.KIN * quad(decay, 0, t, epsrel=1e-11, limit=200)[0]) / decay(t)
            close(f"{name}, at {t:g} h", got["R"][round(t / 0.5)], wanted)


# -- tolerance

@law
def moderator_overshoots_and_rebounds():
    p, C = parameters("tolerance_moderator"), 2.0
    got = run("tolerance_moderator", [Dose(C * p.CL * 200, "CENT", 10.0, over=200)], 500, 1)
    rest = np.sqrt(p.KIN / p.KOUT)
    settled = rest * np.sqrt(1 + stimulus(p, C))
    R = got["R"]
    close("tolerance_moderator, rest", R[:10], rest)
    close("tolerance_moderator, steady state", R[205], settled)
    close("tolerance_moderator, return", R[-1], rest)
    holds("tolerance_moderator, overshoot and rebound", R.max() > 1.05 * settled and R.min() < 0.9 * rest)


@law
def pool_pays_back():
    p, C = parameters("tolerance_pool"), 2.0
    drug = [Dose(C * p.CL * 200, "CENT", 10.0, over=200)]
    got = run("tolerance_pool", drug, 500, 1)
    S = 1 + stimulus(p, C)
    rest = p.K0 / p.KOUT
    close("tolerance_pool, rest", got["R"][:10], rest)
    close("tolerance_pool, complete tolerance", got["R"][205], rest)
    close("tolerance_pool, pool", got["P"][205], p.K0 / (p.KP * S))
    holds("tolerance_pool, rebound", got["R"].min() < 0.8 * rest)
    got = run("tolerance_pool", drug, 500, 1, KS=0.07)
    close("tolerance_pool, partial tolerance", got["R"][205], p.K0 / p.KOUT * p.KP * S / (0.07 + p.KP * S))
    got = run("tolerance_pool", [Dose(40, "GUT")], 260, 0.02)
    above = area(np.maximum(got["R"] - rest, 0), got["time"])
    holds("tolerance_pool, areas cancel", abs(area(got["R"] - rest, got["time"])) < 1e-7 * above and above > 0.1)


# -- target-mediated disposition

ANTIBODY = {"tmdd": {}, "tmdd_qe": {}, "tmdd_qss": {}}


@law
def targets_keep_the_balance():
    for name in ANTIBODY:
        p = parameters(name)
        dose, nmol = 10.0, 10e6 / p.MW
        for into, given in (("SC", p.F1 * nmol), ("CENT", nmol)):
            got = run(name, [Dose(dose, into, 0.0)], 600, 0.05)
            t = got["time"]
            # the sample at the hour of a dose may be of before it
            central = got["CENT"] if name != "tmdd" else got["CENT"] + p.V * got["RC"]
            part = slice(20, None)                                              # from 1 h on, past the fast beginning
            lost = (p.CL * area(got["C"][part], t[part]) + p.KINT * p.V * area(got["RC"][part], t[part]))
            held = got["SC"] + central + got["PERI"]
            close(f"{name}, {into}: drug", held[20] - held[-1], lost)
            holds(f"{name}, {into}: nothing appears", np.all(held <= given * (1 + 1e-9)) and held[20] > 0.9 * given)
            made = p.KSYN * (t[-1] - t[20])
            gone = p.KDEG * area(got["R"][part], t[part]) + p.KINT * area(got["RC"][part], t[part])
            close(f"{name}, {into}: target", got["RTOT"][20] + made - gone, got["RTOT"][-1])


@law
def targets_settle():
    rate = 0.02                                                                 # mg/h
    for name in ANTIBODY:
        p = parameters(name)
        K = {"tmdd": lambda: (p.KOFF + p.KINT) / p.KON, "tmdd_qe": lambda: p.KD, "tmdd_qss": lambda: p.KSS}[name]()
        C = run(name, [Dose(rate * 8000, "CENT", over=8000)], 7900, 100)["C"][-1]
        bound = p.KSYN * C / (K * p.KDEG + p.KINT * C)                          # RC = R C / K, KSYN = KDEG R + KINT RC
        close(f"{name}, steady state", p.CL * C + p.KINT * bound * p.V, rate * 1e6 / p.MW)
    p = parameters("tmdd")
    close("tmdd_qss, its constant is that of tmdd", parameters("tmdd_qss").KSS, (p.KOFF + p.KINT) / p.KON, 1e-12)
    close("tmdd_qe, its constant is that of tmdd", parameters("tmdd_qe").KD, p.KOFF / p.KON, 1e-12)


@law
def fast_binding_is_equilibrium():
    doses = [Dose(5, "CENT", 0.0), Dose(5, "SC", 50.0)]
    p = parameters("tmdd_qe")
    quick = run("tmdd_qe", doses, 400, 5)
    off = []
    for speed in (1, 100, 10000):
        full = run("tmdd", doses, 400, 5, rtol=1e-8, atol=1e-11, KON=0.4 * speed, KOFF=0.4 * speed * p.KD)
        off.append(max(np.max(np.abs(full[c] - quick[c])[1:]) / np.max(quick[c]) for c in ("C", "RC", "RTOT")))
    holds(f"tmdd, fast binding: off by {off}", off[1] < off[0] / 20 and off[2] < off[1] / 20 and off[2] < 1e-4)
    for name, K in (("tmdd_qe", p.KD), ("tmdd_qss", parameters("tmdd_qss").KSS)):
        got = run(name, doses, 400, 5)
        close(f"{name}, law of mass action", got["C"] * got["R"], K * got["RC"], 1e-9)
    # and a tenth of the dose, where the target takes most, is cleared faster
    small = run("tmdd_qe", [Dose(0.5, "CENT", 0.0)], 400, 5)["C"][-1]
    large = run("tmdd_qe", [Dose(50, "CENT", 0.0)], 400, 5)["C"][-1]
    holds("tmdd_qe, small doses are cleared faster", large > 1000 * small)


# -- cells, tumours

@law
def marrow_rests_falls_and_returns():
    p = parameters("friberg")
    close("friberg, rest", run("friberg", [], 240, 24)["CIRC"], p.CIRC0, 1e-12)
    got = run("friberg", [Dose(150, "CENT", 0.0, over=1)], 2400, 6)
    nadir = np.argmin(got["CIRC"]) * 6 / 24
    holds(f"friberg, nadir after {nadir} d", 5 < nadir < 12 and got["CIRC"].min() < 1500)
    holds("friberg, overshoot", got["CIRC"].max() > 1.05 * p.CIRC0)
    close("friberg, return", got["CIRC"][-1], p.CIRC0, 1e-4)
    for E in (0.05, 0.2):
        rate = E / p.SLOPE * p.CL * p.MW / 1000                                 # mg/h for SLOPE C = E
        got = run("friberg", [Dose(rate * 20000, "CENT", over=20000)], 19000, 1000)
        close(f"friberg, steady state at E = {E}", got["CIRC"][-1], p.CIRC0 * (1 - E) ** (1 / p.GAM))


@law
def claret_by_quadrature():
    p = parameters("claret")
    got = run("claret", [], 5000, 50)
    close("claret, untreated", got["Y"], p.Y0 * np.exp(p.KL * got["time"] / 168))
    close("claret, change", got["CHANGE"], 100 * (got["Y"] / p.Y0 - 1))
    start, dose = 20.0, 900.0
    got = run("claret", [Dose(dose, "CENT", start)], 1000, 10)
    s, k, wear = np.maximum(got["time"] - start, 0), p.CL / p.V, p.LAMBDA / 168
    shrunk = p.KD / 168 * dose / p.V * np.exp(-wear * start) * -np.expm1(-(k + wear) * s) / (k + wear)
    close("claret, bolus", got["Y"], p.Y0 * np.exp(p.KL * got["time"] / 168 - shrunk))


@law
def simeoni_grows_in_two_phases():
    p = parameters("simeoni")
    got = run("simeoni", [], 1200, 4)
    t, W = got["time"], got["W"]
    early, late = W < 0.1 * p.L1 / p.L0, W > 4 * p.L1 / p.L0
    close("simeoni, exponential", W[early], p.W0 * np.exp(p.L0 * t[early] / 24))
    close("simeoni, linear", np.diff(W[late]) / 4 * 24, p.L1)
    # a bolus into one compartment, while the tumour is small: what is hit dies in three stages of K1
    dose, start = 20.0, 0.0
    got = run("simeoni", [Dose(dose, "CENT", start)], 96, 1, K12=0.0)
    t, C0 = got["time"][1:], dose * 1000 / p.V
    close("simeoni, hit", got["X1"][1:],
          p.W0 * np.exp(p.L0 / 24 * t - p.K2 / 24 * C0 / p.K10 * -np.expm1(-p.K10 * t)))
    k = p.K1 / 24

    def x1(s):
        return p.W0 * np.exp(p.L0 / 24 * s - p.K2 / 24 * C0 / p.K10 * -np.expm1(-p.K10 * s))
    for at in (6.0, 24.0, 72.0):
        dying = quad(lambda s: p.K2 / 24 * C0 * np.exp(-p.K10 * s) * x1(s) * np.exp(-k * (at - s)) *
                     (1 + k * (at - s) + (k * (at - s)) ** 2 / 2), 0, at, epsrel=1e-11, limit=200)[0]
        close(f"simeoni, weight at {at:g} h", got["W"][round(at)], x1(at) + dying)


# -- hormones

@law
def cortisol_keeps_its_rhythm():
    p = parameters("cortisol")
    for change in ({}, {"KOUT": 0.13, "PEAK": 3.0, "AMP": 0.4}):
        q = parameters("cortisol", **change)
        got = run("cortisol", [], 96, 0.25, **change)
        close(f"cortisol, rhythm {change}", got["CORT"], [cortisol_level(q, t) for t in got["time"]])
        close("cortisol, mean of a day", area(got["CORT"][96:193], got["time"][96:193]) / 24, q.MESOR)
    # an overwhelming infusion stops the production: what is left is lost at KOUT
    got = run("cortisol", [Dose(1e9, "CENT", 5.0, over=40)], 40, 0.5)
    close("cortisol, production stopped", got["CORT"][20:41] / got["CORT"][20],
          np.exp(-p.KOUT * (got["time"][20:41] - got["time"][20])), 1e-5)
    evening, morning = (run("cortisol", [Dose(5, "GUT", at)], 48, 0.25)["CORT"] for at in (23.0, 9.0))
    rest = run("cortisol", [], 48, 0.25)["CORT"]
    holds("cortisol, an evening dose takes more of the next morning",
          np.min(evening[120:136] / rest[120:136]) < 0.9 * np.min(morning[120:136] / rest[120:136]))


@law
def glucose_and_insulin():
    p = parameters("minimal_glucose")
    rest = run("minimal_glucose", [], 24, 1)
    close("minimal_glucose, rest", rest["G"], p.GB, 1e-12)
    close("minimal_glucose, insulin at rest", rest["I"], p.IB, 1e-12)
    # insulin alone: glucose only falls, so nothing is secreted
    got = run("minimal_glucose", [Dose(1, "INSULIN", 0.0)], 4, 0.05)
    m, given = got["time"] * 60, 1000 / p.VI
    close("minimal_glucose, insulin", got["I"][1:], (p.IB + given * np.exp(-p.N * m))[1:])
    close("minimal_glucose, its action", got["X"],
          p.P2 * p.SI * given / (p.N - p.P2) * (np.exp(-p.P2 * m) - np.exp(-p.N * m)))

    def action(a, b):                                                           # integral of X from a to b
        return p.P2 * p.SI * given / (p.N - p.P2) * ((np.exp(-p.P2 * a) - np.exp(-p.P2 * b)) / p.P2 -
                                                     (np.exp(-p.N * a) - np.exp(-p.N * b)) / p.N)
    for at in (30.0, 120.0):
        wanted = p.GB * (np.exp(-p.SG * at - action(0, at)) +
                         p.SG * quad(lambda s: np.exp(-p.SG * (at - s) - action(s, at)), 0, at, epsrel=1e-11)[0])
        close(f"minimal_glucose, glucose after {at:g} min", got["G"][round(at / 3)], wanted)
    # a steady infusion of glucose, g/h: a quadratic
    rate = 20.0
    got = run("minimal_glucose", [Dose(rate * 48, "GLUCOSE", over=48)], 47, 1)
    brought, slope = rate * 100 / p.VG / 60, p.SI * p.GAMMA / p.N
    G = max(np.roots([-slope, slope * p.H - p.SG, p.SG * p.GB + brought]).real)
    close("minimal_glucose, steady state", got["G"][-1], G)


# -- virus, whole body

@law
def virus_needs_more_than_one():
    p = parameters("viral")

    def reproduction(q, efficacy=0.0):
        return (1 - efficacy) * q.BETA * q.P * q.LAMBDA / (q.DT * q.DELTA * q.CLV)

    def set_point(q, R):
        return (R - 1) * q.DT / q.BETA
    R0 = reproduction(p)
    got = run("viral", [], 240, 24)
    close("viral, set point", got["V"], set_point(p, R0), 1e-9)
    close("viral, target cells", got["T"], p.LAMBDA / p.DT / R0, 1e-9)
    # a healthy body and a first dose of virus: growth at the leading eigenvalue, then the set point
    got = run("viral", [Dose(1e-3, "V", 0.0)], 60000, 20, CHRONIC=0.0)
    T = p.LAMBDA / p.DT
    growth = max(np.linalg.eigvals(np.array([[-p.DELTA, p.BETA * T], [p.P, -p.CLV]])).real) / 24
    V = got["V"]
    close("viral, growth", np.log(V[10] / V[5]) / 100, growth, 1e-6)
    close("viral, end", V[-1], set_point(p, R0), 1e-6)
    q = parameters("viral", BETA=0.45 * p.BETA)
    holds("viral, R0 below one", reproduction(q) < 1)
    for chronic in (0.0, 1.0):
        got = run("viral", [Dose(1000, "V", 0.0)], 3000, 24, CHRONIC=chronic, BETA=q.BETA)
        holds(f"viral, dies out, CHRONIC = {chronic}", got["V"][-1] < 1 and abs(got["T"][-1] / T - 1) < 1e-4)
    # a steady drug that leaves R0 above one: a lower set point
    C = 0.02
    got = run("viral", [Dose(C * p.CL * 90000, "CENT", over=90000)], 89000, 1000)
    efficacy = p.EMAX * C / (p.EC50 + C)
    R = reproduction(p, efficacy)
    holds("viral, the drug is not enough", 1 < R < R0)
    close("viral, set point with drug", got["V"][-1], (R - 1) * p.DT / (p.BETA * (1 - efficacy)), 1e-6)


@law
def body_keeps_the_balance():
    p = parameters("pbpk")
    A = matrix("pbpk", p)
    states = list(EQUATIONS["pbpk"](p).initial)
    doses = [Dose(50, "GUT", 0.1), Dose(20, "BLOOD", 3.1, over=2.0)]
    got = run("pbpk", doses, 24, 0.5)
    unit = dict(zip(states, np.eye(len(states))))
    wanted = linear(A, [(0.1, 50 * p.FA * unit["GUT"], 0), (3.1, 20 * unit["BLOOD"], 2.0)], got["time"])
    for state, row in zip(states, wanted):
        close(f"pbpk, {state}: exponential of the matrix", got[state], row)
    held = sum(got[state] for state in states)
    close("pbpk, nothing is lost", held[20:], 50 * p.FA + 20, 1e-9)
    liver = p.QHA + p.QGU
    hepatic = liver * p.FU * p.CLINT / (liver + p.FU * p.CLINT)
    renal = p.FU * p.GFR
    rate = 10.0
    got = run("pbpk", [Dose(rate * 2000, "BLOOD", over=2000)], 1990, 10)
    close("pbpk, steady state", got["C"][-1], rate / (hepatic + renal))
    close("pbpk, liver at steady state", got["CLIVER"][-1], p.KPLI * rate / (hepatic + renal) * (1 - hepatic / liver))
    close("pbpk, muscle at steady state", got["CMUSCLE"][-1], p.KPMU * got["C"][-1])
    # what reaches the blood from a tablet: absorbed, and not taken out on the first pass
    swallowed, injected = (run("pbpk", [Dose(30, into)], 1500, 10) for into in ("GUT", "BLOOD"))
    close("pbpk, first pass", swallowed["URINE"][-1] / injected["URINE"][-1], p.FA * (1 - hepatic / liver), 1e-6)
    close("pbpk, shares of the clearances", injected["METAB"][-1] / injected["URINE"][-1], hepatic / renal, 1e-6)


for check in LAWS[::3] if SANITIZED and len(sys.argv) == 1 else LAWS:
    if len(sys.argv) == 1 or any(word in check.__name__ + inspect.getsource(check) for word in sys.argv[1:]):
        check()
finish()
