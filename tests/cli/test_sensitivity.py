"""wane sweep --sensitivity: the indices beside the rows are those of the rows, worked out again here in another way."""
import csv
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import bad, check, finish, fresh_directory, good, listing, model, wane, write  # noqa: E402

home = fresh_directory()
INPUTS = ("CL", "V", "KA")
PK = ("pk1", "--dose", "100 mg into GUT at 08:00 every 12h for 2d", "--draw", "CL~lognormal(5,0.3)", "--draw", "V~uniform(20,60)",
      "--draw", "KA~loguniform(0.5,2)", "--seed", "7", "--quiet")


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def indices(path):
    return {(row["metric"], row["input"], row["index"]): row for row in rows(path)}


def text(path):
    with open(path, "rb") as file:
        return file.read()


def column(table, name):
    return np.array([float(row[name]) if row[name] else np.nan for row in table])


def sobol(f):
    """first and total of every input: Janon and Jansen, less the multiple of a control variate that fits best."""
    f = f - f[:, :2].mean()
    a, b = f[:, 0], f[:, 1]
    found = []
    for c in f[:, 2:].T:
        for top, other, weight in ((b * c - b.mean() * c.mean(), b, 1.0),
                                   ((a - c) ** 2 / 2 - (a - c).mean() ** 2 / 2, a, 0.0)):
            below = (other.var() + c.var()) / 2
            control = a * b - a.mean() * b.mean()
            share = (top.mean() - weight * control.mean()) / below
            for _ in range(2):
                lost = top - share * (other**2 + c**2) / 2
                weight = np.cov(lost, a * b, bias=True)[0, 1] / np.var(a * b)
                share = (top.mean() - weight * control.mean()) / below
            found.append(share)
    return found


# Sobol': 5 points a row; every index is that of the rows
good("sweep", *PK, "--sensitivity", "sobol", "--n", "64", "--out", "s.csv")
check(listing() == {"./s.csv", "./s-indices.csv"}, f"left {listing()}")
table, got = rows("s.csv"), indices("s-indices.csv")
check(len(table) == 64 * 5, f"{len(table)} points")
for metric in ("cmax.C", "auc.C", "hours_per_day.effective"):
    want = sobol(column(table, metric).reshape(64, 5))
    for i, name in enumerate(INPUTS):
        for k, index in enumerate(("first", "total")):
            row = got[metric, name, index]
            value = float(row["value"])
            check(abs(value - want[2 * i + k]) < 1e-9, f"{metric} {name} {index}: {value}, from the rows {want[2 * i + k]}")
            check(float(row["low"]) <= value <= float(row["high"]), f"{metric} {name} {index}: the interval holds it")
            check((row["arm"], row["unit"], row["rows"], row["lost"]) == ("pk1", "1", "64", "0"), f"{row}")
check(float(got["auc.C", "CL", "total"]["value"]) > 0.9 and float(got["auc.C", "KA", "total"]["value"]) < 0.01,
      "the area is the clearance's")
check(float(got["tmax.C", "KA", "first"]["value"]) > 0.7, "the time of the peak is absorption's")
check(not any(row["metric"].endswith("_clock.effective") for row in rows("s-indices.csv")), "clock times have no variance")

# a window that is not there loses its row, and says so
sizes = column(table, "window_end.effective").reshape(64, 5)
lost = int(np.isnan(sizes).any(axis=1).sum())
check(0 < lost < 64 and got["window_end.effective", "CL", "first"]["lost"] == str(lost), f"{lost} rows without a window")

# the same bytes for any number of threads, from shares put together, and after going on
good("sweep", *PK, "--sensitivity", "sobol", "--n", "64", "--out", "t.csv", "--threads", "1")
check(text("t-indices.csv") == text("s-indices.csv"), "one thread, the same bytes")
for part in (2, 1):
    good("sweep", *PK, "--sensitivity", "sobol", "--n", "64", "--out", "m.csv", "--shard", f"{part}/2")
good("merge", "m.csv.sweep")
check(text("m-indices.csv") == text("s-indices.csv"), "shares put together, the same bytes")

# Morris: effects read off the rows, where one input moves by half its levels
good("sweep", *PK, "--sensitivity", "morris", "--n", "20", "--out", "e.csv")
table, got = rows("e.csv"), indices("e-indices.csv")
check(len(table) == 20 * 4, f"{len(table)} points")
points = np.array([[float(row[name]) for name in INPUTS] for row in table]).reshape(20, 4, 3)
peak = column(table, "cmax.C").reshape(20, 4)
effects = [[], [], []]
for point, value in zip(points, peak):
    for k in range(3):
        moved = np.flatnonzero(point[k + 1] != point[k])
        check(len(moved) == 1, "one input moves at a time")
        up = point[k + 1][moved[0]] > point[k][moved[0]]
        effects[moved[0]].append((value[k + 1] - value[k]) * (2 if up else -2))
for name, effect in zip(INPUTS, effects):
    for index, want in (("mu", np.mean(effect)), ("mu_star", np.mean(np.abs(effect))), ("sigma", np.std(effect, ddof=1))):
        row = got["cmax.C", name, index]
        check(len(effect) == 20 and abs(float(row["value"]) - want) < 1e-9 and row["unit"] == "mg/L", f"{row}, expected {want}")
check(float(got["cmax.C", "V", "mu"]["high"]) < 0, "a larger volume, a lower peak")

# several individuals at a point: of their mean; several arms: each its own
people = ("standard_vs_low", "--set", "days=1", "--draw", "CL~uniform(100,200)", "--draw", "low_dose~uniform(2,6)", "--n", "4",
          "--sensitivity", "sobol", "--quiet")
good("sweep", *people, "--individuals", "3", "--out", "p.csv")
table = rows("p.csv")
for arm in ("low", "standard"):
    values = column([row for row in table if row["arm"] == arm], "auc.ntx").reshape(4, 4, 3).mean(axis=2)
    mine = [row for row in rows("p-indices.csv") if row["arm"] == arm and row["metric"] == "auc.ntx"]
    for row, want in zip(mine, sobol(values)):
        check(abs(float(row["value"]) - want) < 1e-8, f"{row}, expected {want}")
    # (not exactly 0 while lanes of a batch share their steps)
    check(arm == "low" or all(abs(float(row["value"])) < 1e-4 for row in mine if row["input"] == "low_dose"),
          "the other arm's dose does nothing")

# failures: rows with a status are lost, the others speak
growth = '{ "k", 0.01, "1/(mg*h)", "rate", "assumed", "made up" }'
write("blow.lua", model("d.Y = k * Y * Y", parameters=growth))
done = wane("sweep", "blow.lua", "--draw", "k~uniform(0.001,0.2)", "--sensitivity", "sobol", "--n", "32", "--out", "b.csv", "--quiet")
failed = np.array([row["status"] != "ok" for row in rows("b.csv")]).reshape(32, 3).any(axis=1).sum()
got = rows("b-indices.csv")
check(done.returncode == 1 and 0 < failed < 32 and got[0]["lost"] == str(failed), f"{failed} lost, {got[0]}")

# mistakes
bad("sweep", *PK, "--sensitivity", "sobl", "--out", "x.csv", words=["--sensitivity: unknown 'sobl'; try sobol"])
bad("sweep", *PK, "--sensitivity", "sobol", words=["--sensitivity: needs --out FILE"])
bad("sweep", *PK, "--sensitivity", "sobol", "--correlate", "CL,V=0.5", "--out", "x.csv",
    words=["--correlate: sensitivity indices are of independent inputs"])
bad("sweep", "pk1", "--vary", "CL=1:2:3", "--sample", "grid", "--sensitivity", "sobol", "--out", "x.csv",
    words=["--sample grid: sensitivity needs draws"])

finish()
