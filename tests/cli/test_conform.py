"""wane conform: everything bundled holds; what is wrong is found, named, and ends with status 1."""
import csv
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import SANITIZED, SOURCE, bad, check, finish, fresh_directory, good, model, wane, write  # noqa: E402

PATIENCE = 280
home = fresh_directory()


def read(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def last(done):
    return done.stdout.splitlines()[-1]


def falling(rows):
    return [row for row in rows if row["verdict"] == "FALLS SHORT"]


def copied(change):
    """wane conform pk1 and the bundled run on a copy of the models in which one file was changed."""
    shutil.rmtree("copy", ignore_errors=True)
    shutil.copytree(os.path.join(SOURCE, "models"), "copy/models")
    path, old, new = change
    with open(os.path.join("copy/models", path), encoding="utf-8") as file:
        text = file.read()
    check(old in text, f"{path}: {old} is there to be changed")
    write(os.path.join("copy/models", path), text.replace(old, new, 1))
    return dict(os.environ, WANE_DATA=os.path.abspath("copy"))


# -- everything bundled --
done = good("conform", "--csv", "all.csv", timeout=PATIENCE)
rows = read("all.csv")
judged = [row for row in rows if row["verdict"] != "skipped"]
check(last(done) == f"{len(judged)} of {len(judged)} rows hold; {len(rows) - len(judged)} skipped", last(done))
check({row["part"] for row in rows} == {"closed forms", "dose records", "solvers", "laws"}, "parts")
for row in judged:
    check(row["verdict"] == "holds" and float(row["digits"]) >= float(row["promised"]), f"{row}")
for row in rows:
    check(row["verdict"] != "skipped" or "not linear" in row["note"], f"skipped: {row}")
forms = [row for row in rows if row["part"] == "closed forms"]
check({row["solver"] for row in forms} == {"exact", "rosenbrock", "taylor", "rk", "bdf", "explicit"} and len(forms) == 66, "closed forms by each solver")
check(all(float(row["digits"]) > 12 for row in forms if row["solver"] == "exact"), "exact is exact")

# every pair of the bundled tables is a row
pairs = 0
for name in os.listdir(os.path.join(SOURCE, "models/conform")):
    if name.endswith(".csv"):
        with open(os.path.join(SOURCE, "models/conform", name), encoding="utf-8") as file:
            ids = [row[0] for row in csv.reader(line for line in file if line[0] != "#")][1:]
        changes = [a for a, b in zip(ids, ids[1:] + [None]) if a != b]
        check(all(b.startswith("= ") for b in changes[1::2]) and not any(a.startswith("=") for a in changes[::2]), name)
        pairs += len(changes) // 2
records = [row for row in rows if row["part"] == "dose records"]
check(len([row for row in records if row["solver"] == "exact"]) == pairs >= 55, f"{pairs} situations")

# -- one model, a scenario, other tolerances, settings --
done = good("conform", "pk2", "--json", "--set", "CL=3", "--dose", "50 mg into GUT every 12h for 2d")
listed = json.loads(done.stdout)
check(all(set(row) == {"part", "what", "model", "solver", "digits", "promised", "verdict", "note"} for row in listed), "keys")
check(all(row["verdict"] == "holds" and row["model"] == "pk2" for row in listed) and len(listed) > 45, "pk2 holds")
for name in ("superposition of two regimens", "given = left + eliminated", "steady state = a long train of doses",
             "1 thread = 8 threads, bit for bit", "additional doses = single doses"):
    check(any(row["what"] == name for row in listed), name)
good("conform", "tmdd", "--rtol", "1e-4", "--atol", "1e-8")
good("conform", "tmdd", "--rtol", "1e-8")
done = good("conform", "depot", "--until", "30", "--hypothesis", "H2", timeout=PATIENCE)
check("1 skipped" in last(done), last(done))
# mass balance counts what the first state of a chain passes on, and infusions
good("conform", "transit", "--dose", "40 mg over 3h every 6h for 1d")
# a file of the user's own is not taken for the bundled one of that name
shutil.copy(os.path.join(SOURCE, "models/pk2.lua"), "pk2.lua")
shutil.copytree(os.path.join(SOURCE, "models/parts"), "parts")
check("closed forms" not in good("conform", "./pk2.lua").stdout, "formulas are the bundled files'")

# -- nothing is given, a model that does not settle, one that jumps --
write("still.lua", model("d.Y = -k * Y", doses=""))
done = good("conform", "still.lua")
check("nothing is given" in done.stdout and "rtol 1e-6 against exact" in done.stdout, done.stdout)
write("grows.lua", model("d.Y = 0 * k * Y"))
done = good("conform", "grows.lua")
check("skipped" in done.stdout and "steady state" in done.stdout, done.stdout)

# -- what is wrong is found --
states = '{ "X", "1", "x", initial = 1 }, { "Y", "1", "y", initial = 1 }, { "Z", "1", "z", initial = 1 }'
lorenz = model("""d.X = 10 * k * (Y - X)
    d.Y = k * (X * (28 - Z) - Y)
    d.Z = k * (X * Y - 8 / 3 * Z)""", states=states, outputs='{ "X", "1", "x" }', doses="")
write("lorenz.lua", lorenz)
done = wane("conform", "lorenz.lua", "--csv", "lorenz.csv", timeout=PATIENCE)
check(done.returncode == 1 and "FALLS SHORT" in done.stdout, f"chaos: exit {done.returncode}")
found = falling(read("lorenz.csv"))
check(found and all(row["part"] in ("solvers", "laws") and " at " in row["note"] for row in found), f"{found}")
check(last(done).startswith(f"{len([r for r in read('lorenz.csv') if r['verdict'] == 'holds'])} of "), last(done))

# a bundled equation that is 0.1 % off shows against its formula, and only there
env = copied(("pk1.lua", "KA * GUT - CL * C", "KA * GUT - 1.001 * CL * C"))
done = wane("conform", "pk1", "--csv", "pk1.csv", env=env)
found = falling(read("pk1.csv"))
check(done.returncode == 1 and {row["part"] for row in found} == {"closed forms"} and len(found) == 66, f"{len(found)}")
check(all(2 < float(row["digits"]) < 4 and row["note"].startswith("C at ") for row in found), f"{found}")

# a table that is not what it says
env = copied(("conform/doses.csv", "= half the amount,0,1,50,", "= half the amount,0,1,50.0001,"))
if not SANITIZED:  # all of it once more
    done = wane("conform", "--csv", "pairs.csv", env=env, timeout=PATIENCE)
    found = [row["what"] for row in falling(read("pairs.csv"))]
    check(done.returncode == 1 and found == ["bioavailability = half the amount"], f"{found}")
env = copied(("conform/doses.csv", "= half the amount,2,0,.,.,.,.,.,.\n", ""))
bad("conform", env=env, words=("doses.csv", "= half the amount", "observations"), timeout=PATIENCE)

# -- mistakes --
bad("conform", "pk9", words=("pk9", "try"))
bad("conform", "--set", "CL=1", words=("--set", "conform FILE"))
bad("conform", "pk1", "--set", "CLL=1", words=("CLL", "CL"))
bad("conform", "pk1", "--rtol", "1", words=("--rtol", "expected", "got 1"))
bad("conform", "pk1", "--rtol", "small", words=("--rtol", "small"))
bad("conform", "pk1", "--csv", "rows.txt", words=("--csv", "rows.txt"))
bad("conform", "pk1", "--dose", "many mg", words=("many",))
bad("conform", "pk1", "pk2", words=("pk1", "pk2"))
finish()
