"""Plain Sobol' points against scipy's, which uses the same direction numbers: every dimension, bit for bit."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from scipy.stats import qmc

DIMS, POINTS = 512, 4096
BITS = 52

program = Path(os.environ["WANE_EXE"]).parent / "tests" / "sweep_test_sobol"
text = subprocess.run([program, str(DIMS), str(POINTS)], check=True, capture_output=True).stdout
got = np.array(text.split(), dtype=np.uint64).reshape(POINTS, DIMS)
want = qmc.Sobol(d=DIMS, scramble=False).random(POINTS)
different = np.argwhere(got != (want * 2.0**BITS).astype(np.uint64))
if len(different):
    point, dim = different[0]
    sys.exit(f"{len(different)} coordinates differ; first: point {point}, dimension {dim}: "
             f"{got[point, dim] / 2.0**BITS}, scipy {want[point, dim]}")
print(f"{POINTS} points of {DIMS} dimensions are scipy's")
