"""What tests of the program share: run wane, look at what it said, count what went wrong.

A test is a script that calls check() and ends with finish(). It runs in a directory of its own.
"""
import os
import subprocess
import sys
import tempfile

WANE = os.environ["WANE_EXE"]
SOURCE = os.environ["WANE_SOURCE_DIR"]
SANITIZED = "WANE_SANITIZED" in os.environ
failures = 0
checks = 0


def check(ok, what):
    """Count one expectation; say which was not met."""
    global failures, checks
    checks += 1
    if not ok:
        failures += 1
        print("FAILED:", what, flush=True)
    return bool(ok)


def wane(*args, timeout=120, cwd=None, **options):
    """Run wane with these arguments; standard output and error as text unless options say otherwise."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run([WANE, *args], timeout=timeout, cwd=cwd, stdin=subprocess.DEVNULL, encoding="utf-8", **options)
    check("Sanitizer" not in (done.stderr or ""), f"wane {' '.join(args)}: {done.stderr}")
    return done


def good(*args, **options):
    """Run wane and expect success without words."""
    done = wane(*args, **options)
    check(done.returncode == 0, f"wane {' '.join(args)}: exit {done.returncode}, {done.stderr}")
    check(not done.stderr, f"wane {' '.join(args)}: words on standard error: {done.stderr}")
    return done


def bad(*args, status=2, words=(), table=False, **options):
    """Run wane and expect one line on standard error that has these words, nothing left behind, and this status."""
    before = listing(options.get("cwd"))
    done = wane(*args, **options)
    name = f"wane {' '.join(args)}"
    lines = done.stderr.splitlines()
    check(done.returncode == status, f"{name}: exit {done.returncode}, expected {status}: {done.stderr}")
    check(len(lines) == 1 and lines[0].startswith("wane: "), f"{name}: expected one line, got {done.stderr!r}")
    for word in words:
        check(word in done.stderr, f"{name}: expected {word!r} in {done.stderr!r}")
    check(table or not done.stdout, f"{name}: unexpected output {done.stdout!r}")
    check(listing(options.get("cwd")) == before, f"{name}: left {listing(options.get('cwd')) - before}")
    return done


def listing(directory=None):
    return {os.path.join(root, name) for root, _, names in os.walk(directory or ".") for name in names}


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def fresh_directory():
    """Change into an empty directory, removed when the test ends."""
    directory = tempfile.TemporaryDirectory(dir=".")
    os.chdir(directory.name)
    return directory


def bundled(kind):
    """Names of the bundled models or plugins."""
    return sorted(name[:-4] for name in os.listdir(os.path.join(SOURCE, kind)) if name.endswith(".lua"))


def finish():
    print(f"{checks - failures} of {checks} as expected")
    sys.exit(1 if failures or not checks else 0)


def model(equations, states='{ "Y", "mg", "y", initial = 1 }', parameters='{ "k", 1, "1/h", "rate", "assumed", "made up" }',
          outputs='{ "Y", "mg", "y" }', doses='{ "Y", "mg", "a dose", into = "Y" }'):
    """A small model file."""
    return f"""return wane.model {{
  name = "small", title = "A small model", caption = "Made up.",
  parameters = {{ {parameters} }},
  states = {{ {states} }},
  doses = {{ {doses} }},
  equations = function()
    {equations}
  end,
  outputs = {{ {outputs} }},
}}
"""
