"""What files cost and are: large data sets in parts, blocks by any number of threads, gzip that others read, and nothing
to be seen of a run whose data set has a mistake in its last line."""
import gzip
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import SANITIZED, bad, check, finish, fresh_directory, good, listing, wane, write  # noqa: E402

home = fresh_directory()
dose = ("--dose", "100 mg into GUT at 08:00 every 24h for 5d")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def rows_of(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


# -- a model whose people differ, and a data set of several parts ------------------------------------------------------

with open(os.path.join(os.environ["WANE_SOURCE_DIR"], "models", "pk1.lua"), encoding="utf-8") as file:
    model = file.read().rstrip()
check(model.endswith("}"), "pk1.lua ends with its table")
write("people.lua", model[:-1] + """  individual = { { "CL", cv = 0.4, "assumed", "test" }, { "V", cv = 0.3, "assumed", "test" } },
  residual = { { "C", additive = 0.1, proportional = 0.2 } },
}
""")

N_ID = 4000 if SANITIZED else 12000
N_ROW = 24


def data_set(last="0,.,2,.,\"a, b\""):
    lines = ["ID,TIME,EVID,AMT,CMT,NOTE,WT"]
    for i in range(N_ID):
        for k in range(N_ROW):
            what = "1,100,1,dose" if k == 0 else "0,.,2,\"say \"\"no\"\"\"" if k == 7 else "0,.,2,#" if k == 9 else "0,.,2,."
            lines.append(f"{i + 1},{k},{what},{70 + i % 7}.250")
    lines.append(f"{N_ID},{N_ROW},{last}")
    return "\n".join(lines) + "\n"


write("data.csv", data_set('0,.,2,"a, b",1'))
check(os.path.getsize("data.csv") > (1 if SANITIZED else 3) << 21, "the data set is of several parts")
seeded = ("--data", "data.csv", "--seed", "3", "--residual", "--quiet")
good("run", "people.lua", *seeded, "--threads", "1", "--out", "one.csv")
for threads in (2, 3):
    good("run", "people.lua", *seeded, "--threads", str(threads), "--out", "many.csv")
    check(read("many.csv") == read("one.csv"), f"{threads} threads write other bytes")
os.remove("many.csv")
good("run", "people.lua", *seeded, "--out", "one.csv.gz")
check(gzip.decompress(read("one.csv.gz")) == read("one.csv"), "what is compressed is something else")
once = read("one.csv.gz")
good("run", "people.lua", *seeded, "--threads", "3", "--out", "one.csv.gz")
check(read("one.csv.gz") == once, "compressed by three threads it has other bytes")
text = read("one.csv").decode()
check(good("run", "people.lua", *seeded).stdout == text, "standard output says something else than the file")

# what came in goes out as it was, in order
with open("data.csv", encoding="utf-8") as file:
    given = file.read().splitlines()
got = rows_of(text)
check(len(got) == len(given), f"{len(got)} lines of {len(given)}")
check(all(b.startswith(a.replace(",#,", ",\"#\",") + ",") for a, b in zip(given, got)), "fields changed on their way")

# the draws of a part are those of the whole: an individual with the file's records beside it in another order of size
short = "\n".join(given[:1 + 50 * N_ROW]) + "\n"
write("short.csv", short)
good("run", "people.lua", "--data", "short.csv", *seeded[2:], "--out", "short-out.csv")
check(rows_of(read("short-out.csv").decode()) == got[:1 + 50 * N_ROW], "the first fifty change with those after them")
try:
    import netCDF4
except ImportError:
    netCDF4 = None
if netCDF4 and wane("run", "people.lua", *seeded, "--out", "one.nc").returncode == 0:
    with netCDF4.Dataset("one.nc") as whole:  # read in one part
        column = whole["C"][:]
        at = got[0].split(",").index("C")
        check(all(float(line.rsplit(",", len(got[0].split(",")) - at)[1]) == value for line, value in zip(got[1:], column)),
              "in one part the numbers are others")
    os.remove("one.nc")

# -- compressed data sets, by others ------------------------------------------------------------------------------------

with gzip.open("data.csv.gz", "wb") as file:
    file.write(read("data.csv"))
good("run", "people.lua", "--data", "data.csv.gz", *seeded[2:], "--out", "again.csv")
check(read("again.csv").split(b"\n", 1)[1] == read("one.csv").split(b"\n", 1)[1], "a compressed data set means something else")
whole = read("data.csv.gz")
with open("cut.csv.gz", "wb") as file:
    file.write(whole[:len(whole) // 2])
bad("run", "people.lua", "--data", "cut.csv.gz", "--out", "never.csv", words=["cut.csv.gz", "cut short"])
check("explain" and good("explain", "people.lua", "--data", "short.csv").stdout.count("ID ") >= 50, "explain tells of all")

# -- a mistake in the last line -------------------------------------------------------------------------------------------

mistakes = {"0,.,2,.": "got 6", "0,abc,2,.,1": "AMT", "0,.,2,\"open,1": "quote", "0,.,nowhere,.,1": "CMT", "7,.,2,.,1": "EVID"}
for last, word in mistakes.items():
    write("bad.csv", data_set(last))
    line = f"bad.csv:{N_ID * N_ROW + 2}:"
    bad("run", "people.lua", "--data", "bad.csv", "--out", "never.csv", words=[line, word])
    bad("run", "people.lua", "--data", "bad.csv", words=[line, word])
write("bad.csv", data_set("0,.,2,."))
bad("run", "people.lua", "--data", "bad.csv", "--out", "/dev/full", words=["bad.csv"])
os.mkfifo("pipe")
with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
    bad("run", "people.lua", "--data", "bad.csv", "--out", "pipe", words=["bad.csv"])
    check(reader.stdout.read() == b"", "a pipe was given half a result")
os.remove("pipe")
write("older.csv", "older")
bad("run", "people.lua", "--data", "bad.csv", "--out", "older.csv", words=["bad.csv"])
check(read("older.csv") == b"older", "an older file changed")

# -- disks that are full ---------------------------------------------------------------------------------------------------

bad("run", "people.lua", *seeded, "--out", "/dev/full", status=1, words=["/dev/full: cannot write: No space left"])
with open("/dev/full", "w") as full:
    done = wane("run", "people.lua", *seeded, stdout=full)
check(done.returncode == 1 and done.stderr == "wane: standard output: cannot write: No space left on device\n",
      f"a data set to a full disk: {done.returncode} {done.stderr!r}")
bad("run", "pk1", *dose, "--quiet", "--out", "no/such/x.csv.gz", status=1, words=["no/such/x.csv.gz"])
bad("run", "pk1", *dose, "--quiet", "--out", "x.gz", words=["x.gz", ".csv.gz"])

# -- failures in later parts are all counted -----------------------------------------------------------------------------

write("fails.lua", model[:-1].replace('name    = "pk1"', 'name = "fails"') + """  individual = { { "F1", cv = 3, "assumed", "test" } },
}
""")
done = wane("run", "fails.lua", "--data", "data.csv", "--seed", "1", "--quiet", "--out", "fails.csv")
said = done.stderr.splitlines()
out = rows_of(read("fails.csv").decode())
failed = {line.split(",")[0] for line in out[1:] if line.endswith(",,,")}
check(done.returncode == 1 and len(said) == 21, f"{done.returncode}, {len(said)} lines")
check(len(failed) > 1000 and said[-1] == f"wane: ... and {len(failed) - 20} more individuals", f"{said[-1:]}, {len(failed)} failed")

# -- runs and sweeps, compressed, read by others ---------------------------------------------------------------------------

run = ("run", "people.lua", *dose, "--n", "40", "--every", "15min", "--quiet")
good(*run, "--threads", "1", "--out", "t.csv", "--summary", "s.csv")
good(*run, "--threads", "1", "--out", "t.csv.gz", "--summary", "s.csv.gz")
for name in ("t.csv", "s.csv"):
    check(gzip.decompress(read(name + ".gz")) == read(name), f"{name}.gz says something else")
for threads in (2, 3):
    good(*run, "--threads", str(threads), "--out", "u.csv", "--summary", "v.csv.gz")
    check(read("u.csv") == read("t.csv") and read("v.csv.gz") == read("s.csv.gz"), f"a run by {threads} threads has other bytes")
sweep = ("sweep", "people.lua", *dose, "--vary", "KA=0.5,1", "--individuals", "30", "--keep", "all", "--quiet")
good(*sweep, "--out", "w.csv")
good(*sweep, "--out", "x.csv.gz", "--threads", "2")
for plain, packed in (("w.csv", "x.csv.gz"), ("w-trajectories.csv", "x-trajectories.csv.gz")):
    check(gzip.decompress(read(packed)) == read(plain), f"{packed} differs from {plain}")
good("run", "pk1", *dose, "--quiet", "--sensitivity", "local", "--out", "l.csv.gz")
check(gzip.decompress(read("l.csv.gz")).startswith(b"# "), "local sensitivities, compressed")
if shutil.which("Rscript"):
    script = """for (f in c("t.csv", "one.csv")) { a <- read.csv(f, comment.char = "#"); b <- read.csv(gzfile(paste0(f, ".gz")), comment.char = "#")
    stopifnot(identical(a, b)); cat(nrow(b), ncol(b), format(sum(b$C[b$C > 0], na.rm = TRUE), digits = 12), "\\n") }"""
    done = subprocess.run(["Rscript", "--vanilla", "-e", script], encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    want = ""
    for name in ("t.csv", "one.csv"):
        lines = rows_of(read(name).decode())
        at = lines[0].split(",").index("C")
        values = [float(line.rsplit(",", len(lines[0].split(",")) - at)[1] or "nan") for line in lines[1:]]
        want += f"{len(lines) - 1} {len(lines[0].split(','))} {sum(v for v in values if v > 0):.12g} \n"
    check(done.stdout == want, f"R read {done.stdout!r}, not {want!r}; {done.stderr}")
check(not [name for name in listing() if "never" in name], f"left: {listing()}")
finish()
