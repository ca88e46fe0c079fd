#!/usr/bin/env bash
# Install the packages of cmake/packages.txt that are missing; silent and without apt when none is.
#
# usage: cmake/prepare.sh build        what building and running wane takes
#        cmake/prepare.sh build test   and what its tests take
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

missing=()
section=
while IFS= read -r line; do
    case $line in
    '' | '#'*) continue ;;
    '['*']')
        section=${line#[}
        section=${section%]}
        continue
        ;;
    esac
    case " $* " in *" $section "*) ;; *) continue ;; esac
    status=$(dpkg-query -W -f '${db:Status-Status}' "$line" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$line")
done <"$here/packages.txt"
[ ${#missing[@]} -gt 0 ] || exit 0

printf 'installing: %s\n' "${missing[*]}" >&2
if ! command -v apt-get >/dev/null; then
    printf 'apt-get is not here: install these (Debian names) another way\n' >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        printf 'neither root nor sudo: ask for them to be installed\n' >&2
        exit 1
    fi
    as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=500 "$@" \
        >>"$log" 2>&1 </dev/null
}
# an index that cannot be refreshed matters only if the packages cannot be installed
apt update || true
apt install --no-install-recommends "${missing[@]}" || {
    tail -n 30 "$log" >&2
    exit 1
}
