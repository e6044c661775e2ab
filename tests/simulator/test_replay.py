"""Calls that were recorded in virtual time, again."""

import os
import random
from dataclasses import replace
from decimal import Decimal
from itertools import cycle

import pytest
from manners import tables

from ivr.call.plan import plan_calls
from ivr.dialog.table import Goto
from ivr.errors import TraceError
from ivr.media.private import stand_in
from ivr.phrases.dynamic import DynamicClips
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.again import Verdict, again
from ivr.simulator.driver import Answer, Driver
from ivr.simulator.emulated import EMULATED, Network
from ivr.testing.voices import ScriptedVoice
from ivr.trace.doors import DoorEvent, KeyCame, LookupCame, MediaCame, SpeechCame, StreamCame, TimerPassed, TimerRang
from ivr.trace.events import CallEnded, CallStarted, LookupEnded, StateEntered
from ivr.trace.jsonl import header, line, unmasked
from ivr.trace.read import read
from ivr.trace.sound import SegmentStarted

PRESSED = ((2.0, "1"), (12.0, "2"), (26.0, "9"))


@pytest.fixture(scope="module")
def starter():
    return load(starter_root(), os.environ)


def record(
    project,
    gateway="twilio",
    pressed=PRESSED,
    answer=Decimal("12.50"),
    network=None,
    dynamic=None,
    machine=Driver,
    **options,
):
    """The events of one call."""
    there = EMULATED[gateway]
    plan = plan_calls(project, there.capabilities, provider="scripted", dynamic=dynamic)
    phone = there.far_end({"from": "+15550100"}, network or Network(0.02, 0.03))
    voice = options.pop("voice", ScriptedVoice())
    driver = machine(plan, there.codec(), phone, voice, {"bank.balance": Answer(answer, 0.3)}, record=True, **options)
    for at, key in pressed:
        driver.at(at, lambda now, key=key: phone.press(key, now))
    driver.run()
    return driver.trace


def written(events, mask=stand_in):
    """As a file has them."""
    return read([header("c", mask), *(line(event, mask) for event in events)])


@pytest.mark.parametrize("mask", [stand_in, unmasked])
@pytest.mark.parametrize("gateway", EMULATED)
def test_the_same_build_does_the_same_over_every_gateway(starter, gateway, mask):
    events = record(starter, gateway)
    assert "balance" in [event.state for event in events if isinstance(event, StateEntered)]
    found = again(starter, *written(events, mask))
    assert found.differences == []
    assert (found.verdict, found.until, found.unanswered) == (Verdict.SAME, None, [])


@pytest.mark.parametrize(
    "voice",
    [
        ScriptedVoice(first_audio=4.0),
        ScriptedVoice(dies_after=0.0, heals=2),
        ScriptedVoice(dies_after=1.0),
        ScriptedVoice(stalls_after=0.5, stall=3.0),
        ScriptedVoice(empty=True),
        ScriptedVoice(pace=0.5),
    ],
    ids=["late", "heals", "dies", "stalls", "empty", "slow"],
)
def test_a_bad_day_of_the_voice_is_the_same_again(starter, voice):
    found = again(starter, *written(record(starter, voice=voice)))
    assert found.differences == []


def test_a_lookup_that_fails_or_never_answers_is_the_same_again(starter):
    for answer in (Answer(error="down", delay=0.5), Answer(status=503, delay=0.5), Answer(1, delay=60.0)):
        there = EMULATED["twilio"]
        plan = plan_calls(starter, there.capabilities, provider="scripted")
        phone = there.far_end({}, Network())
        driver = Driver(plan, there.codec(), phone, ScriptedVoice(), {"bank.balance": answer}, record=True)
        driver.at(2.0, lambda now, phone=phone: phone.press("1", now))
        driver.run()
        assert any(event.outcome != "returned" for event in driver.trace if isinstance(event, LookupEnded))
        assert again(starter, *written(driver.trace)).differences == []


def test_keys_typed_ahead_and_wrong_keys_are_found_behind_their_stand_ins(starter):
    events = record(starter, pressed=((2.0, "1"), (2.1, "2"), (2.2, "9")))
    found = again(starter, *written(events))
    assert found.verdict is Verdict.SAME
    assert sorted(found.keys.known.values()) == ["1", "2", "9"]


def test_a_dialog_that_leads_elsewhere_today_is_told_where_it_does(starter):
    events = record(starter)
    main = starter.tables["main"]
    menu = main.states["again"].exit
    elsewhere = replace(menu, options={**menu.options, "2": "goodbye"})
    states = {**main.states, "again": replace(main.states["again"], exit=elsewhere)}
    changed = replace(starter, tables={**starter.tables, "main": replace(main, states=states)})
    found = again(changed, *written(events))
    assert found.verdict is Verdict.DIFFERS
    first = found.differences[0]
    at = next(event.at for event in events if isinstance(event, StateEntered) and event.why == "option 2")
    assert first.at == pytest.approx(at, abs=1e-3)
    assert (str(first.recorded), str(first.today)) == ("state hours (option 2)", "state goodbye (option 2)")
    assert found.undecided == []


def test_what_is_late_is_told_with_how_much(starter):
    events = record(starter)
    sooner = [_sooner(event) for event in events]
    found = again(starter, *written(sooner))
    assert found.verdict is Verdict.DIFFERS
    assert {difference.recorded.what.partition(" ")[0] for difference in found.differences} == {"u3.1"}
    assert [round(difference.late, 3) for difference in found.differences] == [0.2]


def _sooner(event):
    late = isinstance(event, SegmentStarted) and event.segment == "u3.1"
    return replace(event, sounds_at=event.sounds_at - 0.2) if late else event


def test_other_words_are_a_difference(starter):
    events = record(starter)
    other = [
        replace(event, text="Good day.") if isinstance(event, SegmentStarted) and event.segment == "u1.1" else event
        for event in events
    ]
    first = again(starter, *written(other)).differences[0]
    assert str(first.recorded) == "segment u1.1 by clip “Good day.”"
    assert "Welcome to Harbour Bank." in str(first.today)


def by_amount(starter, source, **more):
    """The starter, whose balance is overdrawn where ``source`` says so."""
    main = starter.tables["main"]
    branches = main.states["balance"].exit
    first = replace(branches.branches[0], when=replace(branches.branches[0].when, source=source))
    balance = replace(main.states["balance"], exit=replace(branches, branches=(first, *branches.branches[1:])))
    states = {**main.states, "balance": balance, **more}
    return replace(starter, tables={**starter.tables, "main": replace(main, states=states)})


# What the stand-in of 12.50 is said as, 11.11, is on the other side.
BETWEEN = "amount > 11.5 && amount < 13.0"


def test_a_branch_by_a_masked_value_is_taken_as_it_was_and_not_decided(starter):
    changed = by_amount(starter, BETWEEN)
    events = record(changed)
    assert "overdrawn" in [event.state for event in events if isinstance(event, StateEntered)]
    assert again(changed, *written(events, unmasked)).verdict is Verdict.SAME
    found = again(changed, *written(events))
    assert (found.verdict, found.differences, found.undecided) == (Verdict.UNDECIDED, [], [])
    (why,) = found.assumed
    assert (why.state, why.why) == ("balance", "'amount', what bank.balance returned")


def test_what_differs_behind_a_masked_value_is_told(starter):
    events = record(by_amount(starter, BETWEEN))
    menu = starter.tables["main"].states["again"].exit
    elsewhere = replace(menu, options={**menu.options, "2": "goodbye"})
    again_state = replace(starter.tables["main"].states["again"], exit=elsewhere)
    found = again(by_amount(starter, BETWEEN, again=again_state), *written(events))
    assert (found.verdict, found.undecided) == (Verdict.DIFFERS, [])
    assert str(found.differences[0].today) == "state goodbye (option 2)"
    assert [one.state for one in found.assumed] == ["balance"]


def test_where_no_value_of_that_shape_leads_as_it_did_it_is_not_decided(starter):
    events = record(by_amount(starter, BETWEEN))
    found = again(by_amount(starter, "amount > 1300.0"), *written(events))
    assert (found.verdict, found.assumed) == (Verdict.UNDECIDED, [])
    (why,) = found.undecided
    assert (why.state, why.why) == ("balance", "'amount', what bank.balance returned")
    assert str(found.differences[0].recorded) == "state overdrawn (branch 1)"


PIN = """\
dialog: main
start: pin
states:
  pin: {say: main, collect: {as: pin, digits: 4, valid: pin >= "1900", goto: main}}
  main: {say: main, menu: {options: {1: pin}}}
"""


def with_pin(starter):
    """The starter, which asks for a number before its menu."""
    main = starter.tables["main"]
    pin = tables(PIN).tables["main"].states["pin"]
    states = {**main.states, "pin": pin, "welcome": replace(main.states["welcome"], exit=Goto("pin"))}
    return replace(starter, tables={**starter.tables, "main": replace(main, states=states)})


def test_digits_that_were_typed_and_kept_do_not_keep_a_replay_from_what_follows(starter):
    project = with_pin(starter)
    typed = [(1.0 + n / 5, key) for n, key in enumerate("1980")]
    events = record(project, pressed=(*typed, (8.0, "2"), (18.0, "9")))
    assert [event.state for event in events if isinstance(event, StateEntered)][-3:] == ["hours", "again", "goodbye"]
    found = again(project, *written(events))
    assert (found.verdict, found.differences) == (Verdict.UNDECIDED, [])
    # By its 'valid' alone, which the stand-in, 0000, does not hold.
    assert [(one.state, one.why) for one in found.assumed] == [("pin", "'pin', what the caller typed")]
    table = project.tables["main"]
    menu = table.states["main"].exit
    elsewhere = replace(table.states["main"], exit=replace(menu, options={**menu.options, "2": "goodbye"}))
    states = {**table.states, "main": elsewhere}
    found = again(replace(project, tables={"main": replace(table, states=states)}), *written(events))
    assert (found.verdict, str(found.differences[0].today)) == (Verdict.DIFFERS, "state goodbye (option 2)")


def test_digits_by_which_nothing_goes_decide_nothing(starter):
    project = with_pin(starter)
    table = project.tables["main"]
    pin = table.states["pin"]
    states = {**table.states, "pin": replace(pin, exit=replace(pin.exit, valid=None))}
    project = replace(project, tables={"main": replace(table, states=states)})
    events = record(project, pressed=(*((1.0 + n / 5, key) for n, key in enumerate("1980")), (8.0, "2"), (18.0, "9")))
    found = again(project, *written(events))
    assert (found.verdict, found.assumed) == (Verdict.SAME, [])


def test_words_from_the_memory_of_other_calls_are_there_again(starter):
    main = starter.tables["main"]
    state = main.states["balance"]
    public = replace(state, lookup=replace(state.lookup, private=False))
    project = replace(
        starter, tables={**starter.tables, "main": replace(main, states={**main.states, "balance": public})}
    )
    dynamic = DynamicClips()
    first = record(project, pressed=((2.0, "1"), (14.0, "1"), (30.0, "9")), dynamic=dynamic)
    second = record(project, pressed=((2.0, "1"), (14.0, "9")), dynamic=dynamic)
    for events, live in ((first, ["stream", "cached"]), (second, ["cached"])):
        begun = [event.strategy for event in events if isinstance(event, SegmentStarted)]
        assert [strategy for strategy in begun if strategy in ("stream", "cached")] == live
        assert again(project, *written(events)).differences == []


def test_a_call_that_was_cut_off_is_compared_as_far_as_it_goes(starter):
    events = record(starter)
    half = events[: len(events) // 2]
    found = again(starter, *written(half))
    assert found.verdict is Verdict.SAME
    assert found.until == pytest.approx(max(event.at for event in half), abs=1e-5)
    assert max(event.at for event in found.today) <= found.until


def test_a_lookup_that_the_recording_does_not_have_is_told(starter):
    events = [event for event in record(starter) if not isinstance(event, LookupCame)]
    quiet = [event for event in events if getattr(event, "lookup", "") == ""]
    found = again(starter, *written(quiet))
    assert [one.what for one in found.unanswered][:1] == ["lookup bank.balance"]
    assert found.verdict is Verdict.DIFFERS


def test_a_trace_without_what_came_in_cannot_be_replayed(starter):
    events = record(starter)
    with pytest.raises(TraceError, match=r"trace\.replay: yes"):
        again(starter, *written([event for event in events if not isinstance(event, DoorEvent)]))
    with pytest.raises(TraceError, match="breaks off before its call began"):
        again(starter, *written([event for event in events if isinstance(event, StreamCame)]))
    with pytest.raises(TraceError, match="no capabilities"):
        again(starter, *written([replace(e, capabilities="") if isinstance(e, StreamCame) else e for e in events]))


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (SpeechCame, {"rate": 0}),
        (SpeechCame, {"samples": 10**12}),
        (SpeechCame, {"samples": -1}),
        (KeyCame, {"at": 150_000.0}),
        (KeyCame, {"at": -1.0}),
        (CallStarted, {"started_at": "yesterday"}),
        (CallStarted, {"started_at": "2026-01-01T00:00:00"}),
    ],
)
def test_what_no_recorder_writes_is_refused(starter, kind, changes):
    events = [replace(event, **changes) if isinstance(event, kind) else event for event in record(starter)]
    with pytest.raises(TraceError, match=r"record it again"):
        again(starter, *written(events))


def test_a_plain_call_notes_no_doors_and_a_recorded_one_does_the_same_besides(starter):
    there = EMULATED["twilio"]
    plan = plan_calls(starter, there.capabilities, provider="scripted")

    def call(record):
        phone = there.far_end({}, Network(0.02, 0.02))
        driver = Driver(plan, there.codec(), phone, ScriptedVoice(), {"bank.balance": Answer(1, 0.3)}, record=record)
        for at, key in PRESSED:
            driver.at(at, lambda now, key=key: phone.press(key, now))
        return driver.run()

    plain, recorded = call(False), call(True)
    assert not any(isinstance(event, DoorEvent) for event in plain)
    assert [event for event in recorded if not isinstance(event, DoorEvent)] == plain
    assert isinstance(recorded[0], StreamCame) and isinstance(recorded[-1], CallEnded)
    assert [event.digit for event in recorded if isinstance(event, KeyCame)]
    assert not any(isinstance(event, MediaCame) for event in recorded)  # nobody listened


def anything(seed):
    """Options of a call on some bad day."""
    dice = random.Random(seed)
    voice = ScriptedVoice(
        first_audio=dice.choice([0.1, 0.5, 3, 6]),
        pace=dice.choice([0.5, 1, 4]),
        dies_after=dice.choice([None, None, 0.0, 0.7]),
        heals=dice.choice([None, 2]),
    )
    pressed, at = [], 0.0
    for _ in range(dice.randint(0, 6)):
        at += dice.choice([0.05, 0.3, 2, 5]) * dice.random() + 0.01
        pressed.append((at, dice.choice("1129290#*")))
    jitter = [0.03 * dice.random() for _ in range(500)]
    return {
        "gateway": dice.choice(list(EMULATED)),
        "pressed": pressed,
        "answer": dice.choice([12, -5.5, "12.40"]),
        "network": Network(0.1 * dice.random(), 0.1 * dice.random(), lambda: cycle(jitter)),
        "voice": voice,
    }


HEARD_APART = 0.002
"""Seconds by which the first sound of a hum lies beside that of the voice that it stands for."""


# Of those above a hundred: speech that dries up, where a wake at another time than then sends a message more or less.
@pytest.mark.parametrize("seed", [*range(8), 280, 724, 750, 1089, 1967, 2586])
def test_whatever_callers_do_over_whatever_lines_is_the_same_again(starter, seed):
    events = record(starter, **anything(seed))
    assert again(starter, *written(events, unmasked), tolerance=HEARD_APART).differences == []


class Late(Driver):
    """A machine that wakes a call late, now less and now more, and between times without being asked."""

    def due(self):
        asked = self.call.next_timer(self.now)
        if asked is None or self.call.ended:
            return super().due()
        late = random.Random(round(asked, 6)).choice([0.0, 0.004, 0.03, 0.13])
        others = (self.far_end.next_timer(), self._heap[0][0] if self._heap else None)
        return min(at for at in (asked + late, *others) if at is not None)


def test_wakes_are_as_late_as_they_were_and_come_unasked_where_they_did(starter):
    events = record(starter, voice=ScriptedVoice(first_audio=3, pace=0.5), answer=12, machine=Late)
    rings = [event for event in events if isinstance(event, TimerRang | TimerPassed)]
    late = {event.late for event in rings}
    assert {None, 0.0, 0.004, 0.03, 0.13} <= late and any(isinstance(event, TimerPassed) for event in rings)
    found = again(starter, *written(events, unmasked), tolerance=HEARD_APART)
    assert found.differences == []
    assert [event for event in found.today if isinstance(event, TimerRang | TimerPassed)] == rings


# Those above a hundred: something else comes in the very instant for which a wake was asked.
@pytest.mark.parametrize("seed", [*range(4), 533, 576, 617])
def test_whatever_happens_on_a_late_machine_is_the_same_again(starter, seed):
    events = record(starter, machine=Late, **anything(seed))
    assert again(starter, *written(events, unmasked), tolerance=HEARD_APART).differences == []


def test_a_call_that_wants_to_be_woken_at_other_times_is_not_woken_by_the_rings_of_then(starter):
    events = record(starter)
    begun = min(event.at for event in events if isinstance(event, CallStarted))
    # A machine that woke nothing but at other times, much later each time.
    moved = [
        replace(event, at=event.at + 0.24, late=0.1) if isinstance(event, TimerRang) and event.at > begun else event
        for event in events
    ]
    assert again(starter, *written(moved, unmasked), tolerance=HEARD_APART).differences == []


def test_a_trace_whose_wakes_do_not_say_how_late_they_were_is_replayed(starter):
    events = [replace(event, late=None) if isinstance(event, TimerRang) else event for event in record(starter)]
    assert again(starter, *written(events, unmasked), tolerance=HEARD_APART).differences == []
