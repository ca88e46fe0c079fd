"""What a run writes: tables, trajectories, summaries, pictures - read back with other software, with the documented
columns, the same bytes for any number of threads."""
import csv
import json
import math
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import WANE, bad, check, finish, fresh_directory, good, model, wane, write  # noqa: E402

home = fresh_directory()


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines))


def head_of(path):
    with open(path, encoding="utf-8") as file:
        return [line for line in file if line.startswith("#")]


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


# one run writes everything at once
done = good("run", "standard_vs_low", "--until", "4d", "--out", "t.csv", "--summary", "s.csv", "--plot", "p.svg", "--plot",
            "p.png", "--plot", "p.pdf")
check(sorted(os.listdir()) == ["p.pdf", "p.png", "p.svg", "s.csv", "t.csv"], f"files: {os.listdir()}")
table = done.stdout
for word in ("4.5 mg", "50 mg", "Cmax, ng/mL", "Tmax", "AUC", "on the clock", "share of the night", "peak", "all day",
             "measured", "fitted", "assumed", "For teaching and research. Not medical advice."):
    check(word in table, f"table: no {word!r}")
check(all(len(line) <= 100 for line in table.splitlines()), "table: a line is wider than 100")

# trajectories
rows = rows_of("t.csv")
names = list(rows[0])
check(names[:4] == ["arm", "subject", "time", "clock"], f"trajectories begin with {names[:4]}")
description = json.loads(good("describe", "standard_vs_low", "--json").stdout)
wanted = [x["name"] for x in description["states"]] + [x["name"] for x in description["outputs"]]
check(names[4:] == wanted, "trajectories: states, then outputs")
arms = [x["name"] for x in description["arms"]]
for arm in arms:
    times = [float(row["time"]) for row in rows if row["arm"] == arm]
    check(times[0] == 0 and times[-1] == 96, f"{arm}: from {times[0]} to {times[-1]}")
    check(all(abs(b - a - 0.25) < 1e-9 for a, b in zip(times, times[1:])), f"{arm}: the grid is not even")
check({row["arm"] for row in rows} == set(arms), "trajectories: every arm")
check(all(math.isfinite(float(row[name])) for row in rows for name in names[4:]), "trajectories: all finite")
check(all(row["clock"] == f"{int(float(row['time'])) % 24:02d}:{round(float(row['time']) % 1 * 60):02d}" for row in rows),
      "trajectories: clock")
head = "".join(head_of("t.csv"))
check("wane run standard_vs_low --until 4d" in head and "ntx ng/mL" in head and "Not medical advice" in head, head)

# the summary, twice the same; --json says what --summary x.json writes
summary = rows_of("s.csv")
check(list(summary[0]) == ["arm", "subject", "quantity", "of", "value", "unit", "clock", "day"], "columns of the summary")
shown = good("run", "standard_vs_low", "--until", "4d", "--json", "--summary", "s.json").stdout
check(shown.encode() == bytes_of("s.json"), "--json and --summary x.json differ")
objects = json.loads(shown)
check(len(objects) == len(summary), "summary: rows of CSV and JSON")
for a, b in zip(objects, summary):
    same = all(("" if a[key] is None else str(a[key])) == b[key] for key in ("arm", "subject", "quantity", "of", "unit",
                                                                            "clock", "day"))
    value = a["value"] is None and b["value"] == "" or a["value"] is not None and abs(
        a["value"] - float(b["value"])) <= 1e-14 * abs(a["value"])
    check(same and value, f"{a} and {b}")
quantities = {row["quantity"] for row in summary}
check(quantities >= {"cmax", "tmax", "auc", "t_half", "window_start", "window_end", "window_hours", "hours_per_day",
                     "share_of_night", "peak", "trough"}, f"quantities: {sorted(quantities)}")

# the table says what the summary says
values = {(x["arm"], x["quantity"], x["of"], x["day"]): x for x in objects}
cmax = values["low", "cmax", "ntx", 3]["value"]
check(f"{cmax:#.3g}" in table, f"table: Cmax {cmax:.3g} of the last dosing day")
first, last = (values["low", "hours_per_day", "blockade", day]["value"] for day in (1, 3))
check(f"{first:.1f} → {last:.1f}" in table, f"table: hours per day {first:.1f} to {last:.1f}")
check(sum(row["quantity"] == "window_start" for row in summary) == sum(row["quantity"] == "window_end" for row in summary),
      "windows: as many ends as starts")

# pictures
check(bytes_of("p.png")[:8] == b"\x89PNG\r\n\x1a\n", "PNG signature")
width, height = struct.unpack(">II", bytes_of("p.png")[16:24])
check(width > 600 and height > 300, f"PNG of {width} x {height}")
check(bytes_of("p.pdf").startswith(b"%PDF-") and b"%%EOF" in bytes_of("p.pdf")[-16:], "PDF frame")
check(b"<svg" in bytes_of("p.svg")[:300] and bytes_of("p.svg").rstrip().endswith(b"</svg>"), "SVG frame")

# a picture of a few days is drawn finer than rows are written, so that peaks are round; unless somebody chose a grid.
# The highest point of the curve lies where the peak does, well above what rows 3 h apart hold
def rise(points):
    return max(y for _, y in points) - min(y for _, y in points)


def curve(*how):
    """Points of the stroked line of a picture that rises most."""
    good("run", "pk1", "--dose", "100 mg into GUT at 08:00", "--until", "2d", "--plot", "curve.svg", "--quiet", *how)
    with open("curve.svg", encoding="utf-8") as file:
        lines = re.findall(r'style="fill:none;[^>]* d="([^"]*)"', file.read())
    lines = [[tuple(map(float, p)) for p in re.findall(r"([-\d.]+) ([-\d.]+)", line)] for line in lines]
    return max((line for line in lines if line[-1][0] - line[0][0] > 300), key=rise)


fine, coarse = curve(), curve("--every", "3h")
check(len(fine) > 400 and len(coarse) < 20, f"points of a curve: {len(fine)}, {len(coarse)}")
check(1.02 * rise(coarse) < rise(fine) < 1.5 * rise(coarse), f"peaks: {rise(fine)}, {rise(coarse)}")

# the same bytes for any number of threads, and again
for threads in ("1", "2", "8"):
    done = good("run", "dose_ladder", "--until", "3d", "--threads", threads, "--out", f"t{threads}.csv", "--summary",
                f"s{threads}.json", "--plot", f"p{threads}.svg")
    write(f"table{threads}", done.stdout)
for pair in ("t{}.csv", "s{}.json", "p{}.svg", "table{}"):
    check(bytes_of(pair.format(1)) == bytes_of(pair.format(2)) == bytes_of(pair.format(8)), pair.format("{1,2,8}"))

# kernels: the same bits with and without AVX2
good("run", "dose_ladder", "--until", "3d", "--summary", "portable.json", "--quiet",
     env={**os.environ, "WANE_KERNELS": "portable"})
check(bytes_of("portable.json") == bytes_of("s1.json"), "portable kernels give other numbers")

# machine code: the same bits with and without, however the run was cut
for native in ("off", "quick", "on"):
    good("run", "dose_ladder", "--until", "3d", "--summary", f"native_{native}.json", "--quiet",
         env={**os.environ, "WANE_NATIVE": native})
    check(bytes_of(f"native_{native}.json") == bytes_of("s1.json"), f"machine code {native} gives other numbers")

# a bare model: closed form of a bolus, k = CL / V
done = good("run", "pk1", "--dose", "100 mg into CENT at 06:00", "--set", "CL=2", "--set", "V=20 L", "--out", "pk1.csv", "--json")
rows = rows_of("pk1.csv")
check(float(rows[-1]["time"]) == 30, "a bare model runs a day beyond the last dose")
worst = max(abs(float(row["C"]) - (5 * math.exp(-0.1 * (float(row["time"]) - 6)) if float(row["time"]) >= 6 else 0))
            for row in rows)
check(worst < 5e-5, f"bolus off by {worst}")
cmax = next(x for x in json.loads(done.stdout) if x["quantity"] == "cmax" and x["day"] is None)
check(abs(cmax["value"] - 5) < 1e-9 and cmax["clock"] == "06:00", f"{cmax}")

# two doses add up; other units; --every; --until cuts; --quiet is quiet
done = good("run", "pk1", "--dose", "0.05 g into CENT at 06:00", "--dose", "50 mg into CENT at 06:00", "--set", "CL=2",
            "--every", "90min", "--until", "12", "--out", "two.csv", "--quiet")
check(done.stdout == "", "--quiet prints")
rows = rows_of("two.csv")
check([float(row["time"]) for row in rows] == [1.5 * i for i in range(9)], "--every and --until")
check(abs(float(rows[4]["C"]) - 5) < 1e-6, "two half doses are one")
check(len(rows_of("t1.csv")) > 0 and good("run", "pk1", "--dose", "1 mg", "--until", "06:00", "--quiet").stdout == "", "--until as a clock time")

# the solvers agree; auto is one of them
found = {}
for solver in ("auto", "explicit", "bdf", "exact"):
    done = good("run", "pk1", "--dose", "100 mg into GUT at 08:00", "--solver", solver, "--rtol", "1e-9", "--json")
    found[solver] = next(x["value"] for x in json.loads(done.stdout) if x["quantity"] == "auc" and x["day"] is None)
check(abs(found["explicit"] / found["bdf"] - 1) < 1e-6, f"solvers: {found}")
check(abs(found["exact"] / found["bdf"] - 1) < 1e-6, f"solvers: {found}")
check(found["auto"] == found["exact"], f"auto: {found}")

# hypotheses change numbers, and the table says which parameters
one, two = (good("run", "standard_vs_low", "--until", "3d", "--hypothesis", h).stdout for h in ("H1", "H2"))
check(one != two and "Changed from the model's values" in two and "klock" in two, "hypothesis H2 is named in the table")
check(one == good("run", "standard_vs_low", "--until", "3d").stdout, "the first hypothesis is the default")

# an arm that fails does not take the others along
growth = '{ "k", 0, "1/(mg*h)", "rate", "assumed", "made up" }'
write("blow.lua", model("d.Y = k * Y * Y", parameters=growth))
write("mixed.lua", """return wane.scenario { name = "mixed", model = "blow.lua", duration = 24,
  arms = { { name = "calm", label = "calm" }, { name = "wild", label = "wild", set = { k = 1 } } } }""")
done = wane("run", "mixed.lua", "--summary", "mixed.csv", "--out", "mixed_t.csv", "--plot", "mixed.svg")
check(done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "arm wild" in done.stderr, done.stderr)
check("wild (failed)" in done.stdout and "wild failed:" in done.stdout, "the table names the arm that failed")
calm = [x for x in rows_of("mixed.csv") if x["arm"] == "calm"]
check(next(x for x in calm if x["quantity"] == "cmax")["value"] == "1", "the other arm has its numbers")
wild = [x for x in rows_of("mixed_t.csv") if x["arm"] == "wild"]
check(wild[0]["Y"] == "1" and wild[-1]["Y"] == "", "rows after the failure are empty")

# many arms turn the table, in any width
write("many.lua", """return wane.scenario { name = "many", model = "pk1", duration = "3d", arms = function()
  local arms = {}
  for i = 1, 64 do arms[i] = { name = "a" .. i, label = i .. " mg at 08:00",
    regimen = daily{ dose = i, into = "GUT", at = "08:00", days = 3 } } end
  return arms
end }""")
lines = good("run", "many.lua").stdout.splitlines()
check(all(len(line) <= 100 for line in lines), "64 arms: a line is wider than 100")
check(sum(line.startswith("64 mg at 08:00") for line in lines) == 2, "64 arms: a line per arm and group")

# a label cannot steer the terminal
write("evil.lua", r"""return wane.scenario { name = "evil", model = "pk1", title = "a\27[2Jb\7", caption = "\u{202e}c",
  arms = { { name = "x", label = "\27]0;t\7 é" } }, duration = 24 }""")
for args in (("run", "evil.lua"), ("describe", "evil.lua"), ("explain", "evil.lua")):
    text = good(*args).stdout
    check(not any(ord(c) < 32 and c != "\n" or c == "\u202e" for c in text), f"{args}: control characters")
    check("é" in text, f"{args}: letters are kept")

# the name of a directory that looks like an option; options after --
write("--odd.lua", model("d.Y = -k * Y"))
good("run", "--quiet", "--", "--odd.lua")
check(bad("run", "--odd.lua").returncode == 2, "without -- it is an option")
check(WANE.endswith("wane"), WANE)
finish()
