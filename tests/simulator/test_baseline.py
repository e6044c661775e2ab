"""A run against a stored one, against thresholds, and as JUnit XML."""

import json
from xml.etree import ElementTree

import pytest

from ivr.errors import ConfigError
from ivr.project.settings.thresholds import threshold
from ivr.simulator.baseline import baseline_text, changes, gone, read_baseline
from ivr.simulator.judging import judged
from ivr.simulator.junit import junit
from ivr.simulator.totals import Broken, Quiet, Totals


def totals(late=0.5, preamble=2.9, strategies=("clip", "stream"), lookup=0.6):
    made = Totals(calls=100)
    for n in range(100):
        made.ttfa.add(0.01)
        made.strategy("clip").add(0.01)
        made.late.add(late * n / 100)
        made.lookup("bank.balance").add(lookup * n / 100)
        made.dead_air.add(0.0)
        made.prompt("balance").late.add(late * n / 100)
    made.prompt("balance").preamble = preamble
    made.prompt("balance").strategies.update(strategies)
    return made


def moved(old, new):
    return [str(change) for change in changes(old.as_dict(), new.as_dict())]


def test_what_stayed_is_no_change():
    assert moved(totals(), totals()) == []
    assert moved(totals(late=0.5), totals(late=0.515)) == []


def test_a_preamble_that_got_shorter_is_the_reason():
    said = moved(totals(late=0.5, preamble=2.9), totals(late=0.7, preamble=2.0))
    assert "balance: late p95 +188 ms, because its preamble lost 0.9 s" in said
    assert "all calls: late p95 +188 ms" in said


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (totals(late=0.9, strategies=("clip", "stream", "filler")), "it is voiced by filler now"),
        (totals(late=0.9, strategies=("stream",)), "it is not voiced by clip any more"),
        (totals(late=0.9, lookup=1.0), "the lookup bank.balance takes 376 ms longer (p95)"),
    ],
)
def test_other_reasons(new, why):
    assert any(line.startswith("balance: late p95 +376 ms, because") and why in line for line in moved(totals(), new))


@pytest.mark.parametrize(
    "changed",
    [
        {"preamble": 3.9},
        {"strategies": ("clip",)},
        {"strategies": ("clip", "stream", "cached")},
        {"lookup": 0.2},
    ],
    ids=str,
)
def test_what_would_make_it_better_is_no_reason_why_it_is_worse(changed):
    assert "balance: late p95 +376 ms" in moved(totals(), totals(late=0.9, **changed))
    (better,) = [each for each in moved(totals(late=0.9), totals(**changed)) if each.startswith("balance: late p95 −")]
    assert ", because " in better


def test_of_two_reasons_the_one_is_told_that_points_the_way():
    said = moved(totals(preamble=2.0), totals(late=0.9, preamble=2.05, strategies=("clip", "stream", "hold")))
    assert "balance: late p95 +376 ms, because it is voiced by hold now" in said
    said = moved(totals(late=0.9, preamble=2.0), totals(preamble=2.05, strategies=("clip", "stream", "hold")))
    assert "balance: late p95 −376 ms, because its preamble gained 50 ms" in said


def test_a_prompt_that_is_gone_is_named():
    assert gone(totals().as_dict(), Totals().as_dict()) == ["balance"]
    assert gone(Totals().as_dict(), totals().as_dict()) == []


def test_without_a_reason_none_is_made_up():
    assert "balance: late p95 −376 ms" in moved(totals(late=0.9), totals())


def test_calls_with_dead_air_are_a_change():
    new = totals()
    new.quiet.append(Quiet(7, "by chance", 3.0, 0.5, "why"))
    assert moved(totals(), new) == ["all calls: calls with dead air +1"]


def test_what_is_written_is_read_again(tmp_path):
    file = tmp_path / "b.json"
    facts = {"seed": 3, "project": "Bank", "profile_values": {}}
    file.write_text(baseline_text(facts, totals().as_dict()))
    run, report = read_baseline(file)
    assert run == facts
    assert changes(report, totals().as_dict()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"b\.json:1:2: this is no JSON"),
        ("[]", "is no baseline"),
        ('{"baseline": "x", "report": {}}', "is no baseline"),
        (json.dumps({"baseline": "ivr simulate baseline", "version": 99, "report": {}}), "version 99"),
        (baseline_text({"seed": 3}, totals().as_dict()), "is cut off or was edited"),
        (json.dumps({"baseline": "ivr simulate baseline", "version": 2, "report": {}}), "is cut off or was edited"),
    ],
)
def test_what_is_no_baseline_is_told(tmp_path, text, said):
    file = tmp_path / "b.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_baseline(file)
    with pytest.raises(ConfigError, match="there is no such file"):
        read_baseline(tmp_path / "none.json")


def verdicts(made, *texts):
    return judged([threshold(text) for text in texts], made)


def test_thresholds_are_held_against_what_was_measured():
    made = totals()
    made.quiet.append(Quiet(7, "by chance", 3.0, 0.5, "why"))
    found = verdicts(
        made,
        "ttfa.p95 <= 10ms",
        "ttfa.p95 < 10ms",
        "prompt.balance.late.max <= 0.495s",
        "strategy.clip.ttfa.mean == 10ms",
        "dead_air.calls == 0",
        "broken.calls == 0",
    )
    assert [each.holds for each in found] == [True, False, True, True, False, True]
    assert str(found[1]) == "ttfa.p95 < 10ms: it is 10 ms"


def test_what_was_never_seen_keeps_to_nothing():
    (found,) = verdicts(totals(), "strategy.stream.ttfa.p95 <= 9s")
    assert not found.holds
    assert "nothing of the kind" in str(found)


def test_junit_has_a_case_for_each_threshold_and_the_failures_in_words():
    made = totals()
    made.broken.append(Broken(3, "by \x00 chance", "it <broke> \ud800"))
    made.quiet.append(Quiet(7, "by chance", 3.0, 0.5, "why"))
    worse = changes(totals().as_dict(), totals(late=0.9).as_dict())
    xml = junit(made, verdicts(made, "ttfa.p95 <= 10ms", "ttfa.p95 < 10ms"), worse, True)
    suite = ElementTree.fromstring(xml)[0]
    assert (suite.get("tests"), suite.get("failures")) == ("4", "3")
    failed = {case.get("name"): case.find("failure").get("message") for case in suite.iter("testcase") if len(case)}
    assert failed["ttfa.p95 < 10ms"] == "ttfa.p95 < 10ms: it is 10 ms"
    assert failed["every call goes as calls go"] == "call 3 (by ? chance): it <broke> ?"
    assert failed["no figure is worse than the baseline's"].startswith("balance: late p50")
    assert "0.50 s of dead air" in suite.find("system-out").text
