"""wane sweep of a scenario with a goal: the answer against the rows it was found in, what is to spare, the map, mistakes."""
import csv
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import bad, check, finish, fresh_directory, good, write  # noqa: E402

home = fresh_directory()
GOAL = """goal = { maximise = { "cmax", of = "C" }, subject_to = { %s },
  over = { { "dose", from = 10, to = 100, by = 10 }, { "at", from = "20:00", to = "02:00", by = "2h" } }%s },"""
BOUNDS = '{ "window_end", of = "high", before = "07:00" }, { "hours_per_day", of = "high", below = 9 }'


def scenario(goal, name="find.lua"):
    return write(name, """return wane.scenario { name = "find", model = "pk1", duration = "3d",
  options = { { "dose", 50, "mg", "the dose" }, { "at", "22:00", "clock", "when" } },
  arms = function(o) return { { name = "one", regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = 2 } } } end,
  %s
  watch = { "C" }, windows = { { "high", of = "C", above = 0.5 } } }""" % goal)


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def clock(hours):
    minutes = round(hours * 60) % 1440
    return "%02d:%02d" % (minutes // 60, minutes % 60)


path = scenario(GOAL % (BOUNDS, ""))
done = good("sweep", path, "--quiet", "--out", "grid.csv")
check(not done.stdout, "--quiet: an answer is printed")
grid = rows("grid.csv")
check(len(grid) == 40, f"{len(grid)} rows")
kept = []
for row in grid:
    at, hours = float(row["at"]), float(row["hours_per_day.high"])
    deadline = (7 - at) % 24
    free = hours == 0 if row["window_end.high"] == "" else float(row["window_end.high"]) < deadline
    if free and hours < 9:
        kept.append(row)
check(0 < len(kept) < 40, f"{len(kept)} points meet the goal: the test says nothing")
best = max(kept, key=lambda row: float(row["cmax.C"]))
done = good("sweep", path, "--plot", "map.png", "--threads", "2")
want = f"best: dose {float(best['dose']):g} mg, at {clock(float(best['at']))}: cmax of C"
check(want in done.stdout, f"expected {want!r} in {done.stdout}")
check(f"{len(kept)} of 40 points meet it" in done.stdout, f"{len(kept)} of 40: {done.stdout}")
spare = (7 - float(best["at"])) % 24 - float(best["window_end.high"])
check(f"{spare:.3g} h to spare" in done.stdout, f"{spare:.3g} h to spare: {done.stdout}")
for word in ("next best", "what is not known", "assumed numbers", "For teaching and research. Not medical advice."):
    check(word in done.stdout, f"no {word!r}")
with open("map.png", "rb") as file:
    check(file.read(8) == b"\x89PNG\r\n\x1a\n", "the map is no PNG")
os.remove("map.png")
good("sweep", path, "--quiet", "--plot", "map.svg")
with open("map.svg", "rb") as file:
    by_objective = file.read()
lined = scenario(GOAL % (BOUNDS, ', lines = { "peak", of = "high" }'), "lines.lua")
good("sweep", lined, "--quiet", "--plot", "map.svg")
with open("map.svg", "rb") as file:
    check(file.read() != by_objective, "the map is the same with other lines")
bad("sweep", path, "--plot", "other.svg", "--show", "peak.C", words=["--show", "lines", "--vary"])
os.remove("map.svg")

# what nobody can keep: the nearest, and by how much; a question of the user's own comes first
none = scenario(GOAL % ('{ "hours_per_day", of = "high", above = 30 }', ""))
done = good("sweep", none)
check("0 of 40 points meet it" in done.stdout and "none does; nearest" in done.stdout and "beyond" in done.stdout, done.stdout)
check(len(rows_ := good("sweep", path, "--vary", "dose=1,2", "--quiet").stdout.splitlines()) > 2, f"{rows_}")

# with random inputs a point must keep the bounds in most of its runs
done = good("sweep", path, "--draw", "CL~lognormal(2,0.5)", "--n", "16", "--seed", "3")
check("in at least 90 % of the runs" in done.stdout and "of 16 runs" in done.stdout, done.stdout)
sure = int(done.stdout.split(" of 40 points")[0].split()[-1])
check(sure < len(kept), f"{sure} points are sure, {len(kept)} hold typically")

# mistakes
def refuse(goal, *words):
    bad("sweep", scenario(goal, "bad.lua"), words=["bad.lua", "goal", *words])


for kept_file in ("bad.lua",):
    write(kept_file, "")
refuse(GOAL % ('{ "hours_per_day", of = "hihg", below = 9 }', ""), "of: expected a watched output or a window", "hihg")
refuse(GOAL % ('{ "hours_per_dy", of = "high", below = 9 }', ""), "hours_per_dy", "try hours_per_day")
refuse(GOAL % ('{ "hours_per_day", of = "high", before = "07:00" }', ""), "before and after are for")
refuse(GOAL % ('{ "window_end", of = "high", below = 7 }', ""), "expected before or after")
refuse(GOAL % ('{ "hours_per_day", of = "high" }', ""), "expected one of below, above, before and after")
refuse(GOAL % (BOUNDS, ", sure = 1.5"), "sure")
refuse(GOAL % (BOUNDS, ', arm = "two"'), "arm", "two")
refuse(GOAL % (BOUNDS, ', lines = { "peak", of = "hihg" }'), "lines", "of: expected a watched output or a window", "hihg")
refuse((GOAL % (BOUNDS, "")).replace('"dose"', '"does"'), "over[1]", "unknown parameter or option 'does'", "try dose")
bad("check", "bad.lua", words=["bad.lua", "unknown parameter or option 'does'"])
refuse((GOAL % (BOUNDS, "")).replace("by = 10", "by = 7"), "whole steps")
refuse((GOAL % (BOUNDS, "")).replace("maximise", "maximize"), "maximize", "try maximise")
bad("sweep", path, "--plot", "map.gif", words=["--plot", "map.gif"])
bad("sweep", "standard_vs_low", words=["--vary"])
finish()
