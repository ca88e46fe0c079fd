#!/usr/bin/env bash
# The rules of the house that a compiler does not check. Each is a test of its own.
#
# usage: cmake/house.sh CHECK [ARGUMENT]
#   libraries          a library's headers stay in the room that knows it
#   floors             a room includes only rooms below it
#   quiet              no exit, print or long jump in the engine outside app/
#   sizes              files are short
#   format             clang-format has nothing to say
#   shell              shellcheck has nothing to say
#   paths              no absolute path of somebody's machine
#   exports LIBRARY    libwane exports what wane.h declares, named wn_*, and nothing else
#   install BUILD      what is installed runs, and others can build on it
set -euo pipefail
cd "$(dirname "$0")/.."

complaints=0
complain() {
    printf '%s\n' "$*"
    complaints=$((complaints + 1))
}

# the project's own files, one a line, those not yet added included
files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
            [ ! -f "$file" ] || printf '%s\n' "$file"
        done
    else
        local pattern
        for pattern in "$@"; do
            find . \( -path ./build -o -path ./out \) -prune -o -type f -path "./$pattern" -print | sed 's,^\./,,'
        done | sort -u
    fi
}

# only_in ROOMS-REGEX WHAT HEADER-REGEX: the header is included nowhere else
only_in() {
    local line
    while IFS= read -r line; do
        [ -n "$line" ] && complain "$line   <- $2"
    done < <(files 'engine/*.c' 'engine/*.cc' 'engine/*.h' | grep -vE "^engine/($1)" |
        xargs -r grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($3)" || true)
}

check_libraries() {
    only_in 'script/' 'Lua only in script/' '(lua5\.4/)?(lua|lauxlib|lualib|luaconf)\.'
    only_in 'solve/sundials/' 'SUNDIALS only in solve/sundials/' '(cvodes?|arkode|nvector|sundials|sunlinsol|sunmatrix|sunnonlinsol)/'
    only_in 'base/pool\.' 'threads only in base/pool' '(pthread|threads)\.h'
    only_in 'io/' 'cairo, libpng and zlib only in io/' '(cairo|(cairo/)?cairo.*|png|zlib)\.h'
    only_in 'base/' 'udunits only in base/' 'udunits'
    only_in 'base/number\.' 'numbers become text in base/number' '(dragonbox|fast_float)/'
    only_in 'modules/' 'the libraries of modules only in modules/' '(netcdf|hdf5|mpi|llvm-c/)'
    only_in 'base/module\.' 'code is loaded only in base/module' 'dlfcn\.h'
}

declare -A floor_of=([base]=0 [expr]=1 [model]=2 [dose]=3 [solve]=3 [sim]=4 [io]=5 [script]=5 [sweep]=5 [app]=6 [modules]=6)

check_floors() {
    local file line header room other mine theirs
    while IFS=: read -r file line header; do
        room=${file#engine/}
        header=${header#*\"}
        header=${header%%\"*}
        case $header in
        *..*)
            complain "$file:$line: include \"$header\" from engine/, without .."
            continue
            ;;
        */*) other=${header%%/*} ;;
        *) continue ;;
        esac
        # the files of engine/ itself (wane.c) stand between the rooms and app
        case $room in */*) room=${room%%/*} ;; *) room= ;; esac
        if [ -z "$room" ]; then
            [ "$other" != app ] || complain "$file:$line: engine/ may not include $header"
            continue
        fi
        [ "$room" != "$other" ] || continue
        mine=${floor_of[$room]-}
        theirs=${floor_of[$other]-}
        if [ -z "$mine" ]; then
            complain "$file: engine/$room is not a room of the house"
        elif [ -z "$theirs" ]; then
            complain "$file:$line: $header is in no room of the house"
        elif [ "$theirs" -ge "$mine" ]; then
            complain "$file:$line: $room may not include $header"
        fi
    done < <(files 'engine/*.c' 'engine/*.cc' 'engine/*.h' | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' || true)
}

check_quiet() {
    local line
    while IFS= read -r line; do
        [ -n "$line" ] && complain "$line"
    done < <(files 'engine/*.c' 'engine/*.cc' 'engine/*.h' | grep -v '^engine/app/' | xargs -r grep -nHE \
        '^[^"/]*(^|[^_[:alnum:].>])((exit|_exit|abort|longjmp|siglongjmp|printf|puts|putchar|perror) ?\(|fprintf ?\((stderr|stdout))' ||
        true)
}

check_sizes() {
    local file lines
    while read -r lines file; do
        if [ "$lines" -gt 600 ]; then
            complain "$file: $lines lines, more than 600"
        else
            printf 'warning: %s: %s lines, more than 500\n' "$file" "$lines"
        fi
    done < <(files '*.c' '*.cc' '*.h' '*.lua' '*.py' '*.sh' | xargs -r wc -l |
        awk '$1 > 500 && $2 != "total"')
}

check_format() {
    local list=()
    mapfile -t list < <(files '*.c' '*.cc' '*.h')
    [ ${#list[@]} -eq 0 ] || clang-format-14 --dry-run -Werror "${list[@]}" ||
        complain "clang-format-14 -i would change these"
}

check_shell() {
    local list=()
    mapfile -t list < <(files '*.sh' demo check .ci/run)
    shellcheck "${list[@]}" || complain "shellcheck complains"
}

check_paths() {
    local line
    while IFS= read -r line; do
        [ -n "$line" ] && complain "$line"
    done < <({
        files '*' | xargs -r grep -nHIE '(^|[^[:alnum:]_./~-])/(home|root|work|Users|mnt)/[[:alnum:]._-]' || true
        files '*' | xargs -r grep -nHIF -- "$PWD/" || true
    } | cut -c 1-200)
}

check_exports() {
    local name
    [ -f engine/wane.h ] || return 0
    while IFS= read -r name; do
        case $name in
        __asan* | __odr_asan* | __ubsan*) ;;
        wn_*) grep -qwF "$name" engine/wane.h || complain "$name is exported but not in wane.h" ;;
        *) complain "$name is exported and not named wn_*" ;;
        esac
    done < <(nm -D --defined-only --format=posix "$1" | cut -d ' ' -f 1)
}

check_install() {
    local prefix work
    work=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    prefix=$work/moved
    cmake --install "$1" --prefix "$work/prefix" >"$work/log"
    # a prefix that moves must keep working
    mv "$work/prefix" "$prefix"
    [ ! -x "$1/wane" ] || env -u WANE_DATA "$prefix/bin/wane" --version || complain "the installed wane does not run"
    [ -f engine/wane.h ] || return 0
    printf '#include <wane.h>\nint main(void) { return 0; }\n' >"$work/user.c"
    # shellcheck disable=SC2046
    cc -std=c17 -pedantic-errors -Wall -Wextra -Werror "$work/user.c" -o "$work/user" \
        $(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name wane.pc)") pkg-config --cflags --libs wane) \
        -Wl,--no-as-needed || complain "wane.pc: a program cannot be built"
    mkdir "$work/project"
    cat >"$work/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(user C)
find_package(wane 0.1 REQUIRED)
add_executable(user ../user.c)
target_link_libraries(user PRIVATE wane::wane)
END
    { cmake -S "$work/project" -B "$work/build" -G Ninja "-DCMAKE_PREFIX_PATH=$prefix" && ninja -C "$work/build"; } \
        >"$work/log" 2>&1 || {
        cat "$work/log"
        complain "find_package(wane): a program cannot be built"
    }
}

"check_$1" "${@:2}"
[ "$complaints" -eq 0 ]
