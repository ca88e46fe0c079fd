"""A sweep loses nothing: killed, interrupted, out of disk, with damaged files, it goes on to the bits of an undisturbed one."""
import os
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import WANE, bad, check, finish, fresh_directory, good, listing, model, wane, write  # noqa: E402

home = fresh_directory()
random.seed(int(os.environ.get("WANE_TEST_SEED", "1")))

# an oscillator that takes a while: some 60 shards
UNTIL = 18 if re.search("[at]san", WANE) else 108
write("swing.lua", model("d.Y = w * Z\n d.Z = -w * Y", states='{ "Y", "mg", "y", initial = 1 }, { "Z", "mg", "z" }',
                         parameters='{ "w", 20, "1/h", "rate", "assumed", "made up" }'))
args = ("sweep", "swing.lua", "--draw", "w~uniform(10,40)", "--n", "2048", "--until", f"{UNTIL}h", "--solver", "rk", "--threads", "2")


def text(path):
    with open(path, "rb") as file:
        return file.read()


def shards(folder):
    return sorted(path for path in listing(folder) if path.endswith(".shard"))


def start(*more):
    return subprocess.Popen([WANE, *args, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                            encoding="utf-8")


def wait_for(folder, n, process):
    """Until so many shards are there."""
    while len(shards(folder)) < n:
        if process.poll() is not None:
            check(False, f"it ended with {len(shards(folder))} shards")
            break
        time.sleep(0.002)


begun = time.monotonic()
good(*args, "--out", "whole.csv", "--quiet")
length = time.monotonic() - begun
reference = text("whole.csv")

# kill -9 again and again at random moments, also while the result is put together
kills = 0
while kills < 200:
    process = start("--out", "killed.csv", "--resume", "--quiet")
    time.sleep(random.uniform(0, length / 4))
    if process.poll() is not None:
        break
    process.kill()
    process.communicate()
    kills += 1
    check(not os.path.exists("killed.csv") or text("killed.csv") == reference, f"after kill {kills}: a result that is not whole")
out, err = process.communicate()
check(kills >= 3, f"killed {kills} times only: {length:.1f} s")
if process.returncode:
    done = wane(*args, "--out", "killed.csv", "--resume", "--quiet")
    check(done.returncode == 0, f"the last resume: {done.stderr}")
check(text("killed.csv") == reference, f"killed {kills} times, the same bits")
check(not os.path.exists("killed.csv.sweep"), f"left {listing()}")
for name in [name for name in os.listdir(".") if name.startswith("killed.csv.")]:
    # what a killed process was writing beside the result; no later one knows whose it is
    os.remove(name)

# Ctrl-C: what is under way is finished, the command to go on is said, and it works
for number in (signal.SIGINT, signal.SIGTERM):
    process = start("--out", "stopped.csv")
    wait_for("stopped.csv.sweep", 16, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    check(process.returncode == 130, f"exit {process.returncode}: {err}")
    found = re.search(r"interrupted after (\d+) of (\d+) shards; go on with: wane (.*)\n", err)
    if check(found, err):
        check(0 < int(found[1]) < int(found[2]) and len(shards("stopped.csv.sweep")) == int(found[1]), f"{err} {listing()}")
        check(all(path.endswith((".shard", "manifest.json")) for path in listing("stopped.csv.sweep")), f"{listing()}")
        again = wane(*shlex.split(found[3]))
        check(again.returncode == 0, again.stderr)
        check(text("stopped.csv") == reference, "interrupted and resumed, the same bits")
    os.remove("stopped.csv")


def stopped(name):
    """A sweep that was interrupted about half-way."""
    process = start("--out", name)
    wait_for(name + ".sweep", 24, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return shards(name + ".sweep")


# a power cut leaves files of any length, or other bytes
files = stopped("cut.csv")
check(len(files) > 8, f"{len(files)} shards")
for path in random.sample(files, 8):
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        what = random.randrange(4)
        if what == 0:
            file.truncate(random.randrange(size))
        elif what == 1:
            file.truncate(0)
        elif what == 2:
            at = random.randrange(size)
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 1 << random.randrange(8)]))
        else:
            file.write(b"\0" * random.randrange(1, size))
os.replace(files[0], files[1])  # another shard's bytes
write(files[2] + ".a1b2c3", "half")
done = wane(*args, "--out", "cut.csv", "--resume", "--quiet")
check(done.returncode == 0 and text("cut.csv") == reference, f"damaged shards are made again: {done.stderr}")
check(not os.path.exists("cut.csv.sweep"), f"left {listing()}")

# a damaged manifest is said, not guessed
stopped("manifest.csv")
with open("manifest.csv.sweep/manifest.json", "r+", encoding="utf-8") as file:
    file.truncate(100)
bad(*args, "--out", "manifest.csv", "--resume", words=["manifest.json", "expected the manifest of a sweep"])

# a sweep that is not the same any more is refused, and told what differs
files = stopped("changed.csv")
without = [a for a in args if a not in ("--until", f"{UNTIL}h")]
for changed, word in ((args + ("--seed", "2"), "--seed was 1"), (args + ("--rtol", "1e-5"), "--rtol"), (args + ("--keep", "all"), "--keep"),
                      (without + ["--until", "3d"], f"--until was {UNTIL}"), (args + ("--set", "w=1"), "--set"),
                      ([*args[:3], "w~uniform(10,41)", *args[4:]], "--draw was w~uniform(10,40)"),
                      ([*args[:5], "1024", *args[6:]], "points was 2048")):
    bad(*changed, "--out", "changed.csv", "--resume", words=[word])
original = text("swing.lua")
write("swing.lua", original.decode() + "-- a word more\n")
bad(*args, "--out", "changed.csv", "--resume", words=["swing.lua has changed since the sweep began"])
with open("swing.lua", "wb") as file:
    file.write(original)
check(shards("changed.csv.sweep") == files, "a refused sweep keeps what it had")
good(*args, "--out", "changed.csv", "--resume", "--quiet")
check(text("changed.csv") == reference, "and goes on when all is as it was")


# a disk that takes no more: exit 1, why, and how to go on; an older result stays
def small():
    resource.setrlimit(resource.RLIMIT_FSIZE, (12000, 12000))


write("full.csv", "older")
done = wane(*args, "--out", "full.csv", preexec_fn=small)
check(done.returncode == 1 and "File too large" in done.stderr and "--resume" in done.stderr, done.stderr)
check(text("full.csv") == b"older" and not [p for p in listing("full.csv.sweep") if ".shard." in p], f"{listing('full.csv.sweep')}")
good(*args, "--out", "full.csv", "--resume", "--quiet")
check(text("full.csv") == reference, "after a full disk, the same bits")

# a real one, where we may mount it
os.mkdir("disk")
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", "disk"], capture_output=True, check=False).returncode == 0:
    try:
        done = wane(*args, "--out", "disk/r.csv")
        check(done.returncode == 1 and "No space left on device" in done.stderr, done.stderr)
        check("disk/r.csv" not in listing("disk") and not [p for p in listing("disk") if "shard." in p], f"{listing('disk')}")
        subprocess.run(["mount", "-o", "remount,size=4m", "disk"], check=True)
        good(*args, "--out", "disk/r.csv", "--resume", "--quiet")
        check(text("disk/r.csv") == reference, "after a full disk, the same bits")
    finally:
        subprocess.run(["umount", "disk"], check=True)

# nothing to go on with is no error: a job that is sent again always says --resume
good(*args, "--out", "fresh.csv", "--resume", "--quiet")
check(text("fresh.csv") == reference, "--resume from nothing")


# memory does not grow with the number of points
def peak(n):
    pid = os.spawnv(os.P_NOWAIT, WANE, [WANE, "sweep", "pk1", "--dose", "100 mg into GUT at 08:00", "--draw", "CL~uniform(2,9)",
                                        "--n", str(n), "--quiet", "--out", f"m{n}.csv"])
    _, status, usage = os.wait4(pid, 0)
    check(status == 0, f"{n} points: status {status}")
    return usage.ru_maxrss / 1024


few, many = peak(2000), peak(40000)
if "asan" not in WANE and "tsan" not in WANE:
    check(many < few + 40 and many < 150, f"{few:.0f} MB for 2,000 points, {many:.0f} MB for 40,000")
with open("m40000.csv", encoding="utf-8") as file:
    check(sum(1 for line in file if line[0].isdigit()) == 40000, "every point has its row")
finish()
