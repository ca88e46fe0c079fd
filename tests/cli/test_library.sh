#!/usr/bin/env bash
# A C program over wane.h and libwane alone: the example of the header compiles, links and runs, as C99 too.
set -euo pipefail

work=$(mktemp -d -p .)
trap 'rm -rf "$work"' EXIT

{
    printf '#include <stdio.h>\n#include <wane.h>\nint main(void) {\n'
    # the example stands in the header's first comment, indented by three blanks
    sed -n '/^ \*   wn_error err;/,/^ \*   wn_study_close/s/^ \*   //p' "$WANE_SOURCE_DIR/engine/wane.h"
    printf '  return 0;\n}\n'
} >"$work/example.c"
grep -q wn_study_run "$work/example.c"

flags=()
symbols=$(nm -D "$WANE_LIB")
case $symbols in *__asan_init*) flags+=("-fsanitize=address,undefined") ;; esac
case $symbols in *__tsan_init*) flags+=("-fsanitize=thread") ;; esac
for standard in c99 c17; do
    cc "-std=$standard" -pedantic-errors -Wall -Wextra -Werror "${flags[@]}" -I "$WANE_SOURCE_DIR/engine" "$work/example.c" \
        -o "$work/example" "$WANE_LIB" "-Wl,-rpath,$(dirname "$WANE_LIB")"
done
(cd "$work" && ./example 2>err) || { cat "$work/err"; exit 1; }
[ ! -s "$work/err" ] || { cat "$work/err"; exit 1; }
grep -q '</svg>' "$work/arms.svg"

# 28 days and 22 h of 15 min rows, from nothing to a low dose in plasma
lines=$(wc -l <"$work/ntx.txt")
[ "$lines" -gt 1000 ] || { printf 'only %s rows\n' "$lines"; exit 1; }
[ "$(head -n 1 "$work/ntx.txt")" = '0 0' ] || { head -n 1 "$work/ntx.txt"; exit 1; }
awk '$2 > top { top = $2 } END { exit !(top > 0.1 && top < 10) }' "$work/ntx.txt"
