"""wane explain says of each steady state how long it takes, of that one and no other, in whatever order they were found."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import check, finish, fresh_directory, wane, write  # noqa: E402

fresh_directory()
write("weighed.lua", """return wane.model { name = "weighed", title = "Weighed", caption = "For tests.",
  parameters = { { "K", 0.1, "1/h", "elimination", "assumed", "made up" } },
  covariates = { { "WT", 70, "kg", "weight" } },
  states = { { "CENT", "mg", "central" } },
  doses = { { "CENT", "mg", "into a vein", into = "CENT" } },
  equations = function()
    d.CENT = -K * q(70, "kg") / WT * CENT
    A = CENT
  end,
  outputs = { { "A", "mg", "amount" } },
}
""")
# eight at the same times, so that they run side by side; each has a steady state at 0 and at 50 h
rows = ["ID,TIME,EVID,AMT,CMT,II,SS,WT"]
for who in range(8):
    for time in (0, 50):
        rows += [f"{who + 1},{time},1,100,1,12,1,{35 * (1 + who)}", f"{who + 1},{time + 5},0,.,.,.,.,{35 * (1 + who)}"]
write("rows.csv", "\n".join(rows) + "\n")

done = wane("explain", "weighed.lua", "--data", "rows.csv")
check(done.returncode == 0, done.stderr)
text = " ".join(done.stdout.split())
found = [(int(line), float(n), unit) for line, n, unit in
         re.findall(r"record (\d+), SS 1; 95 % reached in ([\d.]+) (h|days)", text)]
check([line for line, _, _ in found] == list(range(2, 34, 2)), f"every steady state, by record: {found}")
for line, n, unit in found:
    hours, weight = n * (24 if unit == "days" else 1), 35 * (1 + (line - 2) // 4)
    check(abs(hours / (29.957 * weight / 70) - 1) < 0.01, f"record {line}: ln 20 / k, got {n} {unit}")

finish()
