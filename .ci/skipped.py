"""Fails if a test was skipped for another reason than the interpreter's version, or if none was run."""

import sys
import xml.etree.ElementTree as ElementTree

ALLOWED = "this Python"
"""Part of the reason of every skip that is about the interpreter."""

cases = list(ElementTree.parse(sys.argv[1]).iter("testcase"))
skipped = [
    (case.get("classname"), case.get("name"), skip.get("message") or "")
    for case in cases
    for skip in case.iter("skipped")
]
wrong = [entry for entry in skipped if ALLOWED not in entry[2]]
for where, name, reason in wrong:
    print(f"skipped: {where}.{name}: {reason}")
if not cases or wrong:
    sys.exit(f"{len(wrong)} of {len(cases)} tests were skipped that must run here")
print(f"{len(cases)} tests, {len(skipped)} skipped for the interpreter's version")
