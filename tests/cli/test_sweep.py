"""wane sweep: rows that agree with single runs, the same bits however the work is cut, every mistake in one line."""
import csv
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import WANE, bad, check, finish, fresh_directory, good, listing, model, wane, write  # noqa: E402

home = fresh_directory()


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def text(path):
    with open(path, "rb") as file:
        return file.read()


def summary(*args):
    """Rows of the summary of a single run by (arm, quantity, of, day)."""
    good("run", *args, "--quiet", "--summary", "one.csv")
    found = {}
    with open("one.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["arm"], row["quantity"], row["of"], row["day"]] = row["value"]
    os.remove("one.csv")
    return found


# a grid over options: every row is what a run of its own says, of the last whole dosing day
grid = ("--set", "days=2", "--vary", "low_dose=1,4.5", "--vary", "at=22:00:01:00:3")
good("sweep", "standard_vs_low", *grid, "--out", "grid.csv", "--quiet")
got = rows("grid.csv")
check(len(got) == 12 and listing() == {"./grid.csv"}, f"{len(got)} rows, left {listing()}")
check([row["point"] for row in got] == [str(i // 2 + 1) for i in range(12)], "points in order, arms inside")
check([row["arm"] for row in got[:2]] == ["low", "standard"], "arms in order")
check([(row["low_dose"], row["at"]) for row in got[::2]] ==
      [(dose, at) for dose in ("1", "4.5") for at in ("22", "23.5", "1")], "the first name is the slowest")
for row in got:
    check(row["status"] == "ok", f"status {row['status']}")
    clock = {"22": "22:00", "23.5": "23:30", "1": "01:00"}[row["at"]]
    one = summary("standard_vs_low", "--set", "days=2", "--set", f"low_dose={row['low_dose']}", "--set", f"at={clock}")
    for column in ("auc.ntx", "cmax.ntx", "mean.tone", "hours_per_day.low_tone", "hours_per_day.blockade"):
        quantity, of = column.split(".")
        single = float(one[row["arm"], quantity, of, "2"])
        # (lanes of a batch share their steps today, so single runs agree to the tolerance only)
        check(abs(float(row[column]) - single) <= 1e-4 * abs(single) + 1e-6, f"{column}: {row[column]} and {single}")

# even steps are those of numpy's linspace, bit for bit
import numpy  # noqa: E402
for low, high, n in ((0.1, 1, 10), (0.3, 7.7, 23), (1, 3, 4), (40, 0.7, 31)):
    good("sweep", "pk1", "--dose", "10 mg into GUT at 0", "--until", "1h", "--vary", f"V={low}:{high}:{n}", "--out", "even.csv", "--quiet")
    check([float(row["V"]) for row in rows("even.csv")] == list(numpy.linspace(low, high, n)), f"{low}:{high}:{n}")
os.remove("even.csv")

# edges of a window: where it begins and ends after the dose, and on the clock
low = [row for row in got if row["arm"] == "low" and row["low_dose"] == "4.5"]
for row in low:
    hours = float(row["window_end.low_tone"]) - float(row["window_start.low_tone"])
    check(abs(hours - float(row["hours_per_day.low_tone"])) < 1e-6, "one window: its length is the hours of the day")
    clock = (float(row["at"]) + float(row["window_start.low_tone"])) % 24
    check(abs(clock - float(row["window_start_clock.low_tone"])) < 1e-9, "the clock of the start")

# parameters: exactly linear kinetics have a known answer. AUC of the day = dose / CL at steady state is not reached in
# one day, but peaks scale with the dose and the curves with V
write("iv.lua", model("d.Y = -k * Y"))
decay = ("iv.lua", "--dose", "3 mg into Y at 00:00", "--vary", "k=log:0.1:10:5")
good("sweep", *decay, "--out", "k.csv", "--quiet")
import math  # noqa: E402
for row, k in zip(rows("k.csv"), (0.1, 10 ** -0.5, 1, 10 ** 0.5, 10)):
    check(abs(float(row["k"]) - k) < 1e-12 * k, f"k is {row['k']}")
    auc = 4 * (1 - math.exp(-24 * k)) / k
    check(abs(float(row["auc.Y"]) / auc - 1) < 1e-5, f"area {row['auc.Y']}, exact {auc}")

# standard output, and the same bits for any number of threads, shares, and with the result written by several threads
draws = ("pk1", "--dose", "100 mg into GUT at 08:00 every 12h for 2d", "--draw", "CL~lognormal(5,0.3)", "--draw", "V~uniform(20,60)",
         "--n", "1024", "--seed", "7")
good("sweep", *draws, "--out", "t1.csv", "--quiet", "--threads", "1")
for threads in ("2", "8"):
    good("sweep", *draws, "--out", "t.csv", "--quiet", "--threads", threads)
    check(text("t.csv") == text("t1.csv"), f"{threads} threads, the same bits")
check(good("sweep", *draws, "--quiet").stdout.encode() == text("t1.csv"), "standard output has the same bits")
check(len(rows("t1.csv")) == 1024, "a row for every draw")
for part in (3, 1, 2):
    done = wane("sweep", *draws, "--out", "s.csv", "--shard", f"{part}/3")
    check(done.returncode == 0 and f"share {part} of 3" in done.stderr and "wane merge" in done.stderr, done.stderr)
    check(not os.path.exists("s.csv"), "a share writes no result")
good("merge", "s.csv.sweep")
check(text("s.csv") == text("t1.csv"), "shares put together have the same bits")
for part in (1, 2):
    os.makedirs(f"d{part}", exist_ok=True)
    good("sweep", *draws, "--out", f"d{part}/s.csv", "--shard", f"{part}/2", "--quiet")
good("merge", "d1/s.csv", "d2/s.csv.sweep/", "--out", "m.csv", "--remove")
check(text("m.csv") == text("t1.csv") and not os.path.exists("d1/s.csv.sweep"), "from two folders, the same bits")

# another seed is another sweep; a further input leaves the draws of the others alone
good("sweep", *draws[:-1], "8", "--out", "seed.csv", "--quiet")
check(text("seed.csv") != text("t1.csv"), "another seed, other numbers")
good("sweep", *draws, "--draw", "KA~uniform(0.5,2)", "--sample", "random", "--out", "three.csv", "--quiet")
good("sweep", *draws, "--sample", "random", "--out", "two.csv", "--quiet")
check([row["CL"] for row in rows("three.csv")] == [row["CL"] for row in rows("two.csv")], "draws are keyed by their names")

# people: the same at every point and in every arm, and those that wane run draws
people = ("standard_vs_low", "--set", "days=1", "--seed", "3")
good("sweep", *people, "--vary", "low_dose=2,4.5", "--individuals", "5", "--out", "people.csv", "--quiet")
got = rows("people.csv")
check(len(got) == 2 * 5 * 2 and [row["subject"] for row in got[:10]] == [str(i // 2 + 1) for i in range(10)], "people of a point")
standard = [row["auc.ntx"] for row in got if row["arm"] == "standard"]
check(all(abs(float(a) / float(b) - 1) < 1e-4 for a, b in zip(standard[:5], standard[5:])), "the same people at both points")
good("run", *people, "--n", "5", "--quiet", "--summary", "n.csv")
with open("n.csv", encoding="utf-8") as file:
    single = [row["value"] for row in csv.DictReader(file) if row["arm"] == "standard" and row["quantity"] == "auc" and
              row["of"] == "ntx" and row["day"] == "1"]
check(len(single) == 5 and all(abs(float(a) / float(b) - 1) < 1e-4 for a, b in zip(standard, single)), "the people of wane run --n")

# habits are a person's own, too, as in wane run
good("sweep", "adherence", "--set", "days=3", "--vary", "dose=3,4.5", "--individuals", "4", "--out", "habits.csv", "--quiet")
good("run", "adherence", "--set", "days=3", "--set", "dose=4.5", "--n", "4", "--quiet", "--summary", "n.csv")
with open("n.csv", encoding="utf-8") as file:
    single = {(row["arm"], row["subject"]): row["value"] for row in csv.DictReader(file)
              if row["quantity"] == "mean" and row["of"] == "tone" and row["day"] == "3"}
got = {(row["arm"], row["subject"]): row["mean.tone"] for row in rows("habits.csv") if row["dose"] == "4.5"}
check(len(got) == len(single) and all(abs(float(got[key]) - float(value)) <= 1e-4 * float(value) for key, value in single.items()),
      f"{got} {single}")
check(len({value for (arm, _), value in got.items() if arm == "late"}) == 4, f"people who are late each in their own way: {got}")

# failures are rows, and others go on
growth = '{ "k", 0.01, "1/(mg*h)", "rate", "assumed", "made up" }'
write("blow.lua", model("d.Y = k * Y * Y", parameters=growth))
done = wane("sweep", "blow.lua", "--vary", "k=0.01,0.02,2,0.03,1", "--out", "blow.csv", "--quiet")
got = rows("blow.csv")
check(done.returncode == 1 and done.stderr == "wane: 2 of 5 simulations failed; their rows say why\n", done.stderr)
check([row["status"] == "ok" for row in got] == [True, True, False, True, False], "which failed")
check("day 1, 00:30" in got[2]["status"] and got[2]["mean.Y"] == "" and float(got[3]["peak.Y"]) > 1, f"{got[2]} {got[3]}")
# what cannot be planned is a row too
done = wane("sweep", "standard_vs_low", "--set", "days=1", "--vary", "low_dose=1,-1", "--out", "plan.csv", "--quiet")
got = rows("plan.csv")
check(done.returncode == 1 and got[0]["status"] == "ok" and "standard_vs_low.lua:" in got[2]["status"], f"{done.stderr} {got[2:]}")

# what a person writes outside a parameter's limits is refused; what is drawn there fails by itself, and is said before
dose = ("sweep", "pk1", "--dose", "100 mg into GUT at 08:00")
for args, word in ((("--vary", "V=0:20:3"), "--vary V=0:20:3: expected above 0 L, got 0"),
                   (("--vary", "CL=1,-1"), "--vary CL=1,-1: expected at least 0 L/h, got -1"),
                   (("--draw", "F1~uniform(0.5,1.5)"), "--draw F1~uniform(0.5,1.5): expected from 0 to 1, got 1.5"),
                   (("--set", "V=-3", "--vary", "CL=1,2"), "V (volume): expected above 0 L, got -3; pk1.lua:"),
                   (("--set", "V=0", "--vary", "CL=1,2"), "V (volume): expected above 0 L, got 0; pk1.lua:")):
    bad(*dose, *args, words=(word,))
done = wane(*dose, "--draw", "CL~normal(1,0.5)", "--n", "256", "--out", "limits.csv")
good(*dose, "--draw", "CL~normal(1,0.5,0,9)", "--n", "256", "--out", "inside.csv", "--quiet")
got = rows("limits.csv")
outside = [row for row in got if float(row["CL"]) < 0]
check(done.returncode == 1 and 0 < len(outside) < 20 and [row for row in got if row["status"] != "ok"] == outside, f"{outside}")
check(all(row["status"].startswith("CL (clearance): expected at least 0 L/h, got -") and row["cmax.C"] == "" for row in outside), f"{outside}")
said = done.stderr.splitlines()
check(len(said) == 3 and said[0].startswith(f"wane: {len(outside)} of 256 points will fail, each in its row (first: point "
                                            f"{outside[0]['point']}: CL (clearance)"), done.stderr)
# the others have the bits they have alone
alone = wane(*dose, "--draw", "CL~normal(1,0.5)", "--n", "256", "--out", "again.csv", "--quiet", "--threads", "1")
check(text("again.csv") == text("limits.csv"), "one thread, the same bits")
# a first point that is outside is no reason to refuse the sweep
for seed in range(1, 40):
    done = wane(*dose, "--draw", "CL~normal(0.1,1)", "--n", "4", "--seed", str(seed), "--out", "first.csv", "--quiet")
    if float(rows("first.csv")[0]["CL"]) < 0:
        break
got = rows("first.csv")
check(done.returncode == 1 and got[0]["status"] != "ok" and any(row["status"] == "ok" for row in got), f"{got}")
# people of a model whose random effects reach beyond
write("spread.lua", model("d.Y = -k * Y", parameters='{ "k", 0.1, "1/h", "rate", "assumed", "made up", min = 0, below = 0.3 }').rstrip().rstrip("}")
      + 'individual = { { "k", "normal", sd = 0.1, "assumed", "made up" } } }')
done = wane("sweep", "spread.lua", "--vary", "k=0.1,0.2", "--individuals", "50", "--out", "spread.csv")
got = rows("spread.csv")
failed = [row for row in got if row["status"] != "ok"]
first = f"first: point {failed[0]['point']}, individual {failed[0]['subject']}: {failed[0]['status']})"
check(done.returncode == 1 and 10 < len(failed) < 50 and f"wane: {len(failed)} of 100 individuals will fail" in done.stderr and
      first in done.stderr, done.stderr)
check({"at least 0" in row["status"] and "below 0.3 1/h" in row["status"] for row in failed} == {True}, f"{failed[:2]}")
check(len({row["subject"] for row in failed if row["k"] == "0.1"} - {row["subject"] for row in failed if row["k"] == "0.2"}) > 0, "who fails")

# curves
kept = ("pk1", "--dose", "100 mg into GUT at 08:00", "--draw", "CL~lognormal(5,0.3)", "--n", "300", "--every", "2h")
good("sweep", *kept, "--keep", "all", "--out", "all.csv", "--quiet")
good("sweep", *kept, "--keep", "quantiles", "--out", "q.csv", "--quiet")
good("sweep", *kept, "--keep", "quantiles", "--out", "q1.csv", "--quiet", "--threads", "1")
check(text("q-quantiles.csv") == text("q1-quantiles.csv"), "quantiles have the same bits for any number of threads")
check([r["auc.C"] for r in rows("q.csv")] == [r["auc.C"] for r in rows("all.csv")] if "auc.C" in rows("q.csv")[0] else True,
      "the rows beside curves")
curves = rows("all-trajectories.csv")
names = list(curves[0])[5:]
at = {}
for row in curves:
    for name in names:
        at.setdefault((row["time"], name), []).append(float(row[name]))
check(all(len(values) == 300 for values in at.values()), "a value of every run at every time")
for row in rows("q-quantiles.csv"):
    values = sorted(at[row["time"], row["output"]])
    check(int(row["n"]) == 300, "all were counted")
    for name, p in (("q5", 0.05), ("q50", 0.5), ("q97.5", 0.975)):
        exact = values[max(math.ceil(p * 300), 1) - 1]
        check(abs(float(row[name]) - exact) <= abs(exact) / 256 * 1.01 + 1e-12, f"{row['time']} {name}: {row[name]}, exact {exact}")

# mistakes: one line each, before anything is left behind
sweep = ("sweep", "standard_vs_low", "--set", "days=1")
bad(*sweep, "--vary", "low_dos=1:6:11", "--out", "x.csv", words=["low_dos", "try low_dose"])
bad(*sweep, "--draw", "vcl~lognormal(1,0.3)", "--out", "x.csv", words=["vcl"])
bad(*sweep, "--vary", "low_dose=1:6:11", "--set", "low_dose=2", "--out", "x.csv", words=["--set low_dose=2", "input of the sweep"])
bad(*sweep, "--vary", "low_dose=1:6", "--vary", "low_dose=1:2:2", words=["low_dose"])
bad(*sweep, "--out", "x.csv", words=["--vary", "--draw"])
bad(*sweep, "--vary", "low_dose=-1,2", "--out", "x.csv", words=["standard_vs_low.lua:"])
bad(*sweep, "--vary", "low_dose=1,2", "--out", "x.txt", words=["--out", ".csv", "x.txt"])
bad(*sweep, "--vary", "low_dose=1,2", "--out", "absent/x.csv", status=1, words=["absent/x.csv", "No such file"])
bad(*sweep, "--vary", "low_dose=1,2", "--keep", "everything", words=["--keep", "summary, quantiles or all"])
bad(*sweep, "--vary", "low_dose=1,2", "--keep", "all", words=["--keep", "needs --out"])
for n in ("0", "-5", "1.5", "many", "1e13"):
    bad(*sweep, "--draw", "low_dose~uniform(1,2)", f"--n={n}", words=["--n", "whole number"])
for part in ("0/3", "4/3", "1", "a/b", "1/3x", "1/0"):
    bad(*sweep, "--vary", "low_dose=1,2", "--out", "x.csv", "--shard", part, words=["--shard", "3/16"])
for option in ("--resume", "--shard=1/2"):
    bad(*sweep, "--vary", "low_dose=1,2", option, words=["needs --out"])
bad("sweep", "iv.lua", "--dose", "3 mg", "--vary", "k=1,2", "--individuals", "4", words=["individuals", "does not say how they differ"])
os.mkdir("folder.csv")
bad(*sweep, "--vary", "low_dose=1,2", "--out", "folder.csv", status=1, words=["folder.csv", "Is a directory"])
bad("merge", words=["expected FOLDER", "x.csv.sweep"])
bad("merge", "absent.sweep", words=["absent.sweep", "expected the folder of a sweep"])
os.mkdir("empty.sweep")
bad("merge", "empty.sweep", "--out", "y.csv", status=1, words=["manifest.json"])
good("sweep", *draws, "--out", "p.csv", "--shard", "1/2", "--quiet")
bad("merge", "p.csv", words=["16 of 32 shards are missing", "number 1"])
bad("sweep", *draws, "--out", "p.csv", words=["p.csv.sweep", "--resume"])
good("sweep", *draws[:-1], "8", "--out", "other.csv", "--shard", "2/2", "--quiet")
bad("merge", "p.csv", "other.csv", "--out", "y.csv", words=["other.csv.sweep is not of the same sweep", "--seed was 7", "is 8"])
bad("sweep", *draws[:-1], "8", "--out", "p.csv", "--resume", words=["p.csv.sweep", "--seed was 7 when the sweep began, and is 8 now"])

# progress: a line elsewhere than on a terminal only when it takes long, a last one unless quiet
done = wane("sweep", *draws, "--out", "words.csv")
lines = done.stderr.splitlines()
check(len(lines) == 1 and "1024 points, 1024 simulations in" in lines[0] and "words.csv" in lines[0], done.stderr)
check(subprocess.run(["script", "-qec", f"{WANE} sweep standard_vs_low --set days=3 --vary low_dose=1:6:400 --out bar.csv", "/dev/null"],
                     stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120).stdout.count(b"simulations/s,") > 0
      if os.path.exists("/usr/bin/script") else True, "a bar on a terminal")
finish()
