"""Many individuals: --n and --seed. The same people in every arm, whatever else is asked; the same bytes for any number
of threads; the table says what the summary's rows say; memory stays small when little is wanted."""
import collections
import csv
import json
import math
import os
import resource
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import WANE, bad, check, finish, fresh_directory, good, wane, write  # noqa: E402

home = fresh_directory()


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


write("people.lua", """return wane.model {
  name = "people", title = "One compartment", caption = "Made up.",
  parameters = { { "CL", 2, "L/h", "clearance", "assumed", "made up" }, { "V", 20, "L", "volume", "assumed", "made up" },
                 { "F1", 0.5, "1", "share", "assumed", "made up" } },
  covariates = { { "WT", 70, "kg", "body weight" } },
  states = { { "A", "mg", "drug" } },
  doses = { { "ORAL", "mg", "swallowed", into = "A", F = "F1" }, { "IV", "mg", "injected", into = "A", default = true } },
  equations = function()
    C = A / V
    d.A = -CL * (WT / q(70, "kg")) ^ 0.75 * C
  end,
  outputs = { { "C", "mg/L", "concentration" } },
  windows = { { "effective", of = "C", above = 2 } },
  individual = { { { "CL", "V" }, omega = { { 0.09, 0.06 }, { 0.06, 0.16 } }, "assumed", "made up" },
                 { "F1", "logit", sd = 0.5, "fitted", "made up" } },
  occasion = { { "CL", cv = 0.1, "assumed", "made up" } },
  residual = { { "C", proportional = 0.1, additive = 0.05 } },
}""")
write("arms.lua", """return wane.scenario { name = "arms", model = "people.lua", duration = "2d", every = 2, arms = {
  { name = "one", label = "one", regimen = once{ dose = 100, at = "06:00" } },
  { name = "two", label = "two", regimen = once{ dose = 100, at = "06:00" } },
  { name = "oral", label = "oral", regimen = once{ dose = 100, into = "ORAL", at = "06:00" } } } }""")

# an individual that is drawn outside a parameter's limits fails, the others keep their numbers
write("wild.lua", open("people.lua", encoding="utf-8").read().replace('"clearance", "assumed", "made up" }', '"clearance", "assumed", "made up", max = 2.5 }'))
done = wane("run", "wild.lua", "--dose", "100 mg", "--n", "40", "--summary", "wild.csv", "--out", "wildt.csv")
good("run", "people.lua", "--dose", "100 mg", "--n", "40", "--summary", "tame.csv", "--out", "tamet.csv")
check(done.returncode == 1 and "CL (clearance): expected at most 2.5 L/h, got " in done.stderr and "; wild.lua:3 says so" in done.stderr, done.stderr)
wild, tame = ({(row["subject"], row["quantity"], row["of"], row["day"]): row["value"] for row in rows_of(name) if row["quantity"] in ("cmax", "auc", "mean")}
              for name in ("wild.csv", "tame.csv"))
check(set(wild) == set(tame), "the same rows")
lost = {key[0] for key, value in wild.items() if key[1] == "auc" and value == ""}
check(3 < len(lost) < 20 and f"arm people: {len(lost)} of 40 individuals failed; individual {min(lost, key=int)}: " in done.stderr, f"{lost} {done.stderr}")
check(all(value == "" if key[0] in lost else abs(float(value) - float(tame[key])) < 1e-9 * float(tame[key]) for key, value in wild.items()),
      "the others are as they were")
check({row["C"] for row in rows_of("wildt.csv") if row["subject"] in lost} == {""}, "no curve of those that failed")
# nor of those of a data set, which may fail by an occasion
write("wild_records.csv", "ID,TIME,AMT,CMT,EVID,DV\n" + "".join(f"{i},0,100,IV,1,0\n{i},4,0,IV,0,0\n" for i in range(1, 31)))
done = wane("run", "wild.lua", "--data", "wild_records.csv", "--seed", "1", "--out", "wildd.csv")
good("run", "people.lua", "--data", "wild_records.csv", "--seed", "1", "--out", "tamed.csv")
got, whole = rows_of("wildd.csv"), rows_of("tamed.csv")
missing = {row["ID"] for row in got if row["C"] in ("", "NA")}
check(done.returncode == 1 and 2 <= len(missing) < 20 and "expected at most 2.5 L/h" in done.stderr, f"{done.stderr} {missing}")
check([row for row in got if row["ID"] not in missing] == [row for row in whole if row["ID"] not in missing], "the others are as they were")
check(len({row["C"] for row in whole}) == 60, "each is drawn")

# one row set for each individual, numbered from 1, in every arm; the same person in every arm
done = good("run", "arms.lua", "--n", "50", "--seed", "3", "--out", "t.csv", "--summary", "s.csv", "--plot", "p.svg")
rows = rows_of("t.csv")
counts = collections.Counter((row["arm"], row["subject"]) for row in rows)
check(set(counts) == {(arm, str(i)) for arm in ("one", "two", "oral") for i in range(1, 51)}, "arms and subjects")
check(set(counts.values()) == {25}, f"rows of each: {set(counts.values())}")
check([row["subject"] for row in rows if row["arm"] == "two"][::25] == [str(i) for i in range(1, 51)], "in order")
summary = rows_of("s.csv")
auc = {(row["arm"], int(row["subject"])): float(row["value"]) for row in summary
       if row["quantity"] == "auc" and row["day"] == ""}
check(len(auc) == 150, f"{len(auc)} areas")
check(all(abs(auc["one", i] / auc["two", i] - 1) < 1e-5 for i in range(1, 51)), "two equal arms hold the same people")
shares = [auc["oral", i] / auc["one", i] for i in range(1, 51)]
check(all(0 < share < 1 for share in shares) and len(set(shares)) == 50, "everybody's own bioavailability")

# everybody falls with a rate constant of the own; its logarithm spreads as omega and occasion say
k = []
for arm, subject in counts:
    if arm == "one":
        C = [float(row["C"]) for row in rows if row["arm"] == arm and row["subject"] == subject]
        k.append(math.log(C[4] / C[9]) / 10)
variance = 0.09 + 0.16 - 2 * 0.06 + math.log(1.01)
spread = statistics.variance(math.log(x) for x in k)
check(abs(spread / variance - 1) < 5 * math.sqrt(2 / 50), f"variance of the rate: {spread}, {variance}")

# the table: median and span of the summary's rows
table = done.stdout
check("50 individuals in each arm, the same people (seed 3)" in table, table)
check("rests on 0 measured, 1 fitted and 3 assumed spreads" in table, table)
last = sorted(float(row["value"]) for row in summary if row["quantity"] == "cmax" and row["day"] == "1" and row["arm"] == "one")


def quantile(values, p):
    at = p * (len(values) - 1)
    lower = int(at)
    return values[lower] + (at - lower) * (values[min(lower + 1, len(values) - 1)] - values[lower])


cell = "{:#.3g} [{:#.3g}–{:#.3g}]".format(*(quantile(last, p) for p in (0.5, 0.05, 0.95)))
check(cell in table, f"no {cell} in {table}")
check(all(len(line) <= 100 for line in table.splitlines()), "a line is wider than 100")
check("--n 50 --seed 3" in bytes_of("t.csv").decode(), "the command is noted")

# the table does not depend on what else is written, nothing on the number of threads, all on the seed
check(good("run", "arms.lua", "--n", "50", "--seed", "3").stdout == table, "the table alone")
check(good("run", "arms.lua", "--n", "50", "--seed", "3", "--plot", "q.svg").stdout == table, "the table beside a plot")
check(bytes_of("q.svg") == bytes_of("p.svg"), "the plot alone")
# nobody's numbers depend on who is beside him: doses at other times, other ends of steps, cuts and windows
write("apart.lua", """return wane.scenario { name = "apart", model = "people.lua", duration = "4d", every = 1, arms = {
  { name = "once", label = "once", regimen = once{ dose = 100, into = "IV", at = "06:00" } },
  { name = "often", label = "often", regimen = every{ "7h", dose = 30, into = "ORAL", at = "09:30", days = 3 } },
  { name = "slowly", label = "slowly", regimen = once{ dose = 100, into = "IV", at = "13:00", over = "3h" } } },
  windows = { { "high", of = "C", above = 1 }, { "low", of = "C", below = 0.5 } } }""")
for solver in ("exact", "taylor", "rosenbrock", "rk"):
    seen = {}
    for n in (40, 2, 3, 5, 11):
        good("run", "apart.lua", "--n", str(n), "--seed", "2", "--solver", solver, "--out", "n.csv", "--summary", "ns.csv", "--quiet")
        for name in ("n.csv", "ns.csv"):
            for row in rows_of(name):
                seen.setdefault((name, row["arm"], row["subject"], row.get("time"), row.get("quantity"), row.get("of"), row.get("day")), set()).add(str(row))
    other = [key for key, values in seen.items() if len(values) > 1 and key[4] not in ("window_start", "window_end", "window_hours")]
    check(not other, f"{solver}: {len(other)} numbers depend on others, such as {other[:3]}")
for threads in ("1", "2", "5"):
    good("run", "arms.lua", "--n", "50", "--seed", "3", "--threads", threads, "--out", "a.csv", "--summary", "a.json",
         "--plot", "a.svg", "--quiet")
    os.rename("a.json", f"{threads}.json")
    check(bytes_of("a.csv").splitlines()[2:] == bytes_of("t.csv").splitlines()[2:], f"trajectories, {threads} threads")
    check(bytes_of("a.svg") == bytes_of("p.svg"), f"picture, {threads} threads")
check(bytes_of("1.json") == bytes_of("2.json") == bytes_of("5.json"), "summary, any number of threads")
check(good("run", "arms.lua", "--n", "50").stdout == good("run", "arms.lua", "--n", "50", "--seed", "1").stdout,
      "the seed is 1 by default")
check(good("run", "arms.lua", "--n", "50", "--seed", "4").stdout != table, "another seed, other people")
few = json.loads(good("run", "arms.lua", "--n", "3", "--seed", "3", "--json").stdout)
check(max(row["subject"] for row in few) == 3, "--json has a row set for each")
few = {(row["arm"], row["subject"]): row["value"] for row in few if row["quantity"] == "auc" and row["day"] is None}
check(all(abs(few[key] / auc[key] - 1) < 1e-5 for key in few), "fewer people are the first ones")
check(good("run", "arms.lua", "--n", "1").stdout == good("run", "arms.lua").stdout, "one individual is the typical one")

# a bare model, and the bundled one over two days; lines for few, a band for many, whole months
good("run", "people.lua", "--dose", "10 mg at 06:00 every 12h for 2d", "--n", "5", "--plot", "few.svg")
check(json.loads(good("describe", "people.lua", "--json").stdout)["doses"][1]["default"], "the default dose")
check(b"<svg" in bytes_of("few.svg")[:300], "few.svg")
text = good("run", "standard_vs_low", "--n", "4", "--until", "3d").stdout
check("4 individuals in each arm" in text and "11 assumed spreads" in text, text)
good("run", "people.lua", "--dose", "10 mg at 06:00 every 24h for 40d", "--n", "40", "--plot", "many.pdf", "--quiet")

# ten thousand people: little memory when only the table is wanted
before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
done = subprocess.run([WANE, "run", "arms.lua", "--n", "10000"], capture_output=True, encoding="utf-8", timeout=250)
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
check(done.returncode == 0 and "10000 individuals in each arm" in done.stdout, done.stderr)
check(max(used, before) < 700 * 1024, f"{used // 1024} MiB for ten thousand people in three arms")

# mistakes
for n in ("0", "-1", "1.5", "1000001", "ten", "nan"):
    bad("run", "arms.lua", "--n", n, words=["--n: expected a whole number of individuals from 1 to 1000000", n])
for seed in ("-1", "0.5", "1e16", "x"):
    bad("run", "arms.lua", "--n", "2", "--seed", seed, words=["--seed: expected a whole number from 0 on"])
bad("run", "arms.lua", "--seed", "2", words=["--seed", "add --n N"])
bad("run", "arms.lua", "--residual", words=["--residual", "--data"])
bad("run", "viral", "--n", "2", words=["n: model viral does not say how individuals differ"])
bad("run", "arms.lua", "--n", "1000000", "--every", "0.25", "--out", "x.csv", words=["rows for each individual, too many", "smaller --n"])
bad("describe", "arms.lua", "--n", "2", words=["unknown option --n"])
write("share.lua", """return wane.scenario { name = "share", model = "people.lua", arms = { { name = "a", set = { F1 = 1.2 } } } }""")
bad("run", "share.lua", "--n", "2", words=["arm a: random effect on F1: a logit needs a value between 0 and 1, got 1.2"])

# some individuals fail, the others have their numbers
write("blow.lua", """return wane.model { name = "blow", parameters = { { "k", 0.03, "1/(mg*h)", "rate", "assumed", "made up" } },
  states = { { "Y", "mg", "y", initial = 1 } }, equations = function() d.Y = k * Y * Y end, outputs = { { "Y", "mg", "y" } },
  individual = { { "k", sd = 1, "assumed", "made up" } } }""")
done = wane("run", "blow.lua", "--n", "20", "--out", "blow.csv", "--plot", "blow.svg")
check(done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr)
check("of 20 individuals failed; individual" in done.stderr and "failed and are left out" in done.stdout, done.stderr)
ends = [row["Y"] for row in rows_of("blow.csv") if row["time"] == "24"]
check(len(ends) == 20 and "" in ends and any(ends), f"rows after a failure are empty: {ends}")
finish()
