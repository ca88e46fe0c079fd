"""A disk that is full or says no: the exit status tells, one line says why, and nothing half-written stays behind."""
import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import WANE, bad, check, finish, fresh_directory, good, listing, wane, write  # noqa: E402

home = fresh_directory()
dose = ("--dose", "100 mg into GUT at 08:00 every 24h for 14d")

# standard output
for args in (("run", "pk1", *dose), ("run", "pk1", *dose, "--json"), ("list",), ("describe", "pk1"), ("describe", "pk1", "--json"),
             ("check", "pk1"), ("explain", "pk1", *dose), ("explain", "pk1", *dose, "--json"), ("help",), ("--version",)):
    with open("/dev/full", "w") as full:
        done = wane(*args, stdout=full)
    check(done.returncode == 1, f"{args} to a full disk: exit {done.returncode}")
    check(done.stderr == "wane: standard output: cannot write: No space left on device\n", f"{args}: {done.stderr!r}")

# a reader that stops reading ends the program without words
long = ("run", "naltrexone", "--dose", "4.5 mg at 22:00 every 24h for 40wk", "--json")
with subprocess.Popen([WANE, *long], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
    process.stdout.read(10)
    process.stdout.close()
    check(process.stderr.read() == b"", "words when a pipe closes")
    check(process.wait() in (-13, 141), f"a closed pipe: exit {process.returncode}")
ignored = subprocess.run(["bash", "-c", "trap '' PIPE; \"$0\" \"$@\" | head -c 10 >head", WANE, *long], stderr=subprocess.PIPE)
check(ignored.stderr == b"", f"SIGPIPE ignored by the shell: {ignored.stderr}")
os.remove("head")

# files: on a device that is always full
for option in ("--out", "--summary", "--plot"):
    ending = ".svg" if option == "--plot" else ".csv"
    os.symlink("/dev/full", "full" + ending)
    bad("run", "pk1", *dose, "--quiet", option, "full" + ending, status=1, words=["full", "cannot write"])
    os.remove("full" + ending)


# files that may not grow: the target does not appear, an older one stays as it was
def small():
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


for option, name in (("--out", "t.csv"), ("--summary", "s.json"), ("--plot", "p.png"), ("--plot", "p.pdf"), ("--plot", "p.svg")):
    bad("run", "pk1", *dose, "--quiet", option, name, status=1, words=[name, "cannot write"], preexec_fn=small)
    write(name, "older")
    bad("run", "pk1", *dose, "--quiet", option, name, status=1, words=[name], preexec_fn=small)
    with open(name, encoding="utf-8") as file:
        check(file.read() == "older", f"{name}: the older file changed")
    os.remove(name)

# one file that cannot be written does not keep the others from being written
done = wane("run", "pk1", "--dose", "100 mg", "--every", "1min", "--out", "t.csv", "--summary", "s.csv", preexec_fn=small)
check(done.returncode == 1 and "t.csv" in done.stderr and "Cmax" in done.stdout, done.stderr)
check(listing() == {"./s.csv"}, f"left: {listing()}")
os.remove("s.csv")

# places that are not there
bad("run", "pk1", *dose, "--quiet", "--out", "absent/t.csv", status=1, words=["absent/t.csv", "No such file"])
write("file", "")
bad("run", "pk1", *dose, "--quiet", "--out", "file/t.csv", status=1, words=["file/t.csv", "Not a directory"])
bad("run", "pk1", *dose, "--quiet", "--out", "x" * 300 + ".csv", status=1, words=["cannot write", "too long"])
os.mkdir("locked", 0o500)
if not os.access("locked", os.W_OK):
    bad("run", "pk1", *dose, "--quiet", "--out", "locked/t.csv", status=1, words=["Permission denied"])

# files have the permissions that new files have
os.umask(0o027)
good("run", "pk1", *dose, "--quiet", "--out", "t.csv")
check(os.stat("t.csv").st_mode & 0o777 == 0o640, "permissions follow the umask")
finish()
