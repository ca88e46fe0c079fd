"""What dose records mean, worked out a second way, for linear compartments.

Between two events every compartment is a sum of exponentials, taken from the spectral decomposition of the rate matrix;
a steady state is the sum of the geometric series of all doses since ever. No step is integrated and no equation solved.
A record is a dict: time, evid, amt, cmt (from 1, negative: off), rate, ii, addl, ss, and what the model reads from a
row: WT, and per compartment L, F, D, R under names like L1. Absent ones are 0 (1 for F).
"""
import math

SAME = 1e-9   # h; nearer times are one


class Absorbed:
    """One compartment with first-order absorption."""
    states = ("DEPOT", "CENT")

    def rates(self, wt):
        """Rate matrix [to][from], 1/h."""
        ka, k = 1.5, 1.1 * (wt / 70) ** 0.75 / 20
        return [[-ka, 0], [ka, -k]]

    def spectrum(self, a, on):
        return [a[i][i] for i in on]


class Three:
    """Three compartments and a depot."""
    states = ("DEPOT", "CENT", "P2", "P3")

    def rates(self, wt):
        ka, k, k12, k21, k13, k31 = 2.5, 4 * (wt / 70) / 15, 6 / 15, 6 / 30, 1 / 15, 1 / 60
        return [[-ka, 0, 0, 0], [ka, -k - k12 - k13, k21, k31], [0, k12, -k21, 0], [0, k13, 0, -k31]]

    def spectrum(self, a, on):
        """The depot by itself; the others by bisection of the secular equation, whose roots the diagonals part."""
        depot = [a[0][0]] if 0 in on else []
        limbs = [i for i in (2, 3) if i in on]
        if 1 not in on:
            return depot + [a[i][i] for i in limbs]

        def secular(x):
            return a[1][1] - x - sum(a[1][i] * a[i][1] / (a[i][i] - x) for i in limbs)

        walls = [-10.0] + sorted(a[i][i] for i in limbs) + [0.0]
        return depot + [bisect(secular, low, high) for low, high in zip(walls, walls[1:])]


def bisect(f, low, high):
    """Root of a falling function between its poles."""
    while True:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            return middle
        if f(middle) > 0:
            low = middle
        else:
            high = middle


class Modes:
    """exp(A t) = sum of exp(lambda t) P: one decay per mode, of the compartments that are on."""

    def __init__(self, model, wt, on):
        a = model.rates(wt)
        n = len(a)
        sub = [[a[i][j] if i in on and j in on else 0.0 for j in range(n)] for i in range(n)]
        self.decay = model.spectrum(a, on)
        self.parts = []
        for p, mine in enumerate(self.decay):
            # Sylvester's formula
            part = [[float(i == j and i in on) for j in range(n)] for i in range(n)]
            for q, other in enumerate(self.decay):
                if p != q:
                    factor = [[(sub[i][j] - other * (i == j)) / (mine - other) for j in range(n)] for i in range(n)]
                    part = [[sum(part[i][k] * factor[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
            self.parts.append(part)

    def apply(self, weights, x):
        """Sum of weight P x over the modes."""
        out = [0.0] * len(x)
        for weight, part in zip(weights, self.parts):
            for i, row in enumerate(part):
                out[i] += weight * sum(r * v for r, v in zip(row, x))
        return out

    def pass_time(self, x, inputs, h):
        """State h hours on under constant inputs."""
        kept = self.apply([math.exp(k * h) for k in self.decay], x)
        if not any(inputs):
            return kept
        gained = self.apply([math.expm1(k * h) / k for k in self.decay], inputs)
        return [a + b for a, b in zip(kept, gained)]

    def pulses(self, amount, ii, age):
        """Boluses `age`, age + ii, ... hours ago, since ever."""
        return self.apply([math.exp(k * age) / -math.expm1(k * ii) for k in self.decay], amount)

    def infusions(self, rate, duration, ii, age):
        """Infusions begun `age`, age + ii, ... hours ago, since ever: those that run, and the series of those over."""
        n = 0
        out = [0.0] * len(rate)
        while age + n * ii < duration - SAME:
            begun = self.apply([math.expm1(k * (age + n * ii)) / k for k in self.decay], rate)
            out = [a + b for a, b in zip(out, begun)]
            n += 1
        over = age + n * ii - duration   # hours since the youngest of them ended
        done = self.apply([math.exp(k * over) * math.expm1(k * duration) / k / -math.expm1(k * ii) for k in self.decay],
                          rate)
        return [a + b for a, b in zip(out, done)]


class Infusion:
    def __init__(self, cmt, rate, left, modelled):
        self.cmt, self.rate, self.left, self.modelled = cmt, rate, left, modelled


class Individual:
    """Walks over the records of one individual; predict() gives the state after every row."""

    def __init__(self, model, callfl=0):
        self.model, self.callfl = model, callfl
        self.n = len(model.states)
        self.known = {}
        self.clear()

    def clear(self):
        self.x = [0.0] * self.n
        self.on = set(range(self.n))
        self.coming = []     # (time, record, which): doses that enter later
        self.running = []

    def modes(self, wt):
        key = (wt, tuple(sorted(self.on)))
        if key not in self.known:
            self.known[key] = Modes(self.model, wt, self.on)
        return self.known[key]

    # -- what a row says ------------------------------------------------------------------------------------------------

    @staticmethod
    def of(row, what, cmt, usual=0.0):
        return row.get(f"{what}{cmt + 1}", row.get(f"{what}2", usual) if what in "DR" else usual)

    def flow(self, row, record, amount):
        """Rate of an infusion of `amount` (F applied), or 0 for a bolus."""
        rate = record.get("rate", 0)
        if rate == -1:
            return self.of(row, "R", record["cmt"] - 1)
        if rate == -2:
            return amount / self.of(record, "D", record["cmt"] - 1)
        return rate

    # -- time passes ----------------------------------------------------------------------------------------------------

    def pass_time(self, h, row):
        inputs = [0.0] * self.n
        for f in self.running:
            if f.cmt in self.on:
                inputs[f.cmt] += f.rate
            f.left -= f.rate * h
        if h > 0:
            self.x = self.modes(row["WT"]).pass_time(self.x, inputs, h)
        for i in range(self.n):
            if i not in self.on:
                self.x[i] = 0.0

    def advance(self, now, until, row):
        """To `until` with the covariates of `row`; what has no row of its own happens on the way, and at the end."""
        for f in self.running:
            if f.modelled:
                f.rate = self.of(row, "R", f.cmt)
        while True:
            ends = [now + f.left / f.rate for f in self.running]
            times = ends + [c[0] for c in self.coming]
            first = min(times, default=math.inf)
            if first > until + SAME:
                self.pass_time(until - now, row)
                return
            first = max(now, min(first, until))
            self.pass_time(first - now, row)
            now = first
            self.running = [f for f, end in zip(self.running, ends) if end > now + SAME]
            for c in [c for c in self.coming if c[0] <= now + SAME]:
                self.coming.remove(c)
                self.enter(c[1], row)

    # -- doses ----------------------------------------------------------------------------------------------------------

    def enter(self, record, row):
        cmt = record["cmt"] - 1
        source = row if self.callfl else record
        amount = self.of(source, "F", cmt, 1.0) * record["amt"]
        self.on.add(cmt)
        if record.get("rate", 0) == 0:
            self.x[cmt] += amount
        elif amount > 0:
            rate = self.of(source, "D", cmt) if record["rate"] == -2 else self.flow(row, record, amount)
            rate = amount / rate if record["rate"] == -2 else rate
            self.running.append(Infusion(cmt, rate, amount, record["rate"] == -1))

    def dose(self, record):
        now, cmt, lag = record["time"], record["cmt"] - 1, self.of(record, "L", record["cmt"] - 1)
        ii, ss = record.get("ii", 0), record.get("ss", 0)
        if ss:
            if record["amt"] == 0:
                return self.constant(record)
            self.steady(record, math.fmod(lag, ii))
        # with a lag of II or more, doses of the train are on their way
        coming = round((lag - math.fmod(lag, ii)) / ii) if ss else 0
        for k in range(-coming, record.get("addl", 0) + 1):
            self.coming.append((now + lag + k * ii, record, k))
        for c in [c for c in self.coming if c[0] <= now]:
            self.coming.remove(c)
            self.enter(c[1], record)

    def begin_steady(self, record):
        self.on.add(record["cmt"] - 1)
        if record["ss"] != 2:
            self.x, self.running, self.coming = [0.0] * self.n, [], []

    def constant(self, record):
        """An infusion since ever that stops here; or nothing at all."""
        self.begin_steady(record)
        inputs = [0.0] * self.n
        inputs[record["cmt"] - 1] = self.flow(record, record, 0)
        modes = self.modes(record["WT"])
        self.add(modes.apply([-1 / k for k in modes.decay], inputs))

    def steady(self, record, lag):
        self.begin_steady(record)
        cmt, ii = record["cmt"] - 1, record["ii"]
        amount = self.of(record, "F", cmt, 1.0) * record["amt"]
        rate = self.flow(record, record, amount) if amount > 0 else 0
        given = [0.0] * self.n
        modes = self.modes(record["WT"])
        age = ii - lag       # of the youngest implied dose
        if record.get("rate", 0) == 0 or rate == 0:
            given[cmt] = amount
            self.add(modes.pulses(given, ii, age))
            return
        given[cmt] = rate
        duration = amount / rate
        self.add(modes.infusions(given, duration, ii, age))
        while age < duration - SAME:
            self.running.append(Infusion(cmt, rate, rate * (duration - age), record["rate"] == -1))
            age += ii

    def add(self, more):
        self.x = [a + (b if i in self.on else 0.0) for i, (a, b) in enumerate(zip(self.x, more))]

    # -- records --------------------------------------------------------------------------------------------------------

    def switch(self, cmt):
        if cmt > 0:
            self.on.add(cmt - 1)
        elif cmt < 0:
            self.on.discard(-cmt - 1)
            self.x[-cmt - 1] = 0.0
            self.coming = [c for c in self.coming if c[1]["cmt"] != -cmt]
            self.running = [f for f in self.running if f.cmt != -cmt - 1]

    def predict(self, records):
        out, now = [], records[0]["time"]
        for record in records:
            if record["evid"] in (3, 4):
                self.clear()
            else:
                self.advance(now, record["time"], record)
            now = record["time"]
            if record["evid"] == 2:
                self.switch(record.get("cmt", 0))
            if record["evid"] in (1, 4):
                self.dose(record)
            out.append(list(self.x))
        return out
