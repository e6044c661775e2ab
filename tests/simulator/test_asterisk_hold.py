"""Sound that is held and goes on, over Asterisk in virtual time: a false barge-in is undone without sending again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asterisk_toy import FORMATS, TALKING, call, channels, is_whole, long_plan, plan, sound
from hypothesis import example, given, settings
from hypothesis import strategies as st
from toy import drive, make_plan, states

from ivr.call.effects import Send
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn, Listening
from ivr.trace.sound import MarkResolved, MarksLate, Outcome, SoundHeld, SoundWentOn, Underrun, UtteranceHeard

PATHS = [0.0, 0.08]


def holding(*holds: tuple[float, float], looks: list | None = None):
    """Hold the sound at each time, for so many seconds."""
    held = []

    def setup(driver, far):
        for at, seconds in holds:
            driver.at(at, lambda now: held.append(driver.call.hold_sound(now)))
            driver.at(at + seconds, lambda now: driver.call.go_on(now))

        def look(now):
            if looks is not None and driver.call._streams.playout is not None and not driver.call.ended:
                looks.append((now, driver.call._streams.playout.ledger.heard(now)))
                driver.at(now + 0.0437, look)

        driver.at(0.5, look)

    setup.held = held
    return setup


def orders(run) -> list[str]:
    return [order.name for _, order in run.far.orders if order.name not in ("MARK_MEDIA", "GET_STATUS")]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("seconds", [0.3, 1.5, 30.0])
def test_what_is_held_goes_on_where_it_was_and_is_not_sent_again(path, seconds):
    usual = call(TALKING, path_out=path, path_in=path)
    for channel in channels():
        setup = holding((0.8, seconds))
        run = call(channel, path_out=path, path_in=path, setup=setup)
        is_whole(run)
        assert setup.held == [True]
        assert run.sent == usual.sent
        assert np.array_equal(sound(run), sound(usual))
        assert orders(run)[:2] == ["PAUSE_MEDIA", "CONTINUE_MEDIA"]
        assert run.far.heard.stop == pytest.approx(usual.far.heard.stop + seconds, abs=0.021)
        assert {mark.outcome for mark in run.of(MarkResolved)} == {Outcome.PLAYED}
        assert run.of(Underrun) == run.of(MarksLate) == []
        (held,), (went_on,) = run.of(SoundHeld), run.of(SoundWentOn)
        assert went_on.held == pytest.approx(seconds)
        truth = run.far.played(0.8 + path + 0.021)
        assert abs(held.position - truth) <= 800
        # What the dialog waits for comes so much later.
        ends = zip(run.of(UtteranceHeard), usual.of(UtteranceHeard), strict=True)
        assert all(later.at == pytest.approx(end.at + seconds, abs=0.03) for later, end in ends if end.at > 0.8)
        assert run.of(Listening)[0].at == pytest.approx(usual.of(Listening)[0].at + seconds, abs=0.03)


@pytest.mark.parametrize("name", FORMATS[:-1])
def test_every_format_can_be_held(name):
    channel = replace(TALKING, format=name)
    assert np.array_equal(sound(call(channel, setup=holding((1.0, 2.0)))), sound(call(channel)))


@pytest.mark.parametrize("path", PATHS)
def test_a_key_ends_the_hold_and_what_was_held(path):
    run = call(TALKING, keys=[(2.0, "9")], path_out=path, path_in=path, setup=holding((1.0, 5.0)))
    is_whole(run)
    assert orders(run) == ["PAUSE_MEDIA", "FLUSH_MEDIA", "CONTINUE_MEDIA", "HANGUP"]
    (barge,), (held,) = run.of(BargedIn), run.of(SoundHeld)
    assert barge.position == pytest.approx(held.position, abs=160)
    assert run.of(SoundWentOn) == []
    assert run.said()[-1] == "bye"
    assert run.ended == "the dialog ended"
    assert run.dead_air(0.25) == [] or run.dead_air(0.25)[-1].start < 2.0
    again = next(at for at in run.heard._at if at > 1.2 + path)
    assert again == pytest.approx(2.0 + 2 * path, abs=0.06)


def test_words_that_come_while_it_is_held_are_said_behind_it():
    voice = ScriptedVoice(first_audio=0.6, pace=3.0)
    usual = call(TALKING, keys=[(1.0, "1")], voice=voice)
    run = call(TALKING, keys=[(1.0, "1")], voice=voice, setup=holding((1.2, 3.0)))
    is_whole(run)
    assert states(run) == states(usual)
    assert run.said() == usual.said()
    assert {mark.outcome for mark in run.of(MarkResolved)} <= {Outcome.PLAYED, Outcome.CLEARED}


def test_a_gateway_that_cannot_hold_says_so_and_nothing_changes():
    def setup(driver):
        driver.at(0.8, lambda now: answers.append(driver.call.hold_sound(now)))
        driver.at(1.8, lambda now: driver.call.go_on(now))

    answers: list[bool] = []
    usual = drive()
    run = drive(watch=None, setup=setup)
    assert answers == [False]
    assert run.sent == usual.sent
    assert run.of(SoundHeld) == []
    assert [effect.message for _, effect in run.done if isinstance(effect, Send)] == [
        effect.message for _, effect in usual.done if isinstance(effect, Send)
    ]


def test_nothing_is_held_where_nothing_sounds_and_going_on_needs_a_hold():
    async def dialog(line):
        await line.ask(5.0)

    setup = holding((1.0, 1.0))
    run = call(TALKING, plan(base=make_plan(dialog)), setup=setup)
    assert setup.held == [False]
    assert orders(run) == ["HANGUP"]


def test_a_call_may_end_while_its_sound_is_held():
    run = call(TALKING, hang_up_at=2.0, setup=holding((1.0, 5.0)))
    assert run.ended == "the caller hung up"
    assert run.driver.now == pytest.approx(2.0)


@given(
    st.lists(st.tuples(st.floats(0.3, 12.0), st.floats(0.02, 4.0)), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.03, 0.12]),
    st.floats(0.0, 0.0199),
    st.sampled_from([0.3, 3.0]),
)
@example([(0.375, 1.0), (2.0, 1.0)], 0.12, 0.0, 0.3)  # held before the path was known
@example([(0.3125, 0.03125), (1.0, 1.0)], 0.12, 0.0, 0.3)  # a mark on its way back while it is held
@example([(0.3125, 0.0625), (2.0, 1.0)], 0.12, 0.0, 0.3)  # the first mark on its way back
@settings(max_examples=25, deadline=None)
def test_whatever_is_held_and_for_how_long_all_of_it_is_heard(wanted, path, phase, lead):
    holds, free = [], 0.0
    for at, seconds in sorted(wanted):
        if at >= free:
            holds.append((at, seconds))
            free = at + seconds + 0.05
    looks: list[tuple[float, int]] = []
    run = call(
        replace(TALKING, phase=phase),
        long_plan(lead, seconds=10.0),
        path_out=path,
        path_in=path,
        setup=holding(*holds, looks=looks),
        until=200.0,
    )
    is_whole(run)
    assert run.heard.played_samples(run.driver.now) == len(run.sent)
    assert {mark.outcome for mark in run.of(MarkResolved)} == {Outcome.PLAYED}
    for at, believed in looks:
        assert abs(believed - run.heard.played_samples(at)) <= 800, at
