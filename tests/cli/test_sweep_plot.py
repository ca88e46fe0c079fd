"""Pictures of sweeps: which one, by what is varied; mistakes are told before anything runs; the same bytes however the work
is cut."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import bad, check, finish, fresh_directory, good, listing, wane  # noqa: E402

home = fresh_directory()
FILE = ("sweep", "standard_vs_low", "--set", "days=3", "--quiet")
DOSES, TIMES = ("--vary", "low_dose=1,3,4.5"), ("--vary", "at=22:00:02:00:5")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sweep(*args):
    done = wane(*FILE, *args)
    check(done.returncode == 0 and not done.stderr, f"{args}: exit {done.returncode}, {done.stderr}")


def heights(path):
    """Width and height of an SVG page: a map is as high as wide, a strip of curves is not."""
    head = read(path)[:400].decode()
    return float(head.split('height="')[1].split('"')[0].rstrip("pt"))


# one input: strips; two: a map; a metric more makes the page higher
sweep(*DOSES, "--out", "a.csv", "--plot", "spread.svg", "--show", "hours_per_day.blockade")
sweep(*DOSES, "--out", "b.csv", "--plot", "two.svg", "--show", "hours_per_day.blockade,cmax.ntx")
check(200 < heights("two.svg") - heights("spread.svg") < 240, f"pages: {heights('spread.svg')}, {heights('two.svg')}")
sweep(*DOSES, *TIMES, "--out", "c.csv", "--plot", "map.svg")
sweep(*DOSES, *TIMES, "--out", "c.csv", "--plot", "lines.svg", "--show", "hours_per_day.blockade,peak.tone")
check(read("map.svg") != read("lines.svg") and heights("map.svg") > 480, f"map: {heights('map.svg')}")
sweep(*DOSES, "--individuals", "4", "--out", "d.csv", "--plot", "people.png")
check(read("people.png").startswith(b"\x89PNG"), "people.png")
sweep("--draw", "low_dose~lognormal(4.5,0.3)", "--n", "16", "--out", "e.csv", "--plot", "drawn.pdf")
check(read("drawn.pdf").startswith(b"%PDF"), "drawn.pdf")
wane(*FILE, *DOSES, "--plot", "alone.svg", stdout=None)
check(os.path.exists("alone.svg"), "a picture without --out")

# curves from their quantiles, which also those who differ only in who they are have; metrics when they are asked for
QUANTILES = ("--keep", "quantiles", "--every", "1h")
sweep("--draw", "CL~lognormal(140,0.3)", "--n", "16", *QUANTILES, "--out", "q.csv", "--plot", "q.svg")
sweep("--individuals", "5", *QUANTILES, "--out", "q.csv", "--plot", "people.svg")
sweep("--individuals", "5", *QUANTILES, "--out", "q.csv", "--plot", "two_curves.svg", "--show", "tone,ntx")
sweep("--draw", "CL~lognormal(140,0.3)", "--n", "16", *QUANTILES, "--out", "q.csv", "--plot", "metric.svg", "--show", "cmax.ntx")
check(heights("q.svg") == heights("people.svg") and 380 < heights("q.svg") - heights("two_curves.svg") < 400, "strips of curves")
check(heights("metric.svg") < heights("two_curves.svg"), "a metric is asked for by its name")
for show, word in (("tone,cmax.ntx", "'cmax.ntx' is not a curve"), ("toone", "unknown metric 'toone'")):
    bad(*FILE, "--draw", "CL~lognormal(140,0.3)", "--n", "16", *QUANTILES, "--out", "x.csv", "--plot", "x.svg", "--show", show, words=[word])
for part in ("1/2", "2/2"):
    sweep("--individuals", "5", *QUANTILES, "--out", "mq.csv", "--shard", part)
wane("merge", "mq.csv", "--plot", "mq.svg")
check(read("mq.svg") == read("people.svg"), "merged shares have the curves' picture, too")

# designs for sensitivity: the indices of a metric, and two pictures that differ
for kind, n in (("sobol", "8"), ("morris", "4")):
    sweep("--vary", "low_dose=1:6", "--draw", "CL~lognormal(200,0.3)", "--sensitivity", kind, "--n", n, "--out", "i.csv",
          "--plot", kind + ".svg", "--show", "cmax.ntx")
    bad(*FILE, "--vary", "low_dose=1:6", "--sensitivity", kind, "--n", n, "--out", "x.csv", "--plot", "x.svg", "--show",
        "cmax.ntx,auc.ntx", words=["--show", "at most 1 metric"])
check(heights("morris.svg") > heights("sobol.svg") > 100, "pictures of indices")
# a block for every arm
sweep("--vary", "low_dose=1:6", "--draw", "CL~lognormal(200,0.3)", "--sensitivity", "sobol", "--n", "8", "--out", "i.csv", "--plot", "arms.svg")
good("sweep", "pk1", "--dose", "10 mg", "--draw", "CL~lognormal(1,0.3)", "--draw", "V~lognormal(20,0.3)", "--sensitivity", "sobol", "--n", "8",
     "--out", "i.csv", "--plot", "arm.svg", "--quiet")
check(heights("arms.svg") - heights("arm.svg") > 2 * 24 + 2 * 26, f"{heights('arms.svg')} {heights('arm.svg')}")

# the same bytes for any number of threads, and from shares
sweep(*DOSES, *TIMES, "--threads", "1", "--out", "t.csv", "--plot", "one.svg")
check(read("one.svg") == read("map.svg"), "the picture depends on the threads")
for part in ("1/2", "2/2"):
    sweep(*DOSES, *TIMES, "--shard", part, "--out", "m.csv")
done = wane("merge", "m.csv.sweep", "--plot", "merged.svg")
check(done.returncode == 0 and read("merged.svg") == read("map.svg"), f"merge: {done.stderr}")

# mistakes, before anything runs, with nothing left behind
before = listing()
mistakes = ((("--plot", "x.gif"), ["--plot", ".svg, .png or .pdf"]), (("--plot", "absent/x.svg"), ["absent/x.svg"]),
            (("--show", "cmax.ntx"), ["--show", "needs --plot"]),
            (("--plot", "x.svg", "--show", "hours_per_day.blokade"), ["--show", "blokade", "try hours_per_day.blockade"]),
            (("--plot", "x.svg", "--show", ","), ["--show", "unknown metric ''"]),
            (("--plot", "x.svg", "--shard", "1/2"), ["--plot", "wane merge"]))
for words, expected in mistakes:
    status = 1 if "absent/x.svg" in words else 2
    bad(*FILE, *DOSES, "--out", "x.csv", *words, status=status, words=expected)
bad(*FILE, *DOSES, *TIMES, "--out", "x.csv", "--plot", "x.svg", "--show", "cmax.ntx,auc.ntx,tmax.ntx", words=["--show", "at most 2"])
bad(*FILE, "--individuals", "3", "--out", "x.csv", "--plot", "x.svg", words=["--plot", "only individuals differ"])
check(listing() == before and not os.path.exists("x.csv.sweep"), f"left: {listing() - before}")
finish()
