"""mpirun wane sweep: the same bits from any number of ranks; a rank that dies costs its shard, and --resume goes on."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import WANE, check, finish, fresh_directory, good, listing, model, write  # noqa: E402

if not shutil.which("mpirun") or not os.path.exists(os.path.join(os.path.dirname(WANE), "modules", "libwane-mpi.so")):
    sys.exit(77)
if re.search("[at]san", WANE):
    sys.exit(77)  # MPI's own leaks and threads are not ours to judge
home = fresh_directory()


def mpirun(n, *args):
    return subprocess.Popen(["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(n), WANE, *args], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, encoding="utf-8", start_new_session=True)


def said(text):
    """What wane said, without mpirun's own words."""
    return [line for line in text.splitlines() if line.startswith("wane: ")]


def text(path):
    with open(path, "rb") as file:
        return file.read()


# inputs that are options are planned by every rank
for name, args in {"options": ("standard_vs_low", "--set", "days=1", "--vary", "low_dose=1:6:50", "--vary", "at=21:00,22:30"),
                   "draws": ("pk1", "--dose", "100 mg into GUT at 08:00 every 12h for 2d", "--draw", "CL~lognormal(5,0.3)", "--n", "2048"),
                   }.items():
    good("sweep", *args, "--out", f"{name}.csv", "--quiet")
    for n, more in ((3, ()), (2, ("--threads", "2"))):
        process = mpirun(n, "sweep", *args, "--out", f"{name}{n}.csv", *more)
        out, err = process.communicate(timeout=200)
        check(process.returncode == 0 and not out, f"{name}, {n} ranks: exit {process.returncode}: {err}")
        check(len(said(err)) == 1 and "simulations in" in said(err)[0], f"one rank speaks: {err}")
        check(text(f"{name}{n}.csv") == text(f"{name}.csv"), f"{name}: {n} ranks, the same bits")
check(not [path for path in listing() if ".sweep" in path], f"left {listing()}")

# a goal: one rank answers, all share the work where they have a folder to meet in
write("goal.lua", """return wane.scenario { name = "goal", model = "pk1", duration = "2d",
  options = { { "dose", 50, "mg", "the dose" }, { "at", "22:00", "clock", "when" } },
  arms = function(o) return { { name = "one", regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = 2 } } } end,
  goal = { maximise = { "cmax", of = "C" }, subject_to = { { "hours_per_day", of = "high", below = 9 } },
    over = { { "dose", from = 10, to = 100, by = 2 }, { "at", from = "20:00", to = "02:00", by = "30min" } } },
  watch = { "C" }, windows = { { "high", of = "C", above = 0.5 } } }""")
answer = good("sweep", "goal.lua", "--quiet", "--out", "goal.csv", "--plot", "goal.svg")
answer = good("sweep", "goal.lua").stdout
check("best: dose" in answer, answer)
for n, more in ((3, ()), (3, ("--out", "goal3.csv", "--plot", "goal3.svg")), (2, ("--draw", "CL~lognormal(1,0.3)", "--n", "4"))):
    alone = answer if "--draw" not in more else good("sweep", "goal.lua", *more).stdout
    process = mpirun(n, "sweep", "goal.lua", *more)
    out, err = process.communicate(timeout=200)
    check(process.returncode == 0 and out == alone and not said(err), f"{n} ranks {more}: exit {process.returncode}: {out} {err}")
check(text("goal3.csv") == text("goal.csv") and text("goal3.svg") == text("goal.svg"), "the same rows and the same map")
for args, word in (((), "--show"), (("--out", "goal.txt"), "--out"), (("--individuals", "3"), "individuals"), (("--set", "dos=3"), "dose")):
    process = mpirun(3, "sweep", "goal.lua", *(args or ("--show", "cmax.C", "--plot", "x.svg")))
    out, err = process.communicate(timeout=100)
    check(process.returncode == 2 and not out and len(said(err)) == 1 and word in said(err)[0], f"exit {process.returncode}: {err}")
check(not [path for path in listing() if ".sweep" in path], f"left {listing()}")

# one mistake, one line
for args, word in ((("pk1", "--draw", "CLL~lognormal(5,0.3)", "--n", "9", "--out", "x.csv"), "CLL"), (("pk1", "--out", "x.csv"), "--vary"),
                   (("absent.lua", "--vary", "k=1,2", "--out", "x.csv"), "absent.lua"), (("pk1", "--vary", "CL=1,2"), "--out")):
    process = mpirun(3, "sweep", *args)
    out, err = process.communicate(timeout=100)
    check(process.returncode == 2 and len(said(err)) == 1 and word in said(err)[0], f"exit {process.returncode}: {err}")

# a rank dies
write("swing.lua", model("d.Y = w * Z\n d.Z = -w * Y", states='{ "Y", "mg", "y", initial = 1 }, { "Z", "mg", "z" }',
                         parameters='{ "w", 20, "1/h", "rate", "assumed", "made up" }'))
args = ("sweep", "swing.lua", "--draw", "w~uniform(10,40)", "--n", "2048", "--until", "2d", "--solver", "explicit")
good(*args, "--out", "whole.csv", "--quiet")


def ranks_of(process):
    """Process ids of the ranks, by their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                parent = file.read().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
        if parent == str(process.pid):
            found.append(int(pid))
    return found


def some_shards(folder, n, seconds=100):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if len([path for path in listing(folder) if path.endswith(".shard")]) >= n:
            return True
        time.sleep(0.01)
    return False


process = mpirun(3, *args, "--out", "died.csv")
check(some_shards("died.csv.sweep", 6), "shards are made")
ranks = ranks_of(process)
check(len(ranks) == 3, f"ranks: {ranks}")
os.kill(sorted(ranks)[1], signal.SIGKILL)
out, err = process.communicate(timeout=200)
check(process.returncode != 0, "the run ends with the rank")
check(not os.path.exists("died.csv"), "no half result")
process = mpirun(2, *args, "--out", "died.csv", "--resume")
out, err = process.communicate(timeout=200)
check(process.returncode == 0 and text("died.csv") == text("whole.csv"), f"resumed by two ranks, the same bits: {err}")

# a rank that is asked to stop finishes its shard, and so do the others; what is left is one process's
process = mpirun(3, *args, "--out", "stopped.csv")
check(some_shards("stopped.csv.sweep", 6), "shards are made")
for pid in ranks_of(process):
    os.kill(pid, signal.SIGINT)
out, err = process.communicate(timeout=200)
check(process.returncode == 130 and "go on with: wane sweep" in err, f"exit {process.returncode}: {err}")
good(*args, "--out", "stopped.csv", "--resume", "--quiet")
check(text("stopped.csv") == text("whole.csv"), "ranks, then a single process: the same bits")
finish()
