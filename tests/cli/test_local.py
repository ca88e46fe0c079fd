"""wane run --sensitivity local: rows against runs that differ, the table, and what is refused."""
import csv
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import bad, check, finish, fresh_directory, good  # noqa: E402

home = fresh_directory()
COLUMNS = ["arm", "quantity", "of", "day", "value", "unit", "parameter", "badge", "parameter_value", "parameter_unit", "slope",
           "per_ln", "elasticity"]
RUN = ["pk1", "--dose", "100 mg into GUT at 08:00 every 12h for 3d"]


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def value(parameter, factor, quantity):
    shown = {row["parameter"]: row for row in rows}
    number = float(shown[parameter]["parameter_value"]) * factor
    good("run", *RUN, "--set", f"{parameter}={number!r}", "--rtol", "1e-10", "--summary", "s.csv", "--quiet")
    with open("s.csv", encoding="utf-8", newline="") as file:
        return [float(r["value"]) for r in csv.DictReader(file) if r["quantity"] == quantity and r["day"] == "3"][0]


done = good("run", *RUN, "--sensitivity", "local", "--rtol", "1e-10", "--out", "moves.csv")
rows = rows_of("moves.csv")
check(list(rows[0]) == COLUMNS, f"columns: {list(rows[0])}")
for word in ("moves with", "elasticity", "dosing day", "all doses", "Held fixed", "For teaching and research. Not medical advice."):
    check(word in done.stdout, f"table: no {word!r}")
n = 0
for row in rows:
    if row["quantity"] not in ("cmax", "auc") or row["day"] != "3" or row["parameter"] not in ("CL", "V", "KA"):
        continue
    up, down = value(row["parameter"], 1.001, row["quantity"]), value(row["parameter"], 0.999, row["quantity"])
    expected = (up - down) / 0.002
    got = float(row["per_ln"])
    check(abs(got - expected) <= 1e-4 * abs(expected) + 1e-6, f"{row['quantity']} by {row['parameter']}: {got}, {expected}")
    ratio = got / float(row["value"])
    check(abs(float(row["elasticity"]) - ratio) < 1e-9, f"elasticity of {row['quantity']}")
    check(abs(float(row["slope"]) * float(row["parameter_value"]) - got) < 1e-9 * (1 + abs(got)), "slope")
    n += 1
check(n >= 4, f"{n} rows were compared")

# the same bytes for any number of threads
for threads in ("1", "2"):
    good("run", "split_dose", "--until", "2d", "--sensitivity", "local", "--with", "CL,F,tlag", "--threads", threads, "--quiet", "--out",
         f"t{threads}.csv")
with open("t1.csv", "rb") as one, open("t2.csv", "rb") as two:
    check(one.read() == two.read(), "bytes depend on the number of threads")
check({r["parameter"] for r in rows_of("t1.csv")} == {"CL", "F", "tlag", "all doses"}, "--with")
check(len(good("run", *RUN, "--sensitivity", "local", "--top", "1").stdout.splitlines()) <
      len(done.stdout.splitlines()), "--top")

# the picture, of the metric asked for
for word in ("window_end.blockade", "once/mean.tone", None):
    more = ["--show", word] if word else []
    good("run", "split_dose", "--until", "2d", "--sensitivity", "local", "--with", "CL,F", "--quiet", "--plot", "t.svg", *more)
    with open("t.svg", encoding="utf-8") as file:
        check("<svg" in file.read(2000), f"--show {word}: no picture")
    os.remove("t.svg")
LOCAL = ["run", *RUN, "--sensitivity", "local"]
bad(*LOCAL, "--show", "cmax.C", words=["--show", "--plot"])
bad(*LOCAL, "--plot", "t.svg", "--show", "cmax.X", words=["--show", "cmax.X"])
bad(*LOCAL, "--plot", "t.svg", "--show", "two/cmax.C", words=["--show", "unknown arm", "two", "try pk1"])
bad(*LOCAL, "--plot", "t.txt", words=["--plot", "t.txt"])
same = good("sweep", "split_dose", "--until", "2d", "--sensitivity", "local", "--with", "CL,F").stdout
check(same == good("run", "split_dose", "--until", "2d", "--sensitivity", "local", "--with", "CL,F").stdout, "sweep and run differ")

bad("run", *RUN, "--sensitivity", "locl", words=["--sensitivity", "expected local", "locl"])
bad("run", *RUN, "--with", "CL", words=["--sensitivity local"])
bad("run", *RUN, "--sensitivity", "local", "--with", "CLL", words=["--with", "CLL", "CL"])
bad("run", *RUN, "--sensitivity", "local", "--with", "CL,CL", words=["--with", "twice"])
bad("run", *RUN, "--sensitivity", "local", "--top", "0", words=["--top", "1 to"])
bad("run", *RUN, "--sensitivity", "local", "--out", "x.json", words=["--out", ".csv"])
bad("run", *RUN, "--sensitivity", "local", "--json", words=["--json"])
bad("run", "naltrexone", "--n", "5", "--sensitivity", "local", words=["--n"])
bad("run", *RUN, "--sensitivity", "local", "--out", "nowhere/x.csv", status=1, words=["nowhere/x.csv", "cannot write"])
finish()
