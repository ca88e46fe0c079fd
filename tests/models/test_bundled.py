#!/usr/bin/env python3
"""Every bundled model and scenario loads, runs, and says what it is and where its numbers come from."""
import glob
import json
import os
import re
import sys

from program import SOURCE, wane

failed = 0


def expect(what, holds):
    global failed
    if not holds:
        failed += 1
        print("FAIL", what)


def bundled(folder):
    return sorted(os.path.splitext(os.path.basename(path))[0] for path in glob.glob(os.path.join(SOURCE, folder, "*.lua")))


models, plugins = bundled("models"), bundled("plugins")
expect("there are models and plugins", models and plugins)
for name in models + plugins:
    expect(f"{name}: check", "ok" in wane("check", name))
    it = json.loads(wane("describe", name, "--json"))
    expect(f"{name}: its name is its file's", it["name"] == name)
    sentences = len(re.findall(r"[.?!](?:\s|$)", it["caption"]))
    expect(f"{name}: a caption of one or two sentences", 1 <= sentences <= 2)
    for parameter in it["parameters"]:
        expect(f"{name}: {parameter['name']}: meaning and source", parameter["meaning"] and parameter["source"])
        expect(f"{name}: {parameter['name']}: badge", parameter["badge"] in ("measured", "fitted", "assumed"))
    if name in plugins:
        labels = [arm["label"] for arm in it["arms"]]
        expect(f"{name}: labels short enough to stand beside a curve: {labels}", all(0 < len(l) <= 20 for l in labels))
        expect(f"{name}: labels differ", len(set(labels)) == len(labels))
        expect(f"{name}: every option has a meaning", all(option["meaning"] for option in it["options"]))
print(f"{len(models)} models, {len(plugins)} scenarios, {failed} complaints")
sys.exit(1 if failed else 0)
