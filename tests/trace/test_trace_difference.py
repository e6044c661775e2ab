from dataclasses import replace

import pytest

from ivr.trace.difference import differences, steps
from ivr.trace.events import (
    CallEnded,
    CoverChosen,
    DialogFailed,
    LocaleChosen,
    LookupEnded,
    LookupStarted,
    NoInput,
    PromptSaid,
    StateEntered,
    SynthesisEnded,
    TurnStarted,
)
from ivr.trace.sound import Outcome, SegmentStarted, Strategy, Underrun, UtteranceHeard


def segment(at, strategy=Strategy.CLIP, text="Welcome.", private=False, id="u1.1"):
    return SegmentStarted("u1", id, strategy, text, private, 0, at + 0.01, at)


CALL = (
    LocaleChosen("de-DE", 0.0),
    TurnStarted("answer", 0.0),
    StateEntered("welcome", 0.0, "start"),
    PromptSaid("u1", "greeting", 1, (), 0.0),
    segment(0.0),
    UtteranceHeard("u1", 800, Outcome.PLAYED, 1.0),
    TurnStarted("digit", 2.0),
    LookupStarted("lookup1", "bank.balance", 2.0),
    LookupEnded("lookup1", "bank.balance", "returned", "0", True, 2.5),
    segment(2.5, Strategy.STREAM, "xxx", True, "u2.1"),
    SynthesisEnded("u2.1", "done", "", False, 2.6),
    NoInput(8.0),
    CallEnded("the dialog ended", 9.0),
)


def changed(place, event):
    return [*CALL[:place], *([] if event is None else [event]), *CALL[place + 1 :]]


def said(found):
    return [(str(one.recorded or ""), str(one.today or "")) for one in found]


def test_a_call_is_the_same_as_itself():
    assert differences(CALL, CALL) == []
    assert [step.turn for step in steps(CALL)] == [0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("place", "event", "expected"),
    [
        (2, StateEntered("menu", 0.0, "goto"), [("state welcome (start)", "state menu (goto)")]),
        (3, PromptSaid("u1", "greeting", 2, (), 0.0), [("prompt greeting", "prompt greeting, attempt 2")]),
        (
            4,
            segment(0.0, Strategy.FALLBACK),
            [("segment u1.1 by clip “Welcome.”", "segment u1.1 by fallback “Welcome.”")],
        ),
        (8, replace(CALL[8], outcome="failed"), [("lookup bank.balance returned", "lookup bank.balance failed")]),
        (10, replace(CALL[10], outcome="failed"), [("", "synthesis failed u2.1")]),
        (11, None, [("no input", "")]),
        (12, DialogFailed("KeyError", "", "", 9.0), [("end the dialog ended", ""), ("", "dialog failed KeyError")]),
    ],
)
def test_what_is_another_thing_is_told_beside_what_was_in_its_place(place, event, expected):
    assert said(differences(CALL, changed(place, event))) == expected


def test_what_the_caller_never_hears_of_is_no_difference():
    assert differences(CALL, changed(10, None)) == []
    masked = replace(CALL[9], text="xxxxx")
    assert differences(CALL, changed(9, masked)) == []


def test_times_are_compared_within_their_turn():
    late = [replace(event, at=event.at + 5.0) if event.at >= 2.0 else event for event in CALL]
    late[9] = replace(late[9], sounds_at=late[9].sounds_at + 5.0)
    (found,) = differences(CALL, late)
    assert (str(found.recorded), found.late, found.turn) == ("turn digit", 5.0, 2)


@pytest.mark.parametrize(("by", "tells"), [(0.02, False), (0.04, True), (-0.04, True)])
def test_a_time_beyond_the_tolerance_is_told(by, tells):
    found = differences(CALL, changed(9, replace(CALL[9], sounds_at=CALL[9].sounds_at + by)), tolerance=0.03)
    assert bool(found) == tells
    if tells:
        assert found[0].late == pytest.approx(by)


def test_two_that_changed_places_within_the_tolerance_are_none():
    assert differences(CALL, [*CALL[:2], CALL[3], CALL[2], *CALL[4:]]) == []


def test_the_first_comes_first_and_more_of_a_call_is_told():
    longer = [*CALL[:12], Underrun("u2", "u2.1", 160, 8.5), CALL[12]]
    longer[0] = LocaleChosen("en-US", 0.0)
    assert said(differences(CALL, longer)) == [("locale de-DE", "locale en-US"), ("", "gap in u2.1")]


def test_other_covers_are_told():
    chosen = [*CALL[:3], CoverChosen("hold music", 0.0), *CALL[3:]]
    assert said(differences(CALL, chosen)) == [("", "cover hold music")]
    assert said(differences(chosen, [*CALL[:3], CoverChosen("", 0.0), *CALL[3:]])) == [
        ("cover hold music", "cover as usual")
    ]
