"""Asterisk's queue of 1,000 frames, in virtual time: nothing is dropped, and a clock that stands still ends no call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asterisk_toy import NOTATIONS, TALKING, call, is_whole, long_plan

from ivr.call.effects import Play
from ivr.call.flow import PROBE_EVERY
from ivr.trace.events import Listening
from ivr.trace.sound import MarkResolved, MarksLate, Outcome, UtteranceHeard

PATHS = [0.0, 0.1]


def most_waiting(run) -> int:
    return run.far.queue.longest


def standing_still(start: float, seconds: float):
    """The far side's timer stands still, while ours goes on."""

    def setup(driver, far):
        driver.at(start, lambda now: far.queue.pause(True, now))
        driver.at(start + seconds, lambda now: far.queue.pause(False, now))

    return setup


def every_end_was_heard(run) -> None:
    """No utterance was told to be over before the caller had heard it, but for the path."""
    ends = run.of(UtteranceHeard)
    total = 0
    for end in ends:
        total += end.samples
        assert run.heard.played_samples(end.at + run.path) >= total - 160, end


@pytest.mark.parametrize("lead", [0.3, 3.0, 14.0])
def test_sixty_seconds_of_prompts_lose_nothing(lead):
    run = call(TALKING, long_plan(lead))
    is_whole(run)
    assert most_waiting(run) <= max(lead, 0.3) * 50 + 10
    assert run.heard.played_samples(run.driver.now) >= 60 * 8000
    assert len(run.of(UtteranceHeard)) == 30


def test_an_operator_cannot_ask_for_more_than_the_queue_holds():
    run = call(TALKING, long_plan(60.0))
    is_whole(run)
    assert most_waiting(run) <= 760


@pytest.mark.parametrize("start", [0.5, 2.0, 44.0, 59.5])
@pytest.mark.parametrize("lead", [0.3, 14.0])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("answers", [True, False])
def test_a_clock_that_stands_still_for_15_s_ends_no_call_early(path, lead, start, answers):
    channel = replace(TALKING, answers_status=answers)
    run = call(channel, long_plan(lead), path_out=path, path_in=path, setup=standing_still(start, 15.0), until=200.0)
    is_whole(run)
    assert run.of(MarksLate)
    assert {mark.outcome for mark in run.of(MarkResolved)} == {Outcome.PLAYED}
    assert run.heard.played_samples(run.driver.now) == len(run.sent) >= 60 * 8000
    every_end_was_heard(run)


@pytest.mark.parametrize("lead", [0.3, 14.0])
def test_a_clock_that_stands_still_before_it_ever_answered_is_known_by_its_queue(lead):
    run = call(TALKING, long_plan(lead), path_out=0.1, path_in=0.1, setup=standing_still(0.1, 15.0), until=200.0)
    is_whole(run)
    assert run.heard.played_samples(run.driver.now) == len(run.sent)
    every_end_was_heard(run)


@pytest.mark.parametrize("path", PATHS)
def test_what_waits_over_there_is_asked_for_before_the_queue_is_full(path):
    run = call(TALKING, long_plan(3.0), path_out=path, path_in=path, setup=standing_still(2.0, 15.0), until=200.0)
    assert most_waiting(run) < 300  # the lead, and what was sent in the second before the marks were late
    assert run.sends("GET_STATUS")


def test_marks_that_are_lost_hold_nobody_for_the_length_of_a_standstill():
    def setup(driver, far):
        far.queue.mark = lambda *_: None

    run = call(TALKING, keys=[(12.0, "9")], setup=setup)
    assert run.ended == "the dialog ended"
    assert run.driver.now < 20.0
    assert {mark.outcome for mark in run.of(MarkResolved)} <= {Outcome.ESTIMATED, Outcome.CLEARED}


@pytest.mark.parametrize("json", NOTATIONS)
@pytest.mark.parametrize("path", PATHS)
def test_xoff_is_obeyed_at_once_and_nothing_is_dropped(path, json):
    """The queue fills up: its clock stands still, nobody answers how long it is, and we think that it holds more."""
    told = []

    def setup(driver, far):
        standing_still(2.0, 15.0)(driver, far)
        receive = driver.codec.receive

        def listen(message):
            if isinstance(message, str) and ("XOFF" in message or "XON" in message):
                told.append((driver.now, "XOFF" in message))
            return receive(message)

        driver.codec.receive = listen

    channel, made = replace(TALKING, json=json, answers_status=False), long_plan(14.0)
    made = replace(made, capabilities=replace(made.capabilities, max_lead=30.0))
    run = call(channel, made, path_out=path, path_in=path, setup=setup, until=200.0)
    (off_at, off), (on_at, still_off) = told[:2]
    assert off and not still_off
    assert 900 <= most_waiting(run) <= 915
    sent = [at for at, effect in run.done if isinstance(effect, Play)]
    assert [at for at in sent if off_at < at < on_at] == []
    # It goes on as soon as the queue has room for the lead, and not with a burst that would overflow it.
    assert on_at <= min(at for at in sent if at >= on_at) <= on_at + 3.5
    is_whole(run)
    assert run.heard.played_samples(run.driver.now) == len(run.sent) >= 60 * 8000
    every_end_was_heard(run)


@pytest.mark.parametrize("lasts", [0.1, 0.3])
@pytest.mark.parametrize("start", [5.0, 5.1, 5.3])
@pytest.mark.parametrize("path", PATHS)
def test_an_xoff_that_is_shorter_than_what_waits_is_not_heard(path, start, lasts):
    """What waits behind XON is known by the marks, and is not taken for as much as may wait at the most."""
    lengths = []

    def setup(driver, far):
        driver.at(start, lambda now: far.say_xoff(lasts, now))
        for tick in range(500):
            driver.at(4.011 + tick / 50, lambda now: lengths.append((now, far.queue.length)))

    run = call(TALKING, long_plan(0.6), path_out=path, path_in=path, setup=setup, until=200.0)
    usual = min(length for at, length in lengths if at < start)
    assert usual >= 10
    assert min(length for at, length in lengths if at > 6.5) >= usual - 1
    assert min(length for _, length in lengths) > 0
    sent = [at for at, effect in run.done if isinstance(effect, Play)]
    assert not any(start + path < at < start + lasts for at in sent)
    is_whole(run)


@pytest.mark.parametrize("path", PATHS)
def test_a_queue_that_tells_nothing_of_itself_is_not_overrun(path):
    """A mark behind sound that was dropped is answered as any other, so none may ever be dropped."""

    def setup(driver, far):
        standing_still(2.0, 15.0)(driver, far)
        tell = far.queue._tell
        far.queue._tell = lambda event, *rest: None if event in ("MEDIA_XOFF", "MEDIA_XON") else tell(event, *rest)

    channel = replace(TALKING, answers_status=False)
    run = call(channel, long_plan(14.0), path_out=path, path_in=path, setup=setup, until=200.0)
    assert 750 < most_waiting(run) <= 870
    is_whole(run)
    assert run.heard.played_samples(run.driver.now) == len(run.sent)
    every_end_was_heard(run)


def test_an_xon_that_never_comes_is_asked_for():
    def setup(driver, far):
        driver.at(1.0, lambda now: far._send(far._notation.bare("MEDIA_XOFF"), now))

    run = call(TALKING, keys=[(8.0, "9")], setup=setup)
    asked = [at for at, order in run.far.orders if order.name == "GET_STATUS"]
    assert asked == [pytest.approx(1.0 + PROBE_EVERY, abs=0.03)]
    assert run.ended == "the dialog ended"
    assert run.of(Listening)


def test_a_clear_while_an_xon_is_waited_for_speaks_at_once():
    def setup(driver, far):
        driver.at(1.0, lambda now: far._send(far._notation.bare("MEDIA_XOFF"), now))

    run = call(TALKING, keys=[(1.2, "9")], setup=setup)
    assert run.sends("GET_STATUS") == []
    assert next(at for at, e in run.done if isinstance(e, Play) and at >= 1.2) == pytest.approx(1.2)
