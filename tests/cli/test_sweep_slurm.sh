#!/usr/bin/env bash
# The sbatch script of the manual, as Slurm would run its array: tasks in any order, one of them killed and sent again.
set -euo pipefail

script=$WANE_SOURCE_DIR/docs/sweep.sbatch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$WANE_EXE" "$work/bin/wane"
export PATH=$work/bin:$PATH WANE_DATA=$WANE_SOURCE_DIR
export WANE_RESULT=$work/doses.csv SLURM_CPUS_PER_TASK=2 SLURM_ARRAY_TASK_COUNT=3
# the manual's sweep, made small: the last of an option that is given once counts here
sed -e 's/days=7/days=1/' -e 's/--n 65536/--n 8/' -e 's/low_dose=1:6:11/low_dose=1:6:6/' "$script" >"$work/sweep.sbatch"
grep -q -- '--n 8' "$work/sweep.sbatch"
bash -n "$script"
grep -q '^#SBATCH --array=1-' "$script"

task() { SLURM_ARRAY_TASK_ID=$1 bash "$work/sweep.sbatch" 2>>"$work/log"; }

fail() {
    printf 'FAILED: %s\n' "$*"
    exit 1
}

task 3
task 1 &
one=$!
sleep 0.3
kill -9 "$one" 2>/dev/null || true
wait "$one" 2>/dev/null || true
wane merge "$WANE_RESULT" 2>"$work/words" && fail "merged before all was there"
grep -q 'shards are missing' "$work/words" || fail "$(cat "$work/words")"
task 2 &
task 1
wait
wane merge "$WANE_RESULT" --remove
[ ! -e "$WANE_RESULT.sweep" ] || fail "the folder stays"

wane sweep standard_vs_low --set days=1 --vary low_dose=1:6:6 --draw "CL~lognormal(140,30%)" --n 8 --out "$work/whole.csv" --quiet
cmp "$work/whole.csv" "$WANE_RESULT" || fail "not the bits of a single process"
if bash "$script" 2>"$work/words"; then fail "ran without Slurm"; fi
grep -q 'run this by sbatch' "$work/words" || fail "$(cat "$work/words")"
