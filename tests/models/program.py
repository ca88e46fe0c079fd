"""Driving wane from the tests of this folder: where it is, running it, reading its trajectories."""
import csv
import os
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("WANE_SOURCE_DIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
WANE = os.environ.get("WANE_EXE") or os.path.join(SOURCE, "build", "release", "wane")
SANITIZED = "WANE_SANITIZED" in os.environ      # slow, and the release run compares the same numbers: some will do


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def reference_model():
    """The independent Python model kept beside the source tree, or the test is skipped."""
    folder = os.path.join(SOURCE, "..", "shared", "reference", "naltrexone")
    if not os.path.exists(os.path.join(folder, "model.py")):
        skip("no reference model beside the source")
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    try:
        import model
    except ImportError as missing:
        skip(missing)
    return model


def wane(*arguments):
    """Run wane; its standard output. A failure ends the test with wane's words."""
    if not os.path.exists(WANE):
        skip(f"{WANE} is not built")
    done = subprocess.run([WANE, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"wane {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def trajectories(*arguments):
    """{arm: {column: [values]}} of `wane run ARGUMENTS --out`."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.csv")
        wane("run", *arguments, "--quiet", "--out", path)
        with open(path, newline="") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    arms = {}
    for row in rows:
        columns = arms.setdefault(row["arm"], {name: [] for name in row if name not in ("arm", "clock")})
        for name, values in columns.items():
            values.append(float(row[name] or "nan"))
    return arms
