"""wane bench: every answer is checked, a wrong one ends with status 1; what it writes is read by those it is for."""
import csv
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import SANITIZED, SOURCE, WANE, bad, check, finish, fresh_directory, wane  # noqa: E402

PATIENCE = 280
home = fresh_directory()
QUICK = ("bench", "--quick", "--cache", "cache", "--seconds", "0.001", "--repeat", "1")


def read(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def compare(*args):
    return subprocess.run([sys.executable, os.path.join(SOURCE, "bench", "compare"), *args], encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


# -- all of one case, and the parts --
done = wane(*QUICK, "--cases", "W1", "--csv", "now.csv", timeout=PATIENCE)
check(done.returncode == 0, f"exit {done.returncode}: {done.stderr}")
rows = read("now.csv")
last = done.stdout.splitlines()[-1]
check(last.startswith(f"{len(rows)} of {len(rows)} answers checked are right."), last)
names = {row["row"] for row in rows if row["case"] == "W1"}
check({"C cvode bdf", "C dopri5", "wane rk", "wane rosenbrock", "wane exact", "wn_simulate"} <= names, f"{names}")
check({row["case"] for row in rows} == {"W1", "loading", "scenarios", "threads", "memory"}, "parts")
for row in rows:
    check(float(row["per_s"]) > 0, f"{row}")
    check(row["case"] != "W1" or 0 < float(row["error"]) < 1e-3, f"{row}")
    check(row["row"] != "wane rk" or 0.5 < float(row["taken"]) <= 1, f"lanes: {row}")
memory = next(row for row in rows if row["case"] == "memory")
check(77 < float(memory["mb"]) < 2000, f"memory: {memory}")
check("Not medical advice" in last, last)

# -- every row's answer is looked at: one wrong number anywhere ends with status 1 --
for row in sorted(names)[:2] if SANITIZED else names:
    done = wane(*QUICK, "--parts", "cases", "--cases", "W1", "--rows", row, "--spoil", row, timeout=PATIENCE)
    check(done.returncode == 1 and "WRONG" in done.stdout, f"spoilt {row}: exit {done.returncode}, {done.stdout}")
for part, spoil in (("loading", "loading"), ("scenarios", "standard_vs_low"), ("threads", "threads"), ("memory", "memory")):
    done = wane(*QUICK, "--parts", part, "--spoil", spoil, timeout=PATIENCE)
    check(done.returncode == 1 and "WRONG" in done.stdout, f"spoilt {part}: exit {done.returncode}, {done.stdout}")

# -- a stored baseline --
check(compare("now.csv", "now.csv").returncode == 0, "the same rows are no regression")
slower = [dict(row, per_s=str(0.5 * float(row["per_s"]))) if row["row"] == "wane rk" else row for row in rows]
with open("slower.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, rows[0].keys())
    writer.writeheader()
    writer.writerows(slower)
done = compare("now.csv", "slower.csv")
check(done.returncode == 1 and "slower" in done.stdout, f"a slower row: {done.stdout}")
stored = os.path.join(SOURCE, "bench", "results")
for name in os.listdir(stored):
    if name.endswith(".csv"):
        check(read(os.path.join(stored, name))[0].keys() == rows[0].keys(), f"{name}: the columns of today")

# -- other programs: what they are given, and rows of theirs in the table --
done = wane("bench", "--quick", "--population", "people", "--cases", "W1,W2", timeout=PATIENCE)
check(done.returncode == 0, done.stderr)
check(len(read("people/W1.csv")) == 1000 and len(read("people/cases.csv")) == 7, "population")
check(os.path.getsize("people/reference-W1-4.bin") == 8 + 8 * 4 * 241 * 3, "reference")
peer = dict(rows[0], case="W1", row="mrgsolve", width="1", per_s="100", median_per_s="99", rtol="1e-06", error="1e-5")
with open("peers.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, rows[0].keys())
    writer.writeheader()
    writer.writerow(peer)
done = wane(*QUICK, "--parts", "cases", "--cases", "W1", "--rows", "wane exact", "--peers", "peers.csv", timeout=PATIENCE)
lines = done.stdout.splitlines()
check(any(line.startswith("mrgsolve ") and line.endswith("  peers.csv") for line in lines), f"a peer's row: {done.stdout}")
exact = next(line.split() for line in lines if line.startswith("wane exact"))
check(abs(float(exact[-2]) - float(exact[4]) / 100) < 0.01 and exact[-1] == "-", f"times mrgsolve: {exact}")


def ratios(*args):
    """What stands under x mrgsolve and x rxode2 for wane exact."""
    done = wane(*QUICK, "--parts", "cases", "--cases", "W1", "--rows", "wane exact", *args, timeout=PATIENCE)
    return next(line.split()[-2:] for line in done.stdout.splitlines() if line.startswith("wane exact"))


def write(path, *peers):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(peers)


# -- ratios are of this machine, from files that were given, and of no closed form --
write("elsewhere.csv", dict(peer, cpu="another"))
write("closed.csv", dict(peer, row="mrgsolve 2.0.2 closed form", per_s="10000"))
write("rxode2.csv", dict(peer, row="rxode2 5.1.6 liblsoda", per_s="50"), dict(peer, row="rxode2 5.1.6 dop5", per_s="200"))
check(ratios() == ["-", "-"], "no peers, no ratios")
check(ratios("--peers", "elsewhere.csv", "--peers", "closed.csv") == ["-", "-"], "another machine, a closed form")
both = [float(number) for number in ratios("--peers", "peers.csv", "--peers", "rxode2.csv")]
check(abs(both[0] / both[1] - 2) < 0.01, f"the faster of rxode2's rows: {both}")
if not SANITIZED:
    done = wane(*QUICK, "--curve", "--cases", "W1", "--rows", "C dopri5,wane rk", "--peers", "rxode2.csv", timeout=PATIENCE)
    at = done.stdout.split("at error 1.0e-05: rxode2 5.1.6 dop5 at rtol 1e-06, 200 subjects/s (rxode2.csv)")
    check(len(at) == 2 and " x rxode2 5.1.6 dop5" in at[1], f"a peer's error on the curve: {done.stdout}")
with open("broken.csv", "w", encoding="utf-8") as file:
    file.write("a,b\n1,2\n")
bad("bench", "--peers", "broken.csv", "--cache", ".", words=["broken.csv:1"])
bad("bench", "--peers", "nowhere.csv", "--cache", ".", words=["nowhere.csv"])
bad("bench", "--cases", "W9", words=["W9", "naltrexone"])
bad("bench", "--parts", "everything", words=["everything", "scenarios"])
bad("bench", "--repeet", words=["--repeat"])

# -- whole runs from files to files: another build beside this one, whose answers must be the same --
def files(*args):
    return subprocess.run([sys.executable, os.path.join(SOURCE, "bench", "files"), WANE, "--small", "--repeat", "1",
                           "--folder", "files", *args], encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE)


done = files("--beside", WANE, "--csv", "files.csv", *(["--jobs", "people,times_tmdd"] if SANITIZED else []))
check(done.returncode == 0 and "WRONG" not in done.stdout, f"files: {done.stdout} {done.stderr}")
whole = read("files.csv")
check({"people wane", "people wane before", "times_tmdd wane"} <= {row["row"] for row in whole}, f"files: {whole}")
check(whole[0].keys() == rows[0].keys() and all(float(row["mb"]) > 1 for row in whole), f"files: {whole}")
with open("other", "w", encoding="utf-8") as file:
    file.write(f'#!/bin/sh\nexec "{WANE}" "$@" --set KON=1\n')
os.chmod("other", 0o755)
done = files("--beside", "other", "--jobs", "times_tmdd")
check(done.returncode == 1 and done.stdout.count("WRONG") == 1, f"another answer: {done.stdout} {done.stderr}")
check(files("--jobs", "peeple").returncode == 2, "an unknown job")

# -- peers' scripts without their package say so in one line --
if shutil.which("Rscript"):
    for peer, package in (("mrgsolve", "mrgsolve"), ("rxode2", "rxode2")):
        script = os.path.join(SOURCE, "bench", "peers", f"{peer}.R")
        parsed = subprocess.run(["Rscript", "--vanilla", "-e", f"invisible(parse('{script}'))"], encoding="utf-8",
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(parsed.returncode == 0, f"{peer}.R is R: {parsed.stderr}")
        there = subprocess.run(["Rscript", "--vanilla", "-e", f"quit(status = !requireNamespace('{package}', quietly = TRUE))"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if there.returncode == 0:
            continue
        done = subprocess.run(["Rscript", "--vanilla", script, "people", "rows.csv"], encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(done.returncode == 2 and package in done.stderr and len(done.stderr.splitlines()) == 1,
              f"{peer}.R: exit {done.returncode}, {done.stderr!r}")
        check(not os.path.exists("rows.csv"), "nothing is written")

    # the measure of error: of the reference itself, and of one number that is off by a thousandth
    with open("error.R", "w", encoding="utf-8") as file:
        file.write(f"""source("{os.path.join(SOURCE, 'bench', 'peers', 'common.R')}")
cases <- read.csv("people/cases.csv", stringsAsFactors = FALSE)
case <- cases[cases$case == "W2", ][1, ]
right <- bench_reference("people", case)
off <- right
off[3, 100, 2] <- off[3, 100, 2] * 1.001
cat(bench_error(case, right, right), bench_error(case, off, right), right[3, 1, 1], "\\n")
rates <- bench_time(function(some) for (i in seq_len(nrow(some))) sum(sqrt(seq_len(20000))), bench_people("people", "W2"))
bench_write("r.csv", bench_row(case, "mrgsolve", rates, 1e-5))
""")
    done = subprocess.run(["Rscript", "--vanilla", "error.R"], encoding="utf-8", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    check(done.returncode == 0, done.stderr)
    errors = [float(word) for word in done.stdout.split()]
    first = read("people/W2.csv")[0]
    check(len(errors) == 3 and errors[0] == 0 and abs(errors[1] - 1e-3) < 1e-9, f"errors in R: {errors}")
    check(abs(errors[2] - float(first["KSYN"]) / float(first["KDEG"])) < 1e-5, f"the target at first: {errors}")
    done = wane(*QUICK, "--parts", "cases", "--cases", "W2", "--rows", "wane rk", "--peers", "r.csv", timeout=PATIENCE)
    check(done.returncode == 0 and "mrgsolve  " in done.stdout, f"a row written by R: {done.stdout} {done.stderr}")

finish()
