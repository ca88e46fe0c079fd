"""Ctrl-C ends a long run with 130, one word and no file; --watch runs again when a file is saved, and survives errors."""
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import WANE, check, finish, fresh_directory, listing, model, write  # noqa: E402

home = fresh_directory()

# a fast oscillator, restarted every hour: would run for hours
write("long.lua", model("d.Y = w * Z\n d.Z = -w * Y", states='{ "Y", "mg", "y", initial = 1 }, { "Z", "mg", "z" }',
                        parameters='{ "w", 1e4, "1/h", "rate", "assumed", "made up" }'))
doses = ("--dose", "1 mg into Y at 00:00 every 1h for 50wk")


def start(*args):
    return subprocess.Popen([WANE, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, encoding="utf-8")


for number in (signal.SIGINT, signal.SIGTERM):
    for solver in ("explicit", "bdf"):
        process = start("run", "long.lua", *doses, "--solver", solver, "--every", "24h", "--out", "t.csv", "--summary", "s.csv",
                        "--plot", "p.png", "--threads", "2")
        time.sleep(1)
        check(process.poll() is None, f"{solver}: the long run has ended: {process.poll()}")
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        check(process.returncode == 130, f"{solver}: exit {process.returncode}")
        check(err == "wane: interrupted\n" and out == "", f"{solver}: {err!r} {out!r}")
        check(listing() == {"./long.lua"}, f"{solver}: left {listing()}")

# the same while checking
process = start("check", "long.lua", *doses)
time.sleep(1)
process.send_signal(signal.SIGINT)
check(process.communicate(timeout=20) == ("", "wane: interrupted\n") and process.returncode == 130, "check is interrupted")

# --watch
write("watched.lua", model("d.Y = -k * Y"))
process = start("run", "watched.lua", "--watch", "--quiet", "--out", "w.csv")
lines = []
reader = threading.Thread(target=lambda: lines.extend(iter(process.stderr.readline, "")), daemon=True)
reader.start()


def wait_for(count, word, seconds=30):
    """Wait until so many lines with this word have been said."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if sum(word in line for line in list(lines)) >= count:
            return True
        time.sleep(0.05)
    return False


def last_value():
    with open("w.csv", encoding="utf-8") as file:
        return float(file.read().splitlines()[-1].split(",")[4])


check(wait_for(1, "watching watched.lua"), f"watch begins: {lines}")
first = last_value()
write("watched.lua", model("d.Y = -2 * k * Y"))
check(wait_for(2, "watching"), "watch: runs again when saved")
check(abs(last_value() - first ** 2) < 1e-6, "watch: the new model ran")
write("watched.lua", model("d.Y = -kk * Y"))
check(wait_for(3, "watching") and any("kk" in line for line in lines), "watch: an error is shown")
check(abs(last_value() - first ** 2) < 1e-6, "watch: an error leaves the results")
write("new.lua", model("d.Y = -3 * k * Y"))
os.replace("new.lua", "watched.lua")
check(wait_for(4, "watching"), "watch: goes on after an error, also when an editor renames")
os.mkdir("parts")
process.send_signal(signal.SIGINT)
check(process.wait(timeout=20) == 130, f"watch: exit {process.returncode}")
reader.join(timeout=10)
check(lines[-1] == "wane: interrupted\n", f"watch: {lines[-1:]}")
finish()
