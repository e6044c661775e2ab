"""Why fallbacks were said: each counted once, by its reason."""

import pytest

from ivr.cli.simulate_show import show
from ivr.playout.instead import IMPATIENT
from ivr.project.starter import copy_starter
from ivr.simulator.fallbacks import Fallbacks, Reason, reasons
from ivr.simulator.many import Order, run
from ivr.trace.events import LookupEnded, PromptSaid, SynthesisEnded
from ivr.trace.sound import UNSAYABLE, Abandoned, SegmentStarted, Strategy

PROFILE = "lookups:\n  bank.balance: {delay: 100ms, returns: [%s], fails: %s, never: %s}\n%s"
SAID = PromptSaid("u", "owed", 1, (), 0.0)
FALLBACK = SegmentStarted("u", "u.2", Strategy.FALLBACK, "Sorry.", False, 0, 1.0, 1.0)


def gone(why):
    return Abandoned("u", "u.2", why, 1.0)


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        ([gone(f"{UNSAYABLE}: slot 'd': x")], Reason("unsayable", "owed", "slot 'd': x")),
        ([gone(IMPATIENT)], Reason("too late", "owed", IMPATIENT)),
        (
            [SynthesisEnded("u.2", "failed", "it broke", False, 0.5), gone("it failed")],
            Reason("voice failed", "owed", "it broke"),
        ),
        (
            [LookupEnded("1", "a.b", "timed out", "", False, 0.5), gone("it failed")],
            Reason("lookup failed", "owed", "a.b timed out"),
        ),
        ([gone("no fragments can say it")], Reason("no fragments can say it", "owed", "")),
        ([], Reason("dialog failed", "owed", "")),
    ],
)
def test_each_reason(trace, reason):
    assert list(reasons([SAID, *trace, FALLBACK])) == [reason]
    assert list(reasons([SAID, FALLBACK, *trace])) == [reason] or isinstance(trace[0], SynthesisEnded | LookupEnded)
    assert list(reasons([SAID, *trace])) == []


def test_a_fallback_that_is_broken_off_has_its_first_reason():
    trace = [SAID, gone(IMPATIENT), FALLBACK, gone("the caller interrupted")]
    assert [each.reason for each in reasons(trace)] == ["too late"]


def test_merged_in_any_order_they_are_the_same():
    one, two, first, second = Reason("a", "", ""), Reason("b", "", ""), Fallbacks(), Fallbacks()
    first.add(one, 7)
    second.add(one, 3)
    second.add(two, 9, 5)
    ahead, behind = Fallbacks(), Fallbacks()
    for each in (first, second):
        ahead.merge(each)
    for each in (second, first):
        behind.merge(each)
    assert ahead.as_list() == behind.as_list()
    assert [(each["reason"], each["count"], each["first"]) for each in ahead.as_list()] == [("b", 5, 9), ("a", 2, 3)]


def test_a_run_tells_how_many_and_where_to_look(tmp_path, capsys):
    root = tmp_path / "p"
    copy_starter(root)
    dialog = root / "prompts" / "dialogs" / "main.yaml"
    text = dialog.read_text().replace("      failed: unavailable\n", "")
    dialog.write_text(text.replace("      - {if: amount < 0.0, goto: overdrawn}\n", ""))
    (root / "prompts" / "profiles" / "usual.yaml").write_text(PROFILE % ("much", "0%", "0%", ""))
    totals = run(Order(root, {}, 20))
    (told,) = totals.as_dict()["fallbacks"]
    assert told["count"] == totals.strategies["fallback"] > 1
    assert (told["reason"], told["prompt"]) == ("unsayable", "balance") and told["detail"].startswith("slot 'amount': ")
    assert 1 <= told["first"] <= 20
    show(totals, None, [], [], [], "ivr simulate --only")
    said = capsys.readouterr().out
    assert (
        f"fallback said {told['count']} times, first in call {told['first']}: 'balance', unsayable: slot 'amount'"
        in said
    )
    assert "one of them again: ivr simulate --only N" in said


def test_a_voice_that_fails_is_told_as_that(tmp_path):
    root = tmp_path / "p"
    copy_starter(root)
    faults = "voice: {faults: [{fault: refused, chance: 100%}]}\n"
    (root / "prompts" / "profiles" / "usual.yaml").write_text(PROFILE % ("12.50", "0%", "0%", faults))
    totals = run(Order(root, {}, 20))
    told = totals.as_dict()["fallbacks"]
    assert {each["reason"] for each in told} == {"voice failed"}
    assert sum(each["count"] for each in told) == totals.strategies["fallback"]
