#!/usr/bin/env bash
# pandas 1.5.3 read_csv does not return the number that is written: of random numbers from 1e-4 to 1e-3, printed so
# that they read back exactly, nearly all come back changed, by up to 1e-12 of themselves; between 1 and 10 one in
# seven. float_precision="round_trip" reads every one right. Seen: the counts below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
: >status
mkdir -p debs/partial root
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 install python3-pandas=1.5.3+dfsg-2 >/dev/null 2>&1
rm -f debs/libc6_*.deb
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
cat >try.py <<'END'
import io, sys
import numpy, pandas
print("pandas", pandas.__version__)
random = numpy.random.default_rng(1)
share = {}
for low, high in [(1e-4, 1e-3), (1, 10), (1e-12, 1e-8)]:
    x = numpy.exp(random.uniform(numpy.log(low), numpy.log(high), 20000))
    text = "x\n" + "\n".join(repr(float(v)) for v in x)
    plain = pandas.read_csv(io.StringIO(text)).x.values
    exact = pandas.read_csv(io.StringIO(text), float_precision="round_trip").x.values
    share[low] = (plain != x).mean()
    print(f"{low:g} to {high:g}: {100 * share[low]:.1f} % changed, by up to {abs(plain / x - 1).max():.1e};",
          f"round_trip: {(exact != x).sum()} changed")
    if (exact != x).any():
        sys.exit(1)
sys.exit(not (share[1e-4] > 0.9 and share[1] > 0.05))
END
PYTHONPATH=root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$(find root -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:) \
    /usr/bin/python3 try.py
