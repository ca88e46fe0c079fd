"""NetCDF files, read back with other people's tools: Python's netCDF4 and xarray, and R's ncdf4. They hold the numbers of
the CSV file, units that udunits reads, and how they came to be; none is ever half-written."""
import csv
import ctypes
import ctypes.util
import hashlib
import os
import resource
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import SOURCE, bad, bundled, check, finish, fresh_directory, good, model, wane, write  # noqa: E402

home = fresh_directory()
probe = wane("run", "pk1", "--dose", "1 mg", "--quiet", "--out", "probe.nc")
if "cannot write NetCDF" in probe.stderr:
    print("this build has no NetCDF module")
    sys.exit(77)
import netCDF4  # noqa: E402
import numpy as np  # noqa: E402
import xarray as xr  # noqa: E402


def read_csv(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def same(column, rows, name, what):
    """15 significant digits of the same number; empty is missing."""
    expected = np.array([float(row[name]) if row[name] else np.nan for row in rows])
    ok = np.allclose(np.ravel(column), expected, rtol=6e-15, atol=0, equal_nan=True)
    check(ok, f"{what}: {name} differs from the CSV file")


# -- a run of several arms: every number, by name of the arm
good("run", "standard_vs_low", "--quiet", "--every", "2h", "--set", "low_dose=3", "--out", "a.nc")
good("run", "standard_vs_low", "--quiet", "--every", "2h", "--set", "low_dose=3", "--out", "a.csv")
rows = read_csv("a.csv")
data = xr.open_dataset("a.nc")
check(dict(data.sizes) == {"arm": 2, "subject": 1, "time": len(rows) // 2}, f"sizes: {dict(data.sizes)}")
check(list(data.arm.values) == ["low", "standard"], f"arms: {data.arm.values}")
names = [name for name in rows[0] if name not in ("arm", "subject", "time", "clock")]
for arm in ("low", "standard"):
    mine = [row for row in rows if row["arm"] == arm]
    for name in names:
        same(data[name].sel(arm=arm).values, mine, name, arm)
    same(data.time.values, mine, "time", arm)
clock = [f"{int(h):02d}:{round(h % 1 * 60):02d}" for h in data.clock.values]
check(clock == [row["clock"] for row in rows[:len(clock)]], "clock")
check(data.time.dtype == np.float64 and data.time.attrs["units"] == "h", "time is a number of hours, not a date")
check(data.ntx.attrs["units"] == "ng/mL" and data.ntx.attrs["long_name"] and "measured" in data.ntx.attrs["rests_on"],
      f"ntx: {data.ntx.attrs}")
check(int(data.status.sum()) == 0 and data.status.attrs["flag_meanings"] == "done failed", "status")
about = data.attrs
check(about["Conventions"] == "CF-1.10" and about["comment"] == "For teaching and research. Not medical advice.", "CF")
check(about["history"] == "wane run standard_vs_low --every 2h --set low_dose=3", about["history"])
with open(os.path.join(SOURCE, "plugins", "standard_vs_low.lua"), encoding="utf-8") as file:
    check(about["text_of_standard_vs_low_lua"] == file.read(), "the scenario's text is inside")
with open(os.path.join(SOURCE, "models", "naltrexone.lua"), encoding="utf-8") as file:
    check(about["text_of_naltrexone_lua"] == file.read(), "the model's text is inside")
check(about["text_hash"].startswith("XXH3 ") and about["rtol"] == 1e-6 and about["atol"] == 1e-9, "solver and hash")
for word in ("title", "caption", "wane_version", "solver", "solver_library", "scenario", "model"):
    check(about.get(word), f"attribute {word}")
data.close()

# -- the same command, the same bytes
digest = {hashlib.sha256(open("a.nc", "rb").read()).hexdigest()}
for threads in ("1", "2"):
    good("run", "standard_vs_low", "--quiet", "--every", "2h", "--set", "low_dose=3", "--threads", threads, "--out", "b.nc")
    digest.add(hashlib.sha256(open("b.nc", "rb").read()).hexdigest())
check(len(digest) == 1, "the bytes differ between runs")

# -- many people
good("run", "standard_vs_low", "--quiet", "--until", "2d", "--every", "1h", "--n", "7", "--seed", "3", "--out", "n.nc")
good("run", "standard_vs_low", "--quiet", "--until", "2d", "--every", "1h", "--n", "7", "--seed", "3", "--out", "n.csv")
with xr.open_dataset("n.nc") as data:
    check(dict(data.sizes) == {"arm": 2, "subject": 7, "time": 49}, f"sizes: {dict(data.sizes)}")
    check(list(data.subject.values) == [1, 2, 3, 4, 5, 6, 7] and data.attrs["seed"] == 3, "subjects and seed")
    same(data.ntx.values, read_csv("n.csv"), "ntx", "people")

# -- units of everything bundled are ones that udunits knows, or wane's own
udunits = ctypes.CDLL(ctypes.util.find_library("udunits2"))
udunits.ut_read_xml.restype = udunits.ut_parse.restype = ctypes.c_void_p
udunits.ut_parse.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
udunits.ut_set_error_message_handler(udunits.ut_ignore)
system = ctypes.c_void_p(udunits.ut_read_xml(None))
own = ("IU", "cells", "copies", "U")
seen = set()
for name in bundled("models"):
    done = wane("run", name, "--quiet", "--until", "1h", "--out", "u.nc")
    if done.returncode != 0:
        continue
    with netCDF4.Dataset("u.nc") as file:
        seen |= {getattr(v, "units", None) for v in file.variables.values()}
for unit in seen - {None}:
    if not any(word in unit for word in own):
        check(udunits.ut_parse(system, unit.encode(), 2), f"udunits does not read {unit!r}")
check(len(seen) > 10, f"units: {seen}")

# -- failed simulations are missing values with a status and words, and the exit status tells
write("blow.lua", model("d.Y = k * Y * Y", parameters='{ "k", 1, "1/(mg*h)", "rate", "assumed", "made up" }'))
done = wane("run", "blow.lua", "--quiet", "--until", "3h", "--every", "15min", "--out", "f.nc")
check(done.returncode == 1, f"a failed run: exit {done.returncode}, {done.stderr}")
with xr.open_dataset("f.nc") as data:
    y = data.Y.values.ravel()
    check(int(data.status) == 1 and "t =" in str(data.message.values.ravel()[0]), f"status: {data.message.values}")
    check(abs(y[2] - 2) < 1e-4 and np.isnan(y[-1]), f"values before and after the failure: {y}")

# -- dose records: numbers and text as they were, then what was predicted
write("records.csv", "ID,TIME,AMT,CMT,EVID,ROW,CENT,site\nA1,0,100,GUT,1,1,7,left\nA1,1,.,GUT,0,2,8,\nB,2.5,,CENT,0,3,NA,r\u00f6d\n")
good("run", "pk1", "--data", "records.csv", "--out", "r.nc")
good("run", "pk1", "--data", "records.csv", "--out", "r.csv")
with xr.open_dataset("r.nc") as data:
    rows = read_csv("r.csv")
    check(list(data.ID.values) == ["A1", "A1", "B"] and list(data.site.values) == ["left", "", "r\u00f6d"], "text columns")
    check(list(data.TIME.values) == [0, 1, 2.5] and data.AMT.values[0] == 100 and np.isnan(data.AMT.values[1]), "number columns")
    check(list(data.CENT.values[:2]) == [7, 8] and np.isnan(data.CENT.values[2]), "a column called like a state")
    check("wane_CENT" in data and "wane_CENT" in rows[0], f"{list(data)}")
    for name in ("GUT", "wane_CENT", "C"):
        if name in rows[0]:
            same(data[name].values, rows, name, "records")

# -- R reads the same
if shutil.which("Rscript"):
    script = """
library(ncdf4)
file <- nc_open("n.nc")
ntx <- ncvar_get(file, "ntx")  # [time, subject, arm]
stopifnot(identical(dim(ntx), c(49L, 7L, 2L)))
stopifnot(identical(as.vector(ncvar_get(file, "arm")), c("low", "standard")))
stopifnot(ncatt_get(file, "ntx", "units")$value == "ng/mL", ncatt_get(file, 0, "seed")$value == 3)
table <- read.csv("n.csv", comment.char = "#")
stopifnot(all.equal(as.vector(ntx), table$ntx, tolerance = 1e-14))
failed <- nc_open("f.nc")
stopifnot(is.na(tail(as.vector(ncvar_get(failed, "Y")), 1)), as.vector(ncvar_get(failed, "status")) == 1)
cat("R agrees\\n")
"""
    write("read.R", script)
    done = subprocess.run(["Rscript", "--vanilla", "read.R"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          timeout=120)
    check(done.returncode == 0 and "R agrees" in done.stdout, f"R: {done.stdout}")


# -- disks that are full, places that are not there, builds without the module
def small():
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


for args in (("run", "pk1", "--dose", "1 mg"), ("run", "pk1", "--data", "records.csv")):
    bad(*args, *(() if "--data" in args else ("--quiet",)), "--out", "t.nc", status=1, words=["t.nc", "cannot write", "File too large"],
        preexec_fn=small)
    write("t.nc", "older")
    bad(*args, *(() if "--data" in args else ("--quiet",)), "--out", "t.nc", status=1, words=["t.nc"], preexec_fn=small)
    with open("t.nc", encoding="utf-8") as file:
        check(file.read() == "older", "the older file changed")
    os.remove("t.nc")
bad("run", "pk1", "--dose", "1 mg", "--quiet", "--out", "absent/t.nc", status=1, words=["absent/t.nc", "No such file"])
bad("run", "pk1", "--dose", "1 mg", "--quiet", "--out", "t.nc4", words=["--out", ".csv.gz or .nc"])
os.symlink("/dev/null", "null.nc")
bad("run", "pk1", "--dose", "1 mg", "--quiet", "--out", "null.nc", words=["null.nc", "ordinary file"])
nothing = {**os.environ, "WANE_MODULES": "."}
bad("run", "pk1", "--dose", "1 mg", "--quiet", "--out", "t.nc", env=nothing, words=["t.nc", "cannot write NetCDF", "try .csv"])
bad("run", "pk1", "--data", "records.csv", "--out", "t.nc", env=nothing, words=["t.nc", "cannot write NetCDF"])

# a disk of two megabytes, where this machine lets us make one
os.mkdir("disk")
mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", "disk"], stderr=subprocess.DEVNULL).returncode == 0
if mounted:
    try:
        long = ("run", "standard_vs_low", "--quiet", "--until", "2d", "--every", "1min", "--out", "disk/t.nc")
        bad(*long, status=1, words=["disk/t.nc", "cannot write", "No space left on device"])
    finally:
        subprocess.run(["umount", "disk"], check=True)
finish()
