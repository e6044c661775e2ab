"""Whole calls over Asterisk in virtual time: what surprised those who watched a real one, and the ledger's laws."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from asterisk_toy import FORMATS, TALKING, call, channels, is_whole, plan, sound
from toy import drive, make_plan, states, strategies

from ivr.call.effects import Play, Send
from ivr.gateways.asterisk.formats import OPENING
from ivr.media.pcm import decode
from ivr.playout.pacing import Schedule
from ivr.testing.asterisk_channel import Channel, Connection
from ivr.trace.events import BargedIn, DigitHeard
from ivr.trace.sound import MarkResolved, Outcome

KEYS = [(2.5, "1"), (9.0, "2"), (13.0, "9")]


# ---- the same call


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_call_over_twilio_and_over_asterisk_in_either_notation(name):
    if name == "g722" and importlib.util.find_spec("G722") is None:
        pytest.skip("the extra g722 is not installed")
    twilio = drive(keys=KEYS)
    runs = [call(channel, keys=KEYS) for channel in channels(format=name)]
    for run in runs:
        is_whole(run)
        assert run.ended == twilio.ended
        assert states(run) == states(twilio)
        assert run.said() == twilio.said()
        assert strategies(run) == strategies(twilio)
        assert [e.digit for e in run.of(DigitHeard)] == [e.digit for e in twilio.of(DigitHeard)]
        assert run.dead_air() == []
    assert np.array_equal(sound(runs[0]), sound(runs[1]))


@pytest.mark.parametrize(("name", "within"), [("ulaw", 0.0), ("alaw", 0.04), ("slin", 1e-4)])
def test_what_is_heard_is_twilios_sound_within_quantisation(name, within):
    async def dialog(line):
        for prompt in ("greeting", "main", "bye"):
            await line.say(prompt)
        await line.hang_up()

    twilio = drive(make_plan(dialog))
    reference = np.concatenate(
        [decode(piece, twilio.driver.plan.capabilities.out_format) for piece in twilio.heard._sound]
    )
    run = call(replace(TALKING, format=name), plan(name, make_plan(dialog)))
    heard = sound(run)
    assert len(heard) == len(reference)
    step = np.maximum(np.abs(reference) * within, within and 1e-3)
    assert np.all(np.abs(heard - reference) <= step)


# ---- what surprises


def test_frames_of_30_ms_change_nothing():
    usual, long = call(TALKING, keys=KEYS), call(replace(TALKING, caller_ptime=0.030), keys=KEYS)
    assert states(long) == states(usual)
    assert np.array_equal(sound(long), sound(usual))


def test_a_silent_caller_sends_nothing_and_is_served_all_the_same():
    run = call(Channel(), keys=KEYS)
    is_whole(run)
    assert states(run) == states(call(TALKING, keys=KEYS))
    assert run.heard.start == pytest.approx(OPENING, abs=0.021)  # the one thing that he waits for


def test_the_first_words_wait_for_the_bridge():
    whole = len(sound(call(TALKING)))
    for after in (0.0, 0.05, 0.15):
        run = call(replace(TALKING, bridged_after=after))
        assert len(sound(run)) == whole, after  # nothing was said to nobody
        assert run.heard.start == pytest.approx(after + 0.02, abs=0.045)
    assert len(sound(call(replace(TALKING, bridged_after=OPENING + 0.3)))) < whole


def test_a_held_digit_is_told_at_its_end():
    run = call(TALKING, keys=[(1.0, "9")], held=3.0)
    assert [event.at for event in run.of(DigitHeard)] == [pytest.approx(4.0)]
    assert run.said()[-1] == "bye"
    is_whole(run)


def test_marks_that_a_flush_ate_are_resolved_at_once_and_hold_nobody():
    for channel in channels():
        run = call(channel, keys=[(1.0, "9")])
        (barge,) = run.of(BargedIn)
        ((_, _, eaten),) = run.far.queue.flushed
        assert eaten
        resolved = {event.name: event for event in run.of(MarkResolved)}
        for name in eaten:
            assert resolved[name].outcome is Outcome.CLEARED
            assert resolved[name].at == barge.at
        assert run.ended == "the dialog ended"


def test_a_late_report_of_a_mark_from_before_the_flush_is_not_counted_twice():
    run = call(TALKING, keys=[(at / 10, "1") for at in range(5, 60, 3)], path_out=0.08, path_in=0.08)
    assert len(run.of(BargedIn)) > 5
    is_whole(run)


def test_parameters_of_the_query_give_way_to_the_channels_own():
    seen = {}

    async def dialog(line):
        seen.update(line.parameters, caller=line.caller, called=line.called)

    connection = Connection()
    assert connection.query({"from": "1009"}) == "?from=1009"
    assert connection.query() == "?from=1009"  # the defect: it is the previous call's
    call(TALKING, plan(base=make_plan(dialog)), query={"from": "1009", "to": "42"}, variables={"from": "+1555"})
    assert (seen["caller"], seen["called"]) == ("+1555", "42")


def test_the_last_words_are_heard_whole_though_two_frames_are_past_their_mark_when_it_comes():
    for path in (0.0, 0.08):
        run = call(TALKING, keys=[(1.0, "9")], path_out=path, path_in=path)
        bye = len(run.driver.plan.clips["bye"].payload)
        assert run.heard.played_samples(run.heard.stop) - run.heard.played_samples(1.0 + path) >= bye
        (barge,) = run.of(BargedIn)
        assert run.heard.played_samples(run.heard.stop) == len(run.sent) - run.far.cleared[0][1] >= barge.position + bye


def test_sound_that_is_sent_before_the_answer_is_played_to_nobody_so_words_wait_for_the_callers_first_frame():
    run = call(replace(TALKING, auto_answer=False), variables={"answer": "server"}, path_out=0.05, path_in=0.05)
    assert run.far.answered_at == pytest.approx(0.1)
    is_whole(run)
    assert run.heard.played_samples(run.driver.now) >= len(run.sent)


def test_no_command_is_longer_than_128_bytes_and_no_message_longer_than_65500():
    for channel in channels(format="slin24"):
        run = call(channel, plan("slin24", make_plan(schedule=Schedule(3.0, 2.0))), keys=KEYS)
        sends = [effect.message for _, effect in run.done if isinstance(effect, Send)]
        assert max(len(message) for message in sends) <= 128
        assert max(len(effect.span.payload) for _, effect in run.done if isinstance(effect, Play)) <= 8000
        is_whole(run)


def test_a_close_without_a_word_is_a_hangup():
    run = call(TALKING, hang_up_at=1.5)
    assert run.ended == "the caller hung up"
    assert run.driver.now == pytest.approx(1.5)


def test_a_call_that_is_not_answered_is_answered_by_us_when_the_dialplan_says_so():
    run = call(replace(TALKING, auto_answer=False), variables={"answer": "server"})
    assert next(order.name for _, order in run.far.orders) == "ANSWER"
    assert run.far.answered_at == 0.0
    assert run.heard.start is not None and run.heard.start < 0.1


def test_the_call_is_hung_up_with_a_command():
    for channel in channels():
        assert [order.name for _, order in call(channel, keys=[(1.0, "9")]).far.orders][-1] == "HANGUP"
