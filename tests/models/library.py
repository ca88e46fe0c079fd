"""What the tests of the bundled textbook models share: parameters, doses, running wane, comparing."""
import json
import sys
from types import SimpleNamespace

from program import skip, trajectories, wane

try:
    import numpy as np
    from scipy.integrate import solve_ivp
except ImportError as missing:
    skip(missing)

failed = checked = 0


def describe(name):
    return json.loads(wane("describe", name, "--json"))


def parameters(name, **changed):
    """The model's parameters as attributes, some changed."""
    p = {entry["name"]: entry["value"] for entry in describe(name)["parameters"]}
    assert changed.keys() <= p.keys(), (name, changed)
    return SimpleNamespace(**{**p, **changed})


class Dose:
    """An amount into a compartment at an hour, over some hours, `count` times every `every` hours."""

    def __init__(self, amount, into, at=0.0, over=0.0, every=0.0, count=1):
        self.amount, self.into, self.at, self.over, self.every, self.count = amount, into, at, over, every, count

    def text(self, unit):
        words = f"{self.amount!r} {unit} into {self.into} at {self.at!r}h"
        if self.count > 1:
            words += f" every {self.every!r}h for {self.count * self.every!r}h"
        return words + (f" over {self.over!r}h" if self.over else "")

    def times(self):
        return [self.at + k * self.every for k in range(self.count)]


def run(name, doses, until, every, rtol=3e-11, atol=1e-14, **changed):
    """{column: array} of one run of the model."""
    unit = {entry["name"]: entry["unit"] for entry in describe(name)["doses"]}
    arguments = [word for dose in doses for word in ("--dose", dose.text(unit[dose.into]))]
    arguments += [word for key, value in changed.items() for word in ("--set", f"{key}={value!r}")]
    arms = trajectories(name, *arguments, "--until", f"{until!r}h", "--every", f"{every!r}h", "--rtol", repr(rtol),
                        "--atol", repr(atol))
    (columns,) = arms.values()
    return {key: np.array(values) for key, values in columns.items()}


def integrate(m, doses, times):
    """The same with SciPy, restarted wherever a dose enters or an infusion ends: states [n_state][n_time]."""
    states = list(m.initial)
    events = []                                                                 # (time, bolus or rate, change)
    for dose in doses:
        F, lag, targets = m.into[dose.into]
        change = np.array([F * dose.amount * targets.get(state, 0.0) for state in states])
        for time in dose.times():
            if dose.over:
                events.append((time + lag, "rate", change / dose.over))
                events.append((time + lag + dose.over, "rate", -change / dose.over))
            else:
                events.append((time + lag, "bolus", change))
    y, rate = np.array(list(m.initial.values()), dtype=float), np.zeros(len(states))
    # a step ends at every sample too: between its steps a solver only interpolates, less well
    edges = np.union1d(times, [time for time, _, _ in events if times[0] <= time < times[-1]])
    found = [y]
    for begin, end in zip(edges, edges[1:]):
        for time, kind, change in events:
            if time == begin and kind == "bolus":
                y = y + change
            elif time == begin:
                rate = rate + change
        solution = solve_ivp(lambda t, x: np.add(m.rhs(t, x), rate), (begin, end), y, method="DOP853", rtol=3e-13,
                             atol=1e-16)
        assert solution.success, solution.message
        y = solution.y[:, -1]
        if end in times:
            found.append(y)
    return np.array(found).T


def close(what, got, wanted, allowed=1e-7, floor=1e-5):
    """Every value within `allowed` of itself, or of `floor` times the largest; true if so."""
    global failed, checked
    got, wanted = np.atleast_1d(np.asarray(got, dtype=float)), np.atleast_1d(np.asarray(wanted, dtype=float))
    size = np.maximum(np.abs(wanted), floor * np.max(np.abs(wanted)))
    off = np.max(np.abs(got - wanted) / np.where(size > 0, size, 1.0))
    checked += 1
    if not off <= allowed:
        failed += 1
        k = int(np.argmax(np.abs(got - wanted) / np.where(size > 0, size, 1.0)))
        print(f"FAIL {what}: {got[k]:.12g} at {k} of {len(got)}, expected {wanted[k]:.12g}: off by {off:.2g}, "
              f"allowed {allowed:.2g}")
    return off <= allowed


def holds(what, truth):
    global failed, checked
    checked += 1
    if not truth:
        failed += 1
        print("FAIL", what)


def finish():
    print(f"{checked - failed} of {checked} as expected")
    sys.exit(1 if failed or not checked else 0)
