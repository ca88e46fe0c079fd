#!/usr/bin/env bash
# libSBML 5.19.7 has two readers of formulas that disagree in silence: SBML_parseFormula (level 1) takes log(x) for the
# natural logarithm and -x^2 for (-x)^2, SBML_parseL3Formula takes log10 and -(x^2); a^b^c is (a^b)^c for one and
# a^(b^c) for the other. Seen: the trees below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
: >status
mkdir -p debs/partial root
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 install python3-sbml5=5.19.7+dfsg-2 >/dev/null 2>&1
rm -f debs/libc6_*.deb
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
cat >try.py <<'END'
import sys
import libsbml
print("libSBML", libsbml.getLibSBMLDottedVersion())
bad = False
def shape(node):
    if node.getNumChildren() == 0:
        return node.getName() or str(node.getValue())
    name = chr(node.getType()) if node.isOperator() else node.getName()
    if node.getType() == libsbml.AST_FUNCTION_LN:
        name = "ln"
    return f"{name}({', '.join(shape(node.getChild(i)) for i in range(node.getNumChildren()))})"
for text in ["log(x)", "-x^2", "a^b^c"]:
    first, third = libsbml.parseFormula(text), libsbml.parseL3Formula(text)
    print(f"{text}: parseFormula {shape(first)}, parseL3Formula {shape(third)}")
    bad |= shape(first) == shape(third)
sys.exit(bad)
END
PYTHONPATH=root/usr/lib/python3/dist-packages/libsbml LD_LIBRARY_PATH=$(find root -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:) \
    /usr/bin/python3 try.py
