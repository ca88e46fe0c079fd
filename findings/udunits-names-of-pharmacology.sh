#!/usr/bin/env bash
# UDUNITS 2.2.28 accepts units that pharmacology writes every day and takes them for something else, without a warning:
# "unit" is a micro-nit (luminance), "pH" a picohenry, "a" an are and no year, "cps" holds a radian, "kg^0.75" is the
# number 75 and "mL/min/1.73 m2" multiplies by the square metre. Seen: each definition below, exit status 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
: >status
mkdir -p debs/partial root
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 install udunits-bin=2.2.28-5 >/dev/null 2>&1
rm -f debs/libc6_*.deb
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
definition() {
    LD_LIBRARY_PATH=$(find root -name 'libudunits2.so.0' -printf '%h:') \
        UDUNITS2_XML_PATH=$(find "$work/root" -name udunits2.xml) "$(find root -name udunits2 -type f)" -A -H "$1" -W '' </dev/null
}
status=0
while IFS='|' read -r unit expected; do
    got=$(definition "$unit" | tr -d '\n' | sed 's/^ *//')
    printf '%-16s means %-28s (seen before: %s)\n' "$unit" "$got" "$expected"
    [ "$got" = "$expected" ] || status=1
done <<'END'
unit|1e-06 m-2.cd
pH|1e-12 m2.kg.s-2.A-2
a|100 m2
cps|6.28318530717959 s-1.rad
kg^0.75|75 1
mL/min/1.73 m2|9.63391136801542e-09 m5.s-1
END
exit $status
