#!/usr/bin/env bash
# Build the SUNDIALS that wane is measured with, once per machine, and print the prefix it is installed in.
#
# Debian's own binary is compiled without optimisation and costs three times as much a step, so the same upstream source,
# fetched through apt (which checks its signature), is built here at -O2: CVODES and ARKODE, static, double precision,
# 64-bit indices. Nothing outside the cache directory changes; an interrupted build leaves nothing half done.
#
# usage: cmake/sundials.sh            build if missing, print the prefix
#        cmake/sundials.sh --prefix   print where the prefix is or would be
set -euo pipefail

version=6.4.1
tested=6.4.1+dfsg1-3 # any 6.4.1+dfsg* is the same upstream source and is accepted
flags='-O2 -g1 -ffp-contract=off'

cache=${WANE_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or WANE_CACHE}/.cache}/wane}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
prefix=$cache/sundials-$version-O2

is_complete() {
    [ -f "$prefix/lib/libsundials_cvodes.a" ] && [ -f "$prefix/lib/libsundials_arkode.a" ] &&
        grep -qsx "#define SUNDIALS_VERSION \"$version\"" "$prefix/include/sundials/sundials_config.h"
}

say() { printf 'sundials.sh: %s\n' "$*" >&2; }

fail() {
    say "$1"
    say "wane also builds with the system's library (about 3x slower a step): apt-get install libsundials-dev, then"
    say "cmake --preset release -DWANE_SUNDIALS=system; or give -DWANE_SUNDIALS=PREFIX of a SUNDIALS 6.4 or later."
    exit 1
}

if [ "${1:-}" = --prefix ] || is_complete; then
    printf '%s\n' "$prefix"
    exit 0
fi

for tool in apt-get cmake ninja cc tar xz; do
    command -v "$tool" >/dev/null || fail "$tool is missing"
done

# two builds started at once: the second waits, and finds the work done
exec 9>"$cache/.lock"
flock 9
if is_complete; then
    printf '%s\n' "$prefix"
    exit 0
fi

# what a killed build left behind
rm -rf "$cache"/.build.*
work=$(mktemp -d "$cache/.build.XXXXXX")
log=$cache/sundials-$version-O2.log
trap 'rm -rf "$work"' EXIT
: >"$log"

# the machine's own repositories, with their keys and options, as source repositories in a private list
mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial"
: >"$work/none.list"
configured=$(
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    ls "${list:-/etc/apt/sources.list}" "${parts:-/etc/apt/sources.list.d/}"*.sources \
        "${parts:-/etc/apt/sources.list.d/}"*.list 2>/dev/null || true
)
while IFS= read -r file; do
    [ -n "$file" ] || continue
    case $file in
    *.sources) sed -E 's/^Types:.*/Types: deb-src/' "$file" >"$work/parts/${file##*/}" ;;
    *.list) sed -E -e '/^deb-src[[:space:]]/d' -e 's/^deb([[:space:]])/deb-src\1/' "$file" >"$work/parts/${file##*/}" ;;
    esac
done <<<"$configured"

apt_private() {
    apt-get -q -o Dir::Etc::sourcelist="$work/none.list" -o Dir::Etc::sourceparts="$work/parts" \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@"
}

# a repository without sources is no error here: whether the source was found is
say "fetching the source of SUNDIALS $version"
apt_private update >>"$log" 2>&1 </dev/null || true
served=$(apt_private --print-uris --download-only --only-source source sundials 2>>"$log" </dev/null |
    awk '$2 ~ /^sundials_.*\.dsc$/ { sub(/^sundials_/, "", $2); sub(/\.dsc$/, "", $2); print $2; exit }' || true)
case $served in
"$version"+dfsg*) ;;
'') fail "apt offers no source package sundials (see $log)" ;;
*) fail "apt serves sundials $served; wane is tested with $tested" ;;
esac
[ "$served" = "$tested" ] || say "apt serves $served instead of $tested: the same upstream source"
(cd "$work" && apt_private --download-only --only-source source "sundials=$served") >>"$log" 2>&1 </dev/null ||
    fail "the source package could not be fetched (see $log)"

# upstream's tree as it is: Debian's patches only touch library paths, PETSc and tests
mkdir "$work/source"
tar -xf "$work/sundials_${served%-*}.orig.tar.xz" -C "$work/source" --strip-components=1
say "building it at -O2 (about 20 s)"
{
    cmake -S "$work/source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=None "-DCMAKE_C_FLAGS=$flags" \
        -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF -DBUILD_STATIC_LIBS=ON \
        -DBUILD_CVODE=OFF -DBUILD_IDA=OFF -DBUILD_IDAS=OFF -DBUILD_KINSOL=OFF \
        -DSUNDIALS_PRECISION=double -DSUNDIALS_INDEX_SIZE=64 -DENABLE_MPI=OFF \
        -DEXAMPLES_ENABLE_C=OFF -DEXAMPLES_INSTALL=OFF \
        -DCMAKE_INSTALL_LIBDIR=lib "-DCMAKE_INSTALL_PREFIX=$work/prefix"
    ninja -C "$work/build" install
} >>"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    fail "the build failed (see $log)"
}
install -D -m 644 "$work/source/LICENSE" "$work/prefix/LICENSE"

rm -rf "$prefix"
mv "$work/prefix" "$prefix"
is_complete || fail "the build in $prefix is not SUNDIALS $version (see $log)"
printf '%s\n' "$prefix"
