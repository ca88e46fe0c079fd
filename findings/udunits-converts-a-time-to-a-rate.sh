#!/usr/bin/env bash
# UDUNITS 2.2.28 converts a time constant to a rate constant in silence: "h" to "1/s" succeeds and takes the reciprocal.
# A check "are these units convertible?" therefore lets a half-life pass where a rate is wanted. Seen:
# "1 h = 0.000277778 1/s" and a number for L to 1/mL, where mg to mL is "not convertible".
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
convert() {
    LD_LIBRARY_PATH=$(find root -name 'libudunits2.so.0' -printf '%h:') \
        UDUNITS2_XML_PATH=$(find "$work/root" -name udunits2.xml) "$(find root -name udunits2 -type f)" -A -H "$1" -W "$2" \
        </dev/null 2>&1 || true
}
status=0
for pair in 'h 1/s' 'L 1/mL' 'mg mL'; do
    read -r from to <<<"$pair"
    printf '%s to %s:\n%s\n' "$from" "$to" "$(convert "$from" "$to")"
done
convert h 1/s | grep -qF '1 h = 0.000277778 1/s' || status=1
convert L 1/mL | grep -q '1 L = ' || status=1
convert mg mL | grep -q 'not convertible' || status=1
exit $status
