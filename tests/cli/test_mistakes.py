"""Every mistake a user can make gets one clear line, the right exit status, and leaves nothing behind."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import bad, bundled, check, finish, fresh_directory, good, model, wane, write  # noqa: E402

home = fresh_directory()
write("decay.lua", model("d.Y = -k * Y"))

# the command line
bad("rnu", words=["unknown command", "try run"])
bad("swep", words=["unknown command", "try sweep"])
bad("sweep", words=["expected FILE"])
bad("run", words=["expected FILE"])
bad("run", "decay.lua", "pk1", words=["expected one FILE"])
bad("list", "x", words=["options only"])
bad("run", "decay.lua", "--otu", "x.csv", words=["unknown option --otu", "try --out"])
bad("run", "decay.lua", "--data", "x.csv", words=["x.csv: cannot read: No such file or directory"])
bad("run", "decay.lua", "-o", "x.csv", words=["unknown option -o"])
bad("run", "decay.lua", "--out", words=["--out", "expected a value", "FILE"])
bad("run", "decay.lua", "--out", "--json", words=["--out", "expected a value"])
bad("run", "decay.lua", "--out=", words=["--out", "expected a value"])
bad("run", "decay.lua", "--json=yes", words=["--json takes no value"])
bad("run", "decay.lua", "--until", "1", "--until", "2", words=["--until is given twice"])
bad("run", "decay.lua", "--json", "--quiet", words=["contradict"])
bad("help", "rnu", words=["unknown command", "try run"])
done = wane()
check(done.returncode == 2 and "usage: wane COMMAND" in done.stderr and not done.stdout, "no command: usage, exit 2")

# files
for command in ("run", "check", "describe", "explain"):
    bad(command, "absent.lua", words=["absent.lua", "no such file"])
    bad(command, "standrd_vs_low", words=["standrd_vs_low", "try standard_vs_low"])
bad("run", ".", words=["wane: "])
bad("run", write("empty.lua", ""), words=["empty.lua"])
bad("run", write("syntax.lua", 'return wane.model {\n  name = "x",\n  states = { { "A", "mg" "b" } },\n}\n'), words=["syntax.lua:3:"])
bad("run", write("error.lua", "\nlocal x = nil + 1\nreturn x\n"), words=["error.lua:2:"])
with open("bytecode.lua", "wb") as file:
    file.write(b"\x1bLua\x54\x00\x19\x93\r\n\x1a\n")
bad("run", "bytecode.lua", words=["bytecode.lua"])
bad("run", write("loop.lua", "while true do end"), words=["loop.lua:1", "endless loop"])
bad("run", write("stubborn.lua", "while true do pcall(function() while true do end end) end"), words=["stubborn.lua"])
bad("run", write("bomb.lua", "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end"), words=["bomb.lua", "memory"])
bad("run", write("double.lua", "local s = 'x' while true do s = s .. s end"), words=["double.lua"])
bad("run", write("escape.lua", "os.execute('touch escaped')"), words=["escape.lua:1"])

# names of wane's own, and habits
one = """return wane.scenario { name = "x", model = "pk1", duration = "3d",
  arms = { { name = "a", regimen = daily{ dose = 1, into = "GUT", at = "22:00", days = 2 }%s } } }"""
bad("check", write("habit.lua", one % ':lat{ sd = "1h" }'), words=["habit.lua:2:", "method of a regimen 'lat'", "try late"])
bad("check", write("unnamed.lua", one % ':late{ "1h" }'), words=["unnamed.lua:2:", "named fields like sd ="])
bad("check", write("field.lua", "return wane.scenaro { }"), words=["field.lua:1:", "field of wane 'scenaro'", "try scenario"])

# what a terminal would obey does not reach it
evil = write("evil.lua", 'error("\\27]0;title\\7\\27[2J")')
done = bad("run", evil)
check("\x1b" not in done.stderr and "\x07" not in done.stderr, "control characters in an error message")

# equations
two = '{ "Y", "mg", "y", initial = 1 }, { "Z", "mg", "z" }'
bad("run", write("incomplete.lua", model("d.Y = -k * Y", states=two)), words=["state Z"])
bad("check", "incomplete.lua", words=["state Z"])
bad("run", write("units.lua", model("d.Y = -k * Y + k")), words=["units.lua"])
bad("run", write("typo.lua", model("d.Y = -kk * Y")), words=["kk", "try k"])
rate = '{ "k", 1, "mg", "rate", "assumed", "made up" }'
write("zero.lua", model("d.Y = k / t", parameters=rate))
bad("run", "zero.lua", "--quiet", status=1, words=["Y", "not finite"])
bad("check", "zero.lua", status=1, words=["Y", "not finite"], table=True)
growth = '{ "k", 1, "1/(mg*h)", "rate", "assumed", "made up" }'
write("blow.lua", model("d.Y = k * Y * Y", parameters=growth))
done = bad("run", "blow.lua", "--quiet", status=1, words=["arm small", "day 1, 01:00", "Y"])
for solver in ("explicit", "bdf"):
    bad("run", "blow.lua", "--quiet", "--solver", solver, status=1, words=["day 1, 01:00"])

# settings
# a model without doses: refused where nothing would happen, said where something does, silent where none belong
without = "without a dose nothing happens; give one, like --dose \"10 mg into GUT at 08:00 every 24h for 7d\""
bad("run", "pk1", words=["wane: pk1: " + without])
bad("run", "pk1", "--sensitivity", "local", words=[without])
bad("sweep", "pk1", "--vary", "CL=1,2", words=[without])
bad("sweep", "pk1", "--vary", "CL=1,2", "--out", "x.csv", words=[without])
done = wane("run", "irm1", "--until", "3d")
check(done.returncode == 0 and done.stderr.startswith("wane: irm1: no doses, so it stays where it begins; give some with --dose"), done.stderr)
for args in (("run", "cortisol"), ("sweep", "cortisol", "--vary", "AMP=0.2,0.4", "--out", "rhythm.csv")):
    done = wane(*args)
    check(done.returncode == 0 and done.stderr.startswith("wane: cortisol: no doses, so this is what it does by itself; give some"), done.stderr)
    good(*args, "--quiet")
write("doseless.lua", model("d.Y = -k * Y", doses=""))
good("run", "doseless.lua")
write("grown.lua", model("d.Y = k * (q(1, \"mg\") - Y)", states='{ "Y", "mg", "y" }', parameters='{ "k", 0, "1/h", "rate", "assumed", "made up" }'))
bad("run", "grown.lua", words=["without a dose nothing happens"])
done = wane("sweep", "grown.lua", "--vary", "k=0,0.1", "--quiet")
check(done.returncode == 0 and not done.stderr, f"a sweep that moves it: {done.stderr}")

bad("run", "pk1", "--set", "CLL=2", words=["unknown", "CLL", "try CL"])
bad("run", "standard_vs_low", "--set", "low_dos=2", words=["low_dos", "try low_dose"])
bad("run", "pk1", "--set", "CL", words=["NAME=VALUE"])
bad("run", "pk1", "--set", "=2", words=["NAME=VALUE"])
bad("run", "pk1", "--set", "CL=2 mg", words=["CL", "expected L/h"])
bad("run", "pk1", "--set", "CL=nan", words=["CL"])
bad("run", "pk1", "--set", "CL=1e999", words=["CL"])
bad("run", "pk1", "--set", "CL=two", words=["CL"])
bad("run", "standard_vs_low", "--set", "at=25:00", words=["at", "clock time", "25:00"])
bad("run", "standard_vs_low", "--set", "low_dose=-1", words=["low"])
bad("run", "naltrexone", "--hypothesis", "H9", words=["H9", "try H"])

# doses
for dose, words in {
    "-5 mg": "expected 0 or more",
    "nan mg": "nan",
    "inf mg": "inf",
    "1e999 mg": "1e999",
    "five mg": "five",
    "5 L": "expected mg",
    "5 mg into GTU": "try GUT",
    "5 mg at 25:00": "25:00",
    "5 mg every 24h": "go together",
    "5 mg every 0h for 3d": "above 0",
    "": "--dose",
}.items():
    bad("run", "pk1", "--dose", dose, words=[words])
bad("run", "standard_vs_low", "--dose", "5 mg", words=["is a scenario", "naltrexone"])

# times and numbers
for option in ("--until", "--every"):
    for value in ("0", "-1", "soon", "nan", "inf", "25:00", "0x10"):
        bad("run", "pk1", f"{option}={value}", words=[option])
bad("run", "pk1", "--until", "12wk", "--every", "1s", words=["--every"])
bad("run", "pk1", "--dose", "10 mg into GUT at 0", "--until", "1700000000", words=["until: expected at most 1000 years (8766000 h), got 1.7e+09 h"])
for clause in ("over 1e300h", "over 1001y", "at 1e9", "every 1e7h for 1e9h", "every 1h for 1e8d"):
    bad("run", "pk1", "--dose", f"10 mg into GUT {clause}", "--until", "3d", words=["--dose", clause])
bad("run", "pk1", "--solver", "cvode", words=["solver", "auto", "bdf", "explicit", "cvode"])
for value in ("0", "-1e-6", "1", "2", "nan", "small", "1e-17"):
    bad("run", "pk1", f"--rtol={value}", words=["rtol"])
for value in ("0", "-1", "inf", "tiny"):
    bad("run", "pk1", f"--atol={value}", words=["atol"])
tight = ("--solver", "explicit", "--rtol", "1e-14", "--atol", "1e-300")
bad("run", "pk1", "--dose", "5 mg", *tight, "--quiet", status=1, words=["step size"])
for value in ("0", "-1", "1.5", "many", "100000"):
    bad("run", "pk1", f"--threads={value}", words=["threads"])

# where results go: refused before anything runs
bad("run", "pk1", "--out", "x.nc4", words=["--out", "expected a file ending in .csv, .csv.gz or .nc", "x.nc4"])
bad("run", "pk1", "--summary", "x.txt", words=["--summary", ".csv.gz or .json"])
bad("run", "pk1", "--plot", "x.gif", words=["--plot", ".svg, .png or .pdf"])
bad("run", "pk1", "--out", "csv", words=["--out", ".csv"])
bad("run", "pk1", "--out", "x.csv", "--summary", "x.csv", words=["already written by --out"])
bad("run", "blow.lua", "--out", "absent/x.csv", status=1, words=["absent/x.csv", "No such file or directory"])
bad("run", "blow.lua", "--plot", "decay.lua/x.svg", status=1, words=["decay.lua/x.svg", "cannot write"])
os.mkdir("folder.csv")
bad("run", "pk1", "--dose", "1 mg", "--quiet", "--out", "folder.csv", status=1, words=["folder.csv", "cannot write"])

# validation
bad("validate", "pk1", words=["pk1", "validation"])
bad("validate", "naltrexon", words=["naltrexon", "try naltrexone"])
bad("validate", "naltrexone", "--hypothesis", "H9", words=["H9"])
bad("validate", "naltrexone", "--csv", "x.txt", words=["--csv", ".csv"])

# the data directory
bad("list", words=["WANE_DATA", "absent"], env={**os.environ, "WANE_DATA": "absent"})
check(len(bundled("plugins")) > 0, "there are plugins")
finish()
