"""The equations of the bundled models written a second time, in Python, from the papers and not from the Lua files.

EQUATIONS[name](p) takes parameters as attributes, in the units the model declares, and gives a Model; time is in hours.
"""
from collections import namedtuple
from math import atan, cos, exp, pi, sqrt

# initial values by state; dose compartment -> (F, lag, {state: amount per unit of dose}); derivatives; other outputs
Model = namedtuple("Model", "initial into rhs out")
EQUATIONS = {}


def model(build):
    EQUATIONS[build.__name__] = build
    return build


def hill(x, half, n):
    return x ** n / (half ** n + x ** n) if x > 0 else 0.0


def injected(state, factor=1.0):
    return (1.0, 0.0, {state: factor})


@model
def pk1(p):
    def rhs(t, y):
        gut, cent = y
        return [-p.KA * gut, p.KA * gut - p.CL / p.V * cent]
    return Model({"GUT": 0, "CENT": 0}, {"GUT": (p.F1, p.LAG, {"GUT": 1}), "CENT": injected("CENT")}, rhs,
                 lambda t, y: {"C": y[1] / p.V})


@model
def pk2(p):
    k10, k12, k21 = p.CL / p.V, p.Q / p.V, p.Q / p.V2

    def rhs(t, y):
        gut, cent, peri = y
        return [-p.KA * gut, p.KA * gut - (k10 + k12) * cent + k21 * peri, k12 * cent - k21 * peri]
    return Model({"GUT": 0, "CENT": 0, "PERI": 0}, {"GUT": (p.F1, p.LAG, {"GUT": 1}), "CENT": injected("CENT")}, rhs,
                 lambda t, y: {"C": y[1] / p.V, "C2": y[2] / p.V2})


@model
def pk3(p):
    k10, k12, k21, k13, k31 = p.CL / p.V, p.Q / p.V, p.Q / p.V2, p.Q3 / p.V, p.Q3 / p.V3

    def rhs(t, y):
        gut, cent, peri, deep = y
        return [-p.KA * gut, p.KA * gut - (k10 + k12 + k13) * cent + k21 * peri + k31 * deep,
                k12 * cent - k21 * peri, k13 * cent - k31 * deep]
    return Model({"GUT": 0, "CENT": 0, "PERI": 0, "DEEP": 0},
                 {"GUT": (p.F1, p.LAG, {"GUT": 1}), "CENT": injected("CENT")}, rhs, lambda t, y: {"C": y[1] / p.V})


@model
def michaelis_menten(p):
    def rhs(t, y):
        gut, cent = y
        return [-p.KA * gut, p.KA * gut - p.VM * cent / (p.KM * p.V + cent)]
    return Model({"GUT": 0, "CENT": 0}, {"GUT": (p.F1, 0, {"GUT": 1}), "CENT": injected("CENT")}, rhs,
                 lambda t, y: {"C": y[1] / p.V, "CLEARANCE": p.VM / (p.KM + y[1] / p.V)})


@model
def transit(p):
    ktr = 5 / p.MTT

    def rhs(t, y):
        a0, a1, a2, a3, a4, wall, cent = y
        return [-ktr * a0, ktr * (a0 - a1), ktr * (a1 - a2), ktr * (a2 - a3), ktr * (a3 - a4),
                ktr * a4 - p.KA * wall, p.KA * wall - p.CL / p.V * cent]
    return Model(dict.fromkeys(["GUT", "TR1", "TR2", "TR3", "TR4", "WALL", "CENT"], 0),
                 {"GUT": (p.F1, 0, {"GUT": 1}), "CENT": injected("CENT")}, rhs, lambda t, y: {"C": y[6] / p.V})


@model
def parallel_absorption(p):
    def rhs(t, y):
        fast, slow, cent = y
        return [-p.KA1 * fast, -p.KA2 * slow, p.KA1 * fast + p.KA2 * slow - p.CL / p.V * cent]
    return Model({"FAST": 0, "SLOW": 0, "CENT": 0},
                 {"GUT": (p.F1, p.LAG, {"FAST": p.FR, "SLOW": 1 - p.FR}), "CENT": injected("CENT")}, rhs,
                 lambda t, y: {"C": y[2] / p.V})


def driven(p, initial, response, out, unit=1.0, V="V"):
    """One compartment with a gut drives a response: response(t, C, y) gives the derivatives of `initial`."""
    volume = getattr(p, V)

    def rhs(t, y):
        gut, cent = y[0], y[1]
        return [-p.KA * gut, p.KA * gut - p.CL / volume * cent, *response(t, cent / volume, y[2:])]
    into = {"GUT": injected("GUT", unit), "CENT": injected("CENT", unit)}
    return Model({"GUT": 0, "CENT": 0, **initial}, into, rhs,
                 lambda t, y: {"C": y[1] / volume, **out(t, y[1] / volume, y[2:])})


@model
def emax(p):
    return driven(p, {}, lambda t, C, y: [], lambda t, C, y: {"E": p.E0 + p.EMAX * C / (p.EC50 + C)})


@model
def sigmoid_emax(p):
    return driven(p, {}, lambda t, C, y: [], lambda t, C, y: {"E": p.E0 + p.EMAX * hill(C, p.EC50, p.GAM)})


@model
def effect_compartment(p):
    return driven(p, {"CE": 0}, lambda t, C, y: [p.KE0 * (C - y[0])],
                  lambda t, C, y: {"E": p.E0 + p.EMAX * hill(y[0], p.EC50, p.GAM)})


def indirect(p, made, lost):
    return driven(p, {"R": p.KIN / p.KOUT}, lambda t, C, y: [p.KIN * made(C) - p.KOUT * lost(C) * y[0]],
                  lambda t, C, y: {}, unit=1000)


@model
def irm1(p):
    return indirect(p, lambda C: 1 - p.IMAX * C / (p.IC50 + C), lambda C: 1)


@model
def irm2(p):
    return indirect(p, lambda C: 1, lambda C: 1 - p.IMAX * C / (p.IC50 + C))


@model
def irm3(p):
    return indirect(p, lambda C: 1 + p.SMAX * C / (p.SC50 + C), lambda C: 1)


@model
def irm4(p):
    return indirect(p, lambda C: 1, lambda C: 1 + p.SMAX * C / (p.SC50 + C))


@model
def tolerance_moderator(p):
    rest = sqrt(p.KIN / p.KOUT)

    def response(t, C, y):
        r, m = y
        return [p.KIN / m * (1 + p.SMAX * C / (p.SC50 + C)) - p.KOUT * r, p.KTOL * r - p.KTOL * m]
    return driven(p, {"R": rest, "M": rest}, response, lambda t, C, y: {})


@model
def tolerance_pool(p):
    rest = p.K0 / (p.KS + p.KP)

    def response(t, C, y):
        pool, r = y
        k = p.KP * (1 + p.SMAX * C / (p.SC50 + C))
        return [p.K0 - (p.KS + k) * pool, k * pool - p.KOUT * r]
    return driven(p, {"P": rest, "R": p.KP * rest / p.KOUT}, response, lambda t, C, y: {})


def antibody(p, rhs, states, out):
    nmol = 1e6 / p.MW                                                           # in a mg
    return Model(states, {"SC": (p.F1, 0, {"SC": nmol}), "CENT": injected("CENT", nmol)}, rhs, out)


@model
def tmdd(p):
    def rhs(t, y):
        sc, cent, peri, r, rc = y
        C = cent / p.V
        on, off = p.KON * C * r, p.KOFF * rc
        return [-p.KA * sc, p.KA * sc - p.CL * C - p.Q * C + p.Q / p.V2 * peri + (off - on) * p.V,
                p.Q * C - p.Q / p.V2 * peri, p.KSYN - p.KDEG * r - on + off, on - off - p.KINT * rc]

    def out(t, y):
        C, r, rc = y[1] / p.V, y[3], y[4]
        return {"C": C, "CTOT": C + rc, "RTOT": r + rc, "OCC": 100 * rc / (r + rc)}
    return antibody(p, rhs, {"SC": 0, "CENT": 0, "PERI": 0, "R": p.KSYN / p.KDEG, "RC": 0}, out)


def equilibrium(p, K):
    def free(total, target):
        b = total - target - K
        # the two forms of the root differ in rounding only
        return 0.5 * (b + sqrt(b * b + 4 * K * total)) if b > 0 else 2 * K * total / (sqrt(b * b + 4 * K * total) - b)

    def rhs(t, y):
        sc, cent, peri, target = y
        C = free(cent / p.V, target)
        rc = target * C / (K + C)
        return [-p.KA * sc, p.KA * sc - (p.CL + p.Q) * C - p.KINT * rc * p.V + p.Q / p.V2 * peri,
                p.Q * C - p.Q / p.V2 * peri, p.KSYN - p.KDEG * target - (p.KINT - p.KDEG) * rc]

    def out(t, y):
        C = free(y[1] / p.V, y[3])
        rc = y[3] * C / (K + C)
        return {"C": C, "CTOT": y[1] / p.V, "R": y[3] - rc, "RC": rc, "OCC": 100 * rc / y[3]}
    return antibody(p, rhs, {"SC": 0, "CENT": 0, "PERI": 0, "RTOT": p.KSYN / p.KDEG}, out)


@model
def tmdd_qe(p):
    return equilibrium(p, p.KD)


@model
def tmdd_qss(p):
    return equilibrium(p, p.KSS)


@model
def friberg(p):
    ktr = 4 / p.MTT

    def rhs(t, y):
        cent, peri, prol, t1, t2, t3, circ = y
        C = cent / p.V
        flow = p.Q * (C - peri / p.V2)
        return [-p.CL * C - flow, flow, ktr * prol * (1 - p.SLOPE * C) * (p.CIRC0 / circ) ** p.GAM - ktr * prol,
                ktr * prol - ktr * t1, ktr * t1 - ktr * t2, ktr * t2 - ktr * t3, ktr * t3 - ktr * circ]
    return Model({"CENT": 0, "PERI": 0, **dict.fromkeys(["PROL", "TR1", "TR2", "TR3", "CIRC"], p.CIRC0)},
                 {"CENT": injected("CENT", 1000 / p.MW)}, rhs, lambda t, y: {"C": y[0] / p.V})


@model
def claret(p):
    def response(t, C, y):
        return [(p.KL - p.KD * C * exp(-p.LAMBDA * t / 168)) / 168 * y[0]]
    return driven(p, {"Y": p.Y0}, response, lambda t, C, y: {"CHANGE": 100 * (y[0] - p.Y0) / p.Y0})


@model
def simeoni(p):
    def rhs(t, y):
        cent, peri, x1, x2, x3, x4 = y
        w = x1 + x2 + x3 + x4
        grown = p.L0 * x1 / (1 + (p.L0 * w / p.L1) ** p.PSI) ** (1 / p.PSI)
        hit = p.K2 * cent / p.V * x1
        return [-(p.K10 + p.K12) * cent + p.K21 * peri, p.K12 * cent - p.K21 * peri, (grown - hit) / 24,
                (hit - p.K1 * x2) / 24, p.K1 * (x2 - x3) / 24, p.K1 * (x3 - x4) / 24]
    return Model({"CENT": 0, "PERI": 0, "X1": p.W0, "X2": 0, "X3": 0, "X4": 0}, {"CENT": injected("CENT", 1000)}, rhs,
                 lambda t, y: {"C": y[0] / p.V, "W": sum(y[2:])})


def cortisol_level(p, t):
    """The drug-free rhythm: the one periodic solution of y' = KOUT (MESOR (1 + AMP cos w(t - PEAK)) - y)."""
    w = 2 * pi / 24
    return p.MESOR * (1 + p.AMP * p.KOUT / sqrt(p.KOUT ** 2 + w ** 2) * cos(w * (t - p.PEAK) - atan(w / p.KOUT)))


@model
def cortisol(p):
    def response(t, C, y):
        made = p.KOUT * p.MESOR * (1 + p.AMP * cos(2 * pi / 24 * (t - p.PEAK)))
        return [made * (1 - p.IMAX * C / (p.IC50 + C)) - p.KOUT * y[0]]
    return driven(p, {"CORT": cortisol_level(p, 0)}, response, lambda t, C, y: {}, unit=1000)


@model
def minimal_glucose(p):
    def rhs(t, y):                                                              # the paper's minutes
        G, X, I = y
        return [60 * (-(p.SG + X) * G + p.SG * p.GB), 60 * (-p.P2 * X + p.P2 * p.SI * (I - p.IB)),
                60 * (-p.N * (I - p.IB) + p.GAMMA * max(G - p.H, 0.0))]
    # a g is 1000 mg, a volume has 10 dL per L; a U is 1000 mU
    return Model({"G": p.GB, "X": 0, "I": p.IB},
                 {"GLUCOSE": injected("G", 100 / p.VG), "INSULIN": injected("I", 1000 / p.VI)}, rhs, lambda t, y: {})


@model
def viral(p):
    healthy = p.LAMBDA / p.DT
    ill = min(p.DELTA * p.CLV / (p.BETA * p.P), healthy)
    infected = (p.LAMBDA - p.DT * ill) / p.DELTA

    def response(t, C, y):
        T, I, V = y
        new = p.BETA * (1 - p.EMAX * C / (p.EC50 + C)) * T * V
        return [(p.LAMBDA - p.DT * T - new) / 24, (new - p.DELTA * I) / 24, (p.P * I - p.CLV * V) / 24]
    m = driven(p, {"T": healthy + p.CHRONIC * (ill - healthy), "I": p.CHRONIC * infected,
                   "V": p.CHRONIC * p.P * infected / p.CLV}, response,
               lambda t, C, y: {"EFFICACY": p.EMAX * C / (p.EC50 + C)}, V="VC")
    m.into["V"] = injected("V")
    return m


@model
def pbpk(p):
    organs = ["LUNG", "LIVER", "WALL", "KIDNEY", "MUSCLE", "FAT", "REST"]
    volume = [p.VLU, p.VLI, p.VGU, p.VKI, p.VMU, p.VFA, p.VRE]
    Kp = [p.KPLU, p.KPLI, p.KPGU, p.KPKI, p.KPMU, p.KPFA, p.KPRE]
    flow = [0, p.QHA + p.QGU, p.QGU, p.QKI, p.QMU, p.QFA, p.QRE]
    output = sum(flow) - p.QGU                                                  # the wall's blood counts once

    def rhs(t, y):
        lumen, blood = y[0], y[1]
        lung, liver, wall, kidney, muscle, fat, rest = left = [a / v / k for a, v, k in zip(y[2:9], volume, Kp)]
        venous = blood / p.VBL
        metabolised, filtered = p.CLINT * p.FU * liver, p.GFR * p.FU * lung
        back = sum(q * c for q, c in zip(flow, left)) - p.QGU * wall
        return [-p.KA * lumen, back - output * venous, output * (venous - lung),
                p.QHA * lung + p.QGU * wall - flow[1] * liver - metabolised, p.QGU * (lung - wall) + p.KA * lumen,
                p.QKI * (lung - kidney) - filtered, p.QMU * (lung - muscle), p.QFA * (lung - fat),
                p.QRE * (lung - rest), metabolised, filtered]

    def out(t, y):
        return {"C": y[1] / p.VBL, "CLIVER": y[3] / p.VLI, "CKIDNEY": y[5] / p.VKI, "CMUSCLE": y[6] / p.VMU,
                "CFAT": y[7] / p.VFA}
    return Model(dict.fromkeys(["GUT", "BLOOD", *organs, "METAB", "URINE"], 0),
                 {"GUT": (p.FA, 0, {"GUT": 1}), "BLOOD": injected("BLOOD")}, rhs, out)
