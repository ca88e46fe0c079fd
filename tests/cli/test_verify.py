"""--verify, and a solver that hands over to CVODE: what is said, where, and that it is the same every time."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import bad, check, finish, fresh_directory, good, wane  # noqa: E402

home = fresh_directory()
LINE = re.compile(r"^CVODE agrees to ([0-9.]+) digits( or more)? \((\d+) of (\d+) simulations(, first .*)?\)$", re.M)
dose = ("pk1", "--dose", "100 mg into GUT at 08:00 every 12h for 3d")


def said(text):
    return LINE.findall(text)


# under the table, and not when nobody wants it
for solver in ("auto", "rk", "rosenbrock", "explicit"):
    line = said(good("run", *dose, "--solver", solver).stdout)
    check(len(line) == 1 and float(line[0][0]) > 4 and line[0][2:4] == ("1", "1"), f"{solver}: {line}")
check(not said(good("run", *dose, "--verify", "off").stdout), "off")
digits = [float(said(good("run", *dose, "--solver", "rk", "--rtol", rtol, "--atol", "1e-12", "--verify", "all").stdout)[0][0])
          for rtol in ("1e-4", "1e-6", "1e-8")]
check(digits[0] + 1 < digits[1] and digits[1] + 1 < digits[2], f"digits grow with the tolerance: {digits}")

# what is piped or written is the same every time, also where the work was not enough for the whole run
heads = set()
for threads in ("1", "2", "3"):
    good("run", "standard_vs_low", "--threads", threads, "--out", "a.csv", "--quiet")
    with open("a.csv", encoding="utf-8") as file:
        heads.add("".join(file.readline() for _ in range(5)))
check(len(heads) == 1, f"{heads}")
check("\n# CVODE agrees to " in min(heads) and "(2 of 2 simulations, first " in min(heads), f"{heads}")
tables = {good("run", "standard_vs_low", "--threads", threads).stdout for threads in ("1", "2", "2")}
check(len(tables) == 1, "tables")

# JSON on standard output stays JSON; a share of many people
check(good("run", *dose, "--json").stdout.startswith("["), "json")
line = said(good("run", "naltrexone", "--dose", "50 mg", "--n", "40", "--until", "1d", "--verify", "0.2").stdout)
check(len(line) == 1 and 1 < int(line[0][2]) < 20 and line[0][3] == "40", f"a share of 40 people: {line}")

# a sweep's sample depends on neither threads nor interruptions
sweep = ("sweep", *dose, "--draw", "CL~lognormal(1,0.3)", "--n", "512", "--verify", "0.05")
lines = set()
for threads in ("1", "3"):
    done = wane(*sweep, "--threads", threads, "--out", "s.csv")
    lines.add(re.search(r"CVODE agrees .*", done.stderr)[0])
check(len(lines) == 1 and 10 < int(re.search(r"\((\d+) of 512", min(lines))[1]) < 50, f"{lines}")
check("CVODE" not in wane(*sweep[:-1], "off", "--out", "s.csv").stderr, "a sweep with off")

# a data set
with open("data.csv", "w", encoding="utf-8") as file:
    file.write("ID,TIME,EVID,AMT,CMT\n" + "".join(f"{i},0,1,100,1\n{i},{1 + i % 3},0,0,0\n{i},9,0,0,0\n" for i in range(1, 30)))
good("run", "pk1", "--data", "data.csv", "--out", "p.csv", "--verify", "all")

for wrong in ("some", "-1", "1.5", "0", "nan", "0.1x"):
    for command in (("run", *dose), sweep[:-2], ("run", "pk1", "--data", "data.csv")):
        bad(*command, "--verify", wrong, words=["--verify", "all, off or a share"])

# absorption in microseconds takes rk more steps than it may: CVODE does it, and it is said
done = wane("run", "pk1", "--dose", "100 mg into GUT at 08:00", "--solver", "rk", "--set", "KA=3e5", "--out", "stiff.csv")
words = "1 of 1 simulations solved by bdf where rk gave up"
check(done.returncode == 0 and done.stderr == f"wane: {words}\n" and words in done.stdout, f"{done}")
with open("stiff.csv", encoding="utf-8") as file:
    check(f"# {words}\n" in file.read(2000), "the file says so, too")
done = wane("sweep", "pk1", "--dose", "100 mg into GUT at 08:00", "--solver", "rk", "--vary", "KA=1,3e5", "--out", "w.csv", "--quiet")
check(done.returncode == 0 and "1 simulations solved by bdf where rk gave up" in done.stderr, f"{done}")
done = wane("run", "pk1", "--data", "data.csv", "--solver", "rk", "--set", "KA=2e5", "--out", "q.csv")
check(done.returncode == 0 and "29 of 29 individuals solved by bdf where rk gave up" in done.stderr, f"{done}")
finish()
