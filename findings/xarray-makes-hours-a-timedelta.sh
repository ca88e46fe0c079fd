#!/usr/bin/env bash
# xarray 2023.01 turns a variable whose unit is "hours", "days" or "minutes" into timedelta64 when it opens a data set,
# but leaves "h", "hour", "d", "min" and "weeks" alone: a half-life or a time above a threshold in hours comes back as
# nanoseconds, and its mean or its product with a rate is no longer a number. Seen: the types below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
: >status
mkdir -p debs/partial root
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 install python3-xarray=2023.01.0-1.1 >/dev/null 2>&1
rm -f debs/libc6_*.deb
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
cat >try.py <<'END'
import sys, warnings
warnings.simplefilter("ignore")
import numpy, pandas, xarray
print("pandas", pandas.__version__, "numpy", numpy.__version__)
seen = {}
for unit in ["hours", "days", "minutes", "seconds", "h", "hour", "d", "min", "weeks", "1/h"]:
    data = xarray.Dataset({"t_half": ("subject", numpy.array([1.5, 2.0]), {"units": unit})})
    seen[unit] = str(xarray.decode_cf(data).t_half.dtype)
    print(f"{unit:8s} {seen[unit]}")
changed = {"hours", "days", "minutes", "seconds"}
sys.exit(any((seen[u] == "timedelta64[ns]") != (u in changed) for u in seen))
END
PYTHONPATH=root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$(find root -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:) \
    /usr/bin/python3 try.py
