"""wane validate: the default hypothesis holds every row; another one is compared, which is no failure."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import check, finish, fresh_directory, good  # noqa: E402

home = fresh_directory()
done = good("validate", "naltrexone", "--hypothesis", "H1", "--csv", "rows.csv")
with open("rows.csv", encoding="utf-8") as file:
    rows = file.read().splitlines()
check(rows[0] == "id,scenario,published,low,high,value,unit,holds,badge,use", rows[0])
last = done.stdout.splitlines()[-1]
check(last.startswith(f"{len(rows) - 1} of {len(rows) - 1} rows hold (") and "tuned" in last and "structural" in last
      and "not validation" in last, last)
other = good("validate", "naltrexone", "--hypothesis", "H2", "--threads", "1").stdout.splitlines()[-1]
check(not other.startswith(f"{len(rows) - 1} of"), f"H2: {other}")
finish()
