"""A sweep as a NetCDF file: the numbers of its CSV files, over points, individuals and arms; the same bytes however the
work is cut; whole or not there."""
import csv
import os
import resource
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import bad, check, finish, fresh_directory, listing, model, wane, write  # noqa: E402

home = fresh_directory()
if "cannot write NetCDF" in wane("run", "pk1", "--quiet", "--out", "probe.nc").stderr:
    print("this build has no NetCDF module")
    sys.exit(77)
import numpy as np  # noqa: E402
import xarray as xr  # noqa: E402

SWEEP = ("sweep", "standard_vs_low", "--set", "days=3", "--every", "2h", "--vary", "low_dose=1,3,4.5", "--quiet")


def read_csv(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def column(rows, name):
    return np.array([float(row[name]) if row[name] else np.nan for row in rows])


def sweep(*args):
    done = wane(*SWEEP, *args)
    check(done.returncode == 0, f"{args}: exit {done.returncode}, {done.stderr}")


# -- rows and curves: every number
sweep("--individuals", "5", "--keep", "all", "--out", "a.nc")
sweep("--individuals", "5", "--keep", "all", "--out", "a.csv")
rows, curves = read_csv("a.csv"), read_csv("a-trajectories.csv")
with xr.open_dataset("a.nc") as data:
    check([data.sizes[d] for d in ("point", "subject", "arm")] == [3, 5, 2], f"{dict(data.sizes)}")
    n = 0
    for name in list(rows[0])[3:-1]:
        variable = data[name.replace(".", "_")]
        values = np.repeat(variable.values, 10) if variable.dims == ("point",) else variable.values.ravel()
        n += np.isfinite(values).any()
        check(np.allclose(values, column(rows, name), rtol=6e-15, atol=0, equal_nan=True), f"{name} differs")
    check(n > 20, f"only {n} columns have numbers")
    for name in list(curves[0])[5:]:
        check(np.allclose(data[name].values.ravel(), column(curves, name), rtol=6e-15, atol=0, equal_nan=True),
              f"curve {name} differs")
    check(list(data.point.values) == [1, 2, 3] and list(data.arm.values) == ["low", "standard"], "coordinates")
    check(data.low_dose.dims == ("point",) and data.low_dose.attrs["units"] == "mg", f"{data.low_dose}")
    ntx = data.cmax_ntx
    check(ntx.attrs["units"] == "ng/mL" and ntx.attrs["quantity"] == "cmax" and ntx.attrs["of"] == "ntx", f"{ntx.attrs}")
    about = data.attrs
    check(about["seed"] == 1 and about["vary"] == "low_dose=1,3,4.5" and about["rtol"] == 1e-6, f"{about}")
    check("wane sweep standard_vs_low" in about["history"] and "wane.scenario" in about["text_of_standard_vs_low_lua"], "origin")
    check(about["comment"] == "For teaching and research. Not medical advice." and about["facts_hash"], "comment and hash")

# -- the same bytes for any number of threads, shares and after a merge
sweep("--individuals", "5", "--keep", "all", "--threads", "1", "--out", "b.nc")
check(read_bytes("a.nc") == read_bytes("b.nc"), "the bytes depend on the threads")
for part in ("2/2", "1/2"):
    done = wane(*SWEEP, "--individuals", "5", "--keep", "all", "--shard", part, "--out", "m.nc")
    check(done.returncode == 0, f"share {part}: {done.stderr}")
done = wane("merge", "m.nc.sweep")
check(done.returncode == 0 and read_bytes("m.nc") == read_bytes("a.nc"), f"merge: {done.stderr}")

# -- quantiles
sweep("--individuals", "5", "--keep", "quantiles", "--out", "q.nc")
sweep("--individuals", "5", "--keep", "quantiles", "--out", "q.csv")
counted = [row for row in read_csv("q-quantiles.csv") if row["output"] == "ntx" and row["arm"] == "low"]
with xr.open_dataset("q.nc") as data:
    ours = data.ntx.sel(arm="low")
    for share, name in ((0.05, "q5"), (0.5, "q50"), (0.975, "q97.5")):
        check(np.allclose(ours.sel(quantile=share).values, column(counted, name), rtol=6e-5, atol=0), f"quantile {name}")
    check((data.ntx_n.sel(arm="low").values == column(counted, "n")).all() and data.ntx.attrs["relative_error"] < 0.005, "counts")

# -- simulations that fail: a status, words, missing values
write("blow.lua", model("d.Y = k * Y * Y", parameters='{ "k", 1, "1/(mg*h)", "rate", "assumed", "made up" }'))
done = wane("sweep", "blow.lua", "--vary", "k=0.01,0.02,2", "--until", "3h", "--quiet", "--out", "f.nc")
check(done.returncode == 1, f"a failed simulation: exit {done.returncode}, {done.stderr}")
with xr.open_dataset("f.nc") as data:
    check(list(data.status.values.ravel()) == [0, 0, 1], f"status {data.status.values}")
    words = list(data.message.values.ravel())
    check(words[:2] == ["", ""] and "t =" in words[2], f"messages {words}")

# -- sensitivity: the indices stand beside, as a table
done = wane("sweep", "standard_vs_low", "--set", "days=2", "--vary", "low_dose=1:6", "--sensitivity", "morris", "--n", "4",
            "--quiet", "--out", "i.nc")
check(done.returncode == 0 and len(read_csv("i-indices.csv")) > 10, f"indices: {done.stderr} {sorted(listing())}")
with xr.open_dataset("i.nc") as data:
    check(data.sizes["point"] == 8 and data.attrs["sensitivity"] == "morris", f"{dict(data.sizes)}")

# -- R
if shutil.which("Rscript"):
    write("read.R", 'library(ncdf4)\nfile <- nc_open("a.nc")\nx <- ncvar_get(file, "cmax_ntx")  # [arm, subject, point]\n'
          'rows <- read.csv("a.csv", comment.char = "#")\n'
          'stopifnot(identical(dim(x), c(2L, 5L, 3L)), all.equal(as.vector(x), rows$cmax.ntx, tolerance = 1e-14))\n'
          'stopifnot(ncvar_get(file, "low_dose") == c(1, 3, 4.5))\ncat("R agrees\\n")\n')
    done = subprocess.run(["Rscript", "--vanilla", "read.R"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          timeout=120)
    check(done.returncode == 0 and "R agrees" in done.stdout, f"R: {done.stdout}")


# -- a file that cannot grow: nothing half-written, what was done is kept, and going on gives the same bytes
def small():
    resource.setrlimit(resource.RLIMIT_FSIZE, (120000, 120000))


done = wane(*SWEEP, "--individuals", "5", "--keep", "all", "--out", "small.nc", preexec_fn=small)
check(done.returncode == 1 and "cannot write" in done.stderr and "--resume" in done.stderr, f"small: {done.stderr}")
check(not any(name.startswith("./small.nc") and ".sweep" not in name for name in listing()), f"left {listing()}")
sweep("--individuals", "5", "--keep", "all", "--out", "small.nc", "--resume")
check(read_bytes("small.nc") == read_bytes("a.nc"), "going on gives other bytes")
bad(*SWEEP, "--out", "x.nc", env={**os.environ, "WANE_MODULES": "."}, words=["x.nc", "cannot write NetCDF", "try .csv"])
finish()
