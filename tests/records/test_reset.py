"""A compartment on a reset is read by nobody: wane says so, and resets all of them."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import check, finish, fresh_directory, wane, write  # noqa: E402

fresh_directory()
ROWS = "ID,TIME,EVID,AMT,CMT,DV\n1,0,1,100,1,0\n1,2,0,0,1,0\n1,3,3,0,%s,0\n1,4,0,0,1,0\n"
write("named.csv", ROWS % "2")
write("plain.csv", ROWS % "0")

named, plain = wane("run", "pk1", "--data", "named.csv"), wane("run", "pk1", "--data", "plain.csv")
check("named.csv:4: CMT of EVID 3 is not read" in named.stderr, named.stderr)
check(not plain.stderr, plain.stderr)
values = [[line.split(",")[5:] for line in done.stdout.splitlines() if line[:1] == "1"] for done in (named, plain)]
check(values[0] == values[1] and len(values[0]) == 4, "a named compartment changes nothing")
check("its CMT is not read" in " ".join(wane("explain", "pk1", "--data", "named.csv").stdout.split()), "explain says so")
check("not read" not in wane("explain", "pk1", "--data", "plain.csv").stdout, "nothing to say")

finish()
