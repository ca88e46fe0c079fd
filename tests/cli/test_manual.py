#!/usr/bin/env python3
"""The manual is true: every whole Lua file in it loads and runs, every wane command in it succeeds."""
import os
import re
import shlex
import sys

sys.path.insert(0, os.path.join(os.environ["WANE_TEST_DIR"], "support"))
from cli import SANITIZED, check, finish, wane

SOURCE = os.environ["WANE_SOURCE_DIR"]
PAGES = ["README.md"] + [os.path.join("docs", name) for name in sorted(os.listdir(os.path.join(SOURCE, "docs")))
                         if name.endswith(".md")]


def blocks(text, language):
    return re.findall(r"```%s\n(.*?)```" % language, text, re.S)


def main():
    commands = lua = 0
    for page in PAGES:
        with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
            text = file.read()
        for block in blocks(text, "lua"):
            # a whole scenario or model, not a fragment of one
            if not re.search(r"^return wane\.(scenario|model) ?\{.*^\}", block, re.S | re.M):
                continue
            lua += 1
            path = "manual%d.lua" % lua
            with open(path, "w", encoding="utf-8") as file:
                file.write(block)
            got = wane("check", path)
            check(got.returncode == 0, "%s: a Lua file does not pass: %s" % (page, got.stderr))
        for block in blocks(text, "sh"):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                # files of the reader's own, and commands that stay, are not for a test
                if words[:1] != ["wane"] or "--watch" in words or any(w in ("records.csv", "my.lua", "mine.lua") for w in words):
                    continue
                commands += 1
                # (slow, and the release run tries all of them)
                if SANITIZED and commands % 3:
                    continue
                got = wane(*words[1:])
                check(got.returncode == 0, "%s: `%s` fails: %s" % (page, line, got.stderr))
    check(lua >= 4, "the manual should hold whole Lua files, found %d" % lua)
    check(commands >= 9, "the manual should hold commands, found %d" % commands)


main()
finish()
