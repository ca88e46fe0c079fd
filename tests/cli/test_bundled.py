"""Everything that is bundled loads, is described, checked, explained and runs; help and lists name it."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import SOURCE, bundled, check, finish, fresh_directory, good, model, wane, write  # noqa: E402

home = fresh_directory()
models, plugins = bundled("models"), bundled("plugins")

# the list names every file, with its title; the user's own are found in ./plugins and where WANE_PATH points
listed = good("list").stdout
for name in models + plugins:
    check(any(line.split()[:1] == [name] and len(line.split()) > 2 for line in listed.splitlines()), f"list: {name}")
check("cannot be" not in listed, f"list: {listed}")
os.mkdir("plugins")
os.mkdir("elsewhere")
write("plugins/mine.lua", """return wane.scenario { name = "mine", model = "pk1", title = "My own", arms = { { name = "a" } } }""")
write("plugins/broken.lua", "return 1")
write("elsewhere/other.lua", model("d.Y = -k * Y"))
listed = good("list", env={**os.environ, "WANE_PATH": "elsewhere"}).stdout
check("plugins/mine.lua" in listed and "My own" in listed, "list: my own plugin")
check("plugins/broken.lua" in listed and "cannot be loaded" in listed, "list: a broken plugin and why")
check("elsewhere/other.lua" in listed and "A small model" in listed, "list: a model in WANE_PATH")
check("your own" not in good("list", cwd=SOURCE).stdout, "list: bundled files are not mine as well")

# where bundled files are may be chosen
os.makedirs("data/models")
write("data/models/small.lua", model("d.Y = -k * Y"))
check("small" in good("list", env={**os.environ, "WANE_DATA": "data"}).stdout, "WANE_DATA")

# describe: text and JSON agree
for name in models + plugins:
    text = good("describe", name).stdout
    about = json.loads(good("describe", name, "--json").stdout)
    check(about["is_scenario"] == (name in plugins), f"{name}: is_scenario")
    for part in ("options", "outputs", "doses", "windows", "hypotheses", "states", "parameters"):
        for item in about[part]:
            check(item["name"] in text and (not item.get("unit") or item["unit"] in text), f"{name}: {part} {item['name']}")
    for item in about["parameters"]:
        check(item["badge"] in ("measured", "fitted", "assumed") and item["source"] and item["meaning"],
              f"{name}: parameter {item['name']} has badge, source and meaning")
    check(about["caption"].split()[0] in text and "Not medical advice" in text, f"{name}: caption")
    check((about["arms"] != []) and all(a["label"] for a in about["arms"]), f"{name}: arms")

# check: sizes, stiffness, solver
for name in models + plugins:
    text = good("check", name).stdout
    for word in ("parameters", "measured", "states", "Jacobian", "LU factors", "stiffness", "auto takes", "ok: "):
        check(word in text, f"check {name}: no {word!r}")

# check: what is linear
for name, line in (("pk3", "all states: known in closed form"), ("michaelis_menten", "GUT: known in closed form"),
                   ("naltrexone", "GUT, CENT, PERI, M1, M2, Ce_n, Ce_m, XR_A1"), ("minimal_glucose", "none"),
                   ("cortisol", "GUT, CENT: known in closed form")):
    got = [x for x in good("check", name).stdout.splitlines() if x.split()[0] == "linear"]
    check(len(got) == 1 and line in got[0], f"check {name}: {got}")

# explain: the actions of a run
for name in plugins:
    actions = json.loads(good("explain", name, "--until", "36h", "--json").stdout)
    text = good("explain", name, "--until", "36h").stdout
    check(len(text.splitlines()) >= len(actions), f"explain {name}: a line for each action")
    for action in actions:
        check(0 <= action["time"] < 36 and action["why"] and action["what"], f"explain {name}: {action}")
actions = json.loads(good("explain", "pk1", "--dose", "100 mg into GUT at 22:00 every 12h for 2d", "--set", "LAG=0.5",
                          "--json").stdout)
check([a["time"] for a in actions] == [22.5, 34.5, 46.5, 58.5], f"explain: {actions}")
check([a["clock"] for a in actions] == ["22:30", "10:30", "22:30", "10:30"], "explain: clock")
check([a["day"] for a in actions] == [1, 2, 2, 3], "explain: day")
check(all(a["kind"] == "bolus" and a["state"] == "GUT" and abs(a["amount"] - 80) < 1e-9 for a in actions), "explain: F = 0.8")
check("12 h" in actions[1]["why"] and "2 of 4" in actions[1]["why"] and "F 0.8" in actions[1]["why"], actions[1]["why"])
actions = json.loads(good("explain", "pk1", "--dose", "100 mg into CENT at 3 over 2h", "--json").stdout)
check([(a["kind"], a["time"]) for a in actions] == [("rate", 3), ("rate", 5)], f"infusion: {actions}")
check("begins" in actions[0]["what"] and "50 mg/h" in actions[0]["what"] and "ends" in actions[1]["what"], f"{actions}")

# every plugin runs as it stands, and every model
for name in plugins:
    text = good("run", name).stdout
    check("failed" not in text and "Not medical advice" in text, f"run {name}")
    check(all(len(line) <= 100 for line in text.splitlines()), f"run {name}: a line is wider than 100")
for name in models:
    route = next(route for route in json.loads(good("describe", name, "--json").stdout)["doses"] if route["default"])
    good("run", name, "--dose", f"1 {route['unit']} into {route['name']}")

# help for every command, from the same table the parser reads
text = good("help").stdout
commands = [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line.split()[0].isalpha()
            and not line.startswith("   ")]
check(commands == ["run", "list", "describe", "check", "explain", "conform", "validate", "sweep", "merge", "bench",
                   "help"], f"commands: {commands}")
check(good("--help").stdout == text and good("-h").stdout == text, "--help")
for command in commands:
    help_text = good("help", command).stdout
    check(help_text.startswith(f"usage: wane {command}"), f"help {command}")
    check(good(command, "--help").stdout == help_text, f"{command} --help")
for word in ("--set", "--hypothesis", "--dose", "--until", "--every", "--solver", "--rtol", "--atol", "--threads", "--out",
             "--summary", "--plot", "--json", "--quiet", "--watch"):
    check(word in good("help", "run").stdout, f"help run: {word}")
version = good("--version").stdout
check("wane 0." in version and "SUNDIALS" in version and "Lua 5.4" in version and "machine code: " in version and "kernels: " in version, version)
check(wane("--version", env={**os.environ, "WANE_KERNELS": "portable"}).stdout.rstrip().endswith("portable"), "kernels")
finish()
