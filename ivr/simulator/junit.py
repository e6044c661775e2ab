"""A run as JUnit XML, as build servers read it: thresholds, changes and broken calls, or scenarios, are test cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as Xml

from ivr.simulator.baseline import Change
from ivr.simulator.judging import Verdict
from ivr.simulator.totals import Broken, Quiet, Totals

SUITE = "ivr simulate"


def junit(totals: Totals, verdicts: Iterable[Verdict], changes: Iterable[Change], compared: bool) -> bytes:
    """The file. ``compared``: there was a baseline."""
    cases = [_case("thresholds", each.threshold.text, None if each.holds else str(each)) for each in verdicts]
    cases.append(_case("calls", "every call goes as calls go", _listed(totals.broken)))
    if compared:
        worse = [str(each) for each in changes if each.worse]
        cases.append(_case("baseline", "no figure is worse than the baseline's", "\n".join(worse) or None))
    return _file(cases, _listed(sorted(totals.quiet)))


def of_one(number: int, totals: Totals) -> bytes:
    """The file of one of very many calls, made again: no threshold is judged by it, and dead air in it is a failure."""
    return _file([_case("calls", f"call {number}", _listed([*sorted(totals.broken), *sorted(totals.quiet)]))], None)


def of_scenarios(played: Iterable[tuple[str, str | None]]) -> bytes:
    """The file of scripted calls: the name of each, and what was wrong with it, if anything was."""
    return _file([_case("scenarios", name, failure) for name, failure in played], None)


def told(each: Quiet | Broken) -> str:
    """One line of a call that is named."""
    if isinstance(each, Quiet):
        return f"call {each.call} ({each.kind}): {each.seconds:.2f} s of dead air at {each.at:.2f} s: {each.why}"
    return f"call {each.call} ({each.kind}): {each.why}"


def _file(cases: Sequence[Xml.Element], beside: str | None) -> bytes:
    failed = sum(case.find("failure") is not None for case in cases)
    counts = {"name": SUITE, "tests": str(len(cases)), "failures": str(failed), "errors": "0", "skipped": "0"}
    suite = Xml.Element("testsuite", counts)
    suite.extend(cases)
    if beside is not None:
        Xml.SubElement(suite, "system-out").text = _clean(beside)
    suites = Xml.Element("testsuites")
    suites.append(suite)
    Xml.indent(suites)
    return bytes(Xml.tostring(suites, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(group: str, name: str, failure: str | None) -> Xml.Element:
    case = Xml.Element("testcase", {"classname": f"ivr.{group}", "name": _clean(name)})
    if failure is not None:
        Xml.SubElement(case, "failure", {"message": _clean(failure.partition("\n")[0])}).text = _clean(failure)
    return case


def _listed(found: Iterable[Quiet | Broken]) -> str | None:
    return "\n".join(told(each) for each in found) or None


def _clean(text: str) -> str:
    """Without what XML 1.0 has no way to write (§2.2)."""
    return "".join(
        letter if letter in "\t\n" or (letter >= " " and not "\ud800" <= letter <= "\udfff") else "?" for letter in text
    )
